-- +goose Up
-- Persons written or changed, by the ten thousand at once, about whom the live index has not been asked yet: whoever keeps it
-- goes through them in pieces and takes each away when whom she may be is queued for review.
CREATE TABLE alike_due (
	kabkota INTEGER NOT NULL,
	person_id UUID NOT NULL,
	PRIMARY KEY (kabkota, person_id)
);

-- +goose Down
SELECT 1;
