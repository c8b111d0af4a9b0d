package web

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/audit"
	"tepat/web/ui"
)

// actGroups are the kinds of acts the filter offers, by the first word of their names.
func actGroups() []string {
	return []string{"registry", "civil", "duplicate", "proposal", "decree", "finding", "letter", "lookup", "programme", "payments", "grievance",
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
	return dash(purpose)
}

// subjectPage gives the page of what an act is about, and the permission it needs.
func subjectPage(act string) (path string, needs access.Permission) {
	switch {
	case act == "registry.open" || act == "assessment.explain" || act == "programme.family" || act == "grievance.about_family" || act == "proposal.of_family":
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

// facts reads the facts of an entry, by name.
func facts(l audit.Line) map[string]any {
	var out map[string]any
	decoder := json.NewDecoder(strings.NewReader(l.Facts))
	decoder.UseNumber() // counts stay whole numbers
	if err := decoder.Decode(&out); err != nil {
		return nil
	}
	return out
}

// factName names a fact; one without words keeps its own name.
func factName(p i18n.Printer, name string) string {
	for _, family := range []string{"auditweb.fact.", "run.figure.", "civilmatch.status.", ""} {
		if p.Has(family + name) {
			return p.Text(family + name)
		}
	}
	return name
}

// factValue says a fact: counts grouped, codes in words, lists and tables of counts in a row.
func (d *Desk) factValue(p i18n.Printer, name string, value any) string {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return p.Number(n)
		}
		return v.String()
	case bool:
		if v {
			return p.Text("auditweb.yes")
		}
		return p.Text("auditweb.no")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, factName(p, k)+" "+d.factValue(p, k, v[k]))
		}
		return strings.Join(parts, ", ")
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, d.factValue(p, name, one))
		}
		return strings.Join(parts, ", ")
	case string:
		return d.factText(p, name, v)
	case nil:
		return "–"
	}
	return fmt.Sprint(value)
}

// factText says a code in words where it has some: a role, an area, a state, a kind of run, a date.
func (d *Desk) factText(p i18n.Printer, name, text string) string {
	if name == "area" {
		if at, err := area.Parse(text); err == nil {
			return d.Places.Tree().Name(at)
		}
	}
	for _, family := range codeFamilies(name) {
		if p.Has(family + text) {
			return p.Text(family + text)
		}
	}
	switch name {
	case "programme":
		return d.Programme(p, text)
	case "period", "as_of", "valid_from":
		return dash(stageWords(p, text))
	case "reason":
		if reason, err := d.Proposals.Rules().Reasons.Find(text, d.Places.LocalDate(d.Home.Home(), d.Now())); err == nil {
			return reason.Label.In(string(p.Lang))
		}
	}
	if len(text) == 10 && text[4] == '-' && text[7] == '-' {
		return p.DateTextShort(text)
	}
	return dash(text)
}

// codeFamilies are the messages a coded fact may have its words in.
func codeFamilies(name string) []string {
	return map[string][]string{
		"role": {"role."}, "kind": {"run.kind.", "proposal.kind.", "programmes.change."}, "status": {"civilmatch.status."}, "why": {"auditweb.why."}, "topic": {"grievance.kind."},
		"state": {"run.state.", "proposal.state.", "grievance.state.", "objection.state.", "screening.state.", "payments.cycle."},
	}[name]
}

// factItems are all facts of an entry.
func (d *Desk) factItems(p i18n.Printer, l audit.Line) (out []ui.SummaryItem) {
	all := facts(l)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, ui.SummaryItem{Label: factName(p, k), Value: dash(d.factValue(p, k, all[k]))})
	}
	return out
}

// factsInShort are the facts that say most, for a list: not the digests and numbers of ours.
func (d *Desk) factsInShort(p i18n.Printer, l audit.Line) string {
	const most, longest = 3, 120
	all := facts(l)
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		text, isText := all[k].(string)
		if slices.Contains([]string{"ids", "digest", "sha256"}, k) || isText && (text == "" || len(text) > 30) || len(parts) == most {
			continue
		}
		parts = append(parts, factName(p, k)+": "+d.factValue(p, k, all[k]))
	}
	short := []rune(strings.Join(parts, "; "))
	if len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return dash(string(short))
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
