package print

import (
	"tepat/internal/kit/pdf"
)

// Holder is one person a registration letter speaks of.
type Holder struct {
	Name     string `json:"name"`
	NIK      string `json:"nik"` // as it shall be printed
	Birth    string `json:"birth"`
	Relation string `json:"relation"`
}

// Held is one programme a family or a person is in.
type Held struct {
	Programme string `json:"programme"`
	Period    string `json:"period"`
	State     string `json:"state"`
}

// Registration is the letter that says whether people are in the registry.
type Registration struct {
	Issue      Issue    `json:"issue"`
	Registered bool     `json:"registered"`
	Holders    []Holder `json:"holders"`
	KK         string   `json:"kk"` // as it shall be printed
	Address    string   `json:"address"`

	Decile  int    `json:"decile"`  // 1 to 10; 0 means not ranked
	Vintage string `json:"vintage"` // of the decile: "Triwulan III 2026"
	Source  string `json:"source"`  // whose decile it is: "BPS"
	Held    []Held `json:"held"`

	AsOf       string `json:"as_of"`       // YYYY-MM-DD, of the records
	Purpose    string `json:"purpose"`     // what the holder needs it for
	ValidUntil string `json:"valid_until"` // YYYY-MM-DD
}

// Registration composes the letter: one page for a family of usual size.
func (p Press) Registration(r Registration) (Printed, error) {
	title := "letter.registration.title"
	if !r.Registered {
		title = "letter.registration.title_absent"
	}
	s, err := p.open(look{kind: "SKT", title: title, size: 11.5}, r.Issue, r)
	if err != nil {
		return Printed{}, err
	}
	s.Title(s.say(title))
	s.Write(pdf.Style{Align: pdf.Center, After: 5}, s.say("letter.number")+": "+pdf.Plain(r.Issue.Number))
	s.Paragraph(s.say("letter.registration.opening", "office", r.Issue.Office.Name))
	s.holders(r.Holders)
	if r.Registered {
		s.registered(r)
	} else {
		s.Paragraph(s.say("letter.registration.absent", "as_of", r.AsOf))
		s.Paragraph(s.say("letter.registration.absent_means", "phone", r.Issue.Office.Phone))
	}
	s.Paragraph(s.say("letter.registration.purpose", "purpose", r.Purpose, "until", r.ValidUntil))
	s.Write(pdf.Style{Size: 10, After: 4}, s.say("letter.registration.status_only"))
	s.sign(s.placeAndDate())
	return s.finish()
}

func (s *sheet) holders(holders []Holder) {
	t := pdf.Table{Size: 10, Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 10, Align: pdf.Right},
		{Head: s.say("letter.column.name")},
		{Head: s.say("letter.column.nik"), Width: 42},
		{Head: s.say("letter.column.birth"), Width: 30},
		{Head: s.say("letter.column.relation"), Width: 32},
	}}
	for i, h := range holders {
		t.Rows = append(t.Rows, pdf.Row{Cells: []string{
			s.press.words.Number(int64(i + 1)), pdf.Plain(h.Name), h.NIK, s.press.words.DateTextShort(h.Birth), pdf.Plain(h.Relation),
		}})
	}
	s.Table(t)
}

func (s *sheet) registered(r Registration) {
	s.Paragraph(s.say("letter.registration.present", "as_of", r.AsOf))
	rank := s.say("letter.registration.unranked")
	if r.Decile > 0 {
		rank = s.say("letter.registration.decile", "decile", r.Decile, "vintage", r.Vintage, "source", r.Source)
	}
	s.Fields([]pdf.Field{
		{Name: s.say("letter.column.kk"), Value: pdf.Plain(r.KK)},
		{Name: s.say("letter.column.address"), Value: pdf.Plain(r.Address)},
		{Name: s.say("letter.registration.rank"), Value: rank},
	}, 34)
	if len(r.Held) == 0 {
		s.Paragraph(s.say("letter.registration.no_programme"))
		return
	}
	t := pdf.Table{Size: 10, Columns: []pdf.Column{
		{Head: s.say("letter.column.programme")},
		{Head: s.say("letter.column.period"), Width: 52},
		{Head: s.say("letter.column.state"), Width: 36},
	}}
	for _, h := range r.Held {
		t.Rows = append(t.Rows, pdf.Row{Cells: []string{pdf.Plain(h.Programme), pdf.Plain(h.Period), pdf.Plain(h.State)}})
	}
	s.Table(t)
}
