-- +goose Up
-- What was changed at a moment: the index of who is alike follows the registry by it. New rows are found by their ids, which
-- rise with time, so that a first import pays nothing.
CREATE INDEX person_history_to ON person_history (kabkota, recorded_to, id);
CREATE INDEX family_history_to ON family_history (kabkota, recorded_to, id);

-- +goose Down
SELECT 1;
