package proposals_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestAReactivationTellsWhoWasRegisteredMeanwhile: while a family was off the registry one of it was written down in another
// village under another number. Who proposes to bring the family back reads so first, goes on with what she has seen, and
// that stands in the log.
func TestAReactivationTellsWhoWasRegisteredMeanwhile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(1, testkit.Village, 2)
		h.establish(proposals.Filing{Kind: proposal.Removal, Tenant: f.Tenant, Family: f.ID, Reason: "better_off", Evidence: paper("Hasil kunjungan")})
		back := proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Reactivation, Tenant: f.Tenant, Family: f.ID, Reason: "poor_again", Evidence: paper("Hasil kunjungan")}
		again := registry.Incoming{
			Source: "UJI", SourceDate: "2024", RowID: "again", KK: kkOf(t, 9), NIK: nikOf(t, 9, 1), Name: "SITI UJI 1", Sex: person.Female, BirthDate: born(1),
			Relation: person.Head, Area: testkit.Neighbour, VillageID: int64(testkit.Neighbour), Address: "Jl. Lama",
		}
		h.reg.Ready(&again, []byte("again"))
		h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
			_, err := h.reg.LoadIn(t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{again})
			return err
		}))

		_, err := h.s.File(t.Context(), neighbour, back)
		want(t, "from another village", err, "access.denied")
		unproved := back
		unproved.Evidence = proposals.Paper{}
		unproved.Reason = ""
		if r, err := h.s.File(t.Context(), operator, unproved); err == nil || len(r.Alike) == 0 {
			t.Errorf("without a reason: %v", err)
		} else {
			want(t, "what is wrong with the form comes first", err, "proposal.reason_needed")
		}
		before := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`)
		r, err := h.s.File(t.Context(), operator, back)
		want(t, "unseen", err, "proposal.alike")
		if len(r.Alike) != 1 || r.Alike[0].Area != testkit.Neighbour || r.Alike[0].Since.IsZero() || r.Alike[0].Name != "" || !r.Alike[0].Family.IsZero() || r.Alike[0].Agreed != nil {
			t.Fatalf("of another village she is told %+v", r.Alike)
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`); n != before {
			t.Errorf("%d proposals, want %d", n, before)
		}
		stale := back
		stale.Seen = identity.Seen(append(r.Alike[:1:1], identity.Resembling{}))
		_, err = h.s.File(t.Context(), operator, stale)
		want(t, "told of others", err, "proposal.alike")
		back.Seen = identity.Seen(r.Alike)
		filed, err := h.s.File(t.Context(), operator, back)
		h.must(err)
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'proposal.file' AND subject = $1 AND facts LIKE '%"alike_seen":1%'`, filed.ID); n != 1 {
			t.Errorf("%d ticks in the log", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'proposal.alike' AND subject = $1 AND facts LIKE '%"shown":1%'`, f.ID); n != 4 {
			t.Errorf("%d looks in the log", n)
		}
		back.Seen = ""
		if twice, err := h.s.File(t.Context(), operator, back); err != nil || !twice.Repeated || twice.Number != filed.Number {
			t.Errorf("sent twice: %+v, %v", twice.Number, err)
		}
		if v := h.open(filed.Row); len(v.Held) != 1 || !v.Held[0].Alike {
			t.Errorf("the verifier sees %+v", v.Held)
		}
	})
}
