-- +goose Up

-- The outlines of areas, for maps, as the operator imported them: nothing is shipped with Tepat.
-- One row an area; a newer import replaces it. They are drawn, never measured.
CREATE TABLE area_boundary (
	code BIGINT NOT NULL PRIMARY KEY,
	rings TEXT NOT NULL,            -- rings parted by ';': a first point and steps, in units of 0.00001 degree
	source TEXT NOT NULL,           -- who published it, and under which licence
	as_of TEXT NOT NULL,            -- YYYY[-MM[-DD]]: state of the boundaries
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL
);

-- +goose Down
SELECT 1;
