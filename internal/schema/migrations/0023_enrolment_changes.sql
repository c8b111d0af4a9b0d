-- +goose Up
-- What people decide about one place on a list in force: to suspend or end it, to take that back, to give
-- the money to somebody else of the family. One asks, another decides.

CREATE TABLE enrolment_change (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	enrolment_id UUID NOT NULL,
	programme TEXT NOT NULL,
	family_id UUID NOT NULL,
	person_id UUID,                 -- whom a personal programme is for; empty when the place is the family's
	area_code BIGINT NOT NULL,
	kind TEXT NOT NULL,             -- suspend, resume, end, restore, payee
	reason TEXT NOT NULL,           -- code of data/reasons; empty for a payee
	note TEXT NOT NULL,
	payee_before UUID,
	payee_after UUID,
	state TEXT NOT NULL,            -- open, done, refused, withdrawn
	asked_by UUID NOT NULL,
	asked_at BIGINT NOT NULL,
	decided_by UUID,
	decided_at BIGINT NOT NULL,
	answer TEXT NOT NULL,           -- what the second person wrote
	letter_id UUID,                 -- that told the family
	lifted_at BIGINT NOT NULL,      -- when a suspension or end was taken back; 0 while it stands
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX enrolment_change_open ON enrolment_change (kabkota, enrolment_id) WHERE state = 'open';
CREATE INDEX enrolment_change_of ON enrolment_change (kabkota, enrolment_id, id);
CREATE INDEX enrolment_change_queue ON enrolment_change (kabkota, state, area_code, id);
-- What stands of a programme is asked whenever its next list is made or put in force.
CREATE INDEX enrolment_change_standing ON enrolment_change (kabkota, programme, kind, family_id) WHERE state = 'done' AND lifted_at = 0;

-- +goose Down
SELECT 1;
