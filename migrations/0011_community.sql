-- The programme, its communities, and who belongs to them.
-- +goose Up
create table programme (
    id            smallint primary key default 1 check (id = 1),
    name          text not null check (char_length(name) between 1 and 120),
    lang          text not null default 'en' check (lang in ('en', 'de', 'fr', 'el')),
    demonstration boolean not null default false,
    revision      integer not null default 1,
    created_at    timestamptz not null
);

insert into programme (name, created_at) values ('Koinon', now());

create table programme_text (
    lang         text primary key check (lang in ('en', 'de', 'fr', 'el')),
    tagline      text not null default '' check (char_length(tagline) <= 300),
    purpose      text not null default '' check (char_length(purpose) <= 10000),
    purpose_html text not null default '',
    notice       text not null default '' check (char_length(notice) <= 500)
);

create table community (
    id          bigint generated always as identity primary key,
    slug        text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 40),
    kind        text not null check (kind in ('city', 'umbrella')),
    lang        text not null check (lang in ('en', 'de', 'fr', 'el')),
    languages   text[] not null default '{}',
    zone        text not null,
    latitude    double precision check (latitude between -90 and 90),
    longitude   double precision check (longitude between -180 and 180),
    visibility  text not null default 'public' check (visibility in ('public', 'private')),
    admission   text not null default 'request' check (admission in ('open', 'request', 'invitation')),
    stage       text not null default 'potential' check (stage in ('potential', 'coalescing', 'maturing', 'stewardship', 'transformation')),
    stage_since date not null,
    founded     date not null,
    members     integer not null default 0 check (members >= 0),
    last_member integer not null default 0,
    revision    integer not null default 1,
    created_at  timestamptz not null,
    check ((latitude is null) = (longitude is null))
);

create table community_text (
    community_id bigint not null references community,
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    name         text not null check (char_length(name) between 1 and 80),
    summary      text not null default '' check (char_length(summary) <= 300),
    domain       text not null default '' check (char_length(domain) <= 10000),
    domain_html  text not null default '',
    agenda       text not null default '' check (char_length(agenda) <= 10000),
    agenda_html  text not null default '',
    stage_reason text not null default '' check (char_length(stage_reason) <= 500),
    primary key (community_id, lang)
);

create table charter (
    community_id bigint not null references community,
    version      integer not null check (version >= 1),
    made_at      timestamptz not null,
    made_by      bigint references account,
    note         text not null default '' check (char_length(note) <= 300),
    primary key (community_id, version)
);

create table charter_text (
    community_id bigint not null,
    version      integer not null,
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    body         text not null check (char_length(body) <= 20000),
    html         text not null,
    primary key (community_id, version, lang),
    foreign key (community_id, version) references charter
);

create table membership (
    community_id    bigint not null references community,
    account_id      bigint not null references account,
    number          integer,
    state           text not null check (state in ('waiting', 'member', 'declined', 'left')),
    role            text not null default 'member' check (role in ('member', 'coordinator')),
    perspective     text not null check (perspective in ('stakeholder', 'scientist')),
    bring           text not null default '' check (char_length(bring) <= 1000),
    learn           text not null default '' check (char_length(learn) <= 1000),
    meets           text not null default 'quarterly' check (meets in ('monthly', 'quarterly', 'yearly', 'online')),
    charter_version integer not null default 0,
    asked_at        timestamptz not null,
    since           timestamptz,
    renewed_at      timestamptz,
    admitted_by     bigint references account,
    left_at         timestamptz,
    reason          text not null default '' check (char_length(reason) <= 500),
    revision        integer not null default 1,
    primary key (community_id, account_id),
    unique (community_id, number),
    check (state <> 'member' or (number is not null and since is not null))
);
create index on membership (account_id);

create table competence (
    community_id bigint not null,
    account_id   bigint not null,
    position     smallint not null,
    name         text not null check (char_length(name) between 1 and 80),
    primary key (community_id, account_id, position),
    foreign key (community_id, account_id) references membership on delete cascade
);
