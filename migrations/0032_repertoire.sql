-- The shared repertoire: what a community knows from doing, with the words it grew out of and the evidence that others used it.
-- +goose Up
alter table entry
    add column community_id      bigint,
    add column summary           text not null default '' check (char_length(summary) <= 500), -- in plain language, no Markdown
    add column place             text not null default '' check (char_length(place) <= 200),
    add column latitude          double precision check (latitude between -90 and 90),
    add column longitude         double precision check (longitude between -180 and 180),
    add column happened          text not null default '' check (char_length(happened) <= 100), -- when, in words
    add column url               text not null default '' check (char_length(url) <= 1000),
    add column quoting           text not null default '' check (quoting in ('', 'named', 'unnamed', 'no')), -- whether a story may be quoted
    add column shared_at         timestamptz, -- first readable for others
    add column checked_at        timestamptz, -- somebody said "still true"
    add column checked_by        bigint references account on delete set null,
    add column endorsed_at       timestamptz, -- by the community, through its coordinator
    add column endorsed_by       bigint references account on delete set null,
    add column endorsed_in       bigint, -- meeting
    add column endorsed_revision integer,
    add column sources           integer not null default 0, -- how many were numbered
    add column reported          integer not null default 0, -- how many uses were numbered
    add column uses              integer not null default 0, -- that stand
    add column cities            integer not null default 0; -- that those come from
update entry e set community_id = i.community_id, shared_at = case when i.audience < 3 then coalesce(i.edited_at, i.created_at) end,
    fields = case when e.form = 'experience' and e.fields = '{}' then jsonb_build_object('told', x.body) else e.fields end
from item i join item_text x on x.item_id = i.id where i.id = e.item_id;
alter table entry
    alter column community_id set not null,
    add foreign key (community_id, item_id) references item (community_id, id) on delete cascade on update cascade,
    add foreign key (community_id, endorsed_in) references meeting (community_id, item_id),
    add unique (community_id, item_id),
    add check ((latitude is null) = (longitude is null)),
    add check ((endorsed_at is null) = (endorsed_revision is null)),
    add check (endorsed_at is not null or (endorsed_in is null and endorsed_by is null));
create index on entry (endorsed_in) where endorsed_in is not null;
create index on entry (community_id, shared_at);

-- Who wrote an entry together with its author: they edit it too. Without an account a name stands.
create table entry_author (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    entry_id     bigint not null,
    account_id   bigint references account on delete set null,
    name         text not null default '' check (char_length(name) <= 120),
    organisation text not null default '' check (char_length(organisation) <= 160),
    position     integer not null,
    foreign key (community_id, entry_id) references entry (community_id, item_id) on delete cascade on update cascade
);
create unique index entry_author_once on entry_author (entry_id, account_id) where account_id is not null;
create index on entry_author (entry_id, position);
create index on entry_author (account_id) where account_id is not null;

-- Words said elsewhere out of which an entry grew, with the exact words, and whose they are.
create table entry_source (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    entry_id     bigint not null,
    n            integer not null check (n >= 1), -- "source-2"
    item_id      bigint references item on delete set null, -- the discussion, reply, meeting or note
    point_id     bigint references agenda_point on delete set null, -- of the meeting
    part         text not null default '' check (char_length(part) <= 40), -- of the item: "line-3" of the minutes
    words        text not null default '' check (char_length(words) <= 2000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    speaker_id   bigint references account on delete set null,
    speaker_name text not null default '' check (char_length(speaker_name) <= 120), -- without an account
    perspective  text not null default '' check (perspective in ('', 'stakeholder', 'scientist')), -- at that time
    organisation text not null default '' check (char_length(organisation) <= 160),
    said_on      date,
    release      text not null default '' check (release in ('', 'asked', 'given', 'refused')), -- the speaker lets everybody read the words who may read the entry
    asked_at     timestamptz,
    answered_at  timestamptz,
    by_id        bigint references account on delete set null, -- who took them in
    at           timestamptz not null,
    unique (entry_id, n),
    foreign key (community_id, entry_id) references entry (community_id, item_id) on delete cascade on update cascade,
    check ((release in ('given', 'refused')) = (answered_at is not null))
);
create index on entry_source (speaker_id) where speaker_id is not null;
create index on entry_source (item_id) where item_id is not null;
create index on entry_source (point_id) where point_id is not null;

-- "Used it here": the evidence that grows on an entry.
create table entry_use (
    id             bigint generated always as identity primary key,
    community_id   bigint not null, -- of the entry
    entry_id       bigint not null,
    n              integer not null check (n >= 1), -- "use-2"
    account_id     bigint references account on delete set null,
    used_in        bigint not null references community, -- the reporter's own city
    place          text not null default '' check (char_length(place) <= 200),
    used_on        date,
    outcome        text not null check (char_length(outcome) between 1 and 5000), -- what came of it
    outcome_html   text not null,
    again          text not null check (again in ('yes', 'changed', 'no')), -- would you use it again
    lang           text not null check (lang in ('en', 'de', 'fr', 'el')),
    perspective    text not null default '' check (perspective in ('', 'stakeholder', 'scientist')), -- at that time
    organisation   text not null default '' check (char_length(organisation) <= 160),
    revision       integer not null default 1,
    at             timestamptz not null,
    edited_at      timestamptz,
    removed_at     timestamptz,
    removed_by     bigint references account on delete set null,
    removed_reason text not null default '' check (char_length(removed_reason) <= 500),
    unique (entry_id, n),
    foreign key (community_id, entry_id) references entry (community_id, item_id) on delete cascade on update cascade
);
create index on entry_use (account_id);
create index on entry_use (used_in);

-- An entry in another language, written by people. Which revision of the entry it renders is kept, so that it shows when it has fallen behind.
create table entry_translation (
    community_id bigint not null,
    entry_id     bigint not null,
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    title        text not null check (char_length(title) between 1 and 200),
    summary      text not null default '' check (char_length(summary) <= 500),
    fields       jsonb not null default '{}',
    body         text not null check (char_length(body) <= 100000),
    html         text not null,
    renderer     smallint not null,
    of_revision  integer not null,
    revision     integer not null default 1,
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    primary key (entry_id, lang),
    foreign key (community_id, entry_id) references entry (community_id, item_id) on delete cascade on update cascade
);
create index on entry_translation (by_id);

-- What entries are about, across cities and languages.
create table topic (
    id         bigint generated always as identity primary key,
    key        text not null unique check (key ~ '^[a-z][a-z0-9-]{0,39}$'),
    position   integer not null,
    retired_at timestamptz
);
create table topic_text (
    topic_id bigint not null references topic on delete cascade,
    lang     text not null check (lang in ('en', 'de', 'fr', 'el')),
    name     text not null check (char_length(name) between 1 and 60),
    primary key (topic_id, lang)
);
create table entry_topic (
    community_id bigint not null,
    entry_id     bigint not null,
    topic_id     bigint not null references topic,
    primary key (entry_id, topic_id),
    foreign key (community_id, entry_id) references entry (community_id, item_id) on delete cascade on update cascade
);
create index on entry_topic (topic_id, entry_id);

-- Passages that one person lays together before something is made of them.
create table gathered (
    id           bigint generated always as identity primary key,
    account_id   bigint not null references account on delete cascade,
    community_id bigint not null references community,
    item_id      bigint not null references item on delete cascade, -- discussion, reply, meeting or note
    point_id     bigint references agenda_point on delete cascade,
    part         text not null default '' check (char_length(part) <= 40),
    words        text not null check (char_length(words) between 1 and 2000),
    position     integer not null, -- in the order of whoever gathered it
    at           timestamptz not null
);
create unique index gathered_once on gathered (account_id, item_id, point_id, part, md5(words)) nulls not distinct;
create index on gathered (account_id, community_id, id);
create index on gathered (item_id);
create index on gathered (point_id) where point_id is not null;

-- What several people said in their own words, as found by likeness; for the coordinator, who decides whether it is something.
create table theme (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    key          text not null check (char_length(key) <= 200), -- the same theme found again has the same
    words        text not null check (char_length(words) <= 200), -- that its sayings share
    sayings      integer not null,
    voices       integer not null, -- how many people said it
    found_at     timestamptz not null,
    dismissed_at timestamptz,
    dismissed_by bigint references account on delete set null,
    unique (community_id, key)
);
create table theme_saying (
    theme_id bigint not null references theme on delete cascade,
    item_id  bigint not null references item on delete cascade,
    part     text not null default '' check (char_length(part) <= 40),
    words    text not null check (char_length(words) <= 2000),
    primary key (theme_id, item_id, part)
);
create index on theme_saying (item_id);

alter table item_link drop constraint item_link_relation_check,
    add constraint item_link_relation_check check (relation in ('mentions', 'quotes', 'became', 'from', 'same-need', 'narrower', 'conflicts', 'supersedes', 'related', 'adapted', 'uses', 'addresses'));
create index item_link_of_entries on item_link (from_id, to_id) where relation in ('adapted', 'uses', 'addresses');

-- Members are told of entries.
alter table notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('mentions', 'replies', 'thanks', 'announcements', 'meetings', 'criteria', 'repertoire', 'help', 'people')),
    drop constraint notice_why_check,
    add constraint notice_why_check check (why in ('mentioned', 'quoted', 'replied', 'thanked', 'asked', 'joined', 'concerned', 'adapted', 'announced', 'followed'));

-- As before, and that an entry is shared, which its followers hear of.
-- +goose StatementBegin
create or replace function activity_is_told() returns trigger language plpgsql as $$
begin
    if current_setting('koinon.silent', true) = 'on' or new.verb = 'meeting.schedule' then
        return null;
    end if;
    if array_remove(new.concerned, new.actor_id) <> '{}' or new.verb in ('community.ask', 'community.join', 'meeting.find-date', 'meeting.change', 'meeting.call-off', 'minutes.open', 'minutes.approve', 'entry.share')
        or new.verb like '%.publish' or exists (select from item i where i.id = new.item_id and i.created_at = new.at) then
        insert into river_job (kind, args, queue, max_attempts) values ('notice', jsonb_build_object('activity', new.id), 'notice', 12);
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- The acts of power that the audit page lists, with those over entries.
drop index activity_of_power;
create index activity_of_power on activity (community_id, id desc) where verb in ('community.admit', 'community.decline', 'community.appoint', 'community.invite', 'community.describe',
    'item.hide', 'item.show', 'discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'discussion.move-away', 'report.settled',
    'series.publish', 'meeting.call-off', 'meeting.invite-guests', 'minutes.approve',
    'criterion.agree', 'criterion.park', 'criterion.decline', 'criterion.merge', 'criterion.reopen', 'claim.answer-for-community', 'product.add', 'product.change-makers',
    'entry.endorse', 'entry.unendorse', 'entry.use-remove');

insert into topic (key, position) values ('heat-health', 1), ('greenery', 2), ('water', 3), ('energy', 4), ('planning', 5), ('measurement', 6), ('modelling', 7), ('communication', 8);
insert into topic_text (topic_id, lang, name)
select t.id, w.lang, w.name from topic t join (values
    ('heat-health', 'en', 'Heat and health'), ('heat-health', 'de', 'Hitze und Gesundheit'), ('heat-health', 'fr', 'Chaleur et santé'), ('heat-health', 'el', 'Ζέστη και υγεία'),
    ('greenery', 'en', 'Trees and green spaces'), ('greenery', 'de', 'Bäume und Grünflächen'), ('greenery', 'fr', 'Arbres et espaces verts'), ('greenery', 'el', 'Δέντρα και πράσινο'),
    ('water', 'en', 'Water in the city'), ('water', 'de', 'Wasser in der Stadt'), ('water', 'fr', 'L’eau en ville'), ('water', 'el', 'Νερό στην πόλη'),
    ('energy', 'en', 'Energy and waste heat'), ('energy', 'de', 'Energie und Abwärme'), ('energy', 'fr', 'Énergie et chaleur perdue'), ('energy', 'el', 'Ενέργεια και απορριπτόμενη θερμότητα'),
    ('planning', 'en', 'Planning and permits'), ('planning', 'de', 'Planung und Bewilligung'), ('planning', 'fr', 'Planification et permis'), ('planning', 'el', 'Σχεδιασμός και άδειες'),
    ('measurement', 'en', 'Measuring'), ('measurement', 'de', 'Messen'), ('measurement', 'fr', 'Mesurer'), ('measurement', 'el', 'Μετρήσεις'),
    ('modelling', 'en', 'Modelling and maps'), ('modelling', 'de', 'Modelle und Karten'), ('modelling', 'fr', 'Modèles et cartes'), ('modelling', 'el', 'Μοντέλα και χάρτες'),
    ('communication', 'en', 'Working together'), ('communication', 'de', 'Zusammenarbeit'), ('communication', 'fr', 'Travailler ensemble'), ('communication', 'el', 'Συνεργασία'))
    as w (key, lang, name) on w.key = t.key;
