-- +goose Up
-- What paying needs beside 0005: the order that released the money, who closed a stage, what
-- keeps a row from being paid, and what the bank's file says that fits no row.

ALTER TABLE pay_cycle ADD COLUMN order_number TEXT NOT NULL DEFAULT '';  -- SP2D, or the district's own order
ALTER TABLE pay_cycle ADD COLUMN ordered_on TEXT NOT NULL DEFAULT '';
ALTER TABLE pay_cycle ADD COLUMN disbursed BIGINT NOT NULL DEFAULT 0;    -- rupiah, by the order
ALTER TABLE pay_cycle ADD COLUMN opened_by UUID;
ALTER TABLE pay_cycle ADD COLUMN closed_by UUID;
ALTER TABLE pay_cycle ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0;
-- A stage that was taken back (state cancelled) leaves its period free for another.
DROP INDEX pay_cycle_of;
CREATE UNIQUE INDEX pay_cycle_of ON pay_cycle (kabkota, programme, period) WHERE state <> 'cancelled';

ALTER TABLE payment ADD COLUMN excluded TEXT NOT NULL DEFAULT '';        -- payment.Status that keeps it from being paid
ALTER TABLE payment ADD COLUMN channel TEXT NOT NULL DEFAULT '';         -- as the programme's data names it: himbara, pos, …
ALTER TABLE payment ADD COLUMN returned_on TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN repair TEXT NOT NULL DEFAULT '';          -- open: in the repair queue; done; empty: nothing to repair
-- One way through a stage, village by village, for lists, runs and exports alike.
DROP INDEX payment_cycle;
CREATE INDEX payment_place ON payment (kabkota, cycle_id, area_code, id, state);
CREATE INDEX payment_repair ON payment (kabkota, area_code, id) WHERE repair = 'open';

-- What people did with one row, and what a later result changed of an earlier one.
CREATE TABLE payment_event (
	kabkota INTEGER NOT NULL,
	payment_id UUID NOT NULL,
	seq INTEGER NOT NULL,           -- version of the payment after it
	at BIGINT NOT NULL,
	actor_id UUID NOT NULL,
	action TEXT NOT NULL,           -- result, status, exclude, reinstate, payee, or what somebody did about a failure
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	code TEXT NOT NULL,
	note BYTEA,                     -- sealed
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, payment_id, seq)
);

-- A row of the bank's file that was not taken; a stage closes only when none is open.
CREATE TABLE pay_finding (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,               -- keyed hash of the stage and the row: the same row is found once
	cycle_id UUID NOT NULL,
	payment_id UUID,                -- empty: on no list
	kind TEXT NOT NULL,             -- payment.FindingKind, or person, account, transition
	amount BIGINT NOT NULL,         -- what the bank says, rupiah
	code TEXT NOT NULL,             -- the bank's code
	document BYTEA NOT NULL,        -- sealed JSON: the row
	state TEXT NOT NULL,            -- open, settled
	note BYTEA,                     -- sealed: how it was settled
	settled_by UUID,
	settled_at BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX pay_finding_queue ON pay_finding (kabkota, cycle_id, state, id);

-- +goose Down
SELECT 1;
