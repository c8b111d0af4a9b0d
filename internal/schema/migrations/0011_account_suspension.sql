-- +goose Up
-- Who suspended an account: another person lifts the suspension.
ALTER TABLE account ADD COLUMN suspended_by UUID;

-- +goose Down
SELECT 1;
