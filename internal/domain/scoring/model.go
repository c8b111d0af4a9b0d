package scoring

import (
	"bytes"
	"math"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Facts gives the facts of a family by name; questionnaire.Facts does.
type Facts interface {
	Value(name string) questionnaire.FactValue
}

// Kind says how a term reads its fact.
type Kind string

// The kinds of terms.
const (
	KindNumber Kind = "number" // coefficient times the transformed value
	KindYes    Kind = "yes"    // coefficient when true
	KindChoice Kind = "choice" // a coefficient for each word
)

// Transform is applied to a number before the coefficient.
type Transform string

// The transforms; the empty one leaves the number as it is.
const (
	Plain Transform = ""
	Log   Transform = "log"   // natural logarithm; Min must be above zero
	Log1p Transform = "log1p" // natural logarithm of one plus the number
)

// Term is one variable of a model.
type Term struct {
	Fact        string              `yaml:"fact"`
	Kind        Kind                `yaml:"kind"`
	Transform   Transform           `yaml:"transform,omitempty"`
	Min         float64             `yaml:"min,omitempty"`
	Max         float64             `yaml:"max,omitempty"` // both zero for no limits
	Coefficient float64             `yaml:"coefficient,omitempty"`
	Choices     map[string]float64  `yaml:"choices,omitempty"`
	Reference   string              `yaml:"reference"`        // what explanations compare with
	Absent      *string             `yaml:"absent,omitempty"` // taken when the fact is unknown; nil when it must be known
	Label       questionnaire.Label `yaml:",inline"`

	words     []string // of a choice, sorted: a word's place is its code
	effects   []float64
	reference float64
	absent    float64
}

// Model is a proxy means test: a linear model of the logarithm of spending per person. It is made by
// ParseModel or Fit, never changes, and may be used by many workers at a time.
type Model struct {
	ID         string
	Version    string
	Official   bool // always false here: the official model is not public
	Statement  questionnaire.Label
	From       period.Date
	Intercept  float64
	ResidualSD float64 // of ln spending, for the range around an estimate
	terms      []Term
}

type modelFile struct {
	ID         string              `yaml:"id"`
	Version    string              `yaml:"version"`
	Official   bool                `yaml:"official"`
	Statement  questionnaire.Label `yaml:"statement"`
	From       period.Date         `yaml:"valid_from"`
	Intercept  float64             `yaml:"intercept"`
	ResidualSD float64             `yaml:"residual_sd"`
	Terms      []Term              `yaml:"terms"`
}

// ParseModel reads the YAML text of a model. Errors: score.model_syntax when it is not the expected YAML;
// score.model_official when it calls itself official, which only BPS's is; score.model_statement when it
// does not say what it is, in both languages; score.model_term (fact fact) for a term that cannot be.
func ParseModel(text []byte) (Model, error) {
	var file modelFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return Model{}, fail.Invalid("score.model_syntax").Because(err)
	}
	switch {
	case file.Official:
		return Model{}, fail.Invalid("score.model_official")
	case file.ID == "" || file.Version == "" || file.Statement.ID == "" || file.Statement.EN == "":
		return Model{}, fail.Invalid("score.model_statement")
	}
	m := Model{
		ID: file.ID, Version: file.Version, Statement: file.Statement, From: file.From, Intercept: file.Intercept, ResidualSD: file.ResidualSD,
	}
	return m, m.setTerms(file.Terms)
}

func (m *Model) setTerms(terms []Term) error {
	seen := map[string]bool{}
	for _, t := range terms {
		if seen[t.Fact] || !t.prepare() {
			return fail.Invalid("score.model_term", "fact", t.Fact)
		}
		seen[t.Fact] = true
		m.terms = append(m.terms, t)
	}
	return nil
}

// prepare checks a term and works out what scoring needs.
func (t *Term) prepare() bool {
	kinds := []Kind{KindNumber, KindYes, KindChoice}
	transforms := []Transform{Plain, Log, Log1p}
	if t.Fact == "" || !slices.Contains(kinds, t.Kind) || !slices.Contains(transforms, t.Transform) || t.Min > t.Max {
		return false
	}
	if t.Kind != KindNumber && t.Transform != Plain || t.Transform == Log && t.Min <= 0 || t.Transform == Log1p && t.Min < 0 {
		return false
	}
	if (t.Kind == KindChoice) != (len(t.Choices) > 1) || t.Label.ID == "" || t.Label.EN == "" {
		return false
	}
	for word := range t.Choices {
		t.words = append(t.words, word)
	}
	slices.Sort(t.words)
	for _, word := range t.words {
		t.effects = append(t.effects, t.Choices[word])
	}
	if t.reference = t.encode(t.Reference); math.IsNaN(t.reference) {
		return false
	}
	t.absent = math.NaN()
	if t.Absent != nil {
		t.absent = t.encode(*t.Absent)
		return !math.IsNaN(t.absent)
	}
	return true
}

// encode turns a word of the model's text into the number scoring works on; NaN when it cannot be one.
func (t *Term) encode(word string) float64 {
	switch t.Kind {
	case KindChoice:
		return t.code(word)
	case KindYes:
		if b, err := strconv.ParseBool(word); err == nil {
			return truth(b)
		}
		return math.NaN()
	}
	n, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

func (t *Term) code(word string) float64 {
	if i, ok := slices.BinarySearch(t.words, word); ok {
		return float64(i)
	}
	return math.NaN()
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Name gives id and version, as written beside every estimate.
func (m Model) Name() string { return m.ID + "/" + m.Version }

// Terms gives the terms, in the order of the columns of a vector.
func (m Model) Terms() []Term { return slices.Clone(m.terms) }

// Width is how many numbers a vector has.
func (m Model) Width() int { return len(m.terms) }

// Vector writes the facts of a family into dst, which has room for Width numbers: a number as it is, yes
// as 1 and no as 0, a choice as the place of its word. NaN stands for a fact that is unknown.
func (m Model) Vector(f Facts, dst []float64) {
	for i := range m.terms {
		dst[i] = m.terms[i].read(f.Value(m.terms[i].Fact))
	}
}

func (t *Term) read(v questionnaire.FactValue) float64 {
	switch t.Kind {
	case KindYes:
		if b, known := v.Bool(); known {
			return truth(b)
		}
	case KindChoice:
		if word, known := v.Text(); known {
			return t.code(word)
		}
	default:
		if n, known := v.Number(); known {
			return n
		}
	}
	return t.absent
}

// effect gives what a number of the vector adds to the score.
func (t *Term) effect(x float64) float64 {
	switch t.Kind {
	case KindYes:
		return t.Coefficient * x
	case KindChoice:
		if !(x >= 0) { // NaN too
			return math.NaN()
		}
		return t.effects[int(x)]
	}
	return t.Coefficient * t.transform(x)
}

func (t *Term) transform(x float64) float64 {
	if t.Min != 0 || t.Max != 0 {
		x = max(t.Min, min(x, t.Max))
	}
	switch t.Transform {
	case Log:
		return math.Log(x)
	case Log1p:
		return math.Log1p(x)
	}
	return x
}

// Score gives the estimate of ln spending in rupiah per person and month for a vector; NaN when a number
// is missing. It allocates nothing.
func (m *Model) Score(vector []float64) float64 {
	score := m.Intercept
	for i := range m.terms {
		score += m.terms[i].effect(vector[i])
	}
	return score
}

// Missing lists the facts that keep a vector from being scored, in the order of the terms.
func (m Model) Missing(vector []float64) []string {
	var list []string
	for i, x := range vector {
		if math.IsNaN(x) {
			list = append(list, m.terms[i].Fact)
		}
	}
	return list
}
