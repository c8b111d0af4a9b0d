package assessments_test

import (
	"testing"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/assessments"
	"tepat/internal/testkit"
)

func TestOfficialDecilesAreKeptByVintageAndTheNewestIsInForce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 3)
		byNumber := official(t, 2, 7, "2024-Q3")
		byNumber.KK = kkOf(t, 8888) // a card nobody has: the old number finds the family
		byNumber.RegistryID = registryID(2)
		for _, step := range []struct {
			name     string
			rows     []assessments.DecileRow
			want     assessments.Loading
			deciles  [2]int64
			vintages [2]string
		}{
			{"the first publication", []assessments.DecileRow{official(t, 1, 3, "2024-Q3"), byNumber}, assessments.Loading{Loaded: 2}, [2]int64{3, 7}, [2]string{"2024-Q3", "2024-Q3"}},
			{"the same file again changes nothing", []assessments.DecileRow{official(t, 1, 3, "2024-Q3"), byNumber}, assessments.Loading{Unchanged: 2}, [2]int64{3, 7}, [2]string{"2024-Q3", "2024-Q3"}},
			{"a newer vintage takes its place", []assessments.DecileRow{official(t, 1, 5, "2024-Q4")}, assessments.Loading{Loaded: 1}, [2]int64{5, 7}, [2]string{"2024-Q4", "2024-Q3"}},
			{"an older vintage goes into the history only", []assessments.DecileRow{official(t, 1, 9, "2024-Q2")}, assessments.Loading{Loaded: 1, Older: 1}, [2]int64{5, 7}, [2]string{"2024-Q4", "2024-Q3"}},
			{"the older vintage again changes nothing", []assessments.DecileRow{official(t, 1, 9, "2024-Q2"), official(t, 1, 3, "2024-Q3")}, assessments.Loading{Unchanged: 2}, [2]int64{5, 7}, [2]string{"2024-Q4", "2024-Q3"}},
			{"a publication is frozen", []assessments.DecileRow{official(t, 1, 1, "2024-Q4"), official(t, 1, 1, "2024-Q2")}, assessments.Loading{Conflicting: 2}, [2]int64{5, 7}, [2]string{"2024-Q4", "2024-Q3"}},
			{"a revision is a publication of its own", []assessments.DecileRow{official(t, 1, 4, "2024-Q4-r10"), official(t, 1, 6, "2024-Q4-r2")}, assessments.Loading{Loaded: 2, Older: 1}, [2]int64{4, 7}, [2]string{"2024-Q4-r10", "2024-Q3"}},
			{"two of one family in one file", []assessments.DecileRow{official(t, 2, 7, "2025-Q1"), official(t, 2, 8, "2025-Q1"), official(t, 2, 2, "2024-Q4")}, assessments.Loading{Loaded: 2, Older: 1, Conflicting: 1}, [2]int64{4, 7}, [2]string{"2024-Q4-r10", "2025-Q1"}},
			{"a family nobody knows", []assessments.DecileRow{official(t, 77, 7, "2025-Q1")}, assessments.Loading{Unknown: 1}, [2]int64{4, 7}, [2]string{"2024-Q4-r10", "2025-Q1"}},
		} {
			got, err := h.keep(step.rows...)
			if err != nil || got != step.want {
				t.Fatalf("%s: %+v, %v; want %+v", step.name, got, err, step.want)
			}
			for i := range 2 {
				n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171 AND registry_id = $1 AND decile = $2 AND decile_source = 1 AND decile_vintage = $3 AND score IS NULL`,
					registryID(i+1), step.deciles[i], step.vintages[i])
				if n != 1 {
					t.Fatalf("%s: family %d is not in decile %d of %s", step.name, i+1, step.deciles[i], step.vintages[i])
				}
			}
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM decile WHERE kabkota = 8171 AND source = 1`:                               8,
			`SELECT count(*) FROM decile WHERE kabkota = 8171 AND explanation = '{"source":"DATA CONTOH"}'`: 8,
			`SELECT count(*) FROM family WHERE kabkota = 8171 AND decile = 0 AND registry_id = 'D000003'`:   1,
			`SELECT max(version) FROM family WHERE kabkota = 8171`:                                          1,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestDecileRowsAreChecked(t *testing.T) {
	t.Parallel()
	good := official(t, 1, 3, "2024-Q3")
	for name, c := range map[string]struct {
		change func(*assessments.DecileRow)
		code   string
	}{
		"sound": {func(*assessments.DecileRow) {}, ""},
		"by number alone": {func(r *assessments.DecileRow) {
			*r = assessments.DecileRow{RegistryID: "D1", Decile: 1, Vintage: good.Vintage, Source: "S"}
		}, ""},
		"nobody named": {func(r *assessments.DecileRow) {
			*r = assessments.DecileRow{Decile: 1, Vintage: good.Vintage, Source: "S"}
		}, "assessment.no_family"},
		"decile 0":         {func(r *assessments.DecileRow) { r.Decile = 0 }, "score.decile"},
		"decile 11":        {func(r *assessments.DecileRow) { r.Decile = 11 }, "score.decile"},
		"no vintage":       {func(r *assessments.DecileRow) { *r = assessments.DecileRow{RegistryID: "D1", Decile: 1, Source: "S"} }, "score.vintage"},
		"source not named": {func(r *assessments.DecileRow) { r.Source = "" }, "score.source"},
	} {
		r := good
		c.change(&r)
		if err := r.Check(); fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func BenchmarkLoadDeciles(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	const n, chunk = 50000, 10000
	for k := 0; k < n; k += chunk {
		h.families(k, chunk)
	}
	for i := range b.N {
		rows := make([]assessments.DecileRow, n)
		of := []string{"2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"}[i%6]
		for k := range n {
			rows[k] = official(b, k, k*7%10+1, of)
		}
		start := time.Now()
		for k := 0; k < n; k += chunk {
			some := rows[k : k+chunk]
			for j := range some {
				h.s.Ready(&some[j])
			}
			h.must(h.write(func(tx *act.Tx) error {
				_, _, err := h.s.LoadDecilesIn(b.Context(), tx, testkit.AmbonTenant, some)
				return err
			}))
		}
		b.ReportMetric(n/time.Since(start).Seconds(), "rows/s")
	}
}
