-- +goose Up

-- The keyed hash of an official's own NIK, where it is known: by it her own family is found, and looks at her kin.
-- The NIK itself is not kept.
ALTER TABLE account ADD COLUMN nik_hash UUID;

-- The working hours of one office where they go beyond those of all, by a decision, from a day on. The newest line
-- that is in force counts.
CREATE TABLE office_hours (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	area_code BIGINT NOT NULL,      -- the office: who has a role at this very area works there
	days TEXT NOT NULL,             -- 1 Monday to 7 Sunday: 12345
	from_hour INTEGER NOT NULL,     -- local hours, half open
	to_hour INTEGER NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,         -- last day; empty: until further notice
	legal_basis TEXT NOT NULL,      -- the decision with its number
	set_by UUID NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE INDEX office_hours_area ON office_hours (kabkota, area_code, valid_from, id);

-- +goose Down
DROP TABLE office_hours;
