package synth

import "tepat/internal/domain/person"

// answers fills the items of a person: school, work, health.
func (m *maker) answers(h *human, f *family) {
	for i := range h.items {
		h.items[i] = Unanswered
	}
	it := &h.items
	it[presence] = 1
	it[sexItem] = int16(h.sex)
	it[maritalItem] = int16(h.marital)
	it[relationItem] = relationCodes[h.relation]
	m.papers(h)
	m.school(h, f)
	m.work(h, f)
	m.health(h, f)
}

// relationCodes are the codes of item 409.
var relationCodes = [...]int16{
	person.Head: 1, person.Husband: 2, person.Wife: 2, person.Child: 3, person.ChildInLaw: 4, person.Grandchild: 5,
	person.Parent: 6, person.ParentInLaw: 6, person.OtherKin: 8, person.Servant: 7, person.OtherRelation: 8,
}

// papers is the sum of birth certificate 1, child's card 2 and KTP 4.
func (m *maker) papers(h *human) {
	sum, certified := int16(0), 560
	if h.age < 18 {
		certified = 930
	}
	if m.items.permille(certified) {
		sum = 1
	}
	switch {
	case h.age >= cardAge || h.marital != person.NeverMarried:
		sum += 4
	case m.items.permille(450):
		sum += 2
	}
	h.items[identity] = sum
}

// Codes of school levels (items 413 and 415) and the age at which their first class begins.
const (
	primary    = 3
	junior     = 8
	senior     = 13
	vocational = 15
	diploma    = 18
	bachelor   = 19
	master     = 21
	noDegree   = 23
	finished   = 8 // class: completed
)

// madrasah is what is added to the code of a school for its Islamic sister.
const madrasah = 1

// school fills items 412 to 415. Staying at school goes with welfare; the old had less of it.
func (m *maker) school(h *human, f *family) {
	r, it := &m.items, &h.items
	if h.age < 6 {
		it[schooling], it[certificate] = 1, noDegree
		return
	}
	chance := schoolChance(h.age) + f.welfare/16
	if h.age <= 24 && r.permille(min(chance, 995)) {
		m.pupil(h)
		return
	}
	m.graduate(h, f)
}

// schoolChance is the chance per mille that a person of middling welfare is at school at the age.
func schoolChance(age int) int {
	switch {
	case age == 6:
		return 620
	case age <= 12:
		return 1040
	case age <= 15:
		return 985
	case age <= 18:
		return 830
	case age <= 22:
		return 230
	}
	return 40
}

// pupil is at the level and class of her age.
func (m *maker) pupil(h *human) {
	it := &h.items
	it[schooling] = 2
	islamic := int16(0)
	if h.community.pious[0] != nil && m.items.permille(150) {
		islamic = madrasah
	}
	switch {
	case h.age <= 12:
		it[level], it[class], it[certificate] = primary+islamic, int16(max(h.age-6, 1)), noDegree
	case h.age <= 15:
		it[level], it[class], it[certificate] = junior+islamic, int16(h.age-12), primary
	case h.age <= 18:
		it[level], it[class], it[certificate] = senior+islamic, int16(h.age-15), junior
		if islamic == 0 && m.items.permille(430) {
			it[level] = vocational
		}
	default:
		it[level], it[class], it[certificate] = bachelor, int16(min(h.age-18, 4)), senior
	}
}

// degreeSteps goes from the level of welfare, lifted for the young, to the highest degree.
var degreeSteps = []step{{-1900, noDegree}, {-700, primary}, {0, junior}, {1350, senior}, {1600, diploma}, {2700, bachelor}, {0, master}}

// classAt gives the class a pupil of a school is in, 1 to 12 over all levels; 0 for who goes to none.
func (h *human) classAt() int {
	if h.items[schooling] != 2 {
		return 0
	}
	within := int(h.items[class])
	switch h.items[level] {
	case primary, primary + madrasah:
		return within
	case junior, junior + madrasah:
		return 6 + within
	case senior, senior + madrasah, vocational:
		return 9 + within
	}
	return 0
}

// graduate has left school, or never saw one.
func (m *maker) graduate(h *human, f *family) {
	r, it := &m.items, &h.items
	lift := [5]int{450, 350, 100, -350, -900}[min(h.age/15, 4)]
	degree := answerAt(degreeSteps, f.welfare+lift+r.normal(750))
	if tooYoung(degree, h.age) {
		degree = primary
	}
	if h.age < 12 {
		degree = noDegree
	}
	it[certificate] = degree
	switch {
	case degree == noDegree && r.permille(400):
		it[schooling] = 1
	case degree == noDegree:
		it[schooling], it[level], it[class] = 3, primary, int16(r.between(1, 5))
	default:
		it[schooling], it[level], it[class] = 3, degree, finished
	}
}

func tooYoung(degree int16, age int) bool {
	switch {
	case degree >= diploma && degree < noDegree:
		return age < 22
	case degree == senior:
		return age < 18
	case degree == junior:
		return age < 15
	}
	return false
}

// Fields of work of people of little and of much schooling, in villages and towns, with weights.
var (
	ruralWork    = newLot([]int16{1, 2, 3, 4, 5, 11, 12, 13, 8, 24}, []int{28, 9, 18, 10, 4, 10, 9, 4, 4, 4})
	urbanWork    = newLot([]int16{12, 11, 13, 8, 14, 24, 4, 25, 2}, []int{30, 17, 14, 11, 9, 8, 4, 5, 2})
	schooledWork = newLot([]int16{12, 20, 21, 22, 16, 15, 18, 8, 13}, []int{22, 17, 20, 10, 8, 5, 6, 7, 5})
)

// work fills items 416a to 419b for those of ten and more.
func (m *maker) work(h *human, f *family) {
	r, it := &m.items, &h.items
	if h.age < 10 {
		return
	}
	it[taxNumber] = 3
	works := r.permille(workChance(h))
	it[worked] = yes(works)
	if !works {
		return
	}
	it[hours] = int16(min(max(38+r.normal(12), 4), 80))
	schooled := it[certificate] >= diploma && it[certificate] < noDegree
	switch {
	case schooled:
		it[field] = schooledWork.draw(r)
	case m.village.urban:
		it[field] = urbanWork.draw(r)
	default:
		it[field] = ruralWork.draw(r)
	}
	it[status] = m.workStatus(h, schooled)
	it[income] = m.incomeBand(h, f)
	if f.welfare > 300 && r.permille(300) {
		it[taxNumber] = 2
	}
}

func workChance(h *human) int {
	man := h.sex == person.Male
	switch {
	case h.age < 15 || h.items[schooling] == 2:
		return 15
	case h.age > 70:
		return pick2(man, 330, 140)
	case h.age > 60:
		return pick2(man, 640, 330)
	case h.age < 20:
		return pick2(man, 520, 310)
	}
	return pick2(man, 900, 470)
}

func pick2(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

func (m *maker) workStatus(h *human, schooled bool) int16 {
	r := &m.items
	farm := h.items[field] <= 6
	if state := h.items[field] >= 20 && h.items[field] <= 22; schooled && state && !m.plan.cfg.Scenario.Population.Quiet && r.permille(420) {
		return 5
	}
	switch n := r.below(100); {
	case farm && n < 36:
		return 6
	case farm && h.relation != person.Head && n < 60:
		return 8
	case farm:
		return pick(r, int16(1), 550, 2, 380, 3)
	case schooled:
		return 4
	case n < 34:
		return 1
	case n < 44:
		return 2
	case n < 48:
		return 3
	case n < 78:
		return 4
	}
	return 7
}

// incomeSteps goes from a level of welfare to the band of item 419b.
var incomeSteps = []step{{-500, 1}, {1100, 2}, {2500, 3}, {0, 4}}

func (m *maker) incomeBand(h *human, f *family) int16 {
	level := m.level(f)
	if h.items[status] == 8 {
		return 1
	}
	if h.sex == person.Female {
		level -= 250
	}
	band := answerAt(incomeSteps, level)
	if m.plan.cfg.Scenario.Population.Quiet {
		return min(band, 2)
	}
	return band
}

// diseases are the codes of item 430 with weights, for those who have one.
var diseases = newLot([]int16{2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 18}, []int{34, 18, 9, 5, 10, 4, 5, 1, 1, 7, 6})

// health fills the difficulties, the chronic disease, nutrition of the small and the insurance.
func (m *maker) health(h *human, f *family) {
	r, it := &m.items, &h.items
	for i := firstDifficulty; i <= lastDifficulty; i++ {
		it[i] = 4
	}
	if h.age >= 2 {
		switch old := max(h.age-55, 0); {
		case r.below(10_000) < 55+old*6:
			it[firstDifficulty+r.below(9)] = 1
		case r.below(10_000) < 90+old*25:
			it[firstDifficulty+r.below(9)] = 2
		case r.below(1000) < 15+old*12:
			it[firstDifficulty+r.below(3)] = 3
		}
	}
	it[disease] = 1
	if r.permille([4]int{6, 40, 190, 430}[min(h.age/22, 3)]) {
		it[disease] = diseases.draw(r)
	}
	if h.age < 5 {
		it[nutrition] = pick(r, int16(3), 780, 2, 160, 1)
	}
	switch {
	case f.decile <= 5 && r.permille(640):
		it[insurance] = 1
	case h.items[status] == 4 || h.items[status] == 5:
		it[insurance] = 4
	case f.welfare > 400 && r.permille(420):
		it[insurance] = 2
	default:
		it[insurance] = 0
	}
}
