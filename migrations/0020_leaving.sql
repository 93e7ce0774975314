-- Who has left for good: the account stays for what others need, without anything that names a person.
-- +goose Up
alter table account add column left_at timestamptz;
