package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
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
	default:
		list, err := d.Duplicates.Queue(r.Context(), who, duplicates.Filter{Limit: 1})
		if err != nil || len(list.Lines) == 0 {
			return "", "", err
		}
		l := list.Lines[0]
		return l.Left.Name, "/ganda/" + rowID(l.Pair.Tenant, l.Pair.ID), nil
	}
}
