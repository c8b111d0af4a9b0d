package linkage_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tepat/internal/kit/fail"

	engine "tepat/internal/domain/linkage"
)

func doubles(t *testing.T, e *engine.Engine) engine.Doubles {
	t.Helper()
	d, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func linked(t *testing.T, e *engine.Engine) engine.Links {
	t.Helper()
	l, err := e.Link()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func evaluated(t *testing.T, e *engine.Engine, link bool) engine.Evaluation {
	t.Helper()
	labels, err := e.Labels("entity", "entity")
	if err != nil {
		t.Fatal(err)
	}
	if link {
		l := linked(t, e)
		v, err := e.EvaluateLinks(&l, &labels)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	d := doubles(t, e)
	v, err := e.EvaluateDoubles(&d, &labels)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOtherData holds models of other data, with no change to the engine, to the accuracy such data
// allows; the rows are made here, with a seed the models were not tuned on.
func TestOtherData(t *testing.T) {
	t.Parallel()
	t.Run("a list with damaged copies in it", func(t *testing.T) {
		t.Parallel()
		e := prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), febrl(31, 1200), nil, engine.Options{Workers: 2})
		v := evaluated(t, e, false)
		t.Logf("%+v, unmet %d, B-cubed %.4f", v.Chosen, v.Unmet, v.BCubed.F1)
		if v.Chosen.F1 < 0.995 || v.BCubed.F1 < 0.995 {
			t.Errorf("F1 %.4f, B-cubed %.4f", v.Chosen.F1, v.BCubed.F1)
		}
	})
	t.Run("two lists", func(t *testing.T) {
		t.Parallel()
		left, right := febrlTwo(47, 2000)
		v := evaluated(t, prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), left, right, engine.Options{Workers: 2}), true)
		t.Logf("%+v, unmet %d", v.Chosen, v.Unmet)
		if v.Chosen.F1 < 0.997 {
			t.Errorf("F1 %.4f", v.Chosen.F1)
		}
	})
	t.Run("historical persons", func(t *testing.T) {
		t.Parallel()
		e := prepare(t, modelOf(t, "../../../data/linkage/historical.yaml"), historical(53, 1200), nil, engine.Options{Workers: 2})
		v := evaluated(t, e, false)
		t.Logf("%+v, unmet %d, B-cubed %.4f", v.Chosen, v.Unmet, v.BCubed.F1)
		if v.Chosen.F1 < 0.97 || v.BCubed.F1 < 0.97 {
			t.Errorf("F1 %.4f, B-cubed %.4f", v.Chosen.F1, v.BCubed.F1)
		}
	})
}

// written gives all files of a deduplication as text.
func written(t *testing.T, e *engine.Engine) string {
	t.Helper()
	d := doubles(t, e)
	var edges, clusters bytes.Buffer
	if err := e.WriteEdges(&edges, &d); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteClusters(&clusters, &d); err != nil {
		t.Fatal(err)
	}
	return edges.String() + sortedLines(clusters.String())
}

func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestSameResult runs one job with several numbers of workers and orders of the rows: the files are
// equal to the byte.
func TestSameResult(t *testing.T) {
	t.Parallel()
	s := historical(7, 300)
	m := modelOf(t, "../../../data/linkage/historical.yaml")
	want := written(t, prepare(t, m, s, nil, engine.Options{Workers: 1}))
	for _, c := range []struct {
		workers int
		seed    uint64
	}{{2, 0}, {3, 1}, {8, 2}, {1, 3}} {
		rows := s
		if c.seed > 0 {
			rows = s.shuffled(c.seed)
		}
		if got := written(t, prepare(t, m, rows, nil, engine.Options{Workers: c.workers})); got != want {
			t.Errorf("%d workers, order %d: the result differs", c.workers, c.seed)
		}
	}
}

func linksOf(t *testing.T, m *engine.Model, left, right *sheet, workers int) string {
	t.Helper()
	e := prepare(t, m, left, right, engine.Options{Workers: workers})
	l := linked(t, e)
	var out bytes.Buffer
	if err := e.WriteLinks(&out, &l); err != nil {
		t.Fatal(err)
	}
	reasonsAre(t, e, &l, out.String())
	return sortedLines(out.String())
}

// reasonsAre holds the reasons that were written, which are kept from the search, against those asked for pair by pair.
func reasonsAre(t *testing.T, e *engine.Engine, l *engine.Links, written string) {
	t.Helper()
	x := e.Explainer()
	for i, line := range strings.Split(strings.TrimSpace(written), "\n")[1:] {
		want := ""
		if m := l.Matches[i]; m.Status != engine.None {
			want = strings.Join(e.Levels(x, i, len(l.Matches)+int(m.Reference)), " ")
		}
		if got := line[strings.LastIndexByte(line, ',')+1:]; got != want {
			t.Errorf("row %d: %q, not %q", i, got, want)
		}
	}
}

func TestSameLinks(t *testing.T) {
	t.Parallel()
	left, right := febrlTwo(3, 400)
	m := modelOf(t, "../../../data/linkage/febrl.yaml")
	want := linksOf(t, m, left, right, 1)
	for workers, seed := range map[int]uint64{2: 1, 5: 2} {
		if got := linksOf(t, m, left.shuffled(seed), right.shuffled(seed), workers); got != want {
			t.Errorf("%d workers: the links differ", workers)
		}
	}
}

// person is a row of an Indonesian registry.
func person(id, nik, kk, name, birth, sex, mother, area string) []string {
	return []string{id, nik, kk, name, birth, sex, mother, area}
}

var registryHeader = []string{"id", "nik", "no_kk", "nama", "tanggal_lahir", "jenis_kelamin", "nama_ibu", "kode_desa"}

// crowd is a hundred unlike people, so that frequencies and priors have something to stand on.
func crowd() *sheet {
	s := &sheet{header: registryHeader}
	m := newMaker(77)
	for n := range 400 {
		name := strings.ToUpper(word(m.skewed(90)) + " " + word(100+m.skewed(200)))
		day, month, year := 1+m.IntN(28), 1+m.IntN(12), 1950+m.IntN(60)
		area := fmt.Sprintf("8171%02d1%03d", 1+n%5, 1+n%9)
		s.add(person(fmt.Sprint("x", n), fmt.Sprintf("%s%02d%02d%02d%04d", area[:6], day, month, year%100, 1+m.IntN(900)),
			fmt.Sprintf("%s%02d%02d19%04d", area[:6], 1+m.IntN(28), 1+m.IntN(12), 1+m.IntN(900)), name,
			fmt.Sprintf("%04d-%02d-%02d", year, month, day), "L", strings.ToUpper(word(300+m.IntN(90))+" "+word(400+m.IntN(200))), area)...)
	}
	return s
}

// TestWhoIsOne holds the Indonesian model to pairs of rows, one case for each sentence.
func TestWhoIsOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b []string
		one  bool
	}{
		"one digit of the NIK mistyped": {
			person("a", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"),
			person("b", "8171011304800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"), true},
		"no NIK, another spelling, day and month swapped": {
			person("a", "8171011204800003", "8171012307130436", "MUHAMMAD RIZKY TUASIKAL", "1980-04-12", "L", "AISYAH LATUCONSINA", "8171011006"),
			person("b", "", "8171012307130436", "MOCH. RISKI TUASIKAL, S.PD", "1980-12-04", "L", "SITI AISAH LATUCONSINA", "8171011006"), true},
		"moved, with a new card": {
			person("a", "8171011204800003", "8171012307130436", "BENHARD PELUPESSY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"),
			person("b", "8171011204800003", "8171021101200007", "BENHARD PELUPESSY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171021002"), true},
		"twins": {
			person("a", "8171011204100003", "8171012307130436", "HASAN TUASIKAL", "2010-04-12", "L", "FATIMAH TUASIKAL", "8171011006"),
			person("b", "8171011204100004", "8171012307130436", "HUSEIN TUASIKAL", "2010-04-12", "L", "FATIMAH TUASIKAL", "8171011006"), false},
		"two of one name, each NIK with its row's own date": {
			person("a", "8171010402940001", "8171012307130436", "MARTHA LATUHERU", "1994-02-04", "P", "DORKAS PATTINAMA", "8171011006"),
			person("b", "8171020402990001", "8171012307130555", "MARTHA LATUHERU", "1999-02-04", "P", "RUTH SOPACUA", "8171011006"), false},
		"a digit of the NIK's serial, in one house": {
			person("a", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"),
			person("b", "8171011204800008", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"), true},
		"one word for a name, the NIK's area mistyped": {
			person("a", "8171011204800003", "8171012307130436", "SUPARNO", "1980-04-12", "L", "NGATINI", "8171011006"),
			person("b", "8172011204800003", "8171012307130436", "SUPARNO", "1980-04-12", "L", "NGATINI", "8171011006"), true},
		"twins without a NIK": {
			person("a", "", "8171012307130436", "RINA TUASIKAL", "2010-04-12", "P", "FATIMAH TUASIKAL", "8171011006"),
			person("b", "", "8171012307130436", "RINI TUASIKAL", "2010-04-12", "P", "FATIMAH TUASIKAL", "8171011006"), false},
		"brothers": {
			person("a", "8171011204100003", "8171012307130436", "HASAN TUASIKAL", "2010-04-12", "L", "FATIMAH TUASIKAL", "8171011006"),
			person("b", "8171010509120007", "8171012307130436", "YUSUF TUASIKAL", "2012-09-05", "L", "FATIMAH TUASIKAL", "8171011006"), false},
		"father and son of one name": {
			person("a", "8171011204600003", "8171012307130436", "YAKOB LEIWAKABESSY", "1960-04-12", "L", "MARIA SOPACUA", "8171011006"),
			person("b", "8171012206880002", "8171012307130436", "YAKOB LEIWAKABESSY", "1988-06-22", "L", "RUTH LEIWAKABESSY", "8171011006"), false},
		"a namesake of one birthday elsewhere": {
			person("a", "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006"),
			person("b", "3201015204800009", "3201012307130001", "SITI AISYAH", "1980-04-12", "P", "MARYAM", "3201011002"), false},
		"a NIK of somebody of the house": {
			person("a", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"),
			person("b", "8171011204800003", "8171012307130436", "NOVITA LATUHERU", "1984-11-02", "P", "RUTH LATUHERU", "8171011006"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := crowd()
			s.add(c.a...)
			s.add(c.b...)
			e := prepare(t, identity(t), s, nil, engine.Options{})
			d := doubles(t, e)
			together := slices.ContainsFunc(d.Clusters, func(list []int32) bool { return slices.Contains(list, 400) && slices.Contains(list, 401) })
			if together != c.one {
				t.Errorf("one: %v, %v", together, e.Explain(400, 401).Bars)
			}
		})
	}
}

// TestBirthBesideNIK holds the level of the birth date to what the NIKs of both rows say of it.
func TestBirthBesideNIK(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ nikA, bornA, nikB, bornB, level string }{
		"each NIK has its row's date":   {"8171010402940001", "1994-02-04", "8171010402990001", "1999-02-04", "each_its_own"},
		"the same of women":             {"8171014402940001", "1994-02-04", "8171014402990001", "1999-02-04", "each_its_own"},
		"one date, two areas":           {"8171010402940001", "1994-02-04", "3201010402940001", "1994-02-04", "exact"},
		"one NIK has the other's date":  {"8171010402940001", "1994-02-04", "8171010402940001", "1999-02-04", "one_digit"},
		"one side without a NIK":        {"8171010402940001", "1994-02-04", "", "1999-02-04", "one_digit"},
		"the other's NIK has this date": {"8171010402940001", "1999-07-30", "", "1994-02-04", "nik_date"},
		"the same of a woman":           {"", "1994-02-04", "8171014402940001", "1999-07-30", "nik_date"},
		"one side without a whole date": {"8171010101940001", "1994", "8171010402940001", "1994-02-04", "partial"},
	} {
		s := crowd()
		s.add(person("a", c.nikA, "", "MARTHA LATUHERU", c.bornA, "P", "", "8171011006")...)
		s.add(person("b", c.nikB, "", "MARTHA LATUHERU", c.bornB, "P", "", "8171011006")...)
		bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "birth" && b.Level == c.level }) {
			t.Errorf("%s: %v, want %s", name, bars, c.level)
		}
	}
}

// TestExplain holds the waterfall to the weight, to the bit, and to the values of the rows.
func TestExplain(t *testing.T) {
	t.Parallel()
	s := historical(11, 300)
	e := prepare(t, modelOf(t, "../../../data/linkage/historical.yaml"), s, nil, engine.Options{})
	d := doubles(t, e)
	if len(d.Edges) < 100 {
		t.Fatalf("%d pairs", len(d.Edges))
	}
	for _, edge := range d.Edges[:100] {
		w := e.Explain(int(edge.A), int(edge.B))
		sum := 0.0
		for _, b := range w.Bars {
			sum += b.Bits
		}
		if sum != w.Bits || w.Bits != engine.Bits(edge.Weight) || w.Key == "" {
			t.Fatalf("bars add up to %v, weight %v of %v, key %q", sum, w.Bits, engine.Bits(edge.Weight), w.Key)
		}
		back := e.Explain(int(edge.B), int(edge.A))
		if back.Bits != w.Bits {
			t.Fatalf("%v one way, %v the other", w.Bits, back.Bits)
		}
	}
	w := e.Explain(int(d.Edges[0].A), int(d.Edges[0].B))
	if got, want := w.Bars[1].A, s.rows[d.Edges[0].A][3]; got != want {
		t.Errorf("the bar shows %q, the row has %q", got, want)
	}
	if text := fmt.Sprintf("%v %#v", w.Bars[1], w.Bars[1]); strings.Contains(text, w.Bars[1].A) {
		t.Errorf("personal data is printed: %s", text)
	}
}

func TestPrepareSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	m := identity(t)
	one := &sheet{header: []string{"x"}, rows: [][]string{{"1"}}}
	empty := &sheet{header: registryHeader}
	filled := crowd()
	for name, c := range map[string]struct {
		left, right engine.Source
		o           engine.Options
		code        string
	}{
		"one column":      {one, nil, engine.Options{}, "linkage.column_missing"},
		"no rows":         {empty, nil, engine.Options{}, "linkage.no_rows"},
		"empty reference": {filled, empty, engine.Options{}, "linkage.no_rows"},
		"no such id":      {filled, nil, engine.Options{ID: "nomor"}, "linkage.id_missing"},
	} {
		if _, err := engine.Prepare(m, c.left, c.right, c.o); fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	names := &sheet{header: []string{"Nama Lengkap", "TGL_LAHIR"}, rows: [][]string{{"SITI", "1980-01-02"}, {"SITI", "1980-01-02"}}}
	e := prepare(t, m, names, nil, engine.Options{})
	if r := doubles(t, e).Report; !slices.Contains(r.Missing, "nik") || !slices.Contains(r.Skipped, "key nik") {
		t.Errorf("missing %v, skipped %v", r.Missing, r.Skipped)
	}
}

// TestOddRows counts rows that are not as rows should be, whatever the number of workers.
func TestOddRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("KEPATIHAN ", 300)
	left, right := crowd(), crowd()
	left.add("x3", "8171011204800003")
	left.add(append(slices.Clone(left.rows[7]), "")...)
	left.rows[401][0] = "other"
	left.add(slices.Clone(left.rows[8])...)
	left.rows[402][3] = long
	left.add("x3", "", "", long, "", "", long, "", "more")
	right.add("x399")
	want := []engine.Oddity{
		{Kind: engine.OddShort, Rows: 1, Row: 400}, {Kind: engine.OddLong, Rows: 2, Row: 401}, {Kind: engine.OddValue, Rows: 2, Row: 402},
		{Kind: engine.OddID, Rows: 3, Row: 400}, {Kind: engine.OddShort, Table: 1, Rows: 1, Row: 400}, {Kind: engine.OddID, Table: 1, Rows: 1, Row: 400},
	}
	for _, workers := range []int{1, 3, 16} {
		if got := prepare(t, identity(t), left, right, engine.Options{Workers: workers}).Oddities(); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: %+v, want %+v", workers, got, want)
		}
	}
	e := prepare(t, identity(t), crowd(), nil, engine.Options{Workers: 2})
	if got := e.Oddities(); len(got) != 0 {
		t.Errorf("good rows: %+v", got)
	}
	if w := prepare(t, identity(t), left, nil, engine.Options{}).Explain(402, 403); slices.ContainsFunc(w.Bars, func(b engine.Bar) bool { return len(b.A) > 2048 }) {
		t.Error("a value of 3 KB is shown whole")
	}
}

// TestNamesakes leaves two namesakes of one birthday to a person instead of guessing.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	civil := crowd()
	civil.add(person("p1", "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")...)
	civil.add(person("p2", "8171011204800017", "8171012307130555", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")...)
	left := &sheet{header: registryHeader}
	left.add(person("r1", "", "", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")...)
	left.add(person("r2", "8171011204800017", "", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")...)
	left.add(person("r3", "", "", "DOMINGGUS WATTIMENA", "1977-02-03", "L", "PETRONELA", "8171011006")...)
	e := prepare(t, identity(t), left, civil, engine.Options{})
	l := linked(t, e)
	if got := []engine.Status{l.Matches[0].Status, l.Matches[1].Status, l.Matches[2].Status}; !reflect.DeepEqual(got, []engine.Status{engine.Review, engine.Linked, engine.None}) {
		t.Fatalf("%v: %+v", got, l.Matches)
	}
	if got := string(e.ID(left.Rows() + int(l.Matches[1].Reference))); got != "p2" {
		t.Errorf("linked to %s", got)
	}
}

// TestOddPairsDoNotKeepClustersApart: a damaged row is put to the rows it is like, though it is most unlike a further one that is
// damaged elsewhere.
func TestOddPairsDoNotKeepClustersApart(t *testing.T) {
	t.Parallel()
	s := febrl(63, 200)
	s.add("o", "marion", "quillby", "17", "tarrow street", "", "elmstead", "2999", "nsw", "19410317", "7263541", "odd")
	s.add("a", "marion", "quillby", "17", "vennor road", "", "castleton", "2999", "nsw", "19410317", "1840062", "odd")
	s.add("b", "marion", "quillbi", "90", "tarrow street", "", "elmstead", "3141", "qld", "19620530", "7263511", "odd")
	d := doubles(t, prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), s, nil, engine.Options{}))
	e := prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), s, nil, engine.Options{})
	for _, rows := range d.Clusters {
		if string(e.ID(int(rows[0]))) == "a" && len(rows) == 3 {
			return
		}
	}
	t.Errorf("the three are not one cluster; refused %d", d.Refused)
}
