package areas

import (
	_ "embed" // the data files
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed local_kinds.csv
var localKindsCSV string

//go:embed zones.csv
var zonesCSV string

//go:embed provinces.csv
var provincesCSV string

//go:embed aliases.csv
var aliasesCSV string

// LocalKind is the word a region uses for a kind of area, from a day on.
type LocalKind struct {
	Area       int64  // the area in and under which the word is used; the deepest entry wins
	Kind       string // kecamatan, kelurahan or desa
	Term       string
	ValidFrom  string
	ValidTo    string
	LegalBasis string
	Unverified bool // from memory, or from a single secondary source
	Note       string
}

// LocalKinds gives the words of all days.
func LocalKinds() ([]LocalKind, error) {
	return readTable("local_kinds.csv", localKindsCSV, 8, func(f []string) (LocalKind, error) {
		code, err := pad(f[0])
		return LocalKind{code, f[1], f[2], f[3], f[4], f[5], f[6] == "yes", f[7]}, err
	})
}

// Zone is the legal time of an area, from a day on.
type Zone struct {
	Area       int64 // of a province, or of a district that differs from its province
	Zone       string
	ValidFrom  string
	ValidTo    string
	LegalBasis string
	Unverified bool
}

// Zones gives the legal times of all days.
func Zones() ([]Zone, error) {
	return readTable("zones.csv", zonesCSV, 6, func(f []string) (Zone, error) {
		code, err := pad(f[0])
		return Zone{code, f[1], f[2], f[3], f[4], f[5] == "yes"}, err
	})
}

// Province is a province of today or of the past; a NIK keeps the number of a past one for life.
type Province struct {
	Number     int // the first two digits of codes
	Name       string
	ValidFrom  string
	ValidTo    string
	LegalBasis string
	Unverified bool
}

// Provinces gives all provinces there are and were.
func Provinces() ([]Province, error) {
	return readTable("provinces.csv", provincesCSV, 6, func(f []string) (Province, error) {
		number, err := strconv.Atoi(f[0])
		return Province{number, f[1], f[2], f[3], f[4], f[5] == "yes"}, err
	})
}

// Alias says what became of an old code.
type Alias struct {
	Old        int64
	New        int64
	ValidFrom  string // the day from which the new code is the right one
	Kind       string // recode, split (then one row for each part) or merge
	Below      bool   // codes below the old one live on below the new one with the same last digits
	LegalBasis string
	Unverified bool
}

// Aliases gives the old codes of all days.
func Aliases() ([]Alias, error) {
	return readTable("aliases.csv", aliasesCSV, 7, func(f []string) (Alias, error) {
		old, err := pad(f[0])
		if err != nil {
			return Alias{}, err
		}
		recent, err := pad(f[1])
		return Alias{old, recent, f[2], f[3], f[4] == "yes", f[5], f[6] == "yes"}, err
	})
}

// readTable reads a small table with a header line.
func readTable[T any](name, text string, columns int, parse func([]string) (T, error)) ([]T, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = columns
	records, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("areas: %s: %w", name, err)
	}
	list := make([]T, 0, len(records))
	for _, record := range records[min(1, len(records)):] {
		value, err := parse(record)
		if err != nil {
			return nil, fmt.Errorf("areas: %s: %w", name, err)
		}
		list = append(list, value)
	}
	return list, nil
}

// Words gives the local word for the kind of an area, and its legal time, as they hold on one day. They follow from the code
// alone, so that nobody need read the list of areas for them.
type Words struct {
	local localMap
	zones zoneMap
}

// WordsOn gives the words of a day (YYYY-MM-DD; "" is the newest state).
func WordsOn(day string) (Words, error) {
	local, err := localKindsOn(day)
	if err != nil {
		return Words{}, err
	}
	zones, err := zonesOn(day)
	return Words{local, zones}, err
}

// Of gives the local word and the zone of a code; the zone is empty where no area above it has one.
func (w Words) Of(code int64) (local, zone string) { return w.local.of(code), w.zones.of(code) }

// steps are the sizes of a village, subdistrict, district and province in padded codes.
var steps = [...]int64{1, 1_0000, 1_00_0000, 1_00_00_0000}

type zoneMap map[int64]string

func zonesOn(day string) (zoneMap, error) {
	all, err := Zones()
	m := make(zoneMap, len(all))
	for _, z := range all {
		if holds(z.ValidFrom, z.ValidTo, day) {
			m[z.Area] = z.Zone
		}
	}
	return m, err
}

func (m zoneMap) of(code int64) string {
	for _, step := range steps {
		if zone, ok := m[code-code%step]; ok {
			return zone
		}
	}
	return ""
}

// localKey is an area and a kind.
type localKey struct {
	area int64
	kind string
}

type localMap map[localKey]string

func localKindsOn(day string) (localMap, error) {
	all, err := LocalKinds()
	m := make(localMap, len(all))
	for _, l := range all {
		if holds(l.ValidFrom, l.ValidTo, day) {
			m[localKey{l.Area, l.Kind}] = l.Term
		}
	}
	return m, err
}

// of gives the local word of the deepest entry the code lies in, or the kind's own word.
func (m localMap) of(code int64) string {
	kind := kindOf(code)
	for _, step := range steps {
		if term, ok := m[localKey{code - code%step, kind}]; ok {
			return term
		}
	}
	return kind
}

// kindOf reads the kind of an area from its code, as area.Code.Kind does.
func kindOf(code int64) string {
	switch {
	case code%steps[1] != 0:
		return [...]string{"", "kelurahan", "desa", "desa_adat"}[min(code%steps[1]/1000, 3)]
	case code%steps[2] != 0:
		return "kecamatan"
	case code%steps[3] == 0:
		return "provinsi"
	case code/steps[2]%100 > 70:
		return "kota"
	}
	return "kabupaten"
}
