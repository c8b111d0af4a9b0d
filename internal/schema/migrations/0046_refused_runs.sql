-- +goose Up

-- The second person says no to a run, and why.
ALTER TABLE run ADD COLUMN refused_by UUID; -- the second person who said no; none: nobody did
ALTER TABLE run ADD COLUMN refusal TEXT NOT NULL DEFAULT ''; -- her reason, in her words

-- +goose Down
ALTER TABLE run DROP COLUMN refused_by;
ALTER TABLE run DROP COLUMN refusal;
