-- Who signs in: accounts, passwords, sessions, mailed links, typed texts that outlive a session.
-- +goose Up
create table account (
    id               bigint generated always as identity primary key,
    handle           text not null unique check (handle ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(handle) <= 60),
    name             text not null check (char_length(name) between 1 and 120),
    email            text not null check (char_length(email) between 3 and 254),
    email_key        text not null unique check (email_key = lower(email_key)),
    organisation     text not null default '' check (char_length(organisation) <= 160),
    sector           text not null default '' check (sector in ('', 'planning', 'health', 'energy', 'environment', 'civil-protection', 'statistics', 'research', 'education', 'industry', 'other')),
    languages        text[] not null default '{}' check (cardinality(languages) <= 20),
    lang             text not null default 'en' check (lang in ('en', 'de', 'fr', 'el')),
    about            text not null default '' check (char_length(about) <= 1000),
    -- for whom: 0 everybody, 1 members of any community, 2 members of a community in common, 3 nobody
    profile_for      smallint not null default 1 check (profile_for between 0 and 2),
    organisation_for smallint not null default 0 check (organisation_for between 0 and 3),
    email_for        smallint not null default 3 check (email_for between 1 and 3),
    administrator    boolean not null default false,
    revision         integer not null default 1,
    created_at       timestamptz not null
);

create table credential (
    account_id bigint primary key references account on delete cascade,
    hash       text not null,
    changed_at timestamptz not null
);

create table account_session (
    id         bigint generated always as identity primary key,
    token_hash text not null unique,
    account_id bigint references account on delete cascade,
    data       bytea not null,
    agent      text not null default '' check (char_length(agent) <= 300),
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    proved_at  timestamptz not null default now(),
    expires_at timestamptz not null
);
create index on account_session (account_id);
create index on account_session (expires_at);

create table personal_link (
    token_hash bytea primary key,
    purpose    text not null check (purpose in ('sign-in', 'sign-up', 'invitation', 'address', 'proof')),
    account_id bigint references account on delete cascade,
    email      text not null,
    detail     jsonb not null default '{}',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index on personal_link (expires_at);
create index on personal_link (account_id);

create table kept_form (
    token_hash bytea primary key,
    account_id bigint references account on delete cascade,
    path       text not null,
    fields     jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on kept_form (expires_at);

create unlogged table rate_limit (
    bucket  bytea not null,
    window_start timestamptz not null,
    n       integer not null,
    primary key (bucket, window_start)
);
create index on rate_limit (window_start);
