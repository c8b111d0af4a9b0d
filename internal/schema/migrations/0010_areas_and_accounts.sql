-- +goose Up
-- Changes of area codes by decree, and what signing in and granting roles need beside 0001.

CREATE TABLE area_change (
	id UUID NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,             -- recode, split
	area_code BIGINT NOT NULL,      -- the area the decree is about, by its code of that day
	valid_from TEXT NOT NULL,
	legal_basis TEXT NOT NULL,
	document TEXT NOT NULL,         -- JSON: the change as proposed
	digest TEXT NOT NULL,           -- SHA-256 of the document, hex
	state TEXT NOT NULL,            -- awaiting, running, done, withdrawn
	proposed_by UUID NOT NULL,
	proposed_at BIGINT NOT NULL,
	approved_by UUID,
	approved_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	version INTEGER NOT NULL
);
CREATE INDEX area_change_list ON area_change (proposed_at, id);

-- One line an area whose code changes: the steps of a change, each done in one transaction.
CREATE TABLE area_move (
	change_id UUID NOT NULL,
	seq INTEGER NOT NULL,
	from_code BIGINT NOT NULL,
	to_code BIGINT NOT NULL,
	from_kabkota INTEGER NOT NULL,
	to_kabkota INTEGER NOT NULL,
	name TEXT NOT NULL,             -- new name, empty when it stays
	done SMALLINT NOT NULL,
	PRIMARY KEY (change_id, seq)
);

-- A role asked for and not yet decided by a second person.
CREATE TABLE grant_request (
	id UUID NOT NULL PRIMARY KEY,
	account_id UUID NOT NULL,
	role TEXT NOT NULL,
	area_code BIGINT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	state TEXT NOT NULL,            -- awaiting, approved, refused, withdrawn
	requested_by UUID NOT NULL,
	requested_at BIGINT NOT NULL,
	decided_by UUID,
	decided_at BIGINT NOT NULL
);
CREATE INDEX grant_request_queue ON grant_request (state, area_code, id);
CREATE INDEX grant_request_account ON grant_request (account_id, id);

CREATE INDEX account_grant_area ON account_grant (area_code, account_id);
CREATE INDEX session_account ON session (account_id);

-- 0: the password stands; else it was given out by an administrator, must be changed at the
-- first sign-in, and is dead from this instant on.
ALTER TABLE account ADD COLUMN password_until BIGINT NOT NULL DEFAULT 0;

-- Failed sign-ins by client address and by logins that do not exist, under a keyed hash.
CREATE TABLE sign_in_failure (
	key UUID NOT NULL PRIMARY KEY,
	failures INTEGER NOT NULL,
	locked_until BIGINT NOT NULL    -- in the past: the time of the last failure
);
CREATE INDEX sign_in_failure_old ON sign_in_failure (locked_until);

-- +goose Down
SELECT 1;
