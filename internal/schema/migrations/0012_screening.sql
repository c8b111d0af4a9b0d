-- +goose Up
-- What a finding needs beside 0002: when it may come into force, what it did, and who said what.

ALTER TABLE finding ADD COLUMN due_on TEXT NOT NULL DEFAULT '';       -- last day of the notice; a removal is later
ALTER TABLE finding ADD COLUMN effective_on TEXT NOT NULL DEFAULT ''; -- in force since this day; empty: not in force
ALTER TABLE finding ADD COLUMN ended SMALLINT NOT NULL DEFAULT 0;     -- 1: this finding ended the person's record
ALTER TABLE finding ADD COLUMN verify_id UUID;                        -- the run that upheld it, when one did
ALTER TABLE finding ADD COLUMN removal_id UUID;                       -- the run that put it in force
ALTER TABLE finding ADD COLUMN notice_id UUID;                        -- letter of notice
ALTER TABLE finding ADD COLUMN letter_id UUID;                        -- letter of removal
ALTER TABLE finding ADD COLUMN decided_by UUID;                       -- who last upheld or dismissed it
CREATE INDEX finding_due ON finding (kabkota, state, family_id, id);
CREATE INDEX finding_made ON finding (kabkota, run_id, family_id, id);
CREATE INDEX finding_verify ON finding (kabkota, verify_id, family_id, id);
CREATE INDEX finding_removal ON finding (kabkota, removal_id, family_id, id);

-- What people said and decided about a finding.
CREATE TABLE finding_event (
	kabkota INTEGER NOT NULL,
	finding_id UUID NOT NULL,
	seq INTEGER NOT NULL,           -- version of the finding after it
	at BIGINT NOT NULL,
	actor_id UUID NOT NULL,
	action TEXT NOT NULL,           -- uphold, dismiss, appeal
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	reason TEXT NOT NULL,
	note BYTEA,                     -- sealed
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, finding_id, seq)
);

ALTER TABLE letter ADD COLUMN revoked_at BIGINT NOT NULL DEFAULT 0;   -- not valid any more since

-- +goose Down
SELECT 1;
