package web

import (
	"cmp"
	"strconv"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/exchange"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mapForm is the form of a file's reading: layout, sheet, what rows lack, and each column.
func (d *Desk) mapForm(p i18n.Printer, who access.Actor, up exchange.Upload, found exchange.Detection, problems []ui.FieldError) desk.FormView {
	form := desk.FormView{ID: "kolom", Title: p.Text("importsweb.map.columns"), Text: p.Text("importsweb.map.text"), Form: ui.Form{Action: "/impor/" + up.ID.String(), Guard: true},
		Buttons: []ui.Button{{Label: p.Text("importsweb.check"), Name: "do", Value: "check"}, {Label: p.Text("importsweb.map.save"), Name: "do", Value: "map", Secondary: true}},
		Cancel:  &ui.Link{Label: p.Text("web.cancel"), Href: "/pekerjaan"}}
	add := func(f desk.FieldView) {
		f.Field.Error = problemOf(problems, f.Field.Name)
		form.Fields = append(form.Fields, f)
	}
	add(desk.FieldView{Field: ui.Field{Name: "layout", Label: p.Text("importsweb.layout"), Hint: p.Text("importsweb.layout_hint")}, Select: true, Options: d.layoutOptions(p, up, found)})
	if len(found.Info.Sheets) > 1 {
		var sheets []ui.Option
		for _, s := range found.Info.Sheets {
			sheets = append(sheets, ui.Option{Value: s, Label: s, Selected: s == found.Info.Sheet})
		}
		add(desk.FieldView{Field: ui.Field{Name: "sheet", Label: p.Text("importsweb.sheet")}, Select: true, Options: sheets})
	}
	if places := importAreas(who, up.Subject); len(places) > 1 {
		var options []ui.Option
		for _, at := range places {
			options = append(options, ui.Option{Value: at.Dotted(), Label: d.Places.Tree().Label(at), Selected: at == up.Plan.Area})
		}
		add(desk.FieldView{Field: ui.Field{Name: "area", Label: p.Text("importsweb.area")}, Select: true, Options: options})
	}
	if !found.Has("source") && up.Subject != exchange.Civil {
		add(desk.FieldView{Field: ui.Field{Name: "source", Label: p.Text("importsweb.source"), Hint: p.Text("importsweb.source_hint"), Value: cmp.Or(up.Plan.Source, d.Home.Name), MaxLength: 60}})
	}
	if !found.HasDate(up.Subject) {
		add(desk.FieldView{Field: ui.Field{Name: "as_of", Label: p.Text("importsweb.as_of"), Hint: p.Text("importsweb.as_of_hint"), Value: cmp.Or(up.Plan.AsOf, d.today(who)), Chars: 10, MaxLength: 10}})
	}
	form.Fields = append(form.Fields, desk.FieldView{Markup: ui.DataTable(columnTable(p, up, found, problems))})
	return form
}

// today is the date at the actor's office, as files write it.
func (d *Desk) today(who access.Actor) string {
	home, _ := who.Home()
	return d.Places.LocalDate(home, d.Now()).Text()
}

func (d *Desk) layoutOptions(p i18n.Printer, up exchange.Upload, found exchange.Detection) []ui.Option {
	options := []ui.Option{{Value: exchange.ByHeadings, Label: p.Text("importsweb.by_headings"), Selected: found.Layout == nil}}
	for _, m := range d.Exchange.Layouts(up.Subject) {
		label := m.Title.ID
		if p.Lang == i18n.English {
			label = m.Title.EN
		}
		options = append(options, ui.Option{Value: m.Name, Label: label, Selected: found.Layout != nil && found.Layout.Name == m.Name})
	}
	return options
}

// columnTable offers for each column what it may go to. Questionnaire items are known by
// their number and stay as they are.
func columnTable(p i18n.Printer, up exchange.Upload, found exchange.Detection, problems []ui.FieldError) ui.Table {
	t := ui.Table{Caption: p.Text("importsweb.map.caption"), Plain: true, Columns: []ui.Column{
		{Label: p.Text("importsweb.column"), Numeric: true}, {Label: p.Text("importsweb.heading")}, {Label: p.Text("importsweb.goes_to")},
	}}
	fields := exchange.FieldsOf(up.Subject)
	for _, c := range found.Columns {
		if c.Item {
			continue
		}
		options := []ui.Option{{Value: "", Label: p.Text("importsweb.not_used")}}
		for _, f := range fields {
			options = append(options, ui.Option{Value: f, Label: columnWords(p, f), Selected: f == c.Field})
		}
		if c.Field == "row_number" {
			options = append(options, ui.Option{Value: c.Field, Label: columnWords(p, c.Field), Selected: true})
		}
		name := columnName(c.Number)
		heading := ui.Cell{Text: dash(c.Heading)}
		if c.Repeated {
			heading.Sub = p.Text("importsweb.repeated")
		}
		field := ui.Field{Name: name, Label: p.Text("importsweb.column_label", "heading", c.Heading), LabelHidden: true, Error: problemOf(problems, name)}
		t.Rows = append(t.Rows, ui.Row{ID: name, Cells: []ui.Cell{{Text: strconv.Itoa(c.Number)}, heading, {Content: ui.SelectField(field, options)}}})
	}
	return t
}

func columnName(n int) string { return "column." + strconv.Itoa(n) }
