-- +goose Up

-- Lists of families are read in the order of area, head and id whatever they are filtered by:
-- each filter has an index in that order, so that a page is twenty steps along it however few
-- families of a million fit.
DROP INDEX family_decile;
CREATE INDEX family_decile ON family (kabkota, decile, area_code, head_name, id);
CREATE INDEX family_unmatched ON family (kabkota, area_code, head_name, id) WHERE unmatched > 0;
CREATE INDEX family_decile_unmatched ON family (kabkota, decile, area_code, head_name, id) WHERE unmatched > 0;

-- +goose Down
SELECT 1;
