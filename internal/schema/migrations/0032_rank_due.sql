-- +goose Up

-- Families whose estimated decile rests on answers that have changed since: a job ranks them anew. The act that marked a
-- family last is kept, so that a ranking takes away only the mark it has seen.
CREATE TABLE rank_due (
	kabkota INTEGER NOT NULL,
	family_id UUID NOT NULL,
	marked_at BIGINT NOT NULL,
	act_id UUID NOT NULL,           -- changed the answers last
	PRIMARY KEY (kabkota, family_id)
);

-- +goose Down
SELECT 1;
