package grievances_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

// Nusaniwe leaves Kota Ambon for a city of its own, as a decree could say one day.
const (
	newCity     = area.Code(8173000000)
	newNusaniwe = area.Code(8173010000)
	newVillage  = newNusaniwe + testkit.Village - testkit.Nusaniwe
)

// split takes Nusaniwe with its villages out of Ambon, and gives the verifier and the agency head of the new city.
func (h *house) split() (newVerifier, newChief access.Actor) {
	h.t.Helper()
	admin := testkit.Person(8, access.Admin, testkit.Ambon)
	c, err := h.places.Propose(h.t.Context(), admin, areas.Decree{
		About: testkit.Ambon, Basis: "UU 1/2024 (contoh)", From: period.On(2024, 9, 1),
		New: []areas.NewPlace{{Code: newCity, Name: "Kota Nusaniwe"}}, Moves: []areas.Move{{From: testkit.Nusaniwe, To: newNusaniwe}},
	})
	h.must(err)
	h.must(h.places.Approve(h.t.Context(), chief, c.ID, nil))
	h.must(h.places.Apply(h.t.Context(), chief, c.ID, nil))
	there := func(n byte, role access.Role) access.Actor {
		who := testkit.Person(n, role, newCity)
		who.Grants[0].Tenants = h.places.TenantsIn(newCity)
		return who
	}
	return there(11, access.Verifier), there(12, access.AgencyHead)
}

// TestCasesOutliveASplit: what was filed before a split of areas is found by its number afterwards, stands in the list of the
// office that has the family now, which carries it out; and what the family could object to before, it can object to after.
func TestCasesOutliveASplit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		refused, later := h.refused(1), h.refused(5)
		listed := h.registered(2, testkit.Village)
		h.registered(3, testkit.Village)
		send := func(p string, k int, request sqldb.ID) (grievances.SelfReceipt, error) {
			return h.s.FileSelf(t.Context(), grievances.SelfFiling{Filing: grievances.Filing{
				Request: request, Kind: grievances.Objection, Topic: string(proposal.AgainstRefusal), Proposal: p, Document: h.words(k, "Rumah itu bukan milik kami."),
			}, Digits: last4(t, k)})
		}
		request := sqldb.NewID()
		before, err := send(refused.Number, 1, request)
		h.must(err)
		listing := grievances.Filing{Kind: grievances.Objection, Topic: string(proposal.AgainstListing), Area: testkit.Village, Family: listed.ID, Document: h.words(3, "Mereka mampu.")}
		about, err := h.s.File(t.Context(), verifier, listing)
		h.must(err)
		here, _ := h.split()

		line, err := h.s.Track(t.Context(), before.Number, last4(t, 1))
		if err != nil || line.State != "FILED" || line.AnswerBy != before.AnswerBy {
			t.Errorf("tracked after the split: %+v, %v", line, err)
		}
		if again, err := send(refused.Number, 1, request); err != nil || !again.Repeated || again.Number != before.Number {
			t.Errorf("sent twice: %+v, %v", again, err)
		}
		page, err := h.s.Queue(t.Context(), here, grievances.Filter{Open: true, Limit: 10})
		h.must(err)
		if len(page.Lines) != 2 {
			t.Fatalf("the new city sees %d cases, want 2", len(page.Lines))
		}
		if old, err := h.s.Queue(t.Context(), verifier, grievances.Filter{Open: true, Limit: 10}); err != nil || len(old.Lines) != 0 {
			t.Errorf("Ambon still sees %d cases, %v", len(old.Lines), err)
		}

		// The objection to the refusal is carried out by the new city.
		v, err := h.s.Open(t.Context(), here, testkit.AmbonTenant, page.Lines[0].ID, "uji")
		h.must(err)
		r, err := h.s.Assign(t.Context(), here, on(v.Row, ""))
		h.must(err)
		if _, err = h.s.Uphold(t.Context(), here, on(r, "Rumah milik orang lain.")); err != nil {
			t.Errorf("upheld by the new city: %v", err)
		}
		line, err = h.s.Track(t.Context(), before.Number, last4(t, 1))
		h.must(err)
		if end := line.Steps[len(line.Steps)-1]; line.State != "UPHELD" || end.Place != "Kota Nusaniwe" {
			t.Errorf("she sees %+v", line)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'grievance.uphold' AND area_code = $1`, int64(newVillage)); n != 1 {
			t.Errorf("%d entries of the new city tell of it", n)
		}

		// So is the one to a listing, whose family has moved into the storage of the new city.
		seen, err := h.s.AboutFamily(t.Context(), here, area.Tenant(8173), listed.ID)
		if err != nil || len(seen) != 1 || seen[0].Number != about.Number {
			t.Errorf("the family's page shows %+v, %v", seen, err)
		}
		h.registered(4, testkit.Neighbour) // somebody else of the village joins
		listing.Area, listing.Document, listing.FilerArea = newVillage, h.words(9, "Saya juga keberatan."), newVillage
		if joined, err := h.s.File(t.Context(), here, listing); err != nil || !joined.Joined || joined.Number != about.Number {
			t.Errorf("joined: %+v, %v", joined, err)
		}
		v, err = h.s.Open(t.Context(), here, testkit.AmbonTenant, about.ID, "uji")
		h.must(err)
		r, err = h.s.Identify(t.Context(), here, grievances.Decision{Tenant: v.Tenant, ID: v.ID, Version: v.Version, Family: listed.ID})
		h.must(err)
		r, err = h.s.Assign(t.Context(), here, on(r, ""))
		h.must(err)
		visited := on(r, "Rumah dilihat.")
		visited.Paper = proposals.Paper{Name: "Berita acara"}
		r, err = h.s.Check(t.Context(), here, visited)
		h.must(err)
		if _, err = h.s.Uphold(t.Context(), here, on(r, "Rumah permanen milik sendiri.")); err != nil {
			t.Errorf("a removal is proposed by the new city: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8173 AND family_id = $1 AND area_code = $2`, listed.ID, int64(newVillage)); n != 1 {
			t.Errorf("%d removals are proposed", n)
		}

		// A refusal from before the split is objected to after it.
		after, err := send(later.Number, 5, sqldb.NewID())
		if err != nil || after.Number == "" {
			t.Fatalf("filed after the split: %+v, %v", after, err)
		}
		if line, err := h.s.Track(t.Context(), after.Number, last4(t, 5)); err != nil || line.State != "FILED" {
			t.Errorf("tracked: %+v, %v", line, err)
		}
	})
}

// TestANumberOfTwoDistrictsLeadsToEachCase: two districts number by themselves, so that two cases may have one number. The code on
// the receipt tells them apart.
func TestANumberOfTwoDistrictsLeadsToEachCase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		nameless := func(who access.Actor, at area.Code, topic grievance.Kind) grievances.Receipt {
			r, err := h.s.File(t.Context(), who, grievances.Filing{
				Kind: grievances.Complaint, Topic: string(topic), Area: at, Anonymous: true, Document: h.words(0, "Dipotong Rp50.000."),
			})
			h.must(err)
			return r
		}
		old := nameless(verifier, testkit.Village, grievance.Levy)
		here, _ := h.split()
		young := nameless(here, newVillage, grievance.Service)
		if old.Number != young.Number || old.Code == young.Code {
			t.Fatalf("%s with %s and %s with %s", old.Number, old.Code, young.Number, young.Code)
		}
		for _, c := range []grievances.Receipt{old, young} {
			if line, err := h.s.Track(t.Context(), c.Number, c.Code); err != nil || line.Topic != c.Topic {
				t.Errorf("%s with %s leads to %+v, %v", c.Number, c.Code, line, err)
			}
		}
	})
}
