package linkage

import (
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

func (m *Model) checkColumns() error {
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		for _, check := range []func(*columnFile, int) error{m.checkColumn, m.checkForms, m.checkReferences} {
			if err := check(c, i); err != nil {
				return err
			}
		}
		for j, step := range c.Clean {
			if cleanerNamed(step) == nil {
				return fail.Invalid("linkage.model_clean", "line", m.lines.at("columns", i, "clean", j), "step", step, "known", strings.Join(cleanerNames(), ", "))
			}
		}
	}
	return nil
}

// checkColumn holds the name, the type and the place of a column to what they can be.
func (m *Model) checkColumn(c *columnFile, i int) error {
	at := func(field string) int { return m.lines.at("columns", i, field) }
	switch {
	case c.Name == "" || !named(c.Name) || strings.ContainsFunc(c.Name, notInName):
		return fail.Invalid("linkage.model_column_name", "line", at("name"), "column", c.Name)
	case m.column(c.Name) != i:
		return fail.Invalid("linkage.model_column_twice", "line", at("name"), "column", c.Name)
	case !slices.Contains(kindNames, c.Type):
		return fail.Invalid("linkage.model_column_type", "line", at("type"), "column", c.Name, "type", c.Type, "known", strings.Join(kindNames, ", "))
	case c.Instead != "" && m.column(c.Instead) < 0:
		return m.unknownColumn(at("instead_of"), c.Instead)
	case c.Instead != "" && m.column(c.Instead) >= i:
		return m.wrongSetting(i, "instead_of")
	}
	return nil
}

// checkForms holds to each other what is said of a column's own values.
func (m *Model) checkForms(c *columnFile, i int) error {
	k := kindOf(c)
	switch {
	case len(c.Length) != 0 && (len(c.Length) != 2 || c.Length[0] > c.Length[1]):
		return m.wrongSetting(i, "length")
	case !slices.Contains([]string{"", "ymd", "dmy", "mdy"}, c.Order):
		return m.wrongSetting(i, "order")
	case c.Since != 0 && (k != kindDate || c.Since < 1500 || c.Since > 2100):
		return m.wrongSetting(i, "years_from")
	case len(c.Widths) > 0 && (k != kindDigits || len(c.Widths) != len(c.Parts) || slices.Max(c.Widths) > 16 || slices.Min(c.Widths) < 1):
		return m.wrongSetting(i, "widths")
	case c.Looks != "" && lookNamed(c.Looks) == nil:
		return m.wrongSetting(i, "looks")
	case !m.codingsFit(c, k):
		return m.wrongSetting(i, "codings")
	case len(c.Age) > 0 && c.AgeAt == "":
		return m.wrongSetting(i, "age")
	}
	return nil
}

// checkReferences holds what a column says of others to what these are.
func (m *Model) checkReferences(c *columnFile, i int) error {
	k := kindOf(c)
	for _, r := range []struct {
		setting, name string
		fits          func(o *columnFile) bool
	}{
		{"else_with", c.With, func(o *columnFile) bool { return len(c.Else) > 0 && len(o.Else) > 0 && o.With == "" }},
		{"unlike", c.Unlike, func(o *columnFile) bool { return (k == kindDigits || k == kindName) && o != c && kindOf(o) == k }},
		{"age_at", c.AgeAt, func(*columnFile) bool { return k == kindDate && len(c.Age) > 0 }},
		{"stands_in", c.Within, func(o *columnFile) bool { return k == kindDate && kindOf(o) == kindText }},
		{"carries", c.Carries, func(o *columnFile) bool { return k == kindDigits && kindOf(o) == kindDate }},
		{"swaps_with", c.Swapped, func(o *columnFile) bool {
			return k == kindDigits && o != c && c.Carries != "" && kindOf(o) == kindDigits
		}},
	} {
		if r.name == "" {
			continue
		}
		switch place := m.column(r.name); {
		case place < 0:
			return m.unknownColumn(m.lines.at("columns", i, r.setting), r.name)
		case !r.fits(&m.file.Columns[place]):
			return m.wrongSetting(i, r.setting)
		}
	}
	return nil
}

// wrongSetting tells that a setting of a column cannot be as it is.
func (m *Model) wrongSetting(i int, setting string) error {
	return fail.Invalid("linkage.model_setting", "line", m.lines.at("columns", i, setting), "setting", setting)
}

// codingsFit tells whether each coding knows the value it is known by.
func (m *Model) codingsFit(c *columnFile, k kind) bool {
	for _, x := range c.Codings {
		if _, ok := x.Map[x.Known]; !ok || k != kindCode {
			return false
		}
	}
	return true
}
