-- +goose Up

CREATE TABLE proposal (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	number TEXT NOT NULL,
	kind TEXT NOT NULL,             -- new_family, change, removal, reinstatement
	channel TEXT NOT NULL,          -- village, citizen
	state TEXT NOT NULL,
	area_code BIGINT NOT NULL,
	village_id BIGINT NOT NULL,
	family_id UUID,
	applicant TEXT NOT NULL,        -- head of family
	document BYTEA NOT NULL,        -- sealed JSON: what was filed
	reason TEXT NOT NULL,
	note TEXT NOT NULL,
	decree_id UUID,
	due_on TEXT NOT NULL,
	filed_at BIGINT NOT NULL,
	filed_by UUID NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX proposal_number ON proposal (kabkota, number);
CREATE INDEX proposal_queue ON proposal (kabkota, state, area_code, due_on, id);

CREATE TABLE proposal_event (
	kabkota INTEGER NOT NULL,
	proposal_id UUID NOT NULL,
	seq INTEGER NOT NULL,
	at BIGINT NOT NULL,
	actor_id UUID NOT NULL,
	role TEXT NOT NULL,
	action TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	reason TEXT NOT NULL,
	note TEXT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, proposal_id, seq)
);

CREATE TABLE decree (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	number TEXT NOT NULL,
	kind TEXT NOT NULL,             -- ratification, determination, programme
	about TEXT NOT NULL,
	decided_on TEXT NOT NULL,
	signed_by TEXT NOT NULL,
	digest TEXT NOT NULL,           -- SHA-256 of the list it covers, hex
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX decree_number ON decree (kabkota, kind, number);

CREATE TABLE counter (
	kabkota INTEGER NOT NULL,
	name TEXT NOT NULL,             -- proposal-2026, letter-2026, …
	n BIGINT NOT NULL,
	PRIMARY KEY (kabkota, name)
);

CREATE TABLE programme_list (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	run_id UUID NOT NULL,
	programme TEXT NOT NULL,
	period TEXT NOT NULL,           -- month it is in force from
	as_of TEXT NOT NULL,
	quota BIGINT NOT NULL,
	demand BIGINT NOT NULL,
	enrolled BIGINT NOT NULL,
	waiting BIGINT NOT NULL,
	state TEXT NOT NULL,            -- draft, frozen, superseded
	decree_id UUID,
	digest TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX programme_list_of ON programme_list (kabkota, programme, recorded_at);

CREATE TABLE enrolment (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	list_id UUID NOT NULL,
	programme TEXT NOT NULL,
	family_id UUID NOT NULL,
	person_id UUID,                 -- the person of a personal programme, else the payee
	area_code BIGINT NOT NULL,
	position BIGINT NOT NULL,       -- rank by priority, from 1
	state SMALLINT NOT NULL,        -- 1 enrolled, 2 waiting, 3 suspended, 4 ended
	amount BIGINT NOT NULL,         -- rupiah for a stage
	working TEXT NOT NULL,          -- JSON: how the amount came about
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	ended_reason TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX enrolment_list ON enrolment (kabkota, list_id, state, position);
CREATE INDEX enrolment_queue ON enrolment (kabkota, programme, state, area_code, id);
CREATE INDEX enrolment_family ON enrolment (kabkota, family_id);
CREATE INDEX enrolment_person ON enrolment (kabkota, person_id);

CREATE TABLE pay_cycle (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	run_id UUID,
	list_id UUID,
	programme TEXT NOT NULL,
	period TEXT NOT NULL,           -- 2024-Q4, 2024-10
	own_money SMALLINT NOT NULL,    -- 1: paid from here; 0: status imported from the centre
	state TEXT NOT NULL,            -- open, instructed, reconciling, closed
	rows_count BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX pay_cycle_of ON pay_cycle (kabkota, programme, period);

CREATE TABLE payment (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	cycle_id UUID NOT NULL,
	enrolment_id UUID,
	family_id UUID NOT NULL,
	person_id UUID NOT NULL,        -- payee
	area_code BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	account BYTEA,                  -- sealed
	state TEXT NOT NULL,            -- payment.State
	final TEXT NOT NULL,            -- paid_used, paid_unused, rejected, returned; empty while open
	code TEXT NOT NULL,             -- the bank's code
	credited_on TEXT NOT NULL,
	used_on TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX payment_cycle ON payment (kabkota, cycle_id, state, id);
CREATE INDEX payment_family ON payment (kabkota, family_id);
CREATE INDEX payment_person ON payment (kabkota, person_id);

CREATE TABLE grievance (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	number TEXT NOT NULL,
	kind TEXT NOT NULL,             -- objection, complaint, unlisted
	state TEXT NOT NULL,
	area_code BIGINT NOT NULL,
	subject_id UUID,
	finding_id UUID,
	document BYTEA NOT NULL,        -- sealed JSON: text and contact
	due_on TEXT NOT NULL,
	outcome TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX grievance_queue ON grievance (kabkota, state, area_code, due_on, id);

-- Public checks are counted a minute and outcome; they are not acts.
CREATE TABLE check_count (
	minute BIGINT NOT NULL,
	outcome TEXT NOT NULL,
	n BIGINT NOT NULL,
	PRIMARY KEY (minute, outcome)
);

-- +goose Down
SELECT 1;
