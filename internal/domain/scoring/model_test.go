package scoring_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	data "tepat/data/models"
	forms "tepat/data/questionnaire"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
)

func demo(t testing.TB) scoring.Model {
	t.Helper()
	m, err := scoring.ParseModel(data.DemoPMT)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// interview derives the facts of a family from plain cells of REGSOSEK22-K, by item.
func interview(t testing.TB, family map[string]string, members ...map[string]string) questionnaire.Derived {
	t.Helper()
	q, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	form, err := q.Version("REGSOSEK22-K")
	if err != nil {
		t.Fatal(err)
	}
	read := func(cells map[string]string) questionnaire.Answers {
		a := questionnaire.Answers{}
		for name, cell := range cells {
			item, ok := form.Find(name)
			if !ok {
				t.Fatalf("no item %s", name)
			}
			v, err := item.Parse(cell)
			if err != nil {
				t.Fatal(err)
			}
			a[item.Key] = v
		}
		return a
	}
	var people []questionnaire.Answers
	for _, m := range members {
		people = append(people, read(m))
	}
	d, err := q.Derive(form.Name, read(family), people)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// house is a complete interview of a family of three.
func house() (map[string]string, []map[string]string) {
	family := map[string]string{
		"301a": "1", "302": "48", "303": "6", "304": "3", "305": "3", "306a": "5", "307a": "1", "307b1": "1", "308": "4", "309a": "1", "309b": "1",
		"310": "1", "502a": "2", "502b": "1", "502c": "2", "502d": "2", "502e": "2", "502f": "2", "502g": "2", "502h": "2", "502i": "1", "502j": "2",
		"502k": "2", "502l": "2", "502m": "2", "502n": "1", "503a": "2", "503b": "2", "504a": "0", "504b": "0", "504c": "0", "504d": "0", "504e": "0",
	}
	return family, []map[string]string{{"409": "1", "416a": "1"}, {"409": "2", "416a": "2"}, {"409": "3", "416a": "2"}}
}

func TestTheDemonstrationModelSaysWhatItIs(t *testing.T) {
	t.Parallel()
	m := demo(t)
	if m.Official || !strings.Contains(m.Statement.ID, "bukan model resmi") || !strings.Contains(m.Statement.EN, "not the official") || m.Name() != "demo-pmt/1" {
		t.Errorf("model %s: %+v", m.Name(), m.Statement)
	}
}

// TestTheModelFitsTheQuestionnaire holds every term to a family fact and every word of a choice to one of
// its values, so that no family falls through.
func TestTheModelFitsTheQuestionnaire(t *testing.T) {
	t.Parallel()
	q, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]questionnaire.Fact{}
	for _, f := range q.Facts(questionnaire.LevelFamily) {
		facts[f.Name] = f
	}
	kinds := map[questionnaire.FactType]scoring.Kind{
		questionnaire.TypeBool: scoring.KindYes, questionnaire.TypeText: scoring.KindChoice,
		questionnaire.TypeInteger: scoring.KindNumber, questionnaire.TypeNumber: scoring.KindNumber,
	}
	for _, term := range demo(t).Terms() {
		f, ok := facts[term.Fact]
		if !ok || kinds[f.Type] != term.Kind {
			t.Errorf("term %s: no such fact, or of another type", term.Fact)
		}
		for _, word := range f.Values {
			if _, ok := term.Choices[word]; !ok {
				t.Errorf("term %s has no coefficient for %s", term.Fact, word)
			}
		}
		if len(term.Choices) != len(f.Values) {
			t.Errorf("term %s has words the fact does not know", term.Fact)
		}
	}
}

func TestScoreAndExplain(t *testing.T) {
	t.Parallel()
	m := demo(t)
	family, members := house()
	d := interview(t, family, members...)
	vector := make([]float64, m.Width())
	m.Vector(d.Family, vector)
	score := m.Score(vector)
	if missing := m.Missing(vector); math.IsNaN(score) || missing != nil {
		t.Fatalf("score %v, missing %v", score, missing)
	}
	x := m.Explain(d.Family)
	sum := x.Typical
	for _, p := range x.Parts {
		sum += p.Effect
		if p.Label.ID == "" || p.Label.EN == "" || p.Value == p.Reference && p.Effect != 0 {
			t.Errorf("part %s: %q against %q gives %v", p.Fact, p.Value, p.Reference, p.Effect)
		}
		if math.Abs(p.Percent-100*(math.Exp(p.Effect)-1)) > 1e-9 {
			t.Errorf("part %s: %v is %v %%", p.Fact, p.Effect, p.Percent)
		}
	}
	if math.Abs(sum-score) > 1e-9 || x.Score != score || x.Statement != m.Statement || len(x.Missing) != 0 {
		t.Errorf("typical plus parts is %v, score %v", sum, score)
	}
	if x.Spending < 100_000 || x.Spending > 10_000_000 || x.Low >= x.Spending || x.High <= x.Spending || x.Spending%1000 != 0 {
		t.Errorf("spending %v between %v and %v", x.Spending, x.Low, x.High)
	}
	family["303"] = "8" // soil
	poorer := interview(t, family, members...)
	m.Vector(poorer.Family, vector)
	if got, want := m.Score(vector)-score, -0.27+0.13; math.Abs(got-want) > 1e-9 {
		t.Errorf("a floor of soil instead of cement changes the score by %v, want %v", got, want)
	}
}

func TestWithoutTheFactsAFamilyIsUnranked(t *testing.T) {
	t.Parallel()
	m := demo(t)
	family, members := house()
	delete(family, "309a")
	delete(family, "502k")
	d := interview(t, family, members...)
	vector := make([]float64, m.Width())
	m.Vector(d.Family, vector)
	missing := m.Missing(vector)
	if !math.IsNaN(m.Score(vector)) || !slices.Contains(missing, "toilet") || !slices.Contains(missing, "cars") {
		t.Errorf("score %v, missing %v", m.Score(vector), missing)
	}
	if x := m.Explain(d.Family); !slices.Equal(x.Missing, missing) || x.Spending != 0 || !math.IsNaN(x.Score) {
		t.Errorf("explained as %+v", x)
	}
	if x := m.Explain(questionnaire.Facts{}); len(x.Missing) < 20 {
		t.Errorf("no interview at all lacks only %v", x.Missing)
	}
}

func TestAnUnaskedFactTakesTheModelsValue(t *testing.T) {
	t.Parallel()
	m := demo(t)
	family, members := house()
	delete(family, "307b1")
	d := interview(t, family, members...)
	x := m.Explain(d.Family)
	at := slices.IndexFunc(x.Parts, func(c scoring.Contribution) bool { return c.Fact == "electricity_va" })
	if math.IsNaN(x.Score) || !x.Parts[at].Assumed || x.Parts[at].Value != "" {
		t.Errorf("score %v, part %+v", x.Score, x.Parts[at])
	}
}

func TestParseModelRefuses(t *testing.T) {
	t.Parallel()
	text := string(data.DemoPMT)
	replace := func(old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the model", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	cases := map[string]struct{ text, code string }{
		"not YAML":                   {"{", "score.model_syntax"},
		"an unknown setting":         {text + "colour: red\n", "score.model_syntax"},
		"a model that plays BPS":     {replace("official: false", "official: true"), "score.model_official"},
		"no statement in English":    {replace("  en: \"A demonstration", "  en: \"\" #"), "score.model_statement"},
		"a term twice":               {replace("fact: refrigerators", "fact: gas_cylinders"), "score.model_term"},
		"an unknown kind":            {replace("kind: choice", "kind: guess"), "score.model_term"},
		"an unknown transform":       {replace("transform: log,", "transform: square,"), "score.model_term"},
		"a logarithm of nothing":     {replace("min: 450, max: 6600", "min: 0, max: 6600"), "score.model_term"},
		"limits out of order":        {replace("min: 0, max: 6,", "min: 9, max: 6,"), "score.model_term"},
		"a reference without a word": {replace("reference: own", "reference: castle"), "score.model_term"},
		"a choice of one":            {replace("choices: {own: 0, rented: 0.10, rent_free: -0.07, employer: 0.12, other: -0.05, shared: -0.06}", "choices: {own: 0}"), "score.model_term"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := scoring.ParseModel([]byte(c.text)); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	signs, err := scoring.ParseSigns(data.PovertySigns)
	if err != nil {
		t.Fatal(err)
	}
	codes := ""
	for _, s := range signs.List {
		codes += s.Code
	}
	if codes != "1abcdefgh" || signs.LegalBasis != "Kepmensos 262/HUK/2022" {
		t.Fatalf("signs %s of %s", codes, signs.LegalBasis)
	}
	poor := map[string]string{"303": "8", "304": "4", "307a": "4", "309a": "6"}
	cases := map[string]struct {
		family map[string]string
		head   map[string]string
		want   string // by sign: m met, a absent, ? unknown
	}{
		"nothing asked":                {nil, nil, "?????????"},
		"poor in all that is asked":    {poor, map[string]string{"409": "1", "416a": "2"}, "?m???mmmm"},
		"electricity of 450 VA":        {map[string]string{"307a": "1", "307b1": "1"}, nil, "????????m"},
		"electricity of 900 VA":        {map[string]string{"307a": "1", "307b1": "2"}, nil, "????????a"},
		"electricity, power not known": {map[string]string{"307a": "1"}, nil, "?????????"},
		"a good house and work":        {map[string]string{"303": "2", "304": "1", "307a": "1", "307b1": "3", "309a": "1"}, map[string]string{"409": "1", "416a": "1"}, "?a???aaaa"},
		"a shared toilet":              {map[string]string{"309a": "2"}, nil, "???????m?"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := interview(t, c.family, c.head)
			got := signs.Count(d.Family, d.Members[0])
			text := ""
			for _, a := range got.Answers {
				text += map[scoring.Answer]string{scoring.SignMet: "m", scoring.SignAbsent: "a", scoring.SignUnknown: "?"}[a]
			}
			if text != c.want || got.Met != strings.Count(c.want, "m") || got.Absent != strings.Count(c.want, "a") || got.Unknown != strings.Count(c.want, "?") || got.Direct {
				t.Errorf("count %+v (%s), want %s", got, text, c.want)
			}
		})
	}
}

func TestTheFirstSignIsEnoughByItself(t *testing.T) {
	t.Parallel()
	signs, err := scoring.ParseSigns([]byte(`
signs:
  - {code: "1", direct: true, of: family, id: a, en: a, any: [{fact: has_toilet, is: ["false"]}]}
  - {code: "2", of: family, id: b, en: b, any: [{fact: has_electricity, is: ["false"]}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c := signs.Count(interview(t, map[string]string{"309a": "6"}).Family, questionnaire.Facts{}); !c.Direct || c.Met != 1 {
		t.Errorf("count %+v", c)
	}
}

func TestParseSignsRefuses(t *testing.T) {
	t.Parallel()
	const good = `signs: [{code: a, of: head, id: x, en: x, any: [{fact: works, is: ["false"]}]}]`
	cases := map[string]struct{ text, code string }{
		"not YAML":       {"{", "score.signs_syntax"},
		"no test":        {strings.Replace(good, `{fact: works, is: ["false"]}`, "", 1), "score.signs"},
		"of a neighbour": {strings.Replace(good, "head", "neighbour", 1), "score.signs"},
		"no English":     {strings.Replace(good, "en: x", "en: ''", 1), "score.signs"},
		"twice":          {strings.Replace(good, "signs: [", `signs: [{code: a, of: head, id: x, en: x, any: [{fact: works, is: ["true"]}]}, `, 1), "score.signs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := scoring.ParseSigns([]byte(c.text)); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}

func TestEveryWordIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../web/messages/scoring.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]struct{ ID, EN string }
	if err := yaml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for a := scoring.SignUnknown; a <= scoring.SignMet; a++ {
		keys = append(keys, "score.sign."+a.String())
	}
	for _, k := range keys {
		if words[k].ID == "" || words[k].EN == "" {
			t.Errorf("%s has no words", k)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	m := demo(b)
	rnd := rand.New(rand.NewPCG(1, 2))
	vectors := make([][]float64, 10_000)
	for i := range vectors {
		vectors[i] = randomVector(m, rnd)
	}
	sum, families := 0.0, 0
	for b.Loop() {
		for _, v := range vectors {
			sum += m.Score(v)
		}
		families += len(vectors)
	}
	b.ReportMetric(float64(families)/b.Elapsed().Seconds(), "families/s")
	if math.IsNaN(sum) {
		b.Fatal("not a number")
	}
}

func BenchmarkVectorAndScore(b *testing.B) {
	m := demo(b)
	family, members := house()
	d := interview(b, family, members...)
	vector := make([]float64, m.Width())
	for b.Loop() {
		m.Vector(d.Family, vector)
		if math.IsNaN(m.Score(vector)) {
			b.Fatal("not a number")
		}
	}
}
