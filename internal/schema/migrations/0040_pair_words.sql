-- +goose Up
-- What an office says of a pair of which it sees one person only, and what the office of the other one answers:
-- that the two are two persons holds once both have said it. Words stay when the pair is decided or open again.
CREATE TABLE pair_word (
	kabkota INTEGER NOT NULL,       -- of the pair
	id UUID NOT NULL,
	pair_id UUID NOT NULL,
	sees_left SMALLINT NOT NULL,    -- which persons whoever said it reviews
	sees_right SMALLINT NOT NULL,
	reason TEXT NOT NULL,           -- code: why they are two persons
	note BYTEA,                     -- sealed
	said_by UUID NOT NULL,
	said_at BIGINT NOT NULL,
	answer TEXT NOT NULL,           -- '' until somebody answers; agreed, disagreed, withdrawn
	answer_note BYTEA,              -- sealed
	answered_by UUID,
	answered_at BIGINT NOT NULL,
	act_id UUID NOT NULL,           -- the last that touched it
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX pair_word_pair ON pair_word (kabkota, pair_id, said_at);

-- +goose Down
SELECT 1;
