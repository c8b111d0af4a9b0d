package web

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/edge/print"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/service/suggestions"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mostOnPaper is how many persons are set on paper at once: a district has fewer whom only Dukcapil can mend.
const mostOnPaper = 10_000

// dukcapilForm asks for the list as paper, or as a workbook.
func (d *Desk) dukcapilForm(p i18n.Printer, r *http.Request, who access.Actor, place string, problems []ui.FieldError) desk.FormView {
	typed := r.PostForm
	places := d.areaFilter(p, who, place)
	places.Field.Label, places.Field.Error = p.Text("web.area"), problemOf(problems, "wilayah")
	formats := []ui.Option{{Value: "pdf", Label: p.Text("mismatchesweb.dukcapil.pdf"), Hint: p.Text("mismatchesweb.dukcapil.pdf_hint"), Selected: typed.Get("format") != "xlsx"}}
	if who.Can(access.ExportData) {
		formats = append(formats, ui.Option{Value: "xlsx", Label: p.Text("exportsweb.format.xlsx"), Hint: p.Text("mismatchesweb.dukcapil.xlsx_hint"), Selected: typed.Get("format") == "xlsx"})
	}
	fields := []desk.FieldView{{Field: places.Field, Options: places.Options, Select: true}, {Field: ui.Field{Name: "format", Label: p.Text("exportsweb.format"), Error: problemOf(problems, "format")}, Options: formats}}
	if who.Can(access.RevealIdentity) {
		reveal := purposeFields(p, typed, problems)
		reveal[0].Options[0].Label, reveal[0].Options[0].Hint = p.Text("mismatchesweb.dukcapil.reveal"), p.Text("mismatchesweb.dukcapil.reveal_hint")
		fields = append(fields, reveal...)
	}
	return desk.FormView{ID: "berkas", Title: p.Text("mismatchesweb.dukcapil.take"), Text: p.Text("mismatchesweb.dukcapil.take_text"), Form: ui.Form{Action: "/padan/dukcapil"}, Fields: fields,
		Buttons: []ui.Button{{Label: p.Text("exportsweb.download")}}}
}

// dukcapilFile hands the list on once the act is recorded.
func (d *Desk) dukcapilFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "wilayah", "format", "reveal", "purpose")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	in := suggestions.Listing{File: form.Get("format") == "xlsx", Reveal: form.Get("reveal") != "", Purpose: form.Get("purpose")}
	if in.Area, err = d.areaOf(form.Get("wilayah")); err != nil {
		return err
	}
	if in.Reveal && !slices.Contains(exchange.Purposes(), in.Purpose) {
		return d.showDukcapil(w, r, who, http.StatusUnprocessableEntity, form.Get("wilayah"), []ui.FieldError{{Field: "purpose", Message: p.Error(fail.Invalid("export.purpose"))}})
	}
	name := "dukcapil-" + placeOf(who, in.Area).Dotted() + "-" + d.today(who)
	if in.File {
		err = d.sendFile(w, name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(out io.Writer) error {
			return d.dukcapilSheet(r, p, who, in, out)
		})
	} else {
		in.Most = mostOnPaper
		err = d.sendFile(w, name+".pdf", "application/pdf", func(out io.Writer) error { return d.dukcapilPaper(r, p, who, in, out) })
	}
	if f, ok := fail.As(err); ok && f.Kind == fail.KindInvalid {
		return d.showDukcapil(w, r, who, http.StatusUnprocessableEntity, form.Get("wilayah"), []ui.FieldError{{Field: fieldOr(f.Field, "wilayah"), Message: p.Error(f)}})
	}
	return err
}

// placeOf is the area a list is of: the one chosen, or the reader's own.
func placeOf(who access.Actor, at area.Code) area.Code {
	if at == area.Nation {
		at, _ = who.Home()
	}
	return at
}

// dukcapilSheet writes the list as a workbook, a row a person, with what to ask beside each.
func (d *Desk) dukcapilSheet(r *http.Request, p i18n.Printer, who access.Actor, in suggestions.Listing, out io.Writer) error {
	w := tabular.NewXLSXWriter(out)
	tree := d.Places.Tree()
	o := tabular.SheetOptions{Name: p.Text("mismatchesweb.dukcapil.link"), Paper: true, Columns: []tabular.Column{
		{Title: p.Text("web.level.subdistrict"), Width: 16}, {Title: p.Text("web.village"), Width: 18}, {Title: p.Text("web.name"), Width: 26}, {Title: p.Text("web.nik"), Width: 18}, {Title: p.Text("letter.dukcapil.head"), Width: 24},
		{Title: p.Text("mismatchesweb.cause"), Width: 24}, {Title: p.Text("mismatchesweb.dukcapil.ask_title"), Width: 36}, {Title: p.Text("mismatchesweb.dukcapil.answer"), Width: 30},
	}}
	if d.Home.Training {
		o.Notes = append(o.Notes, p.Text("exportsweb.synthetic"))
	}
	o.Notes = append(o.Notes, p.Text("mismatchesweb.dukcapil.title", "place", tree.Title(placeOf(who, in.Area))),
		p.Text("mismatchesweb.dukcapil.from", "office", d.Home.Name, "as_of", d.today(who)), p.Text("letter.dukcapil.secret"))
	if err := w.Sheet(o); err != nil {
		return err
	}
	_, err := d.Suggestions.ListDukcapil(r.Context(), who, in, func(m suggestions.Line) error {
		return w.Write(tabular.Text(tree.Name(m.Area.Parent())), tabular.Text(tree.Name(m.Area)), tabular.Text(m.Name), tabular.Text(listedNIK(p, m, in.Reveal)), tabular.Text(m.HeadName),
			tabular.Text(causeWords(p, m.Causes[0])), tabular.Text(p.Text("mismatchesweb.dukcapil.ask."+string(m.Causes[0]))), tabular.Text(""))
	})
	if err != nil {
		return err
	}
	return w.Close()
}

// dukcapilPaper sets the list on paper, a sheet for each village.
func (d *Desk) dukcapilPaper(r *http.Request, p i18n.Printer, who access.Actor, in suggestions.Listing, out io.Writer) error {
	var villages []print.DukcapilVillage
	var last area.Code
	tree := d.Places.Tree()
	_, err := d.Suggestions.ListDukcapil(r.Context(), who, in, func(m suggestions.Line) error {
		if len(villages) == 0 || m.Area != last {
			v := print.DukcapilVillage{Village: tree.Address(m.Area)}
			for _, c := range suggestions.DukcapilCauses() {
				v.Causes = append(v.Causes, print.DukcapilCause{Cause: causeWords(p, c), Ask: p.Text("mismatchesweb.dukcapil.ask." + string(c))})
			}
			villages, last = append(villages, v), m.Area
		}
		i := slices.Index(suggestions.DukcapilCauses(), m.Causes[0])
		c := &villages[len(villages)-1].Causes[i]
		c.Rows = append(c.Rows, print.DukcapilRow{Name: m.Name, NIK: listedNIK(p, m, in.Reveal), Head: m.HeadName})
		return nil
	})
	if err != nil {
		return err
	}
	if len(villages) == 0 { // the paper says so
		villages = []print.DukcapilVillage{{Village: tree.Address(placeOf(who, in.Area))}}
	}
	for i := range villages {
		villages[i].Causes = slices.DeleteFunc(villages[i].Causes, func(c print.DukcapilCause) bool { return len(c.Rows) == 0 })
	}
	zone := d.zone(who)
	at, _ := who.Home()
	done, err := print.New(p).Dukcapil(print.Dukcapil{Villages: villages, AsOf: d.today(who), Issue: print.Issue{
		Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: tree.Name(at.District())}, Issued: d.Now().In(zone), Signer: print.Signer{Role: roleWords(p, who), Name: who.Name},
		CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name,
	}})
	if err == nil {
		_, err = out.Write(done.PDF)
	}
	return err
}
