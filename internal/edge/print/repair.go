package print

import (
	"tepat/internal/kit/pdf"
)

// RepairRow is one person whose record and the civil registry do not agree. What the
// registry holds is not printed: the officer at the registry looks it up.
type RepairRow struct {
	Name    string `json:"name"`
	NIK     string `json:"nik"` // as it shall be printed
	KK      string `json:"kk"`  // as it shall be printed
	RTRW    string `json:"rt_rw"`
	Differs string `json:"differs"` // what does not agree, in words
	Ours    string `json:"ours"`    // what our record and the papers in hand say
	Needed  string `json:"needed"`  // what the registry is asked to do
}

// RepairCount is how many rows have one kind of difference.
type RepairCount struct {
	Differs string `json:"differs"`
	Persons int    `json:"persons"`
}

// Repair is the letter of a village to the civil registry office.
type Repair struct {
	Issue   Issue         `json:"issue"`
	To      []string      `json:"to"`
	Village string        `json:"village"` // with its kind: "Negeri Soya"
	AsOf    string        `json:"as_of"`   // YYYY-MM-DD, of the comparison
	Counts  []RepairCount `json:"counts"`
	Rows    []RepairRow   `json:"rows"`
	Contact string        `json:"contact"` // who brings the papers, with phone
}

// Repair composes the letter with its sums, and the list of persons as an annex in landscape.
// The annex is a document of its own, because pages of a file have one orientation here: the
// letter names the annex by its code and digest.
func (p Press) Repair(r Repair) (letter, annex Printed, err error) {
	if annex, err = p.repairList(r); err != nil {
		return letter, annex, err
	}
	s, err := p.open(look{kind: "DKC", title: "letter.repair.subject", size: 11.5}, r.Issue, r)
	if err != nil {
		return letter, annex, err
	}
	s.about(s.say("letter.repair.subject"), r.To...)
	s.Paragraph(s.say("letter.repair.opening", "village", r.Village, "as_of", r.AsOf, "persons", len(r.Rows)))
	t := pdf.Table{Columns: []pdf.Column{
		{Head: s.say("letter.repair.differs")}, {Head: s.say("letter.column.persons"), Width: 30, Align: pdf.Right},
	}}
	sum := 0
	for _, c := range r.Counts {
		sum += c.Persons
		t.Rows = append(t.Rows, pdf.Row{Cells: []string{pdf.Plain(c.Differs), p.words.Number(int64(c.Persons))}})
	}
	t.Rows = append(t.Rows, pdf.Row{Kind: pdf.SumRow, Cells: []string{s.say("letter.sum"), p.words.Number(int64(sum))}})
	s.Table(t)
	s.Paragraph(s.say("letter.repair.ask", "code", annex.Code, "pages", annex.Pages))
	s.Paragraph(s.say("letter.repair.contact", "contact", r.Contact))
	s.Paragraph(s.say("letter.repair.secret"))
	s.sign("")
	letter, err = s.finish()
	return letter, annex, err
}

func (p Press) repairList(r Repair) (Printed, error) {
	s, err := p.open(look{kind: "DKL", title: "letter.repair.list", size: 10.5, landscape: true}, r.Issue, r)
	if err != nil {
		return Printed{}, err
	}
	s.Title(s.say("letter.repair.list"))
	s.Write(pdf.Style{Align: pdf.Center, After: 4},
		s.say("letter.repair.list_of", "village", r.Village, "number", r.Issue.Number, "as_of", r.AsOf))
	t := pdf.Table{Family: pdf.Sans, Size: 8.5, Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 11, Align: pdf.Right},
		{Head: s.say("letter.column.name"), Width: 44},
		{Head: s.say("letter.column.nik"), Width: 33},
		{Head: s.say("letter.column.kk"), Width: 33},
		{Head: s.say("letter.column.rt_rw"), Width: 17},
		{Head: s.say("letter.repair.differs"), Width: 34},
		{Head: s.say("letter.repair.ours")},
		{Head: s.say("letter.repair.needed"), Width: 42},
	}}
	for i, row := range r.Rows {
		t.Rows = append(t.Rows, pdf.Row{Cells: append([]string{p.words.Number(int64(i + 1))},
			plainAll([]string{row.Name, row.NIK, row.KK, row.RTRW, row.Differs, row.Ours, row.Needed})...)})
	}
	s.Table(t)
	return s.finish()
}
