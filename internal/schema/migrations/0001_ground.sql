-- +goose Up
-- Who we are, who acts, what was done. Types: see docs/architecture.md, "Types".

CREATE TABLE installation (
	id UUID NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	level TEXT NOT NULL,            -- village, district, province, nation
	training SMALLINT NOT NULL,     -- 1: LATIHAN, may perform every level
	areas TEXT NOT NULL,            -- area codes it writes for, comma separated
	loading SMALLINT NOT NULL,      -- 1: a bulk load was under way; indexes are rebuilt at start
	created_at BIGINT NOT NULL
);

CREATE TABLE tenant (
	kabkota INTEGER NOT NULL PRIMARY KEY,
	area_code BIGINT NOT NULL,      -- today's code of the district
	zone TEXT NOT NULL,             -- WIB, WITA, WIT
	seq BIGINT NOT NULL,            -- last number given out in change
	sealed_seq BIGINT NOT NULL      -- last audit seal
);

CREATE TABLE area (
	code BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	name_norm TEXT NOT NULL,
	kind TEXT NOT NULL,
	level SMALLINT NOT NULL,
	parent BIGINT NOT NULL,
	kabkota INTEGER NOT NULL,       -- storage tenant, 0 above the district
	village_id BIGINT NOT NULL,     -- stable number of a village, 0 above it
	bps_code TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL
);
CREATE INDEX area_parent ON area (parent, code);

CREATE TABLE area_alias (
	old_code BIGINT NOT NULL,
	new_code BIGINT NOT NULL,
	valid_from TEXT NOT NULL,
	legal_basis TEXT NOT NULL,
	PRIMARY KEY (old_code, new_code)
);

CREATE TABLE account (
	id UUID NOT NULL PRIMARY KEY,
	login TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	password TEXT NOT NULL,         -- argon2id, PHC string
	totp BYTEA,                     -- sealed
	totp_step BIGINT NOT NULL,
	demo SMALLINT NOT NULL,
	state TEXT NOT NULL,            -- active, suspended
	failures INTEGER NOT NULL,
	locked_until BIGINT NOT NULL,
	last_login BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	version INTEGER NOT NULL
);

CREATE TABLE account_grant (
	account_id UUID NOT NULL,
	role TEXT NOT NULL,
	area_code BIGINT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	granted_by UUID,
	PRIMARY KEY (account_id, role, area_code, valid_from)
);

CREATE TABLE session (
	token UUID NOT NULL PRIMARY KEY, -- keyed hash of the cookie
	account_id UUID,
	data BYTEA NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE audit_entry (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	at BIGINT NOT NULL,
	act TEXT NOT NULL,
	act_id UUID NOT NULL,
	actor_id UUID NOT NULL,
	role TEXT NOT NULL,
	subject UUID,
	area_code BIGINT NOT NULL,
	purpose TEXT NOT NULL,
	facts TEXT NOT NULL,            -- JSON: ids, codes, counts and digests, never personal data
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX audit_subject ON audit_entry (kabkota, subject, id);
CREATE INDEX audit_actor ON audit_entry (kabkota, actor_id, id);

CREATE TABLE audit_seal (
	kabkota INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	leaves INTEGER NOT NULL,
	root BYTEA NOT NULL,
	previous BYTEA NOT NULL,
	signature BYTEA NOT NULL,
	key_id TEXT NOT NULL,
	PRIMARY KEY (kabkota, seq)
);

CREATE TABLE audit_leaf (
	kabkota INTEGER NOT NULL,
	entry_id UUID NOT NULL,
	seq BIGINT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (kabkota, entry_id)
);
CREATE INDEX audit_leaf_seal ON audit_leaf (kabkota, seq, position);

CREATE TABLE change (
	kabkota INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	act_id UUID NOT NULL,
	act TEXT NOT NULL,
	subject UUID,
	at BIGINT NOT NULL,
	PRIMARY KEY (kabkota, seq)
);

CREATE TABLE run (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	number TEXT NOT NULL,
	kind TEXT NOT NULL,             -- import.families, match, dedupe, score, rank, screen, determine, enrol, pay, …
	state TEXT NOT NULL,            -- draft, previewed, awaiting, approved, running, done, failed, cancelled, undoing, undone
	area_code BIGINT NOT NULL,
	settings TEXT NOT NULL,         -- JSON, frozen
	digest TEXT NOT NULL,           -- SHA-256 over inputs and settings, hex
	preview TEXT NOT NULL,          -- JSON: figures and samples
	cursor TEXT NOT NULL,           -- where the next chunk begins
	tally TEXT NOT NULL,            -- JSON: figures so far
	total BIGINT NOT NULL,          -- units of work expected, 0 when not known
	done BIGINT NOT NULL,           -- units of work finished
	chunks INTEGER NOT NULL,
	failure TEXT NOT NULL,          -- code of the failure
	created_by UUID NOT NULL,
	approved_by UUID,
	created_at BIGINT NOT NULL,
	approved_at BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX run_list ON run (kabkota, created_at, id);

-- +goose Down
SELECT 1;
