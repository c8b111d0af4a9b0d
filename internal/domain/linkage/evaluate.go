package linkage

import (
	"cmp"
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// Labels say which thing each row really is: rows of one label are one. A row without a label is alone.
type Labels struct {
	of []int32 // by row
	n  int
}

// Labels reads the columns of that name as labels; side two is that of the reference, where there is one.
// Errors: linkage.id_missing (facts column, header); that of Options.Stop.
func (e *Engine) Labels(column, reference string) (Labels, error) {
	l := Labels{of: make([]int32, e.n)}
	var places [2]int
	for side, name := range []string{column, reference} {
		if e.sources[side] == nil {
			continue
		}
		header := e.sources[side].Header()
		if places[side] = slices.IndexFunc(header, func(h string) bool { return sameHeader(h, name) }); places[side] < 0 {
			return l, fail.Invalid("linkage.id_missing", "column", name, "header", strings.Join(header, ", "))
		}
	}
	var table internTable
	table.reset()
	var fields [][]byte
	for row := range e.n {
		if row&(stopRows-1) == 0 {
			if err := e.options.stopped(); err != nil {
				return l, err
			}
		}
		fields = e.fields(row, fields)
		if at := places[e.side(row)]; at < len(fields) && len(fields[at]) > 0 {
			id, _ := table.place(fields[at])
			l.of[row] = int32(id)
		}
	}
	l.n = table.size()
	return l, nil
}

func (l *Labels) same(a, b int32) bool { return l.of[a] != 0 && l.of[a] == l.of[b] }

// Score is how well a set of pairs does against the labels.
type Score struct {
	Bits      float64 `json:"bits"`  // the bar the pairs are above; of linking, the log2 odds of the probability
	Found     int64   `json:"found"` // pairs above it
	Right     int64   `json:"right"` // of them, those of one label
	True      int64   `json:"true"`  // pairs of one label there are, those no key brought together included
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func (s *Score) rate() {
	if s.Found > 0 {
		s.Precision = float64(s.Right) / float64(s.Found)
	}
	if s.True > 0 {
		s.Recall = float64(s.Right) / float64(s.True)
	}
	s.F1 = harmonic(s.Precision, s.Recall)
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// Evaluation is what the labels say of a model on the data at hand.
type Evaluation struct {
	Bars    []Score `json:"bars"`    // by bar, from the lowest
	Chosen  Score   `json:"chosen"`  // at the model's own bar: of deduplication after clustering
	Unmet   int64   `json:"unmet"`   // pairs of one label no key brings together: the ceiling of recall
	BCubed  Score   `json:"b_cubed"` // of clusters, averaged over rows; its counts are zero
	Waiting int     `json:"waiting"` // linking: rows left to a person; deduplication: pairs between the bars
}

// truePairs counts the pairs of one label, within the table or between the two.
func (e *Engine) truePairs(l *Labels) (sum int64) {
	var counts [2][]int64
	counts[0], counts[1] = make([]int64, l.n+1), make([]int64, l.n+1)
	for row, label := range l.of {
		counts[e.side(row)][label]++
	}
	for label := 1; label <= l.n; label++ {
		if e.sources[1] != nil {
			sum += counts[0][label] * counts[1][label]
			continue
		}
		sum += counts[0][label] * (counts[0][label] - 1) / 2
	}
	return sum
}

// unmet counts the pairs of one label that share no key; of labels with more than 64 rows the first are counted.
func (e *Engine) unmet(l *Labels) (sum int64, err error) {
	err = e.eachTrue(l, func(x, y int32) {
		if e.meeting(e.record(int(x)), e.record(int(y))) == "" {
			sum++
		}
	})
	return sum, err
}

// barSteps are the bars an evaluation reports, in bits.
func barSteps(lowest float64) (bars []float64) {
	for b := lowest; b <= lowest+40; b += 2 {
		bars = append(bars, b)
	}
	return bars
}

// EvaluateDoubles holds what Dedupe found against the labels. Errors: that of Options.Stop.
func (e *Engine) EvaluateDoubles(d *Doubles, l *Labels) (Evaluation, error) {
	truth := e.truePairs(l)
	unmet, err := e.unmet(l)
	if err != nil {
		return Evaluation{}, err
	}
	v := Evaluation{Unmet: unmet, Waiting: len(d.Edges) - d.Linked}
	for _, bar := range barSteps(e.model.file.Dedupe.Review) {
		s := Score{Bits: bar, True: truth}
		for _, x := range d.Edges {
			if x.Weight < fixed(bar) {
				break
			}
			s.Found++
			if l.same(x.A, x.B) {
				s.Right++
			}
		}
		s.rate()
		v.Bars = append(v.Bars, s)
	}
	v.Chosen = Score{Bits: e.model.file.Dedupe.Link, True: truth}
	for _, c := range d.Clusters {
		v.Chosen.Found += int64(len(c)) * int64(len(c)-1) / 2
		v.Chosen.Right += pairsOfOne(c, l)
	}
	v.Chosen.rate()
	v.BCubed = e.bCubed(d.Clusters, l)
	return v, e.options.stopped()
}

// pairsOfOne counts the pairs of a cluster that have one label.
func pairsOfOne(c []int32, l *Labels) (sum int64) {
	labels := labelsOf(c, l)
	for len(labels) > 0 {
		n := 1
		for n < len(labels) && labels[n] == labels[0] {
			n++
		}
		if labels[0] != 0 {
			sum += int64(n) * int64(n-1) / 2
		}
		labels = labels[n:]
	}
	return sum
}

func labelsOf(c []int32, l *Labels) []int32 {
	labels := make([]int32, len(c))
	for i, row := range c {
		labels[i] = l.of[row]
	}
	slices.Sort(labels)
	return labels
}

// bCubed averages over rows: of the rows in a row's cluster those of its label, and of the rows of its label
// those in its cluster (Bagga and Baldwin 1998). Rows outside clusters and labels are alone.
func (e *Engine) bCubed(clusters [][]int32, l *Labels) (s Score) {
	size := make([]int64, l.n+1)
	for _, label := range l.of {
		size[label]++
	}
	size[0] = 1
	precision, recall := 0.0, 0.0
	clustered := 0
	alone := make([]bool, e.n)
	for i := range alone {
		alone[i] = true
	}
	for _, c := range clusters {
		clustered += len(c)
		labels := labelsOf(c, l)
		for _, row := range c {
			alone[row] = false
			same := int64(1)
			if label := l.of[row]; label != 0 {
				from, _ := slices.BinarySearch(labels, label)
				to, _ := slices.BinarySearch(labels, label+1)
				same = int64(to - from)
			}
			precision += float64(same) / float64(len(c))
			recall += float64(same) / float64(size[l.of[row]])
		}
	}
	for row, is := range alone {
		if is {
			precision++
			recall += 1 / float64(size[l.of[row]])
		}
	}
	s.Precision, s.Recall = precision/float64(e.n), recall/float64(e.n)
	s.F1 = harmonic(s.Precision, s.Recall)
	return s
}

// EvaluateLinks holds what Link found against the labels: a row is found when it is linked, and right when it is
// linked to a row of its label; rows that have a counterpart in the reference are the true ones. Errors: that of
// Options.Stop.
func (e *Engine) EvaluateLinks(links *Links, l *Labels) (Evaluation, error) {
	unmet, err := e.unmet(l)
	if err != nil {
		return Evaluation{}, err
	}
	there := make([]bool, l.n+1)
	for row := e.left; row < e.n; row++ {
		there[l.of[row]] = true
	}
	there[0] = false
	truth := int64(0)
	type one struct {
		bits  float64
		right bool
	}
	var list []one
	v := Evaluation{Unmet: unmet, Waiting: links.Review}
	for i := range links.Matches {
		m := &links.Matches[i]
		if there[l.of[i]] {
			truth++
		}
		if m.Reference < 0 {
			continue
		}
		right := l.same(int32(i), m.Reference+int32(e.left))
		list = append(list, one{logOdds(m.Probability), right})
		if m.Status == Linked {
			v.Chosen.Found++
			if right {
				v.Chosen.Right++
			}
		}
	}
	v.Chosen.Bits, v.Chosen.True = e.bar(), truth
	v.Chosen.rate()
	slices.SortFunc(list, func(x, y one) int { return cmp.Compare(y.bits, x.bits) })
	for _, bar := range barSteps(-3) {
		s := Score{Bits: bar, True: truth}
		for _, x := range list {
			if x.bits < bar {
				break
			}
			s.Found++
			if x.right {
				s.Right++
			}
		}
		s.rate()
		v.Bars = append(v.Bars, s)
	}
	return v, nil
}
