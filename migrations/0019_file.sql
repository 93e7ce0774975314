-- Files of items in pieces, files that wait for their form to be sent again, and pictures of people.
-- +goose Up
create table item_file (
    id           bigint generated always as identity primary key,
    community_id bigint,
    item_id      bigint, -- none: kept for by_id until expires_at
    top_id       bigint, -- the item without a parent at which it stands
    position     integer not null default 0,
    name         text not null check (char_length(name) between 1 and 160),
    media        text not null check (char_length(media) between 3 and 100),
    size         bigint not null check (size between 1 and 26214400),
    small_size   bigint check (small_size between 1 and 26214400), -- of a picture, drawn small
    sha256       bytea not null check (octet_length(sha256) = 32),
    width        integer check (width between 1 and 10000),
    height       integer check (height between 1 and 10000),
    alt          text not null default '' check (char_length(alt) <= 1000),
    by_id        bigint references account on delete set null,
    at           timestamptz not null,
    expires_at   timestamptz,
    foreign key (community_id, item_id) references item (community_id, id) on update cascade on delete cascade,
    check ((item_id is null) = (community_id is null)),
    check ((item_id is null) = (expires_at is not null)),
    check ((width is null) = (height is null) and (width is null) = (small_size is null))
);
create index item_file_of_item on item_file (community_id, item_id, position) where item_id is not null;
create index item_file_of_top on item_file (top_id) where item_id is not null;
create index item_file_kept on item_file (by_id, expires_at) where item_id is null;
create index item_file_expired on item_file (expires_at) where item_id is null;

-- +goose StatementBegin
create function item_file_top() returns trigger language plpgsql as $$
begin
    new.top_id := (select coalesce(parent_id, id) from item where id = new.item_id);
    return new;
end $$;
-- +goose StatementEnd
create trigger item_file_top before insert or update of item_id on item_file for each row execute function item_file_top();

create table file_chunk (
    file_id bigint not null references item_file on delete cascade,
    variant text not null check (variant in ('', 'small')),
    n       integer not null check (n >= 0),
    data    bytea not null check (octet_length(data) between 1 and 262144),
    primary key (file_id, variant, n)
);
alter table file_chunk alter column data set storage external;

-- The hash of somebody's picture, empty without one: it stands in the picture's address, so that a changed one is fetched anew.
alter table account add column picture text not null default '' check (picture ~ '^([0-9a-f]{16})?$');

create table account_picture (
    account_id bigint primary key references account on delete cascade,
    large      bytea not null check (octet_length(large) <= 262144), -- 256 pixels square
    small      bytea not null check (octet_length(small) <= 65536),  -- 64 pixels square
    at         timestamptz not null
);
