-- +goose Up

-- Of everybody who does not match: whom of the civil registry she probably is, and what is probably wrong. It is worked out
-- anew by each run and holds no value of the civil registry in the clear. A row counts only while everything it was worked
-- out from is as it was: her row, her family's, and the basis.
CREATE TABLE match_suggestion (
	kabkota INTEGER NOT NULL,
	person_id UUID NOT NULL,
	person_version INTEGER NOT NULL,
	family_version INTEGER NOT NULL,
	basis UUID NOT NULL,            -- digest of the age of the civil data, the model and the mode of answers
	rank INTEGER NOT NULL,          -- place in the queue: the surest to mend first
	cause TEXT NOT NULL,            -- what is probably wrong, first of several
	outcome SMALLINT NOT NULL,      -- 0 not looked for, 1 nobody, 2 somebody has to look, 3 found
	civil_hash UUID,                -- keyed hash of the NIK of the civil person
	taken SMALLINT NOT NULL,        -- 1: another person of the registry holds that NIK, or is likely to be her too
	probability DOUBLE PRECISION NOT NULL,
	weight DOUBLE PRECISION NOT NULL, -- bits
	gap DOUBLE PRECISION NOT NULL,  -- bits ahead of the next, -1 without a next
	document BYTEA NOT NULL,        -- sealed JSON: how each field agrees
	model TEXT NOT NULL,
	civil_at BIGINT NOT NULL,       -- when the newest civil record was kept
	recorded_at BIGINT NOT NULL,
	run_id UUID NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, person_id)
);
CREATE INDEX match_suggestion_queue ON match_suggestion (kabkota, basis, rank, person_id);
CREATE INDEX match_suggestion_cause ON match_suggestion (kabkota, basis, cause, rank, person_id);
CREATE INDEX match_suggestion_run ON match_suggestion (kabkota, run_id, person_id);
-- How old the civil data are is asked at every page of the queue.
CREATE INDEX civil_record_recorded ON civil_record (recorded_at);

-- +goose Down
SELECT 1;
