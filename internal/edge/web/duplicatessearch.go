package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// searchPairs makes the run that searches the reader's district for duplicates, with its preview, and leads to it.
func (d *Desk) searchPairs(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if _, err := httpkit.ReadForm(r); err != nil {
		return err
	}
	return d.startRun(w, r, who, identity.SearchKind, map[string]any{}, false)
}

// lastSearch gives how the district of the reader was searched last; ok is false for who works in several districts.
func (d *Desk) lastSearch(r *http.Request, who access.Actor) (s duplicates.Searched, ok bool, err error) {
	_, tenants := who.Home()
	if len(tenants) != 1 {
		return s, false, nil
	}
	s, err = d.Duplicates.Searched(r.Context(), tenants[0])
	return s, err == nil, err
}

// searchDue says over the queue that a search is due, and offers one: in full where it is due, else behind its title. Who may not
// start it is told who does.
func (d *Desk) searchDue(r *http.Request, p i18n.Printer, who access.Actor) (notices []ui.Notice, forms []desk.FormView, err error) {
	s, ok, err := d.lastSearch(r, who)
	if err != nil || !ok {
		return nil, nil, err
	}
	title, text := searchWords(p, s)
	switch may := d.maySearch(who); {
	case !s.Waits.IsZero():
		n := ui.Notice{Tone: ui.Info, Title: p.Text("duplicatesweb.search_waits"), Text: p.Text("duplicatesweb.search_waits_text")}
		if _, tenants := who.Home(); who.Can(access.ReadRuns) {
			n.Link = &ui.Link{Label: p.Text("duplicatesweb.search_open"), Href: "/pekerjaan/" + rowID(tenants[0], s.Waits)}
		}
		return []ui.Notice{n}, nil, nil
	case s.Due() && !may:
		return []ui.Notice{{Tone: ui.Info, Title: title, Text: p.Text("duplicatesweb.search_who")}}, nil, nil
	case !may:
		return nil, nil, nil
	default:
		if !s.Due() {
			title, text = p.Text("duplicatesweb.search_again"), p.Text("duplicatesweb.search_last", "when", p.Moment(s.Ended.In(d.zone(who))))
		}
		return nil, []desk.FormView{{ID: "cari-ganda", Title: title, Text: text, Form: ui.Form{Action: "/ganda/cari"},
			Buttons: []ui.Button{{Label: p.Text("duplicatesweb.search"), Secondary: !s.Due()}}, Folded: !s.Due()}}, nil
	}
}

func (d *Desk) maySearch(who access.Actor) bool {
	at, _ := who.Home()
	return who.Can(access.RunDedupe) && at.Level() == area.LevelDistrict
}

func searchWords(p i18n.Printer, s duplicates.Searched) (title, text string) {
	if s.OtherModel {
		return p.Text("duplicatesweb.search_model"), p.Text("duplicatesweb.search_model_text")
	}
	return p.Text("duplicatesweb.search_never"), p.Text("duplicatesweb.search_never_text")
}

// searchWork puts a search that is due before who may start it.
func (d *Desk) searchWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	if !d.maySearch(who) {
		return nil, nil
	}
	s, ok, err := d.lastSearch(r, who)
	if err != nil || !ok || !s.Due() || !s.Waits.IsZero() {
		return nil, err
	}
	title, _ := searchWords(p, s)
	return []ui.Task{{Label: p.Text("duplicatesweb.search"), Href: "/ganda", Hint: title, Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}}, nil
}

// dressSearch tells, on the page of a search for duplicates, what the list taught it.
func (d *Desk) dressSearch(r *http.Request, p i18n.Printer, run runs.Run, v *desk.RecordView) error {
	if run.Kind != identity.SearchKind || d.Duplicates == nil {
		return nil
	}
	list, err := d.Duplicates.Lessons(r.Context(), run.Tenant, run.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	told := desk.Section{ID: "dipelajari", Title: p.Text("duplicatesweb.lessons"), Text: p.Text("duplicatesweb.lessons_text")}
	for _, l := range list {
		if l.Column == linkage.GuardColumn {
			told.Items = append(told.Items, ui.SummaryItem{Label: p.Text("duplicatesweb.guard"), Value: p.Text("duplicatesweb.bits", "bits", signed(p, l.Same)), Sub: p.Text("duplicatesweb.guard_pairs", "pairs", l.Pairs)})
			continue
		}
		for _, one := range []struct {
			level string
			bits  float64
		}{{"same", l.Same}, {"differs", l.Differ}} {
			told.Items = append(told.Items, ui.SummaryItem{Label: lessonWords(p, l, one.level), Value: p.Text("duplicatesweb.bits", "bits", signed(p, one.bits)),
				Sub: p.Text("duplicatesweb.lessons_pairs", "pairs", l.Pairs)})
		}
	}
	v.Sections = beforeTrace(v.Sections, told)
	return nil
}

// lessonWords says how two rows agree, as their waterfall does; a model of an office may ask a column there are no words for.
func lessonWords(p i18n.Printer, l linkage.Lesson, level string) string {
	key := "linkage.taught." + l.Column + "_" + level
	if l.Household {
		key += "_household"
	}
	switch {
	case p.Has(key):
		return p.Text(key)
	case level == "same":
		return p.Text("duplicatesweb.lessons_same", "column", l.Title)
	}
	return p.Text("duplicatesweb.lessons_differ", "column", l.Title)
}
