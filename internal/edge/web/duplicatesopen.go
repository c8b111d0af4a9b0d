package web

import (
	"math"
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// The two sides of a pair, as forms name them.
const (
	leftSide  = "kiri"
	rightSide = "kanan"
)

// pair is the review page of a pair.
func (d *Desk) pair(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	b, err := d.openPair(r, who)
	if err != nil {
		return err
	}
	return d.showPair(w, r, who, b, http.StatusOK, nil, nil)
}

func (d *Desk) openPair(r *http.Request, who access.Actor) (duplicates.Bench, error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return duplicates.Bench{}, err
	}
	return d.Duplicates.Open(r.Context(), who, duplicates.Ref{Tenant: tenant, ID: id})
}

func (d *Desk) showPair(w http.ResponseWriter, r *http.Request, who access.Actor, b duplicates.Bench, status int, problems []ui.FieldError, typed map[string]string) error {
	p := i18n.Of(r)
	page := d.page(r, who, "duplicatesweb.pair_title")
	page.Lead = p.Text("duplicates.kind." + string(b.Pair.Kind))
	page.Context = sideTitle(p, b.Sides[0])
	page.Back = d.back(r, p.Text("duplicatesweb.title"), "/ganda")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{pairChip(p, b.Pair.State)}, Notices: d.pairNotices(p, b), Sections: []desk.Section{
		{ID: "banding", Title: p.Text("duplicatesweb.compare"), Compare: pairCompare(p, b)},
		d.whySection(p, b),
	}}
	if len(b.Others) > 0 {
		v.Sections = slices.Insert(v.Sections, 1, d.othersSection(p, b))
	}
	families := desk.Section{ID: "keluarga", Title: p.Text("duplicatesweb.families")}
	for i, side := range b.Sides {
		families.Beside = append(families.Beside, d.sideSection(p, side, i))
	}
	v.Sections = append(v.Sections, families)
	words, err := d.wordsSection(r, p, who, b)
	if err != nil {
		return err
	}
	plan, err := d.planSection(r, p, who, b)
	if err != nil {
		return err
	}
	if plan != nil {
		v.Sections = slices.Insert(v.Sections, 1, *plan)
	}
	v.Sections = append(words, v.Sections...)
	kept, err := d.onward(r, p, who, duplicateQueue)
	if err != nil {
		return err
	}
	v.Notices = append(kept, v.Notices...)
	v.Forms = d.pairForms(p, r, who, b, problems, typed)
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func (d *Desk) pairNotices(p i18n.Printer, b duplicates.Bench) (out []ui.Notice) {
	for _, s := range b.Sides {
		if !s.Visible {
			out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("duplicatesweb.hidden"), Text: p.Text("duplicates.outside", "place", d.Places.Tree().Address(s.Area))})
		}
	}
	if n, ok := d.wordNotice(p, b); ok {
		out = append(out, n)
	}
	switch b.Pair.State {
	case duplicates.Open:
		out = append(out, oneNotice(p, "duplicatesweb.second", "duplicates.second.", b.TwoPersons)...)
		out = append(out, oneNotice(p, "duplicatesweb.warning", "duplicates.warn.", b.Warnings)...)
	case duplicates.Awaiting:
		if b.Waiting() != nil {
			break
		}
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("duplicates.state.awaiting"), Text: p.Text("duplicatesweb.awaiting_text")})
	case duplicates.Merged:
		if b.Merge != nil {
			out = append(out, ui.Notice{Tone: ui.Good, Title: p.Text("duplicates.state.merged"),
				Text: p.Text("duplicatesweb.merged_text", "until", p.Moment(b.Merge.UndoUntil.In(d.Places.Tree().Zone(b.Pair.Area).Location())))})
		}
	case duplicates.Distinct:
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("duplicates.state.distinct"), Text: withNote(p.Text("duplicates.reason."+b.Pair.Decision), b.Pair.Note)})
	}
	return out
}

// oneNotice says several things of one kind under one title; nothing where there are none.
func oneNotice(p i18n.Printer, title, prefix string, codes []string) []ui.Notice {
	if len(codes) == 0 {
		return nil
	}
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = p.Text(prefix + code)
	}
	return []ui.Notice{{Tone: ui.Wait, Title: p.Text(title), Text: strings.Join(texts, " ")}}
}

func sideTitle(p i18n.Printer, s duplicates.Side) string {
	if !s.Visible {
		return p.Text("duplicatesweb.hidden")
	}
	return s.Person.Name
}

// recordWords gives what a record says of a field; numbers print masked.
func recordWords(p i18n.Printer, f duplicates.Field, s registry.Person) string {
	switch f {
	case duplicates.NIK:
		if s.RawNIK != "" {
			return p.Text("web.nik_unusable")
		}
		return dash(s.NIK.String())
	case duplicates.Name:
		return dash(s.Name)
	case duplicates.Sex:
		return dash(sexWords(p, s.Sex))
	case duplicates.BirthPlace:
		return dash(s.BirthPlace)
	case duplicates.BirthDate:
		return dash(p.DateText(s.BirthDate.Text()))
	case duplicates.MotherName:
		return dash(s.MotherName)
	default:
		return dash(s.Phone.String())
	}
}

func sideWords(p i18n.Printer, f duplicates.Field, s duplicates.Side) string {
	if !s.Visible {
		return "–"
	}
	return recordWords(p, f, s.Person)
}

// pairCompare lays the two records side by side.
func pairCompare(p i18n.Printer, b duplicates.Bench) *ui.Compare {
	c := &ui.Compare{Caption: p.Text("duplicatesweb.compare"), LeftTitle: p.Text("duplicatesweb.left"), RightTitle: p.Text("duplicatesweb.right")}
	both := b.Sides[0].Visible && b.Sides[1].Visible
	for _, f := range duplicates.Fields() {
		chip := ui.Chip{Label: p.Text("web.bench.same"), Tone: ui.Good}
		switch {
		case !both, sideWords(p, f, b.Sides[0]) == "–" && sideWords(p, f, b.Sides[1]) == "–":
			chip = ui.Chip{Label: p.Text("web.bench.unknown")}
		case slices.Contains(b.Differs, f):
			chip = ui.Chip{Label: p.Text("web.bench.differs"), Tone: ui.Wait}
		}
		c.Rows = append(c.Rows, ui.CompareRow{Label: p.Text("duplicatesweb.field." + string(f)), Verdict: chip,
			Left: ui.CompareSide{Text: sideWords(p, f, b.Sides[0])}, Right: ui.CompareSide{Text: sideWords(p, f, b.Sides[1])}})
	}
	return c
}

// othersSection names the other records that may be the same person, and leads to their pairs.
func (d *Desk) othersSection(p i18n.Printer, b duplicates.Bench) desk.Section {
	t := &ui.Table{Caption: p.Text("duplicatesweb.others"), Columns: []ui.Column{
		{Label: p.Text("duplicatesweb.pair"), Title: true}, {Label: p.Text("duplicatesweb.other")}, {Label: p.Text("duplicatesweb.likeness")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, l := range b.Others {
		chip := pairChip(p, l.Pair.State)
		left, right := d.faceCell(p, l.Left), d.faceCell(p, l.Right)
		left.Href = "/ganda/" + rowID(l.Pair.Tenant, l.Pair.ID)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(l.Pair.Tenant, l.Pair.ID), Label: left.Text, Cells: []ui.Cell{left, right, {Text: likeness(p, l.Pair)}, {Chip: &chip}}})
	}
	return desk.Section{ID: "kelompok", Title: p.Text("duplicatesweb.others"), Text: p.Text("duplicatesweb.others_text", "count", b.Records), Table: t}
}

// whySection says why the two are alike: the verdict, the waterfall, and what weighed it.
func (d *Desk) whySection(p i18n.Printer, b duplicates.Bench) desk.Section {
	s := desk.Section{ID: "alasan", Title: p.Text("duplicatesweb.why"), Text: p.Text("duplicatesweb.why_text", "likeness", likeness(p, b.Pair)), Table: d.barTable(p, b)}
	if len(b.Bars) == 0 {
		return s
	}
	key := p.Text("duplicatesweb.no_key")
	if b.Key != "" {
		key = b.Key
	}
	s.Items = []ui.SummaryItem{
		{Label: p.Text("duplicatesweb.sum"), Value: p.Text("duplicatesweb.bits", "bits", p.Decimal(b.Pair.Weight, 1)), Sub: p.Text("duplicatesweb.chance", "percent", p.Decimal(min(100*b.Pair.Probability, 99.9), 1))},
		{Label: p.Text("duplicatesweb.verdict"), Value: held(p, b)},
		{Label: p.Text("duplicatesweb.model"), Value: b.Model, Sub: p.Text("duplicatesweb.key", "key", key)},
	}
	return s
}

// held says whether the engine itself holds the two for one, and if not, what stands against it or what is missing.
func held(p i18n.Printer, b duplicates.Bench) string {
	switch {
	case b.TwoCivil:
		return p.Text("duplicatesweb.two_civil")
	case b.Grouped:
		return p.Text("duplicatesweb.grouped")
	case b.Refused:
		return p.Text("duplicatesweb.refused")
	case len(b.Change) == 0:
		return p.Text("duplicatesweb.short_alone", "bits", p.Decimal(b.Short, 1))
	}
	names := make([]string, len(b.Change))
	for i, c := range b.Change {
		names[i] = p.Text("linkage." + c)
	}
	return p.Text("duplicatesweb.short", "bits", p.Decimal(b.Short, 1), "change", strings.Join(names, ", "))
}

// barTable is the waterfall: what is said before anything is compared, each comparison with both values, what other
// explanations take, and the sum.
func (d *Desk) barTable(p i18n.Printer, b duplicates.Bench) *ui.Table {
	t := &ui.Table{Caption: p.Text("duplicatesweb.what"), Columns: []ui.Column{
		{Label: p.Text("duplicatesweb.what"), Title: true}, {Label: p.Text("duplicatesweb.left")}, {Label: p.Text("duplicatesweb.right")},
		{Label: p.Text("duplicatesweb.in_bits"), Numeric: true}, {Label: p.Text("duplicatesweb.weight"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("duplicatesweb.not_weighed"), Text: p.Text("duplicatesweb.not_weighed_text")}}
	for _, bar := range b.Bars {
		label := barLabel(p, bar)
		cells := []ui.Cell{{Text: label, Sub: differingDigits(p, bar.Positions)}, {Text: d.barSide(p, bar.Comparison, bar.Left, b.Sides[0])}, {Text: d.barSide(p, bar.Comparison, bar.Right, b.Sides[1])}, {Text: signed(p, bar.Bits)}, {}}
		if bar.Comparison != "prior" { // the odds of any two records say nothing about these two
			chip := weightChip(p, bar.Bits)
			cells[4].Chip = &chip
		}
		t.Rows = append(t.Rows, ui.Row{ID: barID(bar), Label: label, Cells: cells})
	}
	if len(b.Bars) > 0 {
		t.Rows = append(t.Rows, ui.Row{ID: "sum", Label: p.Text("duplicatesweb.sum"), Cells: []ui.Cell{{Text: p.Text("duplicatesweb.sum")}, {}, {}, {Text: signed(p, b.Pair.Weight)}, {}}})
	}
	return t
}

// barID names the row of a bar: a comparison is one bar, doubts and what the lists teach are several.
func barID(bar duplicates.Bar) string {
	switch bar.Comparison {
	case "doubt", "taught":
		return bar.Comparison + "-" + bar.Level
	}
	return bar.Comparison
}

// barSide says what one side has; a number nobody can use is said to be one.
func (d *Desk) barSide(p i18n.Printer, comparison, value string, s duplicates.Side) string {
	if comparison == string(duplicates.NIK) && s.Visible && s.Person.RawNIK != "" {
		return p.Text("web.nik_unusable")
	}
	return d.barWords(p, comparison, value)
}

// barLabel says what a bar of the waterfall stands for.
func barLabel(p i18n.Printer, bar duplicates.Bar) string {
	switch {
	case bar.Comparison == "relatives":
		return p.Text("linkage.relatives", "level", p.Text("linkage.relatives."+bar.Level))
	case bar.Level == "missing":
		return p.Text("linkage."+bar.Comparison) + ": " + p.Text("linkage.missing")
	}
	return p.Text("linkage." + bar.Comparison + "." + bar.Level)
}

// signed writes bits with their sign; a true minus, which does not break off its number.
func signed(p i18n.Printer, bits float64) string {
	text := p.Decimal(math.Abs(bits), 1)
	switch {
	case bits >= 0.05:
		return "+" + text
	case bits <= -0.05:
		return "\u2212" + text
	}
	return text
}

// barWords says a compared value in words: dates, sex and places come as files write them.
func (d *Desk) barWords(p i18n.Printer, comparison, value string) string {
	switch comparison {
	case "birth":
		return dash(p.DateText(value))
	case "sex":
		if sex, err := person.ParseSex(value); err == nil {
			return dash(sexWords(p, sex))
		}
	case "area":
		if at, err := area.Parse(value); err == nil {
			return d.Places.Tree().Name(at)
		}
	}
	return dash(value)
}

// differingDigits names the digits in which two numbers differ.
func differingDigits(p i18n.Printer, positions []int) string {
	if len(positions) == 0 {
		return ""
	}
	list := make([]string, len(positions))
	for i, n := range positions {
		list[i] = itoa(int64(n))
	}
	return p.Text("duplicatesweb.digits", "positions", strings.Join(list, ", "))
}

// weightChip puts a contribution in words: eight bits are odds of 256 to 1.
func weightChip(p i18n.Printer, bits float64) ui.Chip {
	switch {
	case bits >= 8:
		return ui.Chip{Label: p.Text("duplicatesweb.strong_for"), Tone: ui.Bad}
	case bits >= 1:
		return ui.Chip{Label: p.Text("duplicatesweb.for"), Tone: ui.Wait}
	case bits > -1:
		return ui.Chip{Label: p.Text("duplicatesweb.neutral")}
	case bits > -5:
		return ui.Chip{Label: p.Text("duplicatesweb.against"), Tone: ui.Info}
	default:
		return ui.Chip{Label: p.Text("duplicatesweb.strong_against"), Tone: ui.Good}
	}
}

// sideSection shows the family a record stands in and what it receives.
func (d *Desk) sideSection(p i18n.Printer, s duplicates.Side, n int) desk.Section {
	title := p.Text([]string{"duplicatesweb.left_family", "duplicatesweb.right_family"}[n])
	id := []string{"keluarga-kiri", "keluarga-kanan"}[n]
	if !s.Visible {
		return desk.Section{ID: id, Title: title, Text: p.Text("duplicates.outside", "place", d.Places.Tree().Address(s.Area))}
	}
	t := &ui.Table{Caption: p.Text("web.family.members") + ", " + title, Columns: []ui.Column{{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.relation")}, {Label: p.Text("web.birth_date")}}}
	for _, m := range s.Members {
		if m.State != registry.Active && m.ID != s.Person.ID {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{ID: id + m.ID.String(), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Sub: recordWords(p, duplicates.NIK, m)}, {Text: p.Text("person.relation." + m.Relation.String())}, {Text: p.DateText(m.BirthDate.Text())}}})
	}
	aid := p.Text("duplicatesweb.no_aid")
	if s.Aid.Any() {
		aid = p.Text("duplicatesweb.aid", "programmes", dash(strings.Join(d.programmeNames(p, s.Aid.Programmes), ", ")), "payments", s.Aid.Payments)
	}
	return desk.Section{ID: id, Title: title, Table: t, Items: []ui.SummaryItem{
		{Label: p.Text("web.head"), Value: s.Family.HeadName, Sub: s.Family.KK.String()},
		{Label: p.Text("web.village"), Value: d.Places.Tree().Label(s.Person.Area), Sub: rtrw(p, s.Family.RT, s.Family.RW)},
		{Label: p.Text("web.since"), Value: dash(p.DateText(s.Person.MemberSince))}, {Label: p.Text("web.source"), Value: s.Person.Source, Sub: p.DateText(s.Person.SourceDate)},
		{Label: p.Text("duplicatesweb.aid_label"), Value: aid},
	}}
}

// programmeNames says programmes in words, as they are called today.
func (d *Desk) programmeNames(p i18n.Printer, ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		if out[i] = id; d.Programme != nil {
			out[i] = d.Programme(p, id)
		}
	}
	return out
}

// formProblem says an error of a form in words beside its field; other errors stay errors.
func formProblem(p i18n.Printer, err error, field string) ([]ui.FieldError, error) {
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
		return nil, err
	}
	return []ui.FieldError{{Field: fieldOr(e.Field, field), Message: p.Error(e)}}, nil
}
