package public

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	"tepat/internal/kit/tabular"
	view "tepat/web/public"
	"tepat/web/ui"
)

// Figures are the figures of a district that anybody may see; service/insight makes them, behind an adapter: this site
// reaches that office by nothing else.
type Figures struct {
	Area    area.Code
	Month   period.Month   // whose they are; zero: the day's
	Months  []period.Month // that can be chosen, the latest first
	AsOf    time.Time      // zero: never counted
	Columns []FigureColumn
	Lines   []FigureLine // the district, then each subdistrict followed by its villages
	// Smallest is the smallest number that is shown.
	Smallest int64
}

// FigureColumn is a column in the reader's language, with what its numbers are a part of.
type FigureColumn struct{ Key, Name, Of string }

// FigureLine is one area.
type FigureLine struct {
	Code   area.Code
	Name   string
	Values []FigureValue
	// Counted and Kept tell of an area above the district of how many districts it is the sum, and how many are kept there.
	Counted, Kept int
}

// FigureValue is one number.
type FigureValue struct {
	N            int64
	None, Hidden bool // not known; not shown
}

// OpenData are the public figures.
type OpenData struct {
	// Districts lists the districts that are kept here.
	Districts func() []Place
	// Figures gives those of one: of a month that is closed, or of the latest. Errors: area.unknown, insight.period.
	Figures func(ctx context.Context, p i18n.Printer, district area.Code, month period.Month) (Figures, error)
	// Wide gives those of the provinces of the nation, or of the districts of a province. Errors: those of Figures.
	Wide func(ctx context.Context, p i18n.Printer, at area.Code, month period.Month) (Figures, error)
	// Outlines gives the shapes of the areas right below one; empty where none were imported.
	Outlines func(ctx context.Context, at area.Code) (Outlines, error)
	// Breaks gives the bounds of the five classes of a map.
	Breaks func(values []int64) [4]float64
}

// Outlines are shapes of areas, with where they are from.
type Outlines struct {
	Of           map[area.Code][][]svg.Point
	Source, AsOf string
}

const (
	figuresPath = "/data"
	figuresFile = figuresPath + "/unduh.csv"
)

// figures shows the areas right below one: provinces of the nation, districts of a province, subdistricts of a district, or the
// villages of a subdistrict.
func (s *Site) figures(w http.ResponseWriter, r *http.Request) error {
	q, err := httpkit.ReadQuery(r, "wilayah", "bulan", "peta")
	if err != nil {
		return err
	}
	at, err := s.figuresArea(q.Get("wilayah"))
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	month, err := figuresMonth(q.Get("bulan"))
	if err != nil {
		return err
	}
	f, lines, err := s.readFigures(r.Context(), p, at, month)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fail.NotFound("area.unknown", "area", at.Dotted())
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	page := s.page(p, figuresPath, "public.data.title")
	page.OtherLang += "&" + q.Encode()
	if q.Get("wilayah") == "" && at != area.Nation {
		page.OtherLang += "&wilayah=" + at.Dotted()
	}
	page.Narrow = false
	page.Title = p.Text("public.data.of", "place", lines[0].Name)
	if !f.Month.IsZero() {
		page.Title = p.Text("public.data.of_month", "place", lines[0].Name, "month", monthWords(p, f.Month))
	}
	page.Lead = p.Text("public.data.lead", "smallest", f.Smallest)
	page.Description = page.Lead
	page.Back = s.figuresBack(p, f, at)
	v := s.figuresView(p, f, at, lines)
	key := q.Get("peta")
	if key == "" && wide(at) && len(f.Columns) > 0 { // of which the map is what people come for
		key = f.Columns[0].Key
	}
	if key != "" && !f.AsOf.IsZero() {
		drawn, err := s.figuresMap(r.Context(), p, f, at, lines[1:], key)
		if err != nil {
			return err
		}
		v.Sections = append([]view.Part{drawn}, v.Sections...)
	}
	return httpkit.Render(w, r, http.StatusOK, view.WideCase(page, v))
}

// figuresMonth reads which month is asked for; none is the latest that is closed.
func figuresMonth(text string) (period.Month, error) {
	if text == "" {
		return period.Month{}, nil
	}
	m, err := period.ParseMonth(text)
	if err != nil {
		return m, fail.NotFound("request.not_found")
	}
	return m, nil
}

func monthWords(p i18n.Printer, m period.Month) string {
	return p.MonthName(m.Month()) + " " + strconv.Itoa(m.Year())
}

// figuresArea reads which area is asked for; none is the one that holds all that is kept here.
func (s *Site) figuresArea(text string) (area.Code, error) {
	if text == "" {
		return s.widest(), nil
	}
	at, err := area.Parse(text)
	if err != nil || at.Level() == area.LevelVillage || at.Level() < s.widest().Level() {
		return at, fail.NotFound("request.not_found")
	}
	return at, nil
}

func (s *Site) figuresHref(p i18n.Printer, at area.Code, month period.Month, mapped string) string {
	to := url.Values{}
	if at != area.Nation {
		to.Set("wilayah", at.Dotted())
	}
	if !month.IsZero() {
		to.Set("bulan", month.Text())
	}
	if mapped != "" {
		to.Set("peta", mapped)
	}
	if p.Lang != i18n.Indonesian {
		to.Set("lang", p.Lang.String())
	}
	return withQuery(s.o.Prefix+figuresPath, to)
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// below gives the line of an area and those right below it.
func below(f Figures, at area.Code) (out []FigureLine) {
	for _, l := range f.Lines {
		if l.Code == at || l.Code.Parent() == at {
			out = append(out, l)
		}
	}
	if len(out) > 0 && out[0].Code != at {
		return nil
	}
	return out
}

func (s *Site) figuresView(p i18n.Printer, f Figures, at area.Code, lines []FigureLine) view.CaseView {
	if f.AsOf.IsZero() {
		return view.CaseView{Notices: []ui.Notice{{Tone: ui.Wait, Title: p.Text("public.data.never"), Text: p.Text("public.data.never_text")}}, Contact: s.o.Contact}
	}
	t := &ui.Table{Caption: p.Text("public.data.table", "place", lines[0].Name), Columns: []ui.Column{{Label: p.Text("public.data.area"), Title: true}}}
	notes := []ui.SummaryItem{{Label: p.Text("public.data.as_of"), Value: p.Moment(s.moment(f.AsOf))}}
	for _, c := range f.Columns {
		t.Columns = append(t.Columns, ui.Column{Label: c.Name, Numeric: true})
		if c.Of != "" {
			notes = append(notes, ui.SummaryItem{Label: c.Name, Value: p.Text("public.data.part_of", "whole", c.Of)})
		}
	}
	if wide(at) {
		t.Columns = append(t.Columns, ui.Column{Label: p.Text("public.data.counted"), Numeric: true})
	}
	for _, l := range lines[1:] {
		name := ui.Cell{Text: l.Name}
		if l.Code.Level() != area.LevelVillage {
			name.Href = s.figuresHref(p, l.Code, f.Month, "")
		}
		t.Rows = append(t.Rows, ui.Row{ID: l.Code.Dotted(), Label: l.Name, Cells: append([]ui.Cell{name}, figureCells(p, f, l)...)})
	}
	t.Foot = append([]ui.Cell{{Text: p.Text("public.data.total")}}, figureCells(p, f, lines[0])...)
	notes = append(notes, ui.SummaryItem{Label: p.Text("public.data.hidden"), Value: p.Text("public.data.hidden_text", "smallest", f.Smallest)},
		ui.SummaryItem{Label: p.Text("public.data.licence"), Value: p.Text("public.data.licence_text", "office", s.o.Contact.Office)})
	file := url.Values{}
	if at != area.Nation {
		file.Set("wilayah", at.Dotted())
		if at.Level() == area.LevelSubdistrict {
			file.Set("wilayah", at.District().Dotted())
		}
	}
	if !f.Month.IsZero() {
		file.Set("bulan", f.Month.Text())
	}
	if p.Lang != i18n.Indonesian {
		file.Set("lang", p.Lang.String())
	}
	parts := []view.Part{{ID: "angka", Title: listWords(p, at), Table: t, Links: s.mapLinks(p, f, at)}}
	if wide(at) {
		parts[0].Links = nil // the map is there
		notes = append(notes, ui.SummaryItem{Label: p.Text("public.data.sums"), Value: p.Text("public.data.sums_text")})
	}
	kind := "public.data.months_text"
	if f.Month.IsZero() {
		kind = "public.data.no_month"
	}
	notes = append(notes, ui.SummaryItem{Label: p.Text("public.data.kind"), Value: p.Text(kind)})
	if links := s.monthLinks(p, f, at); len(links) > 0 {
		parts = append(parts, view.Part{ID: "bulan", Title: p.Text("public.data.months"), Links: links})
	}
	return view.CaseView{Contact: s.o.Contact, Sections: append(parts,
		view.Part{ID: "keterangan", Title: p.Text("public.data.notes"), Items: notes, Links: []ui.Link{{Label: p.Text("public.data.csv"), Href: withQuery(s.o.Prefix+figuresFile, file)}}})}
}

func figureCells(p i18n.Printer, f Figures, l FigureLine) (out []ui.Cell) {
	for _, v := range l.Values {
		switch {
		case v.None:
			out = append(out, ui.Cell{Text: "–"})
		case v.Hidden:
			out = append(out, ui.Cell{Text: p.Text("public.data.not_shown")})
		default:
			out = append(out, ui.Cell{Text: p.Number(v.N)})
		}
	}
	if wide(f.Area) {
		out = append(out, ui.Cell{Text: l.counted(p)})
	}
	return out
}

// figuresCSV gives every area of a district as a file, a row an area, each with its date, its wholes and the licence:
// rows of files are cut out and pasted elsewhere.
func (s *Site) figuresCSV(w http.ResponseWriter, r *http.Request) error {
	q, err := httpkit.ReadQuery(r, "wilayah", "bulan")
	if err != nil {
		return err
	}
	at, err := s.figuresArea(q.Get("wilayah"))
	if err != nil {
		return err
	}
	month, err := figuresMonth(q.Get("bulan"))
	if err != nil {
		return err
	}
	if at.Level() > area.LevelDistrict {
		return fail.NotFound("request.not_found")
	}
	p := i18n.Of(r)
	f, _, err := s.readFigures(r.Context(), p, at, month)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := s.writeFigures(&out, p, f); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Content-Disposition", `attachment; filename="data-terbuka-`+at.Dotted()+dashed(f.Month.Text())+`.csv"`)
	return httpkit.Bytes(w, r, http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
}

func (s *Site) writeFigures(out *bytes.Buffer, p i18n.Printer, f Figures) error {
	csv := tabular.NewCSVWriter(out, tabular.CSVOptions{Mark: true})
	head := []tabular.Cell{tabular.Text(p.Text("public.data.file_code")), tabular.Text(p.Text("public.data.area"))}
	for _, c := range f.Columns {
		title := c.Name
		if c.Of != "" {
			title = p.Text("public.data.file_of", "column", c.Name, "whole", c.Of)
		}
		head = append(head, tabular.Text(title))
	}
	if wide(f.Area) {
		head = append(head, tabular.Text(p.Text("public.data.counted")))
	}
	head = append(head, tabular.Text(p.Text("public.data.file_month")), tabular.Text(p.Text("public.data.as_of")), tabular.Text(p.Text("public.data.licence")))
	if err := csv.Write(head...); err != nil {
		return err
	}
	when := ""
	if !f.AsOf.IsZero() {
		when = s.moment(f.AsOf).Format(time.RFC3339)
	}
	for _, l := range f.Lines {
		row := []tabular.Cell{tabular.Text(l.Code.Dotted()), tabular.Text(l.Name)}
		for _, v := range l.Values {
			switch {
			case v.None:
				row = append(row, tabular.Cell{})
			case v.Hidden:
				row = append(row, tabular.Text(p.Text("public.data.not_shown")))
			default:
				row = append(row, tabular.Number(v.N))
			}
		}
		if wide(f.Area) {
			row = append(row, tabular.Text(l.countedFile()))
		}
		if err := csv.Write(append(row, tabular.Text(f.Month.Text()), tabular.Text(when), tabular.Text("CC BY 4.0"))...); err != nil {
			return err
		}
	}
	return csv.Close()
}
