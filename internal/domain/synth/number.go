package synth

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// The serial numbers of a subdistrict and day are parted so that every block can issue its own
// without knowing the others, and no NIK or No. KK is issued twice:
//
//	1 ... localTop           blocks of the subdistrict, by slot
//	... moverTop             all other blocks of the area, for people who moved within it
//	... crossTop             families listed in two villages
//	madeUp ...               never issued: what a slip of the pen makes of a number
//
// Numbers that end in zero are left out, so that a number whose last digit a spreadsheet turned to
// zero is nobody's.
const (
	crossTop = 8000 // 8888 after leaving out those that end in zero
	madeUp   = 9000
)

// withoutZeros gives the nth number that does not end in zero.
func withoutZeros(n int) int {
	if n == 0 {
		return 0
	}
	return n + (n-1)/9
}

// numbering is how the serial numbers are parted.
type numbering struct {
	slots    map[area.Code]int // blocks by subdistrict
	crosses  map[area.Code]int // families listed in two villages, by subdistrict of the first
	localTop int
	moverTop int
	modulus  int // blocks with the same remainder share the subdistricts with that remainder
	shares   int // blocks with the same remainder
}

// mostLocal and mostShares bound the parts of the range.
const (
	mostLocal  = 5000
	mostShares = 1000
)

// lay works the ranges out. Error: synth.too_dense (fact blocks).
func (n *numbering) lay(p *Plan) error {
	n.crosses = map[area.Code]int{}
	most := 1
	for _, slots := range n.slots {
		most = max(most, slots)
	}
	if 2*most > mostLocal {
		return fail.Invalid("synth.too_dense", "families", most*blockFamilies)
	}
	n.localTop = 2 * most * min(mostLocal/(2*most), 8)
	n.modulus = (len(p.blocks) + mostShares - 1) / mostShares
	n.shares = (len(p.blocks) + n.modulus - 1) / n.modulus
	n.moverTop = n.localTop + 2*n.shares
	return nil
}

// nextCross gives a family listed in two villages its number within the subdistrict.
func (n *numbering) nextCross(sub area.Code) int {
	n.crosses[sub]++
	return n.crosses[sub] - 1
}

// crossSerials is how many numbers of one day a family listed in two villages may need.
const crossSerials = 4

// crowded reports whether more families are listed in two villages than there are numbers for.
func (n *numbering) crowded() bool {
	for _, count := range n.crosses {
		if n.moverTop+count*crossSerials > crossTop {
			return true
		}
	}
	return false
}

// origin is where a number is issued, as seen from the block.
type origin uint8

const (
	local   origin = iota // in the block's own subdistrict
	mover                 // in another subdistrict of the area
	outside               // in another area
)

// issuer gives out the numbers of one block.
type issuer struct {
	plan   *numbering
	block  int
	slot   int
	slots  int
	cross  int      // -1, or the number of the family listed in two villages
	seen   []uint64 // prefixes of that family
	keys   []uint64
	counts []uint8
}

// issued has room for a block's numbers several times over.
const issued = 1 << 15

func newIssuer() *issuer { return &issuer{keys: make([]uint64, issued), counts: make([]uint8, issued)} }

func (s *issuer) reset(p *Plan, index int) {
	b := &p.blocks[index]
	clear(s.keys)
	clear(s.counts)
	s.plan, s.block, s.slot, s.cross = &p.numbers, index, b.slot, -1
	s.slots = p.numbers.slots[p.villages[b.village].place.Code.Subdistrict()]
}

// crossing turns to the numbers of a family listed in two villages, all of whose members are first
// registered in the first one; -1 turns back. Both blocks get the same numbers.
func (s *issuer) crossing(ordinal int) {
	s.cross, s.seen = ordinal, s.seen[:0]
}

// serial gives the next serial number of the subdistrict and day, or 0 when the block has used up
// its share.
func (s *issuer) serial(from origin, prefix uint64) int {
	if s.cross >= 0 {
		return s.crossSerial(prefix)
	}
	c := s.count(prefix)
	share := s.block / s.plan.modulus
	n := 0
	switch {
	case from == local:
		n = 1 + c/2*2*s.slots + 2*s.slot + c%2
		if n > s.plan.localTop {
			n = 0
		}
	case from == mover:
		if c < 2 {
			n = s.plan.localTop + 1 + 2*share + c
		}
	case c < 6:
		n = 1 + c/2*2*s.plan.shares + 2*share + c%2
	}
	return n
}

func (s *issuer) crossSerial(prefix uint64) int {
	c := 0
	for _, other := range s.seen {
		if other == prefix {
			c++
		}
	}
	s.seen = append(s.seen, prefix)
	if c >= crossSerials {
		return 0
	}
	return s.plan.moverTop + 1 + s.cross*crossSerials + c
}

// count gives how often the prefix was seen in the block before, and counts it.
func (s *issuer) count(prefix uint64) int {
	i := mix(prefix) % issued
	for s.keys[i] != 0 && s.keys[i] != prefix {
		i = (i + 1) % issued
	}
	s.keys[i] = prefix
	s.counts[i]++
	return int(s.counts[i]) - 1
}

// prefixOf gives the first twelve digits of the number of a person (or, with UnknownSex, of a
// card) of a subdistrict and day. A man and a card of the same day share their prefix, so that
// their numbers differ too.
func prefixOf(sub area.Code, day period.Date, sex person.Sex) uint64 {
	d := day.Day()
	if sex == person.Female {
		d += 40
	}
	return uint64(sub/10_000)*1e6 + uint64(d)*1e4 + uint64(day.Month())*100 + uint64(day.Year()%100)
}

// nik issues a NIK; ok is false when the day is used up and another birth date has to be drawn.
func (s *issuer) nik(from origin, sub area.Code, born period.Date, sex person.Sex) (nik person.NIK, ok bool) {
	serial := withoutZeros(s.serial(from, prefixOf(sub, born, sex)))
	if serial == 0 {
		return person.NIK{}, false
	}
	nik, err := person.ComposeNIK(sub, born, sex, serial)
	return nik, err == nil
}

// card issues a No. KK; ok is as for nik.
func (s *issuer) card(sub area.Code, day period.Date) (kk person.KK, ok bool) {
	serial := withoutZeros(s.serial(local, prefixOf(sub, day, person.UnknownSex)))
	if serial == 0 {
		return person.KK{}, false
	}
	kk, err := person.ComposeKK(sub, day, serial)
	return kk, err == nil
}
