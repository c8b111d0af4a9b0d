package insight_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
)

type key struct {
	area   int64
	metric string
}

// rollup reads what is kept.
func (h house) rollup(of string) map[key]int64 {
	h.t.Helper()
	out := map[key]int64{}
	must(h.t, sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT area_code, metric, n FROM rollup WHERE kabkota = 8171 AND period = $1`, []any{of}, func(r sqldb.Row) error {
		var k key
		var n int64
		err := r.Scan(&k.area, &k.metric, &n)
		out[k] = n
		return err
	}))
	return out
}

// tally adds a number to a village and to the areas above it.
type tally map[key]int64

func (t tally) add(at int64, metric string, n int64) {
	code := area.Code(at)
	for _, one := range slices.Compact([]area.Code{code, code.Subdistrict(), code.District()}) {
		t[key{int64(one), metric}] += n
	}
}

// counted counts the live tables row by row, in Go: the plain way, to hold the figures against.
func (h house) counted() tally {
	h.t.Helper()
	out, ctx, q := tally{}, h.t.Context(), h.db.Direct()
	each := func(query string, f func(r sqldb.Row) error) {
		h.t.Helper()
		must(h.t, sqldb.Each(ctx, q, query, nil, f))
	}
	each(`SELECT area_code, state, persons, decile FROM family WHERE kabkota = 8171`, func(r sqldb.Row) error {
		var at, state, persons, decile int64
		err := r.Scan(&at, &state, &persons, &decile)
		if state == 1 && persons > 0 {
			out.add(at, "families", 1)
			out.add(at, "decile."+strconv.Itoa(int(decile)), 1)
			out.add(at, "decile_persons."+strconv.Itoa(int(decile)), persons)
		}
		return err
	})
	each(`SELECT area_code, state, match_status FROM person WHERE kabkota = 8171`, func(r sqldb.Row) error {
		var at, state, status int64
		err := r.Scan(&at, &state, &status)
		if state == 1 {
			out.add(at, "persons", 1)
			out.add(at, "match."+civilmatch.Status(status).Code(), 1)
		}
		return err
	})
	today := period.DateOf(h.clock.Now(), area.WIT.Location())
	each(`SELECT area_code, state, due_on, filed_on FROM proposal WHERE kabkota = 8171`, func(r sqldb.Row) error {
		var at int64
		var state, due, filed string
		if err := r.Scan(&at, &state, &due, &filed); err != nil {
			return err
		}
		out.add(at, "proposal."+state, 1)
		if !proposal.State(state).Open() {
			return nil
		}
		out.add(at, "open_proposals", 1)
		if due != "" && due < today.Text() {
			out.add(at, "overdue", 1)
		}
		day, err := period.ParseDate(filed)
		switch age := today.DaysSince(day); {
		case age <= 7:
			out.add(at, "age.0_7", 1)
		case age <= 14:
			out.add(at, "age.8_14", 1)
		case age <= 30:
			out.add(at, "age.15_30", 1)
		default:
			out.add(at, "age.over_30", 1)
		}
		return err
	})
	each(`SELECT area_code, state FROM finding WHERE kabkota = 8171`, func(r sqldb.Row) error {
		var at int64
		var state string
		err := r.Scan(&at, &state)
		out.add(at, "finding."+state, 1)
		return err
	})
	each(`SELECT area_code, state FROM link_pair WHERE kabkota = 8171 AND left_id IN (SELECT id FROM person WHERE state = 1)`, func(r sqldb.Row) error {
		var at int64
		var state string
		err := r.Scan(&at, &state)
		if state == "open" {
			out.add(at, "open_duplicates", 1)
		}
		return err
	})
	h.countAid(out)
	h.countActivity(out)
	h.countQuality(out)
	maps.DeleteFunc(out, func(_ key, n int64) bool { return n == 0 })
	return out
}

func (h house) countAid(out tally) {
	h.t.Helper()
	ctx, q := h.t.Context(), h.db.Direct()
	states := map[int64]string{1: "enrolled", 2: "waiting", 3: "suspended"}
	persons, families := map[key]bool{}, map[key]bool{}
	must(h.t, sqldb.Each(ctx, q, `SELECT e.area_code, e.programme, e.state, e.amount, e.family_id, e.person_id, l.state FROM enrolment e
		JOIN programme_list l ON l.kabkota = e.kabkota AND l.id = e.list_id WHERE e.kabkota = 8171`, nil, func(r sqldb.Row) error {
		var at, state, amount int64
		var id, list string
		var family, person sqldb.ID
		err := r.Scan(&at, &id, &state, &amount, &family, &person, &list)
		if list == "frozen" && states[state] != "" {
			out.add(at, "place."+id+"."+states[state], 1)
			out.add(at, "place_amount."+id+"."+states[state], amount)
		}
		if state == 1 {
			if k := (key{at, person.String()}); !person.IsZero() && !persons[k] {
				persons[k] = true
				out.add(at, "recipients", 1)
			}
			if k := (key{at, family.String()}); !families[k] {
				families[k] = true
				out.add(at, "helped_families", 1)
			}
		}
		return err
	}))
	latest := map[string]string{}
	rows := func(f func(at, amount int64, id, of, cycle, state, final, repair string)) {
		must(h.t, sqldb.Each(ctx, q, `SELECT p.area_code, p.amount, c.programme, c.period, c.state, p.state, p.final, p.repair FROM payment p
			JOIN pay_cycle c ON c.kabkota = p.kabkota AND c.id = p.cycle_id WHERE p.kabkota = 8171`, nil, func(r sqldb.Row) error {
			var at, amount int64
			var id, of, cycle, state, final, repair string
			err := r.Scan(&at, &amount, &id, &of, &cycle, &state, &final, &repair)
			f(at, amount, id, of, cycle, state, final, repair)
			return err
		}))
	}
	rows(func(_, _ int64, id, of, cycle, _, _, _ string) {
		if cycle != "cancelled" {
			latest[id] = max(latest[id], of)
		}
	})
	rows(func(at, amount int64, id, of, cycle, state, final, repair string) {
		if repair == "open" {
			out.add(at, "open_repairs", 1)
		}
		if cycle == "cancelled" || latest[id] != of {
			return
		}
		standing := final
		if final == "" && (state == "CREDITED" || state == "NOT_USED") {
			standing = "credited"
		} else if final == "" {
			standing = "open"
		}
		out.add(at, "pay."+id+"."+standing, 1)
		out.add(at, "pay_amount."+id+"."+standing, amount)
	})
}

func (h house) countActivity(out tally) {
	h.t.Helper()
	last := map[int64]int64{}
	must(h.t, sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT area_code, role, at FROM audit_entry WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var at, when int64
		var role string
		err := r.Scan(&at, &role, &when)
		if role == string(access.Operator) && area.Code(at).Level() == area.LevelVillage {
			last[at] = max(last[at], when)
		}
		return err
	}))
	must(h.t, sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT code FROM area WHERE kabkota = 8171 AND level = 4`, nil, func(r sqldb.Row) error {
		var at int64
		err := r.Scan(&at)
		out.add(at, "villages", 1)
		if last[at] < h.clock.Now().Add(-30*24*time.Hour).UnixMicro() {
			out.add(at, "asleep", 1)
		}
		for _, one := range []area.Code{area.Code(at), area.Code(at).Subdistrict(), area.Code(at).District()} {
			k := key{int64(one), "last_activity"}
			out[k] = max(out[k], last[at])
		}
		return err
	}))
}

// change does something to the district, at random.
func (h house) change(rng *rand.Rand) {
	h.t.Helper()
	places := []area.Code{benteng, wainitu, batuMerah}
	at := func() area.Code { return places[rng.IntN(len(places))] }
	day := func() string { return period.On(2024, 10, 20).AddDays(-rng.IntN(60)).Text() }
	states := proposal.States()
	for range 1 + rng.IntN(6) {
		h.proposals(proposed{at(), string(states[rng.IntN(len(states))]), day(), []string{"", day()}[rng.IntN(2)]})
	}
	h.exec(`UPDATE family SET decile = $1 WHERE kabkota = 8171 AND area_code = $2 AND decile = $3`, int64(rng.IntN(11)), int64(at()), int64(rng.IntN(11)))
	h.exec(`UPDATE family SET state = $1 WHERE kabkota = 8171 AND registry_id = '' AND area_code = $2 AND decile = $3`, int64(1+rng.IntN(2)), int64(at()), int64(rng.IntN(11)))
	h.exec(`UPDATE person SET match_status = $1 WHERE kabkota = 8171 AND area_code = $2 AND birth_date = $3`,
		int64(rng.IntN(16)), int64(at()), period.On(1980+rng.IntN(3), 5, 1).Text())
	h.exec(`UPDATE person SET area_code = $1 WHERE kabkota = 8171 AND area_code = $2 AND match_status = $3`, int64(at()), int64(at()), int64(rng.IntN(16)))
	h.exec(`DELETE FROM proposal WHERE kabkota = 8171 AND state = $1`, string(states[rng.IntN(len(states))]))
	var places2 []placed
	family, person := sqldb.NewID(), sqldb.NewID()
	for range 4 {
		places2 = append(places2, placed{at(), family, person, int64(1 + rng.IntN(4)), int64(rng.IntN(5)) * 100_000})
		if rng.IntN(2) == 0 {
			family, person = sqldb.NewID(), sqldb.ID{}
		}
	}
	h.exec(`UPDATE programme_list SET state = 'superseded' WHERE kabkota = 8171 AND programme = 'pkh'`)
	h.list("pkh", []string{"frozen", "draft"}[rng.IntN(2)], places2...)
	h.findings(map[string]int{"found": rng.IntN(3), "removed": rng.IntN(3)}, at())
	h.pairs(rng.IntN(4), at())
	if rng.IntN(2) == 0 {
		h.active(at())
	}
	h.clock.Move(time.Duration(rng.IntN(20)) * 24 * time.Hour)
}

func TestFiguresAreWhatIsCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(0, 12, 3, benteng)
		h.families(20, 7, 2, wainitu)
		h.families(40, 9, 4, batuMerah)
		h.stage("pkh", "2024-Q3", "closed", paid{benteng, "PAID_USED", "paid_used", "", 5}, paid{benteng, "REJECTED", "rejected", "open", 5})
		h.stage("pkh", "2024-Q4", "reconciling", paid{benteng, "CREDITED", "", "", 7}, paid{wainitu, "SI", "", "", 7}, paid{wainitu, "REJECTED", "rejected", "open", 7})
		h.stage("pkh", "2025-Q1", "cancelled", paid{benteng, "REJECTED", "rejected", "", 7})
		rng := rand.New(rand.NewPCG(1, 2))
		for round := range 6 {
			if round > 0 {
				h.change(rng)
			}
			done := h.refresh()
			got, want := h.rollup(insight.Live), h.counted()
			refreshed := key{int64(testkit.Ambon), "refreshed"}
			if got[refreshed] != h.clock.Now().UnixMicro() {
				t.Errorf("round %d: counted at %d", round, got[refreshed])
			}
			delete(got, refreshed)
			if !maps.Equal(got, want) {
				for k := range want {
					if got[k] != want[k] {
						t.Errorf("round %d: %d %s is %d, counted %d", round, k.area, k.metric, got[k], want[k])
					}
				}
				for k, n := range got {
					if _, ok := want[k]; !ok {
						t.Errorf("round %d: %d %s is %d, counted none", round, k.area, k.metric, n)
					}
				}
			}
			if done.Rows != len(want)+1 {
				t.Errorf("round %d: %d rows, want %d", round, done.Rows, len(want)+1)
			}
		}
	})
}

func TestARefreshWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(0, 3, 2, benteng)
		if first := h.refresh(); first.Changed != first.Rows {
			t.Errorf("the first wrote %d of %d", first.Changed, first.Rows)
		}
		h.clock.Move(time.Minute)
		if again := h.refresh(); again.Changed != 1 {
			t.Errorf("nothing changed but the time, and %d were written", again.Changed)
		}
		h.clock.Move(time.Minute)
		h.families(10, 1, 2, batuMerah)
		// families, persons, a decile in families and in persons, a status: in a village, its subdistrict, the district.
		if again := h.refresh(); again.Changed != 3*5+1 {
			t.Errorf("one family came, and %d were written", again.Changed)
		}
	})
}
