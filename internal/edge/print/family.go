package print

import (
	"tepat/internal/kit/pdf"
)

// Award is the letter that tells a family it was determined as recipient.
type Award struct {
	Issue     Issue    `json:"issue"`
	Family    string   `json:"family"`  // how it is addressed: "Ibu Siti Aminah"
	Address   []string `json:"address"` // lines below the name
	Reference string   `json:"reference"`
	Programme string   `json:"programme"`
	Amount    int64    `json:"amount"` // rupiah a payment; 0 where the help is no money
	Every     string   `json:"every"`  // "per bulan"
	Period    string   `json:"period"` // "Januari–Maret 2027"
	Decree    string   `json:"decree"` // the decree it rests on, with its date

	Bring       []string `json:"bring"` // what to bring; empty when nothing is fetched
	Where       string   `json:"where"`
	When        string   `json:"when"`
	ObjectUntil string   `json:"object_until"` // YYYY-MM-DD
	TrackURL    string   `json:"track_url"`    // without scheme
}

// Award composes the family letter: one page, the outcome in the first sentence, and a slip
// with the number to keep.
func (p Press) Award(a Award) (Printed, error) {
	return onePage([]float64{12, 11.5, 11}, func(size float64) (Printed, error) { return p.award(a, size) })
}

// onePage takes the largest size at which a letter fits one page; one that fits at none
// takes the first and runs over.
func onePage(sizes []float64, compose func(size float64) (Printed, error)) (first Printed, err error) {
	for i, size := range sizes {
		letter, err := compose(size)
		if err != nil || letter.Pages == 1 {
			return letter, err
		}
		if i == 0 {
			first = letter
		}
	}
	return first, nil
}

// Awards composes letters of award as one file, each beginning on a page of its own, at the size at which they fit
// one. At least one letter is given; the digest and code are those of the last.
func (p Press) Awards(list []Award) (Printed, error) {
	l := look{kind: "KEL", title: "letter.award.subject", size: 11, noScan: true, several: true}
	s, err := p.open(l, list[0].Issue, list[0])
	for i := range list {
		if err == nil && i > 0 {
			err = s.turn(l, list[i].Issue, list[i])
		}
		if err != nil {
			return Printed{}, err
		}
		s.awarded(list[i])
	}
	return s.finish()
}

func (p Press) award(a Award, size float64) (Printed, error) {
	s, err := p.open(look{kind: "KEL", title: "letter.award.subject", size: size, noScan: true}, a.Issue, a)
	if err != nil {
		return Printed{}, err
	}
	s.awarded(a)
	return s.finish()
}

// awarded sets the text of a letter of award.
func (s *sheet) awarded(a Award) {
	s.about(s.say("letter.award.subject"), append([]string{a.Family}, a.Address...)...)
	outcome := s.say("letter.award.outcome", "family", a.Family, "programme", a.Programme, "period", a.Period)
	if a.Amount > 0 {
		outcome = s.say("letter.award.outcome_money", "family", a.Family, "programme", a.Programme,
			"amount", s.press.words.Rupiah(a.Amount), "every", a.Every, "period", a.Period)
	}
	s.Paragraph(outcome + " " + s.say("letter.award.decree", "decree", a.Decree))
	if len(a.Bring) > 0 {
		s.Paragraph(s.say("letter.award.fetch", "when", a.When, "where", a.Where))
		s.Write(pdf.Style{}, s.say("letter.award.bring"))
		s.Items(dash, plainAll(a.Bring))
	}
	s.Box(s.say("letter.no_fee"))
	if a.Issue.Office.Phone == "" {
		s.Paragraph(s.say("letter.award.wrong_there", "until", a.ObjectUntil))
	} else {
		s.Paragraph(s.say("letter.award.wrong", "until", a.ObjectUntil, "phone", a.Issue.Office.Phone))
	}
	s.sign("")
	s.slip(a.Reference, a.TrackURL, a.Family, a.Programme)
}

// Outcome says what a notice tells a family.
type Outcome string

// The outcomes of a notice.
const (
	Refused        Outcome = "refused"         // a proposal was not determined
	Noticed        Outcome = "noticed"         // data speak against the family; nothing is decided yet
	PayeeAsked     Outcome = "payee"           // the family is asked for another payee
	RemovalPlanned Outcome = "removal_planned" // the removal comes into force on a later date
	Removed        Outcome = "removed"         // the removal is in force
	Suspended      Outcome = "suspended"       // the place is kept, and nothing is paid until the suspension is lifted
)

// Evidence is one fact a decision rests on, with its owner and date.
type Evidence struct {
	What   string `json:"what"`
	Source string `json:"source"`
	AsOf   string `json:"as_of"` // YYYY-MM-DD, YYYY-MM or YYYY
}

// Notice is the letter that tells a family or a person of a finding, a refusal or a removal.
type Notice struct {
	Issue     Issue      `json:"issue"`
	Outcome   Outcome    `json:"outcome"`
	Family    string     `json:"family"` // how it is addressed
	Person    string     `json:"person"` // the member it is about; empty when it is the whole family
	Address   []string   `json:"address"`
	Reference string     `json:"reference"`
	Programme string     `json:"programme"`
	Reason    string     `json:"reason"` // follows "karena": "penghasilan keluarga di atas upah minimum"
	Evidence  []Evidence `json:"evidence"`
	Effective string     `json:"effective"` // YYYY-MM-DD, of a removal

	ObjectUntil string   `json:"object_until"` // YYYY-MM-DD
	ObjectAt    string   `json:"object_at"`    // the office that takes the objection
	AnswerBy    string   `json:"answer_by"`    // who answers and in how many days, in words
	Attach      []string `json:"attach"`       // papers that help, one line each
	Meanwhile   string   `json:"meanwhile"`    // what holds while the objection is examined; may be empty
	TrackURL    string   `json:"track_url"`
}

// Notice composes the letter of refusal or removal: the outcome with its reason first, what
// it rests on, and how to object until when.
func (p Press) Notice(n Notice) (Printed, error) {
	return onePage([]float64{11.5, 11, 10.5}, func(size float64) (Printed, error) { return p.notice(n, size) })
}

func (p Press) notice(n Notice, size float64) (Printed, error) {
	title := "letter.notice.subject." + string(n.Outcome)
	s, err := p.open(look{kind: "PBT", title: title, size: size, noScan: true}, n.Issue, n)
	if err != nil {
		return Printed{}, err
	}
	s.about(s.say(title), append([]string{n.Family}, n.Address...)...)
	who := s.say("letter.notice.family", "family", n.Family)
	if n.Person != "" {
		who = s.say("letter.notice.person", "person", n.Person, "family", n.Family)
	}
	s.Paragraph(s.say("letter.notice.outcome."+string(n.Outcome), "who", who, "programme", n.Programme,
		"reason", n.Reason, "effective", n.Effective))
	if len(n.Evidence) > 0 {
		s.section("letter.notice.basis")
		s.evidence(n.Evidence)
	}
	s.section("letter.notice.disagree")
	s.Items(dash, s.wayToObject(n))
	s.sign("")
	s.slip(n.Reference, n.TrackURL, n.Family, n.Programme)
	return s.finish()
}

func (s *sheet) wayToObject(n Notice) []string {
	object := s.say("letter.notice.object", "where", n.ObjectAt, "url", n.TrackURL, "phone", n.Issue.Office.Phone)
	if n.Issue.Office.Phone == "" {
		object = s.say("letter.notice.object_there", "where", n.ObjectAt, "url", n.TrackURL)
	}
	steps := []string{
		object,
		s.say("letter.notice.until", "until", n.ObjectUntil),
	}
	for _, paper := range n.Attach {
		steps = append(steps, s.say("letter.notice.attach", "paper", paper))
	}
	steps = append(steps, s.say("letter.notice.answer", "answer", n.AnswerBy))
	if n.Meanwhile != "" {
		steps = append(steps, pdf.Plain(n.Meanwhile))
	}
	return append(steps, s.say("letter.notice.free"))
}

func (s *sheet) evidence(evidence []Evidence) {
	t := pdf.Table{Size: 10, Columns: []pdf.Column{
		{Head: s.say("letter.evidence.what")},
		{Head: s.say("letter.evidence.source"), Width: 62},
		{Head: s.say("letter.evidence.as_of"), Width: 28},
	}}
	for _, e := range evidence {
		t.Rows = append(t.Rows, pdf.Row{Cells: []string{pdf.Plain(e.What), pdf.Plain(e.Source), s.press.words.DateTextShort(e.AsOf)}})
	}
	s.Table(t)
}

// slip sets the strip with the number. The QR code holds the page to track on, with the
// number in the fragment for the same reason as in link.
func (s *sheet) slip(reference, trackURL, family, programme string) {
	s.Slip(pdf.Slip{
		Hint: s.say("letter.slip.hint"), Number: pdf.Plain(reference),
		Lines: []string{
			s.say("letter.slip.owner", "family", family, "programme", programme),
			s.say("letter.slip.track", "url", trackURL),
			s.say("letter.slip.scam"),
		},
		Scan: "https://" + trackURL + "#" + reference,
	})
}

func dash(int) string { return "–" }

func plainAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = pdf.Plain(text)
	}
	return out
}
