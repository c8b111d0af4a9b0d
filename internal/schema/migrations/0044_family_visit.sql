-- +goose Up

-- A visit to a family of the registry: when, by whom and what was found. Who was met and what was noted are sealed.
CREATE TABLE family_visit (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	family_id UUID NOT NULL,
	area_code BIGINT NOT NULL,      -- the family's village on the day of recording
	visited_on TEXT NOT NULL,       -- local date
	outcome TEXT NOT NULL,          -- as_registered, to_mend, moved, not_found or died
	document BYTEA NOT NULL,        -- sealed: who visited, who was met, the note
	recorded_by UUID NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX family_visit_family ON family_visit (kabkota, family_id, visited_on, id);

-- +goose Down
DROP TABLE family_visit;
