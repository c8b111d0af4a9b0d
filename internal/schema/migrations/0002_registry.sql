-- +goose Up

CREATE TABLE family (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	state SMALLINT NOT NULL,        -- 1 active, 2 ended, 3 moved away, 4 merged, 5 erased, 6 proposed (not yet determined)
	area_code BIGINT NOT NULL,
	village_id BIGINT NOT NULL,
	no_kk BYTEA,                    -- sealed
	kk_hash UUID,
	registry_id TEXT NOT NULL,      -- old DTKS/BDT family id
	household_id TEXT NOT NULL,
	head_name TEXT NOT NULL,
	address TEXT NOT NULL,
	rt TEXT NOT NULL,
	rw TEXT NOT NULL,
	phone BYTEA,                    -- sealed
	persons INTEGER NOT NULL,       -- active members
	unmatched INTEGER NOT NULL,     -- active members not padan
	source TEXT NOT NULL,
	source_date TEXT NOT NULL,
	since TEXT NOT NULL,            -- in the registry since
	decile SMALLINT NOT NULL,       -- today's decile in force, 0 unranked
	decile_source SMALLINT NOT NULL,-- 0 none, 1 official, 2 demonstration model
	decile_vintage TEXT NOT NULL,
	score DOUBLE PRECISION,         -- ln of estimated spending per head; only from the demonstration model
	PRIMARY KEY (kabkota, id)
);

CREATE TABLE person (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	state SMALLINT NOT NULL,        -- as family; 7 dead
	family_id UUID NOT NULL,
	member_since TEXT NOT NULL,     -- valid time of this membership
	area_code BIGINT NOT NULL,
	village_id BIGINT NOT NULL,
	nik BYTEA,                      -- sealed
	nik_hash UUID,
	nik_state SMALLINT NOT NULL,    -- 0 none, 1 holder, 2 contested, 3 not a valid NIK
	name TEXT NOT NULL,
	name_norm TEXT NOT NULL,
	sex SMALLINT NOT NULL,          -- 0 unknown, 1 L, 2 P
	birth_place TEXT NOT NULL,
	birth_date TEXT NOT NULL,
	mother_name BYTEA,              -- sealed
	relation SMALLINT NOT NULL,
	phone BYTEA,                    -- sealed
	match_status SMALLINT NOT NULL, -- civilmatch.Status; 0 pending
	match_fields INTEGER NOT NULL,  -- bit set of differing fields
	matched_at BIGINT NOT NULL,
	source TEXT NOT NULL,
	source_date TEXT NOT NULL,
	ended_reason TEXT NOT NULL,
	PRIMARY KEY (kabkota, id)
);

CREATE TABLE family_history (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	recorded_from BIGINT NOT NULL,
	recorded_to BIGINT NOT NULL,
	act_id UUID NOT NULL,           -- the act that superseded it
	document BYTEA NOT NULL,        -- sealed JSON of the row
	PRIMARY KEY (kabkota, id, version)
);

CREATE TABLE person_history (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	recorded_from BIGINT NOT NULL,
	recorded_to BIGINT NOT NULL,
	act_id UUID NOT NULL,
	document BYTEA NOT NULL,
	PRIMARY KEY (kabkota, id, version)
);

-- Ended memberships; the current one is in person (family_id, member_since).
CREATE TABLE membership (
	kabkota INTEGER NOT NULL,
	person_id UUID NOT NULL,
	family_id UUID NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, person_id, family_id, valid_from)
);

CREATE TABLE answers (
	kabkota INTEGER NOT NULL,
	subject_id UUID NOT NULL,       -- family or person
	form TEXT NOT NULL,             -- family, person
	questionnaire TEXT NOT NULL,    -- version, such as regsosek22k
	source TEXT NOT NULL,
	collected_at TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	document TEXT NOT NULL,         -- JSON: item to answer
	PRIMARY KEY (kabkota, subject_id, form)
);

CREATE TABLE answers_history (
	kabkota INTEGER NOT NULL,
	subject_id UUID NOT NULL,
	form TEXT NOT NULL,
	recorded_from BIGINT NOT NULL,
	recorded_to BIGINT NOT NULL,
	questionnaire TEXT NOT NULL,
	source TEXT NOT NULL,
	collected_at TEXT NOT NULL,
	act_id UUID NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (kabkota, subject_id, form, recorded_from)
);

-- Deciles by vintage; official ones are never overwritten by the model's.
CREATE TABLE decile (
	kabkota INTEGER NOT NULL,
	family_id UUID NOT NULL,
	vintage TEXT NOT NULL,
	source SMALLINT NOT NULL,       -- 1 official, 2 demonstration model
	decile SMALLINT NOT NULL,
	score DOUBLE PRECISION,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	explanation TEXT NOT NULL,      -- JSON
	PRIMARY KEY (kabkota, family_id, vintage, source)
);

CREATE TABLE evidence (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	nik_hash UUID NOT NULL,
	person_id UUID,                 -- empty: nobody in the registry holds the NIK
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	as_of TEXT NOT NULL,
	source TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);

CREATE TABLE finding (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	run_id UUID NOT NULL,
	person_id UUID NOT NULL,
	family_id UUID NOT NULL,
	area_code BIGINT NOT NULL,
	criterion TEXT NOT NULL,
	hits SMALLINT NOT NULL,         -- 1 person, 2 payee, 3 family
	action TEXT NOT NULL,           -- remove, verify
	reason TEXT NOT NULL,
	evidence_id UUID,
	facts TEXT NOT NULL,            -- JSON: fact names and values that made it true
	state TEXT NOT NULL,            -- found, noticed, removed, appealed, dismissed, undone
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);

CREATE TABLE link_pair (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	left_id UUID NOT NULL,
	right_id UUID NOT NULL,
	right_kabkota INTEGER NOT NULL,
	area_code BIGINT NOT NULL,      -- of the left person
	kind TEXT NOT NULL,             -- contested, exact, fuzzy
	weight DOUBLE PRECISION NOT NULL,
	probability DOUBLE PRECISION NOT NULL,
	reasons TEXT NOT NULL,          -- JSON: contribution per comparison, no values
	state TEXT NOT NULL,            -- open, merged, distinct
	decided_by UUID,
	decided_at BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX link_pair_sides ON link_pair (kabkota, left_id, right_id);
CREATE INDEX link_pair_queue ON link_pair (kabkota, state, area_code, id);

CREATE TABLE merge (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	pair_id UUID NOT NULL,
	kept_id UUID NOT NULL,
	merged_id UUID NOT NULL,
	plan BYTEA NOT NULL,            -- sealed JSON: both rows before the merge
	merged_at BIGINT NOT NULL,
	undo_until BIGINT NOT NULL,
	undone_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);

CREATE TABLE letter (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	number TEXT NOT NULL,
	kind TEXT NOT NULL,             -- registration, award, removal, refusal, civil
	subject_id UUID NOT NULL,
	area_code BIGINT NOT NULL,
	facts TEXT NOT NULL,            -- JSON: what the letter says, ids and codes only
	code TEXT NOT NULL,             -- short code printed beside the QR
	issued_at BIGINT NOT NULL,
	expires_at TEXT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX letter_code ON letter (kabkota, code);
CREATE INDEX letter_subject ON letter (kabkota, subject_id, id);

-- +goose Down
SELECT 1;
