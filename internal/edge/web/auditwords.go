package web

import (
	"io"
	"net/http"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/audit"
)

// actGroups are the kinds of acts the filter offers, by the first word of their names.
func actGroups() []string {
	return []string{"registry", "civil", "duplicate", "proposal", "decree", "visit", "finding", "letter", "lookup", "self", "programme", "payments", "grievance",
		"run", "import", "match", "screen", "insight", "account", "area", "audit"}
}

// actWords says an act in words: its own, those of a chunk of a run, or the kind with the name.
func actWords(p i18n.Printer, act string) string {
	if key := "auditweb.act." + act; p.Has(key) {
		return p.Text(key)
	}
	for _, step := range []string{"chunk", "undo"} {
		if kind, ok := strings.CutSuffix(act, "."+step); ok && p.Has("run.kind."+kind) {
			return p.Text("auditweb.run_"+step, "kind", p.Text("run.kind."+kind))
		}
	}
	group, rest, _ := strings.Cut(act, ".")
	key := "auditweb.group." + group
	if !p.Has(key) {
		return act
	}
	for _, family := range []string{group + ".action.", group + "s.action."} { // steps of proposals and complaints have words already
		if p.Has(family + rest) {
			rest = p.Text(family + rest)
			break
		}
	}
	return p.Text("auditweb.act_of", "group", p.Text(key), "act", rest)
}

func roleName(p i18n.Printer, r access.Role) string {
	if r == "" {
		return ""
	}
	return p.Text("role." + string(r))
}

// purposeWords says a purpose: a code of ours in words, anything else as it was typed.
func purposeWords(p i18n.Printer, purpose string) string {
	for _, family := range []string{"export.purpose.", "web.counter.purpose."} {
		if purpose != "" && p.Has(family+purpose) {
			return p.Text(family + purpose)
		}
	}
	return dash(maskedText(purpose))
}

// subjectPage gives the page of what an act is about, and the permission it needs.
func subjectPage(act string) (path string, needs access.Permission) {
	switch {
	case act == "registry.open" || act == "assessment.explain" || act == "programme.family" || act == "grievance.about_family" || act == "proposal.of_family" || strings.HasPrefix(act, "visit."):
		return "/keluarga/", access.ReadRegistry
	case strings.HasPrefix(act, "civil."):
		return "/padan/", access.ReadRegistry
	case strings.HasPrefix(act, "proposal.") && !strings.HasPrefix(act, "proposal.draft"):
		return "/usulan/", access.ReadRegistry
	case strings.HasPrefix(act, "run.") || strings.HasSuffix(act, ".chunk") || strings.HasSuffix(act, ".undo") && !strings.HasPrefix(act, "duplicate."):
		return "/pekerjaan/", access.ReadRuns
	case strings.HasPrefix(act, "account."):
		return "/pengguna/", access.ManageUsers
	}
	return "", ""
}

// auditFile gives the log as a file, as it is kept: an auditor works on with it. Each page
// of it is an act of reading; the file goes out when all of them are recorded.
func (d *Desk) auditFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "jenis", "siapa", "waktu", "wilayah", "subjek")
	if err != nil {
		return err
	}
	f, err := d.auditFilter(q.Get, who)
	if err != nil {
		return err
	}
	return d.sendFile(w, "log-audit-"+d.today(who)+".csv", "text/csv; charset=utf-8", func(out io.Writer) error { return d.writeLog(r, who, f, out) })
}

// mostLogRows bounds a file of the log; a narrower filter gives the rest.
const mostLogRows = 50_000

func (d *Desk) writeLog(r *http.Request, who access.Actor, f audit.Filter, out io.Writer) error {
	const page = 200
	csv := tabular.NewCSVWriter(out, tabular.CSVOptions{Mark: true})
	var head []tabular.Cell
	for _, title := range []string{"at", "act", "actor", "role", "tenant", "area_code", "subject", "purpose", "facts", "id"} {
		head = append(head, tabular.Text(title))
	}
	if err := csv.Write(head...); err != nil {
		return err
	}
	for rows := 0; rows < mostLogRows; {
		list, err := d.Acts.ReadLog(r.Context(), who, f, page)
		if err != nil {
			return err
		}
		names, err := d.namesOf(r, list)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := csv.Write(tabular.Text(l.At.Format("2006-01-02T15:04:05Z07:00")), tabular.Text(l.Act), tabular.Text(names[l.Actor]), tabular.Text(string(l.Role)),
				tabular.Number(int64(l.Tenant)), tabular.Text(l.Area.Dotted()), tabular.Text(l.Subject.String()), tabular.Text(l.Purpose), tabular.Text(l.Facts), tabular.Text(l.ID.String())); err != nil {
				return err
			}
		}
		if rows += len(list); len(list) < page {
			break
		}
		f.After = list[len(list)-1].ID
	}
	return csv.Close()
}
