package visits_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// Nusaniwe leaves Kota Ambon for a city of its own, which is merged into Ambon again under another code, as decrees could say one day.
const (
	newCity     = area.Code(8173000000)
	newTenant   = area.Tenant(8173)
	newNusaniwe = area.Code(8173010000)
	backAgain   = area.Code(8171090000)
)

// decrees lets the house's places follow the list of areas.
func (h *house) decrees() *areas.Service {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(h.db.Write(ctx, func(tx *sqldb.Tx) error {
		for code, name := range map[area.Code]string{8100000000: "Maluku", testkit.Ambon: "Kota Ambon", testkit.Nusaniwe: "Nusaniwe", testkit.Village: "Nusaniwe", testkit.Neighbour: "Benteng"} {
			village := int64(0)
			if code.Level() == area.LevelVillage {
				village = int64(code)
			}
			_, err := tx.Exec(ctx, `INSERT INTO area (code, name, name_norm, kind, level, parent, kabkota, village_id, bps_code, valid_from, valid_to)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '2020-01-01', '')`,
				int64(code), name, areas.Fold(name), code.Kind().String(), int64(code.Level()), int64(code.Parent()), int64(area.FirstTenant(code)), village)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	_, err := installation.Create(ctx, h.db, installation.Creation{Name: "Uji", Level: installation.District, Areas: []area.Code{testkit.Ambon}}, h.clock.Now())
	h.must(err)
	acts := act.New(h.db, h.clock.Now, nil)
	places, err := areas.Open(ctx, acts, schema.Tables())
	h.must(err)
	h.s = visits.New(acts, h.keys, registry.New(acts, h.keys), places)
	return places
}

// decreed carries a decree out.
func (h *house) decreed(places *areas.Service, d areas.Decree) {
	h.t.Helper()
	chief := testkit.Person(9, access.AgencyHead, testkit.Ambon)
	admin := testkit.Person(8, access.Admin, testkit.Ambon)
	if d.About == newCity { // caretakers of both
		chief, admin = testkit.Person(9, access.AgencyHead, newCity), testkit.Person(8, access.Admin, newCity)
		chief.Grants[0].Tenants, admin.Grants[0].Tenants = places.TenantsIn(newCity), places.TenantsIn(newCity)
	}
	c, err := places.Propose(h.t.Context(), admin, d)
	h.must(err)
	h.must(places.Approve(h.t.Context(), chief, c.ID, nil))
	h.must(places.Apply(h.t.Context(), chief, c.ID, nil))
}

// TestVisitsOutliveAMerger: the visits to a family whose district was merged into another are read there, those of every district the
// village was of, in one order, and once each; they are withdrawn there; a form sent again after the merger is kept once, and one that was
// withdrawn is told; and nobody of the district that is no more reads them.
func TestVisitsOutliveAMerger(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx, places := t.Context(), h.decrees()
		at := func(n byte, role access.Role, code area.Code, tenant area.Tenant) access.Actor {
			who := testkit.Person(n, role, code)
			who.Grants[0].Tenants = []area.Tenant{tenant}
			return who
		}
		first, second, taken, last := h.made(4), h.made(3), h.made(2), h.made(1)
		h.must(h.s.Note(ctx, testkit.Person(1, access.Operator, testkit.Village), testkit.AmbonTenant, h.family, first))

		h.decreed(places, areas.Decree{About: testkit.Ambon, Basis: "UU 1/2024 (contoh)", From: period.On(2024, 9, 1),
			New: []areas.NewPlace{{Code: newCity, Name: "Kota Nusaniwe"}}, Moves: []areas.Move{{From: testkit.Nusaniwe, To: newNusaniwe}}})
		there := at(2, access.Verifier, newCity, newTenant)
		h.must(h.s.Note(ctx, there, newTenant, h.family, second))
		h.must(h.s.Note(ctx, there, newTenant, h.family, taken))
		h.must(h.s.Withdraw(ctx, there, newTenant, h.family, taken.ID, "Keluarga lain"))

		h.decreed(places, areas.Decree{About: newCity, Basis: "UU 2/2024 (contoh)", From: period.On(2024, 9, 15),
			Moves: []areas.Move{{From: newNusaniwe, To: backAgain}}, Ends: []areas.End{{Code: newCity}}})
		office, village := testkit.Person(3, access.Verifier, testkit.Ambon), testkit.Person(4, access.Operator, backAgain+testkit.Village-testkit.Nusaniwe)
		h.must(h.s.Note(ctx, office, testkit.AmbonTenant, h.family, last))
		h.must(h.s.Note(ctx, office, testkit.AmbonTenant, h.family, second)) // its form, sent again
		if err := h.s.Note(ctx, office, testkit.AmbonTenant, h.family, taken); fail.CodeOf(err) != "visits.withdrawn" {
			t.Errorf("sent again after it was withdrawn: %v", err)
		}
		for name, who := range map[string]access.Actor{"the district": office, "the village": village} {
			list, err := h.s.Of(ctx, who, testkit.AmbonTenant, h.family, sqldb.ID{})
			h.must(err)
			if !slices.EqualFunc(list, []visits.Visit{last, taken, second, first}, func(a, b visits.Visit) bool { return a.ID == b.ID }) || list[1].Withdrawn.Reason != "Keluarga lain" {
				t.Errorf("%s reads %+v", name, list)
			}
		}
		list, err := h.s.Of(ctx, office, testkit.AmbonTenant, h.family, taken.ID)
		if err != nil || len(list) != 2 || list[0].ID != second.ID {
			t.Errorf("behind a visit of the merged district: %+v, %v", list, err)
		}
		h.must(h.s.Withdraw(ctx, office, testkit.AmbonTenant, h.family, second.ID, "Hari keliru"))
		standing, err := h.s.StandingIn(ctx, db.Direct(), testkit.AmbonTenant, h.family)
		if err != nil || len(standing) != 2 || standing[0].ID != last.ID || standing[1].ID != first.ID {
			t.Errorf("standing are %+v, %v", standing, err)
		}
		for tenant, code := range map[area.Tenant]string{newTenant: "registry.no_family", testkit.AmbonTenant: "access.denied"} {
			if list, err := h.s.Of(ctx, there, tenant, h.family, sqldb.ID{}); fail.CodeOf(err) != code || len(list) != 0 {
				t.Errorf("the district that is no more reads %d visits under %d: %v", len(list), tenant, err)
			}
		}
	})
}
