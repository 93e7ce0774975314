-- Meetings: how a date is found, what is on the agenda, who comes and came, what was said, settled and promised.
-- A person here is an account or a guest of the meeting (somebody without an account): exactly one of account_id and guest_id.
-- +goose Up
create table meeting_series (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    rule         text not null check (char_length(rule) <= 1000), -- RFC 5545: DTSTART, RRULE and EXDATE lines
    zone         text not null,
    created_by   bigint references account,
    created_at   timestamptz not null,
    unique (community_id, id)
);

create table meeting (
    item_id           bigint primary key,
    kind              text not null default 'meeting' check (kind = 'meeting'),
    community_id      bigint not null,
    form              text not null check (form in ('regular', 'workshop', 'site-visit', 'online', 'open-day')),
    state             text not null default 'draft' check (state in ('draft', 'finding', 'published', 'held', 'closed', 'called-off')),
    state_at          timestamptz not null,
    opens_to          smallint not null check (opens_to between 0 and 2), -- audience once it is no draft any more
    starts_at         timestamptz,
    ends_at           timestamptz,
    zone              text not null,
    place             text not null default '' check (char_length(place) <= 200),
    address           text not null default '' check (char_length(address) <= 500),
    map_url           text not null default '' check (char_length(map_url) <= 1000),
    access_note       text not null default '' check (char_length(access_note) <= 2000),
    online            boolean not null default false, -- one may take part from elsewhere
    online_url        text not null default '' check (char_length(online_url) <= 1000),
    capacity          integer check (capacity between 1 and 10000), -- in the room
    answers_until     timestamptz,
    uid               uuid not null default gen_random_uuid() unique, -- iCalendar UID
    sequence          integer not null default 0 check (sequence >= 0), -- iCalendar SEQUENCE
    series_id         bigint,
    called_off_reason text not null default '' check (char_length(called_off_reason) <= 500),
    poll_until        timestamptz, -- set while, and after, a date is sought
    poll_closed_at    timestamptz,
    minutes_state     text not null default 'none' check (minutes_state in ('none', 'draft', 'open', 'approved')),
    opened_at         timestamptz, -- minutes shown to the members
    corrections_until date,
    approved_at       timestamptz,
    approved_by       bigint references account,
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, series_id) references meeting_series (community_id, id),
    unique (community_id, item_id),
    check ((starts_at is null) = (ends_at is null)),
    check (ends_at > starts_at and ends_at <= starts_at + interval '14 days'),
    check (starts_at is not null or state in ('draft', 'finding', 'called-off'))
);
create index meeting_by_start on meeting (community_id, starts_at, item_id);
create index meeting_starting on meeting (starts_at) where state in ('finding', 'published');
create index on meeting (series_id) where series_id is not null;

create table meeting_role (
    community_id bigint not null,
    meeting_id   bigint not null,
    role         text not null check (role in ('chair', 'notes', 'time')),
    account_id   bigint not null references account on delete cascade,
    primary key (meeting_id, role),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on meeting_role (community_id, role, account_id);

create table meeting_guest (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    name         text not null check (char_length(name) between 1 and 120),
    email        text not null default '' check (char_length(email) <= 254), -- empty: was in the room, gets no mail
    email_key    text not null default '',
    organisation text not null default '' check (char_length(organisation) <= 160),
    perspective  text not null default '' check (perspective in ('', 'stakeholder', 'scientist')),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    mail         boolean not null default true, -- wants letters about this meeting
    invited_by   bigint references account on delete set null,
    invited_at   timestamptz not null,
    unique (meeting_id, id),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create unique index meeting_guest_address on meeting_guest (meeting_id, email_key) where email_key <> '';

create table date_option (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    starts_at    timestamptz not null,
    ends_at      timestamptz not null check (ends_at > starts_at and ends_at <= starts_at + interval '14 days'),
    place        text not null default '' check (char_length(place) <= 200),
    online       boolean not null default false,
    chosen       boolean not null default false,
    added_at     timestamptz not null default now(), -- whoever answered before sees it as new
    unique (meeting_id, starts_at, ends_at, place, online),
    unique (meeting_id, id),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create unique index date_option_chosen on date_option (meeting_id) where chosen;

-- One person's answers to a poll.
create table date_voice (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    account_id   bigint references account on delete cascade,
    guest_id     bigint,
    note         text not null default '' check (char_length(note) <= 500),
    at           timestamptz not null,
    unique nulls not distinct (meeting_id, account_id, guest_id),
    unique (meeting_id, id),
    check (num_nonnulls(account_id, guest_id) = 1),
    foreign key (meeting_id, guest_id) references meeting_guest (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on date_voice (account_id);
create table date_answer (
    meeting_id bigint not null,
    voice_id   bigint not null,
    option_id  bigint not null,
    answer     text not null check (answer in ('yes', 'if-need-be', 'no')),
    primary key (voice_id, option_id),
    foreign key (meeting_id, voice_id) references date_voice (meeting_id, id) on delete cascade,
    foreign key (meeting_id, option_id) references date_option (meeting_id, id) on delete cascade
);
create index on date_answer (option_id);

create table rsvp (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    account_id   bigint references account on delete cascade,
    guest_id     bigint,
    answer       text not null check (answer in ('in-person', 'online', 'maybe', 'no')),
    note         text not null default '' check (char_length(note) <= 500),
    at           timestamptz not null,
    unique nulls not distinct (meeting_id, account_id, guest_id),
    check (num_nonnulls(account_id, guest_id) = 1),
    foreign key (meeting_id, guest_id) references meeting_guest (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on rsvp (account_id);

-- Who was there, as the note taker saw it. An account that goes leaves a count behind: perspective and organisation stay.
create table attendance (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    account_id   bigint references account on delete set null,
    guest_id     bigint,
    perspective  text not null default '' check (perspective in ('', 'stakeholder', 'scientist')), -- at that time
    organisation text not null default '' check (char_length(organisation) <= 160),
    way          text not null check (way in ('in-person', 'online')),
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    foreign key (meeting_id, guest_id) references meeting_guest (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create unique index attendance_of_account on attendance (meeting_id, account_id) where account_id is not null;
create unique index attendance_of_guest on attendance (meeting_id, guest_id) where guest_id is not null;
create index on attendance (account_id);

-- On the agenda of a meeting, proposed for one, or in the backlog (no meeting).
create table agenda_point (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    meeting_id   bigint,
    position     integer check (position >= 1),
    state        text not null check (state in ('proposed', 'accepted', 'later', 'declined')),
    form         text not null check (form in ('information', 'discussion', 'decision', 'help', 'poster', 'demonstration', 'criteria')),
    title        text not null check (char_length(title) between 1 and 200),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    body         text not null default '' check (char_length(body) <= 5000), -- what it is about, material
    html         text not null default '',
    minutes      integer not null default 0 check (minutes between 0 and 1440), -- 0: no time of its own
    lead_id      bigint references account on delete set null,
    lead_name    text not null default '' check (char_length(lead_name) <= 120), -- without an account
    proposed_by  bigint references account on delete set null,
    proposed_at  timestamptz not null,
    reason       text not null default '' check (char_length(reason) <= 500), -- of later and declined
    settled_by   bigint references account on delete set null,
    settled_at   timestamptz,
    carried_from bigint references agenda_point on delete set null,
    revision     integer not null default 1,
    unique (meeting_id, position) deferrable initially deferred,
    unique (meeting_id, id),
    unique (community_id, id),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade,
    check ((state = 'accepted') = (position is not null)),
    check (state <> 'accepted' or meeting_id is not null)
);
create index on agenda_point (community_id, state, proposed_at) where state in ('proposed', 'later');
create index on agenda_point (carried_from) where carried_from is not null;
create index on agenda_point (proposed_by);
create index on agenda_point (lead_id);

-- Sent beforehand, about a point or the whole.
create table meeting_question (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    point_id     bigint,
    account_id   bigint references account on delete set null,
    body         text not null check (char_length(body) between 1 and 2000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    at           timestamptz not null,
    done_at      timestamptz,
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on meeting_question (meeting_id);
create index on meeting_question (account_id);

-- What was said under a point, or before and after all of them (no point).
create table minute (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    point_id     bigint,
    body         text not null check (char_length(body) <= 50000),
    html         text not null,
    renderer     smallint not null,
    revision     integer not null default 1,
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    unique nulls not distinct (meeting_id, point_id),
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create table minute_revision (
    minute_id bigint not null references minute on delete cascade,
    revision  integer not null,
    body      text not null,
    by_id     bigint references account on delete set null,
    at        timestamptz not null,
    primary key (minute_id, revision)
);

create table decision (
    item_id       bigint primary key,
    kind          text not null default 'decision' check (kind = 'decision'),
    community_id  bigint not null,
    meeting_id    bigint,
    point_id      bigint,
    why           text not null default '' check (char_length(why) <= 5000),
    why_html      text not null default '',
    rejected      text not null default '' check (char_length(rejected) <= 5000), -- what was not chosen
    rejected_html text not null default '',
    who           text not null default '' check (char_length(who) <= 300),
    decided_on    date not null,
    review_on     date,
    superseded_by bigint references decision,
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id),
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id),
    check (superseded_by <> item_id)
);
create index on decision (community_id, decided_on desc);
create index on decision (meeting_id);
create index on decision (superseded_by) where superseded_by is not null;
create index on decision (review_on) where review_on is not null and superseded_by is null;

create table action (
    item_id      bigint primary key,
    kind         text not null default 'action' check (kind = 'action'),
    community_id bigint not null,
    meeting_id   bigint,
    point_id     bigint,
    due          date,
    owner_names  text not null default '' check (char_length(owner_names) <= 300), -- who has no account
    state        text not null default 'open' check (state in ('open', 'in-hand', 'done', 'dropped')),
    state_at     timestamptz not null,
    state_by     bigint references account on delete set null,
    reason       text not null default '' check (char_length(reason) <= 500), -- of dropping it
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id),
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id)
);
create index on action (community_id, state, due);
create index on action (meeting_id);
create table action_owner (
    action_id  bigint not null references action on delete cascade,
    account_id bigint not null references account on delete cascade,
    primary key (action_id, account_id)
);
create index on action_owner (account_id);

-- One line caught in the minutes; a decision and an action become items when the minutes are opened for correction.
create table minute_line (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    point_id     bigint,
    n            integer not null check (n >= 1), -- within the meeting; "line-3" in a trail
    form         text not null check (form in ('said', 'decided', 'todo', 'criterion', 'parked')),
    body         text not null check (char_length(body) between 1 and 2000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    speaker_id   bigint references account on delete set null, -- who said or asked it
    speaker_name text not null default '' check (char_length(speaker_name) <= 120),
    why          text not null default '' check (char_length(why) <= 5000),
    rejected     text not null default '' check (char_length(rejected) <= 5000),
    due          date, -- of what is to do
    review_on    date, -- of what was decided
    owner_names  text not null default '' check (char_length(owner_names) <= 300),
    item_id      bigint references item, -- the decision or action made of it
    revision     integer not null default 1,
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    removed_at   timestamptz,
    unique (meeting_id, n),
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on minute_line (speaker_id);
create index on minute_line (item_id);
create table minute_line_owner (
    line_id    bigint not null references minute_line on delete cascade,
    account_id bigint not null references account on delete cascade,
    primary key (line_id, account_id)
);
create index on minute_line_owner (account_id);

-- What members say is wrong while the minutes are open for correction.
create table minute_correction (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    point_id     bigint,
    account_id   bigint references account on delete set null,
    body         text not null check (char_length(body) between 1 and 5000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    at           timestamptz not null,
    state        text not null default 'open' check (state in ('open', 'taken', 'declined')),
    answer       text not null default '' check (char_length(answer) <= 500),
    settled_by   bigint references account on delete set null,
    settled_at   timestamptz,
    foreign key (meeting_id, point_id) references agenda_point (meeting_id, id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);
create index on minute_correction (meeting_id);
create index on minute_correction (account_id);

-- What is added after the minutes were approved.
create table minute_addendum (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    meeting_id   bigint not null,
    n            integer not null check (n >= 1),
    body         text not null check (char_length(body) between 1 and 20000),
    html         text not null,
    renderer     smallint not null,
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    unique (meeting_id, n),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade
);

-- A letter about a meeting is written to each person once.
create table meeting_letter (
    meeting_id bigint not null references meeting on delete cascade,
    letter     text not null check (letter in ('poll', 'poll-reminder', 'invitation', 'series', 'change', 'cancellation', 'reminder', 'minutes')),
    edition    integer not null, -- sequence of the meeting, or which reminder it is
    account_id bigint references account on delete cascade,
    guest_id   bigint,
    at         timestamptz not null,
    unique nulls not distinct (meeting_id, letter, edition, account_id, guest_id),
    check (num_nonnulls(account_id, guest_id) = 1),
    foreign key (meeting_id, guest_id) references meeting_guest (meeting_id, id) on delete cascade
);
create index on meeting_letter (account_id);

-- Who wants no letters of a kind from a community.
create table mail_off (
    account_id   bigint not null references account on delete cascade,
    community_id bigint not null references community,
    letters      text not null check (letters in ('meetings')),
    at           timestamptz not null,
    primary key (account_id, community_id, letters)
);

-- The secret address of a person's own calendar; a new one makes the old one worthless.
create table feed_token (
    account_id bigint primary key references account on delete cascade,
    token_hash bytea not null unique,
    created_at timestamptz not null
);

-- What a link in a letter lets its holder do without signing in, until it expires, as often as one likes: answer for oneself at one
-- meeting, or want no more letters. It signs nobody in.
create table pass (
    token_hash   bytea primary key,
    purpose      text not null check (purpose in ('meeting', 'unsubscribe')),
    community_id bigint not null references community,
    meeting_id   bigint,
    account_id   bigint references account on delete cascade,
    guest_id     bigint,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    check (num_nonnulls(account_id, guest_id) = 1),
    check (meeting_id is not null or purpose = 'unsubscribe' and guest_id is null),
    foreign key (community_id, meeting_id) references meeting (community_id, item_id) on delete cascade,
    foreign key (meeting_id, guest_id) references meeting_guest (meeting_id, id) on delete cascade
);
create index on pass (expires_at);
create index on pass (account_id);
create index on pass (meeting_id);

-- What members and guests hear of by mail becomes a job in the causing transaction, whoever writes it: a date is sought, a reminder of
-- that, a meeting is published or called off, its minutes are shown or approved; and a guest who is invited. A change of time or place
-- becomes one where it is written, because the letter says what was before.
-- +goose StatementBegin
create function meeting_is_told() returns trigger language plpgsql as $$
begin
    if current_setting('koinon.silent', true) = 'on' then
        return null;
    end if;
    insert into river_job (kind, args, queue, max_attempts) values ('meeting-letters',
        case tg_table_name when 'activity' then jsonb_build_object('activity', new.id) else jsonb_build_object('guest', new.id) end, 'meeting', 12);
    return null;
end $$;
-- +goose StatementEnd
create trigger meeting_told after insert on activity for each row
    when (new.verb in ('meeting.find-date', 'meeting.remind', 'meeting.publish', 'series.publish', 'meeting.invite-again', 'meeting.call-off', 'minutes.open', 'minutes.approve')) execute function meeting_is_told();
create trigger meeting_guest_told after insert on meeting_guest for each row when (new.email <> '') execute function meeting_is_told();
-- Members are told of meetings, and of what was settled and promised there.
alter table notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('mentions', 'replies', 'thanks', 'announcements', 'meetings', 'help', 'people'));

-- As before, and what happens to meetings; a meeting in draft is told to nobody until it is published.
-- +goose StatementBegin
create or replace function activity_is_told() returns trigger language plpgsql as $$
begin
    if current_setting('koinon.silent', true) = 'on' or new.verb = 'meeting.schedule' then
        return null;
    end if;
    if array_remove(new.concerned, new.actor_id) <> '{}' or new.verb in ('community.ask', 'community.join', 'meeting.find-date', 'meeting.change', 'meeting.call-off', 'minutes.open', 'minutes.approve')
        or new.verb like '%.publish' or exists (select from item i where i.id = new.item_id and i.created_at = new.at) then
        insert into river_job (kind, args, queue, max_attempts) values ('notice', jsonb_build_object('activity', new.id), 'notice', 12);
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- The acts of power that the audit page lists, with those over meetings.
drop index activity_of_power;
create index activity_of_power on activity (community_id, id desc) where verb in ('community.admit', 'community.decline', 'community.appoint', 'community.invite', 'community.describe',
    'item.hide', 'item.show', 'discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'discussion.move-away', 'report.settled',
    'series.publish', 'meeting.call-off', 'meeting.invite-guests', 'minutes.approve');
