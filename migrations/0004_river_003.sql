-- River's own schema, version 3 (river job tags non null), as its migrator prints it; River is under the MPL 2.0.
-- +goose Up
-- +goose StatementBegin
ALTER TABLE river_job ALTER COLUMN tags SET DEFAULT '{}';
UPDATE river_job SET tags = '{}' WHERE tags IS NULL;
ALTER TABLE river_job ALTER COLUMN tags SET NOT NULL;
-- +goose StatementEnd
insert into river_migration (version) values (3);
