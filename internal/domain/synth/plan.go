package synth

import (
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Config says which population to make.
type Config struct {
	Scenario Scenario
	Seed     uint64
	Round    int  // 0 or 1: the first file; 2 and later: a later round, in which some families answer differently
	NoItems  bool // leave the questionnaire out, for measuring
}

// blockFamilies is the most families of one block, the unit of work: what a worker holds in memory
// at a time.
const blockFamilies = 1000

// leastFamilies is the fewest families a village gets on average; a small population lives in fewer
// villages.
const leastFamilies = 60

// Plan is a population worked out up to how many of each go where: every block can be made alone,
// and what all blocks make adds up to the scenario's numbers.
type Plan struct {
	world    *World
	cfg      Config
	source   string // SINTETIS-<scenario>
	villages []village
	blocks   []block
	crosses  []cross
	own      origins
	outside  origins
	numbers  numbering
	calendar []requestDays
	subjects []*lot[string]
	deciles  *lot[int]
	agencies []string
}

// village is one village with what its families have in common.
type village struct {
	place    area.Place
	regency  string
	birth    string // place of birth of those born here
	urban    bool
	homes    *lot[*community]
	streets  []string
	families int
}

// role is what a family is needed for.
type role uint8

const (
	free      role = iota
	oldCard        // the whole family has the number of an old card
	swapped        // one person with NIK and No. KK swapped
	reported       // evidence of another agency removes members
	copyHere       // a second time in the village
	crossHome      // a second time in another village: here is the first
	crossCopy      // a second time in another village: here is the second
)

// forced is a family whose size is fixed because of its role.
type forced struct {
	role  role
	size  int
	index int // of the duplicate, the evidence or the cross
}

// block is a part of a village: everything of it can be made without other blocks.
type block struct {
	village    int
	part       int // number within the village
	slot       int // number within the subdistrict, for serial numbers
	families   int
	persons    int
	households int
	beside     int
	firstRow   int // rows of the registry before the block
	homes      int // forced families of role crossHome, which come first
	defects    [kinds]int
	guests     []int // by duplicate: rows added to other families
	namesakes  int
	forced     []forced
	harmless   []int // by evidence
	outsiders  []int // by evidence
	stated     []int // by evidence
	requests   []span
}

// span is a run of numbered things.
type span struct{ first, count int }

// cross is a family that is listed in two villages.
type cross struct {
	home, copy int // blocks
	size       int
	duplicate  int
	ordinal    int // within the home's subdistrict, for serial numbers
	number     int // of the family at home, within the village
	firstRow   int // row of its first member at home
}

// New works out the plan. Errors: synth.area_empty (no village in the area), synth.too_small (the
// scenario plants more than its families can hold) and synth.too_dense (more families in one
// subdistrict than there are serial numbers).
func (w *World) New(cfg Config) (*Plan, error) {
	if err := cfg.Scenario.check(); err != nil {
		return nil, err
	}
	p := &Plan{world: w, cfg: cfg, source: "SINTETIS-" + cfg.Scenario.Name}
	p.deciles = newLot(oneTo(10), cfg.Scenario.Population.Deciles[:])
	p.agencies = cfg.Scenario.agencies()
	p.own, p.outside = w.places.split(cfg.Scenario.Area)
	if err := p.layVillages(); err != nil {
		return nil, err
	}
	p.layBlocks()
	if err := p.numbers.lay(p); err != nil {
		return nil, err
	}
	var r random
	r.seed(cfg.Seed, keyPlan, uint64(cfg.Scenario.Area))
	if err := p.plant(&r); err != nil {
		return nil, err
	}
	p.countRows()
	return p, nil
}

// The first key of every stream of random numbers.
const (
	keyPlan uint64 = iota + 1
	keyVillage
	keyBlock
	keyFamily
	keyItems
	keyCross
	keyBeside
	keyRound
	keyCopy
)

// layVillages chooses the villages and gives each its share of the families.
func (p *Plan) layVillages() error {
	s := &p.cfg.Scenario
	var all []area.Place
	for _, place := range p.world.places.inside(s.Area) {
		if place.Code.Level() == area.LevelVillage {
			all = append(all, place)
		}
	}
	if len(all) == 0 {
		return fail.NotFound("synth.area_empty", "area", s.Area.Dotted())
	}
	count := min(len(all), max(1, s.Population.Families/leastFamilies))
	weights := make([]uint64, count)
	for i := range count {
		v := p.newVillage(all[i*len(all)/count])
		var r random
		r.seed(p.cfg.Seed, keyVillage, uint64(v.place.Code))
		weights[i] = uint64(r.between(500, 1500))
		if v.urban {
			weights[i] = weights[i] * 3 / 2
		}
		p.villages = append(p.villages, v)
	}
	for i, families := range spread(s.Population.Families, weights, 0) {
		p.villages[i].families = families
	}
	return nil
}

func (p *Plan) newVillage(place area.Place) village {
	w := p.world
	return village{
		place:   place,
		regency: w.places.name(place.Code.District()),
		birth:   w.places.birthplace(place.Code),
		urban:   place.Kind == area.Kelurahan,
		homes:   w.vocabulary.home(place.Code),
		streets: w.vocabulary.streetsOf(place.Code),
	}
}

// layBlocks parts the villages into blocks and gives each its share of persons, households and
// families beside the registry.
func (p *Plan) layBlocks() {
	pop := p.cfg.Scenario.Population
	var r random
	r.seed(p.cfg.Seed, keyBlock)
	slots := map[area.Code]int{}
	var families, mixed []uint64
	for i, v := range p.villages {
		parts := (v.families + blockFamilies - 1) / blockFamilies
		for part := range parts {
			count := v.families*(part+1)/parts - v.families*part/parts
			sub := v.place.Code.Subdistrict()
			p.blocks = append(p.blocks, block{village: i, part: part, slot: slots[sub], families: count})
			slots[sub]++
			families = append(families, uint64(count))
			mixed = append(mixed, uint64(count*r.between(960, 1040)))
		}
	}
	p.numbers.slots = slots
	persons := spread(pop.Persons-pop.Families, mixed, 0) // one in every family, the rest by size
	households := spread(pop.Households, families, 0)
	beside := spread(pop.Beside, families, 0)
	for i := range p.blocks {
		b := &p.blocks[i]
		b.persons, b.households, b.beside = b.families+persons[i], households[i], beside[i]
	}
	p.housing()
}

// housing sees to it that every block with families has a household.
func (p *Plan) housing() {
	for i := range p.blocks {
		if p.blocks[i].households > 0 {
			continue
		}
		rich := slices.MaxFunc(p.blockPointers(), func(a, b *block) int { return a.households - b.households })
		rich.households--
		p.blocks[i].households++
	}
}

func (p *Plan) blockPointers() []*block {
	list := make([]*block, len(p.blocks))
	for i := range p.blocks {
		list[i] = &p.blocks[i]
	}
	return list
}

// countRows numbers the rows of the registry: every block knows where its own begin, and the
// families listed in two villages know their first row.
func (p *Plan) countRows() {
	row := 0
	for i := range p.blocks {
		b := &p.blocks[i]
		b.firstRow = row
		at := row
		for n, f := range b.forced[:b.homes] {
			p.crosses[f.index].firstRow, p.crosses[f.index].number = at, b.part*numbersOfPart+n
			at += f.size
		}
		row += b.persons
	}
}

// Rows gives how many rows of the registry the plan makes.
func (p *Plan) Rows() int { return p.cfg.Scenario.Population.Persons }

// Source gives the text that marks every file of the plan as synthetic.
func (p *Plan) Source() string { return p.source }

// AsOf gives the day the population is made for.
func (p *Plan) AsOf() period.Date { return p.cfg.Scenario.AsOf }
