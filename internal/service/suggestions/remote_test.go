package suggestions_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// far puts the house on a civil registry that is asked over the network, which knows the people of some rows; down makes it fail.
func far(h *house, mode civilmatch.Mode, quota int64, down *bool, rows ...civil.CivilRow) *civil.HTTP {
	h.t.Helper()
	still := func(context.Context, time.Duration) error { return nil }
	sim := civil.NewSimulator(civil.SimulatorOptions{
		Source: civil.RowsSource(rows), Agreements: []civil.Agreement{{Key: "kunci", Mode: mode}}, Now: h.clock.Now, Wait: still,
		Fault: func(int64) civil.Fault {
			if *down {
				return civil.Fault{Status: http.StatusServiceUnavailable}
			}
			return civil.Fault{}
		},
	})
	server := httptest.NewServer(sim)
	h.t.Cleanup(server.Close)
	asks, err := civil.NewHTTP(h.db, h.keys, civil.HTTPOptions{URL: server.URL, Institution: "Dinsos", Key: "kunci", Mode: mode, Quota: quota, Now: h.clock.Now, Wait: still})
	if err != nil {
		h.t.Fatal(err)
	}
	h.use(asks)
	return asks
}

// TestARegistryElsewhereSaysWhatItsAgreementGives: of each mismatch the queue and the page of repair say what the civil registry
// said and no more: how the values differ, which fields differ, or that there is no such NIK.
func TestARegistryElsewhereSaysWhatItsAgreementGives(t *testing.T) {
	t.Parallel()
	type said = []suggestions.Cause
	for mode, want := range map[civilmatch.Mode]map[string]said{
		civilmatch.FullValues: {
			"1": {suggestions.NameSpelled}, "2": {suggestions.BirthSwap}, "3": {suggestions.NIKOther, suggestions.OwnBirth}, "4": {suggestions.SaidNIK}, "5": {suggestions.SexDiffers},
		},
		civilmatch.YesNo: {
			"1": {suggestions.SaidName}, "2": {suggestions.SaidBirth, suggestions.OwnBirth}, "3": {suggestions.NIKOther, suggestions.OwnBirth}, "4": {suggestions.SaidNIK},
			"5": {suggestions.SaidSex, suggestions.OwnSex},
		},
		civilmatch.FoundOnly: {"4": {suggestions.SaidNIK}},
	} {
		testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
			h := newHouse(t, db)
			down := false
			var rows []civil.CivilRow
			for k := range 6 {
				r := row(t, k)
				c := civilRow(r)
				switch k {
				case 1:
					r.Name = "YOHANIS TUHUMURI"
				case 2:
					r.BirthDate = period.On(1956, 3, 15)
					r.NIK = nikOf(t, period.On(1956, 3, 5), r.Sex, 174)
					r.BirthDate, c.BirthDate, c.NIK = period.On(1956, 5, 3), period.On(1956, 3, 5), r.NIK
				case 3:
					c.Name, c.BirthDate = "ORANG YANG LAIN", period.On(1981, 2, 7)
					r.BirthDate = period.On(1962, 9, 9)
				case 4:
					h.load(r)
					continue
				case 5:
					c.Sex = r.Sex
					r.Sex = 3 - r.Sex
				}
				h.load(r)
				rows = append(rows, c)
			}
			far(h, mode, 0, &down, rows...)
			h.suggest()
			list, err := h.bench.Queue(t.Context(), h.who, suggestions.Filter{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]said{}
			for _, l := range list {
				for k := range 6 {
					if id := string(rune('0' + k)); h.find(id).ID == l.PersonID {
						got[id] = l.Causes
					}
				}
				if l.Outcome != suggestions.NotSought || l.Probability != 0 {
					t.Errorf("mode %d: somebody was looked for: %+v", mode, l)
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("mode %d: the queue says %v, want %v", mode, got, want)
			}
			if last := list[len(list)-1].PersonID; mode != civilmatch.FoundOnly && last != h.find("4").ID && last != h.find("3").ID {
				t.Errorf("mode %d: who is hardest to mend is not last", mode)
			}
			// What was said holds on the page while it is held; then only that something differs is known, and never that the rest agrees.
			for _, days := range []int{0, 40} {
				h.clock.Move(time.Duration(days) * 24 * time.Hour)
				b, _, err := h.bench.Open(t.Context(), h.who, testkit.AmbonTenant, h.find("1").ID)
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case mode == civilmatch.FoundOnly:
					if b.Result.Differs != 0 || !b.Result.Unchecked.Has(civilmatch.Name|civilmatch.BirthDate|civilmatch.BirthPlace) {
						t.Errorf("found, day %d: %+v", days, b.Result)
					}
				case !b.Result.Differs.Has(civilmatch.Name) || b.Result.Unchecked.Has(civilmatch.Name):
					t.Errorf("mode %d, day %d: %+v", mode, days, b.Result)
				case (mode == civilmatch.YesNo || days > 0) && !b.Result.Unchecked.Has(civilmatch.BirthPlace):
					t.Errorf("mode %d, day %d: the birth place was never asked about: %+v", mode, days, b.Result)
				case days > 0 && !b.Result.Unchecked.Has(civilmatch.BirthDate):
					t.Errorf("mode %d, day %d: the birth date agrees, although nobody knows any more", mode, days)
				}
				if mode != civilmatch.FullValues && b.Answer.Civil != (civilmatch.CivilRecord{}) {
					t.Errorf("mode %d tells values: %+v", mode, b.Answer)
				}
			}
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'civil.queue'`); n != 1 {
				t.Errorf("%d entries of the queue", n)
			}
		})
	}
}

// TestWhoGotNoAnswerIsNotAMismatch: while the registry fails, or the day's quota is used up, nobody becomes one who does not match;
// how many may still be asked and when the quota is renewed is told.
func TestWhoGotNoAnswerIsNotAMismatch(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		var rows []civil.CivilRow
		for k := range 6 {
			rows = append(rows, civilRow(row(t, k)))
			h.load(row(t, k))
		}
		down := true
		asks := far(h, civilmatch.YesNo, 20, &down, rows...)
		h.suggest()
		if n, err := h.civil.CountNotMatching(t.Context(), h.who); n != 0 || err != nil {
			t.Errorf("%d do not match, %v", n, err)
		}
		q, remote, err := h.civil.Quota(t.Context())
		if err != nil || !remote || q.Limit != 20 || q.Asked == 0 || !q.Renews.After(h.clock.Now()) || q.Renews.Sub(h.clock.Now()) > 24*time.Hour {
			t.Errorf("quota while it fails = %+v, %v, %v", q, remote, err)
		}
		for range 3 { // tries use the quota up
			h.clock.Move(time.Minute)
			h.suggest()
		}
		if q, _, _ = h.civil.Quota(t.Context()); q.Left() != 0 {
			t.Errorf("quota = %+v", q)
		}
		down = false
		h.clock.Move(time.Minute)
		h.suggest()
		if n, err := h.civil.CountNotMatching(t.Context(), h.who); n != 0 || err != nil {
			t.Errorf("without quota %d do not match, %v", n, err)
		}
		h.clock.Move(q.Renews.Sub(h.clock.Now()) + time.Minute)
		h.suggest()
		if q, err = asks.Left(t.Context()); q.Left() != 14 || err != nil || !q.Rests.IsZero() {
			t.Errorf("the next day %+v, %v", q, err)
		}
		for k := range 6 {
			if p := h.find(string(rune('0' + k))); p.Match != civilmatch.Matched {
				t.Errorf("row %d is %v", k, p.Match)
			}
		}
		h.use(civil.NewFile(h.keys, civilmatch.FullValues))
		if _, remote, err := h.civil.Quota(t.Context()); remote || err != nil {
			t.Errorf("a file has a quota: %v", err)
		}
		if !slices.Contains(suggestions.Causes(), suggestions.SaidName) {
			t.Error("a cause is not listed")
		}
	})
}
