package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// letterSections list the letters that were issued about a family and its members, newest first.
func (d *Desk) letterSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	subjects := []sqldb.ID{card.Family.ID}
	for _, m := range card.Members {
		subjects = append(subjects, m.ID)
	}
	list, err := d.Letters.ListOf(r.Context(), who, card.Family.Tenant, subjects...)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("programmesweb.family_letters"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("web.kind")}, {Label: p.Text("programmesweb.issued")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.family_letters_empty"), Text: p.Text("programmesweb.family_letters_empty_text")}}
	zone := d.Places.Tree().Zone(card.Family.Area).Location()
	today := d.Places.LocalDate(card.Family.Area, d.Now())
	for _, l := range list {
		chip := ui.Chip{Label: p.Text("programmesweb.letter_holds"), Tone: ui.Good}
		if !l.ValidOn(today) {
			chip = ui.Chip{Label: p.Text("programmesweb.letter_over")}
		}
		number := ui.Cell{Text: l.Number}
		if who.Can(access.IssueLetter) && l.ValidOn(today) {
			number.Href = letterPath(l)
		}
		t.Rows = append(t.Rows, ui.Row{ID: l.ID.String(), Label: l.Number, Cells: []ui.Cell{number, {Text: p.Text("letters.kind." + string(l.Kind))}, {Text: p.MomentShort(l.IssuedAt.In(zone))}, {Chip: &chip}}})
	}
	return []desk.Section{{ID: "surat", Title: p.Text("programmesweb.family_letters"), Table: t}}, nil
}

// letterPath is where a letter about a place on a list is printed again; letters of other offices have none here.
func letterPath(l letters.Letter) string {
	var said struct {
		Enrolment sqldb.ID     `json:"enrolment"`
		Change    sqldb.ID     `json:"change"`
		Programme programme.ID `json:"programme"`
	}
	if err := l.Decode(&said); err != nil || said.Enrolment.IsZero() || said.Programme == "" {
		return ""
	}
	if !said.Change.IsZero() {
		return "/program/" + string(said.Programme) + "/keputusan/" + rowID(l.Tenant, said.Change) + "/surat"
	}
	if l.Kind == letters.Award {
		return "/program/" + string(said.Programme) + "/penerima/" + rowID(l.Tenant, said.Enrolment) + "/surat"
	}
	return ""
}
