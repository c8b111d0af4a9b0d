package doubles_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	data "tepat/data/linkage"
	"tepat/internal/domain/doubles"
)

func tables(t testing.TB) *doubles.Names {
	t.Helper()
	names, err := doubles.ParseNames(data.Names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func model(t testing.TB) doubles.Model {
	t.Helper()
	m, err := doubles.ParseModel(data.Model, tables(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDedupeFindsTheDuplicatesOfATown holds the engine to a precision and recall over all true pairs,
// those that blocking never proposed included. The town's seeds are not the ones weights were tried on.
func TestDedupeFindsTheDuplicatesOfATown(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{101, 102} {
		town := newTown(seed, 2500, 0.06)
		pairs, clusters, report := doubles.Dedupe(town.records, model(t), 2)
		var linked, right, reviewed, found int
		for _, p := range pairs {
			if town.same(p) {
				found++
			}
			switch p.Decision {
			case doubles.Link:
				linked++
				if town.same(p) {
					right++
				} else {
					t.Logf("wrong link %.1f: %+v | %+v", p.Weight, print(town.records[p.A]), print(town.records[p.B]))
				}
			case doubles.Review:
				reviewed++
			}
		}
		total := town.truePairs()
		precision, recall := float64(right)/float64(linked), float64(right)/float64(total)
		seen := float64(found) / float64(total)
		t.Logf("seed %d: %d records, %d true pairs, %d compared; links %d precision %.4f recall %.4f; with %d reviews recall %.4f; %d clusters",
			seed, len(town.records), total, report.Compared, linked, precision, recall, reviewed, seen, len(clusters))
		if precision < 0.99 || recall < 0.90 || seen < 0.97 {
			t.Errorf("seed %d: precision %.4f, recall %.4f, recall with reviews %.4f", seed, precision, recall, seen)
		}
		if reviewed > total/2 {
			t.Errorf("seed %d: %d pairs to review for %d duplicates", seed, reviewed, total)
		}
	}
}

func print(r doubles.Record) []string {
	return []string{r.NIK, r.Name, r.Birth, r.Sex, r.Mother, r.KK, r.Area}
}

// canonical lists pairs and clusters by record IDs, so that runs over shuffled records can be compared.
func canonical(records []doubles.Record, pairs []doubles.Pair, clusters []doubles.Cluster) ([]any, [][]string) {
	var list []any
	for _, p := range pairs {
		list = append(list, []any{records[p.A].ID, records[p.B].ID, p.Rule, math.Float64bits(p.Weight), p.Decision})
	}
	var groups [][]string
	for _, c := range clusters {
		var ids []string
		for _, m := range c.Members {
			ids = append(ids, records[m].ID)
		}
		groups = append(groups, ids)
	}
	return list, groups
}

func TestDedupeIsTheSameForAnyWorkersAndOrder(t *testing.T) {
	t.Parallel()
	town := newTown(5, 800, 0.1)
	m := model(t)
	pairs, clusters, report := doubles.Dedupe(town.records, m, 1)
	wantPairs, wantClusters := canonical(town.records, pairs, clusters)
	if len(wantPairs) == 0 || len(wantClusters) == 0 {
		t.Fatal("nothing found")
	}
	shuffled := slices.Clone(town.records)
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, workers := range []int{1, 2, 7} {
		rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		p, c, r := doubles.Dedupe(shuffled, m, workers)
		gotPairs, gotClusters := canonical(shuffled, p, c)
		if !reflect.DeepEqual(gotPairs, wantPairs) || !reflect.DeepEqual(gotClusters, wantClusters) || !reflect.DeepEqual(r, report) {
			t.Errorf("%d workers, shuffled: another result", workers)
		}
	}
}

func TestContributionsAddUpToTheWeight(t *testing.T) {
	t.Parallel()
	town := newTown(9, 300, 0.2)
	m := model(t)
	pairs, _, _ := doubles.Dedupe(town.records, m, 1)
	for _, p := range pairs {
		var sum float64
		for _, c := range m.Explain(p, town.records) {
			sum += c.Bits
		}
		if math.Abs(sum-p.Weight) > 1e-9 {
			t.Fatalf("contributions %v add up to %v, weight %v", m.Explain(p, town.records), sum, p.Weight)
		}
	}
	if len(pairs) < 20 {
		t.Fatalf("only %d pairs", len(pairs))
	}
}

func TestPairsFoundToBeTwoPeopleStayApart(t *testing.T) {
	t.Parallel()
	r := doubles.Record{NIK: "8171010203900001", Name: "YOHANES PATTIASINA", Mother: "MARIA LATUHERU", Birth: "1990-03-02", Sex: "L", Area: "8171011001"}
	records := []doubles.Record{r, r, r}
	for i, id := range []string{"a", "b", "c"} {
		records[i].ID = id
	}
	m := model(t)
	if _, clusters, _ := doubles.Dedupe(records, m, 1); len(clusters) != 1 || len(clusters[0].Members) != 3 {
		t.Fatalf("clusters %v, want one of three", clusters)
	}
	pairs, clusters, report := doubles.DedupeApart(records, m, 1, [][2]int{{2, 0}})
	for _, p := range pairs {
		if p.A == 0 && p.B == 2 {
			t.Error("a pair found to be two people is reported again")
		}
	}
	if len(clusters) != 1 || len(clusters[0].Members) != 2 || report.Refused != 1 {
		t.Errorf("clusters %v, %d refused, want one of two and one refusal", clusters, report.Refused)
	}
	records[0].Person, records[2].Person = "p1", "p2"
	if _, clusters, report := doubles.Dedupe(records, m, 1); len(clusters) != 1 || len(clusters[0].Members) != 2 || report.Refused == 0 {
		t.Errorf("records of two civil persons are grouped: %v", clusters)
	}
}

// household is the case table of people of one house: none of them may be linked.
func TestPeopleOfOneHouseAreNotLinked(t *testing.T) {
	t.Parallel()
	base := doubles.Record{
		ID: "a", NIK: "8171010203900001", KK: "8171010101100001", Name: "HASAN TUASIKAL", Mother: "FATIMAH PELUPESSY", Birth: "1990-03-02",
		Sex: "L", Area: "8171011001", Phone: "081234567890",
	}
	cases := map[string]struct {
		change func(*doubles.Record)
		guard  string // expected guard, "" for none
		reject bool
	}{
		"a twin brother": {func(r *doubles.Record) { r.Name, r.NIK = "HUSEIN TUASIKAL", "8171010203900002" }, "twins", true},
		"a twin sister": {func(r *doubles.Record) {
			r.Name, r.NIK, r.Sex = "SALMA TUASIKAL", "8171014203900002", "P"
		}, "twins", true},
		"a younger brother": {func(r *doubles.Record) {
			r.Name, r.NIK, r.Birth = "USMAN TUASIKAL", "8171010507920003", "1992-07-05"
		}, "siblings", true},
		"his father with the clan name": {func(r *doubles.Record) {
			r.Name, r.NIK, r.Birth, r.Mother = "ABDUL TUASIKAL", "8171010507600003", "1960-07-05", "SALMA"
		}, "siblings", true},
		"his son of the same name": {func(r *doubles.Record) {
			r.NIK, r.Birth, r.Mother = "8171010507150003", "2015-07-05", "AMINAH"
		}, "namesakes", true},
		"his wife": {func(r *doubles.Record) {
			r.Name, r.NIK, r.Birth, r.Mother, r.Sex = "AISYAH LATUCONSINA", "8171014507910003", "1991-07-05", "NURHAYATI", "P"
		}, "siblings", true},
		"a brother entered with his NIK": {func(r *doubles.Record) {
			r.Name, r.Birth = "USMAN TUASIKAL", "1992-07-05"
		}, "siblings", false},
		"a stranger entered with his NIK": {func(r *doubles.Record) {
			r.Name, r.Birth, r.Mother, r.KK, r.Area, r.Phone = "ELIAS MANDAGI", "1971-11-30", "ESTER", "8171010101100009", "7105011001", ""
		}, "borrowed", false},
	}
	m := model(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := base
			other.ID = "b"
			c.change(&other)
			// A population gives the two a prior that a file of two would not.
			records := append([]doubles.Record{base, other}, newTown(77, 500, 0).records...)
			pairs, clusters, _ := doubles.Dedupe(records, m, 1)
			for _, cl := range clusters {
				if slices.Contains(cl.Members, 0) && slices.Contains(cl.Members, 1) {
					t.Error("grouped")
				}
			}
			at := slices.IndexFunc(pairs, func(p doubles.Pair) bool { return p.A == 0 && p.B == 1 })
			if c.reject {
				if at >= 0 {
					t.Errorf("%v at %.1f bits: %v", pairs[at].Decision, pairs[at].Weight, m.Explain(pairs[at], records))
				}
				return
			}
			if at < 0 || pairs[at].Decision != doubles.Review {
				t.Fatalf("not in review")
			}
			guards := slices.ContainsFunc(m.Explain(pairs[at], records), func(x doubles.Contribution) bool {
				return x.Comparison == "guard" && x.Level == c.guard
			})
			if !guards {
				t.Errorf("guard %s not in %v", c.guard, m.Explain(pairs[at], records))
			}
		})
	}
}

func TestDedupeOfNothingAndOfOne(t *testing.T) {
	t.Parallel()
	for _, records := range [][]doubles.Record{nil, {{ID: "a", Name: "BUDI"}}, {{ID: "a"}, {ID: "b"}}} {
		pairs, clusters, report := doubles.Dedupe(records, model(t), 3)
		if len(pairs)+len(clusters) != 0 || report.Records != len(records) {
			t.Errorf("%d records: %v %v %+v", len(records), pairs, clusters, report)
		}
	}
}

func TestLargeBlocksAreRefinedAndLogged(t *testing.T) {
	t.Parallel()
	town := newTown(31, 900, 0)
	for i := range town.records {
		town.records[i].NIK = "8171010101010007" // an operator's own number on every record
	}
	_, _, report := doubles.Dedupe(town.records, model(t), 2)
	rule := report.Rules[0]
	if rule.Rule != "nik" || rule.Largest != len(town.records) || rule.Refined != 1 {
		t.Errorf("rule report %+v, want one refined block of %d", rule, len(town.records))
	}
	if limit := 40 * len(town.records); rule.Compared > limit {
		t.Errorf("%d pairs compared, more than %d", rule.Compared, limit)
	}
}

func TestABlockNothingSplitsIsWalkedInAWindow(t *testing.T) {
	t.Parallel()
	records := make([]doubles.Record, 500)
	for i := range records {
		records[i] = doubles.Record{ID: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Name: "SITI", NIK: "8171010101010007"}
	}
	_, _, report := doubles.Dedupe(records, model(t), 2)
	if r := report.Rules[0]; r.Windowed != 1 || r.Compared < 499 || r.Compared > 500*200 {
		t.Errorf("report %+v, want one windowed block", r)
	}
}

func BenchmarkDedupe(b *testing.B) {
	town := newTown(1, 30_000, 0.05)
	town.records = town.records[:100_000]
	m := model(b)
	var report doubles.Report
	for b.Loop() {
		_, _, report = doubles.Dedupe(town.records, m, 1)
	}
	b.ReportMetric(float64(report.Compared), "pairs")
	b.ReportMetric(float64(len(town.records))*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
