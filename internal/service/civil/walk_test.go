package civil_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestCountsHoldInARandomWalk changes a few families in every way there is and compares the
// counts kept with a fresh count after each step.
func TestCountsHoldInARandomWalk(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		w := walk{house: newHouse(t, db), rnd: rand.New(rand.NewPCG(seed, 1))}
		var rows []registry.Incoming
		for k := 1; k <= 4; k++ {
			for n := 1; n <= 3; n++ {
				rows = append(rows, row(t, k, n))
			}
		}
		w.load(rows...)
		for step := range 120 {
			w.clock.Move(time.Minute)
			what := w.step()
			w.checkCounts(fmt.Sprintf("seed %d, step %d: %s", seed, step, what))
		}
	})
}

type walk struct {
	*house
	rnd  *rand.Rand
	year int
}

func (w *walk) any() registry.Person {
	return w.find(fmt.Sprintf("%d-%d", 1+w.rnd.IntN(4), 1+w.rnd.IntN(3)))
}

func (w *walk) name() string { return []string{"SITI SATU", "SITI DUA", "SITI TIGA"}[w.rnd.IntN(3)] }

func (w *walk) step() string {
	p := w.any()
	switch w.rnd.IntN(8) {
	case 0:
		w.match()
		return "match"
	case 1, 2:
		return w.mend(p)
	case 3:
		r := row(w.t, 1+w.rnd.IntN(4), 1+w.rnd.IntN(3))
		w.year++
		r.Name, r.SourceDate = w.name(), fmt.Sprint(2024+w.year)
		w.load(r)
		return "newer import"
	case 4:
		c := civilRow(row(w.t, 1+w.rnd.IntN(4), 1+w.rnd.IntN(3)))
		c.Name, c.Status, c.AsOf = w.name(), civilmatch.State(w.rnd.IntN(6)), w.clock.Now().Format(time.RFC3339)
		w.loadCivil(c)
		return "civil row"
	case 5, 6:
		w.write(func(tx *act.Tx) (err error) {
			if p.State == registry.Active {
				_, err = w.reg.EndPersonIn(w.t.Context(), tx, p.Tenant, p.ID, registry.Ended, "test")
			} else {
				_, err = w.reg.RestorePersonIn(w.t.Context(), tx, p.Tenant, p.ID)
			}
			return err
		})
		return "end or restore"
	default:
		to := w.any()
		w.write(func(tx *act.Tx) error {
			p.FamilyID = to.FamilyID
			_, err := w.reg.ChangePersonIn(w.t.Context(), tx, p)
			return err
		})
		return "move to another family"
	}
}

func (w *walk) mend(p registry.Person) string {
	m := mending(p)
	what := "mend name"
	switch w.rnd.IntN(4) {
	case 0:
		name := w.name()
		m.Name = &name
	case 1:
		nik := row(w.t, 1+w.rnd.IntN(4), 1+w.rnd.IntN(3)).NIK
		m.NIK, what = &nik, "mend NIK"
	case 2:
		kk := kkOf(w.t, 1+w.rnd.IntN(5))
		m.KK, what = &kk, "mend No. KK"
	case 3:
		sex := []person.Sex{person.Male, person.Female}[w.rnd.IntN(2)]
		m.Sex, what = &sex, "mend sex"
	}
	_, err := w.civil.Mend(w.t.Context(), w.who, m)
	if code := fail.CodeOf(err); err != nil && code != "civil.nothing_changed" && code != "registry.not_active" {
		w.t.Fatalf("%s: %v", what, err)
	}
	return what
}
