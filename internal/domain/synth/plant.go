package synth

import (
	"slices"

	"tepat/internal/kit/fail"
)

// Sizes of the families that are planted, as weights of 1, 2, ... members.
var (
	ordinarySizes = []int{10, 18, 25, 25, 14, 6, 2}
	copySizes     = []int{50, 28, 22}
	singleSize    = []int{1}
)

// plant gives every block its share of the defects, duplicates, evidence and requests.
func (p *Plan) plant(r *random) error {
	s := &p.cfg.Scenario
	weights := make([]uint64, len(p.blocks))
	for i, b := range p.blocks {
		weights[i] = uint64(b.families * r.between(600, 1600)) // lists of some villages are worse kept
	}
	g := &planter{plan: p, r: r, weights: weights, where: newWeighted(weights)}
	for kind := Clean + 1; kind <= Moved; kind++ {
		g.defect(kind, s.Defects[kind])
	}
	for i, d := range s.Duplicates {
		g.duplicate(i, d)
	}
	for _, e := range s.Evidence {
		g.evidence(e)
	}
	g.share(s.Namesakes, func(b *block, n int) { b.namesakes = n })
	if err := p.planRequests(g); err != nil {
		return err
	}
	g.settle()
	if p.numbers.crowded() {
		return fail.Invalid("synth.too_dense", "families", s.Population.Families)
	}
	if g.failed {
		return fail.Invalid("synth.too_small", "scenario", s.Name, "families", s.Population.Families)
	}
	return nil
}

// planter deals out what is planted.
type planter struct {
	plan    *Plan
	r       *random
	weights []uint64
	where   weighted
	failed  bool
}

// share parts a number of rows over the blocks.
func (g *planter) share(total int, give func(b *block, n int)) {
	if total == 0 {
		for i := range g.plan.blocks {
			give(&g.plan.blocks[i], 0)
		}
		return
	}
	var sum uint64
	for _, w := range g.weights {
		sum += w
	}
	phase := uint64(g.r.below(int(sum)))
	for i, n := range spread(total, g.weights, phase) {
		give(&g.plan.blocks[i], n)
	}
}

func (g *planter) defect(kind Kind, rows int) {
	switch kind {
	case KKOld:
		g.force(oldCard, 0, cut(g.r, rows, ordinarySizes))
	case NIKSwapped:
		g.force(swapped, 0, cut(g.r, rows, singleSize))
	case NIKContested: // pairs: the claimant and the holder
		g.share(rows/2, func(b *block, n int) { b.defects[NIKContested], b.defects[NIKHeld] = n, n })
	case NIKHeld:
	default:
		g.share(rows, func(b *block, n int) { b.defects[kind] = n })
	}
}

func (g *planter) duplicate(index int, d Duplicate) {
	switch {
	case d.Kind == DuplicatePerson:
		g.share(d.Persons, func(b *block, n int) { b.guests = append(b.guests, n) })
		return
	case d.Kind == DuplicateAcross && len(g.plan.villages) > 1:
		for _, size := range cut(g.r, d.Persons, copySizes) {
			g.across(index, size)
		}
	default:
		g.force(copyHere, index, cut(g.r, d.Persons, copySizes))
	}
	for i := range g.plan.blocks {
		g.plan.blocks[i].guests = append(g.plan.blocks[i].guests, 0)
	}
}

// across plants a family in two villages.
func (g *planter) across(index, size int) {
	p := g.plan
	c := cross{home: g.place(), copy: g.place(), size: size, duplicate: index}
	for range 100 {
		if c.home < 0 || c.copy < 0 || p.blocks[c.home].village != p.blocks[c.copy].village {
			break
		}
		c.copy = g.place()
	}
	if c.home < 0 || c.copy < 0 || p.blocks[c.home].village == p.blocks[c.copy].village {
		g.failed = true
		return
	}
	home, second := &p.blocks[c.home], &p.blocks[c.copy]
	home.forced = append(home.forced, forced{crossHome, size, len(p.crosses)})
	second.forced = append(second.forced, forced{crossCopy, size, len(p.crosses)})
	c.ordinal = p.numbers.nextCross(p.villages[home.village].place.Code.Subdistrict())
	p.crosses = append(p.crosses, c)
}

func (g *planter) evidence(e EvidencePlan) {
	law := ordinarySizes
	if e.Single {
		law = singleSize
	}
	index := len(g.plan.blocks[0].harmless)
	if e.Scope == FamilyScope {
		g.force(reported, index, cut(g.r, e.Persons, law))
	} else {
		g.personEvidence(index, e.Persons)
	}
	g.share(e.Harmless, func(b *block, n int) { b.harmless = append(b.harmless, n) })
	g.share(e.Outsiders, func(b *block, n int) { b.outsiders = append(b.outsiders, n) })
	g.share(e.Stated, func(b *block, n int) { b.stated = append(b.stated, n) })
}

// personEvidence plants evidence that removes one person of a family of several.
func (g *planter) personEvidence(index, persons int) {
	for range persons {
		g.force(reported, index, []int{g.r.between(2, 5)})
	}
}

// force plants families of fixed sizes.
func (g *planter) force(as role, index int, sizes []int) {
	for _, size := range sizes {
		at := g.place()
		if at < 0 {
			g.failed = true
			return
		}
		b := &g.plan.blocks[at]
		b.forced = append(b.forced, forced{as, size, index})
	}
}

// place draws a block with room for one more planted family: at most half of the families of a
// block are planted. It gives -1 when there is none.
func (g *planter) place() int {
	for range 50 {
		if i := g.where.draw(g.r); g.hasRoom(i) {
			return i
		}
	}
	return slices.IndexFunc(g.plan.blocks, func(b block) bool { return len(b.forced) < b.families/2 })
}

func (g *planter) hasRoom(i int) bool {
	b := &g.plan.blocks[i]
	return len(b.forced) < b.families/2
}

// settle puts the families of two villages first in their home block and checks that what is left
// can carry the rest.
func (g *planter) settle() {
	for i := range g.plan.blocks {
		b := &g.plan.blocks[i]
		slices.SortStableFunc(b.forced, func(x, y forced) int { return homeFirst(x) - homeFirst(y) })
		people, roles := 0, b.namesakes*2
		for _, f := range b.forced {
			people += f.size
			if f.role == crossHome {
				b.homes++
			}
			if f.role == copyHere {
				roles++ // its first family
			}
		}
		for _, n := range b.defects {
			roles += n
		}
		for _, n := range b.guests {
			roles += 2 * n
		}
		left, persons := b.families-len(b.forced), b.persons-people
		if persons < left || persons > left*largestFamily || roles > left*9/10 {
			g.failed = true
		}
	}
}

func homeFirst(f forced) int {
	if f.role == crossHome {
		return 0
	}
	return 1
}
