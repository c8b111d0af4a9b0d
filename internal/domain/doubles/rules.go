package doubles

import "tepat/internal/domain/area"

// rule makes the keys under which a row meets others; rows that share one are compared.
type rule struct {
	name string
	keys func(d *dictionary, r *row, keys []uint64) []uint64
}

// blockingRules lists the rules a model file may name.
func blockingRules() []rule {
	return []rule{
		{"nik", nikKeys},
		{"nik_body", nikBodyKeys},
		{"kk_token", kkTokenKeys},
		{"kk_birth", kkBirthKeys},
		{"birth_token", birthTokenKeys},
		{"swapped_token", swappedTokenKeys},
		{"mother_name", motherNameKeys},
		{"area_year_name", areaYearNameKeys},
	}
}

func ruleNamed(name string) (rule, bool) {
	for _, r := range blockingRules() {
		if r.name == name {
			return r, true
		}
	}
	return rule{}, false
}

func nikKeys(_ *dictionary, r *row, keys []uint64) []uint64 {
	if r.nik.n == 0 {
		return keys
	}
	return append(keys, blend(r.nik.value))
}

// nikBodyKeys drop one of the three parts of a NIK each (area, birth date, serial), so that damage inside
// one part still meets. Serials are low and dates few, hence the sound of the first word and the year.
func nikBodyKeys(d *dictionary, r *row, keys []uint64) []uint64 {
	if !r.nik.full() {
		return keys
	}
	place, date, serial := r.nik.value/1e10, r.nik.value/1e4%1e6, r.nik.value%1e4
	keys = append(keys, blend(1, place, date))
	if r.name.n > 0 {
		keys = append(keys, blend(2, date, serial, d.tokens[r.name.ids[0]].key))
	}
	return append(keys, blend(3, place, serial, uint64(max(r.birth.year, 0))))
}

// tokenKeys appends one key for each word of the name that identifies.
func tokenKeys(d *dictionary, r *row, keys []uint64, with ...uint64) []uint64 {
	base := blend(with...)
	for _, id := range r.name.words() {
		if t := &d.tokens[id]; len(t.text) > 1 && !t.order {
			keys = append(keys, mix(base^t.key))
		}
	}
	return keys
}

func kkTokenKeys(d *dictionary, r *row, keys []uint64) []uint64 {
	if r.kk.n == 0 {
		return keys
	}
	return tokenKeys(d, r, keys, r.kk.value)
}

func kkBirthKeys(_ *dictionary, r *row, keys []uint64) []uint64 {
	if r.kk.n == 0 || !r.birth.full() {
		return keys
	}
	return append(keys, blend(r.kk.value, r.birth.key()))
}

func birthTokenKeys(d *dictionary, r *row, keys []uint64) []uint64 {
	if !r.birth.full() {
		return keys
	}
	return tokenKeys(d, r, keys, r.birth.key())
}

// swappedTokenKeys meet 3 April with 4 March: only dates that can be read both ways have a key.
func swappedTokenKeys(d *dictionary, r *row, keys []uint64) []uint64 {
	b := r.birth
	if !b.full() || b.day > 12 || b.day == b.month {
		return keys
	}
	ordered := birth{year: b.year, month: min(b.month, b.day), day: max(b.month, b.day)}
	return tokenKeys(d, r, keys, ordered.key())
}

func motherNameKeys(d *dictionary, r *row, keys []uint64) []uint64 {
	if r.mother.n == 0 {
		return keys
	}
	return tokenKeys(d, r, keys, r.mother.signature)
}

func areaYearNameKeys(_ *dictionary, r *row, keys []uint64) []uint64 {
	if r.area.Level() < area.LevelDistrict || r.birth.year == 0 || r.name.n == 0 {
		return keys
	}
	return append(keys, blend(uint64(r.area.District()), uint64(r.birth.year), r.name.signature))
}

// refinement is a further field a block that is too large is split by.
type refinement struct {
	name  string
	value func(d *dictionary, r *row) uint64
}

// refinements are tried in this order: fields that are seldom wrong come first.
func refinements() []refinement {
	return []refinement{
		{"sex", func(_ *dictionary, r *row) uint64 { return uint64(r.sex) }},
		{"birth_year", func(_ *dictionary, r *row) uint64 { return uint64(max(r.birth.year, 0)) }},
		{"district", func(_ *dictionary, r *row) uint64 { return uint64(r.area.District()) }},
		{"name", func(_ *dictionary, r *row) uint64 { return r.name.signature }},
		{"village", func(_ *dictionary, r *row) uint64 { return uint64(r.area) }},
		{"mother", func(_ *dictionary, r *row) uint64 { return r.mother.signature }},
	}
}
