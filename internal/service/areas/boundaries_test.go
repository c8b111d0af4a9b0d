package areas_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/svg"
	"tepat/internal/service/areas"
	"tepat/internal/testkit"
)

// square is a ring around a point, with dents along its sides so that there is something to simplify.
func square(lon, lat, half float64, dents int) string {
	var points []string
	add := func(x, y float64) { points = append(points, fmt.Sprintf("[%.6f,%.6f]", x, y)) }
	for i := range dents {
		add(lon-half+2*half*float64(i)/float64(dents), lat-half)
	}
	for i := range dents {
		add(lon+half, lat-half+2*half*float64(i)/float64(dents))
	}
	for i := range dents {
		add(lon+half-2*half*float64(i)/float64(dents), lat+half+half/50*math.Sin(float64(i)))
	}
	add(lon-half, lat+half)
	return "[" + strings.Join(append(points, points[0]), ",") + "]"
}

func feature(property, code, geometry string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%q:%q,"nama":"x"},"geometry":%s}`, property, code, geometry)
}

func polygon(ring string) string { return `{"type":"Polygon","coordinates":[` + ring + `]}` }

func collection(features ...string) string {
	return `{"type":"FeatureCollection","name":"batas","features":[` + strings.Join(features, ",") + `]}`
}

func imported(text string) areas.BoundaryImport {
	return areas.BoundaryImport{File: strings.NewReader(text), Source: "BIG, data terbuka", AsOf: period.On(2023, 1, 1)}
}

func TestBoundariesAreKeptAndDrawn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		admin := w.who["admin"]
		none, err := w.Outlines(t.Context(), testkit.Ambon)
		if err != nil || len(none.Of) != 0 {
			t.Fatalf("before an import: %v %v", none, err)
		}
		text := collection(
			feature("KDCPUM", "81.71.01", polygon(square(128.1, -3.7, .05, 200))),
			feature("kode", "8171020000", `{"type":"MultiPolygon","coordinates":[[`+square(128.2, -3.7, .05, 50)+`],[`+square(128.3, -3.75, .01, 5)+`]]}`),
			feature("kode", w.goes.Dotted(), polygon(square(128.3, -3.6, .01, 5))),
			feature("kode", "12.09", polygon(square(99.6, 2.9, .3, 5))),
			feature("nama", "tanpa kode", polygon(square(128.1, -3.7, .05, 5))),
			feature("kode", "81.71.04", polygon(`[[410000,9590000],[410100,9590000],[410100,9590100],[410000,9590000]]`)),
			feature("kode", "81.71.05", `{"type":"Point","coordinates":[128.1,-3.7]}`),
			feature("kode", "81.71.99", polygon(square(128.1, -3.7, .05, 5))),
			`{"type":"Feature","properties":{"kode":"81.71.05"},"geometry":null}`,
			feature("kode", "81.71.05", polygon(`[[128.1,-3.7],[128.2,-3.7],[128.2,-3.6],[128.1,-3.6]]`)),
		)
		report, err := w.ImportBoundaries(t.Context(), admin, imported(text))
		if err != nil {
			t.Fatal(err)
		}
		if report.Kept != 3 || report.ByLevel[area.LevelSubdistrict] != 2 || report.ByLevel[area.LevelVillage] != 1 || report.Unused != 7 {
			t.Errorf("%+v", report)
		}
		for i, want := range []string{"boundaries.not_yours", "boundaries.no_code", "boundaries.outside", "boundaries.geometry", "area.unknown", "boundaries.no_geometry", "boundaries.ring"} {
			if got := report.Refused[i]; fail.CodeOf(got.Err) != want || got.Feature != i+4 {
				t.Errorf("feature %d: %v, want %s", got.Feature, got.Err, want)
			}
		}
		got, err := w.Outlines(t.Context(), testkit.Ambon)
		if err != nil || got.Source != "BIG, data terbuka" || got.AsOf != "2023-01-01" {
			t.Fatalf("%s %s %v", got.Source, got.AsOf, err)
		}
		if n := len(got.Of); n != 3 || len(got.Of[8171020000]) != 2 || len(got.Of[8171030000]) != 1 {
			t.Errorf("%d areas, %d and %d rings", n, len(got.Of[8171020000]), len(got.Of[8171030000]))
		}
		if picture := svg.Choropleth(svg.Figure{ID: "m", NoData: "-"}, []svg.Shape{{Datum: svg.Datum{Name: "a", None: true}, Rings: got.Of[8171010000]}}, svg.Scale{Format: func(float64) string { return "" }}); !strings.Contains(picture, "<path") {
			t.Error("the outline cannot be drawn")
		}
		if _, err := w.ImportBoundaries(t.Context(), admin, imported(collection(feature("kode", "81.71.01", polygon(square(128.1, -3.7, .05, 3)))))); err != nil {
			t.Fatal(err)
		}
		states, err := w.Boundaries(t.Context())
		if err != nil || len(states) != 2 || states[0].Areas != 2 || states[1].Level != area.LevelVillage {
			t.Errorf("%+v %v", states, err)
		}
		var entries int64
		if err := db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE act = 'area.boundaries' AND kabkota = 8171`).Scan(&entries); err != nil || entries != 2 {
			t.Errorf("%d entries, %v", entries, err)
		}
	})
}

func TestBoundariesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	good := collection(feature("kode", "81.71.01", polygon(square(128.1, -3.7, .05, 3))))
	for _, c := range []struct {
		name, who, text, source, want string
	}{
		{"a verifier imports no boundaries", "verifikator", good, "BIG", "access.denied"},
		{"no source", "admin", good, " ", "boundaries.source"},
		{"a spreadsheet", "admin", "kode;nama\n81.71;Ambon", "BIG", "boundaries.not_geojson"},
		{"a single feature", "admin", feature("kode", "81.71.01", "null"), "BIG", "boundaries.not_geojson"},
		{"cut in the middle", "admin", good[:len(good)/2], "BIG", "boundaries.not_geojson"},
		{"cut at the end", "admin", good[:len(good)-1], "BIG", "boundaries.not_geojson"},
		{"nothing", "admin", "", "BIG", "boundaries.not_geojson"},
		{"no features", "admin", collection(), "BIG", "boundaries.empty"},
		{"nothing of ours", "admin", collection(feature("kode", "12.09", polygon(square(99.6, 2.9, .3, 5)))), "BIG", "boundaries.none"},
		{"no properties", "admin", `{"type":"FeatureCollection","features":[1,{"properties":7},null]}`, "BIG", "boundaries.none"},
	} {
		in := imported(c.text)
		in.Source = c.source
		if _, err := w.ImportBoundaries(t.Context(), w.who[c.who], in); fail.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	in := imported(good)
	in.AsOf = period.Date{}
	if _, err := w.ImportBoundaries(t.Context(), w.who["admin"], in); fail.CodeOf(err) != "boundaries.as_of" {
		t.Errorf("no date: %v", err)
	}
	if states, err := w.Boundaries(t.Context()); err != nil || len(states) != 0 {
		t.Errorf("%v %v", states, err)
	}
}

// TestOutlinesKeepWithinTheirBudget imports two neighbours of many thousand points: what is stored is
// bounded, and both still have the same points along their common border.
func TestOutlinesKeepWithinTheirBudget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(2, 6000).Draw(r, "points")
		wild := rapid.Float64Range(0, .01).Draw(r, "wild")
		var border []string
		for i := range n {
			border = append(border, fmt.Sprintf("[%.7f,%.7f]", 128.1+wild*math.Sin(float64(i)*1.7), -3.8+.2*float64(i)/float64(n)))
		}
		back := make([]string, n)
		for i, p := range border {
			back[n-1-i] = p
		}
		west := "[" + strings.Join(append(append([]string{"[128.0,-3.8]"}, border...), "[128.0,-3.6]", "[128.0,-3.8]"), ",") + "]"
		east := "[" + strings.Join(append(append([]string{"[128.2,-3.6]"}, back...), "[128.2,-3.8]", "[128.2,-3.6]"), ",") + "]"
		var rings [2][][]float64
		for i, text := range []string{west, east} {
			if err := json.Unmarshal([]byte(text), &rings[i]); err != nil {
				r.Fatal(err)
			}
		}
		left, right := areas.Stored(rings[0], rings[1])
		if len(left)+len(right) > areas.OutlineBudget {
			r.Fatalf("%d bytes", len(left)+len(right))
		}
		on := map[svg.Point]bool{}
		for _, p := range areas.Restored(left)[0] {
			on[p] = true
		}
		shared := 0
		for _, p := range areas.Restored(right)[0] {
			if on[p] {
				shared++
			}
		}
		if shared < 2 {
			r.Fatalf("the neighbours share %d points", shared)
		}
	})
}

func FuzzBoundaries(f *testing.F) {
	f.Add(collection(feature("kode", "81.71.01", polygon(square(128.1, -3.7, .05, 3)))))
	f.Add(`{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[]]]]},"properties":{"id":1}}]}`)
	f.Add(`{"type":"FeatureCollection","features":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		areas.ReadForTest(strings.NewReader(text))
	})
}
