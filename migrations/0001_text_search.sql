-- Text search in four languages, blind to accents.
-- +goose Up
create extension if not exists unaccent;
create extension if not exists pg_trgm;

create text search configuration k_en (copy = pg_catalog.english);
alter text search configuration k_en alter mapping for hword, hword_part, word with unaccent, english_stem;
create text search configuration k_de (copy = pg_catalog.german);
alter text search configuration k_de alter mapping for hword, hword_part, word with unaccent, german_stem;
create text search configuration k_fr (copy = pg_catalog.french);
alter text search configuration k_fr alter mapping for hword, hword_part, word with unaccent, french_stem;
create text search configuration k_el (copy = pg_catalog.greek);
alter text search configuration k_el alter mapping for hword, hword_part, word with unaccent, greek_stem;
