package print

import "tepat/internal/kit/pdf"

// AccessCode is the slip with which a person opens her own pages.
type AccessCode struct {
	Issue Issue  `json:"issue"`
	Name  string `json:"name"`
	NIK   string `json:"nik"` // as it shall be printed
	// Secret is the code itself. It is no part of the digest, which is printed and might be kept.
	Secret     string `json:"-"`
	Address    string `json:"address"`     // of the page, without scheme
	ValidUntil string `json:"valid_until"` // YYYY-MM-DD
	Tries      int    `json:"tries"`       // wrong codes a day
}

// AccessCode composes the slip: one page, to be handed over and kept at home.
func (p Press) AccessCode(a AccessCode) (Printed, error) {
	s, err := p.open(look{kind: "KAW", title: "letter.access.title", size: 11.5}, a.Issue, a)
	if err != nil {
		return Printed{}, err
	}
	s.Title(s.say("letter.access.title"))
	s.Write(pdf.Style{Align: pdf.Center, After: 5}, s.say("letter.number")+": "+pdf.Plain(a.Issue.Number))
	s.Fields([]pdf.Field{{Name: s.say("letter.column.name"), Value: pdf.Plain(a.Name)}, {Name: s.say("letter.column.nik"), Value: pdf.Plain(a.NIK)}}, 34)
	s.Paragraph(s.say("letter.access.opening"))
	s.Write(pdf.Style{Family: pdf.Sans, Weight: pdf.Bold, Size: 30, Align: pdf.Center, After: 5}, pdf.Plain(a.Secret))
	s.section("letter.access.how")
	s.Items(func(i int) string { return p.words.Number(int64(i+1)) + "." }, []string{
		s.say("letter.access.step1", "address", a.Address), s.say("letter.access.step2"), s.say("letter.access.step3"),
	})
	s.Space(2)
	s.section("letter.access.mind")
	s.Paragraph(s.say("letter.access.until", "until", a.ValidUntil, "tries", a.Tries))
	s.Paragraph(s.say("letter.access.secret"))
	s.Paragraph(s.say("letter.access.lost", "office", a.Issue.Office.Name))
	s.sign(s.placeAndDate())
	return s.finish()
}
