-- What a state of an item said beside its title and text, on one line: the target of a criterion.
-- +goose Up
alter table item_revision add column detail text not null default '' check (char_length(detail) <= 1000);
