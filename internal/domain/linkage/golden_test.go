package linkage_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// goldenModel is a model that does not change with the default one, so that the digests below hold the engine alone.
func goldenModel(t testing.TB) *engine.Model {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.ParseModel(text, func(string) []byte {
		names, err := os.ReadFile("testdata/golden-names.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return names
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var townHeader = []string{"id", "nik", "no_kk", "nama", "tanggal_lahir", "jenis_kelamin", "nama_ibu", "nama_ayah", "tempat_lahir", "kode_desa", "alamat", "no_hp"}

// places of the columns of a town.
const (
	townNIK = 1 + iota
	townCard
	townName
	townBirth
	townSex
	townMother
	townFather
	townPlace
	townArea
	townAddress
	townPhone
)

// given are names that every second person has; the others are made.
var given = strings.Fields("MUHAMMAD SITI NUR AHMAD SRI ABDUL DEWI AGUS RINA RINI YUSUF MARIA YOHANES I WAYAN NI MADE KETUT SUPARMI PARMI NURHAYATI HAYATI FATIMAH PATIMAH RIZKY RISKI BAMBANG SOEPARMAN DJOKO JOKO")

func (m maker) townName() string {
	list := []string{}
	for range 1 + m.IntN(3) {
		if m.IntN(2) == 0 {
			list = append(list, given[m.skewed(len(given))])
		} else {
			list = append(list, strings.ToUpper(word(m.skewed(3000))))
		}
	}
	return strings.Join(list, " ")
}

// family makes the rows of one card, all of them different people.
func (m maker) family(n int) (rows [][]string) {
	area := fmt.Sprintf("8171%02d%04d", 1+m.IntN(5), 1001+m.IntN(8))
	card := fmt.Sprintf("%s%02d0110%04d", area[:6], 1+m.IntN(28), n%10000)
	father, mother := m.townName(), m.townName()
	address, phone := fmt.Sprintf("JL. %s NO. %d", strings.ToUpper(word(6000+m.skewed(300))), 1+m.IntN(90)), ""
	if m.IntN(3) > 0 {
		phone = fmt.Sprintf("0812%08d", m.IntN(1e8))
	}
	year := 1950 + m.IntN(40)
	person := func(name, sex, mother, father string, year int) {
		day, month := 1+m.IntN(28), 1+m.IntN(12)
		if m.IntN(12) == 0 {
			day, month = 1, 1
		}
		numbered := day
		if sex == "P" {
			numbered += 40
		}
		nik := fmt.Sprintf("%s%02d%02d%02d%04d", area[:6], numbered, month, year%100, 1+m.skewed(40))
		rows = append(rows, []string{"", nik, card, name, fmt.Sprintf("%d-%02d-%02d", year, month, day), sex, mother, father, "AMBON", area, address, phone})
	}
	person(father, "L", m.townName(), m.townName(), year)
	person(mother, "P", m.townName(), m.townName(), year+m.IntN(8))
	for range m.IntN(4) {
		person(m.townName(), []string{"L", "P"}[m.IntN(2)], mother, father, year+20+m.IntN(15))
	}
	return rows
}

// damaged gives a row as another clerk wrote it.
func (m maker) damaged(p []string) []string {
	d := append([]string(nil), p...)
	for range m.IntN(4) {
		switch at := townNIK + m.IntN(townPhone); {
		case m.IntN(4) == 0:
			d[at] = ""
		case at == townBirth && m.IntN(2) == 0:
			d[at] = d[at][:min(4, len(d[at]))] + "-01-01"
		case at == townName && m.IntN(3) == 0:
			d[at], _, _ = strings.Cut(d[at], " ")
		default:
			d[at] = strings.ToUpper(m.typo(d[at]))
		}
	}
	return d
}

// town makes a list in which some stand twice or three times, and the list of all as the civil registry has it.
func town(seed uint64, families int) (list, civil *sheet) {
	m := newMaker(seed)
	list, civil = &sheet{header: townHeader}, &sheet{header: townHeader}
	put := func(s *sheet, row []string, id string) {
		row = append([]string(nil), row...)
		row[0] = id
		s.add(row...)
	}
	for n := range families {
		for _, p := range m.family(n) {
			put(civil, p, fmt.Sprint("c", len(civil.rows)))
			for range []int{1, 1, 1, 1, 1, 1, 2, 2, 3, 0}[m.IntN(10)] {
				put(list, m.damaged(p), fmt.Sprint(len(list.rows)))
			}
		}
	}
	return list.shuffled(seed), civil.shuffled(seed + 1)
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// TestGolden holds every byte of what the engine writes for lists of some 20,000 rows to what it wrote when the
// digests were taken: a change made for speed must not change a result. A change of what is to be found
// changes them, and its commit says why.
func TestGolden(t *testing.T) {
	t.Parallel()
	list, civil := town(2026, 5600)
	m := goldenModel(t)
	for name, c := range map[string]struct {
		want string
		run  func() string
	}{
		"duplicates of the list": {"0c7c631aedd40310", func() string { return written(t, prepare(t, m, list, nil, engine.Options{Workers: 2})) }},
		"list to civil registry": {"2f593304b3f3b1f6", func() string { return linksOf(t, m, list, civil, 2) }},
		"historical persons": {"2d6bd54934b6492e", func() string {
			return written(t, prepare(t, modelOf(t, "../../../data/linkage/historical.yaml"), historical(61, 1500), nil, engine.Options{Workers: 2}))
		}},
		"two lists": {"4fe36e5e4a18fe3e", func() string {
			left, right := febrlTwo(67, 3000)
			return linksOf(t, modelOf(t, "../../../data/linkage/febrl.yaml"), left, right, 3)
		}},
		"a model fitted to the list": {"e7513736addd8c85", func() string {
			small, _ := town(2027, 600)
			text, _ := trained(t, m, small, 2)
			return string(text)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := c.run()
			if got := digestOf(text); got != c.want {
				t.Errorf("digest %s, want %s: %d bytes, %d lines", got, c.want, len(text), bytes.Count([]byte(text), []byte{'\n'}))
			}
		})
	}
}
