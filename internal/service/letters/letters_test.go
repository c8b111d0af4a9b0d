package letters_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/testkit"
)

// east has every place in WIT.
type east struct{}

func (east) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, time.FixedZone("WIT", 9*3600))
}

// Lineage: no village has changed its district.
func (east) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	s     *letters.Service
}

func newHouse(t testing.TB, db *sqldb.DB) house {
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	return house{t, db, clock, acts, letters.NewService(acts, east{})}
}

func (h house) write(f func(*act.Tx) error) {
	h.t.Helper()
	who := testkit.Person(1, access.Verifier, testkit.Ambon)
	err := h.acts.Write(h.t.Context(), who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.IssueLetter, testkit.AmbonTenant, testkit.Village); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) issue(n letters.New) (l letters.Letter) {
	h.t.Helper()
	h.write(func(tx *act.Tx) (err error) {
		l, err = h.s.IssueIn(h.t.Context(), tx, n)
		return err
	})
	return l
}

func notice() letters.New {
	return letters.New{Tenant: testkit.AmbonTenant, Kind: letters.Notice, Subject: sqldb.NewID(), Area: testkit.Village, Facts: map[string]any{"criterion": "dead"}}
}

func (h house) entries(act string, subject sqldb.ID) (n int64, purpose string) {
	h.t.Helper()
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT count(*), coalesce(max(purpose), '') FROM audit_entry WHERE kabkota = 8171 AND act = $1 AND subject = $2`, act, subject).Scan(&n, &purpose)
	if err != nil {
		h.t.Fatal(err)
	}
	return n, purpose
}

func TestALetterIsNumberedShownAndListed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		first := h.issue(notice())
		second := notice()
		second.Subject, second.Expires = first.Subject, period.On(2024, 11, 14)
		next := h.issue(second)
		if first.Number != "S-2024-00001" || next.Number != "S-2024-00002" {
			t.Errorf("numbers %s, %s", first.Number, next.Number)
		}
		who := testkit.Person(2, access.Operator, testkit.Village)
		shown, err := h.s.Show(t.Context(), who, testkit.AmbonTenant, next.ID, "cetak")
		if err != nil || shown.Number != next.Number || shown.Code != next.Code || shown.Expires != second.Expires || string(shown.Facts) != `{"criterion":"dead"}` {
			t.Fatalf("shown %+v, %v", shown, err)
		}
		if n, purpose := h.entries("letter.show", first.Subject); n != 1 || purpose != "cetak" {
			t.Errorf("showing left %d entries with purpose %q", n, purpose)
		}
		list, err := h.s.ListOf(t.Context(), who, testkit.AmbonTenant, first.Subject, sqldb.NewID())
		if err != nil || len(list) != 2 || list[0].ID != next.ID {
			t.Errorf("list = %v, %v", list, err)
		}
		if n, _ := h.entries("letter.list", first.Subject); n != 1 {
			t.Errorf("listing left %d entries", n)
		}
	})
}

func TestALetterIsRefusedOutsideItsArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		l := h.issue(notice())
		stranger := testkit.Person(3, access.Operator, testkit.Neighbour)
		if _, err := h.s.Show(t.Context(), stranger, testkit.AmbonTenant, l.ID, "cetak"); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("shown to the neighbour: %v", err)
		}
		if list, err := h.s.ListOf(t.Context(), stranger, testkit.AmbonTenant, l.Subject); err != nil || len(list) != 0 {
			t.Errorf("listed to the neighbour: %v, %v", list, err)
		}
		if _, err := h.s.ListOf(t.Context(), testkit.Person(4, access.Admin, testkit.Ambon), testkit.AmbonTenant, l.Subject); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("listed to the administrator: %v", err)
		}
		if _, err := h.s.Show(t.Context(), stranger, testkit.AmbonTenant, sqldb.NewID(), "cetak"); !errors.Is(err, fail.NotFound("letter.unknown")) {
			t.Errorf("a letter nobody wrote: %v", err)
		}
	})
}

func TestACodeTellsOnlyWhetherTheLetterHolds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		n := notice()
		n.Expires = period.On(2024, 10, 16)
		l := h.issue(n)
		check := func(typed string) letters.Check {
			t.Helper()
			c, err := h.s.ByCode(t.Context(), typed)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		typed := strings.ToLower(strings.ReplaceAll(l.Code, "-", " "))
		if c := check(typed); c != (letters.Check{Kind: letters.Notice, IssuedAt: h.clock.Now(), Valid: true}) {
			t.Errorf("check of %q = %+v", typed, c)
		}
		h.clock.Move(36 * time.Hour) // 16 October 23:00 at the place
		if !check(l.Code).Valid {
			t.Error("a letter died before its last day had ended")
		}
		h.clock.Move(time.Hour)
		if check(l.Code).Valid {
			t.Error("a letter outlived its last day")
		}
		other := h.issue(notice())
		h.write(func(tx *act.Tx) error {
			return h.s.RevokeIn(t.Context(), tx, testkit.AmbonTenant, []sqldb.ID{other.ID})
		})
		if check(other.Code).Valid {
			t.Error("a letter taken back still holds")
		}
		for typed, want := range map[string]error{
			"7ZB0-0000-0000":      fail.NotFound("letter.unknown_code"),
			"7ZB":                 fail.Invalid("letter.code"),
			"7ZB0-0000-000U":      fail.Invalid("letter.code"),
			l.Code + "0":          fail.Invalid("letter.code"),
			"":                    fail.Invalid("letter.code"),
			"QZZZ" + l.Code[4:12]: fail.Invalid("letter.code"),
		} {
			if _, err := h.s.ByCode(t.Context(), typed); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", typed, err, want)
			}
		}
	})
}

func TestManyLettersAreNumberedInOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.issue(notice())
		list := make([]letters.New, 1500)
		for i := range list {
			list[i] = notice()
		}
		var out []letters.Letter
		h.write(func(tx *act.Tx) (err error) {
			out, err = h.s.IssueManyIn(t.Context(), tx, testkit.AmbonTenant, list)
			return err
		})
		codes := map[string]bool{}
		for i, l := range out {
			if want := fmt.Sprintf("S-2024-%05d", i+2); l.Number != want || l.Subject != list[i].Subject {
				t.Fatalf("letter %d is %s about %s", i, l.Number, l.Subject)
			}
			codes[l.Code] = true
		}
		if len(codes) != len(list) {
			t.Errorf("%d codes for %d letters", len(codes), len(list))
		}
		if slices.ContainsFunc(out, func(l letters.Letter) bool { return len(l.Code) != 14 || !strings.HasPrefix(l.Code, "7ZB") }) {
			t.Error("a code of another shape or tenant")
		}
	})
}

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"7ZB4-M92Q-7K4M", "7zb4m92q7k4m", "", "oil-oil-oil-oil", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, tenant, err := letters.ParseCode(s)
		if err != nil {
			return
		}
		again, same, err := letters.ParseCode(code)
		if err != nil || again != code || same != tenant || tenant < 0 {
			t.Errorf("%q gave %q (%d), which gave %q (%d), %v", s, code, tenant, again, same, err)
		}
	})
}

func BenchmarkIssueMany(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	list := make([]letters.New, 10000)
	for i := range list {
		list[i] = notice()
	}
	for b.Loop() {
		h.write(func(tx *act.Tx) error {
			_, err := h.s.IssueManyIn(b.Context(), tx, testkit.AmbonTenant, list)
			return err
		})
	}
	b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "letters/s")
}
