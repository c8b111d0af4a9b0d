-- +goose Up
-- Which records the live index holds to be one person: a row for each record that stands with others, or goes by the name
-- of one that is gone. Ids only; the name of a group is the id of a record.
CREATE TABLE entity_member (
	kabkota INTEGER NOT NULL,       -- of the record
	person_id UUID NOT NULL,
	entity_kabkota INTEGER NOT NULL,
	entity_id UUID NOT NULL,
	since BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, person_id)
);
CREATE INDEX entity_member_entity ON entity_member (kabkota, entity_id);

-- What became of the groups: the log of who joined, left, was merged or split, one row for each record.
CREATE TABLE entity_event (
	kabkota INTEGER NOT NULL,       -- of the record
	id UUID NOT NULL,
	person_id UUID NOT NULL,
	kind TEXT NOT NULL,             -- joined, left, merged, split
	from_id UUID,                   -- the group before, none for a record that stood alone
	to_id UUID,                     -- the group after, none for a record that stands alone or is gone
	size INTEGER NOT NULL,          -- records in the group after
	at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX entity_event_person ON entity_event (kabkota, person_id, at);

-- +goose Down
SELECT 1;
