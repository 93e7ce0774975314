-- Writing in safety and keeping order: drafts, removal and hiding, pins, locks, reports, moved threads, and an activity that nobody rewrites.
-- +goose Up
alter table discussion add column pinned_at timestamptz, add column locked_at timestamptz, add column locked_reason text not null default '' check (char_length(locked_reason) <= 500);
create index discussion_pinned on discussion (item_id) where pinned_at is not null;

-- removed_at is set as long as one of both holds: its author took the item away, or a coordinator hid it.
alter table item add column withdrawn_at timestamptz, add column hidden_at timestamptz,
    add constraint item_removed check (removed_at is not null or (withdrawn_at is null and hidden_at is null));

create table draft (
    account_id bigint not null references account on delete cascade,
    place      text not null check (char_length(place) <= 300), -- address to which the form is sent
    fields     jsonb not null check (octet_length(fields::text) <= 300000),
    tab        text not null default '' check (char_length(tab) <= 60), -- which window saved it last
    revision   integer not null default 1,
    at         timestamptz not null,
    primary key (account_id, place)
);
create index on draft (at);

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
create index report_settled on report (community_id, settled_at desc, id desc) where settled_at is not null;
create unique index report_once on report (item_id, account_id) where settled_at is null;

-- Where an item stood before it was moved: old addresses lead on.
create table item_moved (
    community_id bigint not null references community,
    kind         text not null,
    number       integer not null,
    item_id      bigint not null references item on delete cascade,
    primary key (community_id, kind, number)
);
create index on item_moved (item_id);

-- What hangs on an item goes with it to another community.
alter table help_request drop constraint help_request_community_id_item_id_fkey,
    add foreign key (community_id, item_id) references item (community_id, id) on update cascade on delete cascade;
-- +goose StatementBegin
create function item_goes_elsewhere() returns trigger language plpgsql as $$
begin
    update notice set community_id = new.community_id where item_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create trigger item_goes_elsewhere after update of community_id on item for each row when (old.community_id <> new.community_id) execute function item_goes_elsewhere();

create index activity_of_power on activity (community_id, id desc) where verb in ('community.admit', 'community.decline', 'community.appoint', 'community.invite', 'community.describe',
    'item.hide', 'item.show', 'discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'discussion.move-away', 'report.settled');

-- What happened stays as it was written. It goes only with the item or account that it hangs on.
-- +goose StatementBegin
create function activity_stays() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() > 1 then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    raise exception 'activity %: what happened is not rewritten', old.id using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd
create trigger activity_stays before update or delete on activity for each row execute function activity_stays();

-- What a page asks of every post stands ready: how many thanked for an item, and at which item without a parent the ends of a link stand.
alter table item add column thanks integer not null default 0;
update item i set thanks = t.n from (select item_id, count(*) as n from thanks group by item_id) t where i.id = t.item_id;
-- +goose StatementBegin
create function thanks_counted() returns trigger language plpgsql as $$
begin
    update item set thanks = thanks + case tg_op when 'INSERT' then 1 else -1 end where id = coalesce(new.item_id, old.item_id);
    return null;
end $$;
-- +goose StatementEnd
create trigger thanks_counted after insert or delete on thanks for each row execute function thanks_counted();

alter table item_link add column from_top bigint, add column to_top bigint;
update item_link l set from_top = coalesce(f.parent_id, f.id), to_top = coalesce(t.parent_id, t.id) from item f, item t where f.id = l.from_id and t.id = l.to_id;
create index on item_link (from_top);
create index on item_link (to_top);
-- +goose StatementBegin
create function item_link_tops() returns trigger language plpgsql as $$
begin
    select coalesce(parent_id, id) into new.from_top from item where id = new.from_id;
    select coalesce(parent_id, id) into new.to_top from item where id = new.to_id;
    return new;
end $$;
-- +goose StatementEnd
create trigger item_link_tops before insert on item_link for each row execute function item_link_tops();
