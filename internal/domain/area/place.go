package area

import (
	"time"

	"tepat/internal/kit/fail"
)

// Kind is the legal sort of a place. It follows from the code alone.
type Kind uint8

// The kinds of places; villages are kelurahan, desa or desa adat (UU 6/2014), whatever the local
// word for them is.
const (
	KindNation Kind = iota
	Provinsi
	Kabupaten
	Kota
	Kecamatan
	Kelurahan
	Desa
	DesaAdat
)

// kindWords are the stable words of the kinds, as used in files and message keys.
var kindWords = [...]string{"nation", "provinsi", "kabupaten", "kota", "kecamatan", "kelurahan", "desa", "desa_adat"}

// String gives the kind's stable word.
func (k Kind) String() string { return kindWords[min(int(k), len(kindWords)-1)] }

// ParseKind reads a kind's stable word. Error: area.kind.
func ParseKind(s string) (Kind, error) {
	for i, word := range kindWords {
		if word == s {
			return Kind(i), nil
		}
	}
	return 0, fail.Invalid("area.kind")
}

// Kind gives the kind of the place: districts 01 to 69 are kabupaten and from 71 on kota; the
// first digit of a village's group is 1 for kelurahan, 2 for desa and 3 for desa adat.
func (c Code) Kind() Kind {
	switch c.Level() {
	case LevelProvince:
		return Provinsi
	case LevelDistrict:
		if c/districtStep%100 > 70 {
			return Kota
		}
		return Kabupaten
	case LevelSubdistrict:
		return Kecamatan
	case LevelVillage:
		return [...]Kind{Desa, Kelurahan, Desa, DesaAdat}[min(c%subdistrictStep/1000, 3)]
	}
	return KindNation
}

// Zone is one of the three legal times of Indonesia (Keppres 41/1987), none of which has summer time.
type Zone uint8

// The zones, from west to east.
const (
	NoZone Zone = iota // a place that spans several zones, such as the nation
	WIB                // Waktu Indonesia Barat, UTC+7
	WITA               // Waktu Indonesia Tengah, UTC+8
	WIT                // Waktu Indonesia Timur, UTC+9
)

// String gives the abbreviation people print after a time of day; empty for NoZone.
func (z Zone) String() string { return [...]string{"", "WIB", "WITA", "WIT"}[min(z, WIT)] }

// ParseZone reads "WIB", "WITA" or "WIT". Error: area.zone.
func ParseZone(s string) (Zone, error) {
	for z := WIB; z <= WIT; z++ {
		if z.String() == s {
			return z, nil
		}
	}
	return NoZone, fail.Invalid("area.zone")
}

// Location gives the zone for arithmetic on instants; NoZone counts as WIB, the time of the
// capital. It needs no time-zone database.
func (z Zone) Location() *time.Location {
	z = max(z, WIB)
	return time.FixedZone(z.String(), int(6+z)*60*60)
}

// Place is one area as the reference data of a day knows it.
type Place struct {
	Code      Code
	Name      string // with its kind for districts: "Kabupaten Asahan", "Kota Ambon"
	Kind      Kind
	LocalKind string // the local word for the kind, such as "negeri" or "nagari"; the kind's own word where there is none
	Zone      Zone
}

// NewPlace makes a place of a row of reference data: the padded code, the name, the local word for
// its kind ("" for the kind's own word) and the zone's abbreviation. Errors: area.code_group (fact
// group), area.place_name, area.zone.
func NewPlace(code int64, name, localKind, zone string) (Place, error) {
	c := Code(code)
	if group := c.badGroup(); group != 0 {
		return Place{}, fail.Invalid("area.code_group", "group", group)
	}
	if name == "" {
		return Place{}, fail.Invalid("area.place_name")
	}
	z, err := ParseZone(zone)
	if err != nil {
		return Place{}, err
	}
	if localKind == "" {
		localKind = c.Kind().String()
	}
	return Place{Code: c, Name: name, Kind: c.Kind(), LocalKind: localKind, Zone: z}, nil
}
