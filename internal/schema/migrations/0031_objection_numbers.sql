-- +goose Up
-- What a family objects to a finding has a number, as every complaint and objection has: she follows it by that.
ALTER TABLE finding_event ADD COLUMN number TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE finding_event DROP COLUMN number;
