-- The library reads narrow rows, and counts from cells counted beforehand: to count 100,000 entries by six properties takes longer than a page may.
-- +goose Up
-- One row for each entry that was not removed, derived from it by triggers; library_due says how.
create table library (
    entry_id     bigint primary key references entry on delete cascade,
    community_id bigint not null,
    audience     smallint not null,
    author_id    bigint,
    writers      bigint[] not null, -- accounts: the author and the co-authors
    form         text not null,
    lang         text not null,
    uses         integer not null,
    cities       integer not null,
    endorsed     boolean not null,
    evidence     smallint not null, -- 0 nobody used it yet, 1 used, 2 used in several cities; and 4 more when it is endorsed
    standing     bigint not null,   -- cities, uses and endorsement as one number, the best evidence the greatest
    age          smallint not null, -- years since it was last known to be true, 2 at most: as of the day on which that was looked at
    topics       bigint[] not null,
    tags         bigint[] not null,
    title_key    text collate "C" not null, -- by which titles are ordered
    fresh_at     timestamptz not null, -- edited, shared, or said to be still true
    shared_at    timestamptz not null,
    active_at    timestamptz not null,
    marks        text[] not null -- what narrows a list, each a letter and a value: f form, l language, e evidence, a age, c community, t topic, g tag, w writer, d draft
);
create index library_by_activity on library (active_at desc, entry_id desc);
create index library_by_newness on library (shared_at desc, entry_id desc);
create index library_by_standing on library (standing desc, entry_id desc);
create index library_by_title on library (title_key, entry_id);
create index library_by_age on library (age, active_at desc, entry_id desc);
create index library_marks on library using gin (marks) with (fastupdate = off);

-- How many shared entries there are of a kind; topic 0 counts each once, any other those with that topic. A cell may stand in several rows,
-- whose sum holds: who writes adds a row and waits for nobody; library_fold puts them together.
create table library_count (
    community_id bigint not null,
    audience     smallint not null,
    form         text not null,
    lang         text not null,
    evidence     smallint not null,
    age          smallint not null,
    topic_id     bigint not null,
    n            integer not null
);
create index on library_count (topic_id);

create function library_age(fresh timestamptz, at timestamptz) returns smallint language sql stable as
    $$ select case when fresh > at - interval '1 year' then 0 when fresh > at - interval '2 years' then 1 else 2 end::smallint $$;

create view library_due as
select d.*, array['f' || form, 'l' || lang, 'e' || evidence, 'a' || age, 'c' || community_id] || case when audience = 3 then array['d'] else '{}' end
    || array(select 't' || t from unnest(topics) t) || array(select 'g' || t from unnest(tags) t) || array(select 'w' || t from unnest(writers) t) as marks
from (select i.id as entry_id, i.community_id, i.audience, i.author_id, array(select w from (select i.author_id as w union select account_id from entry_author where entry_id = i.id) t where w is not null order by w) as writers,
        e.form, i.lang, e.uses, e.cities, e.endorsed_at is not null as endorsed,
        (case when e.cities > 1 then 2 when e.uses > 0 then 1 else 0 end + case when e.endorsed_at is null then 0 else 4 end)::smallint as evidence,
        least(e.cities, 9999) * 100000::bigint + least(e.uses, 9999) * 10 + (e.endorsed_at is not null)::int as standing,
        library_age(f.fresh_at, now()) as age,
        array(select topic_id from entry_topic where entry_id = i.id order by topic_id) as topics, array(select tag_id from item_tag where item_id = i.id order by tag_id) as tags,
        left(lower(unaccent(i.title)), 100) collate "C" as title_key, f.fresh_at, coalesce(e.shared_at, i.created_at) as shared_at, i.active_at
    from item i join entry e on e.item_id = i.id, lateral (select coalesce(greatest(i.edited_at, e.checked_at, e.shared_at), i.created_at) as fresh_at) f
    where i.removed_at is null) d;

-- +goose StatementBegin
create function library_renew(ids bigint[]) returns void language plpgsql as $$
begin
    -- Whoever changes the same entry at once waits here, and then sees what was changed.
    perform from unnest(ids) of_(id) join entry e on e.item_id = of_.id order by e.item_id for no key update of e;
    if not found then
        return;
    end if;
    delete from library l using unnest(ids) of_(id) left join item i on i.id = of_.id where l.entry_id = of_.id and (i.id is null or i.removed_at is not null);
    insert into library as l select due.* from unnest(ids) of_(id) join library_due due on due.entry_id = of_.id order by due.entry_id
        on conflict (entry_id) do update set (community_id, audience, author_id, writers, form, lang, uses, cities, endorsed, evidence, standing, age, topics, tags, title_key, fresh_at, shared_at, active_at, marks)
            = (excluded.community_id, excluded.audience, excluded.author_id, excluded.writers, excluded.form, excluded.lang, excluded.uses, excluded.cities, excluded.endorsed, excluded.evidence, excluded.standing, excluded.age,
                excluded.topics, excluded.tags, excluded.title_key, excluded.fresh_at, excluded.shared_at, excluded.active_at, excluded.marks)
        where l is distinct from excluded;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function library_follows_item() returns trigger language plpgsql as $$
begin
    perform library_renew(array[new.id]);
    return null;
end $$;
-- +goose StatementEnd
create trigger library_follows after update on item for each row
    when (new.kind = 'entry' and (old.community_id, old.audience, old.author_id, old.lang, old.title, old.edited_at, old.active_at, old.removed_at)
        is distinct from (new.community_id, new.audience, new.author_id, new.lang, new.title, new.edited_at, new.active_at, new.removed_at))
    execute function library_follows_item();

-- +goose StatementBegin
create function library_follows_items() returns trigger language plpgsql as $$
begin
    perform library_renew(array(select distinct item_id from changed));
    return null;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function library_follows_entries() returns trigger language plpgsql as $$
begin
    perform library_renew(array(select distinct entry_id from changed));
    return null;
end $$;
-- +goose StatementEnd
create trigger library_follows_new after insert on entry referencing new table as changed for each statement execute function library_follows_items();
create trigger library_follows_changed after update on entry referencing new table as changed for each statement execute function library_follows_items();
create trigger library_follows_new after insert on item_tag referencing new table as changed for each statement execute function library_follows_items();
create trigger library_follows_gone after delete on item_tag referencing old table as changed for each statement execute function library_follows_items();
create trigger library_follows_new after insert on entry_topic referencing new table as changed for each statement execute function library_follows_entries();
create trigger library_follows_gone after delete on entry_topic referencing old table as changed for each statement execute function library_follows_entries();
create trigger library_follows_new after insert on entry_author referencing new table as changed for each statement execute function library_follows_entries();
create trigger library_follows_changed after update on entry_author referencing new table as changed for each statement execute function library_follows_entries();
create trigger library_follows_gone after delete on entry_author referencing old table as changed for each statement execute function library_follows_entries();

-- The cells follow the rows.
-- +goose StatementBegin
create function library_counts() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into library_count select community_id, audience, form, lang, evidence, age, topic, count(*) from is_now, unnest(0::bigint || topics) topic where audience < 3 group by 1, 2, 3, 4, 5, 6, 7;
    elsif tg_op = 'DELETE' then
        insert into library_count select community_id, audience, form, lang, evidence, age, topic, -count(*) from was, unnest(0::bigint || topics) topic where audience < 3 group by 1, 2, 3, 4, 5, 6, 7;
    else
        insert into library_count select community_id, audience, form, lang, evidence, age, topic, sum(n) from (
                select community_id, audience, form, lang, evidence, age, topics, 1 as n from is_now union all select community_id, audience, form, lang, evidence, age, topics, -1 from was) both_, unnest(0::bigint || topics) topic
            where audience < 3 group by 1, 2, 3, 4, 5, 6, 7 having sum(n) <> 0;
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger library_counts_new after insert on library referencing new table as is_now for each statement execute function library_counts();
create trigger library_counts_gone after delete on library referencing old table as was for each statement execute function library_counts();
create trigger library_counts_changed after update on library referencing old table as was new table as is_now for each statement execute function library_counts();

-- Once a day: the ages as of that moment, and every cell in one row.
-- +goose StatementBegin
create function library_tidy(at timestamptz) returns void language plpgsql as $$
begin
    update library set age = library_age(fresh_at, at), marks = array_replace(marks, 'a' || age, 'a' || library_age(fresh_at, at)) where age <> library_age(fresh_at, at);
    with parts as (delete from library_count returning *)
    insert into library_count select community_id, audience, form, lang, evidence, age, topic_id, sum(n) from parts group by 1, 2, 3, 4, 5, 6, 7 having sum(n) <> 0;
end $$;
-- +goose StatementEnd

select library_renew(array(select item_id from entry));
select library_tidy(now());
