-- +goose Up
-- Kept apart: a bulk load into empty tables drops these and builds them after (kit/sqldb.Loading).

CREATE INDEX family_area ON family (kabkota, area_code, id);
CREATE INDEX family_kk ON family (kabkota, kk_hash);
CREATE INDEX family_name ON family (kabkota, area_code, head_name, id);
CREATE INDEX family_decile ON family (kabkota, decile, area_code, id);
CREATE INDEX person_family ON person (kabkota, family_id);
CREATE INDEX person_queue ON person (kabkota, match_status, area_code, id);
CREATE INDEX person_name ON person (kabkota, name_norm, id);
CREATE INDEX person_nik ON person (kabkota, nik_hash);
CREATE UNIQUE INDEX evidence_row ON evidence (kabkota, nik_hash, kind, source, as_of);
CREATE INDEX evidence_person ON evidence (kabkota, person_id);
CREATE INDEX finding_queue ON finding (kabkota, state, area_code, id);
CREATE INDEX finding_person ON finding (kabkota, person_id);
CREATE INDEX finding_family ON finding (kabkota, family_id);
CREATE INDEX finding_run ON finding (kabkota, run_id, id);

-- +goose Down
SELECT 1;
