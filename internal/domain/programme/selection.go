package programme

import (
	"cmp"
	"math"
	"slices"

	"tepat/internal/domain/period"
)

// Candidate is a family or person that a programme's rule admits, with what priority looks at.
type Candidate struct {
	ID         [16]byte
	Decile     uint8       // 1 poorest to 10; zero is unranked and comes last
	Components uint8       // of a family; more come first
	Score      float64     // estimated welfare, lower is poorer; NaN when there is none, which comes last in its decile
	Since      period.Date // registered since, earlier first; the zero date comes last
}

// Selection is the outcome of a quota: everyone in order of priority, of whom the first are enrolled.
type Selection struct {
	order    []int32
	enrolled int
}

// Enrolled gives the positions, in the candidates given, of those who are enrolled, by priority.
func (s Selection) Enrolled() []int32 { return s.order[:s.enrolled] }

// Waiting gives the positions of those on the waiting list, by priority.
func (s Selection) Waiting() []int32 { return s.order[s.enrolled:] }

// Select puts the candidates in order of priority and enrols the first quota of them: by decile,
// then score, then number of components, then how long they are registered, then id. The order
// rests on the candidates alone, so it is the same in every run and for every quota, and a quota
// larger by n enrols exactly n more, as long as there are so many candidates. A negative quota is
// zero. Ids have to be unique; the slice is not changed. It takes at most 2^31 candidates.
func Select(candidates []Candidate, quota int64) Selection {
	s := sorter{candidates: candidates, keyed: make([]keyed, len(candidates)), spare: make([]keyed, len(candidates))}
	for i := range s.keyed {
		s.keyed[i].at = int32(i)
	}
	s.sort(0, len(candidates), 0)
	out := Selection{order: make([]int32, len(candidates)), enrolled: int(min(max(quota, 0), int64(len(candidates))))}
	for i, k := range s.keyed {
		out.order[i] = k.at
	}
	return out
}

// sorter sorts by one key of eight bytes after the other: a radix sort by the first, then only the
// runs of equal ones by the next. It is linear in the number of candidates.
type sorter struct {
	candidates   []Candidate
	keyed, spare []keyed
}

// keyed is a candidate's position with the key it is being sorted by.
type keyed struct {
	key uint64
	at  int32
}

// keys turn what priority looks at into numbers that sort the same way, most important first.
var keys = [...]func(*Candidate) uint64{
	func(c *Candidate) uint64 { return lastIfZero(uint64(c.Decile))<<60 | scoreKey(c.Score)>>4 },
	func(c *Candidate) uint64 {
		return scoreKey(c.Score)<<60 | uint64(math.MaxUint8-c.Components)<<52 | dateKey(c.Since)
	},
	func(c *Candidate) uint64 { return bigEndian(c.ID[:8]) },
	func(c *Candidate) uint64 { return bigEndian(c.ID[8:]) },
}

// lastIfZero moves unranked behind decile 10; more than 15 can not be told apart.
func lastIfZero(decile uint64) uint64 {
	if decile == 0 || decile > 15 {
		return 15
	}
	return decile
}

// scoreKey maps a float64 to a number of the same order; NaN comes last.
func scoreKey(f float64) uint64 {
	if f != f {
		return math.MaxUint64
	}
	if f == 0 {
		f = 0 // minus zero and zero are the same score
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

func dateKey(d period.Date) uint64 {
	if d.IsZero() {
		return 1<<32 - 1
	}
	return uint64(d.Year()*10_000 + int(d.Month())*100 + d.Day())
}

func bigEndian(b []byte) uint64 {
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}

// few is the run length below which comparing is faster than counting.
const few = 192

func (s *sorter) sort(from, to, level int) {
	run := s.keyed[from:to]
	if len(run) < 2 {
		return
	}
	if level == len(keys) { // the same id twice
		slices.SortFunc(run, func(a, b keyed) int { return cmp.Compare(a.at, b.at) })
		return
	}
	for i := range run {
		run[i].key = keys[level](&s.candidates[run[i].at])
	}
	if len(run) < few {
		slices.SortFunc(run, func(a, b keyed) int {
			if a.key != b.key {
				return cmp.Compare(a.key, b.key)
			}
			return s.compare(a.at, b.at, level+1)
		})
		return
	}
	radix(run, s.spare[from:to])
	for start := 0; start < len(run); {
		end := start + 1
		for end < len(run) && run[end].key == run[start].key {
			end++
		}
		s.sort(from+start, from+end, level+1)
		start = end
	}
}

// compare decides by the keys from a level on; the position decides only between equal ids.
func (s *sorter) compare(a, b int32, level int) int {
	for _, key := range keys[level:] {
		if ka, kb := key(&s.candidates[a]), key(&s.candidates[b]); ka != kb {
			return cmp.Compare(ka, kb)
		}
	}
	return cmp.Compare(a, b)
}

// radix sorts by key, one byte at a time from the last, skipping bytes in which all are the same.
func radix(a, spare []keyed) {
	var counts [8][256]int32
	for i := range a {
		for b := range 8 {
			counts[b][byte(a[i].key>>(8*b))]++
		}
	}
	src, dst := a, spare
	for b := range 8 {
		if counts[b][byte(a[0].key>>(8*b))] == int32(len(a)) {
			continue
		}
		var next [256]int32
		for v, sum := 0, int32(0); v < 256; v++ {
			next[v], sum = sum, sum+counts[b][v]
		}
		for i := range src {
			v := byte(src[i].key >> (8 * b))
			dst[next[v]] = src[i]
			next[v]++
		}
		src, dst = dst, src
	}
	if &src[0] != &a[0] {
		copy(a, src)
	}
}
