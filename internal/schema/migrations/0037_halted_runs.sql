-- +goose Up
-- A run whose maker was suspended or lost the right halts, and goes on in the name of whoever takes it over.
ALTER TABLE run ADD COLUMN acts_by UUID; -- who took it over; none: its maker

-- +goose Down
SELECT 1;
