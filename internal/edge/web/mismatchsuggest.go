package web

import (
	"math"
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/civil"
	"tepat/internal/service/runs"
	"tepat/internal/service/suggestions"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mismatchRoutes are what is done about the queue as a whole.
func (d *Desk) mismatchRoutes() []Route {
	return []Route{
		{"POST /padan/saran", access.RunMatch, d.suggestAgain},
	}
}

// suggestAgain starts the run that works the suggestions out anew.
func (d *Desk) suggestAgain(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if _, err := httpkit.ReadForm(r); err != nil {
		return err
	}
	return d.startRun(w, r, who, "suggest", map[string]any{}, true)
}

// hintsNotice says, where nobody can be looked for in the civil registry, what it tells instead: it is asked over the network, one
// person at a time, or the agreement gives no values. Of one asked over the network the quota left is told, and when it rests.
func (d *Desk) hintsNotice(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Notice, error) {
	if d.Civil.Scans() {
		return nil, nil
	}
	notices := []ui.Notice{{Tone: ui.Info, Title: p.Text("mismatchesweb.hints_only"), Text: d.hintsText(p)}}
	q, remote, err := d.Civil.Quota(r.Context())
	if err != nil || !remote {
		return notices, err
	}
	return append(notices, d.quotaNotices(p, who, q)...), nil
}

// suggestedWords adds to what a page says of itself from when the causes are that it counts or is filtered by. Of several districts, each
// with a run of its own, nothing is added.
func (d *Desk) suggestedWords(r *http.Request, p i18n.Printer, who access.Actor, at area.Code, said string) (string, error) {
	tenant := d.Places.TenantOf(placeOf(who, at))
	if tenant == 0 || !d.Civil.Scans() {
		return said, nil
	}
	when, err := d.Suggestions.AsOf(r.Context(), tenant)
	if err != nil || when.IsZero() {
		return said, err
	}
	return said + " " + p.Text("mismatchesweb.suggested", "when", p.Moment(when.In(d.zone(who)))), nil
}

// hintsText says what the civil registry lets us tell of those who do not match.
func (d *Desk) hintsText(p i18n.Printer) string {
	gives := d.Civil.Gives()
	if gives == "no_values" && d.Civil.Mode() == civilmatch.FoundOnly {
		return p.Text("mismatchesweb.hints_only_text.found")
	}
	if gives != "one" {
		return p.Text("mismatchesweb.hints_only_text." + gives)
	}
	mode := map[civilmatch.Mode]string{civilmatch.FullValues: "values", civilmatch.YesNo: "yes_no", civilmatch.FoundOnly: "found"}[d.Civil.Mode()]
	return p.Text("mismatchesweb.asked_one." + mode)
}

// quotaNotices tell how often the civil registry may still be asked today, and that it rests. Who gets no answer stays unchecked.
func (d *Desk) quotaNotices(p i18n.Printer, who access.Actor, q civil.Quota) (out []ui.Notice) {
	zone := d.zone(who)
	if !q.Rests.IsZero() {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("mismatchesweb.rests"), Text: p.Text("mismatchesweb.rests_text", "when", p.Moment(q.Rests.In(zone)))})
	}
	switch {
	case q.Limit == 0:
	case q.Left() == 0:
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("mismatchesweb.quota_gone"), Text: p.Text("mismatchesweb.quota_gone_text", "limit", q.Limit, "when", p.Moment(q.Renews.In(zone)))})
	default:
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("mismatchesweb.quota", "left", q.Left(), "limit", q.Limit), Text: p.Text("mismatchesweb.quota_text", "when", p.Moment(q.Renews.In(zone)))})
	}
	return out
}

// startRun makes a run of the reader's district with its preview, and leads to it. One that nobody has to
// approve, and that changes no record, may begin at once.
func (d *Desk) startRun(w http.ResponseWriter, r *http.Request, who access.Actor, kind string, settings any, begin bool) error {
	at, tenants := who.Home()
	if len(tenants) != 1 || at.Level() < area.LevelDistrict {
		return fail.Invalid("suggestions.one_district")
	}
	run, err := d.Runs.Create(r.Context(), who, runs.NewRun{Kind: kind, Tenant: tenants[0], Area: at, Settings: settings})
	if err == nil {
		run, err = d.Runs.Look(r.Context(), who, run.Tenant, run.ID)
	}
	if err == nil && begin {
		run, err = d.Runs.Submit(r.Context(), who, run.Tenant, run.ID)
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
	return nil
}

// causeWords names what is probably wrong.
func causeWords(p i18n.Printer, c suggestions.Cause) string {
	return p.Text("suggestions.cause." + string(c))
}

// causeCell is the cell of a line of the queue that says in plain words what is probably wrong.
func causeCell(p i18n.Printer, l suggestions.Line) ui.Cell {
	if len(l.Causes) == 0 {
		return ui.Cell{Text: "–", Sub: p.Text("mismatchesweb.none")}
	}
	cell := ui.Cell{Text: causeWords(p, l.Causes[0])}
	var rest []string
	for _, c := range l.Causes[1:] {
		rest = append(rest, causeWords(p, c))
	}
	if said := surety(p, l.Outcome, l.Probability); said != "" {
		rest = append(rest, said)
	}
	cell.Sub = strings.Join(rest, "; ")
	return cell
}

// surety says in words how sure it is that the civil person found is the one meant.
func surety(p i18n.Printer, o suggestions.Outcome, probability float64) string {
	if o != suggestions.Found && o != suggestions.Unsure {
		return ""
	}
	switch {
	case o == suggestions.Unsure:
		return p.Text("mismatchesweb.sure.maybe")
	case probability >= 0.99:
		return p.Text("mismatchesweb.sure.nearly")
	case probability >= 0.9:
		return p.Text("mismatchesweb.sure.likely")
	}
	return p.Text("mismatchesweb.sure.maybe")
}

// causeFilter offers the causes that a line can be filtered by.
func causeFilter(p i18n.Printer, chosen string) ui.SelectFilter {
	options := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, c := range suggestions.Causes() {
		options = append(options, ui.Option{Value: string(c), Label: causeWords(p, c), Selected: chosen == string(c)})
	}
	return ui.SelectFilter{Field: ui.Field{Name: "sebab", Label: p.Text("mismatchesweb.cause")}, Options: options}
}

// orderFilter offers the orders of the queue.
func orderFilter(p i18n.Printer, chosen string) ui.SelectFilter {
	return ui.SelectFilter{Field: ui.Field{Name: "urut", Label: p.Text("mismatchesweb.order")}, Options: []ui.Option{
		{Value: "", Label: p.Text("mismatchesweb.order.surest")}, {Value: "desa", Label: p.Text("mismatchesweb.order.village"), Selected: chosen == "desa"},
	}}
}

// suggestionSection says what is probably wrong with a person, and why that is thought.
func (d *Desk) suggestionSection(p i18n.Printer, who access.Actor, b civil.Bench, g suggestions.Suggested) (desk.Section, bool) {
	if !g.Fresh || len(g.Causes) == 0 {
		return desk.Section{}, false
	}
	var causes []string
	for _, c := range g.Causes {
		causes = append(causes, causeWords(p, c))
	}
	s := desk.Section{ID: "saran", Title: p.Text("mismatchesweb.suggestion"), Items: []ui.SummaryItem{
		{Label: p.Text("mismatchesweb.cause"), Value: strings.Join(causes, "; ")},
	}}
	switch g.Outcome {
	case suggestions.NotSought:
		s.Text = p.Text("mismatchesweb.own") + " " + d.hintsText(p)
	case suggestions.Nobody:
		s.Text = p.Text("mismatchesweb.nobody")
	default:
		s.Items = append(s.Items, sureItems(p, g)...)
	}
	s.Items = append(s.Items, ui.SummaryItem{Label: p.Text("mismatchesweb.made"), Value: p.Moment(g.At.In(d.zone(who))), Sub: p.Text("mismatchesweb.model", "model", modelName(g.Model))})
	if values(b, g) {
		s.Text = p.Text("mismatchesweb.compare_text")
	}
	return s, true
}

// sureItems says how sure a suggestion is. What the model says of her whose NIK is another's is of the other, and is not shown; that
// somebody else is as near is known of a namesake alone.
func sureItems(p i18n.Printer, g suggestions.Suggested) []ui.SummaryItem {
	sure := ui.SummaryItem{Label: p.Text("mismatchesweb.how_sure"), Value: surety(p, g.Outcome, g.Probability)}
	next := ui.SummaryItem{Label: p.Text("mismatchesweb.next"), Value: p.Text("mismatchesweb.next.near")}
	switch {
	case namesake(g):
	case shared(g):
		return []ui.SummaryItem{sure}
	default:
		sure.Sub, next.Value = p.Text("mismatchesweb.probability", "share", shownShare(g.Probability)), nextWords(p, g.Gap)
	}
	return []ui.SummaryItem{sure, next}
}

// namesake tells whether somebody else in the civil registry has her name and birth date to the letter.
func namesake(g suggestions.Suggested) bool {
	return g.Fresh && slices.Contains(g.Causes, suggestions.Namesake)
}

// shared tells whether her NIK stands on two, one of whom is somebody else.
func shared(g suggestions.Suggested) bool {
	return g.Fresh && slices.Contains(g.Causes, suggestions.SharedNIK)
}

// shownShare keeps a belief from being shown as certainty.
func shownShare(probability float64) float64 { return math.Min(probability, 0.999) }

func modelName(version string) string {
	name, _, _ := strings.Cut(version, " (")
	return name
}

// nextWords says how far the next civil person is behind: ten bits are a thousand to one.
func nextWords(p i18n.Printer, gap float64) string {
	switch {
	case gap < 0:
		return p.Text("mismatchesweb.next.none")
	case gap >= 10:
		return p.Text("mismatchesweb.next.far")
	}
	return p.Text("mismatchesweb.next.near")
}

// values tells whether the values of the civil person suggested may be shown.
func values(b civil.Bench, g suggestions.Suggested) bool {
	return g.Fresh && b.Mode == civilmatch.FullValues && g.Civil.Outcome == civilmatch.Found && g.NIK != ""
}

// suggestedCompare lays our record beside that of the civil person suggested, with what is wrong in each field.
func suggestedCompare(p i18n.Printer, b civil.Bench, g suggestions.Suggested) *ui.Compare {
	c := &ui.Compare{Caption: p.Text("mismatchesweb.compare"), LeftTitle: p.Text("web.bench.ours"), RightTitle: p.Text("mismatchesweb.theirs")}
	row := func(key, ours, theirs string, same bool, about ...suggestions.Cause) {
		one := ui.CompareRow{Label: p.Text(key), Left: ui.CompareSide{Text: dash(ours)}, Right: ui.CompareSide{Text: dash(theirs)}}
		switch {
		case theirs == "":
			one.Verdict = ui.Chip{Label: p.Text("web.bench.unknown")}
		case same:
			one.Verdict = ui.Chip{Label: p.Text("web.bench.same"), Tone: ui.Good}
		default:
			one.Verdict = ui.Chip{Label: p.Text("web.bench.differs"), Tone: ui.Bad}
			for _, cause := range g.Causes {
				if slices.Contains(about, cause) {
					one.Note = causeWords(p, cause)
				}
			}
		}
		c.Rows = append(c.Rows, one)
	}
	nik := b.Person.NIK.String()
	if b.Person.RawNIK != "" {
		nik = p.Text("web.nik_unusable")
	}
	a := g.Civil.Civil
	row("web.nik", nik, g.NIK, g.OwnNIK, suggestions.NIKMissing, suggestions.NIKDigit, suggestions.NIKSwapped, suggestions.NIKLost, suggestions.NIKWoman, suggestions.NIKCard, suggestions.NIKDigits, suggestions.NIKOther)
	row("web.name", b.Person.Name, string(a.Name), b.Person.Name == string(a.Name), suggestions.NameForm, suggestions.NameJoined, suggestions.NameSpelled, suggestions.NameShort, suggestions.NameOther)
	row("web.birth_date", p.DateText(b.Person.BirthDate.Text()), p.DateText(a.BirthDate.Text()), b.Person.BirthDate == a.BirthDate, suggestions.BirthSwap, suggestions.BirthDigit, suggestions.BirthYear, suggestions.BirthGuess, suggestions.BirthOther)
	row("web.sex", sexWords(p, b.Person.Sex), sexWords(p, a.Sex), b.Person.Sex == a.Sex, suggestions.SexDiffers)
	row("web.no_kk", b.Family.KK.String(), a.KK.String(), b.Family.KK == a.KK, suggestions.CardDiffers)
	row("web.birth_place", b.Person.BirthPlace, a.BirthPlace, b.Person.BirthPlace == a.BirthPlace)
	return c
}

// suggestionNotices warn of what a suggestion shows beside the person herself.
func suggestionNotices(p i18n.Printer, b civil.Bench, g suggestions.Suggested) (out []ui.Notice) {
	switch {
	case b.Result.Status.Group() == civilmatch.Agreed: // nothing is suggested for her, now or later
	case g.Made && !g.Fresh:
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("mismatchesweb.old"), Text: p.Text("mismatchesweb.old_text")})
	case g.Fresh && g.Taken:
		n := ui.Notice{Tone: ui.Bad, Title: p.Text("suggestions.cause.taken"), Text: p.Text("mismatchesweb.taken_text")}
		if g.Other != nil {
			n.Link = &ui.Link{Label: p.Text("mismatchesweb.taken_link", "name", g.Other.Name), Href: "/keluarga/" + rowID(g.Other.Tenant, g.Other.FamilyID)}
		}
		out = append(out, n)
	case namesake(g):
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("suggestions.cause.namesake"), Text: p.Text("mismatchesweb.namesake_text")})
	case shared(g):
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("suggestions.cause.nik_shared"), Text: p.Text("mismatchesweb.shared_text")})
	}
	return out
}

// suggestedValues fills the form with the values of the civil person suggested. The numbers stay for the operator to
// type from the KTP and KK in hand.
func suggestedValues(b civil.Bench, g suggestions.Suggested) map[string]string {
	a := g.Civil.Civil
	if !values(b, g) || g.Taken || namesake(g) || shared(g) || b.Person.Name == string(a.Name) && b.Person.BirthDate == a.BirthDate && b.Person.Sex == a.Sex {
		return nil
	}
	day, month, year := dateParts(a.BirthDate)
	return map[string]string{"name": string(a.Name), "sex": a.Sex.String(), "birth_date.day": day, "birth_date.month": month, "birth_date.year": year}
}

// nextToFill names the field that comes next once the values are filled in: a number that the person suggested has and we have not, or
// else the document they were read from.
func nextToFill(b civil.Bench, g suggestions.Suggested) string {
	switch card := g.Civil.Civil.KK; {
	case !g.OwnNIK:
		return "nik"
	case !card.IsZero() && card != b.Family.KK:
		return "no_kk"
	}
	return "document"
}

// focusOn puts the keyboard at a field of a form.
func focusOn(f *desk.FormView, name string) {
	for i := range f.Fields {
		f.Fields[i].Field.Focus = f.Fields[i].Field.Name == name
	}
}
