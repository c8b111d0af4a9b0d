package synth

import (
	"strconv"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
)

// house gives the family its address and phone, and the answers of the questionnaire. Answers
// follow the latent welfare with noise, part of it common to all of a family's answers, so that a
// score finds the poor, but not all of them.
func (m *maker) house(f *family, o order) {
	m.address(f)
	round := m.round(o)
	m.items.seed(append(o.keys[:], keyItems, round)...)
	m.phone(f, round > 0)
	if m.plan.cfg.NoItems {
		return
	}
	for i := range f.members {
		m.answers(&f.members[i], f)
	}
	m.pregnancy(f)
	m.dwelling(f)
	m.assets(f)
}

// round gives the round whose answers the family has: its own round when its answers changed in it.
func (m *maker) round(o order) uint64 {
	cfg := &m.plan.cfg
	for round := cfg.Round; round > 1; round-- {
		var r random
		r.seed(append(o.keys[:], keyRound, uint64(round))...)
		if r.permille(cfg.Scenario.Population.Changed) {
			return uint64(round)
		}
	}
	return 0
}

func (m *maker) address(f *family) {
	r := &m.r
	text := m.text[:0]
	if m.village.urban || r.permille(400) {
		text = append(text, m.village.streets[r.below(len(m.village.streets))]...)
		text = append(text, " NO. "...)
		text = strconv.AppendInt(text, int64(r.between(1, 180)), 10)
	} else {
		text = append(text, m.words.hamlets[r.below(len(m.words.hamlets))]...)
	}
	f.street = string(text)
	m.text = text
	f.rw = 1 + f.number/150%12
	f.rt = 1 + f.number/40%6
}

// phone gives the family a number in seven of ten cases; some share that of the village's operator,
// which must not make them one family. A family that answers differently has a new number, which
// the civil registry does not know.
func (m *maker) phone(f *family, changed bool) {
	f.civilPhone = m.number(&m.r)
	if f.phone = f.civilPhone; changed && f.phone != "" {
		f.phone = m.number(&m.items)
	}
}

func (m *maker) number(r *random) string {
	switch n := r.below(100); {
	case n < 30:
		return ""
	case n < 34:
		return m.words.phones[0] + "0" + strconv.Itoa(int(m.village.place.Code)%1000+1000) + "001"
	}
	text := append(m.text[:0], m.words.phones[r.below(len(m.words.phones))]...)
	m.text = strconv.AppendInt(text, int64(r.between(10_000_000, 99_999_999)), 10)
	return string(m.text)
}

// level gives the family's welfare as one thing shows it.
func (m *maker) level(f *family) int { return f.looks + m.items.normal(720) }

// Tables of the dwelling. The limits are ours.
var (
	floorSteps    = []step{{-1900, 8}, {-1150, 6}, {-750, 5}, {-250, 6}, {150, 4}, {1500, 2}, {0, 1}}
	wallSteps     = []step{{-1900, 4}, {-1250, 3}, {-900, 2}, {0, 1}}
	titleSteps    = []step{{-900, 6}, {100, 5}, {0, 1}}
	toiletSteps   = []step{{-2300, 6}, {-1900, 4}, {-1500, 3}, {-1150, 2}, {0, 1}}
	closetSteps   = []step{{-1700, 4}, {-1300, 2}, {0, 1}}
	disposalSteps = []step{{-1700, 3}, {-900, 4}, {0, 1}}
	lightSteps    = []step{{-2700, 4}, {-2000, 2}, {0, 1}}
	powerSteps    = []step{{-250, 1}, {700, 2}, {1450, 3}, {2000, 4}, {0, 5}}
	urbanWater    = []step{{-1600, 6}, {-700, 5}, {0, 4}, {600, 3}, {1400, 2}, {0, 1}}
	ruralWater    = []step{{-1800, 8}, {-1200, 6}, {-300, 5}, {300, 7}, {900, 4}, {1500, 2}, {0, 1}}
	fuelSteps     = []step{{-1600, 10}, {1300, 4}, {1800, 2}, {0, 3}}
	eastFuelSteps = []step{{-1300, 10}, {700, 7}, {1500, 4}, {0, 3}}
	internetSteps = []step{{-900, 0}, {900, 3}, {0, 1}}
)

func (m *maker) dwelling(f *family) {
	r, it := &m.items, &f.items
	for i := range it {
		it[i] = Unanswered
	}
	if m.village.urban {
		it[tenure] = pick(r, int16(1), 720, 2, 120, 3)
	} else {
		it[tenure] = pick(r, int16(1), 860, 3, 90, 6)
	}
	if it[tenure] == 1 {
		it[landTitle] = answerAt(titleSteps, m.level(f))
	}
	it[floorArea] = int16(min(max(34+4*len(f.members)+m.level(f)/50+r.normal(8), 9), 300))
	it[floor] = answerAt(floorSteps, m.level(f))
	it[wall] = answerAt(wallSteps, m.level(f))
	it[roof] = m.roof(f)
	it[water] = answerAt(m.waterSteps(), m.level(f))
	if it[water] >= 4 && it[water] <= 8 {
		it[sewage] = pick(r, int16(1), 330, 2, 560, 3)
	}
	it[lighting] = answerAt(lightSteps, m.level(f))
	if it[lighting] == 1 {
		it[power] = answerAt(powerSteps, m.level(f))
	}
	it[fuel] = answerAt(m.fuelSteps(), m.level(f))
	it[toilet] = answerAt(toiletSteps, m.level(f))
	if it[toilet] < 6 {
		it[closet] = answerAt(closetSteps, m.level(f))
	}
	it[disposal] = answerAt(disposalSteps, m.level(f))
	it[gotSembako] = yes(f.decile <= 4 && r.permille(380))
	it[gotPKH] = yes(f.decile <= 3 && r.permille(240))
	it[gotBLT] = yes(!m.village.urban && f.decile <= 3 && r.permille(120))
	it[gotLocal] = yes(r.permille(40))
}

func (m *maker) waterSteps() []step {
	if m.village.urban {
		return urbanWater
	}
	return ruralWater
}

// fuelSteps knows that kerosene is still common in Maluku and Papua.
func (m *maker) fuelSteps() []step {
	if m.village.place.Code >= 8_100_000_000 {
		return eastFuelSteps
	}
	return fuelSteps
}

// roof is tile on Java and Bali and zinc elsewhere, thatch where people are poor.
func (m *maker) roof(f *family) int16 {
	switch level := m.level(f); {
	case level < -2100:
		return 7
	case m.items.permille(110):
		return 4
	case level > 2200:
		return 1
	case firstDigit(m.village.place.Code) == 3 || m.village.place.Code.Province() == baliProvince:
		return 2
	}
	return 3
}

const baliProvince area.Code = 5_100_000_000

// assetLimits are the levels of welfare from which a family owns each of the items 502a to 502n;
// bicycles and boats go by chance.
var assetLimits = [14]int{950, -350, 1550, 2150, 2100, 150, 900, 850, -650, 9999, 1750, 9999, 9999, -1300}

func (m *maker) assets(f *family) {
	r, it := &m.items, &f.items
	for i, limit := range assetLimits {
		it[firstAsset+i] = yes(m.level(f) >= limit)
	}
	rural := !m.village.urban
	it[firstAsset+9] = yes(r.permille(260))
	it[firstAsset+11] = yes(rural && r.permille(35))
	it[firstAsset+12] = yes(rural && r.permille(12))
	it[otherLand] = yes(rural && r.permille(380) || r.permille(60))
	it[landSize] = 4
	if it[otherLand] == 1 {
		it[landSize] = pick(r, int16(0), 380, 1, 430, 2)
	}
	it[otherHouse] = yes(m.level(f) > 1800 && r.permille(250))
	for i := range 5 {
		it[firstAnimal+i] = 0
	}
	if rural {
		m.animals(f)
	}
	it[internet] = answerAt(internetSteps, m.level(f))
	it[account] = 4
	if m.level(f) > -200 || it[gotSembako] == 1 || it[gotPKH] == 1 {
		it[account] = 2
	}
	if m.plan.cfg.Scenario.Population.Quiet {
		it[firstAsset+10], it[otherHouse] = 2, 2
	}
}

func (m *maker) animals(f *family) {
	r, it := &m.items, &f.items
	if r.permille(90) {
		it[firstAnimal] = int16(r.between(1, 4))
	}
	if r.permille(12) {
		it[firstAnimal+1] = int16(r.between(1, 3))
	}
	if r.permille(120) {
		it[firstAnimal+4] = int16(r.between(1, 8))
	}
	if pious := f.head().community.pious[0]; pious == nil && r.permille(220) { // pigs, where the faith has no rule against them
		it[firstAnimal+3] = int16(r.between(1, 6))
	}
}

// pregnancy marks a few of the women who may be pregnant: in a family at most one.
func (m *maker) pregnancy(f *family) {
	for i := range f.members {
		h := &f.members[i]
		if h.sex != person.Female {
			continue
		}
		h.items[pregnantItem] = 2
	}
	for i := range f.members {
		h := &f.members[i]
		wife := h.relation == person.Wife || h.relation == person.ChildInLaw || h.relation == person.Child
		if h.sex == person.Female && wife && h.marital == person.Married && h.age >= 18 && h.age <= 42 && m.items.permille(50) {
			h.items[pregnantItem] = 1
			return
		}
	}
}
