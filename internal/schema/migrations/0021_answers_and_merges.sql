-- +goose Up
-- What a civil registry elsewhere answered, what it was asked a day, and what a merge
-- of duplicates needs beside 0002.

-- Answers of a civil registry that is asked over the network, so that nobody is asked
-- about twice within the age the agreement allows.
CREATE TABLE civil_answer (
	nik_hash UUID NOT NULL PRIMARY KEY,
	mode SMALLINT NOT NULL,         -- civilmatch.Mode of the agreement it was given under
	question UUID,                  -- keyed digest of the fields asked about; a yes or no holds for them alone
	outcome SMALLINT NOT NULL,      -- civilmatch.Outcome
	answer BYTEA NOT NULL,          -- sealed JSON
	answered_at BIGINT NOT NULL
);
CREATE INDEX civil_answer_old ON civil_answer (answered_at);

CREATE TABLE civil_quota (
	registry TEXT NOT NULL,         -- the agreement: address and institution
	day TEXT NOT NULL,              -- local date of the registry
	asked BIGINT NOT NULL,          -- NIKs asked about, retries included
	PRIMARY KEY (registry, day)
);

-- right_area: of the right person, as area_code of the left, so that both see the pair in their
-- queue. A pair an import found has 0 until the next dedupe run.
ALTER TABLE link_pair ADD COLUMN right_area BIGINT NOT NULL DEFAULT 0;
ALTER TABLE link_pair ADD COLUMN decision TEXT NOT NULL DEFAULT '';
ALTER TABLE link_pair ADD COLUMN note BYTEA; -- sealed
CREATE INDEX link_pair_right ON link_pair (right_kabkota, state, right_area, id);
CREATE INDEX link_pair_mirror ON link_pair (kabkota, right_id);

-- state: awaiting a second person, done, refused, undone.
ALTER TABLE merge ADD COLUMN state TEXT NOT NULL DEFAULT 'done';
ALTER TABLE merge ADD COLUMN kept_kabkota INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merge ADD COLUMN merged_kabkota INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merge ADD COLUMN asked_by UUID;
ALTER TABLE merge ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE merge ADD COLUMN decided_by UUID;
ALTER TABLE merge ADD COLUMN undone_by UUID;
-- The keyed hashes of both NIKs before the merge: merges that share one are undone last first.
ALTER TABLE merge ADD COLUMN kept_nik UUID;
ALTER TABLE merge ADD COLUMN merged_nik UUID;
CREATE INDEX merge_pair ON merge (kabkota, pair_id, asked_at);
CREATE INDEX merge_kept ON merge (kabkota, kept_id, merged_at);
CREATE INDEX merge_kept_nik ON merge (kabkota, kept_nik);
CREATE INDEX merge_merged_nik ON merge (kabkota, merged_nik);

-- +goose Down
SELECT 1;
