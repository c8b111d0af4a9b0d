// Package public holds the pages citizens see without signing in: the start page, the status
// check, the check of a letter. They load no script, and every one carries the warning
// against scams. Handlers in internal/edge/public fill the views.
package public

import (
	"context"

	"github.com/a-h/templ"

	"tepat/internal/kit/i18n"
	"tepat/web/site"
	"tepat/web/ui"
)

// HomeView is the start page.
type HomeView struct {
	Check  string // URL of the status check
	Letter string // URL of the check of a letter; empty when letters are not checked here
	// Status says in a word whether the service works, StatusHref leads to the whole story.
	Status     ui.Chip
	StatusHref string
	// Services are what a citizen can send or follow here; empty where that is done at the office.
	Services []Card
	Contact  site.Contact
}

// Card leads to a page, with what it is for.
type Card struct{ Title, Text, Href string }

// ChoicesView is a page of cards.
type ChoicesView struct {
	Cards   []Card
	Contact site.Contact
}

// FormView is a form of one page.
type FormView struct {
	Action    string
	Multipart bool // it takes files
	Hidden    []ui.Hidden
	Fields    []templ.Component
	Problems  []ui.FieldError
	Notices   []ui.Notice
	Question  *Question // asked after several sendings or fruitless tries
	Buttons   []ui.Button
	Cancel    *ui.Link
	Contact   site.Contact
}

// CaseView is one thing a citizen sent: the receipt, or where it stands.
type CaseView struct {
	Received string // what was received; with Number
	Number   string
	Problems []ui.FieldError
	Notices  []ui.Notice
	Sections []Part
	Forms    []PartForm
	Pager    *ui.Pager // of the sections, where they are a list that goes on
	Links    []ui.Link
	Contact  site.Contact
}

// Part is a section of a CaseView.
type Part struct {
	ID, Title, Text string
	Items           []ui.SummaryItem
	Table           *ui.Table
	Events          []ui.Event
	Content         templ.Component // what no other field holds, such as a picture; may be nil
	Links           []ui.Link
}

// PartForm is a form of a CaseView.
type PartForm struct {
	ID, Title, Text string
	Action          string
	Multipart       bool // it takes files
	Hidden          []ui.Hidden
	Fields          []templ.Component
	Buttons         []ui.Button
}

// CheckView is the form of the status check as it was last sent.
type CheckView struct {
	Action   string
	NIK      string
	Last6    string
	Question *Question // asked after several tries that found nothing
	Problems []ui.FieldError
	Help     string // URL of the help page
}

// Question is a sum in words, with the token that proves who asked it and when.
type Question struct {
	Words string
	Token string
}

// AnswerView is the answer of the status check. It holds nothing of the person: not even
// what was typed, so that it can be left on a shared screen and be the same for everybody.
type AnswerView struct {
	Found    bool
	Benefits []ui.SummaryItem // programme and period in words
	Again    string           // URL of the empty form
	Contact  site.Contact
}

// key chooses the words of a state: neutral, listed, or listed with programmes.
func (v AnswerView) key() string {
	switch {
	case !v.Found:
		return "neutral"
	case len(v.Benefits) == 0:
		return "listed"
	}
	return "benefits"
}

// tone is green only where there is something to receive.
func (v AnswerView) tone() ui.Tone {
	if len(v.Benefits) > 0 {
		return ui.Good
	}
	return ui.Info
}

// WaitView tells somebody who tried too often when to come back.
type WaitView struct {
	Sentence string
	Until    string // "Coba lagi setelah 21 November 2026 pukul 14.30 WIT."
	Again    string // URL of the form
	Contact  site.Contact
}

// LetterView is the form that checks a letter, and its answer when there is one.
type LetterView struct {
	Action   string
	Code     string
	Problems []ui.FieldError
	Letter   *Letter
	Again    string // URL of the empty form
	Object   string // where an objection to what the letter tells begins; empty where there is none
	Contact  site.Contact
}

// Letter is what a code tells of a letter.
type Letter struct {
	Kind   string // in words
	Issued string // in words
	Code   string // as it stands on the paper
	Valid  bool
}

// problem finds the sentence of one field's problem.
func problem(list []ui.FieldError, field string) string {
	for _, p := range list {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

func text(ctx context.Context, key string, facts ...any) string {
	return i18n.From(ctx).Text(key, facts...)
}
