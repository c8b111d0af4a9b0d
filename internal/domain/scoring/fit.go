package scoring

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"tepat/internal/kit/fail"
)

// Sample is one family of a survey.
type Sample struct {
	Vector []float64 // as Model.Vector writes it
	Ln     float64   // natural logarithm of spending in rupiah per person and month
	Weight float64   // survey weight; 0 counts as 1
}

// Quality says how well a fitted model describes the samples it was fitted to.
type Quality struct {
	Samples    int // used; those with an unknown fact are left out
	Columns    int // estimated numbers, the intercept included
	RSquared   float64
	ResidualSD float64
}

// Fit estimates the coefficients of a model's terms by weighted least squares (QR decomposition, no
// penalty), as is customary for a proxy means test on a household survey. The terms say which facts and
// transforms to use; their own coefficients are ignored, and the reference word of a choice gets zero.
// Errors: score.fit_samples (facts samples, columns) when there are too few complete samples for the
// columns; score.fit_rank when columns depend on each other, such as a fact that never varies.
func Fit(m Model, samples []Sample) (Model, Quality, error) {
	d := newDesign(m, samples)
	rows, columns := len(d.ln), d.columns
	if rows < 2*columns {
		return Model{}, Quality{}, fail.Invalid("score.fit_samples", "samples", rows, "columns", columns)
	}
	var qr mat.QR
	qr.Factorize(mat.NewDense(rows, columns, d.weighted))
	var solution mat.VecDense
	err := qr.SolveVecTo(&solution, false, mat.NewVecDense(rows, d.weightedLn))
	var ill mat.Condition
	if errors.As(err, &ill) || err == nil && !finite(solution.RawVector().Data) {
		return Model{}, Quality{}, fail.Invalid("score.fit_rank").Because(err)
	}
	if err != nil {
		return Model{}, Quality{}, fail.Invalid("score.fit_rank").Because(err)
	}
	fitted, err := m.withCoefficients(solution.RawVector().Data)
	if err != nil {
		return Model{}, Quality{}, err
	}
	q := d.quality(&fitted)
	fitted.ResidualSD = q.ResidualSD
	return fitted, q, nil
}

func finite(list []float64) bool {
	for _, x := range list {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// design is the matrix of a fit: an intercept, a column for each number and yes, and one for each word
// of a choice but the reference. Rows are multiplied by the root of their weight.
type design struct {
	columns    int
	weighted   []float64
	weightedLn []float64
	ln         []float64
	weight     []float64
	vectors    [][]float64
}

func newDesign(m Model, samples []Sample) design {
	d := design{columns: 1}
	for i := range m.terms {
		d.columns += m.terms[i].width()
	}
	for _, s := range samples {
		if len(s.Vector) != m.Width() || math.IsNaN(s.Ln) || s.Weight < 0 || m.Missing(s.Vector) != nil {
			continue
		}
		weight := s.Weight
		if weight == 0 {
			weight = 1
		}
		d.add(m, s, weight)
	}
	return d
}

func (d *design) add(m Model, s Sample, weight float64) {
	root := math.Sqrt(weight)
	from := len(d.weighted)
	d.weighted = append(d.weighted, make([]float64, d.columns)...)
	row := d.weighted[from:]
	row[0] = root
	at := 1
	for i := range m.terms {
		t := &m.terms[i]
		t.fill(row[at:at+t.width()], s.Vector[i], root)
		at += t.width()
	}
	d.weightedLn = append(d.weightedLn, root*s.Ln)
	d.ln, d.weight, d.vectors = append(d.ln, s.Ln), append(d.weight, weight), append(d.vectors, s.Vector)
}

func (t *Term) width() int {
	if t.Kind == KindChoice {
		return len(t.words) - 1
	}
	return 1
}

func (t *Term) fill(cells []float64, x, root float64) {
	switch t.Kind {
	case KindYes:
		cells[0] = root * x
	case KindNumber:
		cells[0] = root * t.transform(x)
	case KindChoice:
		if at := t.cell(int(x)); at >= 0 {
			cells[at] = root
		}
	}
}

// cell gives the column of a word, or -1 for the reference.
func (t *Term) cell(word int) int {
	switch reference := int(t.reference); {
	case word == reference:
		return -1
	case word > reference:
		return word - 1
	}
	return word
}

// withCoefficients gives the model with the numbers of a solution.
func (m Model) withCoefficients(solution []float64) (Model, error) {
	fitted := m
	fitted.Intercept, fitted.terms = solution[0], nil
	terms := make([]Term, len(m.terms))
	at := 1
	for i, t := range m.terms {
		width := t.width()
		if t.Kind == KindChoice {
			choices := make(map[string]float64, len(t.words))
			for k, word := range t.words {
				choices[word] = 0
				if cell := t.cell(k); cell >= 0 {
					choices[word] = solution[at+cell]
				}
			}
			t.Choices = choices
		} else {
			t.Coefficient = solution[at]
		}
		t.words, t.effects = nil, nil
		terms[i] = t
		at += width
	}
	return fitted, fitted.setTerms(terms)
}

// quality compares the fitted model with its samples.
func (d *design) quality(m *Model) Quality {
	var sum, weights float64
	for i, y := range d.ln {
		sum, weights = sum+d.weight[i]*y, weights+d.weight[i]
	}
	mean := sum / weights
	var unexplained, all float64
	for i, y := range d.ln {
		e := y - m.Score(d.vectors[i])
		unexplained += d.weight[i] * e * e
		all += d.weight[i] * (y - mean) * (y - mean)
	}
	q := Quality{Samples: len(d.ln), Columns: d.columns}
	if all > 0 {
		q.RSquared = 1 - unexplained/all
	}
	// Weights are scaled to a mean of one, so that they do not change the degrees of freedom.
	scale := float64(q.Samples) / weights
	q.ResidualSD = math.Sqrt(unexplained * scale / float64(q.Samples-q.Columns))
	return q
}
