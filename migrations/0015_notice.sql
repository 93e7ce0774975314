-- Who follows what how closely, and who was told of what.
-- +goose Up
create table follow (
    account_id   bigint not null references account on delete cascade,
    community_id bigint references community,
    item_id      bigint references item on delete cascade, -- neither: the account's own default
    level        text not null check (level in ('all', 'mentions', 'catch-up', 'nothing')),
    at           timestamptz not null,
    check (community_id is null or item_id is null)
);
create unique index follow_account on follow (account_id) where community_id is null and item_id is null;
create unique index follow_community on follow (community_id, account_id) where community_id is not null;
create unique index follow_item on follow (item_id, account_id) where item_id is not null;
create index on follow (account_id);

create table notice (
    id           bigint generated always as identity primary key,
    account_id   bigint not null references account on delete cascade,
    activity_id  bigint not null references activity on delete cascade,
    community_id bigint references community,
    item_id      bigint references item on delete cascade, -- what happened to, such as a reply
    top_id       bigint references item on delete cascade, -- the thread under which it is grouped
    why          text not null,
    at           timestamptz not null,
    read_at      timestamptz,
    unique (account_id, activity_id)
);
create index notice_unread on notice (account_id, at desc, id desc) where read_at is null;
create index notice_of_account on notice (account_id, at desc, id desc);
create index notice_of_thread on notice (account_id, top_id);
create index on notice (top_id);
