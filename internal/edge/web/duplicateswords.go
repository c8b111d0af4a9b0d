package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/web/desk"
	"tepat/web/ui"
)

// Of a pair across two offices each sees one person. The page shows what the first said and asks the second.

// wordsSection tells what offices said of the pair and what the other answered, the newest first; none where each
// decision was one office's alone.
func (d *Desk) wordsSection(r *http.Request, p i18n.Printer, who access.Actor, b duplicates.Bench) ([]desk.Section, error) {
	if len(b.Words) == 0 {
		return nil, nil
	}
	var ids []sqldb.ID
	for _, w := range b.Words {
		ids = append(ids, w.SaidBy)
		if w.Answer != duplicates.Unanswered {
			ids = append(ids, w.AnsweredBy)
		}
	}
	names, err := d.Accounts.Names(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	zone := d.zone(who)
	var events []ui.Event
	add := func(at time.Time, by sqldb.ID, title, text string, tone ui.Tone) {
		events = append(events, ui.Event{When: p.Moment(at.In(zone)), ISO: at.Format(time.RFC3339), By: names[by], Title: title, Text: text, Tone: tone})
	}
	for _, w := range b.Words {
		if w.Answer != duplicates.Unanswered {
			tone := ui.Plain
			switch w.Answer {
			case duplicates.Agreed:
				tone = ui.Good
			case duplicates.Disagreed:
				tone = ui.Bad
			}
			add(w.AnsweredAt, w.AnsweredBy, p.Text("duplicatesweb.word."+string(w.Answer)), w.AnswerNote, tone)
		}
		add(w.SaidAt, w.SaidBy, p.Text("duplicatesweb.word.said", "office", d.officeOf(p, b, w)), withNote(p.Text("duplicates.reason."+w.Reason), w.Note), ui.Wait)
	}
	return []desk.Section{{ID: "kata", Title: p.Text("duplicatesweb.words"), Text: p.Text("duplicatesweb.words_text"), Events: events}}, nil
}

// officeOf names the place of the person whom whoever said a word reviews.
func (d *Desk) officeOf(p i18n.Printer, b duplicates.Bench, w duplicates.Word) string {
	i := 0
	if w.SeesRight {
		i = 1
	}
	return p.Text("duplicatesweb.office", "side", p.Text("duplicatesweb.side."+[]string{leftSide, rightSide}[i]), "place", d.Places.Tree().Label(b.Sides[i].Area))
}

// withNote adds a note to why the two are two persons.
func withNote(reason, note string) string {
	if note == "" {
		return reason
	}
	return reason + ". " + note
}

// wordNotice says at the head of the page how the two offices stand to each other.
func (d *Desk) wordNotice(p i18n.Printer, b duplicates.Bench) (n ui.Notice, ok bool) {
	if w := b.Waiting(); w != nil {
		text := p.Text("duplicatesweb.word_waits", "office", d.officeOf(p, b, *w))
		if b.MayAnswer {
			text = p.Text("duplicatesweb.word_asks", "office", d.officeOf(p, b, *w), "why", withNote(p.Text("duplicates.reason."+w.Reason), w.Note))
		}
		return ui.Notice{Tone: ui.Wait, Title: p.Text("duplicates.state.awaiting"), Text: text}, true
	}
	if b.Pair.State == duplicates.Open && len(b.Words) > 0 && b.Words[0].Answer == duplicates.Disagreed {
		return ui.Notice{Tone: ui.Wait, Title: p.Text("duplicatesweb.disagreed"), Text: p.Text("duplicatesweb.disagreed_text", "said", b.Words[0].AnswerNote),
			Link: &ui.Link{Label: p.Text("duplicatesweb.words"), Href: "#kata"}}, true
	}
	return ui.Notice{}, false
}

// wordForms asks the other office for its answer, and lets the first take its word back.
func wordForms(p i18n.Printer, path string, b duplicates.Bench, problems []ui.FieldError, typed map[string]string) (forms []desk.FormView) {
	action := ui.Form{Action: path + "/putusan"}
	if b.MayAnswer {
		forms = append(forms, desk.FormView{ID: "putusan", Title: p.Text("duplicatesweb.answer"), Text: p.Text("duplicatesweb.answer_text"), Form: action,
			Buttons: []ui.Button{pairButton(p, "sepakat", false)}},
			desk.FormView{ID: "keberatan", Title: p.Text("duplicatesweb.disagree"), Text: p.Text("duplicatesweb.disagree_text"), Form: ui.Form{Action: action.Action, Guard: true}, Fields: []desk.FieldView{
				{Field: ui.Field{Name: "answer", Label: p.Text("duplicatesweb.disagree_why"), Hint: p.Text("duplicatesweb.disagree_hint"), Value: typed["answer"], Error: problemOf(problems, "answer"), MaxLength: 1000}, Rows: 3},
			}, Buttons: []ui.Button{pairButton(p, "keberatan", true)}})
	}
	if b.MayWithdraw && !b.MayAnswer {
		forms = append(forms, desk.FormView{ID: "putusan", Title: p.Text("duplicatesweb.decide"), Text: p.Text("duplicatesweb.word_own"), Form: action, Buttons: []ui.Button{pairButton(p, "tarik", true)}})
	}
	return forms
}

func pairButton(p i18n.Printer, action string, secondary bool) ui.Button {
	return ui.Button{Label: p.Text("duplicatesweb.do." + action), Name: "do", Value: action, Secondary: secondary}
}

// wordAct answers a word that waits, or takes it back.
func (d *Desk) wordAct(r *http.Request, who access.Actor, w duplicates.Word, form url.Values) (err error) {
	ref := duplicates.Ref{Tenant: w.Tenant, ID: w.ID}
	switch form.Get("do") {
	case "sepakat":
		_, err = d.Duplicates.Agree(r.Context(), who, ref)
	case "keberatan":
		_, err = d.Duplicates.Disagree(r.Context(), who, ref, strings.TrimSpace(form.Get("answer")))
	case "tarik":
		_, err = d.Duplicates.Withdraw(r.Context(), who, ref)
	default:
		err = fail.Invalid("request.unreadable")
	}
	return err
}
