package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/internal/service/screening"
	"tepat/web/ui"
)

// proposalWork tells what proposals wait for this person's office, with how many are late.
func (d *Desk) proposalWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	home, _ := who.Home()
	if !who.Can(access.ReadInsight) {
		return nil, nil
	}
	figures, err := d.Proposals.Figures(r.Context(), who, home)
	if err != nil {
		return nil, err
	}
	counts := map[proposals.Tab]proposals.Count{}
	for _, one := range figures.ByState {
		sum := counts[proposals.TabOf(one.State)]
		counts[proposals.TabOf(one.State)] = proposals.Count{All: sum.All + one.All, Overdue: sum.Overdue + one.Overdue}
	}
	var out []ui.Task
	for _, own := range []struct {
		needs access.Permission
		tab   proposals.Tab
		href  string
	}{
		{access.FileProposal, proposals.TabMend, ""}, {access.FileProposal, proposals.TabIncoming, ""}, {access.DecideInVillage, proposals.TabList, ""},
		{access.VerifyProposal, proposals.TabVerify, ""}, {access.ApproveProposal, proposals.TabApprove, ""},
		{access.RatifyProposal, proposals.TabRatify, "/pengesahan"}, {access.Determine, proposals.TabDetermine, "/penetapan"},
	} {
		n := counts[own.tab]
		if !who.Can(own.needs) || n.All == 0 {
			continue
		}
		task := ui.Task{Label: p.Text("proposalsweb.work."+string(own.tab), "count", n.All), Href: own.href, Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}
		if own.href == "" {
			task.Href = "/usulan?tab=" + string(own.tab)
		}
		if n.Overdue > 0 {
			task.Hint, task.Chip = p.Text("proposalsweb.work_late", "count", n.Overdue), ui.Chip{Label: p.Text("proposalsweb.overdue"), Tone: ui.Bad}
		}
		out = append(out, task)
	}
	return out, nil
}

// findingWork tells that findings wait for a decision. They are counted and none is read: whoever opens her first page has looked
// at nobody.
func (d *Desk) findingWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	var out []ui.Task
	for _, state := range []screening.State{screening.Appealed, screening.Found} {
		n, err := d.Screening.Count(r.Context(), who, screening.Filter{State: state}, mostFindings)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		key := "findingsweb.work." + string(state)
		if n > mostFindings {
			key += "_more"
		}
		tone := ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}
		if state == screening.Appealed {
			tone = ui.Chip{Label: p.Text("screening.state.appealed"), Tone: ui.Wait}
		}
		out = append(out, ui.Task{Label: p.Text(key, "count", min(n, mostFindings)), Hint: p.Text("findingsweb.work_hint." + string(state)), Href: "/temuan?status=" + string(state), Chip: tone})
	}
	return out, nil
}
