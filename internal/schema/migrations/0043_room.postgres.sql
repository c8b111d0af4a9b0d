-- +goose Up
-- A match gives every person a status, deciles and lists every family and place a state, soon after they were written, and PostgreSQL writes
-- a changed row anew, with an entry in each index. Pages that were filled to nine tenths are split for that one after the other, and searched for entries
-- to remove before; half empty they take it: the first match of a district took two thirds of the server's time.
-- Only indexes whose columns stay: an entry of another status goes to another page.

ALTER INDEX person_pkey SET (fillfactor = 50);
ALTER INDEX person_family SET (fillfactor = 50);
ALTER INDEX person_name SET (fillfactor = 50);
ALTER INDEX family_pkey SET (fillfactor = 50);
ALTER INDEX family_area SET (fillfactor = 50);
ALTER INDEX family_kk SET (fillfactor = 50);
ALTER INDEX family_name SET (fillfactor = 50);
ALTER INDEX family_registry SET (fillfactor = 50);
ALTER INDEX enrolment_pkey SET (fillfactor = 50);
ALTER INDEX enrolment_list SET (fillfactor = 50);
ALTER INDEX enrolment_family SET (fillfactor = 50);
ALTER INDEX enrolment_person SET (fillfactor = 50);

-- +goose Down
SELECT 1;
