package print

import (
	"tepat/internal/kit/pdf"
)

// DukcapilRow is one person whom only the population office can mend.
type DukcapilRow struct {
	Name string `json:"name"`
	NIK  string `json:"nik"` // as it shall be printed
	Head string `json:"head"`
}

// DukcapilCause are those of one cause, with what to ask for.
type DukcapilCause struct {
	Cause string        `json:"cause"`
	Ask   string        `json:"ask"`
	Rows  []DukcapilRow `json:"rows"`
}

// DukcapilVillage is the sheet of one village.
type DukcapilVillage struct {
	Village string          `json:"village"` // with its kind and subdistrict
	Causes  []DukcapilCause `json:"causes"`
}

// Dukcapil is the list of those whom only the population office can mend, a sheet for each village: each begins a page of its
// own, with a code of its own, so that it can be handed out by itself.
type Dukcapil struct {
	Issue    Issue             `json:"issue"`
	AsOf     string            `json:"as_of"` // YYYY-MM-DD
	Villages []DukcapilVillage `json:"villages"`
}

// dukcapilSheet is what one sheet says.
type dukcapilSheet struct {
	Issue   Issue           `json:"issue"`
	AsOf    string          `json:"as_of"`
	Village DukcapilVillage `json:"village"`
}

// Dukcapil composes the sheets in landscape. There must be one village at least.
func (p Press) Dukcapil(d Dukcapil) (Printed, error) {
	l := look{kind: "DKP", title: "letter.dukcapil.title", size: 10.5, landscape: true, several: true, working: true}
	var s *sheet
	for _, v := range d.Villages {
		var err error
		content := dukcapilSheet{d.Issue, d.AsOf, v}
		if s == nil {
			s, err = p.open(l, d.Issue, content)
		} else {
			err = s.turn(l, d.Issue, content)
		}
		if err != nil {
			return Printed{}, err
		}
		s.dukcapil(d.AsOf, v)
	}
	return s.finish()
}

func (s *sheet) dukcapil(asOf string, v DukcapilVillage) {
	s.Title(s.say("letter.dukcapil.title"))
	people := 0
	for _, c := range v.Causes {
		people += len(c.Rows)
	}
	s.Write(pdf.Style{Align: pdf.Center, Weight: pdf.Bold}, pdf.Plain(v.Village))
	s.Write(pdf.Style{Align: pdf.Center, After: 4}, s.say("letter.dukcapil.of", "count", people, "as_of", asOf))
	if len(v.Causes) == 0 {
		s.Paragraph(s.say("letter.dukcapil.none"))
		return
	}
	const hand, last = 8, 12 // mm, for an answer written by hand and for the sentence at the end
	t := pdf.Table{Family: pdf.Sans, Size: 9, Least: hand, Tail: last, Again: s.say("letter.dukcapil.again", "village", v.Village), Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 12, Align: pdf.Right},
		{Head: s.say("letter.column.name"), Width: 70},
		{Head: s.say("letter.column.nik"), Width: 40},
		{Head: s.say("letter.dukcapil.head"), Width: 60},
		{Head: s.say("letter.dukcapil.answer")},
	}}
	n := 0
	for _, c := range v.Causes {
		t.Rows = append(t.Rows, pdf.Row{Kind: pdf.GroupRow, Cells: []string{pdf.Plain(c.Cause + ". " + c.Ask)}})
		for _, row := range c.Rows {
			n++
			t.Rows = append(t.Rows, pdf.Row{Cells: append([]string{s.press.words.Number(int64(n))}, plainAll([]string{row.Name, row.NIK, row.Head, ""})...)})
		}
	}
	s.Table(t)
	s.Space(3)
	s.Paragraph(s.say("letter.dukcapil.secret"))
}
