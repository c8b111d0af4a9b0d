package web

import (
	"io"
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/edge/print"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/letters"
	"tepat/internal/service/screening"
)

// findingLetter prints what tells a family of a finding: with its code and the card of the family it objects at home.
func (d *Desk) findingLetter(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	t, err := d.Screening.Tell(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p, tree := i18n.Of(r), d.Places.Tree()
	n := print.Notice{
		Issue: d.issueOf(r, p, who, t.Area, t.Letter), Outcome: findingOutcome(t.Letter.Kind), Family: t.Family.HeadName, Person: t.Person.Name,
		Address: []string{t.Family.Address, rtrw(p, t.Family.RT, t.Family.RW), tree.Label(t.Area)}, Reference: t.Letter.Code,
		Programme: p.Text("findingsweb.letter_list"), Reason: lowerFirst(t.Criterion.Reason.Label.In(p.Lang.String())), Evidence: letterGrounds(p, t.Facts),
		Effective: t.Facts.Effective.Text(), ObjectUntil: t.Facts.Until.Text(), ObjectAt: p.Text("programmesweb.object_at", "office", d.Home.Name),
		AnswerBy: p.Text("programmesweb.object_answer"), TrackURL: d.forCitizens(r, "/surat"),
	}
	out, err := print.New(p).Notice(n)
	if err != nil {
		return err
	}
	return d.sendFile(w, t.Letter.Number+".pdf", "application/pdf", func(to io.Writer) error {
		_, err := to.Write(out.PDF)
		return err
	})
}

func findingOutcome(kind letters.Kind) print.Outcome {
	switch kind {
	case letters.Removal:
		return print.Removed
	case letters.Payee:
		return print.PayeeAsked
	}
	return print.Noticed
}

func letterGrounds(p i18n.Printer, facts screening.LetterFacts) (out []print.Evidence) {
	for _, g := range facts.Evidence {
		out = append(out, print.Evidence{What: p.Text("evidence.kind." + g.Kind), Source: g.Source, AsOf: g.AsOf})
	}
	return out
}
