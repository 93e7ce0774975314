-- Lines of a desk that somebody put off.
-- +goose Up
create table desk_later (
    account_id bigint not null references account on delete cascade,
    line       text not null check (char_length(line) between 1 and 80),
    until      timestamptz not null,
    primary key (account_id, line)
);
