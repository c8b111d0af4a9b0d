-- +goose Up

-- A visit that was entered wrongly and taken back. The visit stays on record; it counts for nothing.
CREATE TABLE visit_withdrawal (
	kabkota INTEGER NOT NULL,       -- that of the visit
	visit_id UUID NOT NULL,
	document BYTEA NOT NULL,        -- sealed: the name of who took it back, and why
	withdrawn_by UUID NOT NULL,
	withdrawn_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, visit_id)
);

-- +goose Down
DROP TABLE visit_withdrawal;
