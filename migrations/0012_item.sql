-- The spine: everything that a community makes is an item.
-- audience: 0 public, 1 programme, 2 community, 3 draft (its author and the coordinators)
-- +goose Up
create table item (
    id             bigint generated always as identity primary key,
    community_id   bigint not null references community,
    kind           text not null check (kind in ('discussion', 'reply', 'meeting', 'decision', 'action', 'entry', 'criterion', 'round', 'product', 'release', 'claim')),
    number         integer not null check (number >= 1),
    parent_id      bigint,
    title          text not null default '' check (char_length(title) <= 200),
    lang           text not null check (lang in ('en', 'de', 'fr', 'el')),
    author_id      bigint references account,
    audience       smallint not null check (audience between 0 and 3),
    revision       integer not null default 1,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    updated_by     bigint references account,
    edited_at      timestamptz,
    active_at      timestamptz not null,
    removed_at     timestamptz,
    removed_by     bigint references account,
    removed_reason text not null default '' check (char_length(removed_reason) <= 500),
    unique (id, kind),
    unique (community_id, id),
    foreign key (community_id, parent_id) references item (community_id, id),
    check (kind not in ('reply', 'release', 'claim') or parent_id is not null)
);
create unique index item_number on item (community_id, kind, number) where parent_id is null;
create unique index item_number_in_parent on item (parent_id, kind, number) where parent_id is not null;
create index item_by_activity on item (community_id, kind, active_at desc, id desc) where removed_at is null and parent_id is null;
create index item_for_visitors on item (active_at desc, id desc) where audience = 0 and removed_at is null and parent_id is null;
create index item_latest on item (active_at desc, id desc) where removed_at is null and parent_id is null;
create index item_by_author on item (author_id, created_at desc);

-- The last lock on what the stores keep: no child wider than its parent, nothing wide in a private community.
-- +goose StatementBegin
create function item_audience_holds() returns trigger language plpgsql as $$
begin
    if new.parent_id is not null and new.audience < (select p.audience from item p where p.id = new.parent_id) then
        raise exception 'item %: audience % is wider than its parent''s', new.id, new.audience
            using errcode = 'check_violation', constraint = 'item_audience_within_parent';
    end if;
    if new.audience < 2 and (select c.visibility from community c where c.id = new.community_id) = 'private' then
        raise exception 'item %: audience % in a private community', new.id, new.audience
            using errcode = 'check_violation', constraint = 'item_audience_within_community';
    end if;
    if tg_op = 'UPDATE' and new.audience > old.audience and exists (select from item k where k.parent_id = new.id and k.audience < new.audience) then
        raise exception 'item %: children are wider than audience %', new.id, new.audience
            using errcode = 'check_violation', constraint = 'item_audience_within_parent';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger item_audience_on_insert after insert on item for each row execute function item_audience_holds();
create trigger item_audience_on_update after update of audience, parent_id, community_id on item for each row execute function item_audience_holds();

-- +goose StatementBegin
create function community_visibility_holds() returns trigger language plpgsql as $$
begin
    if new.visibility = 'private' and exists (select from item i where i.community_id = new.id and i.audience < 2) then
        raise exception 'community %: holds items wider than community', new.id
            using errcode = 'check_violation', constraint = 'item_audience_within_community';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger community_visibility_on_update after update of visibility on community for each row execute function community_visibility_holds();

create table item_text (
    item_id  bigint primary key references item on delete cascade,
    body     text not null check (char_length(body) <= 100000),
    html     text not null,
    renderer smallint not null
);

-- A superseded state of an item; the current one stands in item and item_text.
create table item_revision (
    item_id  bigint not null references item on delete cascade,
    revision integer not null,
    title    text not null,
    lang     text not null,
    body     text not null,
    by_id    bigint references account,
    at       timestamptz not null,
    primary key (item_id, revision)
);

create table item_link (
    id        bigint generated always as identity primary key,
    from_id   bigint not null references item on delete cascade,
    from_part text not null default '',
    to_id     bigint not null references item on delete cascade,
    to_part   text not null default '',
    relation  text not null check (relation in ('mentions', 'quotes', 'became', 'from', 'same-need', 'narrower', 'conflicts', 'supersedes', 'related')),
    quote     text not null default '' check (char_length(quote) <= 2000),
    released  boolean not null default false,
    by_id     bigint references account,
    at        timestamptz not null,
    unique (from_id, from_part, to_id, to_part, relation),
    check (from_id <> to_id or from_part <> to_part)
);
create index on item_link (to_id);

create table item_mention (
    item_id    bigint not null references item on delete cascade,
    account_id bigint not null references account,
    primary key (item_id, account_id)
);
create index on item_mention (account_id);

create table tag (
    id           bigint generated always as identity primary key,
    community_id bigint not null references community,
    key          text not null check (char_length(key) between 1 and 60),
    name         text not null check (char_length(name) between 1 and 60),
    unique (community_id, key),
    unique (community_id, id)
);
create table item_tag (
    community_id bigint not null,
    item_id      bigint not null,
    tag_id       bigint not null,
    primary key (item_id, tag_id),
    foreign key (community_id, item_id) references item (community_id, id) on delete cascade,
    foreign key (community_id, tag_id) references tag (community_id, id)
);
create index on item_tag (tag_id, item_id);

-- Narrow on purpose: never touched by a reply to the item. "at" is created_at; the store computes the vector.
create table item_search (
    item_id      bigint primary key references item on delete cascade,
    community_id bigint not null references community,
    audience     smallint not null,
    kind         text not null,
    lang         text not null,
    at           timestamptz not null,
    search       tsvector not null
);
create index item_search_words on item_search using gin (search) with (fastupdate = off);
create index item_search_newest on item_search (at desc, item_id desc);

-- Who sends the same form again gets the first result.
create table request (
    account_id bigint not null references account on delete cascade,
    id         uuid not null,
    item_id    bigint references item on delete cascade,
    at         timestamptz not null,
    primary key (account_id, id)
);
create index on request (at);

create table counter (
    community_id bigint not null references community,
    series       text not null,
    n            integer not null,
    primary key (community_id, series)
);

create table read_mark (
    account_id bigint not null references account on delete cascade,
    item_id    bigint not null references item on delete cascade,
    number     integer not null,
    at         timestamptz not null,
    primary key (account_id, item_id)
);

create table thanks (
    item_id    bigint not null references item on delete cascade,
    account_id bigint not null references account on delete cascade,
    at         timestamptz not null,
    primary key (item_id, account_id)
);

create table activity (
    id           bigint generated always as identity primary key,
    at           timestamptz not null,
    actor_id     bigint references account,
    verb         text not null,
    item_id      bigint references item on delete cascade,
    community_id bigint references community,
    concerned    bigint[] not null default '{}',
    detail       jsonb not null default '{}'
);
create index on activity (community_id, at desc);
create index on activity (item_id);
