package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/grievances"
	"tepat/internal/service/payments"
	"tepat/internal/service/proposals"
	"tepat/internal/service/screening"
	"tepat/web/ui"
)

// queue is a queue somebody decides cases of, one after the other.
type queue string

// The queues a decision leads on in.
const (
	proposalQueue  queue = "usulan"
	findingQueue   queue = "temuan"
	duplicateQueue queue = "ganda"
	grievanceQueue queue = "pengaduan"
	paymentQueue   queue = "penyaluran"
)

const onwardKey = "lanjut"

// decided goes back to a case after a decision; its page says so and leads on.
func (d *Desk) decided(w http.ResponseWriter, r *http.Request, from queue, path string) {
	d.sessions.Put(r.Context(), onwardKey, string(from))
	httpkit.Redirect(w, r, path)
}

// onward says after a decision that it was kept, and leads to the next case of the queue; it says
// nothing on a page that is only read.
func (d *Desk) onward(r *http.Request, p i18n.Printer, who access.Actor, from queue) ([]ui.Notice, error) {
	if queue(d.sessions.Text(r.Context(), onwardKey)) != from {
		return nil, nil
	}
	d.sessions.Pop(r.Context(), onwardKey)
	name, path, err := d.nextCase(r, p, who, from)
	if err != nil {
		return nil, err
	}
	n := ui.Notice{Tone: ui.Good, Title: p.Text("web.onward.kept")}
	if path == "" {
		n.Text, n.Link = p.Text("web.onward.none"), &ui.Link{Label: p.Text("web.onward.home"), Href: "/"}
	} else {
		n.Link = &ui.Link{Label: p.Text("web.onward.next", "name", name), Href: path}
	}
	return []ui.Notice{n}, nil
}

// nextCase gives the first case that still waits in a queue; none has an empty path.
func (d *Desk) nextCase(r *http.Request, p i18n.Printer, who access.Actor, from queue) (name, path string, err error) {
	switch from {
	case proposalQueue:
		list, err := d.Proposals.Queue(r.Context(), who, proposals.Filter{Limit: 1, Tab: tabOf("", "", who)})
		if err != nil || len(list.Lines) == 0 {
			return "", "", err
		}
		l := list.Lines[0]
		return l.Number + " " + nameOr(p, l.Applicant), "/usulan/" + rowID(l.Tenant, l.ID), nil
	case findingQueue:
		list, err := d.Screening.Queue(r.Context(), who, screening.Filter{State: screening.Found, Limit: 1})
		if err != nil || len(list) == 0 {
			return "", "", err
		}
		if name = list[0].PersonName; name == "" {
			name = list[0].HeadName
		}
		return name, "/temuan/" + rowID(list[0].Tenant, list[0].ID), nil
	case grievanceQueue:
		return d.nextGrievance(r, who)
	case paymentQueue:
		list, err := d.Payments.Queue(r.Context(), who, payments.Filter{Limit: 1})
		if err != nil || len(list) == 0 {
			return "", "", err
		}
		return list[0].Name, paymentPath(list[0]), nil
	default:
		list, err := d.Duplicates.Queue(r.Context(), who, duplicates.Filter{Limit: 1})
		if err != nil || len(list.Lines) == 0 {
			return "", "", err
		}
		l := list.Lines[0]
		return l.Left.Name, "/ganda/" + rowID(l.Pair.Tenant, l.Pair.ID), nil
	}
}

// nextGrievance gives the case that is the reader's to work on next: of those nobody has, of her own, and of those that
// came up a level, the one that is due first. The case on the page is not next.
func (d *Desk) nextGrievance(r *http.Request, who access.Actor) (name, path string, err error) {
	const two = 2 // one of them may be the case on the page
	filters := []grievances.Filter{{Tab: grievances.TabEscalated, Limit: two}}
	if who.Can(access.HandleGrievance) {
		filters = []grievances.Filter{{Tab: grievances.TabHandled, Officer: who.ID, Limit: two}, {Tab: grievances.TabNew, Limit: two}}
	}
	for _, f := range filters {
		list, err := d.Grievances.Queue(r.Context(), who, f)
		if err != nil {
			return "", "", err
		}
		for _, l := range list.Lines {
			if id := rowID(l.Tenant, l.ID); id != r.PathValue("id") {
				return l.Number, "/pengaduan/" + id, nil
			}
		}
	}
	return "", "", nil
}
