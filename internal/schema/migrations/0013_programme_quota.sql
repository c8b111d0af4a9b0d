-- +goose Up

-- How many places a programme has in a district, from a day on. Rows are only added:
-- a correction of a day is its next version, and the highest version counts.
CREATE TABLE programme_quota (
	kabkota INTEGER NOT NULL,
	programme TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	version INTEGER NOT NULL,
	quota BIGINT NOT NULL,          -- places, in the programme's unit
	legal_basis TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, programme, valid_from, version)
);

-- A file of deciles may name a family by its old DTKS/BDT number alone.
CREATE INDEX family_registry ON family (kabkota, registry_id);

-- A list is written by family and read by priority, and its rows change state together: an index
-- that holds the state would be written twice for nothing.
DROP INDEX enrolment_list;
DROP INDEX enrolment_queue;
CREATE INDEX enrolment_list ON enrolment (kabkota, list_id, position);
CREATE INDEX enrolment_queue ON enrolment (kabkota, programme, state, area_code, position);

-- +goose Down
SELECT 1;
