package areas

import (
	"strings"

	"tepat/internal/domain/area"
)

// Title gives the name of an area with its local word: "Kelurahan Benteng", "Negeri Soya", "Kec.
// Nusaniwe", "Distrik Abepura", "Kota Ambon", "Provinsi Maluku".
func (t *Tree) Title(code area.Code) string {
	p, ok := t.At(code)
	if !ok {
		return t.Name(code)
	}
	switch code.Level() {
	case area.LevelProvince:
		return "Provinsi " + p.Name
	case area.LevelSubdistrict:
		if p.LocalKind == "kecamatan" {
			return "Kec. " + p.Name
		}
	case area.LevelVillage: // its local word, below
	default:
		return p.Name // a district's name has its kind
	}
	if p.LocalKind == "desa_adat" {
		return traditional + strings.TrimPrefix(p.Name, traditional)
	}
	return strings.ToUpper(p.LocalKind[:1]) + p.LocalKind[1:] + " " + p.Name
}

// Label gives the title of an area and of the one it lies in: "Kelurahan Benteng, Kec. Nusaniwe",
// "Kec. Nusaniwe, Kota Ambon", "Kota Ambon, Maluku". Provinces and the nation stand alone.
func (t *Tree) Label(code area.Code) string {
	switch code.Level() {
	case area.LevelVillage, area.LevelSubdistrict:
		return t.Title(code) + ", " + t.Title(code.Parent())
	case area.LevelDistrict:
		return t.Title(code) + ", " + t.Name(code.Parent())
	}
	return t.Title(code)
}

// Address gives the area and everything it lies in up to the province, for letters: "Kelurahan
// Benteng, Kec. Nusaniwe, Kota Ambon, Maluku".
func (t *Tree) Address(code area.Code) string {
	parts := []string{t.Title(code)}
	for up := code.Parent(); up != area.Nation; up = up.Parent() {
		if up.Level() == area.LevelProvince {
			parts = append(parts, t.Name(up))
		} else {
			parts = append(parts, t.Title(up))
		}
	}
	return strings.Join(parts, ", ")
}

// Path gives the areas from the province down to the area itself, for a trail of links.
func (t *Tree) Path(code area.Code) []area.Code {
	var out []area.Code
	for level := area.LevelProvince; level <= code.Level(); level++ {
		out = append(out, code.At(level))
	}
	return out
}
