package scoring

import (
	"math"
	"strconv"

	"tepat/internal/domain/money"
	"tepat/internal/domain/questionnaire"
)

// Contribution is what one fact adds to or takes from the estimate, compared with the typical family.
type Contribution struct {
	Fact      string
	Label     questionnaire.Label
	Value     string  // as in the facts; "" when unknown. Personal data
	Reference string  // of the typical family
	Assumed   bool    // the fact was unknown and the model's own value was taken
	Effect    float64 // in ln spending
	Percent   float64 // the same as a change of spending, 12.5 for one eighth more
}

// Explanation is how a score came about: the typical family's score and the contributions add up to it.
type Explanation struct {
	Model     string
	Statement questionnaire.Label // what the model is and is not
	Typical   float64             // score of the typical family
	Score     float64             // NaN when facts are missing
	Spending  money.Rupiah        // e^score, rounded to a thousand: an estimate per person and month
	Low, High money.Rupiah        // about two of three families with these facts spend between these
	Parts     []Contribution
	Missing   []string
}

// Explain scores a family and says why, fact by fact, in the order of the model.
func (m Model) Explain(f Facts) Explanation {
	vector := make([]float64, m.Width())
	m.Vector(f, vector)
	x := Explanation{Model: m.Name(), Statement: m.Statement, Typical: m.Intercept, Score: m.Score(vector), Missing: m.Missing(vector)}
	for i := range m.terms {
		t := &m.terms[i]
		base := t.effect(t.reference)
		x.Typical += base
		part := Contribution{Fact: t.Fact, Label: t.Label, Value: written(f.Value(t.Fact)), Reference: t.Reference}
		part.Assumed = part.Value == "" && !math.IsNaN(vector[i])
		if effect := t.effect(vector[i]); !math.IsNaN(effect) {
			part.Effect = effect - base
			part.Percent = 100 * math.Expm1(part.Effect)
		}
		x.Parts = append(x.Parts, part)
	}
	if !math.IsNaN(x.Score) {
		x.Spending, x.Low, x.High = spending(x.Score), spending(x.Score-m.ResidualSD), spending(x.Score+m.ResidualSD)
	}
	return x
}

// spending turns a score into rupiah, rounded to a thousand: more digits would pretend to know more.
func spending(score float64) money.Rupiah {
	return money.Rupiah(math.Round(math.Exp(score)/1000) * 1000)
}

func written(v questionnaire.FactValue) string {
	switch x := v.Any().(type) {
	case bool:
		return strconv.FormatBool(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case string:
		return x
	}
	return ""
}
