-- Finding fast among many: the index knows, beside the words, what narrows a search, so that only rows are read that the reader may see.
-- +goose Up
drop index item_search_words, item_search_newest_in;
drop trigger item_search_follows on item;
alter table item_search add column author_id bigint; -- as in item, for drafts and "by:"; follows it by trigger
update item_search s set author_id = i.author_id from item i where i.id = s.item_id and i.author_id is not null;

-- "marks", each a letter and a value: audience (a0 public, a1 programme, and with its community a0:7, a1:7, a2:7, a3:7), draft of an author,
-- kind, language, author, and the weeks since 2000, by ones, fours, sixteens and sixty-fours, so that few marks name a long time.
-- They choose rows and never grant them: community.Visible has the last word on each row.
alter table item_search add column marks text[] not null generated always as (array[
        'a' || audience::text || ':' || community_id::text, 'k' || kind, 'l' || lang, 'b' || coalesce(author_id, 0)::text,
        'w1:' || (((at at time zone 'UTC')::date - date '2000-01-03') / 7)::text,
        'w4:' || (((at at time zone 'UTC')::date - date '2000-01-03') / 28)::text,
        'w16:' || (((at at time zone 'UTC')::date - date '2000-01-03') / 112)::text,
        'w64:' || (((at at time zone 'UTC')::date - date '2000-01-03') / 448)::text]
    || case when audience < 2 then array['a' || audience::text] when audience = 3 then array['d' || coalesce(author_id, 0)::text] else '{}'::text[] end) stored;
create index item_search_words on item_search using gin (search, marks) with (fastupdate = off);

-- +goose StatementBegin
create or replace function item_search_follows() returns trigger language plpgsql as $$
begin
    update item_search s set audience = i.audience, community_id = i.community_id, author_id = i.author_id,
        removed = i.removed_at is not null or exists (select from item p where p.id = i.parent_id and p.removed_at is not null)
    from item i where s.item_id = i.id and (i.id = new.id or i.parent_id = new.id);
    return null;
end $$;
-- +goose StatementEnd
create trigger item_search_follows after update of audience, community_id, author_id, removed_at on item for each row
    when (old.audience <> new.audience or old.community_id <> new.community_id or old.author_id is distinct from new.author_id or old.removed_at is distinct from new.removed_at)
    execute function item_search_follows();

create index vocabulary_lexeme on vocabulary (lexeme collate "C") include (df);
