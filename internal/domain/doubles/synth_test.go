package doubles_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"tepat/internal/domain/doubles"
)

// The population of these tests is made here, from a handful of common words; no one in it exists.
var (
	maleNames = strings.Fields("AHMAD BUDI CAHYO DEDI EKO FAJAR GUNAWAN HENDRA IRFAN JOKO KURNIAWAN LUKMAN MULYADI NANANG OKTAVIANUS " +
		"PRASETYO RIZKI SUGENG TAUFIK USMAN VICTOR WAHYUDI YUSUF ZAINAL ALEXANDER BENHARD DOMINGGUS ELIAS FERDINAND HASAN")
	femaleNames = strings.Fields("AISYAH BUNGA CITRA DEWI ENDANG FATIMAH GITA HALIMAH INDAH JUMIATI KARTINI LESTARI MARLINA NURHAYATI OLIVIA " +
		"PURWANTI RATNA SUPARMI TUTI UMI VERONIKA WULANDARI YULIANA ZUBAIDAH ADELINA BERTHA CORNELIA DORKAS ESTER HERLINA")
	secondNames = strings.Fields("SAPUTRA WIBOWO HIDAYAT NUGROHO SETIAWAN SANTOSO PERMATA RAHAYU ANGGRAINI SUSANTI KUSUMA PRATAMA UTAMI HANDAYANI " +
		"PUSPITA MAULANA RAMADHAN FIRMANSYAH SAFITRI OKTAVIANI")
	clans = strings.Fields("PATTIASINA LATUHERU SAHETAPY TUASIKAL PELUPESSY MANUPUTTY LATUCONSINA WATTIMENA LEIWAKABESSY SIREGAR HUTAPEA " +
		"SIMANJUNTAK MANURUNG LUMENTUT MANDAGI TUMBELAKA")
)

// town is a generated registry: the truth says which person each record describes.
type town struct {
	records []doubles.Record
	truth   map[string]int // record id -> person
	next    int
	rnd     *rand.Rand
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func newTown(seed uint64, families int, damaged float64) *town {
	t := &town{truth: map[string]int{}, rnd: rand.New(rand.NewPCG(seed, 7))}
	for f := range families {
		t.family(f)
	}
	for _, r := range t.records[:len(t.records):len(t.records)] {
		if t.rnd.Float64() < damaged {
			t.add(t.truth[r.ID], t.damage(r))
		}
	}
	t.rnd.Shuffle(len(t.records), func(i, j int) { t.records[i], t.records[j] = t.records[j], t.records[i] })
	return t
}

func (t *town) add(person int, r doubles.Record) {
	r.ID = fmt.Sprintf("r%07d", len(t.records))
	t.truth[r.ID] = person
	t.records = append(t.records, r)
}

func (t *town) family(n int) {
	village := fmt.Sprintf("8171%02d1%03d", 1+n%5, 1+n%9)
	clan := ""
	if n%2 == 0 {
		clan = " " + pick(t.rnd, clans)
	}
	base := doubles.Record{KK: t.number("817101", 1+t.rnd.IntN(28), 1+t.rnd.IntN(12), t.rnd.IntN(20)), Area: village}
	father, mother := base, base
	fatherYear := 1950 + t.rnd.IntN(45)
	t.person(&father, pick(t.rnd, maleNames)+t.second(clan), "L", fatherYear, pick(t.rnd, femaleNames)+t.second(""))
	t.person(&mother, pick(t.rnd, femaleNames)+t.second(""), "P", fatherYear+t.rnd.IntN(8), pick(t.rnd, femaleNames)+t.second(""))
	year := fatherYear + 22
	for c := 0; c < t.rnd.IntN(4); c++ {
		child := base
		sex, names := "L", maleNames
		if t.rnd.IntN(2) == 0 {
			sex, names = "P", femaleNames
		}
		name := pick(t.rnd, names)
		t.person(&child, name+t.second(clan), sex, year, mother.Name)
		if t.rnd.IntN(20) == 0 {
			twin := child
			twin.NIK = child.NIK[:12] + fmt.Sprintf("%04d", t.rnd.IntN(9000)+1)
			for strings.HasPrefix(child.Name, strings.Fields(twin.Name)[0]) {
				twin.Name = pick(t.rnd, names) + t.second(clan)
			}
			t.next++
			t.add(t.next, twin)
		}
		year += 2 + t.rnd.IntN(3)
	}
}

func (t *town) second(clan string) string {
	if clan != "" {
		return clan
	}
	if t.rnd.IntN(4) == 0 {
		return ""
	}
	return " " + pick(t.rnd, secondNames)
}

func (t *town) person(r *doubles.Record, name, sex string, year int, mother string) {
	day, month := 1+t.rnd.IntN(28), 1+t.rnd.IntN(12)
	r.Name, r.Sex, r.Mother = name, sex, mother
	r.Birth = fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	if sex == "P" {
		day += 40
	}
	r.NIK = t.number("8171"+fmt.Sprintf("%02d", 1+t.rnd.IntN(5)), day, month, year%100)
	t.next++
	t.add(t.next, *r)
}

func (t *town) number(place string, day, month, year int) string {
	return fmt.Sprintf("%s%02d%02d%02d%04d", place, day, month, year, 1+t.rnd.IntN(9998))
}

// damage gives a second description of a person, as another list would hold it: one to three slips.
func (t *town) damage(r doubles.Record) doubles.Record {
	for range 1 + t.rnd.IntN(3) {
		switch t.rnd.IntN(12) {
		case 0:
			r.NIK = swapDigits(r.NIK, 2+t.rnd.IntN(12))
		case 1:
			r.NIK = ""
		case 2:
			r.NIK = oneDigit(r.NIK, t.rnd.IntN(12), t.rnd.IntN(9))
		case 3:
			r.Name = "DRS. H. " + r.Name + ", S.Pd"
		case 4:
			r.Name = oldSpelling(r.Name)
		case 5:
			r.Name = dropLetter(r.Name, t.rnd)
		case 6:
			r.Birth = swapDate(r.Birth)
		case 7:
			r.Birth = r.Birth[:4] + "-01-01"
		case 8:
			r.Mother = "-"
		case 9:
			r.KK = t.number("817102", 3, 4, 19)
		case 10:
			r.Area = "8171021002"
		case 11:
			r.Mother = dropLetter(r.Mother, t.rnd)
		}
	}
	return r
}

func swapDigits(s string, at int) string {
	if len(s) != 16 {
		return s
	}
	return s[:at] + s[at+1:at+2] + s[at:at+1] + s[at+2:]
}

func oneDigit(s string, at, by int) string {
	if len(s) != 16 {
		return s
	}
	return s[:at] + string('0'+(s[at]-'0'+byte(1+by))%10) + s[at+1:]
}

func oldSpelling(s string) string {
	return strings.NewReplacer("U", "OE", "YU", "JOE").Replace(s)
}

func dropLetter(s string, r *rand.Rand) string {
	if len(s) < 7 {
		return s
	}
	at := 2 + r.IntN(len(s)-4)
	return s[:at] + s[at+1:]
}

func swapDate(s string) string {
	if len(s) != 10 || s[8:] > "12" {
		return s
	}
	return s[:5] + s[8:] + "-" + s[5:7]
}

// truePairs counts the pairs of records that describe one person.
func (t *town) truePairs() int {
	count := map[int]int{}
	for _, p := range t.truth {
		count[p]++
	}
	sum := 0
	for _, n := range count {
		sum += n * (n - 1) / 2
	}
	return sum
}

func (t *town) same(p doubles.Pair) bool {
	return t.truth[t.records[p.A].ID] == t.truth[t.records[p.B].ID]
}
