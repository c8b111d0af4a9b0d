-- +goose Up
-- A match run takes the mark of a contested NIK from whoever holds it alone: it finds the few that are marked.
CREATE INDEX nik_index_contested ON nik_index (kabkota, nik_hash) WHERE contested = 1;
-- Whether its holder inherited a NIK says whether she is in doubt when the last other claimant goes.
CREATE INDEX nik_freed_nik ON nik_freed (kabkota, nik_hash);

-- +goose Down
SELECT 1;
