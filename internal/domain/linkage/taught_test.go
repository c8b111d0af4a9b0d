package linkage_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// sittings is a list of doubles entered at two sittings, surely one and in doubt, and of twins entered at one. The last pair, of the rows
// "ask1" and "ask2" of one card, is a double or twins for all its other columns say.
func sittings(first, second string) *sheet {
	s := crowd()
	s.header = append(slices.Clone(registryHeader), "tgl_input")
	for i := range s.rows {
		s.rows[i] = append(s.rows[i], fmt.Sprintf("2015-01-%02d", 1+i%28))
	}
	m := newMaker(5)
	two := func(n int, kind, nameA, nameB, nikA, nikB, dateA, dateB string) {
		card, birth := fmt.Sprintf("81710102030%05d", 30000+n), fmt.Sprintf("%04d-%02d-%02d", 1960+m.IntN(50), 1+m.IntN(12), 1+m.IntN(28))
		mother, area := strings.ToUpper(word(900+n)+" "+word(1200+n)), fmt.Sprintf("8171011%03d", 1+n%9)
		s.add(append(person(fmt.Sprint(kind, n, "a"), nikA, card, nameA, birth, "L", mother, area), dateA)...)
		s.add(append(person(fmt.Sprint(kind, n, "b"), nikB, card, nameB, birth, "L", mother, area), dateB)...)
	}
	for n := range 150 {
		family := strings.ToUpper(word(2000 + n))
		day := fmt.Sprintf("2016-02-%02d", 1+n%28)
		two(n, "double", "RENDI "+family, "RANDI "+family, "", "", day, fmt.Sprintf("2020-07-%02d", 1+n%28))
		two(200+n, "twin", "YUSUF "+family, "YUNUS MARKUS", "", "", day, day)
		two(400+n, "sure", "DORKAS "+family, "DORKAS "+family, "", "", day, fmt.Sprintf("2021-03-%02d", 1+n%28))
	}
	two(999, "ask", "RENDI ZAKARIAS", "RANDI ZAKARIAS", "", "", first, second)
	return s
}

// TestTheListTeaches: one pair is told to be one where its rows were entered at two sittings, as doubles of this list are, and weighs less
// where they were entered at one; the waterfall says so, and adds up to the weight of the search. Without the column nothing is taught.
func TestTheListTeaches(t *testing.T) {
	t.Parallel()
	weigh := func(first, second string) float64 {
		s := sittings(first, second)
		e := prepare(t, identity(t), s, nil, engine.Options{Workers: 2})
		last := len(s.rows) - 1
		w := e.Explain(last-1, last)
		sum, told := 0.0, 0
		for _, b := range w.Bars {
			if sum += b.Bits; b.Comparison == "taught" && strings.HasSuffix(b.Level, "_household") {
				told++
			}
		}
		if told != 1 || math.Abs(sum-w.Bits) > 0.01 {
			t.Errorf("%d bars of %v add up to %.2f", told, w, sum)
		}
		d := doubles(t, e)
		if len(d.Report.Taught) == 0 || d.Report.Taught[0].Column != "entered" || d.Report.Taught[0].Title != "tgl_input" {
			t.Errorf("%+v", d.Report.Taught)
		}
		for _, x := range d.Edges {
			if int(x.A)+int(x.B) == 2*last-1 && math.Abs(engine.Bits(x.Weight)-w.Bits) > 0.01 {
				t.Errorf("%.2f in the search, %.2f explained", engine.Bits(x.Weight), w.Bits)
			}
		}
		return w.Bits
	}
	if apart, together := weigh("2016-05-05", "2020-05-05"), weigh("2016-05-05", "2016-05-05 11:30:00"); apart-together < 1 {
		t.Errorf("entered at two sittings %.2f, at one %.2f", apart, together)
	}
	s := sittings("2016-05-05", "2016-05-05")
	s.header[len(s.header)-1] = "catatan"
	if d := doubles(t, prepare(t, identity(t), s, nil, engine.Options{})); d.Report.Taught != nil {
		t.Errorf("%+v of a column nobody knows", d.Report.Taught)
	}
}

// TestTheHouseholdTeaches: where rows have no card, those of one number of the list's own are of one household; and where twins of this list
// have one number and doubles two, the number itself tells.
func TestTheHouseholdTeaches(t *testing.T) {
	t.Parallel()
	weigh := func(title, first, second string) (float64, []engine.Lesson, string) {
		s := sittings("2016-05-05", "2018-05-05")
		s.header = append(slices.Clone(s.header), title)
		for i := range s.rows {
			number := fmt.Sprint("R", i/2)
			if strings.HasSuffix(s.rows[i][0], "b") && !strings.HasPrefix(s.rows[i][0], "twin") {
				number = fmt.Sprint("R", 5000+i)
			}
			s.rows[i] = append(s.rows[i], number)
			if len(s.rows)-i <= 2 {
				s.rows[i][2] = "" // no card
			}
		}
		last := len(s.rows) - 1
		s.rows[last-1][len(s.header)-1], s.rows[last][len(s.header)-1] = first, second
		e := prepare(t, identity(t), s, nil, engine.Options{})
		w, told := e.Explain(last-1, last), ""
		for _, b := range w.Bars {
			if b.Comparison == "taught" && strings.HasPrefix(b.Level, "household_") {
				told = b.Level
			}
		}
		return w.Bits, doubles(t, e).Report.Taught, told
	}
	one, lessons, told := weigh("id_keluarga", "X1", "X1")
	if !slices.ContainsFunc(lessons, func(l engine.Lesson) bool {
		return l.Column == "household" && l.Household && l.Same < -1 && l.Differ > 0
	}) || told != "household_same_household" {
		t.Errorf("%+v, %q", lessons, told)
	}
	if two, _, told := weigh("id_keluarga", "X1", "X2"); two-one < 1 || told != "" {
		t.Errorf("one household %.2f, two %.2f, %q", one, two, told)
	}
	if _, lessons, told := weigh("catatan", "X1", "X1"); slices.ContainsFunc(lessons, func(l engine.Lesson) bool { return l.Column == "household" }) || told != "" {
		t.Errorf("%+v, %q of a column nobody knows", lessons, told)
	}
}

// TestWhatAListTaughtIsToldAgain: the same list, told what it taught, weighs its pairs as when it taught them, and says so; another list, of
// two rows, is told it too and teaches nothing of its own; one that was taught nothing is told nothing.
func TestWhatAListTaughtIsToldAgain(t *testing.T) {
	t.Parallel()
	s := sittings("2016-05-05", "2020-05-05")
	want := doubles(t, prepare(t, identity(t), s, nil, engine.Options{}))
	again := doubles(t, prepare(t, identity(t), s, nil, engine.Options{Taught: want.Report.Taught}))
	if len(want.Report.Taught) == 0 || !slices.Equal(again.Report.Taught, want.Report.Taught) || !slices.Equal(again.Edges, want.Edges) {
		t.Errorf("%d edges told what %d had taught; %+v", len(again.Edges), len(want.Edges), again.Report.Taught)
	}
	none := doubles(t, prepare(t, identity(t), s, nil, engine.Options{Taught: []engine.Lesson{}}))
	if len(none.Report.Taught) != 0 || slices.Equal(none.Edges, want.Edges) {
		t.Errorf("taught nothing, told %+v", none.Report.Taught)
	}
	few := &sheet{header: s.header, rows: s.rows[len(s.rows)-2:]}
	told := 0.0
	for _, b := range prepare(t, identity(t), few, nil, engine.Options{Population: len(s.rows), Taught: want.Report.Taught}).Explain(0, 1).Bars {
		if b.Comparison == "taught" {
			told += b.Bits
		}
	}
	i := slices.IndexFunc(want.Report.Taught, func(l engine.Lesson) bool { return l.Column == "entered" && l.Household })
	if i < 0 || told == 0 || told != want.Report.Taught[i].Differ {
		t.Errorf("two rows alone are told %.2f of %+v", told, want.Report.Taught)
	}
}

// TestTaughtAlike: workers and the order of the rows are nothing to what a list teaches.
func TestTaughtAlike(t *testing.T) {
	t.Parallel()
	s := sittings("2016-05-05", "2020-05-05")
	want := doubles(t, prepare(t, identity(t), s, nil, engine.Options{Workers: 1}))
	for seed, workers := range []int{2, 1, 3} {
		got := doubles(t, prepare(t, identity(t), s.shuffled(uint64(seed)), nil, engine.Options{Workers: workers}))
		if !slices.Equal(got.Report.Taught, want.Report.Taught) || len(got.Edges) != len(want.Edges) || len(got.Clusters) != len(want.Clusters) {
			t.Fatalf("%+v, want %+v", got.Report.Taught, want.Report.Taught)
		}
		for i, x := range got.Edges {
			if x.Weight != want.Edges[i].Weight {
				t.Fatalf("edge %d weighs %d, want %d", i, x.Weight, want.Edges[i].Weight)
			}
		}
	}
}

// TestDoubtStaysDoubt: what levels tell beyond the weight is a bar of doubtful pairs alone, keeps them doubtful, and adds up.
func TestDoubtStaysDoubt(t *testing.T) {
	t.Parallel()
	s := sittings("2016-05-05", "2020-05-05")
	e := prepare(t, identity(t), s, nil, engine.Options{Alone: true})
	seen := 0
	for i := 400; i < len(s.rows); i += 2 {
		w, sum, doubt := e.Explain(i, i+1), 0.0, 0.0
		for _, b := range w.Bars {
			if sum += b.Bits; b.Comparison == "doubt" {
				doubt += b.Bits
			}
		}
		if before := sum - doubt; doubt != 0 && (before >= 6 || before < -8 || sum >= 6 || sum < -8.001) || math.Abs(sum-w.Bits) > 0.01 {
			t.Errorf("%s: %.2f of %.2f is told of a pair that is not doubtful", s.rows[i][0], doubt, sum)
		}
		if doubt != 0 {
			seen++
		}
	}
	if seen < 100 {
		t.Errorf("%d doubtful pairs say little", seen)
	}
}

// TestTeachingIsChecked: a mistake in what the model says of doubts and of columns the list is asked about is told.
func TestTeachingIsChecked(t *testing.T) {
	t.Parallel()
	refused(t, string(identity(t).Text()), map[[2]string]string{
		{"taught:\n  beside: kk", "taught:\n  beside: shoe"}:                                 "linkage.model_column_unknown",
		{"taught:\n  beside: kk", "taught:\n  beside: name"}:                                 "linkage.model_setting",
		{"  below_bits: 6\n  columns:", "  below_bits: 0\n  columns:"}:                       "linkage.model_setting",
		{"columns: [entered, source", "columns: [entered, entered"}:                          "linkage.model_column_unknown",
		{"columns: [entered, source", "columns: [entered, name, source"}:                     "linkage.model_setting", // seven
		{"beside: kk\n  else: household\n  below", "beside: kk\n  else: shoe\n  below"}:      "linkage.model_setting",
		{"beside: kk\n  else: household\n  below", "beside: kk\n  else: address\n  below"}:   "linkage.model_setting",
		{"columns: [entered, source", "columns: [sauce, source"}:                             "linkage.model_column_unknown",
		{"columns: [entered, source", "columns: [birthplace, source"}:                        "linkage.model_setting",
		{"columns: [entered, source, clerk, marital, occupation, household]", "columns: []"}: "linkage.model_setting",
		{"doubts:\n  below_bits: 6", "doubts:\n  below_bits: 1"}:                             "linkage.model_setting",
		{"    nik: {exact: -0.3", "    shoe: {exact: 0.9"}:                                   "linkage.model_comparison_unknown",
		{"    nik: {exact: -0.3", "    nik: {worn: 0.9"}:                                     "linkage.model_level_unknown",
		{"    nik: {exact: -0.3", "    nik: {exact: 9"}:                                      "linkage.model_setting",
		{"    nik: {exact: -0.3", "    nik: {exact: .nan"}:                                   "linkage.model_setting",
		{"    - name: origin\n", "    - name: role\n"}:                                       "linkage.model_comparison_name",
		{"    - name: origin\n", "    - name: birth\n"}:                                      "linkage.model_comparison_name",
		{"    - name: role\n      column: role", "    - name: role\n      column: shoe"}:     "linkage.model_column_unknown",
		{"{level: heads, when", "{level: heads_card, when"}:                                  "linkage.model_level_name",
		{"heads, when: \"are(K, K)\", bits: 0", "heads, when: \"are(K)\", bits: -0.2"}:       "linkage.model_arguments",
		{"heads, when: \"are(K, K)\", bits: 0", "heads, when: \"are\", bits: -0.2"}:          "linkage.model_arguments",
		{"heads, when: \"are(K, K)\", bits: 0", "heads, when: \"are(K, K\", bits: -0.2"}:     "linkage.model_expression",
		{"heads, when: \"are(K, K)\", bits: 0", "heads, when: \"are(K, K)\", bits: 80"}:      "linkage.model_setting",
		{"\"home(nik, area, 2)\"", "\"home(nik, area)\""}:                                    "linkage.model_arguments",
		{"\"home(nik, area, 2)\"", "\"home(nik, name, 2)\""}:                                 "linkage.model_arguments",
		{"\"home(nik, area, 2)\"", "\"are(K, I)\""}:                                          "linkage.model_test",
	})
}
