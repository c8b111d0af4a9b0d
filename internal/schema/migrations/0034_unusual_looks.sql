-- +goose Up

-- The log is read by days: by who looks for a time, and by the job that watches it.
CREATE INDEX audit_at ON audit_entry (kabkota, at);

-- Looks at people's records that a rule finds unusual: a question to an auditor, with her answer.
CREATE TABLE unusual_look (
	kabkota INTEGER NOT NULL,
	id UUID NOT NULL,
	rule TEXT NOT NULL,             -- of data/watch
	day TEXT NOT NULL,              -- local date
	subject_key TEXT NOT NULL,      -- hour, reader or record: what makes it one look of its rule and day
	actor_id UUID,                  -- whose looks; empty where many looked
	subject UUID,                   -- at what; empty where it was many records
	area_code BIGINT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	n INTEGER NOT NULL,             -- what was counted
	bound INTEGER NOT NULL,         -- above what
	seen_at BIGINT NOT NULL,        -- 0: nobody has looked into it
	seen_by UUID,
	seen_n INTEGER NOT NULL,        -- what was counted then
	note TEXT NOT NULL,
	recorded_at BIGINT NOT NULL,
	act_id UUID NOT NULL,
	PRIMARY KEY (kabkota, id)
);
CREATE UNIQUE INDEX unusual_look_key ON unusual_look (kabkota, day, rule, subject_key);
CREATE INDEX unusual_look_open ON unusual_look (kabkota, seen_at, last_at, id);

-- +goose Down
DROP TABLE unusual_look;
DROP INDEX audit_at;
