package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// moreRoutes are the pages of the later steps.
func (d *Desk) moreRoutes() []Route {
	routes := []Route{
		{"POST /keluarga/cari", access.ReadRegistry, d.search("/keluarga")},
	}
	routes = append(append(routes, d.proposalRoutes()...), d.paperRoutes()...)
	routes = append(append(append(routes, d.mismatchRoutes()...), d.repairRoutes()...), d.ratifyRoutes()...)
	routes = append(append(routes, d.findingRoutes()...), d.visitRoutes()...)
	routes = append(routes, d.grievanceRoutes()...)
	routes = append(append(routes, d.counterRoutes()...), d.codeRoutes()...)
	routes = append(append(routes, d.importRoutes()...), d.exportRoutes()...)
	routes = append(append(append(append(routes, d.auditRoutes()...), d.looksRoutes()...), append(d.hourRoutes(), d.userRoutes()...)...), d.profileRoutes()...)
	routes = append(append(routes, d.dashboardRoutes()...), d.qualityRoutes()...)
	routes = append(append(append(routes, d.duplicateRoutes()...), d.programmeRoutes()...), d.paymentRoutes()...)
	return routes
}

// moreWork are the sources of work of the later steps.
func (d *Desk) moreWork() []workSource {
	var work []workSource
	work = append(work, workSource{access.ReadRegistry, d.proposalWork}, workSource{access.DecideFinding, d.findingWork})
	work = append(work, workSource{access.ReviewDuplicate, d.duplicateWork}, workSource{access.ReadRegistry, d.paymentWork})
	work = append(work, workSource{access.ApproveEnrolment, d.changeWork})
	work = append(work, workSource{access.ApproveUsers, d.roleWork}, workSource{access.ReadRegistry, d.grievanceWork})
	return work
}

// homeFigures are the figures of the first page.
func (d *Desk) homeFigures(*http.Request, i18n.Printer, access.Actor) ([]ui.Tile, error) {
	return nil, nil
}

// familySections are the sections the later steps add to a family's page.
func (d *Desk) familySections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	var out []desk.Section
	for _, source := range []func(*http.Request, i18n.Printer, access.Actor, registry.Card) ([]desk.Section, error){
		d.findingSections, d.visitSections, d.proposalSections, d.grievanceSections, d.mergeSections, d.groupSections,
		d.programmeSections, d.paymentSections, d.letterSections,
		d.codeSections, d.lookedSections,
	} {
		some, err := source(r, p, who, card)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// runLinks lead from the list of runs to what can be started.
func (d *Desk) runLinks(p i18n.Printer, who access.Actor) []ui.Link {
	var out []ui.Link
	if len(importable(who)) > 0 {
		out = append(out, ui.Link{Label: p.Text("importsweb.start"), Href: "/impor"})
	}
	return out
}
