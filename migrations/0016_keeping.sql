-- Writing in safety and keeping order: drafts, pins, locks, reports, moved threads.
-- +goose Up
alter table discussion add column pinned_at timestamptz, add column locked_at timestamptz;

create table draft (
    account_id bigint not null references account on delete cascade,
    place      text not null check (char_length(place) <= 300), -- address of the form
    fields     jsonb not null,
    tab        text not null default '' check (char_length(tab) <= 60),
    revision   integer not null default 1,
    at         timestamptz not null,
    primary key (account_id, place)
);

create table report (
    id           bigint generated always as identity primary key,
    community_id bigint not null,
    item_id      bigint not null,
    account_id   bigint references account on delete set null,
    reason       text not null check (char_length(reason) between 1 and 1000),
    at           timestamptz not null,
    settled_at   timestamptz,
    settled_by   bigint references account on delete set null,
    outcome      text not null default '' check (outcome in ('', 'hidden', 'kept')),
    note         text not null default '' check (char_length(note) <= 1000),
    foreign key (community_id, item_id) references item (community_id, id) on update cascade on delete cascade
);
create index report_open on report (community_id, at) where settled_at is null;
create unique index report_once on report (item_id, account_id) where settled_at is null;

-- Where an item stood before it was moved: old addresses lead on.
create table item_moved (
    community_id bigint not null references community,
    kind         text not null,
    number       integer not null,
    item_id      bigint not null references item on delete cascade,
    primary key (community_id, kind, number)
);
