-- +goose Up

-- A file somebody gave to a case: a proposal, an objection or a complaint. What it is about stands in the case; here stands
-- what kind of paper it is, and where its content lies. A file's own name is not kept: people put names and numbers in it.
CREATE TABLE paper (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	case_kind TEXT NOT NULL,        -- proposal, grievance
	case_id UUID NOT NULL,          -- until the case is filed: of its form
	filed SMALLINT NOT NULL,        -- 0: the form is not sent yet
	area_code BIGINT NOT NULL,      -- of the village it was given in; a filed case says itself where it belongs
	what TEXT NOT NULL,             -- ktp, kk, rumah, lain
	format TEXT NOT NULL,           -- pdf, jpeg, png: by its content
	size BIGINT NOT NULL,           -- bytes of the plain file
	digest UUID NOT NULL,           -- keyed hash of the content, by which it is found in paper_part
	added_by UUID NOT NULL,
	added_at BIGINT NOT NULL,
	removed_at BIGINT NOT NULL,     -- 0: it is there
	removed_by UUID,
	removed_why TEXT NOT NULL,      -- taken_out, unsent, retention
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX paper_case ON paper (kabkota, case_id, id);
CREATE INDEX paper_content ON paper (kabkota, digest, removed_at);
CREATE INDEX paper_age ON paper (kabkota, removed_at, added_at, id);

-- The content of papers in pieces, each sealed. The same file is kept once a district, however many cases it belongs to.
CREATE TABLE paper_part (
	kabkota INTEGER NOT NULL,
	digest UUID NOT NULL,
	part INTEGER NOT NULL,          -- from 0
	content BYTEA NOT NULL,         -- sealed, 32 KiB at most before
	PRIMARY KEY (kabkota, digest, part)
);

-- +goose Down
SELECT 1;
