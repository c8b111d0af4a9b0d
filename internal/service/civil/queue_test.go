package civil_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
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

func TestTheQueueIsFilteredScopedAndPaged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		for name, c := range map[string]struct {
			who    access.Actor
			filter civil.QueueFilter
			want   int
		}{
			"the whole district":              {h.who, civil.QueueFilter{}, 7},
			"one status":                      {h.who, civil.QueueFilter{Status: civilmatch.SexDiffers}, 3},
			"a status nobody has":             {h.who, civil.QueueFilter{Status: civilmatch.Dead}, 0},
			"one village":                     {h.who, civil.QueueFilter{Area: testkit.Neighbour}, 3},
			"one village and status":          {h.who, civil.QueueFilter{Area: testkit.Neighbour, Status: civilmatch.NameDiffers}, 2},
			"an operator's own village":       {operator(testkit.Village), civil.QueueFilter{}, 4},
			"an operator and another village": {operator(testkit.Village), civil.QueueFilter{Area: testkit.Neighbour}, 0},
		} {
			for _, limit := range []int{1, 2, 200} {
				filter := c.filter
				filter.Limit = limit
				seen := map[sqldb.ID]bool{}
				var last civil.Mismatch
				for {
					page, err := h.civil.Queue(t.Context(), c.who, filter)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					for _, m := range page {
						if seen[m.PersonID] {
							t.Errorf("%s, pages of %d: a person is listed twice", name, limit)
						}
						if !last.PersonID.IsZero() && (m.Area < last.Area || m.Area == last.Area && slices.Compare(m.PersonID[:], last.PersonID[:]) < 0) {
							t.Errorf("%s, pages of %d: out of order", name, limit)
						}
						seen[m.PersonID], last = true, m
					}
					if len(page) < limit {
						break
					}
					filter.AfterArea, filter.AfterID = last.Area, last.PersonID
				}
				if len(seen) != c.want {
					t.Errorf("%s, pages of %d: %d persons, want %d", name, limit, len(seen), c.want)
				}
			}
			for most, want := range map[int64]int64{100: int64(c.want), 2: int64(min(c.want, 3))} {
				if n, err := h.civil.CountQueue(t.Context(), c.who, c.filter, most); err != nil || n != want {
					t.Errorf("%s: %d of at most %d and one are counted, want %d: %v", name, n, most, want, err)
				}
			}
		}
	})
}

func TestTheQueueRefusesAndRecords(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		if _, err := h.civil.Queue(t.Context(), testkit.Person(3, access.Analyst, testkit.Ambon), civil.QueueFilter{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("who reads no persons: %v", err)
		}
		for _, status := range []civilmatch.Status{civilmatch.ServiceFailed, civilmatch.NIKFound, civilmatch.Matched} {
			if _, err := h.civil.Queue(t.Context(), h.who, civil.QueueFilter{Status: status}); !errors.Is(err, fail.Invalid("civilmatch.status")) {
				t.Errorf("%v in the queue of mismatches: %v", status, err)
			}
		}
		if _, err := h.civil.Queue(t.Context(), h.who, civil.QueueFilter{Limit: 50}); err != nil {
			t.Fatal(err)
		}
		facts := h.entry("civil.queue")
		if facts["shown"] != 7.0 || len(facts["ids"].(string)) != 32 {
			t.Errorf("audit entry = %v", facts)
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

func TestTheQueueMarksWhoIsPaid(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		paid, waits := h.find("1-1"), h.find("2-1")
		for family, state := range map[sqldb.ID]int64{paid.FamilyID: 1, waits.FamilyID: 2} {
			h.write(func(tx *act.Tx) error {
				_, err := tx.Exec(t.Context(), `
					INSERT INTO enrolment (kabkota, id, version, list_id, programme, family_id, area_code, position, state, amount, working,
						valid_from, valid_to, ended_reason, recorded_at, act_id)
					VALUES (8171, $1, 1, $2, 'pkh', $3, $4, 1, $5, 0, '{}', '2024-01-01', '', '', 0, $1)`,
					sqldb.NewID(), sqldb.NewID(), family, int64(testkit.Village), state)
				return err
			})
		}
		list, err := h.civil.Queue(t.Context(), h.who, civil.QueueFilter{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Paid != (m.PersonID == paid.ID) {
				t.Errorf("%s is marked paid: %v", m.PersonID, m.Paid)
			}
		}
	})
}
