package linkage

import (
	"math"
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// kind is the type of a column.
type kind uint8

const (
	kindText   kind = iota // any text, compared letter by letter
	kindName               // words in any order, read with the name tables
	kindDate               // a date that may lack its day or month
	kindDigits             // a number that names something: its digits count, not its size
	kindNumber             // a number that measures something
	kindCode               // one of few values
)

var kindNames = []string{"text", "name", "date", "digits", "number", "code"}

// kindOf gives the type of a column of the model.
func kindOf(c *columnFile) kind { return kind(slices.Index(kindNames, c.Type)) }

// maxLevels bounds the levels of a comparison and maxComparisons their number, so that a pattern is
// four bits each in one machine word.
const (
	maxLevels      = 15
	maxComparisons = 16
)

func (m *Model) check() error {
	for _, step := range []func() error{
		m.checkFormat, m.checkColumns, m.checkComparisons, m.checkVariants, m.checkRelatives, m.checkCompany, m.checkDoubts, m.checkTaught, m.checkGuard, m.checkSettings, m.checkKeys,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) checkFormat() error {
	if m.file.Format != format {
		return fail.Invalid("linkage.model_format", "line", m.lines.at("format"), "found", m.file.Format, "want", format)
	}
	for _, part := range []struct {
		name  string
		there bool
	}{
		{"name", m.file.Name != ""}, {"version", m.file.Version != ""}, {"columns", len(m.file.Columns) > 0},
		{"comparisons", len(m.file.Comparisons) > 0}, {"blocking", len(m.file.Blocking.Keys) > 0},
	} {
		if !part.there {
			return fail.Invalid("linkage.model_missing", "line", m.lines.at(part.name), "part", part.name)
		}
	}
	return nil
}

// checkCompany holds what the model says of company to what can be asked.
func (m *Model) checkCompany() error {
	c := m.file.Company
	if c == nil {
		return nil
	}
	at := func(field ...any) int { return m.lines.at(append([]any{"company"}, field...)...) }
	i := m.column(c.Column)
	if i < 0 {
		return m.unknownColumn(at("column"), c.Column)
	}
	wrong := ""
	switch {
	case kindOf(&m.file.Columns[i]) != kindDigits:
		wrong = "column"
	case c.Else != "" && (m.column(c.Else) < 0 || kindOf(&m.file.Columns[m.column(c.Else)]) != kindText || m.compares(c.Else)):
		wrong = "else"
	case c.Most < 2 || c.Most > mostCompany:
		wrong = "most"
	case c.Sure <= m.file.Dedupe.Review || c.Sure > 1000:
		wrong = "sure_bits"
	}
	for name, bits := range c.Bits {
		if !slices.Contains(companyLevels[1:], name) || !(math.Abs(bits) <= mostAgainst) {
			wrong = "bits"
		}
	}
	if wrong != "" {
		return fail.Invalid("linkage.model_setting", "line", at(wrong), "setting", wrong)
	}
	return nil
}

// compares tells whether a comparison is of a column.
func (m *Model) compares(column string) bool {
	return slices.ContainsFunc(m.file.Comparisons, func(c comparisonFile) bool { return c.Column == column })
}

// mostCompany bounds the rows of a household, all of which are held against those of another.
const mostCompany = 30

func notInName(r rune) bool { return r >= 0x80 || r == '.' || r == '-' || !inWord(byte(r)) }

// column gives the place of a column, or -1.
func (m *Model) column(name string) int {
	return slices.IndexFunc(m.file.Columns, func(c columnFile) bool { return c.Name == name })
}

// unknownColumn says that a line names a column the model does not have.
func (m *Model) unknownColumn(line int, column string) error {
	known := make([]string, len(m.file.Columns))
	for i, c := range m.file.Columns {
		known[i] = c.Name
	}
	return fail.Invalid("linkage.model_column_unknown", "line", line, "column", column, "known", strings.Join(known, ", "))
}

func (m *Model) checkComparisons() error {
	if n := len(m.file.Comparisons); n > maxComparisons {
		return fail.Invalid("linkage.model_many", "line", m.lines.at("comparisons", maxComparisons), "limit", maxComparisons, "what", "comparisons")
	}
	for i := range m.file.Comparisons {
		c := &m.file.Comparisons[i]
		at := func(path ...any) int { return m.lines.at(append([]any{"comparisons", i}, path...)...) }
		switch {
		case c.Name == "" || m.comparison(c.Name) != i:
			return fail.Invalid("linkage.model_comparison_name", "line", at("name"), "comparison", c.Name)
		case m.column(c.Column) < 0:
			return m.unknownColumn(at("column"), c.Column)
		case c.Instead != "" && (m.comparison(c.Instead) < 0 || c.Instead == c.Name):
			return fail.Invalid("linkage.model_comparison_unknown", "line", at("instead_of"), "comparison", c.Instead)
		case len(c.Levels) < 2:
			return fail.Invalid("linkage.model_levels", "line", at("levels"), "comparison", c.Name)
		case len(c.Levels) > maxLevels:
			return fail.Invalid("linkage.model_many", "line", at("levels", maxLevels), "limit", maxLevels, "what", c.Name)
		}
		if q := c.Frequency; q != nil && (!slices.Contains([]string{"share", "crowd"}, q.Kind) || q.Weight < 0 || q.Weight > 1 || q.Floor <= 0 || q.Floor >= 1 || q.Max < 0 || q.Power < 0) {
			return fail.Invalid("linkage.model_setting", "line", at("frequency"), "setting", "frequency")
		}
		if err := m.checkWithin(c, at("frequency")); err != nil {
			return err
		}
		if err := m.checkLevels(c, at); err != nil {
			return err
		}
	}
	return nil
}

// checkWithin reads the key rows have to share for names to be counted among them.
func (m *Model) checkWithin(c *comparisonFile, line int) error {
	if c.Frequency == nil || c.Frequency.Within == "" {
		return nil
	}
	crowded := slices.ContainsFunc(m.file.Comparisons, func(o comparisonFile) bool {
		return o.Column == c.Column && o.Frequency != nil && o.Frequency.Kind == "crowd"
	})
	if c.Frequency.Kind != "share" || crowded || kindOf(&m.file.Columns[m.column(c.Column)]) != kindName {
		return fail.Invalid("linkage.model_setting", "line", line, "setting", "within")
	}
	return m.checkKey(c.Frequency.Within, line, 0)
}

func (m *Model) comparison(name string) int {
	return slices.IndexFunc(m.file.Comparisons, func(c comparisonFile) bool { return c.Name == name })
}

func (m *Model) checkLevels(c *comparisonFile, at func(...any) int) error {
	var sumM, sumU float64
	for j, l := range c.Levels {
		last := j == len(c.Levels)-1
		switch {
		case l.Level == "" || slices.IndexFunc(c.Levels, func(o levelFile) bool { return o.Level == l.Level }) != j:
			return fail.Invalid("linkage.model_level_name", "line", at("levels", j), "comparison", c.Name, "level", l.Level)
		case last != (l.When == "" || l.When == "else"):
			return fail.Invalid("linkage.model_else", "line", at("levels", j), "comparison", c.Name, "level", l.Level)
		case !(l.M > 0 && l.M <= 1) || !(l.U > 0 && l.U <= 1):
			return fail.Invalid("linkage.model_probability", "line", at("levels", j), "comparison", c.Name, "level", l.Level)
		case l.Frequency < 0 || l.Frequency > 100 || l.Frequency > 0 && c.Frequency == nil:
			return fail.Invalid("linkage.model_setting", "line", at("levels", j), "setting", "frequency")
		}
		sumM, sumU = sumM+l.M, sumU+l.U
		if !last {
			if err := m.checkWhen(l.When, c, at("levels", j)); err != nil {
				return err
			}
		}
	}
	if sumM > 1.001 || sumU > 1.001 {
		return fail.Invalid("linkage.model_sum", "line", at("levels"), "comparison", c.Name, "m", round(sumM), "u", round(sumU))
	}
	return nil
}

func round(x float64) float64 { return float64(int(x*1e4+0.5)) / 1e4 }

// checkWhen reads a level's condition and finds its tests.
func (m *Model) checkWhen(text string, c *comparisonFile, line int) error {
	cond, err := parseCondition(text)
	if err != nil {
		return fail.Invalid("linkage.model_expression", "line", line, "text", text)
	}
	return m.checkCondition(cond, c, line)
}

func (m *Model) checkCondition(cond condition, c *comparisonFile, line int) error {
	for _, p := range cond.parts {
		if err := m.checkCondition(p, c, line); err != nil {
			return err
		}
	}
	if cond.operator != 0 {
		return nil
	}
	columns, numbers, err := m.arguments(cond.call, line)
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		columns = []int{m.column(c.Column)}
	}
	k := kindOf(&m.file.Columns[columns[0]])
	t, known := testNamed(cond.call.name, k)
	if !known {
		return fail.Invalid("linkage.model_test", "line", line, "test", cond.call.name, "type", kindNames[k], "known", strings.Join(testNames(k), ", "))
	}
	second := k
	if t.second != 0 {
		second = t.second
	}
	sameKind := !slices.ContainsFunc(columns[1:], func(i int) bool { return kindOf(&m.file.Columns[i]) != second })
	if len(numbers) != t.numbers || len(columns) != max(t.columns, 1) || len(cond.call.values()) != t.values || !sameKind {
		return fail.Invalid("linkage.model_arguments", "line", line, "call", cond.call.String(), "want", t.usage())
	}
	return nil
}

// arguments parts the arguments of a call into columns and numbers.
func (m *Model) arguments(c call, line int) (columns []int, numbers []float64, err error) {
	for _, a := range c.args {
		if a.value != "" {
			continue
		}
		if a.word == "" {
			numbers = append(numbers, a.number)
			continue
		}
		i := m.column(a.word)
		if i < 0 {
			return nil, nil, m.unknownColumn(line, a.word)
		}
		columns = append(columns, i)
	}
	return columns, numbers, nil
}

func (m *Model) checkRelatives() error {
	for i, r := range m.file.Relatives {
		at := func(path ...any) int { return m.lines.at(append([]any{"relatives", i}, path...)...) }
		if r.Name == "" || (r.Mates > 0) == (r.Share > 0) || r.Share > 0.5 || len(r.Levels) == 0 {
			return fail.Invalid("linkage.model_setting", "line", at(), "setting", "relatives")
		}
		if err := m.checkGiven(r.Levels, at); err != nil {
			return err
		}
		for j, name := range r.Shared {
			if r.Levels[name] == nil {
				return fail.Invalid("linkage.model_comparison_unknown", "line", at("shared", j), "comparison", name)
			}
		}
	}
	return nil
}

func (m *Model) checkVariants() error {
	for i, v := range m.file.Variants {
		at := func(path ...any) int { return m.lines.at(append([]any{"variants", i}, path...)...) }
		if v.Name == "" || !(v.Share > 0 && v.Share < 1) || len(v.Levels) == 0 {
			return fail.Invalid("linkage.model_setting", "line", at(), "setting", "variants")
		}
		if err := m.checkGiven(v.Levels, at); err != nil {
			return err
		}
	}
	return nil
}

// checkGiven reads probabilities given by comparison and level.
func (m *Model) checkGiven(given map[string]map[string]float64, at func(...any) int) error {
	for name, levels := range given {
		c := m.comparison(name)
		if c < 0 {
			return fail.Invalid("linkage.model_comparison_unknown", "line", at("levels", name), "comparison", name)
		}
		sum := 0.0
		for level, p := range levels {
			known := slices.ContainsFunc(m.file.Comparisons[c].Levels, func(l levelFile) bool { return l.Level == level })
			if !known || !(p > 0 && p <= 1) {
				return fail.Invalid("linkage.model_level_unknown", "line", at("levels", name, level), "comparison", name, "level", level)
			}
			sum += p
		}
		if sum > 1.001 {
			return fail.Invalid("linkage.model_sum", "line", at("levels", name), "comparison", name, "m", 0, "u", round(sum))
		}
	}
	return nil
}

func (m *Model) checkSettings() error {
	f := &m.file
	for _, s := range []struct {
		path  []any
		sound bool
	}{
		{[]any{"prior", "duplicates"}, f.Prior.Duplicates > 0},
		{[]any{"prior", "listed"}, f.Prior.Listed > 0 && f.Prior.Listed < 1},
		{[]any{"dedupe", "link_bits"}, f.Dedupe.Link > f.Dedupe.Review},
		{[]any{"dedupe", "against_bits"}, f.Dedupe.Against > 0 && f.Dedupe.Against <= mostAgainst},
		{[]any{"link", "accept"}, f.Link.Accept > f.Link.Review && f.Link.Accept < 1},
		{[]any{"link", "review"}, f.Link.Review > 0},
		{[]any{"link", "gap_bits"}, f.Link.Gap >= 0},
		{[]any{"link", "settle_bits"}, f.Link.Settle >= 0},
		{[]any{"blocking", "cap"}, f.Blocking.Cap >= 2 && f.Blocking.Cap <= 1<<14},
		{[]any{"evaluate", "kinds"}, !slices.ContainsFunc(f.Evaluate.Kinds, func(name string) bool { return m.comparison(name) < 0 })},
		{[]any{"evaluate", "groups"}, f.Evaluate.Groups == "" || m.column(f.Evaluate.Groups) >= 0 && kindOf(&f.Columns[m.column(f.Evaluate.Groups)]) == kindName},
		{[]any{"blocking", "window"}, f.Blocking.Window >= 1 && f.Blocking.Window <= f.Blocking.Cap},
	} {
		if !s.sound {
			return fail.Invalid("linkage.model_setting", "line", m.lines.at(s.path...), "setting", s.path[0].(string)+"."+s.path[1].(string))
		}
	}
	return nil
}

func (m *Model) checkKeys() error {
	if n := len(m.file.Blocking.Keys); n > maxKeys {
		return fail.Invalid("linkage.model_many", "line", m.lines.at("blocking", "keys", maxKeys), "limit", maxKeys, "what", "keys")
	}
	for i, text := range m.file.Blocking.Keys {
		if err := m.checkKey(text, m.lines.at("blocking", "keys", i), 1); err != nil {
			return err
		}
	}
	for i, text := range m.file.Blocking.Refine {
		if err := m.checkKey(text, m.lines.at("blocking", "refine", i), 0); err != nil {
			return err
		}
	}
	return nil
}

// checkKey reads the alternatives of a key; at most many of the parts of each may have several values a row.
func (m *Model) checkKey(text string, line, many int) error {
	for _, one := range alternatives(text) {
		if err := m.checkAlternative(one, line, many); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) checkAlternative(text string, line, many int) error {
	parts, err := parseSum(text)
	if err != nil {
		return fail.Invalid("linkage.model_expression", "line", line, "text", text)
	}
	for _, p := range parts {
		part, column, err := m.part(p, line)
		if err != nil {
			return err
		}
		if part.many {
			many--
		}
		if len(p.args) > 0 && len(p.args)-1 != part.numbers || len(p.args) == 0 && m.column(p.name) < 0 {
			return fail.Invalid("linkage.model_arguments", "line", line, "call", p.String(), "want", part.usage(m.file.Columns[column].Name))
		}
		if many < 0 {
			return fail.Invalid("linkage.model_key_many", "line", line, "text", text)
		}
	}
	return nil
}

// part finds what a part of a key is made by: a column's own name, or a function of a column.
func (m *Model) part(p call, line int) (part keyPart, column int, err error) {
	if len(p.args) == 0 {
		column = m.column(p.name)
		if column < 0 {
			return part, 0, m.unknownColumn(line, p.name)
		}
		part, _ = keyPartNamed("value", kindOf(&m.file.Columns[column]))
		return part, column, nil
	}
	column = m.column(p.args[0].word)
	if column < 0 {
		return part, 0, m.unknownColumn(line, p.args[0].word)
	}
	k := kindOf(&m.file.Columns[column])
	part, known := keyPartNamed(p.name, k)
	if !known {
		return part, 0, fail.Invalid("linkage.model_key", "line", line, "function", p.name, "type", kindNames[k], "known", strings.Join(keyPartNames(k), ", "))
	}
	return part, column, nil
}
