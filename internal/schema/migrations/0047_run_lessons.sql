-- +goose Up

-- What the list of a search for duplicates taught it: how many bits two rows that agree in a column gain, and two that differ lose.
-- It stays with the run, so that its pairs can be explained with the numbers they were found with.
CREATE TABLE run_lesson (
	kabkota INTEGER NOT NULL,
	run_id UUID NOT NULL,
	column_name TEXT NOT NULL,            -- its name in the model of linkage: entered, source
	household SMALLINT NOT NULL,          -- 1 of pairs of one household, 0 of others
	title TEXT NOT NULL,                  -- of the column in the table the search reads
	same_bits DOUBLE PRECISION NOT NULL,  -- what two rows that agree gain, in bits
	differ_bits DOUBLE PRECISION NOT NULL, -- and two that differ
	pairs BIGINT NOT NULL,                -- doubtful pairs that taught it
	PRIMARY KEY (kabkota, run_id, column_name, household)
);

-- +goose Down
DROP TABLE run_lesson;
