-- +goose Up

-- A row of a list that is taken for a person because NIK and birth date are hers, though another row of the same list and the same family
-- card gives her another name: two people may stand there under one NIK, twins say, and nobody is given a name by such a NIK alone.
ALTER TABLE source_record ADD COLUMN other_name INTEGER NOT NULL DEFAULT 0; -- 1 such a row
CREATE INDEX source_record_other ON source_record (kabkota, person_id) WHERE other_name = 1;

-- +goose Down
DROP INDEX source_record_other;
ALTER TABLE source_record DROP COLUMN other_name;
