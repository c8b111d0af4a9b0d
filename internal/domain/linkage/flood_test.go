package linkage_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// flood is a kind of list that has far more pairs alike than rows.
type flood struct {
	header []string
	row    func(i int) []string
}

var bareHeader = []string{"id", "nama"}

// date spreads rows over days, and far over years.
func date(i int) string { return fmt.Sprintf("19%02d-%02d-%02d", i/336%100, 1+i%12, 1+i/12%28) }

// madeName is one of some 40,000.
func madeName(i int) string { return strings.ToUpper(word(i%200) + " " + word(200+i/200%200)) }

func floods() map[string]flood {
	id := func(i int) string { return fmt.Sprint(i) }
	nik := func(i int) string { return fmt.Sprintf("8171%012d", (uint64(i)*2654435761+1048583)%1e12) }
	card := func(i int) string { return fmt.Sprintf("8171%012d", (uint64(i/4)*40503+7)%1e12) }
	const one, area = "8171011204800003", "8171011006"
	return map[string]flood{
		"identical rows": {registryHeader, func(i int) []string {
			return person(id(i), one, "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", area)
		}},
		"identical ids, too": {registryHeader, func(int) []string {
			return person("1", one, "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", area)
		}},
		"all but the NIK": {registryHeader, func(i int) []string {
			return person(id(i), nik(i), "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", area)
		}},
		"all but a digit of the NIK": {registryHeader, func(i int) []string {
			return person(id(i), fmt.Sprintf("81710112048%05d", i%100000), "", "SITI AISYAH", "1980-04-12", "P", fmt.Sprint("HALIMAH ", strings.ToUpper(word(i/100000))), area)
		}},
		"all but the mother": {registryHeader, func(i int) []string {
			return person(id(i), one, "8171012307130436", "SITI AISYAH", "1980-04-12", "P", madeName(i), area)
		}},
		"one NIK on many rows": {registryHeader, func(i int) []string {
			return person(id(i), fmt.Sprintf("817101120480%04d", i/10000), card(i), madeName(i), date(i), "P", madeName(i/3), area)
		}},
		"one name": {registryHeader, func(i int) []string {
			return person(id(i), nik(i), card(i), "SITI AISYAH", date(i), "P", "", area)
		}},
		"one birthday": {registryHeader, func(i int) []string {
			return person(id(i), nik(i), card(i), madeName(i), "1980-01-01", "P", "", area)
		}},
		"one birthday and no numbers": {registryHeader, func(i int) []string {
			return person(id(i), "", "", madeName(i), "1980-01-01", "P", "", area)
		}},
		"two names and nothing else": {bareHeader, func(i int) []string { return []string{id(i), []string{"SITI AISYAH", "YOSEF"}[i&1]} }},
		"one column":                 {[]string{"nama"}, func(i int) []string { return []string{madeName(i)} }},
		"twenty of each":             {bareHeader, func(i int) []string { return []string{id(i), madeName(i / 20)} }},
		"no values":                  {registryHeader, func(i int) []string { return person(id(i), "", "", "", "", "", "", "") }},
		"short rows":                 {registryHeader, func(i int) []string { return []string{id(i)} }},
		"noise": {registryHeader, func(i int) []string {
			return person(id(i), "\xff\xfe", "3,2E+15", "\xc3\x28 \x00", "00-00-0000", "?", "-", "....")
		}},
	}
}

func (f flood) sheet(rows int) *sheet {
	s := &sheet{header: f.header}
	for i := range rows {
		s.add(f.row(i)...)
	}
	return s
}

// TestFloods holds runs on hopeless data to a bounded number of pairs, and to one result for any order of the rows.
// With TEPAT_FLOODS naming a folder it writes such files of TEPAT_FLOOD_ROWS rows there, to be tried by hand.
func TestFloods(t *testing.T) {
	t.Parallel()
	identity, names := goldenModel(t), namesOnly(t)
	for name, f := range floods() {
		m := identity
		if len(f.header) < 3 {
			m = names
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if dir := os.Getenv("TEPAT_FLOODS"); dir != "" {
				f.write(t, filepath.Join(dir, strings.NewReplacer(" ", "-", ",", "").Replace(name)+".csv"))
				return
			}
			s := f.sheet(1500)
			e := prepare(t, m, s, nil, engine.Options{Workers: 2})
			d := doubles(t, e)
			if most := int64(len(s.rows) * 100 * 4); d.Report.Compared > most {
				t.Errorf("%d pairs of %d rows", d.Report.Compared, len(s.rows))
			}
			t.Logf("%d pairs, %d found, %d clusters, %d equal", d.Report.Compared, len(d.Edges), len(d.Clusters), d.Report.Equal)
			if f.header[0] == "id" && name != "identical ids, too" {
				again := doubles(t, prepare(t, m, s.shuffled(3), nil, engine.Options{Workers: 3}))
				if again.Report.Compared != d.Report.Compared || len(again.Edges) != len(d.Edges) || len(again.Clusters) != len(d.Clusters) || !reflect.DeepEqual(again.Report.Keys, d.Report.Keys) {
					t.Errorf("in another order %d pairs, %d found, %d clusters", again.Report.Compared, len(again.Edges), len(again.Clusters))
				}
			}
			l := linked(t, prepare(t, m, s, f.sheet(1200), engine.Options{Workers: 2}))
			if most := int64(len(s.rows) * 200 * 4); l.Report.Compared > most || len(l.Matches) != 1500 {
				t.Errorf("%d pairs, %d answers", l.Report.Compared, len(l.Matches))
			}
		})
	}
}

func (f flood) write(t *testing.T, path string) {
	rows, err := strconv.Atoi(os.Getenv("TEPAT_FLOOD_ROWS"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, strings.Join(f.header, ";"))
	for i := range rows {
		fmt.Fprintln(w, strings.Join(f.row(i), ";"))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestEqualRows: of many rows that hold the same, one is compared, the others are tied to it, and the pairs and the
// cluster are what they are; of few, every pair is found.
func TestEqualRows(t *testing.T) {
	t.Parallel()
	m := goldenModel(t)
	siti := func(id string, mother string) []string {
		return person(id, "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", mother, "8171011006")
	}
	for name, c := range map[string]struct{ copies, equal, edges int }{
		"every pair of twenty": {20, 0, 190},
		"a star of more":       {300, 299, 299},
	} {
		s := crowd()
		for i := range c.copies {
			s.add(siti(fmt.Sprint("x", i), "HALIMAH")...)
		}
		s.add(siti("y", "HALIMAH TUASIKAL")...)
		for _, rows := range []*sheet{s, s.shuffled(4)} {
			e := prepare(t, m, rows, nil, engine.Options{Workers: 3})
			d := doubles(t, e)
			if d.Report.Equal != c.equal || len(d.Clusters) != 1 || len(d.Clusters[0]) != c.copies+1 {
				t.Fatalf("%s: %d equal, %d clusters", name, d.Report.Equal, len(d.Clusters))
			}
			tied, room := 0, e.Explainer()
			for _, x := range d.Edges {
				a, b := string(e.ID(int(x.A))), string(e.ID(int(x.B)))
				if a != "y" && b != "y" {
					tied++
				}
				if c.equal > 0 && a != "x0" && b != "x0" {
					t.Errorf("%s: %s and %s", name, a, b)
				}
				if w := e.ExplainIn(room, int(x.A), int(x.B)); w.Bits != engine.Bits(x.Weight) {
					t.Errorf("%s: %s and %s weigh %v, found with %v", name, a, b, w.Bits, engine.Bits(x.Weight))
				}
			}
			if tied != c.edges {
				t.Errorf("%s: %d pairs, want %d", name, tied, c.edges)
			}
		}
	}
}

// TestEqualRowsAreApart: what somebody knows of rows holds for equal ones, too.
func TestEqualRowsAreApart(t *testing.T) {
	t.Parallel()
	s := crowd()
	for i := range 100 {
		s.add(person(fmt.Sprint("x", i), "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")...)
	}
	entity := func(row int) uint64 { return uint64(max(row-440, 0) / 10) }
	known := engine.Known{Apart: [][2]int32{{400, 401}}, Entity: entity}
	d := doubles(t, prepare(t, goldenModel(t), s, nil, engine.Options{Known: known}))
	seen := map[uint64]int{}
	for _, c := range d.Clusters {
		has := map[int32]bool{}
		for _, row := range c {
			has[row] = true
			if x := entity(int(row)); x > 0 {
				seen[x]++
				if x != entity(int(c[0])) && entity(int(c[0])) > 0 {
					t.Errorf("rows of two entities in %v", c)
				}
			}
		}
		if has[400] && has[401] {
			t.Error("rows somebody found to be two are one")
		}
	}
	if len(seen) != 5 || seen[1] != 10 {
		t.Errorf("entities by rows: %v", seen)
	}
}

// TestEqualRowsOfTwoTables: equal rows of the first table have one answer, and of a hundred equal rows of the reference
// those compete that are first by their ids, as when all are compared.
func TestEqualRowsOfTwoTables(t *testing.T) {
	t.Parallel()
	left, right := crowd(), crowd()
	for i := range 100 {
		siti := person(fmt.Sprint(i), "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")
		right.add(siti...)
		if i%2 == 0 {
			left.add(siti...)
		}
	}
	e := prepare(t, goldenModel(t), left, right.shuffled(9), engine.Options{Workers: 2})
	l := linked(t, e)
	if l.Report.Equal != 49+96 {
		t.Errorf("%d equal", l.Report.Equal)
	}
	for _, m := range l.Matches[400:] {
		first, second := string(e.ID(left.Rows()+int(m.Reference))), string(e.ID(left.Rows()+int(m.Second)))
		if m.Status != engine.Review || m.Gap != 0 || m.Weight != l.Matches[400].Weight || first != "0" || second != "1" || m.Probability > 0.2501 {
			t.Fatalf("%+v: %s, %s", m, first, second)
		}
	}
}

// namesOnly is a model that compares nothing but names.
func namesOnly(t *testing.T) *engine.Model {
	t.Helper()
	m, err := engine.ParseModel([]byte(`
format: 1
name: names
version: "1"
columns: [{name: nama, type: name}]
comparisons:
  - name: nama
    column: nama
    frequency: {kind: share, floor: 0.0001, max_bits: 10}
    levels:
      - {level: same, when: same_words, m: 0.9, u: 0.0001, frequency: 1}
      - {level: other, when: else, m: 0.1, u: 0.9}
prior: {duplicates: 20}
dedupe: {link_bits: 2, review_bits: 0}
blocking: {keys: [nama, sounds(nama), initial(nama)]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
