-- Invitations, greetings and renewals, whom a community wants to reach, and what the next coordinator needs to know.
-- +goose Up
create table invitation (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    email        text not null check (char_length(email) between 3 and 254),
    email_key    text not null check (email_key = lower(email_key)),
    name         text not null default '' check (char_length(name) <= 120),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    note         text not null default '' check (char_length(note) <= 1000),
    invited_by   bigint references account on delete set null,
    at           timestamptz not null,
    sent         integer not null default 1,
    account_id   bigint references account on delete set null, -- who came of it
    accepted_at  timestamptz,
    withdrawn_at timestamptz,
    unique (community_id, email_key)
);
create index on invitation (email_key);

alter table membership add column greeted_at timestamptz, add column greeted_by bigint references account on delete set null, add column reminded_at timestamptz,
    add column coordinator_since timestamptz;
update membership set coordinator_since = since where role = 'coordinator';

-- A day's invitations are counted until the day is over; what counts network addresses goes sooner.
alter table rate_limit add column window_end timestamptz not null default now();
create index on rate_limit (window_end);

create table wanted_organisation (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    name         text not null check (char_length(name) between 1 and 160),
    sector       text not null default '' check (sector in ('', 'planning', 'health', 'energy', 'environment', 'civil-protection', 'statistics', 'research', 'education', 'industry', 'other')),
    perspective  text not null check (perspective in ('stakeholder', 'scientist')),
    why          text not null default '' check (char_length(why) <= 500),
    position     integer not null default 0,
    revision     integer not null default 1,
    added_by     bigint references account on delete set null,
    at           timestamptz not null
);
create unique index wanted_once on wanted_organisation (community_id, lower(name));

create table handover (
    community_id bigint primary key references community,
    body         text not null check (char_length(body) <= 50000),
    html         text not null,
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    revision     integer not null default 1,
    updated_at   timestamptz not null,
    updated_by   bigint references account on delete set null
);

create table handover_revision (
    community_id bigint not null references community,
    revision     integer not null,
    body         text not null check (char_length(body) <= 50000),
    lang         text not null check (lang in ('en', 'de', 'fr', 'el')),
    at           timestamptz not null,
    by_id        bigint references account on delete set null,
    primary key (community_id, revision)
);
