-- +goose Up

-- A code on paper with which one person opens her own pages, beside her NIK. The code itself is nowhere: only a keyed hash
-- of it together with the person. It stays in its district when the person moves to another: she is given a new one there.
CREATE TABLE access_code (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	person_id UUID NOT NULL,
	area_code BIGINT NOT NULL,      -- of the village she lived in when it was given
	letter_id UUID NOT NULL,        -- the paper, in the register of letters
	number TEXT NOT NULL,           -- of the paper: S-2026-00012
	code_hash UUID NOT NULL,        -- keyed hash of the person's id and the code
	purpose TEXT NOT NULL,          -- why it was given, as the officer noted it
	issued_at BIGINT NOT NULL,
	issued_by UUID NOT NULL,
	expires_on TEXT NOT NULL,       -- last local date on which it opens anything
	used_at BIGINT NOT NULL,        -- last time it did; 0 never
	uses INTEGER NOT NULL,
	ended_at BIGINT NOT NULL,       -- 0: not taken back
	ended_by UUID,
	ended_why TEXT NOT NULL,        -- revoked, replaced, own
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX access_code_person ON access_code (kabkota, person_id, id);

-- +goose Down
DROP TABLE access_code;
