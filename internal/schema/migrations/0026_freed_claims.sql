-- +goose Up
-- What hung on a NIK when its holder gave it up: the cards that answer the public check and the programmes it
-- showed. Whoever ends a record by mistake brings all of it back; lists frozen meanwhile reach it here too.

CREATE TABLE nik_freed (
	kabkota INTEGER NOT NULL,
	person_id UUID NOT NULL,        -- who held the NIK
	nik_hash UUID NOT NULL,
	family_id UUID NOT NULL,        -- her family then
	heir_id UUID,                   -- to whom it passed on because of that; empty when nobody else claimed it
	doubtful SMALLINT NOT NULL,     -- 1: she had inherited it herself and was not proved
	check_tags BYTEA NOT NULL,      -- as in nik_index
	listed SMALLINT NOT NULL,
	programmes TEXT NOT NULL,       -- as in nik_index, kept in step with the lists in force
	freed_at BIGINT NOT NULL,
	PRIMARY KEY (kabkota, person_id, nik_hash)
);
CREATE INDEX nik_freed_family ON nik_freed (kabkota, family_id);

-- +goose Down
SELECT 1;
