package papers_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/papers"
	"tepat/internal/testkit"
)

func TestACitizenGivesFilesToHerCase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		district := testkit.Person(9, access.Verifier, testkit.Ambon)
		id := h.complained()
		checked := func(content []byte) papers.Checked {
			t.Helper()
			one, err := papers.CheckSelf(content)
			h.must(err)
			return one
		}
		add := func(id sqldb.ID, files ...papers.Checked) error {
			return h.AddSelf(t.Context(), testkit.AmbonTenant, id, id, files)
		}
		if _, err := papers.CheckSelf([]byte("bukan gambar")); fail.CodeOf(err) != "papers.format" {
			t.Errorf("a text: %v", err)
		}
		if err := add(sqldb.NewID(), checked(scanned)); fail.CodeOf(err) != "papers.unknown" {
			t.Errorf("a case that is not there: %v", err)
		}
		h.must(add(id, checked(photo(t, 1)), checked(scanned)))
		h.must(add(id, checked(scanned))) // the button pressed twice
		list, err := h.List(t.Context(), district, papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfGrievance, Case: id, Area: testkit.Village})
		if err != nil || len(list) != 2 || list[0].What != papers.Other || !list[0].Filed {
			t.Fatalf("%+v, %v", list, err)
		}
		if _, content, err := h.Open(t.Context(), district, list[1].Tenant, list[1].ID, ""); err != nil || string(content) != string(scanned) {
			t.Errorf("opened %q, %v", content, err)
		}
		if n, err := h.CountSelf(t.Context(), area.Tenant(8171), id); err != nil || n != 2 {
			t.Errorf("counted %d, %v", n, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'paper.add' AND role = 'citizen' AND subject = $1`, id); n != 3 {
			t.Errorf("%d files stand in the log", n)
		}
		for i := range papers.Most - 2 {
			h.must(add(id, checked(photo(t, uint64(10+i)))))
		}
		if err := add(id, checked(photo(t, 99))); fail.CodeOf(err) != "papers.too_many" {
			t.Errorf("one more than a case may hold: %v", err)
		}
		h.exec(`UPDATE grievance SET state = 'CLOSED' WHERE id = $1`, id)
		if err := add(id, checked(photo(t, 98))); fail.CodeOf(err) != "papers.closed" {
			t.Errorf("a case that is over: %v", err)
		}
	})
}
