package linkage

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/flatcsv"
)

// Labelled is a pair a person decided, as its comparison vector: how each comparison agreed, and no value of anybody.
type Labelled struct {
	Same   bool    // one thing; else two
	Model  string  // that weighed it
	Bits   float64 // the weight it had
	Levels map[string]string
}

// The columns of a file of labels that are no comparison, and what the first of them says.
const (
	labelColumn = "label"
	modelColumn = "model"
	bitsColumn  = "bits"
	labelSame   = "same"
	labelTwo    = "different"
)

// WriteLabels writes labels as CSV: the label, the model, the weight, then the level of each comparison of the model.
// Rows are ordered by what they hold, so that a file tells nothing of who was decided when.
func (m *Model) WriteLabels(w io.Writer, list []Labelled) error {
	header := []string{labelColumn, modelColumn, bitsColumn}
	for _, c := range m.file.Comparisons {
		header = append(header, c.Name)
	}
	rows := make([][]string, len(list))
	for i, l := range list {
		label := labelTwo
		if l.Same {
			label = labelSame
		}
		rows[i] = []string{label, l.Model, strconv.FormatFloat(l.Bits, 'f', 2, 64)}
		for _, c := range m.file.Comparisons {
			rows[i] = append(rows[i], l.Levels[c.Name])
		}
	}
	slices.SortFunc(rows, slices.Compare)
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	return cmp.Or(out.WriteAll(rows), out.Error())
}

// ParseLabels reads a file of labels. A level the model does not have, such as one of an older model, says nothing.
//
// Errors: those of flatcsv.Parse; linkage.labels_column (facts column, header) when a file is none of labels;
// linkage.labels_value (facts line, value) for a label that is neither same nor different, or a weight that is no number.
func (m *Model) ParseLabels(text []byte) ([]Labelled, error) {
	table, err := flatcsv.Parse(text)
	if err != nil {
		return nil, err
	}
	header := table.Header()
	at := map[string]int{}
	for i, h := range header {
		at[h] = i
	}
	for _, name := range []string{labelColumn, bitsColumn} {
		if _, there := at[name]; !there {
			return nil, fail.Invalid("linkage.labels_column", "column", name)
		}
	}
	out := make([]Labelled, 0, table.Rows())
	var fields [][]byte
	for row := range table.Rows() {
		fields = table.Fields(row, fields)
		value := func(name string) string {
			if i, there := at[name]; there && i < len(fields) {
				return string(fields[i])
			}
			return ""
		}
		l := Labelled{Same: value(labelColumn) == labelSame, Model: value(modelColumn), Levels: map[string]string{}}
		l.Bits, err = strconv.ParseFloat(value(bitsColumn), 64)
		if err != nil || !l.Same && value(labelColumn) != labelTwo {
			return nil, fail.Invalid("linkage.labels_value", "line", row+2)
		}
		for _, c := range m.file.Comparisons {
			if level := value(c.Name); m.levelOf(c.Name, level) >= 0 {
				l.Levels[c.Name] = level
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// levelOf gives the place of a level of a comparison, -1 for none.
func (m *Model) levelOf(comparison, level string) int {
	c := m.comparison(comparison)
	if c < 0 || level == "" {
		return -1
	}
	return slices.IndexFunc(m.file.Comparisons[c].Levels, func(l levelFile) bool { return l.Level == level })
}

// Learn gives the engine pairs people decided, for Train.
func (e *Engine) Learn(list []Labelled) { e.decided = list }

// LabelReport says what the labels of reviewers say of the weights the pairs had.
type LabelReport struct {
	Same      int     `json:"same"`
	Different int     `json:"different"`
	Right     int     `json:"right"` // of the same ones, those at the bar of linking
	Wrong     int     `json:"wrong"` // of the different ones, those at it
	Bar       float64 `json:"bar"`   // in bits
}

// labelled counts the levels of the pairs labelled as one, by comparison of the plan and level, and what the labels say of
// the weights. Pairs labelled as two were shown because they agree in much: they say nothing of random pairs, so u is
// not counted on them.
func (e *Engine) labelled() (counts [][]float64, r LabelReport) {
	r.Bar = e.model.file.Dedupe.Link
	counts = make([][]float64, len(e.plan.comparisons))
	for k := range counts {
		counts[k] = make([]float64, len(e.plan.comparisons[k].file.Levels))
	}
	for _, l := range e.decided {
		switch {
		case !l.Same:
			r.Different++
			if l.Bits >= r.Bar {
				r.Wrong++
			}
			continue
		case l.Bits >= r.Bar:
			r.Right++
		}
		r.Same++
		for k := range counts {
			name := e.plan.comparisons[k].file.Name
			if j := e.model.levelOf(name, l.Levels[name]); j >= 0 {
				counts[k][j]++
			}
		}
	}
	return counts, r
}
