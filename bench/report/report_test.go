package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const liteJSON = `{"engine":"sqlite","steps":[
 {"name":"sqlite3 .import before first import, plain","wall_seconds":5,"load_before":"1 1 1"},
 {"name":"first import, plain","wall_seconds":20,"cpu_seconds":25,"rows_per_second":50000,"peak_rss_bytes":402653184,"ratio":4,"ratio_of":".import","asked":"25,000/s, 3.5 times .import","met":false,"load_before":"1 2 3"},
 {"name":"page: families","p95_ms":7,"asked":"p95 under 50 ms","met":true},
 {"name":"page: duplicates","p95_ms":31,"asked":"p95 under 50 ms","met":true}]}`

const checkJSON = `{"load_before":"0.1 0.2 0.3","closed":{"check_to_bare":0.53,"rounds":[0.5,0.53,0.6],"check":{"rate":38000},"bare":{"rate":71000}},
 "open":{"rate_asked":5000,"rate":%RATE%,"p50_ms":0.9,"p99_ms":%P99%,"p999_ms":9,"errors":%ERRORS%},"import":{"rows_per_second":9968}}`

func checkOf(t *testing.T, rate, p99, errors string) []Figure {
	t.Helper()
	var c check
	text := strings.NewReplacer("%RATE%", rate, "%P99%", p99, "%ERRORS%", errors).Replace(checkJSON)
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c.figures()
}

func TestTheTableHoldsWhatWasAskedBesideWhatWasMeasured(t *testing.T) {
	t.Parallel()
	var d district
	if err := json.Unmarshal([]byte(liteJSON), &d); err != nil {
		t.Fatal(err)
	}
	got := table(append(d.figures(), checkOf(t, "4999", "6.4", "0")...))
	want := `| What | Asked | Measured | Reached | Load before |
|---|---|---|---|---|
| first import, plain, SQLite | 25,000/s, 3.5 times .import | 50000/s, 20.0 s, 4.00 times .import, 384 MiB, 25.0 processor s | **no** | 1 2 3 |
| 2 lists with a million persons, SQLite | p95 under 50 ms | p95 31.0 ms for the slowest, duplicates | yes |  |
| citizens' check, open loop, an import beside | 5000/s, p99 under 15 ms | 4999/s, p50 0.9, p99 6.4, p99.9 9.0 ms; 0 errors, 0 wrong; import 9968 rows/s | yes | 0.1 0.2 0.3 |
| citizens' check, closed loop | half of a bare net/http handler | 0.53, the median of 3 rounds (best turns 38000/s against 71000/s) | yes | 0.1 0.2 0.3 |

3 of 4 reached.
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnOpenLoopIsReachedOnlyAtItsRateInTimeAndWithoutErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rate, p99, errors string
		reached                 bool
	}{
		{"as asked", "4990", "14.9", "0", true}, {"it fell behind", "4900", "3", "0", false},
		{"too slow", "5000", "15", "0", false}, {"an error", "5000", "3", "1", false},
	} {
		if got := checkOf(t, c.rate, c.p99, c.errors)[0].Reached; got != c.reached {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestWhatWasNotMeasuredIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "district"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "district", "sqlite.json"), []byte(liteJSON), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(dir)
	if err == nil || !strings.Contains(err.Error(), "postgres.json") || !strings.Contains(err.Error(), "publiccheck.json") || strings.Contains(err.Error(), "sqlite.json") {
		t.Errorf("missing parts are told as %v", err)
	}
	var figures []Figure
	text, err := os.ReadFile(filepath.Join(dir, "figures.json"))
	if err != nil || json.Unmarshal(text, &figures) != nil || len(figures) != 2 || figures[0].Reached {
		t.Errorf("figures.json holds %s, %v", text, err)
	}
}
