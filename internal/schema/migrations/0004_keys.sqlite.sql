-- +goose Up
-- Tables whose key is the row: WITHOUT ROWID on SQLite, plain on PostgreSQL.

CREATE TABLE nik_index (
	nik_hash UUID NOT NULL PRIMARY KEY,
	kabkota INTEGER NOT NULL,
	person_id UUID NOT NULL,        -- the one holder
	family_id UUID NOT NULL,
	contested SMALLINT NOT NULL,    -- 1: another person claims it; the public check answers neutrally
	check_tags BYTEA NOT NULL,      -- 4 bytes for every No. KK held: keyed hash of NIK and its last 6 digits
	listed SMALLINT NOT NULL,       -- 1: in the registry
	programmes TEXT NOT NULL        -- what the public check shows: "pkh 2024-10;sembako 2024-10"
) WITHOUT ROWID;

CREATE TABLE civil_record (
	nik_hash UUID NOT NULL PRIMARY KEY,
	kabkota INTEGER NOT NULL,
	nik BYTEA NOT NULL,             -- sealed
	kk_hash UUID,
	no_kk BYTEA,                    -- sealed
	name TEXT NOT NULL,
	name_norm TEXT NOT NULL,
	sex SMALLINT NOT NULL,
	birth_place TEXT NOT NULL,
	birth_date TEXT NOT NULL,
	mother_name BYTEA,              -- sealed
	relation SMALLINT NOT NULL,
	area_code BIGINT NOT NULL,
	status SMALLINT NOT NULL,       -- civilmatch.State
	as_of TEXT NOT NULL,
	recorded_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source_record (
	kabkota INTEGER NOT NULL,
	source TEXT NOT NULL,
	row_id TEXT NOT NULL,
	person_id UUID NOT NULL,
	family_id UUID NOT NULL,
	digest BIGINT NOT NULL,         -- keyed, of the row's cells
	PRIMARY KEY (kabkota, source, row_id)
) WITHOUT ROWID;

CREATE TABLE run_item (
	kabkota INTEGER NOT NULL,
	run_id UUID NOT NULL,
	subject_id UUID NOT NULL,
	outcome TEXT NOT NULL,
	code TEXT NOT NULL,
	facts TEXT NOT NULL,
	PRIMARY KEY (kabkota, run_id, subject_id)
) WITHOUT ROWID;
CREATE INDEX run_item_subject ON run_item (kabkota, subject_id);

CREATE TABLE rollup (
	kabkota INTEGER NOT NULL,
	period TEXT NOT NULL,           -- "live" or a closed month
	area_code BIGINT NOT NULL,      -- village
	metric TEXT NOT NULL,
	n BIGINT NOT NULL,
	refreshed_at BIGINT NOT NULL,
	PRIMARY KEY (kabkota, period, area_code, metric)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
