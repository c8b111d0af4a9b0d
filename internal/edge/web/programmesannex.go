package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/edge/print"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/programmes"
	"tepat/web/desk"
	"tepat/web/ui"
)

// annexRows bounds an annex that is printed: its file is made in memory. A longer one is printed by kecamatan or village, or
// taken as a workbook.
const annexRows = 5_000

// papersPage offers the papers of a list: the decree's annex, and the letters of a village.
func (d *Desk) papersPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "daftar", "wilayah")
	if err != nil {
		return err
	}
	return d.showPapers(w, r, who, http.StatusOK, q, nil)
}

func (d *Desk) showPapers(w http.ResponseWriter, r *http.Request, who access.Actor, status int, q url.Values, problems []ui.FieldError) error {
	s, at, err := d.paperList(r, who, q)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	name := s.one.Name.In(p.Lang.String())
	page := d.page(r, who, "programmesweb.papers_title", "programme", name)
	page.Lead = p.Text("programmesweb.papers_lead", "period", p.DateText(s.list.Period.Text()), "state", p.Text("programmesweb.list."+string(s.list.State)))
	page.Back = &ui.Link{Label: name, Href: s.path() + "?daftar=" + rowID(s.tenant, s.list.ID)}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	filter := ui.Filter{Label: p.Text("programmesweb.papers_filter"), Action: s.path() + "/berkas", Clear: s.path() + "/berkas", Selects: []ui.SelectFilter{d.areaFilter(p, who, q.Get("wilayah"))},
		Hidden: []ui.Hidden{{Name: "daftar", Value: rowID(s.tenant, s.list.ID)}}}
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{listChip(p, s.list.State)}, Sections: []desk.Section{{ID: "tempat", Title: p.Text("programmesweb.papers_where"), Content: ui.FilterBar(filter)}}}
	if who.Can(access.ExportData) {
		v.Sections = append(v.Sections, desk.Section{ID: "lampiran", Title: p.Text("programmesweb.annex"), Text: p.Text("programmesweb.annex_text", "max", annexRows), Table: d.annexTable(p, s, at)})
	}
	if who.Can(access.IssueLetter) {
		letters, err := d.letterSection(r, p, who, s, at)
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, letters)
	}
	if who.Can(access.ExportData) && who.Can(access.RevealIdentity) {
		v.Forms = []desk.FormView{sealedForm(p, s, at, q, problems)}
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// paperList reads the list and the place whose papers are asked for: a draft has an annex too, which is what is signed.
func (d *Desk) paperList(r *http.Request, who access.Actor, q url.Values) (s shownList, at area.Code, err error) {
	if s, err = d.openList(r, who, q.Get("daftar")); err != nil {
		return s, at, err
	}
	if s.list == nil || s.list.State != programmes.Frozen && s.list.State != programmes.Draft {
		return s, at, fail.NotFound("programme.no_list")
	}
	at, err = d.areaOf(q.Get("wilayah"))
	return s, at, err
}

func (s shownList) papers(path string, at area.Code, more ...string) string {
	q := url.Values{"daftar": {rowID(s.tenant, s.list.ID)}}
	if at != area.Nation {
		q.Set("wilayah", at.Dotted())
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return s.path() + path + "?" + q.Encode()
}

func (d *Desk) annexTable(p i18n.Printer, s shownList, at area.Code) *ui.Table {
	where := d.Places.Tree().Name(s.at)
	if at != area.Nation {
		where = d.Places.Tree().Name(at)
	}
	t := &ui.Table{Caption: p.Text("programmesweb.annex"), Columns: []ui.Column{{Label: p.Text("programmesweb.paper"), Title: true}, {Label: p.Text("web.area")}}}
	for _, form := range []string{"pdf", "xlsx"} {
		label := p.Text("programmesweb.annex_" + form)
		t.Rows = append(t.Rows, ui.Row{ID: form, Label: label, Cells: []ui.Cell{{Text: label, Href: s.papers("/lampiran", at, "bentuk", form)}, {Text: where}}})
	}
	return t
}

func (d *Desk) letterSection(r *http.Request, p i18n.Printer, who access.Actor, s shownList, at area.Code) (desk.Section, error) {
	section := desk.Section{ID: "surat", Title: p.Text("programmesweb.letters"), Text: p.Text("programmesweb.letters_text")}
	if s.list.State != programmes.Frozen || at == area.Nation || at.Level() != area.LevelVillage {
		section.Table = &ui.Table{Caption: p.Text("programmesweb.letters"), Empty: &ui.Empty{Title: p.Text("programmesweb.letters_choose"), Text: p.Text("programmesweb.letters_choose_text")}}
		return section, nil
	}
	parts, err := d.Programmes.LetterParts(r.Context(), who, programmes.Village{Tenant: s.tenant, List: s.list.ID, Area: at})
	if err != nil {
		return section, err
	}
	section.Table = &ui.Table{Caption: p.Text("programmesweb.letters"), Columns: []ui.Column{{Label: p.Text("programmesweb.paper"), Title: true}, {Label: p.Text("web.village")}},
		Empty: &ui.Empty{Title: p.Text("programmesweb.letters_none"), Text: p.Text("programmesweb.letters_none_text")}}
	for _, part := range parts {
		label := p.Text("programmesweb.letters_part", "from", part.From, "to", part.To)
		section.Table.Rows = append(section.Table.Rows, ui.Row{ID: itoa(part.From), Label: label, Cells: []ui.Cell{{Text: label, Href: s.papers("/surat", at, "sesudah", itoa(part.After))}, {Text: d.Places.Tree().Name(at)}}})
	}
	return section, nil
}

func sealedForm(p i18n.Printer, s shownList, at area.Code, q url.Values, problems []ui.FieldError) desk.FormView {
	f := desk.FormView{ID: "tersegel", Title: p.Text("programmesweb.sealed"), Text: p.Text("programmesweb.sealed_text"), Form: ui.Form{Action: s.path() + "/lampiran", Hidden: []ui.Hidden{{Name: "daftar", Value: rowID(s.tenant, s.list.ID)}}}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "bentuk", Label: p.Text("programmesweb.form"), Error: problemOf(problems, "bentuk")}, Options: []ui.Option{
			{Value: "pdf", Label: "PDF", Selected: q.Get("bentuk") != "xlsx"}, {Value: "xlsx", Label: "XLSX", Selected: q.Get("bentuk") == "xlsx"}}},
		{Field: ui.Field{Name: "purpose", Label: p.Text("programmesweb.sealed_purpose"), Value: q.Get("purpose"), Error: problemOf(problems, "purpose"), MaxLength: 200}},
	}, Buttons: []ui.Button{{Label: p.Text("programmesweb.sealed_do"), Secondary: true}}}
	if at != area.Nation {
		f.Form.Hidden = append(f.Form.Hidden, ui.Hidden{Name: "wilayah", Value: at.Dotted()})
	}
	return f
}

// annex sends the public copy of a decree's annex: numbers masked.
func (d *Desk) annex(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "daftar", "wilayah", "bentuk")
	if err != nil {
		return err
	}
	return d.sendAnnex(w, r, who, q, programmes.Export{})
}

// sealedAnnex sends the copy with full numbers, for a purpose that is recorded.
func (d *Desk) sealedAnnex(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "daftar", "wilayah", "bentuk", "purpose")
	if err != nil {
		return err
	}
	return d.sendAnnex(w, r, who, form, programmes.Export{Reveal: true, Purpose: form.Get("purpose")})
}

func (d *Desk) sendAnnex(w http.ResponseWriter, r *http.Request, who access.Actor, q url.Values, e programmes.Export) error {
	s, at, err := d.paperList(r, who, q)
	if err != nil {
		return err
	}
	e.Tenant, e.List, e.State, e.Area = s.tenant, s.list.ID, programmes.Enrolled, at
	write, kind := d.annexPDF, "application/pdf"
	if q.Get("bentuk") == "xlsx" {
		write, kind = d.annexXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	} else if q.Get("bentuk") != "pdf" {
		return errNotFound
	}
	err = d.sendFile(w, "lampiran-"+string(s.one.ID)+"-"+s.list.Period.Text()+"."+q.Get("bentuk"), kind, func(out io.Writer) error { return write(r, who, s, e, out) })
	problems, wrong := formProblem(i18n.Of(r), err, "")
	if err == nil || wrong != nil {
		return err
	}
	w.Header().Del("Content-Disposition")
	return d.showPapers(w, r, who, http.StatusUnprocessableEntity, q, problems)
}

// annexPDF prints an annex by village, in the order of priority.
func (d *Desk) annexPDF(r *http.Request, who access.Actor, s shownList, e programmes.Export, out io.Writer) error {
	p := i18n.Of(r)
	tree, name := d.Places.Tree(), s.one.Name.In(p.Lang.String())
	zone := tree.Zone(s.at).Location()
	a := print.Annex{Copy: print.PublicCopy, Units: p.Text("programme.unit." + string(s.one.Unit)), Decree: d.annexDecree(p, s), About: s.list.Decree.About, Issue: print.Issue{
		Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: tree.Name(s.at)}, Number: s.list.Decree.Number, Issued: d.Now().In(zone),
		Signer: print.Signer{Role: dash(s.list.Decree.SignedBy)}, CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name,
	}}
	if a.About == "" {
		a.About = p.Text("programmesweb.annex_about", "programme", name, "period", p.DateText(s.list.Period.Text()))
	}
	if e.Reveal {
		a.Copy = print.SealedCopy
	}
	var last area.Code
	rows := 0
	err := d.Programmes.Export(r.Context(), who, e, func(row programmes.ExportRow) error {
		if rows++; rows > annexRows {
			return fail.Invalid("programmesweb.annex_rows", "max", annexRows)
		}
		if row.Area != last {
			last = row.Area
			a.Villages = append(a.Villages, print.AnnexVillage{District: tree.Name(row.Area.Subdistrict()), Village: tree.Name(row.Area)})
		}
		v := &a.Villages[len(a.Villages)-1]
		v.Rows = append(v.Rows, print.AnnexRow{Name: recipientName(row), NIK: row.NIK, RTRW: row.RT + "/" + row.RW, Programme: name, Amount: int64(row.Amount)})
		return nil
	})
	if err != nil {
		return err
	}
	if s.list.State == programmes.Frozen { // a draft is no paper anybody checks
		if e.Area == area.Nation {
			e.Area = s.at
		}
		entry, err := d.Programmes.Annex(r.Context(), who, programmes.Village{Tenant: s.tenant, List: s.list.ID, Area: e.Area}, e.Reveal)
		if err != nil {
			return err
		}
		a.Issue.Code = entry.Code
	}
	done, err := print.New(p).Annex(a)
	if err != nil {
		return err
	}
	_, err = out.Write(done.PDF)
	return err
}

// annexDecree names the decree an annex belongs to; that of a draft is not signed yet.
func (d *Desk) annexDecree(p i18n.Printer, s shownList) string {
	if s.list.Decree.Number == "" {
		return p.Text("programmesweb.annex_draft")
	}
	return p.Text("programmesweb.decree_text", "number", s.list.Decree.Number, "on", p.DateText(s.list.Decree.On.Text()), "by", s.list.Decree.SignedBy)
}

func recipientName(row programmes.ExportRow) string {
	if row.Name == "" {
		return row.Head
	}
	return row.Name
}

// annexXLSX writes an annex row by row, however long it is.
func (d *Desk) annexXLSX(r *http.Request, who access.Actor, s shownList, e programmes.Export, out io.Writer) error {
	p := i18n.Of(r)
	tree, name := d.Places.Tree(), s.one.Name.In(p.Lang.String())
	o := tabular.SheetOptions{Name: name, Notes: []string{p.Text("programmesweb.annex") + ": " + d.annexDecree(p, s), p.Text(map[bool]string{true: "letter.annex.sealed", false: "letter.annex.public"}[e.Reveal])}}
	if d.Home.Training {
		o.Notes = append(o.Notes, p.Text("letter.synthetic"))
	}
	for _, key := range []string{"letter.column.no", "letter.column.name", "letter.column.nik", "web.head", "programmesweb.kecamatan", "web.village", "letter.column.rt_rw", "web.address", "letter.column.programme", "letter.column.amount"} {
		o.Columns = append(o.Columns, tabular.Column{Title: p.Text(key)})
	}
	book := tabular.NewXLSXWriter(out)
	if err := book.Sheet(o); err != nil {
		return err
	}
	n, sum := int64(0), int64(0)
	err := d.Programmes.Export(r.Context(), who, e, func(row programmes.ExportRow) error {
		n, sum = n+1, sum+int64(row.Amount)
		return book.Write(tabular.Number(n), tabular.Text(recipientName(row)), tabular.Text(row.NIK), tabular.Text(row.Head), tabular.Text(tree.Name(row.Area.Subdistrict())), tabular.Text(tree.Name(row.Area)),
			tabular.Text(row.RT+"/"+row.RW), tabular.Text(row.Address), tabular.Text(name), tabular.Rupiah(int64(row.Amount)))
	})
	if err != nil {
		return err
	}
	last := make([]tabular.Cell, len(o.Columns))
	last[0], last[1], last[len(last)-1] = tabular.Number(n), tabular.Text(p.Text("letter.annex.total")), tabular.Rupiah(sum)
	if err := book.Write(last...); err != nil {
		return err
	}
	return book.Close()
}

// villageLetters prints the letters of a part of a village's recipients as one file. Those issued before are printed again.
func (d *Desk) villageLetters(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "daftar", "wilayah", "sesudah")
	if err != nil {
		return err
	}
	s, at, err := d.paperList(r, who, q)
	if err != nil {
		return err
	}
	after, err := atoi(q.Get("sesudah"))
	if err != nil {
		return errNotFound
	}
	list, err := d.Programmes.Awards(r.Context(), who, programmes.Village{Tenant: s.tenant, List: s.list.ID, Area: at}, after)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	letters := make([]print.Award, len(list))
	for i := range list {
		letters[i] = d.awardOf(r, p, who, list[i])
	}
	done, err := print.New(p).Awards(letters)
	if err != nil {
		return err
	}
	return d.sendFile(w, "surat-"+string(s.one.ID)+"-"+at.Dotted()+"-"+list[0].Letter.Number+".pdf", "application/pdf", func(out io.Writer) error {
		_, err := out.Write(done.PDF)
		return err
	})
}
