package web

import (
	"slices"

	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// signSections show which signs of poverty of the decree a family's answers bear. The decree sets no number that makes a
// family poor: the page says so, and counts. Nothing is shown where nothing was answered.
func (d *Desk) signSections(p i18n.Printer, version string, family, head questionnaire.Answers) []desk.Section {
	if len(family)+len(head) == 0 {
		return nil
	}
	facts, err := d.Proposals.Forms().Derive(version, family, []questionnaire.Answers{head})
	if err != nil {
		return nil // a version this program does not know; its answers are not shown either
	}
	c := d.Signs.Count(facts.Family, facts.Members[0])
	text := p.Text("score.signs.count", "met", c.Met, "absent", c.Absent, "unknown", c.Unknown) + " "
	if c.Direct {
		text += p.Text("score.signs.direct")
	} else {
		text += p.Text("score.signs.no_threshold")
	}
	return []desk.Section{{ID: "tanda", Title: p.Text("score.signs.title", "basis", d.Signs.LegalBasis), Text: text, Table: d.signTable(p, c)}}
}

// signsOfCard are the signs the answers of a family of the registry bear, with those of its head where both were asked in
// one version of the questionnaire.
func (d *Desk) signsOfCard(p i18n.Printer, card registry.Card) []desk.Section {
	of := func(subject sqldb.ID) registry.Answers {
		i := slices.IndexFunc(card.Answers, func(a registry.Answers) bool { return a.Subject == subject })
		if i < 0 {
			return registry.Answers{}
		}
		return card.Answers[i]
	}
	family, head := of(card.Family.ID), registry.Answers{}
	if i := slices.IndexFunc(card.Members, func(m registry.Person) bool { return m.Relation == person.Head }); i >= 0 {
		head = of(card.Members[i].ID)
	}
	if head.Questionnaire != family.Questionnaire {
		head = registry.Answers{}
	}
	return d.signSections(p, family.Questionnaire, storedAnswers(family), storedAnswers(head))
}

func (d *Desk) signTable(p i18n.Printer, c scoring.SignCount) *ui.Table {
	t := &ui.Table{Caption: p.Text("score.signs.title", "basis", d.Signs.LegalBasis), Plain: true,
		Columns: []ui.Column{{Label: p.Text("score.signs.sign"), Title: true}, {Label: p.Text("web.outcome"), Status: true}}}
	for i, sign := range d.Signs.List {
		cell := ui.Cell{Text: sign.Label.In(p.Lang.String())}
		if sign.Unverified {
			cell.Sub = p.Text("score.signs.unverified")
		}
		found := ui.Cell{Text: p.Text("score.sign." + c.Answers[i].String())}
		if c.Answers[i] == scoring.SignMet {
			found = ui.Cell{Chip: &ui.Chip{Label: found.Text, Tone: ui.Wait}}
		}
		t.Rows = append(t.Rows, ui.Row{ID: sign.Code, Cells: []ui.Cell{cell, found}})
	}
	return t
}
