-- Threads with replies.
-- +goose Up
create table discussion (
    item_id      bigint primary key,
    kind         text not null default 'discussion' check (kind = 'discussion'),
    form         text not null check (form in ('conversation', 'announcement')),
    replies      integer not null default 0 check (replies >= 0),
    last_number  integer not null default 0,
    last_author_id bigint references account,
    foreign key (item_id, kind) references item (id, kind) on delete cascade
);

create table reply (
    item_id   bigint primary key,
    kind      text not null default 'reply' check (kind = 'reply'),
    answers   integer check (answers >= 0),
    foreign key (item_id, kind) references item (id, kind) on delete cascade
);
