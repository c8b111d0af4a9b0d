-- +goose Up
-- Who holds a NIK is found in nik_index: the index on persons is for the others, who are few, and a first import sorts a million numbers less.
DROP INDEX person_nik;
CREATE INDEX person_nik ON person (kabkota, nik_hash) WHERE nik_state <> 1 OR state <> 1;

-- +goose Down
SELECT 1;
