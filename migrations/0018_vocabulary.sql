-- Finding: the words that texts are made of, the glossary that links languages, and index rows that follow their items.
-- +goose Up
alter table item_search add column removed boolean not null default false;
update item_search s set removed = true from item i left join item p on p.id = i.parent_id
where i.id = s.item_id and (i.removed_at is not null or p.removed_at is not null);
create index item_search_newest_in on item_search (community_id, at desc, item_id desc);

-- Whoever changes where an item stands, who may read it or whether it is there, changes its index row with it: a stale row would leak.
-- +goose StatementBegin
create function item_search_follows() returns trigger language plpgsql as $$
begin
    update item_search s set audience = i.audience, community_id = i.community_id,
        removed = i.removed_at is not null or exists (select from item p where p.id = i.parent_id and p.removed_at is not null)
    from item i where s.item_id = i.id and (i.id = new.id or i.parent_id = new.id);
    return null;
end $$;
-- +goose StatementEnd
create trigger item_search_follows after update of audience, community_id, removed_at on item for each row
    when (old.audience <> new.audience or old.community_id <> new.community_id or old.removed_at is distinct from new.removed_at)
    execute function item_search_follows();

-- +goose StatementBegin
create function item_search_starts() returns trigger language plpgsql as $$
begin
    update item_search s set removed = true from made m join item i on i.id = m.item_id left join item p on p.id = i.parent_id
    where s.item_id = m.item_id and (i.removed_at is not null or p.removed_at is not null);
    return null;
end $$;
-- +goose StatementEnd
create trigger item_search_starts after insert on item_search referencing new table as made for each statement execute function item_search_starts();

-- Every word met in a text. "folded" is blind to case, accents and script; inflections share a "root"; df: in how many texts.
create table vocabulary (
    lang   text not null check (lang in ('en', 'de', 'fr', 'el')),
    word   text not null check (char_length(word) <= 60),
    folded text not null,
    root   text not null,
    lexeme text not null,
    df     integer not null,
    primary key (lang, word)
);
create index vocabulary_root on vocabulary (lang, root);
create index vocabulary_folded on vocabulary (folded);
create index vocabulary_near on vocabulary using gin (folded gin_trgm_ops);

-- Texts whose words are still to be learnt; "fresh" ones were not there before.
create table vocabulary_queue (
    item_id bigint primary key references item on delete cascade,
    fresh   boolean not null
);
insert into vocabulary_queue (item_id, fresh) select item_id, true from item_text;
-- +goose StatementBegin
create function vocabulary_queued() returns trigger language plpgsql as $$
begin
    insert into vocabulary_queue (item_id, fresh) values (new.item_id, tg_op = 'INSERT') on conflict do nothing;
    return null;
end $$;
-- +goose StatementEnd
create trigger vocabulary_queued after insert or update of body on item_text for each row execute function vocabulary_queued();

create table glossary_term (
    id         bigint generated always as identity primary key,
    slug       text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 60),
    source     text not null default '' check (char_length(source) <= 500),
    revision   integer not null default 1,
    request    uuid not null unique,
    created_by bigint references account on delete set null,
    created_at timestamptz not null,
    updated_by bigint references account on delete set null,
    updated_at timestamptz not null
);
create table glossary_definition (
    term_id bigint not null references glossary_term on delete cascade,
    lang    text not null check (lang in ('en', 'de', 'fr', 'el')),
    text    text not null check (char_length(text) between 1 and 600),
    primary key (term_id, lang)
);
-- "key": the roots of the word's or phrase's content words, as queries are compared with it.
create table glossary_word (
    term_id  bigint not null references glossary_term on delete cascade,
    lang     text not null check (lang in ('en', 'de', 'fr', 'el')),
    position smallint not null,
    word     text not null check (char_length(word) between 1 and 80),
    key      text not null,
    primary key (term_id, lang, position)
);
create index glossary_key on glossary_word (key, lang);
