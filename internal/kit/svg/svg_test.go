package svg_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/kit/svg"
)

func figure() svg.Figure {
	return svg.Figure{ID: "f1", Title: "Keluarga belum padan", Desc: "Per provinsi, November 2026.", NoData: "tidak ada data"}
}

func scale() svg.Scale {
	return svg.Scale{Breaks: [4]float64{5, 10, 15, 20}, Format: func(v float64) string { return fmt.Sprintf("%g%%", v) }}
}

func datum(name string, v float64) svg.Datum {
	return svg.Datum{Name: name, Value: v, Text: fmt.Sprintf("%g", v)}
}

func provinces() (data []svg.Datum) {
	for i, t := range svg.Provinces() {
		d := datum("Provinsi "+t.Letter, float64(i*3%27))
		d.Code = t.Code
		data = append(data, d)
	}
	return data
}

// pictures gives one picture of each kind over the same awkward data.
func pictures(data []svg.Datum) map[string]string {
	var steps []svg.Step
	var stacks []svg.Stack
	var rows []svg.HeatRow
	var shapes []svg.Shape
	for i, d := range data {
		steps = append(steps, svg.Step{Datum: d, Note: d.Text})
		stacks = append(stacks, svg.Stack{Datum: d, Parts: data})
		rows = append(rows, svg.HeatRow{Name: d.Name, Cells: data})
		x := float64(i)
		shapes = append(shapes, svg.Shape{Datum: d, Rings: [][]svg.Point{{{x, 0}, {x + 1, 0}, {x + 1, 1}, {x, 1}, {x, 0}}}})
	}
	var names []string
	var swings []svg.Swing
	for i, d := range data {
		names = append(names, d.Name)
		swings = append(swings, svg.Swing{Group: names[i/2], Name: d.Name, From: d.Value, To: -d.Value, Text: d.Text})
	}
	format := func(v float64) string { return fmt.Sprint(v) }
	f := figure()
	return map[string]string{
		"tile map": svg.TileMap(f, data, scale()), "choropleth": svg.Choropleth(f, shapes, scale()),
		"bars": svg.Bars(f, data, svg.Datum{Name: "rata-rata", Value: 9, Text: "9"}), "funnel": svg.Funnel(f, steps),
		"stacked": svg.Stacked(f, stacks), "ageing": svg.Ageing(f, stacks), "columns": svg.Columns(f, data, "desil"),
		"lines": svg.Lines(f, names, []svg.Series{{Name: "masuk", Points: data}}, format),
		"heat":  svg.Heat(f, names, rows, scale()), "swings": svg.Swings(f, swings),
	}
}

func TestEveryPictureIsSafeWellFormedAndNamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) svg.Datum {
			return svg.Datum{
				Code: rapid.SampledFrom([]string{"11", "94", "zz"}).Draw(t, "code"), Name: rapid.String().Draw(t, "name"),
				Value: rapid.Float64().Draw(t, "value"), Text: rapid.String().Draw(t, "text"), None: rapid.Bool().Draw(t, "none"),
			}
		}), 0, 6).Draw(t, "data")
		data = append(data, svg.Datum{Name: "bukan angka", Value: math.NaN()}, svg.Datum{Name: "tak hingga", Value: math.Inf(1)})
		for kind, picture := range pictures(data) {
			checkPicture(t, kind, picture)
		}
	})
}

// checkPicture holds what every picture owes a page: XML, one image with its name, no
// style, no script, no handler, no link, no coordinate that is no number.
func checkPicture(t interface{ Fatalf(string, ...any) }, kind, picture string) {
	dec := xml.NewDecoder(strings.NewReader(picture))
	first := true
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v in %s", kind, err, picture)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attrs := map[string]string{}
		for _, a := range start.Attr {
			attrs[a.Name.Local] = a.Value
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
				t.Fatalf("%s: attribute %s", kind, a.Name.Local)
			}
			if a.Name.Local != "aria-labelledby" && strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Fatalf("%s: %s=%q", kind, a.Name.Local, a.Value)
			}
		}
		if slices.Contains([]string{"style", "script", "a", "image"}, start.Name.Local) {
			t.Fatalf("%s: element %s", kind, start.Name.Local)
		}
		if first && (attrs["role"] != "img" || attrs["aria-labelledby"] != "f1-t f1-d") {
			t.Fatalf("%s: root is %v", kind, attrs)
		}
		first = false
	}
}

func TestTheTileMapHoldsEveryProvinceOnce(t *testing.T) {
	t.Parallel()
	// Kemendagri codes of the 38 provinces (Kepmendagri 300.2.2-2138 of 2025).
	want := strings.Fields("11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 75 76 81 82 91 92 93 94 95 96")
	var codes []string
	letters := map[string]bool{}
	tiles := svg.Provinces()
	for i, a := range tiles {
		codes, letters[a.Letter] = append(codes, a.Code), true
		for _, b := range tiles[i+1:] {
			if math.Abs(a.X-b.X) < 1 && math.Abs(a.Y-b.Y) < 1 {
				t.Errorf("%s and %s overlap", a.Letter, b.Letter)
			}
		}
	}
	slices.Sort(codes)
	if !slices.Equal(codes, want) || len(letters) != len(want) {
		t.Errorf("codes %v, %d letters", codes, len(letters))
	}
}

func TestTheTileMapIsSmall(t *testing.T) {
	t.Parallel()
	picture := svg.TileMap(figure(), provinces(), scale())
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, picture)
	w.Close()
	if len(picture) > 6_000 || packed.Len() > 2_000 {
		t.Errorf("%d bytes, %d packed", len(picture), packed.Len())
	}
}

func TestAProvinceWithoutDataIsHatchedAndNamed(t *testing.T) {
	t.Parallel()
	data := provinces()[1:] // without Aceh
	picture := svg.TileMap(figure(), data, scale())
	hatched := regexp.MustCompile(`<g class="qx" fill="url\(#f1-h\)">.*?</g>`).FindString(picture)
	if !strings.Contains(hatched, "AC: tidak ada data") || strings.Count(hatched, "<title>") != 1 {
		t.Errorf("hatched: %s", hatched)
	}
	if !strings.HasSuffix(picture, ">tidak ada data</text></svg>") {
		t.Error("the legend does not explain the hatch")
	}
	if whole := svg.TileMap(figure(), provinces(), scale()); strings.Contains(whole, "tidak ada data") {
		t.Error("the legend names a hatch that is not drawn")
	}
}

func TestClassesHoldTheirLowerBreak(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]int{-1: 0, 0: 0, 4.9: 0, 5: 1, 9.99: 1, 10: 2, 15: 3, 19: 3, 20: 4, 99: 4} {
		if got := scale().Class(v); got != want {
			t.Errorf("Class(%g) = %d, want %d", v, got, want)
		}
	}
	var labels []string
	for i := range 5 {
		labels = append(labels, scale().Label(i))
	}
	if got, want := strings.Join(labels, "|"), "< 5%|5% – 10%|10% – 15%|15% – 20%|≥ 20%"; got != want {
		t.Errorf("labels %s, want %s", got, want)
	}
}

func TestBarsAreProportional(t *testing.T) {
	t.Parallel()
	picture := svg.Bars(figure(), []svg.Datum{datum("A", 200), datum("B", 50), datum("C", 0)}, svg.Datum{})
	for _, want := range []string{`class="q3" d="M0 20h420v14h-420z"`, `class="q3" d="M0 60h105v14h-105z"`, `class="q3" d="M0 100h0v14h0z"`} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is not in %s", want, picture)
		}
	}
}

func TestStackedPartsFillTheirBarAndAgeingKeepsTheSum(t *testing.T) {
	t.Parallel()
	stacks := []svg.Stack{
		{Datum: svg.Datum{Name: "Teladan", Text: "40"}, Parts: []svg.Datum{datum("0–7 hari", 30), datum("8–14 hari", 10)}},
		{Datum: svg.Datum{Name: "Kisaran", Text: "20"}, Parts: []svg.Datum{datum("0–7 hari", 0), datum("8–14 hari", 20)}},
	}
	widths := func(picture string) (out []string) {
		for _, m := range regexp.MustCompile(`d="M[\d.]+ [\d.]+h([\d.]+)v14h[-\d.]+z"><title>`).FindAllStringSubmatch(picture, -1) {
			out = append(out, m[1])
		}
		return out
	}
	if got, want := widths(svg.Stacked(figure(), stacks)), []string{"315", "105", "0", "420"}; !slices.Equal(got, want) {
		t.Errorf("stacked %v, want %v", got, want)
	}
	if got, want := widths(svg.Ageing(figure(), stacks)), []string{"315", "105", "0", "210"}; !slices.Equal(got, want) {
		t.Errorf("ageing %v, want %v", got, want)
	}
}

func TestAMissingPointBreaksTheLine(t *testing.T) {
	t.Parallel()
	points := []svg.Datum{datum("Jan", 1), datum("Feb", 2), {Name: "Mar", None: true}, datum("Apr", 4), datum("Mei", 5)}
	picture := svg.Lines(figure(), []string{"Jan", "Feb", "Mar", "Apr", "Mei"}, []svg.Series{{Name: "masuk", Points: points}},
		func(v float64) string { return fmt.Sprint(v) })
	d := regexp.MustCompile(`class="l0" d="(M[^"]*L[^"]*)"`).FindStringSubmatch(picture)
	if d == nil || strings.Count(d[1], "M") != 2 || strings.Count(d[1], "L") != 2 {
		t.Errorf("path %v", d)
	}
}

func TestNeighboursShareTheirBorder(t *testing.T) {
	t.Parallel()
	// Two areas whose common border has points that no unit grid holds exactly.
	west := []svg.Point{{0, 0}, {1.0001, 0}, {1.2, 0.51}, {0.9, 1}, {0, 1}, {0, 0}}
	east := []svg.Point{{1.0001, 0}, {2, 0}, {2, 1}, {0.9, 1}, {1.2, 0.51}, {1.0001, 0}}
	picture := svg.Choropleth(figure(), []svg.Shape{{Datum: datum("Barat", 1), Rings: [][]svg.Point{west}}, {Datum: datum("Timur", 9), Rings: [][]svg.Point{east}}}, scale())
	corners := regexp.MustCompile(`<path d="M(\d+) (\d+)l`).FindAllStringSubmatch(picture, -1)
	if len(corners) != 2 {
		t.Fatalf("%d areas in %s", len(corners), picture)
	}
	// Both rings pass the border's south end: the east one starts there, the west one's first step ends there.
	if !strings.Contains(picture, fmt.Sprintf(`<path d="M%s %sl%d 0`, corners[0][1], corners[0][2], atoi(corners[1][1])-atoi(corners[0][1]))) {
		t.Errorf("the border's south end differs: %s", picture)
	}
}

func atoi(s string) (n int) {
	fmt.Sscan(s, &n)
	return n
}

func TestASmallIslandKeepsADot(t *testing.T) {
	t.Parallel()
	land := []svg.Point{{0, 0}, {40, 0}, {40, 10}, {0, 10}}
	island := []svg.Point{{20, 12}, {20.0001, 12}, {20.0001, 12.0001}}
	picture := svg.Choropleth(figure(), []svg.Shape{{Datum: datum("Daratan", 1), Rings: [][]svg.Point{land}}, {Datum: datum("Pulau", 9), Rings: [][]svg.Point{island}}}, scale())
	if !regexp.MustCompile(`<path d="M[^"]*l2 0 0 2-2 0z"><title>Pulau: 9</title>`).MatchString(picture) {
		t.Errorf("no dot in %s", picture)
	}
}

func TestNoBoundaryNoMap(t *testing.T) {
	t.Parallel()
	if got := svg.Choropleth(figure(), []svg.Shape{{Datum: datum("A", 1)}}, scale()); got != "" {
		t.Errorf("got %s", got)
	}
}

func TestEveryClassHasARule(t *testing.T) {
	t.Parallel()
	css := svg.Stylesheet()
	classes := regexp.MustCompile(`class="([a-z0-9]+)"`)
	data := append(provinces()[:9:9], svg.Datum{Name: "kosong", None: true})
	for kind, picture := range pictures(data) {
		for _, m := range classes.FindAllStringSubmatch(picture, -1) {
			if !strings.Contains(css, "."+m[1]) {
				t.Errorf("%s: no rule for class %s", kind, m[1])
			}
		}
	}
	if alone := svg.Standalone(pictures(data)["bars"]); !strings.Contains(alone, `-d"><style>`) || strings.Count(alone, "<svg") != 1 {
		t.Error("a standalone picture lacks its rules")
	}
}

func BenchmarkTileMap(b *testing.B) {
	data := provinces()
	b.ReportAllocs()
	for b.Loop() {
		svg.TileMap(figure(), data, scale())
	}
}

// TestSwings holds bars to where they begin and end, and to their shade.
func TestSwings(t *testing.T) {
	t.Parallel()
	picture := svg.Swings(figure(), []svg.Swing{
		{Group: "NIK", Name: "sama", From: 0, To: 30, Text: "+30"}, {Group: "NIK", Name: "beda", From: 30, To: 20, Text: "-10"}, {Name: "awal", From: 0, To: -10, Text: "-10"},
	})
	for _, part := range []string{`class="q3" d="M105 37h315v9h-315z"><title>sama: +30</title>`, `class="q1" d="M315 67h105v9h-105z"><title>beda: -10</title>`, `class="q1" d="M0 97h105v9h-105z"`} {
		if !strings.Contains(picture, part) {
			t.Errorf("no %s in %s", part, picture)
		}
	}
	if n := strings.Count(picture, ">NIK<"); n != 1 {
		t.Errorf("%d headings", n)
	}
	if svg.Swings(figure(), nil) == "" {
		t.Error("no picture of nothing")
	}
}
