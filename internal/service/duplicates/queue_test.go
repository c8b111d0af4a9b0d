package duplicates_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// mixed queues pairs inside the village (2), inside its neighbour (1), across the two (2),
// and across two districts (1: the left person in Ambon's village).
func mixed(h *house) (across duplicates.Ref) {
	for n := 1; n <= 12; n++ {
		r := row(h.t, n)
		if n > 6 {
			r.Area = testkit.Neighbour
		}
		h.load(testkit.AmbonTenant, r)
	}
	elsewhere := row(h.t, 20)
	elsewhere.Area = TualVillage
	h.load(TualTenant, elsewhere)
	p := func(n int) registry.Person { return h.find(fmt.Sprint(n)) }
	h.pair(p(1), p(2))
	h.pair(p(3), p(4))
	h.pair(p(7), p(8))
	h.pair(p(5), p(9))
	h.pair(p(10), p(6))
	return h.pair(p(1), h.findOf(TualTenant, "20"))
}

// list reads the whole queue in pages.
func (h *house) list(who access.Actor, f duplicates.Filter) (out []duplicates.Line) {
	h.t.Helper()
	for {
		page, err := h.dup.Queue(h.t.Context(), who, f)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, page.Lines...)
		if page.Next == (duplicates.Cursor{}) {
			return out
		}
		f.After = page.Next
	}
}

func TestTheQueueIsScopedFilteredAndPaged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		mixed(h)
		for name, c := range map[string]struct {
			who    access.Actor
			filter duplicates.Filter
			want   int
			hidden int // sides nobody here may see
		}{
			"the district":                     {h.who, duplicates.Filter{}, 6, 1},
			"the village":                      {operator(2, testkit.Village), duplicates.Filter{}, 5, 3},
			"its neighbour":                    {operator(3, testkit.Neighbour), duplicates.Filter{}, 3, 2},
			"the other district":               {tualOperator(), duplicates.Filter{}, 1, 1},
			"the district, one village":        {h.who, duplicates.Filter{Area: testkit.Neighbour}, 3, 0},
			"the village, its neighbour":       {operator(2, testkit.Village), duplicates.Filter{Area: testkit.Neighbour}, 0, 0},
			"a kind nobody has":                {h.who, duplicates.Filter{Kind: duplicates.Exact}, 0, 0},
			"a kind all have":                  {h.who, duplicates.Filter{Kind: duplicates.Fuzzy}, 6, 1},
			"what somebody decided":            {h.who, duplicates.Filter{State: duplicates.Distinct}, 0, 0},
			"the other district, whole nation": {tualOperator(), duplicates.Filter{Area: area.Nation}, 1, 1},
		} {
			for _, limit := range []int{1, 2, 3, 200} {
				c.filter.Limit = limit
				lines := h.list(c.who, c.filter)
				seen := map[sqldb.ID]bool{}
				hidden := 0
				for i, l := range lines {
					if seen[l.Pair.ID] {
						t.Errorf("%s, pages of %d: a pair is listed twice", name, limit)
					}
					seen[l.Pair.ID] = true
					if i > 0 && lines[i-1].At > l.At {
						t.Errorf("%s, pages of %d: out of order", name, limit)
					}
					for _, f := range []duplicates.Face{l.Left, l.Right} {
						if f.Visible {
							continue
						}
						hidden++
						if f.Name != "" || !f.NIK.IsZero() || !f.BirthDate.IsZero() || !f.FamilyID.IsZero() || f.Area.Level() != area.LevelVillage {
							t.Errorf("%s: shows of somebody outside: %+v", name, f)
						}
					}
				}
				if len(seen) != c.want || hidden != c.hidden {
					t.Errorf("%s, pages of %d: %d pairs, %d hidden sides; want %d, %d", name, limit, len(seen), hidden, c.want, c.hidden)
				}
			}
		}
		for who, want := range map[string]int64{"verifier": 6, "operator": 5} {
			actor := h.who
			if who == "operator" {
				actor = operator(2, testkit.Village)
			}
			if n, err := h.dup.CountOpen(t.Context(), actor); n != want || err != nil {
				t.Errorf("the %s's menu counts %d, %v; want %d", who, n, err, want)
			}
		}
	})
}

func TestTheQueueRefusesAndRecords(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		mixed(h)
		if _, err := h.dup.Queue(t.Context(), testkit.Person(5, access.Signer, testkit.Ambon), duplicates.Filter{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("who reviews nothing: %v", err)
		}
		for _, f := range []duplicates.Filter{{State: "gone"}, {Kind: "odd"}} {
			if _, err := h.dup.Queue(t.Context(), h.who, f); !errors.Is(err, fail.Invalid("duplicates.filter")) {
				t.Errorf("filter %+v: %v", f, err)
			}
		}
		h.list(h.who, duplicates.Filter{Limit: 200})
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'duplicate.queue' AND facts LIKE '%"shown":6%'`); n != 1 {
			t.Errorf("entries = %d, want 1", n)
		}
		// Whoever ended needs no decision any more.
		h.write(func(tx *act.Tx) error {
			p := h.find("3")
			_, err := h.reg.EndPersonIn(t.Context(), tx, p.Tenant, p.ID, registry.Died, "uji")
			return err
		})
		if lines := h.list(h.who, duplicates.Filter{Limit: 2}); len(lines) != 5 {
			t.Errorf("%d pairs are left, want 5", len(lines))
		}
	})
}

func TestThePageOfAPairAddsUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		h.run("dedupe")
		p := h.queued()[[2]string{"2", "102"}]
		b, err := h.dup.Open(t.Context(), h.who, ref(p))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		bars := map[string]duplicates.Bar{}
		for _, bar := range b.Bars {
			sum += bar.Bits
			bars[bar.Comparison] = bar
		}
		if math.Abs(sum-b.Pair.Weight) > 1e-6 || b.Pair.Weight == 0 {
			t.Errorf("the bars add up to %f, the weight is %f", sum, b.Pair.Weight)
		}
		if b.Model != model(t).Version() {
			t.Errorf("model = %q", b.Model)
		}
		if bar := bars["nik"]; strings.Contains(bar.Left+bar.Right, h.find("2").NIK.Plain()) || !strings.Contains(bar.Left, "••") {
			t.Errorf("a NIK is not masked: %+v", bar)
		}
		left, right := b.Sides[0], b.Sides[1]
		for comparison, numbers := range map[string][2]string{
			"nik": {left.Person.NIK.Plain(), right.Person.NIK.Plain()}, "kk": {left.Family.KK.Plain(), right.Family.KK.Plain()},
		} {
			var differ []int
			for i := range numbers[0] {
				if numbers[0][i] != numbers[1][i] {
					differ = append(differ, i+1)
				}
			}
			if got := bars[comparison].Positions; len(differ) == 0 || !slices.Equal(got, differ) {
				t.Errorf("%s differs at %v, the page says %v", comparison, differ, got)
			}
		}
		if bar := bars["name"]; bar.Left == "" || bar.Right == "" || bar.Left == bar.Right {
			t.Errorf("names: %+v", bar)
		}
		want := []duplicates.Field{duplicates.NIK, duplicates.Name}
		if !reflect.DeepEqual(b.Differs, want) {
			t.Errorf("differs in %v, want %v", b.Differs, want)
		}
		for i := range b.Sides {
			if s := b.Sides[i]; !s.Visible || len(s.Members) != 1 || s.Family.ID != s.Person.FamilyID {
				t.Errorf("side %d: %+v", i, s.Visible)
			}
			if facts := h.facts("duplicate.open", testkit.AmbonTenant, b.Sides[i].ID); facts["pair"] != p.ID.String() {
				t.Errorf("audit entry of side %d = %v", i, facts)
			}
		}
		if b.Merge != nil || b.TwoPersons != nil {
			t.Errorf("merge %v, second person %v", b.Merge, b.TwoPersons)
		}
	})
}

// TestAPairOfAnImportExplainsItself: a contested NIK is weighed when it is looked at, before any run.
func TestAPairOfAnImportExplainsItself(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r, thief := row(t, 1), row(t, 2)
		thief.NIK = r.NIK
		h.load(testkit.AmbonTenant, r)
		h.load(testkit.AmbonTenant, thief)
		lines := h.list(h.who, duplicates.Filter{Limit: 10})
		if len(lines) != 1 || lines[0].Pair.Kind != duplicates.Contested {
			t.Fatalf("queue = %+v", lines)
		}
		b, err := h.dup.Open(t.Context(), h.who, ref(lines[0].Pair))
		if err != nil {
			t.Fatal(err)
		}
		levels := map[string]string{}
		for _, bar := range b.Bars {
			levels[bar.Comparison] = bar.Level
		}
		if levels["nik"] != "exact" || levels["name"] != "different" || levels["sex"] != "same" {
			t.Errorf("levels = %v", levels)
		}
	})
}

func TestOfTheOtherSideOnlyWhatOneMaySee(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		across := mixed(h)
		h.enrol(h.findOf(TualTenant, "20"), "pkh", 1)
		for who, visible := range map[string][2]bool{"ambon": {true, false}, "tual": {false, true}, "nobody": {}} {
			actor := map[string]access.Actor{"ambon": h.who, "tual": tualOperator(), "nobody": operator(6, testkit.Neighbour)}[who]
			b, err := h.dup.Open(t.Context(), actor, across)
			if who == "nobody" {
				if !errors.Is(err, fail.Forbidden("access.denied")) {
					t.Errorf("a pair of others opened: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range b.Sides {
				if s.Visible != visible[i] {
					t.Errorf("%s sees side %d: %v", who, i, s.Visible)
				}
				if !s.Visible && (s.Person != registry.Person{} || s.Members != nil || s.Family != registry.Family{} || s.Aid.Any()) {
					t.Errorf("%s is shown of side %d: %+v", who, i, s)
				}
			}
			for _, bar := range b.Bars {
				if values := [2]string{bar.Left, bar.Right}; !visible[0] && values[0] != "" || !visible[1] && values[1] != "" || bar.Positions != nil {
					t.Errorf("%s is shown the value %+v", who, bar)
				}
			}
			if b.Differs != nil || b.Suggested.Keep != (duplicates.Ref{}) || !slices.Contains(b.TwoPersons, "other_area") || !slices.Contains(b.TwoPersons, "aid") {
				t.Errorf("%s: differs %v, suggested %v, second person %v", who, b.Differs, b.Suggested, b.TwoPersons)
			}
			if b.Sides[0].Area.Level() != area.LevelVillage || b.Sides[0].Area.District().Dotted() != "81.71" || b.Sides[1].Area.District().Dotted() != "81.72" {
				t.Errorf("villages %s, %s", b.Sides[0].Area.Dotted(), b.Sides[1].Area.Dotted())
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8172 AND act = 'duplicate.open'`); n != 2 {
			t.Errorf("the other district's log has %d entries, want one for each look", n)
		}
	})
}

// TestWhichRecordToKeep has one case for each sentence of section 4 of the dossier.
func TestWhichRecordToKeep(t *testing.T) {
	t.Parallel()
	type side struct {
		enrolled, listed, paid, matched, contested bool
	}
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		n := 0
		for name, c := range map[string]struct {
			a, b    side
			keepB   bool
			because []string
		}{
			"active aid stays":                   {side{matched: true}, side{enrolled: true}, true, []string{"aid", "listed"}},
			"aid history before the match":       {side{matched: true}, side{paid: true}, true, []string{"paid"}},
			"a place on a list":                  {side{}, side{listed: true}, true, []string{"listed"}},
			"the one who matches":                {side{}, side{matched: true}, true, []string{"matched"}},
			"who holds the NIK":                  {side{contested: true}, side{}, true, []string{"holder"}},
			"nothing tells them: the older":      {side{}, side{}, false, []string{"older"}},
			"both paid: the one who matches":     {side{paid: true}, side{paid: true, matched: true}, true, []string{"matched"}},
			"the older with aid and the NIK too": {side{enrolled: true}, side{contested: true}, false, []string{"aid", "listed", "holder", "older"}},
		} {
			n += 2
			enter := func(n int, s side) registry.Person {
				r := row(t, n)
				if s.contested {
					holder := row(t, n+100)
					r.NIK = holder.NIK
					h.load(testkit.AmbonTenant, holder)
				}
				h.load(testkit.AmbonTenant, r)
				p := h.find(fmt.Sprint(n))
				switch {
				case s.enrolled:
					h.enrol(p, "pkh", 1)
				case s.listed:
					h.enrol(p, "sembako", 2)
				}
				if s.paid {
					h.pay(p)
				}
				if s.matched {
					h.write(txChange(h, duplicates.Ref{Tenant: p.Tenant, ID: p.ID}, func(p *registry.Person) { p.Match = civilmatch.Matched }))
				}
				return h.find(fmt.Sprint(n))
			}
			a, b := enter(n, c.a), enter(n+1, c.b)
			bench, err := h.dup.Open(t.Context(), h.who, h.pair(a, b))
			if err != nil {
				t.Fatal(err)
			}
			want := a.ID
			if c.keepB {
				want = b.ID
			}
			if bench.Suggested.Keep.ID != want || !reflect.DeepEqual(bench.Suggested.Because, c.because) {
				t.Errorf("%s: keeps the second: %v, because %v; want %v, %v", name, bench.Suggested.Keep.ID == b.ID, bench.Suggested.Because, c.keepB, c.because)
			}
		}
	})
}

func TestWhatToTakeFromTheOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		aided, known := row(t, 1), row(t, 2)
		aided.NIK, aided.RawNIK, aided.MotherName, aided.BirthPlace = person.NIK{}, "8,17101E+15", "", "TUAL"
		aided.BirthDate = period.On(1950, 1, 1)
		h.load(testkit.AmbonTenant, aided, known)
		h.loadCivil(civilRow(known))
		h.run("match")
		a, b := h.find("1"), h.find("2")
		h.enrol(a, "pkh", 1)
		bench, err := h.dup.Open(t.Context(), h.who, h.pair(a, b))
		if err != nil {
			t.Fatal(err)
		}
		// The civil registry knows the other's NIK, name and date; her mother fills a gap; the birth place stays.
		want := []duplicates.Field{duplicates.NIK, duplicates.Name, duplicates.BirthDate, duplicates.MotherName}
		if bench.Suggested.Keep.ID != a.ID || !reflect.DeepEqual(bench.Suggested.Take, want) {
			t.Errorf("suggested %+v, want to keep the first and take %v", bench.Suggested, want)
		}
		if !reflect.DeepEqual(bench.Warnings, []string{"last_member"}) {
			t.Errorf("warnings = %v", bench.Warnings)
		}
	})
}

// TestWhichValueToKeep has one case for each reason a value is suggested.
func TestWhichValueToKeep(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		n := 0
		for name, c := range map[string]struct {
			change  func(keep, other *registry.Incoming)
			field   duplicates.Field
			theirs  bool
			because string
		}{
			"the only one":           {func(keep, _ *registry.Incoming) { keep.MotherName = "" }, duplicates.MotherName, true, "only"},
			"what can be a NIK":      {func(keep, _ *registry.Incoming) { keep.NIK, keep.RawNIK = person.NIK{}, "8,17E+15" }, duplicates.NIK, true, "valid"},
			"a newer document":       {func(_, other *registry.Incoming) { other.SourceDate, other.BirthPlace = "2024", "TUAL" }, duplicates.BirthPlace, true, "newer"},
			"an older document":      {func(_, other *registry.Incoming) { other.SourceDate, other.BirthPlace = "2019", "TUAL" }, duplicates.BirthPlace, false, "newer"},
			"a year and a day in it": {func(_, other *registry.Incoming) { other.SourceDate, other.BirthPlace = "2023-05-01", "TUAL" }, duplicates.BirthPlace, false, "kept"},
			"a name written out": {func(keep, other *registry.Incoming) {
				keep.Name, other.Name = "SITI N. TUASIKAL", "SITI NURHAYATI TUASIKAL"
			}, duplicates.Name, true, "fuller"},
			"a whole date": {func(keep, other *registry.Incoming) {
				keep.BirthDate, other.BirthDate = yearOnly(t), period.On(1950, 3, 2)
			}, duplicates.BirthDate, true, "fuller"},
			"another word of the same length":  {func(_, other *registry.Incoming) { other.BirthPlace = "MASOHI" }, duplicates.BirthPlace, false, "kept"},
			"another NIK, of a newer document": {func(_, other *registry.Incoming) { other.SourceDate = "2024" }, duplicates.NIK, false, "kept"},
			"a name the civil registry bears out": {func(keep, other *registry.Incoming) {
				keep.Name, other.Name = "SITI NUR HAYATI TUASIKAL", "SITI TUASIKAL"
			}, duplicates.Name, true, "civil"},
			"a mother, which it is not asked about": {func(keep, other *registry.Incoming) { keep.MotherName, other.MotherName = "SITI TUASIKAL", "SITI" }, duplicates.MotherName, false, "fuller"},
		} {
			n += 2
			keep, other := row(t, n), row(t, n+1)
			other.Name, other.BirthPlace, other.MotherName = keep.Name, keep.BirthPlace, keep.MotherName
			c.change(&keep, &other)
			h.load(testkit.AmbonTenant, keep, other)
			a := h.find(fmt.Sprint(n))
			h.enrol(a, "pkh", 1) // her record is the one to keep
			if c.because == "civil" {
				b := h.find(fmt.Sprint(n + 1))
				h.write(txChange(h, duplicates.Ref{Tenant: b.Tenant, ID: b.ID}, func(p *registry.Person) { p.Match = civilmatch.Matched }))
			}
			b := h.find(fmt.Sprint(n + 1))
			bench, err := h.dup.Open(t.Context(), h.who, h.pair(a, b))
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(bench.Suggested.Values, func(v duplicates.Choice) bool { return v.Field == c.field })
			if at < 0 {
				t.Errorf("%s: nothing is said of the field", name)
				continue
			}
			v := bench.Suggested.Values[at]
			if theirs := v.From.ID == b.ID; theirs != c.theirs || v.Because != c.because || slices.Contains(bench.Suggested.Take, c.field) != theirs {
				t.Errorf("%s: theirs %v because %s, taken %v; want %v, %s", name, theirs, v.Because, bench.Suggested.Take, c.theirs, c.because)
			}
		}
	})
}

func yearOnly(t testing.TB) period.Date {
	t.Helper()
	d, err := period.ParseDate("1950")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestThreeRecordsOfOnePerson: the page of a pair names the other waiting pairs of its persons and theirs, as far as the viewer
// may see them, and each person shown has an entry.
func TestThreeRecordsOfOnePerson(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		for n := 1; n <= 6; n++ {
			r := row(t, n)
			if n == 3 {
				r.Area = testkit.Neighbour
			}
			h.load(testkit.AmbonTenant, r)
		}
		p := func(n int) registry.Person { return h.find(fmt.Sprint(n)) }
		one, two, three := h.pair(p(1), p(2)), h.pair(p(2), p(3)), h.pair(p(3), p(4))
		h.pair(p(5), p(6))
		b, err := h.dup.Open(t.Context(), h.who, one)
		if err != nil {
			t.Fatal(err)
		}
		var found []sqldb.ID
		for _, l := range b.Others {
			found = append(found, l.Pair.ID)
		}
		if !slices.Equal(found, []sqldb.ID{two.ID, three.ID}) || b.Records != 4 {
			t.Errorf("others %v of %d records, want %v", found, b.Records, []sqldb.ID{two.ID, three.ID})
		}
		for _, n := range []int{3, 4} {
			if facts := h.facts("duplicate.open", testkit.AmbonTenant, p(n).ID); facts["pair"] != one.ID.String() {
				t.Errorf("entry of person %d: %v", n, facts)
			}
		}
		// An operator of the village sees that there is somebody in the neighbour village, not who.
		b, err = h.dup.Open(t.Context(), operator(2, testkit.Village), one)
		if err != nil || len(b.Others) != 2 || b.Others[0].Right.Visible || b.Others[0].Right.Name != "" {
			t.Errorf("others %+v, %v", b.Others, err)
		}
		// What is decided waits no more, and what hung on it alone is gone with it.
		if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: two, Reason: "documents"}); err != nil {
			t.Fatal(err)
		}
		if b, err = h.dup.Open(t.Context(), h.who, one); err != nil || len(b.Others) != 0 || b.Records != 0 {
			t.Errorf("others %+v, %d, %v", b.Others, b.Records, err)
		}
	})
}

// TestAPairAcrossTwoDistricts: a NIK two districts claim stands in the queues of both as soon as it is imported; a run of either
// weighs it, and each sees its own side.
func TestAPairAcrossTwoDistricts(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		there := row(t, 1)
		there.Area = TualVillage
		h.load(TualTenant, there)
		here := again(t, there, 101)
		here.NIK, here.Area = there.NIK, testkit.Village
		h.load(testkit.AmbonTenant, here, row(t, 2), row(t, 3))
		for name, who := range map[string]access.Actor{"the importing district": h.who, "the holder's village": tualOperator()} {
			lines := h.list(who, duplicates.Filter{Limit: 10})
			if len(lines) != 1 || lines[0].Pair.Tenant != testkit.AmbonTenant || lines[0].Left.Visible == lines[0].Right.Visible {
				t.Fatalf("%s sees %+v", name, lines)
			}
		}
		r := h.run("dedupe")
		if r.Tally["persons"] != 3 || r.Tally["weighed"] != 1 || r.Tally["exact"]+r.Tally["fuzzy"]+r.Tally["contested"] != 0 {
			t.Errorf("tally %v, want the pair across weighed and nothing new", r.Tally)
		}
		p := h.list(tualOperator(), duplicates.Filter{Limit: 10})[0].Pair
		if p.Probability <= 0.9 || p.Kind != duplicates.Contested {
			t.Errorf("the pair is %+v", p)
		}
		b, err := h.dup.Open(t.Context(), tualOperator(), ref(p))
		if err != nil || b.Sides[0].Visible || !b.Sides[1].Visible || len(b.Bars) == 0 || !b.Grouped {
			t.Fatalf("bench %+v, %v", b.Bars, err)
		}
		for _, bar := range b.Bars {
			if bar.Left != "" {
				t.Errorf("the other district's value is shown: %+v", bar)
			}
		}
		// A second run, of the other district, has nothing to weigh and keeps the pair where it is.
		tual, err := h.runs.Create(t.Context(), tualVerifier(), runs.NewRun{Kind: "dedupe", Tenant: TualTenant, Area: Tual})
		if err == nil {
			tual, err = h.runs.Look(t.Context(), tualVerifier(), tual.Tenant, tual.ID)
		}
		if err == nil {
			tual, err = h.runs.Submit(t.Context(), tualVerifier(), tual.Tenant, tual.ID)
		}
		if err == nil {
			h.who = tualVerifier()
			tual, err = h.runs.Drive(t.Context(), tual.Tenant, tual.ID, nil)
		}
		if err != nil || tual.Tally["weighed"] != 0 || h.count(`SELECT count(*) FROM link_pair WHERE kabkota > 0`) != 1 {
			t.Errorf("the other district's run: %v, %v", tual.Tally, err)
		}
	})
}

// TestARunOfTheOtherDistrictWeighs: the district that only holds the right side weighs the pair with its own run too.
func TestARunOfTheOtherDistrictWeighs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		holder := row(t, 1)
		h.load(testkit.AmbonTenant, holder, row(t, 2))
		claimant := again(t, holder, 101)
		claimant.NIK, claimant.Area = holder.NIK, TualVillage
		h.load(TualTenant, claimant)
		r := h.run("dedupe") // of Ambon, which keeps the holder only
		if r.Tally["weighed"] != 1 || h.count(`SELECT count(*) FROM link_pair WHERE kabkota = 8172 AND probability > 0.9`) != 1 {
			t.Errorf("tally %v", r.Tally)
		}
		if lines := h.list(h.who, duplicates.Filter{Limit: 10}); len(lines) != 1 || lines[0].Pair.Tenant != TualTenant || !lines[0].Right.Visible || lines[0].Left.Visible {
			t.Errorf("queue %+v", lines)
		}
	})
}

// tualVerifier works in the other district's office.
func tualVerifier() access.Actor {
	return access.Actor{ID: [16]byte{0x01, 15: 8}, Name: "Verifikator Tual", Grants: []access.Grant{{Role: access.Verifier, Area: Tual, Tenants: []area.Tenant{TualTenant}}}}
}

// TestWhomTheCivilRegistryKnowsAsTwo: a pair queued before both matched, each under a NIK of her own, waits for nobody any more; one
// of whom only one matches still does.
func TestWhomTheCivilRegistryKnowsAsTwo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2), row(t, 3))
		p := func(n int) registry.Person { return h.find(fmt.Sprint(n)) }
		two, one := h.pair(p(1), p(2)), h.pair(p(2), p(3))
		for _, n := range []int{1, 2} {
			h.write(txChange(h, duplicates.Ref{Tenant: testkit.AmbonTenant, ID: p(n).ID}, func(p *registry.Person) { p.Match = civilmatch.Matched }))
		}
		lines := h.list(h.who, duplicates.Filter{Limit: 10})
		if len(lines) != 1 || lines[0].Pair.ID != one.ID {
			t.Errorf("queue %+v", lines)
		}
		if n, err := h.dup.CountOpen(t.Context(), h.who); err != nil || n != 1 {
			t.Errorf("%d pairs counted, %v", n, err)
		}
		b, err := h.dup.Open(t.Context(), h.who, two)
		if err != nil || !b.TwoCivil {
			t.Errorf("the page does not say that the two are known as two: %v", err)
		}
	})
}
