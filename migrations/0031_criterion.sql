-- Criteria for end products: from a sentence in a meeting to "met", by those who asked. And the products with their releases.
-- +goose Up

-- What a criterion is about; editable for the programme. A retired one stays on the criteria that have it and is offered no more.
create table criterion_category (
    id         bigint generated always as identity primary key,
    key        text not null unique check (key ~ '^[a-z][a-z0-9-]{0,39}$'),
    position   integer not null,
    retired_at timestamptz
);
create table criterion_category_text (
    category_id bigint not null references criterion_category on delete cascade,
    lang        text not null check (lang in ('en', 'de', 'fr', 'el')),
    name        text not null check (char_length(name) between 1 and 80),
    hint        text not null default '' check (char_length(hint) <= 300),
    primary key (category_id, lang)
);

-- An end product belongs to the umbrella.
create table product (
    item_id      bigint primary key,
    kind         text not null default 'product' check (kind = 'product'),
    community_id bigint not null,
    slug         text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 60),
    form         text not null check (form in ('map', 'data-set', 'tool', 'model', 'method', 'report')),
    state        text not null check (state in ('idea', 'in-work', 'available', 'retired')),
    summary      text not null default '' check (char_length(summary) <= 500), -- plain text
    releases     integer not null default 0, -- how many were numbered
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    unique (community_id, item_id)
);

-- Who makes or made it: a person with an account, or a name. Who ever made a product does not decide what it satisfies.
create table product_maker (
    id         bigint generated always as identity primary key,
    product_id bigint not null references product on delete cascade,
    account_id bigint references account on delete cascade,
    name       text not null default '' check (char_length(name) <= 160),
    position   integer not null,
    since      timestamptz, -- makes it from then on; null: from the beginning
    ended_at   timestamptz, -- makes it no more
    unique nulls not distinct (product_id, account_id, name),
    check ((account_id is null) = (name <> ''))
);
create index on product_maker (account_id) where account_id is not null;

-- A dated version of a product; title of the item: its version ("1.2", "2026 edition").
create table release (
    item_id      bigint primary key,
    kind         text not null default 'release' check (kind = 'release'),
    community_id bigint not null,
    product_id   bigint not null,
    slug         text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 60),
    state        text not null check (state in ('planned', 'published', 'withdrawn')),
    due_on       date, -- planned for
    published_on date,
    limits       text not null default '' check (char_length(limits) <= 5000),
    limits_html  text not null default '',
    unique (product_id, slug),
    unique (community_id, item_id),
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, product_id) references product (community_id, item_id) on delete cascade,
    check (state = 'planned' or published_on is not null)
);
create table release_link (
    release_id bigint not null references release on delete cascade,
    position   integer not null check (position >= 1),
    label      text not null check (char_length(label) between 1 and 120),
    url        text not null check (char_length(url) between 1 and 1000),
    primary key (release_id, position)
);

-- title of the item: the statement; its text: why it matters; its revisions: the history of the wording.
create table criterion (
    item_id        bigint primary key,
    kind           text not null default 'criterion' check (kind = 'criterion'),
    community_id   bigint not null,
    state          text not null default 'raised' check (state in ('raised', 'agreed', 'parked', 'declined', 'merged')),
    state_at       timestamptz not null,
    category_id    bigint references criterion_category,
    measure        text not null default '' check (char_length(measure) <= 200), -- what is measured: "grid spacing"
    comparator     text not null default '' check (comparator in ('', 'at-most', 'below', 'equals', 'at-least', 'above', 'between')),
    target         double precision,
    target_to      double precision, -- upper end of "between"
    unit           text not null default '' check (char_length(unit) <= 40),
    agreed_on      date,
    agreed_at      bigint, -- meeting
    merged_into    bigint references criterion,
    sources        integer not null default 0, -- how many were numbered
    claims         integer not null default 0, -- how many were numbered
    -- how far it is, by the claims: nobody claimed, waits for those who asked, they kept silent, not, partly, met
    fulfilment     text not null default 'none' check (fulfilment in ('none', 'open', 'silent', 'not', 'partly', 'met')),
    fulfilment_at  timestamptz,
    need_id        bigint not null, -- the same for all that are "the same need"; the lowest id among them
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, agreed_at) references meeting (community_id, item_id),
    unique (community_id, item_id),
    check (merged_into <> item_id),
    check ((state = 'merged') = (merged_into is not null)),
    check (state <> 'agreed' or agreed_on is not null),
    check ((comparator = '') = (target is null)),
    check ((comparator = 'between') = (target_to is not null) and target_to > target),
    check (target is null or abs(target) < 1e300)
);
create index on criterion (community_id, state, item_id);
create index on criterion (community_id, category_id);
create index on criterion (need_id);
create index item_link_related on item_link (from_id, to_id) where relation in ('same-need', 'narrower', 'conflicts');
create index on criterion (merged_into) where merged_into is not null;
create index on criterion (agreed_at) where agreed_at is not null;

create table criterion_product (
    community_id bigint not null,
    criterion_id bigint not null,
    product_id   bigint not null references product on delete cascade,
    primary key (criterion_id, product_id),
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade
);
create index on criterion_product (product_id);

-- Where a criterion comes from, with the exact words, and who asked. Those who asked are the speakers of its sources.
create table criterion_source (
    id                bigint generated always as identity primary key,
    community_id      bigint not null,
    criterion_id      bigint not null,
    n                 integer not null check (n >= 1), -- "source-2" in a trail
    form              text not null check (form in ('meeting', 'discussion', 'document', 'person')),
    item_id           bigint references item on delete set null, -- the meeting, the discussion or the reply
    point_id          bigint references agenda_point on delete set null, -- of the meeting
    part              text not null default '' check (char_length(part) <= 40), -- of the item: "line-3" of the minutes
    document          text not null default '' check (char_length(document) <= 300),
    url               text not null default '' check (char_length(url) <= 1000),
    words             text not null default '' check (char_length(words) <= 2000),
    lang              text not null check (lang in ('en', 'de', 'fr', 'el')),
    speaker_id        bigint references account on delete set null, -- who asked
    speaker_name      text not null default '' check (char_length(speaker_name) <= 120), -- without an account
    perspective       text not null default '' check (perspective in ('', 'stakeholder', 'scientist')), -- at that time
    organisation      text not null default '' check (char_length(organisation) <= 160),
    said_on           date,
    released          boolean not null default false, -- its speaker lets everybody read the words who may read the criterion
    answer            text not null default '' check (answer in ('', 'confirmed', 'corrected', 'denied')), -- the speaker's, about the wording
    answered_at       timestamptz,
    answered_revision integer, -- of the criterion
    kept_from         bigint references criterion, -- came along when this one was merged
    by_id             bigint references account on delete set null, -- who logged it
    at                timestamptz not null,
    unique (criterion_id, n),
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade
);
create index on criterion_source (speaker_id) where speaker_id is not null;
create index on criterion_source (item_id) where item_id is not null;
create index on criterion_source (point_id) where point_id is not null;

-- The life of a criterion, step by step.
create table criterion_step (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    criterion_id bigint not null,
    step         text not null check (step in ('raised', 'agreed', 'parked', 'declined', 'merged', 'reopened')),
    reason       text not null default '' check (char_length(reason) <= 500),
    on_day       date, -- of agreement
    meeting_id   bigint, -- in which it was
    into_id      bigint references criterion, -- merged into
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade,
    foreign key (community_id, meeting_id) references meeting (community_id, item_id)
);
create index on criterion_step (criterion_id, id);

-- How important one member finds a criterion, 1 to 9; outside of rounds, or within one. Who leaves leaves the number and the perspective.
create table rating (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    criterion_id bigint not null,
    round_id     bigint references item,
    account_id   bigint references account on delete set null,
    perspective  text not null check (perspective in ('stakeholder', 'scientist')), -- at that time
    value        smallint not null check (value between 1 and 9),
    reason       text not null default '' check (char_length(reason) <= 500),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    at           timestamptz not null, -- first given
    changed_at   timestamptz not null,
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade
);
create unique index rating_of_account on rating (criterion_id, account_id, round_id) nulls not distinct where account_id is not null;
create index on rating (account_id);

-- Of the ratings outside of rounds, kept with them: n, median and quartiles (linear interpolation, as percentile_cont) of each perspective.
create table importance (
    community_id bigint not null,
    criterion_id bigint not null,
    perspective  text not null check (perspective in ('stakeholder', 'scientist')),
    n            integer not null check (n >= 0),
    low          double precision, -- first quartile
    median       double precision,
    high         double precision, -- third quartile
    primary key (criterion_id, perspective),
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade
);

-- "This release satisfies this criterion, here is the evidence": the item's text. A child of the criterion.
create table claim (
    item_id       bigint primary key,
    kind          text not null default 'claim' check (kind = 'claim'),
    community_id  bigint not null,
    criterion_id  bigint not null,
    release_id    bigint not null references release,
    extent        text not null check (extent in ('fully', 'partly')),
    limits        text not null default '' check (char_length(limits) <= 5000),
    limits_html   text not null default '',
    measured      double precision,
    measured_unit text not null default '' check (char_length(measured_unit) <= 40),
    state         text not null default 'open' check (state in ('open', 'accepted', 'partly', 'not', 'silent', 'withdrawn')),
    edition       integer not null default 1, -- how often it was put to those who asked
    answer_by     timestamptz not null, -- silence is recorded as silence from then on
    settled_at    timestamptz,
    unique (community_id, item_id),
    check ((state = 'open') = (settled_at is null)),
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, criterion_id) references criterion (community_id, item_id) on delete cascade
);
create index on claim (criterion_id);
create index on claim (release_id);
create index claim_waiting on claim (answer_by) where state = 'open';
-- One standing claim for a release and a criterion.
create unique index claim_once on claim (criterion_id, release_id) where state <> 'withdrawn';

create table claim_reopening (
    claim_id bigint not null references claim on delete cascade,
    edition  integer not null check (edition >= 2), -- that it began
    reason   text not null check (char_length(reason) between 1 and 500),
    by_id    bigint references account on delete set null,
    at       timestamptz not null,
    primary key (claim_id, edition)
);

-- What one of those who asked says about a claim; or the community's answer, recorded by its coordinator where none of them is left (no account).
create table verdict (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    claim_id     bigint not null,
    edition      integer not null,
    account_id   bigint references account on delete set null,
    community    boolean not null default false, -- the community's answer
    answer       text not null check (answer in ('accepted', 'partly', 'not', 'silent')),
    reason       text not null default '' check (char_length(reason) <= 2000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    perspective  text not null default '' check (perspective in ('', 'stakeholder', 'scientist')), -- at that time
    organisation text not null default '' check (char_length(organisation) <= 160),
    by_id        bigint references account on delete set null, -- who recorded it; of silence nobody
    at           timestamptz not null,
    foreign key (community_id, claim_id) references claim (community_id, item_id) on delete cascade
);
create unique index verdict_of_account on verdict (claim_id, edition, account_id) where account_id is not null;
create unique index verdict_of_community on verdict (claim_id, edition) where community;
create index on verdict (account_id);

-- Members are told of criteria and claims.
alter table notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('mentions', 'replies', 'thanks', 'announcements', 'meetings', 'criteria', 'help', 'people'));

-- The acts of power that the audit page lists, with those over criteria.
drop index activity_of_power;
create index activity_of_power on activity (community_id, id desc) where verb in ('community.admit', 'community.decline', 'community.appoint', 'community.invite', 'community.describe',
    'item.hide', 'item.show', 'discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'discussion.move-away', 'report.settled',
    'series.publish', 'meeting.call-off', 'meeting.invite-guests', 'minutes.approve',
    'criterion.agree', 'criterion.park', 'criterion.decline', 'criterion.merge', 'criterion.reopen', 'claim.answer-for-community', 'product.add', 'product.change-makers');

-- A programme without end products switches criteria and products off.
alter table programme add column products boolean not null default true;

insert into criterion_category (key, position) values ('content', 1), ('scale', 2), ('accuracy', 3), ('form', 4), ('access', 5), ('trust', 6), ('use', 7);
insert into criterion_category_text (category_id, lang, name, hint)
select c.id, t.lang, t.name, t.hint from criterion_category c join (values
    ('content', 'en', 'Content', 'What the product shows or explains'),
    ('content', 'de', 'Inhalt', 'Was das Produkt zeigt oder erklärt'),
    ('content', 'fr', 'Contenu', 'Ce que le produit montre ou explique'),
    ('content', 'el', 'Περιεχόμενο', 'Τι δείχνει ή εξηγεί το προϊόν'),
    ('scale', 'en', 'Scale and resolution', 'Grid, area, time step, period'),
    ('scale', 'de', 'Massstab und Auflösung', 'Raster, Gebiet, Zeitschritt, Zeitraum'),
    ('scale', 'fr', 'Échelle et résolution', 'Maille, territoire, pas de temps, période'),
    ('scale', 'el', 'Κλίμακα και ανάλυση', 'Κάνναβος, έκταση, χρονικό βήμα, περίοδος'),
    ('accuracy', 'en', 'Accuracy and uncertainty', 'How close to measurements, and how sure'),
    ('accuracy', 'de', 'Genauigkeit und Unsicherheit', 'Wie nahe an den Messungen und wie sicher'),
    ('accuracy', 'fr', 'Exactitude et incertitude', 'À quel point proche des mesures, et avec quelle certitude'),
    ('accuracy', 'el', 'Ακρίβεια και αβεβαιότητα', 'Πόσο κοντά στις μετρήσεις και με πόση βεβαιότητα'),
    ('form', 'en', 'Form', 'Map, table, text, file format'),
    ('form', 'de', 'Form', 'Karte, Tabelle, Text, Dateiformat'),
    ('form', 'fr', 'Forme', 'Carte, tableau, texte, format de fichier'),
    ('form', 'el', 'Μορφή', 'Χάρτης, πίνακας, κείμενο, μορφή αρχείου'),
    ('access', 'en', 'Access and cost', 'Who gets it, how fast, at what price'),
    ('access', 'de', 'Zugang und Kosten', 'Wer es bekommt, wie schnell, zu welchem Preis'),
    ('access', 'fr', 'Accès et coût', 'Qui l’obtient, sous quel délai, à quel prix'),
    ('access', 'el', 'Πρόσβαση και κόστος', 'Ποιος το παίρνει, πόσο γρήγορα, με τι κόστος'),
    ('trust', 'en', 'Trust', 'Source, validation, known limits'),
    ('trust', 'de', 'Vertrauen', 'Herkunft, Überprüfung, bekannte Grenzen'),
    ('trust', 'fr', 'Confiance', 'Provenance, validation, limites connues'),
    ('trust', 'el', 'Εμπιστοσύνη', 'Προέλευση, επικύρωση, γνωστά όρια'),
    ('use', 'en', 'Use in procedure', 'How it fits plans, permits and decisions'),
    ('use', 'de', 'Verwendung im Verfahren', 'Wie es in Pläne, Bewilligungen und Entscheide passt'),
    ('use', 'fr', 'Usage dans les procédures', 'Sa place dans les plans, les permis et les décisions'),
    ('use', 'el', 'Χρήση στις διαδικασίες', 'Πώς ταιριάζει σε σχέδια, άδειες και αποφάσεις'))
    as t (key, lang, name, hint) on t.key = c.key;
