package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mostStages bounds the choice of stages: four years of months.
const mostStages = 48

// stageWords names a stage by its name alone: a month, a quarter or a year.
func stageWords(p i18n.Printer, stage string) string {
	if q, err := period.ParseQuarter(stage); err == nil {
		return p.Text("paymentsweb.quarter", "n", q.Number(), "year", q.Year())
	}
	return p.DateText(stage)
}

// stageOf names a stage of a programme; one of several months that is named by its first one is told by both ends.
func (d *Desk) stageOf(p i18n.Printer, id programme.ID, stage string) string {
	first, err := period.ParseMonth(stage)
	if err != nil {
		return stageWords(p, stage)
	}
	one, err := d.Programmes.Set(first.First()).Programme(id)
	if err != nil || stageMonths(one) == 1 {
		return stageWords(p, stage)
	}
	last := first.Add(stageMonths(one) - 1)
	from := p.DateText(first.Text())
	if first.Year() == last.Year() {
		from = strings.TrimSuffix(from, " "+stage[:4])
	}
	return p.Text("paymentsweb.stage_months", "from", from, "to", p.DateText(last.Text()))
}

// stageMonths gives how many months a stage of the programme lasts.
func stageMonths(one programme.Programme) int { return max(12/max(one.Payment.StagesPerYear, 1), 1) }

// opening is the form that opens a stage of one programme.
type opening struct {
	tenant   area.Tenant
	at       area.Code
	lists    []programmes.Shown // in force, one a programme
	list     programmes.Shown   // of the programme that is chosen
	stages   []string           // that can be opened, the latest first
	now      string             // the stage of today
	typed    url.Values
	problems []ui.FieldError
}

// newCycle is the form that opens a stage.
func (d *Desk) newCycle(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "program")
	if err != nil {
		return err
	}
	o, err := d.openings(r, who, programme.ID(q.Get("program")))
	if err != nil {
		return err
	}
	return d.showOpening(w, r, who, http.StatusOK, o)
}

// openings reads what stages of a programme can be opened; of the first one with a list when none is named.
func (d *Desk) openings(r *http.Request, who access.Actor, id programme.ID) (o opening, err error) {
	if o.tenant, o.at, err = d.office(who); err != nil {
		return o, err
	}
	lists, err := d.Programmes.Lists(r.Context(), who, programmes.ListFilter{Tenant: o.tenant})
	if err != nil {
		return o, err
	}
	oldest := map[programme.ID]period.Month{}
	for _, l := range lists { // the newest first
		if l.State == programmes.Frozen && !slices.ContainsFunc(o.lists, func(held programmes.Shown) bool { return held.Programme == l.Programme }) {
			o.lists = append(o.lists, l)
		}
		decided := l.State == programmes.Frozen || l.State == programmes.Ending || l.State == programmes.Superseded
		if held, ok := oldest[l.Programme]; decided && (!ok || l.Period.Before(held)) {
			oldest[l.Programme] = l.Period
		}
	}
	chosen := slices.IndexFunc(o.lists, func(l programmes.Shown) bool { return id == "" || l.Programme == id })
	if chosen < 0 {
		return o, nil
	}
	o.list = o.lists[chosen]
	held, err := d.Payments.Cycles(r.Context(), who, o.tenant, payments.CycleFilter{Programme: o.list.Programme, Limit: 200})
	if err != nil {
		return o, err
	}
	o.stages, o.now = d.schedule(o.list.Programme, oldest[o.list.Programme], period.DateOf(d.Now(), d.Places.Tree().Zone(o.at).Location()))
	o.stages = slices.DeleteFunc(o.stages, func(stage string) bool {
		return slices.ContainsFunc(held, func(c payments.Cycle) bool { return c.Period == stage && c.State != payments.Cancelled })
	})
	return o, nil
}

// schedule gives the stages of a programme from the one after today's back to the first that a list was in force for,
// the latest first, and that of today.
func (d *Desk) schedule(id programme.ID, oldest period.Month, today period.Date) (stages []string, now string) {
	one, err := d.Programmes.Set(today).Programme(id)
	if err != nil {
		return nil, ""
	}
	now = payments.PeriodOf(one, today)
	at := period.MonthOf(today).Add(stageMonths(one))
	for range mostStages {
		if at.Add(stageMonths(one) - 1).Before(oldest) {
			break
		}
		then, err := d.Programmes.Set(at.First()).Programme(id)
		if err != nil {
			break
		}
		if stage := payments.PeriodOf(then, at.First()); !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
		at = at.Add(-stageMonths(then))
	}
	return stages, now
}

// chosenStage is the stage the form begins with: what was chosen before, today's, or the latest that is left.
func (o opening) chosenStage() string {
	for _, stage := range []string{o.typed.Get("period"), o.now} {
		if slices.Contains(o.stages, stage) {
			return stage
		}
	}
	if len(o.stages) > 1 && o.stages[0] > o.now { // the one ahead is the last to be offered
		return o.stages[1]
	}
	return ""
}

func (d *Desk) showOpening(w http.ResponseWriter, r *http.Request, who access.Actor, status int, o opening) error {
	p := i18n.Of(r)
	page := d.page(r, who, "paymentsweb.open")
	page.Lead = d.Places.Tree().Label(o.at)
	page.Back, page.Narrow = &ui.Link{Label: p.Text("paymentsweb.title"), Href: "/penyaluran"}, true
	page.Failed, page.HideHeading = len(o.problems) > 0, len(o.problems) > 0
	if o.list.ID.IsZero() {
		none := ui.Notice{Tone: ui.Wait, Title: p.Text("paymentsweb.no_lists"), Text: p.Text("paymentsweb.no_lists_text")}
		return httpkit.Render(w, r, status, desk.Record(page, desk.RecordView{Problems: o.problems, Notices: []ui.Notice{none}, Links: []ui.Link{{Label: p.Text("paymentsweb.no_lists_link"), Href: "/program"}}}))
	}
	name := d.programmeWords(p, o.list.Programme, o.list.AsOf)
	page.Title = p.Text("paymentsweb.open_programme", "programme", name)
	v := desk.RecordView{Problems: o.problems}
	for _, l := range o.lists {
		if l.Programme != o.list.Programme {
			v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.other_programme", "programme", d.programmeWords(p, l.Programme, l.AsOf)), Href: "/penyaluran/baru?program=" + url.QueryEscape(string(l.Programme))})
		}
	}
	if len(o.stages) == 0 {
		v.Notices = []ui.Notice{{Tone: ui.Info, Title: p.Text("paymentsweb.all_open"), Text: p.Text("paymentsweb.all_open_text")}}
		return httpkit.Render(w, r, status, desk.Record(page, v))
	}
	chosen, options := o.chosenStage(), make([]ui.Option, 0, len(o.stages))
	for _, stage := range o.stages {
		label := d.stageOf(p, o.list.Programme, stage)
		if stage == o.now {
			label = p.Text("paymentsweb.stage_now", "stage", label)
		}
		options = append(options, ui.Option{Value: stage, Label: label, Selected: stage == chosen})
	}
	v.Forms = []desk.FormView{{ID: "tahap", Title: p.Text("paymentsweb.choose_stage"), Form: ui.Form{Action: "/penyaluran/baru", Hidden: []ui.Hidden{{Name: "programme", Value: string(o.list.Programme)}}},
		Text:    p.Text("paymentsweb.list_now", "period", p.DateText(o.list.Period.Text()), "enrolled", o.list.Enrolled, "text", p.Text("paymentsweb.open_text")),
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "period", Label: p.Text("paymentsweb.period"), Hint: p.Text("paymentsweb.stage_hint"), Error: problemOf(o.problems, "period")}, Options: options, Select: true}},
		Buttons: []ui.Button{{Label: p.Text("paymentsweb.open_do")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/penyaluran"}}}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// openCycle opens a stage that the form offered.
func (d *Desk) openCycle(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "programme", "period")
	if err != nil {
		return err
	}
	o, err := d.openings(r, who, programme.ID(form.Get("programme")))
	if err != nil {
		return err
	}
	if o.list.ID.IsZero() {
		err = fail.Invalid("payments.needs_list")
	} else if !slices.Contains(o.stages, form.Get("period")) {
		err = fail.Invalid("paymentsweb.stage_missing").On("period")
	} else {
		var c payments.Cycle
		if c, err = d.Payments.OpenCycle(r.Context(), who, payments.Opening{Tenant: o.tenant, Programme: o.list.Programme, Period: form.Get("period")}); err == nil {
			httpkit.Redirect(w, r, "/penyaluran/"+rowID(c.Tenant, c.ID))
			return nil
		}
	}
	if o.problems, err = formProblem(i18n.Of(r), err, "period"); err != nil {
		return err
	}
	o.typed = form
	return d.showOpening(w, r, who, http.StatusUnprocessableEntity, o)
}
