package accounts_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/testkit"
)

func TestWorkIsOfferedToWhoMayDoIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, true)
		made, err := w.Demo(t.Context(), testkit.Village)
		if err != nil {
			t.Fatal(err)
		}
		people := map[access.Role]access.Actor{}
		for _, a := range made {
			people[a.Role] = w.load(t, a.ID)
		}
		names := func(list []accounts.Officer) (out []access.Role) {
			for _, o := range list {
				out = append(out, o.Roles[0])
			}
			return out
		}
		here, err := w.Officers(t.Context(), people[access.Verifier], access.HandleGrievance, testkit.AmbonTenant, testkit.Village)
		if err != nil || len(here) != 2 {
			t.Fatalf("in the village: %v, %v", names(here), err)
		}
		district, err := w.Officers(t.Context(), people[access.Verifier], access.HandleGrievance, testkit.AmbonTenant, testkit.Ambon)
		if err != nil || len(district) != 1 || district[0].ID != people[access.Verifier].ID {
			t.Errorf("in the district: %v, %v", names(district), err)
		}
		_, err = w.Officers(t.Context(), people[access.Operator], access.HandleGrievance, testkit.AmbonTenant, testkit.Neighbour)
		refuses(t, err, "access.denied")
		_, err = w.Officers(t.Context(), people[access.VillageHead], access.HandleGrievance, testkit.AmbonTenant, testkit.Village)
		refuses(t, err, "access.denied")
	})
}
