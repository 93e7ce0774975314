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
    top_id       bigint references item on delete cascade, -- the thread in which it stands
    place        bigint generated always as (coalesce(top_id, -community_id)) stored, -- under which it is grouped
    why          text not null check (why in ('mentioned', 'quoted', 'replied', 'thanked', 'asked', 'joined', 'concerned', 'announced', 'followed')),
    kind         text not null check (kind in ('mentions', 'replies', 'thanks', 'announcements', 'help', 'people')),
    way          text not null check (way in ('inbox', 'quiet', 'catch-up')), -- counted, shown without being counted, kept for later
    at           timestamptz not null,
    read_at      timestamptz,
    unique (account_id, activity_id)
);
create index notice_unread on notice (account_id, at desc, id desc) where read_at is null and way = 'inbox';
create index notice_of_account on notice (account_id, at desc, id desc);
create index notice_of_place on notice (account_id, place, at desc, id desc);
create index on notice (activity_id);
create index on notice (top_id);
create index on notice (item_id);
create index on notice (at);

-- What may concern somebody becomes a job in the causing transaction, whoever writes it: the making of an item, its publication, comings
-- to a community, and whatever names somebody else than the actor. A transaction that brings in what was told elsewhere long ago sets koinon.silent.
-- +goose StatementBegin
create function activity_is_told() returns trigger language plpgsql as $$
begin
    if current_setting('koinon.silent', true) = 'on' then
        return null;
    end if;
    if array_remove(new.concerned, new.actor_id) <> '{}' or new.verb in ('community.ask', 'community.join') or new.verb like '%.publish'
        or exists (select from item i where i.id = new.item_id and i.created_at = new.at) then
        insert into river_job (kind, args, queue, max_attempts) values ('notice', jsonb_build_object('activity', new.id), 'notice', 12);
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger activity_told after insert on activity for each row execute function activity_is_told();
