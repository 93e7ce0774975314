-- River's own schema, version 8 (job id autoincrement), as its migrator prints it; River is under the MPL 2.0.
-- +goose Up
-- +goose StatementBegin
-- No-op. Postgres sequences already prevent automatically generated job IDs
-- from being reused.
SELECT 1;
-- +goose StatementEnd
insert into river_migration (line, version) values ('main', 8);
