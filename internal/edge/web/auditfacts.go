package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

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

// factGroup is the first word of an act: what a fact's code means depends on it.
func factGroup(l audit.Line) string {
	group, _, _ := strings.Cut(l.Act, ".")
	return group
}

// factName names a fact of an entry; one without words keeps its own name.
func factName(p i18n.Printer, l audit.Line, name string) string {
	if kind := map[string]string{"finding": "state", "payments": "state", "area": "area", "key": "key", "assess": "decile", "identity": "group"}[factGroup(l)]; kind != "" && p.Has("auditweb.fact_"+kind+"."+name) {
		return p.Text("auditweb.fact_" + kind + "." + name)
	}
	if p.Has("auditweb.fact." + name) {
		return p.Text("auditweb.fact." + name)
	}
	return name
}

// factSections are all facts of an entry: those that say something by themselves, then the figures of a run.
func (d *Desk) factSections(r *http.Request, p i18n.Printer, l audit.Line) ([]desk.Section, error) {
	all := facts(l)
	own := desk.Section{ID: "rincian", Title: p.Text("auditweb.facts")}
	var out []desk.Section
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if empty(all[k]) {
			continue
		}
		if tally, ok := all[k].(map[string]any); ok {
			out = append(out, desk.Section{ID: "angka-" + k, Title: factName(p, l, k), Items: d.figureItems(p, runOf(l), tallyOf(tally))})
			continue
		}
		item, err := d.factItem(r, p, l, k, all[k])
		if err != nil {
			return nil, err
		}
		own.Items = append(own.Items, item)
	}
	if len(own.Items) > 0 {
		out = slices.Insert(out, 0, own)
	}
	return out, nil
}

func (d *Desk) factItem(r *http.Request, p i18n.Printer, l audit.Line, name string, value any) (ui.SummaryItem, error) {
	item := ui.SummaryItem{Label: factName(p, l, name)}
	text, isText := value.(string)
	id, err := sqldb.ParseID(text)
	switch {
	case isText && err == nil && name == "actor":
		names, err := d.Accounts.Names(r.Context(), []sqldb.ID{id})
		item.Value = whoWords(p, names, id)
		return item, err
	case isText && err == nil:
		item.Content = ui.Shortened(id.Short(), text)
	case isText && isDigest(text):
		item.Content = ui.Shortened(grouped(text), text)
	default:
		item.Value = d.factValue(p, l, name, value)
	}
	return item, nil
}

// empty reports whether a fact says nothing.
func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

var (
	digest    = regexp.MustCompile(`^[0-9a-f]{24,}$`)
	wholeKey  = regexp.MustCompile(`\b[0-9]{16}\b`)
	someDay   = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?|-Q[1-4])?$`)
	dotted    = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$`)
	dayNamed  = []string{"period", "as_of", "valid_from", "from", "to", "until", "month", "list_from", "vintage", "visited_on"}
	areaNamed = []string{"area", "areas", "from", "to"}
)

func isDigest(text string) bool { return digest.MatchString(text) }

// maskedText masks what may be a NIK or No. KK in words that somebody typed.
func maskedText(text string) string {
	return wholeKey.ReplaceAllStringFunc(text, func(n string) string { return n[:4] + " .... .... " + n[12:] })
}

// runOf is what is known of the run whose step an entry tells: its kind, its place and its day.
func runOf(l audit.Line) runs.Run {
	kind := l.Act
	for _, step := range []string{".chunk", ".undo"} {
		kind = strings.TrimSuffix(kind, step)
	}
	return runs.Run{Kind: kind, Area: l.Area, CreatedAt: l.At}
}

// tallyOf keeps the counts of a fact that holds some.
func tallyOf(v map[string]any) runs.Tally {
	out := runs.Tally{}
	for name, value := range v {
		if number, ok := value.(json.Number); ok {
			if n, err := number.Int64(); err == nil {
				out[name] = n
			}
		}
	}
	return out
}

// factValue says a fact: counts grouped, money as money, codes in words, lists and tables of counts in a row.
func (d *Desk) factValue(p i18n.Printer, l audit.Line, name string, value any) string {
	switch v := value.(type) {
	case json.Number:
		n, err := v.Int64()
		switch {
		case err != nil:
			return v.String()
		case inRupiah(name):
			return p.Rupiah(n)
		}
		return p.Number(n)
	case bool:
		if v {
			return p.Text("auditweb.yes")
		}
		return p.Text("auditweb.no")
	case map[string]any:
		var parts []string
		for _, item := range d.figureItems(p, runOf(l), tallyOf(v)) {
			parts = append(parts, item.Label+" "+item.Value)
		}
		return strings.Join(parts, ", ")
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, d.factValue(p, l, name, one))
		}
		return strings.Join(parts, ", ")
	case string:
		return d.factText(p, l, name, v)
	case nil:
		return "–"
	}
	return fmt.Sprint(value)
}

// factText says a code in words where it has some: a role, an area, a state, a kind of run, a date.
func (d *Desk) factText(p i18n.Printer, l audit.Line, name, text string) string {
	group := factGroup(l)
	switch {
	case group == "payments" && slices.Contains([]string{"from", "to"}, name):
		return d.Payments.Meaning(payment.Status(text)).Label.In(p.Lang.String())
	case name == "criterion":
		return d.criterionName(p, text, runOf(l))
	case name == "programme":
		return d.programmeWords(p, programme.ID(text), d.Places.LocalDate(d.Home.Home(), l.At))
	case name == "layout":
		return d.layoutWords(p, exchange.Settings{Subject: exchange.Families, Layout: text})
	case name == "act":
		return d.actFilterWords(p, text)
	case slices.Contains(dayNamed, name) && someDay.MatchString(text):
		return stageWords(p, text)
	case slices.Contains(areaNamed, name) && areasOnly(text):
		return d.areaNames(text)
	}
	for _, family := range append(codeFamilies(group+"."+name), codeFamilies(name)...) {
		if p.Has(family + text) {
			return p.Text(family + text)
		}
	}
	if name == "reason" {
		if reason, err := d.Proposals.Rules().Reasons.Find(text, d.Places.LocalDate(d.Home.Home(), l.At)); err == nil {
			return reason.Label.In(p.Lang.String())
		}
	}
	return dash(maskedText(text))
}

// actFilterWords says by which acts the log was narrowed: one act, or a group of them.
func (d *Desk) actFilterWords(p i18n.Printer, text string) string {
	if group, ok := strings.CutSuffix(text, "."); ok && p.Has("auditweb.group."+group) {
		return p.Text("auditweb.group." + group)
	}
	return actWords(p, text)
}

func areasOnly(text string) bool {
	return !slices.ContainsFunc(strings.Split(text, ","), func(one string) bool { return !dotted.MatchString(strings.TrimSpace(one)) })
}

// areaNames names the areas of a list of dotted codes.
func (d *Desk) areaNames(text string) string {
	parts := strings.Split(text, ",")
	for i, one := range parts {
		if at, err := area.Parse(strings.TrimSpace(one)); err == nil {
			parts[i] = d.Places.Tree().Label(at)
		}
	}
	return strings.Join(parts, ", ")
}

// codeFamilies are the messages a coded fact may have its words in, by its name or by the group of its act and its name.
func codeFamilies(name string) []string {
	return map[string][]string{
		"role": {"role."}, "status": {"civilmatch.status."}, "why": {"auditweb.why."}, "topic": {"grievance.kind.", "objection.kind."},
		"level": {"installation.level."}, "fields": {"civilmatch.field.", "duplicates.field."}, "document": {"web.document."}, "channel": {"payments.channel."}, "format": {"exportsweb.format.", "papers.format."}, "what": {"papers.what."}, "action": {"payments.event."},
		"kind":          {"run.kind.", "proposal.kind.", "programmes.change."},
		"letter.kind":   {"letters.kind."},
		"payments.kind": {"payments.finding."},
		"state":         {"run.state.", "proposal.state.", "grievance.state.", "objection.state.", "screening.state.", "payments.cycle."},
		"finding.from":  {"screening.state."}, "finding.to": {"screening.state."},
		"visit.outcome": {"visits.outcome."}, "duplicate.state": {"duplicates.state."}, "duplicate.reason": {"duplicates.reason."},
		"programme.state": {"programmes.change_state.", "programmes.state."}, "list_state": {"programmes.list."},
	}[name]
}

// factsInShort are the facts that say most, for a list: not the digests and numbers of ours.
func (d *Desk) factsInShort(p i18n.Printer, l audit.Line) string {
	const most, longest = 3, 120
	all := facts(l)
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		text, isText := all[k].(string)
		_, notID := sqldb.ParseID(text)
		if empty(all[k]) || isText && (notID == nil || isDigest(text)) || len(parts) == most {
			continue
		}
		parts = append(parts, factName(p, l, k)+": "+d.factValue(p, l, k, all[k]))
	}
	short := []rune(strings.Join(parts, "; "))
	if len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return dash(string(short))
}
