-- +goose Up
-- What proposals, objections and complaints need beside 0005.

ALTER TABLE proposal ADD COLUMN person_id UUID;                             -- empty: the whole family
ALTER TABLE proposal ADD COLUMN programme TEXT NOT NULL DEFAULT '';
ALTER TABLE proposal ADD COLUMN route TEXT NOT NULL DEFAULT '';             -- field visit, subdistrict, forward: off, optional, required
ALTER TABLE proposal ADD COLUMN filed_on TEXT NOT NULL DEFAULT '';          -- local date at the village
ALTER TABLE proposal ADD COLUMN answer_by TEXT NOT NULL DEFAULT '';
ALTER TABLE proposal ADD COLUMN applicant_norm TEXT NOT NULL DEFAULT '';
ALTER TABLE proposal ADD COLUMN match_status SMALLINT NOT NULL DEFAULT 0;   -- civilmatch.Status, the gravest of the members
ALTER TABLE proposal ADD COLUMN request_id UUID;                            -- made by the client: sent twice is filed once
CREATE UNIQUE INDEX proposal_request ON proposal (kabkota, request_id);
CREATE INDEX proposal_due ON proposal (kabkota, state, due_on, id);
CREATE INDEX proposal_decree ON proposal (kabkota, decree_id, id);
CREATE INDEX proposal_family ON proposal (kabkota, family_id);
CREATE INDEX proposal_name ON proposal (kabkota, applicant_norm, id);

ALTER TABLE proposal_event ADD COLUMN on_date TEXT NOT NULL DEFAULT '';     -- local date at the office that acted
ALTER TABLE proposal_event ADD COLUMN document_id UUID;
ALTER TABLE proposal_event ADD COLUMN document_number TEXT NOT NULL DEFAULT '';
ALTER TABLE proposal_event ADD COLUMN said BYTEA;                           -- sealed JSON: words for the applicant, name of the document

-- Documents that a repair replaced; the present one is in proposal.
CREATE TABLE proposal_document (
	kabkota INTEGER NOT NULL,
	proposal_id UUID NOT NULL,
	version INTEGER NOT NULL,       -- the last version of the proposal that had it
	replaced_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	document BYTEA NOT NULL,        -- sealed JSON
	PRIMARY KEY (kabkota, proposal_id, version)
);

-- Forms begun and not sent, as typed. They are no proposals: they have no number and are
-- removed when they are sent, discarded or left alone for too long.
CREATE TABLE proposal_draft (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	area_code BIGINT NOT NULL,
	saved_by UUID NOT NULL,
	saved_at BIGINT NOT NULL,
	form BYTEA NOT NULL,            -- sealed JSON: field to text
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX proposal_draft_list ON proposal_draft (kabkota, area_code, id);

-- By what a proposal, objection or complaint is found: keyed hashes of the NIKs and the
-- No. KK in it, and of its number with the digits that open its tracking.
CREATE TABLE case_key (
	kabkota INTEGER NOT NULL,
	hash UUID NOT NULL,
	case_id UUID NOT NULL,
	PRIMARY KEY (kabkota, hash, case_id)
);

-- grievance.kind: objection, complaint.
ALTER TABLE grievance ADD COLUMN topic TEXT NOT NULL DEFAULT '';            -- proposal.ObjectionKind or grievance.Kind
ALTER TABLE grievance ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE grievance ADD COLUMN proposal_id UUID;                          -- the refused proposal
ALTER TABLE grievance ADD COLUMN filer_id UUID;                             -- empty: anonymous
ALTER TABLE grievance ADD COLUMN officer_id UUID;
ALTER TABLE grievance ADD COLUMN above SMALLINT NOT NULL DEFAULT 0;         -- 1: the district's, not the village's, to see and handle
ALTER TABLE grievance ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grievance ADD COLUMN filed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE grievance ADD COLUMN answer_by TEXT NOT NULL DEFAULT '';
ALTER TABLE grievance ADD COLUMN request_id UUID;
CREATE UNIQUE INDEX grievance_number ON grievance (kabkota, number);
CREATE UNIQUE INDEX grievance_request ON grievance (kabkota, request_id);
CREATE INDEX grievance_due ON grievance (kabkota, state, due_on, id);
CREATE INDEX grievance_subject ON grievance (kabkota, subject_id);

CREATE TABLE grievance_event (
	kabkota INTEGER NOT NULL,
	grievance_id UUID NOT NULL,
	seq INTEGER NOT NULL,           -- version of the grievance after it
	at BIGINT NOT NULL,
	on_date TEXT NOT NULL,
	actor_id UUID,                  -- empty: the system, or somebody who gave no name
	role TEXT NOT NULL,
	action TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	document_id UUID,
	said BYTEA,                     -- sealed JSON: words and the name of the document
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, grievance_id, seq)
);

-- +goose Down
SELECT 1;
