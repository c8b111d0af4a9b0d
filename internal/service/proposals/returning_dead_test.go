package proposals_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestWhoWasRecordedAsDeadComesBack: she comes back alone, for the reason that she is alive, with a document, and when others have
// signed; not with her family and for no other reason. Who came with her NIK meanwhile keeps it in doubt.
func TestWhoWasRecordedAsDeadComesBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(1, testkit.Village, 2)
		her, other := h.members(f)[1], h.members(f)[0]
		filing := func(kind proposal.Kind, who sqldb.ID, reason, evidence string) proposals.Filing {
			return proposals.Filing{Request: sqldb.NewID(), Kind: kind, Tenant: f.Tenant, Family: f.ID, Person: who, Reason: reason, Evidence: paper(evidence)}
		}
		h.establish(filing(proposal.Removal, her.ID, "dead", "Akta kematian"))
		if now := h.members(f)[1]; now.State != registry.Died {
			t.Fatalf("state %d", now.State)
		}
		unproved := filing(proposal.Reactivation, her.ID, "still_alive", "")
		unproved.Evidence = proposals.Paper{}
		for code, wrong := range map[string]proposals.Filing{
			"reason.evidence":        unproved,
			"proposal.recorded_dead": filing(proposal.Reactivation, her.ID, "data_repaired", "KTP"),
			"proposal.person_needed": filing(proposal.Reactivation, sqldb.ID{}, "still_alive", "KTP"),
			"proposal.family_state":  filing(proposal.Reactivation, other.ID, "still_alive", "KTP"),
		} {
			_, err := h.s.File(t.Context(), operator, wrong)
			want(t, code, err, code)
		}
		_, err := h.s.File(t.Context(), operator, filing(proposal.Reactivation, sqldb.ID{}, "poor_again", "KTP"))
		want(t, "with her family", err, "proposal.family_state")
		_, err = h.s.File(t.Context(), neighbour, filing(proposal.Reactivation, her.ID, "still_alive", "KTP"))
		want(t, "from another village", err, "access.denied")

		row := h.establish(h.told(filing(proposal.Reactivation, her.ID, "still_alive", "KTP dan surat kepala desa")))
		now := h.members(f)[1]
		if now.State != registry.Active || now.EndedReason != "" || now.NIK != her.NIK || now.NIKState != registry.Holder {
			t.Errorf("she is in state %d, her NIK in %d", now.State, now.NIKState)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'proposal.file' AND subject = $1`, row.ID); n != 1 {
			t.Errorf("%d filings in the log", n)
		}
		if drift, err := h.reg.Drift(t.Context(), db.Direct()); err != nil || drift != 0 {
			t.Errorf("drift %d, %v", drift, err)
		}
	})
}

// TestWhoComesBackFromTheDeadLeavesHerNIKInDoubt: somebody came with her NIK while she was off the registry; who comes back claims it,
// and the two stand in doubt.
func TestWhoComesBackFromTheDeadLeavesHerNIKInDoubt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(1, testkit.Village, 2)
		her := h.members(f)[1]
		h.establish(proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Removal, Tenant: f.Tenant, Family: f.ID, Person: her.ID, Reason: "dead", Evidence: paper("Akta kematian")})
		heir := registry.Incoming{
			Source: "UJI", SourceDate: "2024", RowID: "heir", KK: kkOf(t, 9), NIK: her.NIK, Name: "BUDI SANTOSO", Sex: person.Male, BirthDate: born(30),
			Relation: person.Head, Area: testkit.Neighbour, VillageID: int64(testkit.Neighbour), Address: "Jl. Lama",
		}
		h.reg.Ready(&heir, []byte("heir"))
		h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
			_, err := h.reg.LoadIn(t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{heir})
			return err
		}))
		h.establish(h.told(proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Reactivation, Tenant: f.Tenant, Family: f.ID, Person: her.ID, Reason: "still_alive", Evidence: paper("KTP")}))
		hash := h.reg.NIKHash(her.NIK)
		holders, err := h.reg.HoldersIn(t.Context(), db.Direct(), []sqldb.Hash{hash})
		h.must(err)
		if now := h.members(f)[1]; now.State != registry.Active || now.NIKState != registry.Contested || !holders[hash].Contested || holders[hash].PersonID != h.ofRow("heir").ID {
			t.Errorf("she is in state %d, her NIK in %d, marked %t", now.State, now.NIKState, holders[hash].Contested)
		}
	})
}

// TestTheCivilRegistryIsAskedAgainAboutWhoLives: it called her dead; when she comes back it is asked again, at once where it is at hand, by
// a job in the name of who filed where it is elsewhere, and with the next match where nobody works jobs. Until it answers anew she stays
// dead to it, and unpaid.
func TestTheCivilRegistryIsAskedAgainAboutWhoLives(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state      civilmatch.State
		away, shut bool
		match      civilmatch.Status
		jobs       int
	}{
		"at hand, and mended":     {match: civilmatch.Matched},
		"at hand, and not mended": {state: civilmatch.IsDead, match: civilmatch.Dead},
		"elsewhere":               {away: true, match: civilmatch.Dead, jobs: 1},
		"by a command alone":      {away: true, shut: true, match: civilmatch.Dead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				f := h.registered(1, testkit.Village, 2)
				h.changed(h.members(f)[1], func(p *registry.Person) { p.Match = civilmatch.Dead })
				her := h.members(f)[1]
				h.establish(proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Removal, Tenant: f.Tenant, Family: f.ID, Person: her.ID, Reason: "dead", Evidence: paper("Akta kematian")})
				row := civil.CivilRow{Tenant: testkit.AmbonTenant, NIK: her.NIK, KK: kkOf(t, 1), Name: her.Name, Sex: her.Sex, BirthDate: her.BirthDate, Relation: her.Relation, Area: testkit.Village, AsOf: "2024-01-01", Status: c.state}
				h.civil.Ready(&row)
				h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
					_, err := h.civil.LoadIn(t.Context(), tx, []civil.CivilRow{row})
					return err
				}))
				filing := h.told(proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Reactivation, Tenant: f.Tenant, Family: f.ID, Person: her.ID, Reason: proposals.StillAlive, Evidence: paper("KTP")})
				endorsed := h.endorsedOf(filing)
				h.matcher.silent, h.matcher.away, h.jobs.shut = false, c.away, c.shut
				h.determined(endorsed)
				now := h.members(f)[1]
				if now.State != registry.Active || now.Match != c.match {
					t.Errorf("she is in state %d and %v to the civil registry", now.State, now.Match)
				}
				if len(h.jobs.list) != c.jobs || c.jobs == 1 && h.jobs.list[0] != any(civil.CheckAgain{Tenant: f.Tenant, Person: her.ID, Actor: sqldb.ID(operator.ID)}) {
					t.Errorf("jobs %+v", h.jobs.list)
				}
				if drift, err := h.reg.Drift(t.Context(), db.Direct()); err != nil || drift != 0 {
					t.Errorf("drift %d, %v", drift, err)
				}
			})
		})
	}
}

// members gives the members of a family, the head first.
func (h *house) members(f registry.Family) []registry.Person {
	h.t.Helper()
	list, err := h.reg.MembersIn(h.t.Context(), h.db.Direct(), f.Tenant, f.ID)
	h.must(err)
	return list
}

// told gives a filing as who files it sends it again, having read whom she may be who comes back.
func (h *house) told(f proposals.Filing) proposals.Filing {
	h.t.Helper()
	list, err := h.s.Returning(h.t.Context(), operator, f)
	h.must(err)
	f.Seen = identity.Seen(list)
	return f
}
