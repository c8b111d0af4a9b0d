package screening_test

import (
	"slices"
	"testing"

	"tepat/data/linkage"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// TestWhoDecidesReadsWhoWasRegisteredMeanwhile: a record ended by a finding comes back when the finding is dismissed. Who
// decides reads first that somebody alike has been registered under another number since; who may not decide reads nothing.
func TestWhoDecidesReadsWhoWasRegisteredMeanwhile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		model, err := engine.ParseModel(linkage.Identity, linkage.Tables)
		h.must(err)
		h.s.Look(identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model}))
		hit(h)
		r := h.screen()
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		dead := h.person(1, 2)
		list, err := h.s.Queue(t.Context(), h.who, screening.Filter{State: screening.Removed, Family: dead.FamilyID, Run: r.ID, Limit: 10})
		if err != nil || len(list) != 1 {
			t.Fatalf("removed of the family: %v, %v", list, err)
		}
		told := func() []identity.Resembling { // of another village: the made up people of one family are alike
			c, err := h.s.Open(t.Context(), h.who, testkit.AmbonTenant, list[0].ID, "")
			h.must(err)
			return slices.DeleteFunc(c.Alike, func(one identity.Resembling) bool { return one.Area != testkit.Neighbour })
		}
		if few := told(); len(few) != 0 {
			t.Fatalf("nobody is alike: %+v", few)
		}
		again := row(t, 30, 1, testkit.Neighbour)
		again.Name, again.BirthDate, again.BirthPlace = dead.Name, dead.BirthDate, dead.BirthPlace
		h.register(again)
		few := told()
		if len(few) != 1 || few[0].Name != dead.Name || few[0].Family.IsZero() {
			t.Fatalf("who decides reads %+v", few)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'finding.open' AND facts LIKE '%"shown":3%'`); n != 2 { // before, three of her family
			t.Errorf("%d looks in the log", n)
		}
		if c, err := h.s.Open(t.Context(), h.clerk, testkit.AmbonTenant, list[0].ID, ""); err != nil || len(c.Alike) != 0 {
			t.Errorf("the village reads %+v, %v", c.Alike, err)
		}
		if _, err := h.decide(h.head, list[0].Finding, false, "evidence_wrong"); err != nil {
			t.Fatal(err)
		}
		if p := h.person(1, 2); p.State != registry.Active {
			t.Errorf("she is not brought back: %v", p.State)
		}
		if few := told(); len(few) != 0 { // she is in the registry: the two are told in the queue of duplicates
			t.Errorf("after it is told %+v", few)
		}
	})
}
