-- Help requests with their life, who asked discreetly, and entries of the repertoire (first kind: an experience, heard over lunch).
-- +goose Up
alter table discussion drop constraint discussion_form_check;
alter table discussion add constraint discussion_form_check check (form in ('conversation', 'announcement', 'help'));

create table help_request (
    item_id      bigint primary key,
    kind         text not null default 'discussion' check (kind = 'discussion'),
    community_id bigint not null,
    state        text not null default 'asked' check (state in ('asked', 'offered', 'answered', 'closed')),
    state_at     timestamptz not null,
    tried        text not null default '' check (char_length(tried) <= 20000),
    tried_html   text not null default '',
    needed_by    date,
    addressed    text not null default '' check (addressed in ('', 'stakeholder', 'scientist')),
    discreet     boolean not null default false,
    answered_at  timestamptz, -- first answer by somebody else
    ending       text not null default '' check (ending in ('', 'worked', 'nothing', 'not-needed')), -- how it ended, when it is closed
    outcome      text not null default '' check (char_length(outcome) <= 20000), -- what worked, in the asker's words
    outcome_html text not null default '',
    outcome_at   timestamptz,
    foreign key (item_id, kind) references item (id, kind) on delete cascade,
    foreign key (community_id, item_id) references item (community_id, id) on update cascade on delete cascade
);
create index on help_request (community_id, state, state_at);

create table help_offer (
    item_id    bigint not null references help_request on delete cascade,
    account_id bigint not null references account on delete cascade,
    note       text not null default '' check (char_length(note) <= 500),
    at         timestamptz not null,
    primary key (item_id, account_id)
);

-- Replies that the asker says have helped.
create table help_answer (
    item_id  bigint not null references help_request on delete cascade,
    reply_id bigint not null references item on delete cascade,
    primary key (item_id, reply_id)
);

-- Whoever asked discreetly stands nowhere else: the item itself has no author. The row stays when the account goes: that a former member
-- asked would tell who.
create table discreet_author (
    item_id    bigint primary key references item on delete cascade,
    account_id bigint references account on delete set null
);
create index on discreet_author (account_id);

create table entry (
    item_id bigint primary key,
    kind    text not null default 'entry' check (kind = 'entry'),
    form    text not null check (form in ('case', 'method', 'tool', 'story', 'experience', 'problem')),
    fields  jsonb not null default '{}',
    foreign key (item_id, kind) references item (id, kind) on delete cascade
);
