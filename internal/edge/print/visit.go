package print

import (
	"strings"

	"tepat/internal/kit/pdf"
)

// VisitMember is a member of a family as the registry has her; numbers as they shall be printed.
type VisitMember struct {
	Name     string `json:"name"`
	NIK      string `json:"nik"`
	Relation string `json:"relation"`
	Sex      string `json:"sex"`  // L or P
	Born     string `json:"born"` // place and date
}

// VisitQuestion is a question of the questionnaire.
type VisitQuestion struct {
	Number   string `json:"number"`
	Ask      string `json:"ask"`
	Codes    string `json:"codes"`    // the answers there are, with their codes
	Recorded string `json:"recorded"` // what is recorded, in words
}

// Visit is the sheet that is filled in by hand when a family is visited. Of a family nobody knows yet it is blank.
type Visit struct {
	Issue   Issue           `json:"issue"`
	Known   bool            `json:"known"` // a family of the registry
	Village string          `json:"village"`
	KK      string          `json:"no_kk"`
	Address string          `json:"address"`
	RTRW    string          `json:"rtrw"`
	Members []VisitMember   `json:"members"`
	Form    string          `json:"form"` // title of the questionnaire
	Family  []VisitQuestion `json:"family"`
	Person  []VisitQuestion `json:"person"`
}

const (
	// handRows is how many members a sheet has room for that is not known before.
	handRows = 8
	// moreRows is how many a sheet has for those who joined a family of the registry.
	moreRows = 3
	// handAnswers is how many members' answers stand beside each question.
	handAnswers = 6
	// hand is where something is written: dots, as on every form, and room for a hand.
	hand = "................................................"
)

// Visit composes the sheet in landscape.
func (p Press) Visit(v Visit) (Printed, error) {
	l := look{kind: "KUN", title: "letter.visit.title", size: 10, landscape: true, working: true}
	s, err := p.open(l, v.Issue, v)
	if err != nil {
		return Printed{}, err
	}
	s.Title(s.say("letter.visit.title"))
	how := "letter.visit.blank"
	if v.Known {
		how = "letter.visit.known"
	}
	s.Paragraph(s.say(how))
	filled := func(text string) string {
		if text == "" {
			return hand
		}
		return pdf.Plain(text)
	}
	s.Fields([]pdf.Field{
		{Name: s.say("letter.visit.on"), Value: hand}, {Name: s.say("letter.visit.by"), Value: hand}, {Name: s.say("letter.visit.village"), Value: filled(v.Village)},
		{Name: s.say("letter.visit.address"), Value: filled(strings.TrimSpace(v.Address + " " + v.RTRW))}, {Name: s.say("letter.visit.kk"), Value: filled(v.KK)}, {Name: s.say("letter.visit.phone"), Value: hand},
	}, 52)
	s.visitMembers(v)
	s.visitQuestions(v)
	s.Space(3)
	s.Paragraph(s.say("letter.visit.after"))
	s.Signatures(pdf.Signature{Role: s.say("letter.visit.visitor"), Name: " "}, pdf.Signature{Role: s.say("letter.visit.family"), Name: " "})
	s.Space(2)
	s.Paragraph(s.say("letter.visit.secret"))
	return s.finish()
}

// visitMembers sets the members, each with room for what differs, and lines for those who are new.
func (s *sheet) visitMembers(v Visit) {
	t := pdf.Table{Family: pdf.Sans, Size: 9, Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 10, Align: pdf.Right}, {Head: s.say("letter.column.name"), Width: 52}, {Head: s.say("letter.column.nik"), Width: 40},
		{Head: s.say("letter.visit.relation"), Width: 30}, {Head: s.say("letter.visit.sex"), Width: 12}, {Head: s.say("letter.visit.born"), Width: 44}, {Head: s.say("letter.visit.mother")},
	}}
	if v.Known {
		t.Columns[6] = pdf.Column{Head: s.say("letter.visit.now")}
	}
	n := 0
	add := func(cells ...string) {
		n++
		row := append([]string{s.press.words.Number(int64(n)) + "\n "}, cells...)
		t.Rows = append(t.Rows, pdf.Row{Cells: row})
	}
	for _, m := range v.Members {
		add(append(plainAll([]string{m.Name, m.NIK, m.Relation, m.Sex, m.Born}), s.say("letter.visit.lives"))...)
	}
	room := handRows
	if v.Known {
		room = moreRows
	}
	for range room {
		add("", "", "", "", "", "")
	}
	s.Table(t)
	s.Space(2)
}

// visitQuestions sets the questions of the family's part, and those asked of each member with a column for each.
func (s *sheet) visitQuestions(v Visit) {
	if v.Form == "" {
		return
	}
	s.Need(30) // not alone at the foot of a page
	s.Paragraph("**" + pdf.Plain(v.Form) + "**")
	family := pdf.Table{Family: pdf.Sans, Size: 8, Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 14}, {Head: s.say("letter.visit.question"), Width: 74}, {Head: s.say("letter.visit.codes")}, {Head: s.say("letter.visit.answer"), Width: 34},
	}}
	if v.Known {
		family.Columns = append(family.Columns[:3], pdf.Column{Head: s.say("letter.visit.recorded"), Width: 40}, family.Columns[3])
	}
	for _, q := range v.Family {
		cells := []string{q.Number, q.Ask, q.Codes, ""}
		if v.Known {
			cells = []string{q.Number, q.Ask, q.Codes, q.Recorded, ""}
		}
		family.Rows = append(family.Rows, pdf.Row{Cells: plainAll(cells)})
	}
	s.Table(family)
	s.Space(3)
	person := pdf.Table{Family: pdf.Sans, Size: 8, Columns: []pdf.Column{{Head: s.say("letter.column.no"), Width: 14}, {Head: s.say("letter.visit.question"), Width: 70}, {Head: s.say("letter.visit.codes")}}}
	for i := range handAnswers {
		person.Columns = append(person.Columns, pdf.Column{Head: s.say("letter.visit.member", "n", i+1), Width: 13})
	}
	for _, q := range v.Person {
		person.Rows = append(person.Rows, pdf.Row{Cells: append(plainAll([]string{q.Number, q.Ask, q.Codes}), make([]string, handAnswers)...)})
	}
	s.Table(person)
}
