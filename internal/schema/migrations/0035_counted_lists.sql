-- +goose Up
-- How many rows a list has is counted along its index alone: with the state of the row in it no row is looked up.
DROP INDEX family_name;
CREATE INDEX family_name ON family (kabkota, area_code, head_name, id, state);
DROP INDEX family_decile;
CREATE INDEX family_decile ON family (kabkota, decile, area_code, head_name, id, state);
DROP INDEX family_unmatched;
CREATE INDEX family_unmatched ON family (kabkota, area_code, head_name, id, state) WHERE unmatched > 0;
DROP INDEX family_decile_unmatched;
CREATE INDEX family_decile_unmatched ON family (kabkota, decile, area_code, head_name, id, state) WHERE unmatched > 0;
DROP INDEX person_queue;
CREATE INDEX person_queue ON person (kabkota, match_status, area_code, id, state);

-- +goose Down
SELECT 1;
