package proposals_test

import (
	"fmt"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// twins puts two sisters of one birth, card and mother into the registry, whose names differ in a letter and whose NIKs follow each other,
// or who both bear the second's, and gives them.
func (h *house) twins(shared bool) (her, twin registry.Person) {
	h.t.Helper()
	rows := make([]registry.Incoming, 3)
	for n := range rows {
		rows[n] = registry.Incoming{
			Source: "UJI", SourceDate: "2023", RowID: fmt.Sprint("kembar", n), KK: kkOf(h.t, 40), Sex: person.Female, BirthDate: born(20), BirthPlace: "AMBON",
			MotherName: "DORKAS PATTIASINA", Relation: person.Child, Area: testkit.Village, VillageID: int64(testkit.Village), Address: "Jl. Lama",
		}
		rows[n].NIK = nikOf(h.t, 40+n, 20)
	}
	rows[0].Name, rows[0].Relation, rows[0].BirthDate, rows[0].NIK = "DORKAS PATTIASINA", person.Head, born(1), nikOf(h.t, 40, 1)
	rows[1].Name, rows[2].Name = "RENDI LATUHERU", "RANDI LATUHERU"
	if shared { // a slip in the birth date keeps her a person of her own
		rows[1].NIK, rows[1].BirthDate = rows[2].NIK, born(21)
	}
	for _, one := range [][]registry.Incoming{rows[:2], rows[2:]} {
		for i := range one {
			h.reg.Ready(&one[i], []byte(one[i].RowID))
		}
		h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
			_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, one)
			return err
		}))
	}
	return h.ofRow("kembar1"), h.ofRow("kembar2")
}

// ofRow gives the person of a row.
func (h *house) ofRow(row string) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = 8171 AND source = 'UJI' AND row_id = $1`, row).Scan(&id))
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	h.must(err)
	return p
}

// changed writes a change of a person.
func (h *house) changed(p registry.Person, f func(*registry.Person)) {
	h.t.Helper()
	h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
		p, err := h.reg.PersonIn(h.t.Context(), tx, p.Tenant, p.ID)
		if err == nil {
			f(&p)
			_, err = h.reg.ChangePersonIn(h.t.Context(), tx, p)
		}
		return err
	}))
}

// TestWhoComesBackIsNotHerTwin: a twin who was taken off the registry comes back as herself, with her name, birth date and NIK, whether her
// twin is alive or dead and whether the NIK is hers or her twin's; her twin stays who and what she is, keeps the NIK that the civil registry
// says is hers, and does not come back with her. With the NIK of a twin who is dead, and whose it was by the civil registry, she stays in
// doubt.
func TestWhoComesBackIsNotHerTwin(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		for _, dead := range []bool{false, true} {
			for _, first := range []bool{false, true} { // she was off the registry before her twin died
				if first && !dead {
					continue
				}
				t.Run(fmt.Sprintf("shared %t, twin dead %t, off before %t", shared, dead, first), func(t *testing.T) {
					t.Parallel()
					testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
						h := newHouse(t, db)
						her, twin := h.twins(shared)
						h.changed(twin, func(p *registry.Person) { p.Match = civilmatch.Matched })
						remove := func(p registry.Person, reason string) {
							h.establish(proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Removal, Tenant: p.Tenant, Family: p.FamilyID, Person: p.ID, Reason: reason, Evidence: paper("Akta atau kunjungan")})
						}
						if dead && !first {
							remove(twin, "dead")
						}
						remove(her, "person_not_found")
						if dead && first {
							remove(twin, "dead")
						}
						twin = h.ofRow("kembar2")

						back := proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Reactivation, Tenant: her.Tenant, Family: her.FamilyID, Person: her.ID, Reason: "data_repaired", Evidence: paper("KTP dan KK")}
						r, err := h.s.File(t.Context(), operator, back)
						if alive := shared && !dead; alive != (len(r.Alike) == 1 && r.Alike[0].ID == twin.ID && err != nil) || !alive && len(r.Alike) > 0 {
							t.Errorf("told %+v, %v", r.Alike, err)
						}
						back.Seen = identity.Seen(r.Alike)
						h.establish(back)

						if got := h.ofRow("kembar1"); got.State != registry.Active || got.Name != her.Name || got.BirthDate != her.BirthDate || got.NIK != her.NIK {
							t.Errorf("she came back in state %d as %s, born %s", got.State, got.Name, got.BirthDate)
						}
						if now := h.ofRow("kembar2"); now.State != twin.State || now.Name != twin.Name || now.BirthDate != twin.BirthDate || now.NIK != twin.NIK || now.Match != twin.Match {
							t.Errorf("her twin is in state %d, was %d: %s, born %s", now.State, twin.State, now.Name, now.BirthDate)
						}
						holders, err := h.reg.HoldersIn(t.Context(), db.Direct(), []sqldb.Hash{h.reg.NIKHash(her.NIK)})
						h.must(err)
						holder := holders[h.reg.NIKHash(her.NIK)]
						if hers := !shared || dead; (holder.PersonID == her.ID) != hers || (holder.PersonID == twin.ID) == hers || holder.Contested != shared {
							t.Errorf("her NIK is held by her %t, by her twin %t, in doubt %t", holder.PersonID == her.ID, holder.PersonID == twin.ID, holder.Contested)
						}
						if shared && dead { // the civil registry may say in the end that it is hers
							h.changed(her, func(p *registry.Person) { p.Match = civilmatch.Matched })
							if holders, err := h.reg.HoldersIn(t.Context(), db.Direct(), []sqldb.Hash{h.reg.NIKHash(her.NIK)}); err != nil || holders[h.reg.NIKHash(her.NIK)].Contested {
								t.Errorf("in doubt though the civil registry agrees: %v", err)
							}
						}
						if drift, err := h.reg.Drift(t.Context(), db.Direct()); err != nil || drift != 0 {
							t.Errorf("drift %d, %v", drift, err)
						}
					})
				})
			}
		}
	}
}

// TestAFamilyComesBackWithoutItsDoubles: who was taken off the registry as recorded twice is somebody of the family a second time, or her
// twin for whom she was taken: she does not come back with the family, but by a proposal about her alone.
func TestAFamilyComesBackWithoutItsDoubles(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		her, twin := h.twins(false)
		filing := func(kind proposal.Kind, who sqldb.ID, reason string) proposals.Filing {
			return proposals.Filing{Request: sqldb.NewID(), Kind: kind, Tenant: her.Tenant, Family: her.FamilyID, Person: who, Reason: reason, Evidence: paper("Hasil kunjungan")}
		}
		h.establish(filing(proposal.Removal, her.ID, "double"))
		_, err := h.s.File(t.Context(), operator, filing(proposal.Reactivation, sqldb.ID{}, "poor_again"))
		want(t, "a family nobody else of which is gone", err, "proposal.family_state")
		h.establish(filing(proposal.Removal, sqldb.ID{}, "better_off"))
		h.establish(filing(proposal.Reactivation, sqldb.ID{}, "poor_again"))
		if got, now := h.ofRow("kembar1"), h.ofRow("kembar2"); got.State != registry.Ended || got.EndedReason != "double" || now.State != registry.Active {
			t.Errorf("the family came back with her in state %d %q, her twin in %d", got.State, got.EndedReason, now.State)
		}
		h.establish(filing(proposal.Reactivation, her.ID, "data_repaired"))
		if got, now := h.ofRow("kembar1"), h.ofRow("kembar2"); got.State != registry.Active || got.Name != her.Name || got.NIK != her.NIK || now.Name != twin.Name || now.NIK != twin.NIK {
			t.Errorf("she came back in state %d as %s, her twin is %s", got.State, got.Name, now.Name)
		}
	})
}
