package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// home shows what the person signed in has to do; who answers for the office sees the office's
// figures with it.
func (d *Desk) home(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if who.Can(leads) {
		return d.morning(w, r, who)
	}
	tasks, err := d.tasks(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	more, err := d.homeFigures(r, p, who)
	if err != nil {
		return err
	}
	page := d.page(r, who, "web.home.title", "name", who.Name)
	page.Lead = d.cutOff(p, who)
	return httpkit.Render(w, r, http.StatusOK, desk.Home(page, desk.HomeView{
		Tasks: tasks, Tiles: more, Starts: starts(p, who), Empty: &ui.Empty{Title: p.Text("web.home.empty"), Text: p.Text("web.home.empty_text")},
	}))
}

// tasks gathers what waits for somebody.
func (d *Desk) tasks(r *http.Request, who access.Actor) (out []ui.Task, err error) {
	p := i18n.Of(r)
	for _, source := range d.work() {
		if source.needs != "" && !who.Can(source.needs) {
			continue
		}
		some, err := source.tasks(r, p, who)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// workSource tells of one kind of work what waits for somebody.
type workSource struct {
	needs access.Permission
	tasks func(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error)
}

// work lists the sources of work, the most pressing first.
func (d *Desk) work() []workSource {
	return append([]workSource{
		{access.RepairMatch, d.mismatchWork},
		{access.ReadRuns, d.approvalWork},
	}, d.moreWork()...)
}

func (d *Desk) mismatchWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	n, err := d.Civil.CountNotMatching(r.Context(), who)
	if err != nil || n == 0 {
		return nil, err
	}
	return []ui.Task{{Label: p.Text("web.home.mismatches", "count", n), Href: "/padan", Hint: p.Text("web.home.mismatches_hint"), Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}}, nil
}

// approvalWork lists the runs that wait for this person's approval, and those that have halted and that she may go on with.
func (d *Desk) approvalWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	waiting, err := d.Runs.List(r.Context(), who, runs.Filter{State: runs.Awaiting, Limit: 20})
	if err != nil {
		return nil, err
	}
	halted, err := d.Runs.List(r.Context(), who, runs.Filter{Halted: true, Limit: 20})
	if err != nil {
		return nil, err
	}
	var out []ui.Task
	for _, run := range halted {
		if d.Runs.MayTakeOver(run, who) {
			chip := runChip(p, run)
			out = append(out, ui.Task{Label: p.Text("web.home.halted", "number", run.Number, "kind", p.Text("run.kind."+run.Kind)), Href: "/pekerjaan/" + rowID(run.Tenant, run.ID), Chip: chip})
		}
	}
	for _, run := range waiting {
		if run.CreatedBy != who.ID && d.Runs.MayApprove(run, who) {
			out = append(out, ui.Task{Label: p.Text("web.home.approve", "number", run.Number, "kind", p.Text("run.kind."+run.Kind)),
				Href: "/pekerjaan/" + rowID(run.Tenant, run.ID), Chip: ui.Chip{Label: p.Text("run.state.awaiting"), Tone: ui.Wait}})
		}
	}
	return out, nil
}
