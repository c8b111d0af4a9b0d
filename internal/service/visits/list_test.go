package visits_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// TestVisitsAreReadPageByPage: more visits than a page shows are read whole, each once, the newest first, days with several among them;
// one of an older page is opened, and withdrawn.
func TestVisitsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx, operator := t.Context(), testkit.Person(1, access.Operator, testkit.Village)
		all := visits.PageRows + 9
		for i := range all {
			h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, h.made(i/4)))
		}
		var read []visits.Visit
		for after := (sqldb.ID{}); ; {
			list, err := h.s.Of(ctx, operator, testkit.AmbonTenant, h.family, after)
			h.must(err)
			if len(list) > visits.PageRows+1 {
				t.Fatalf("%d visits at once", len(list))
			}
			read = append(read, list[:min(len(list), visits.PageRows)]...)
			if len(list) <= visits.PageRows {
				break
			}
			after = list[visits.PageRows-1].ID
		}
		seen := map[sqldb.ID]bool{}
		for i, v := range read {
			if seen[v.ID] || i > 0 && v.On.Text() > read[i-1].On.Text() {
				t.Errorf("row %d is of %s, seen %v", i, v.On.Text(), seen[v.ID])
			}
			seen[v.ID] = true
		}
		if len(read) != all {
			t.Errorf("%d of %d visits were read", len(read), all)
		}
		oldest := read[len(read)-1]
		h.must(h.s.Withdraw(ctx, operator, testkit.AmbonTenant, h.family, oldest.ID, "Keliru"))
		v, err := h.s.Open(ctx, operator, testkit.AmbonTenant, h.family, oldest.ID)
		h.must(err)
		if v.ID != oldest.ID || v.Withdrawn.Reason != "Keliru" {
			t.Errorf("opened is %+v", v)
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.of_family'`); n != 3 {
			t.Errorf("%d looks at visits in the log", n)
		}
	})
}

// TestNoOtherVisitIsRead: a visit that is none of the family's neither opens nor continues a page, and another village's operator opens none.
func TestNoOtherVisitIsRead(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx, operator, made := t.Context(), testkit.Person(1, access.Operator, testkit.Village), h.made(1)
		h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, made))
		if _, err := h.s.Of(ctx, operator, testkit.AmbonTenant, h.family, sqldb.NewID()); fail.CodeOf(err) != "visits.unknown" {
			t.Errorf("behind no visit: %v", err)
		}
		if _, err := h.s.Open(ctx, operator, testkit.AmbonTenant, h.family, sqldb.NewID()); fail.CodeOf(err) != "visits.unknown" {
			t.Errorf("no visit: %v", err)
		}
		if _, err := h.s.Open(ctx, testkit.Person(2, access.Operator, testkit.Neighbour), testkit.AmbonTenant, h.family, made.ID); fail.CodeOf(err) != "access.denied" {
			t.Errorf("another village's operator: %v", err)
		}
	})
}
