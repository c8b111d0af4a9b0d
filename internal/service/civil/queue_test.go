package civil_test

import (
	"encoding/json"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// threeVillages loads 4 mismatches in the village, 3 in its neighbour, and two who match.
func threeVillages(h *house) {
	var rows []registry.Incoming
	var civilRows []civil.CivilRow
	for k := 1; k <= 9; k++ {
		r := row(h.t, k, 1)
		c := civilRow(r)
		if k > 4 {
			r.Area = testkit.Neighbour
		}
		switch {
		case k > 7:
		case k%2 == 0:
			c.Sex = person.Male
		default:
			c.Name = "SITI LAIN"
		}
		rows, civilRows = append(rows, r), append(civilRows, c)
	}
	h.load(rows...)
	h.loadCivil(civilRows...)
	h.match()
}

func TestTheQueueIsCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		for name, c := range map[string]struct {
			who    access.Actor
			filter civil.QueueFilter
			want   int64
		}{
			"the whole district":              {h.who, civil.QueueFilter{}, 7},
			"one status":                      {h.who, civil.QueueFilter{Status: civilmatch.SexDiffers}, 3},
			"a status nobody has":             {h.who, civil.QueueFilter{Status: civilmatch.Dead}, 0},
			"one village":                     {h.who, civil.QueueFilter{Area: testkit.Neighbour}, 3},
			"one village and status":          {h.who, civil.QueueFilter{Area: testkit.Neighbour, Status: civilmatch.NameDiffers}, 2},
			"an operator's own village":       {operator(testkit.Village), civil.QueueFilter{}, 4},
			"an operator and another village": {operator(testkit.Village), civil.QueueFilter{Area: testkit.Neighbour}, 0},
			"who reads no persons":            {testkit.Person(3, access.Analyst, testkit.Ambon), civil.QueueFilter{}, 0},
		} {
			for most, want := range map[int64]int64{100: c.want, 2: min(c.want, 3)} {
				if n, err := h.civil.CountQueue(t.Context(), c.who, c.filter, most); err != nil || n != want {
					t.Errorf("%s: %d of at most %d and one are counted, want %d: %v", name, n, most, want, err)
				}
			}
		}
		if n, err := h.civil.CountNotMatching(t.Context(), h.who); err != nil || n != 7 {
			t.Errorf("%d do not match, want 7: %v", n, err)
		}
	})
}

// entry gives the facts of the newest audit entry of an act.
func (h *house) entry(name string) map[string]any {
	h.t.Helper()
	var text string
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT facts FROM audit_entry WHERE kabkota = 8171 AND act = $1 ORDER BY id DESC LIMIT 1`, name).Scan(&text)
	if err != nil {
		h.t.Fatalf("audit entry of %s: %v", name, err)
	}
	facts := map[string]any{}
	if err := json.Unmarshal([]byte(text), &facts); err != nil {
		h.t.Fatal(err)
	}
	return facts
}
