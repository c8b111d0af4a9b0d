package insight

import (
	"context"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
)

// Figure is one number of a page, with what it is a part of. Its words say what is counted; its date is the
// dashboard's.
type Figure struct {
	Key   string
	Kind  Kind
	Words Words
	Value Value
}

// Dashboard is an area in figures.
type Dashboard struct {
	Area    area.Code
	Title   string
	Path    []area.Code // from the province down to the area
	Period  string
	AsOf    time.Time // zero: never counted
	Figures []Figure
	// Children are the areas right below, for the way down; no lines in a village.
	Children Table
	// Programmes are the places and the waiting list of each programme, in its own unit.
	Programmes Table
	Deciles    Table // families and persons by decile
	Ageing     Table // open proposals by days since they were filed
	Payments   Table // rows of the latest stage of each programme by final state
	Mismatches Table // persons who do not match, by cause
	Proposals  Table // by state
	Findings   Table // by state
}

// View says what to look at. The zero Period is Live.
type View struct {
	Area   area.Code
	Period string
}

func (v View) period() string {
	if v.Period == "" {
		return Live
	}
	return v.Period
}

// Dashboard gives an area in figures, live or as of a closed month. Errors: access.denied outside the actor's
// area, area.unknown, insight.period for a month that is not closed.
func (s *Service) Dashboard(ctx context.Context, who access.Actor, v View) (d Dashboard, err error) {
	err = s.look(ctx, who, v, func(q sqldb.Querier, tree *areas.Tree) error {
		d, err = s.dashboardIn(ctx, q, tree, v)
		return err
	})
	return d, err
}

// look asks for the right to read an area's figures, and reads them in one snapshot.
func (s *Service) look(ctx context.Context, who access.Actor, v View, f func(sqldb.Querier, *areas.Tree) error) error {
	tree := s.places.Tree()
	if v.Area != area.Nation {
		if _, err := tree.Must(v.Area); err != nil {
			return err
		}
	}
	if err := s.allow(who, v.Area); err != nil {
		return err
	}
	return s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if err := s.mustBeClosed(ctx, tx, tree, v); err != nil {
			return err
		}
		return f(tx, tree)
	})
}

func (s *Service) dashboardIn(ctx context.Context, q sqldb.Querier, tree *areas.Tree, v View) (Dashboard, error) {
	d := Dashboard{Area: v.Area, Title: tree.Title(v.Area), Path: tree.Path(v.Area), Period: v.period()}
	children := childrenOf(tree, v.Area)
	got, err := s.read(ctx, q, tree, d.Period, append(children, v.Area))
	if err != nil {
		return d, err
	}
	d.AsOf = got.asOf
	own := got.at(v.Area)
	base := Table{Area: v.Area, Period: d.Period, AsOf: d.AsOf}
	set := s.programmesOf(own, d)
	d.Figures = headline(own, set)
	d.Children = childrenTable(base, tree, children, got, own)
	d.Programmes = programmesTable(base, own, set)
	d.Deciles, d.Ageing, d.Mismatches = decilesTable(base, own), ageingTable(base, own), mismatchTable(base, own)
	d.Payments = paymentsTable(base, own, set)
	d.Proposals = wordsTable(base, own, "proposals", prefixProposal, "proposal.state.")
	d.Findings = wordsTable(base, own, "findings", prefixFinding, "screening.state.")
	if own == nil {
		for _, t := range []*Table{&d.Programmes, &d.Deciles, &d.Ageing, &d.Mismatches, &d.Payments, &d.Proposals, &d.Findings} {
			t.forget()
		}
	}
	return d, nil
}

func childrenOf(tree *areas.Tree, at area.Code) (out []area.Code) {
	for p := range tree.Children(at) {
		out = append(out, p.Code)
	}
	return out
}

// listed is a programme the figures speak of.
type listed struct {
	id    programme.ID
	label questionnaire.Label
	short questionnaire.Label // for headings and tiles
	unit  programme.Unit
}

// programmesOf gives the programmes with places or payments, by the rules in force at the figures' date.
func (s *Service) programmesOf(n numbers, d Dashboard) (out []listed) {
	day := d.AsOf
	if day.IsZero() {
		day = s.acts.Now()
	}
	edition := s.catalogue.At(s.places.LocalDate(d.Area, day))
	ids := append(n.programmes(prefixPlace), n.programmes(prefixPay)...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		one := listed{id: id, label: questionnaire.Label{ID: strings.ToUpper(string(id)), EN: strings.ToUpper(string(id))}, unit: programme.UnitFamily}
		one.short = one.label
		if p, err := edition.Programme(id); err == nil {
			one.label, one.short, one.unit = p.Name, p.Short, p.Unit
		}
		out = append(out, one)
	}
	return out
}

// base is what a programme's places are a part of: families, or persons.
func (l listed) base(n numbers) int64 {
	if l.unit == programme.UnitPerson || l.unit == programme.UnitPupil {
		return n[metricPersons]
	}
	return n[metricFamilies]
}

func known(n numbers, v Value) Value {
	if n == nil {
		return Value{None: true}
	}
	return v
}

// headline gives the figures at the top of a page.
func headline(n numbers, set []listed) []Figure {
	persons, families := n[metricPersons], n[metricFamilies]
	out := []Figure{
		{"families", Count, named("insight.families"), Value{N: families}},
		{"persons", Count, named("insight.persons"), Value{N: persons}},
		{"matched", Share, named("insight.matched"), Value{N: n.matched(), Of: persons}},
		{"not_matching", Share, named("insight.not_matching"), Value{N: n.notMatching(), Of: persons}},
		{"unasked", Share, named("insight.unasked"), Value{N: n.unasked(), Of: persons}},
		{"recipients", Share, named("insight.recipients"), Value{N: n[metricRecipients], Of: persons}},
		{"non_recipients", Share, named("insight.non_recipients"), Value{N: n.nonRecipients(), Of: persons}},
		{"helped_families", Share, named("insight.helped_families"), Value{N: n[metricHelpedFamilies], Of: families}},
		{"poor", Share, named("insight.poor"), Value{N: n.poor(), Of: n.ranked()}},
		{"unranked", Share, named("insight.unranked"), Value{N: n.decile(0), Of: families}},
		{"overdue", Share, named("insight.overdue"), Value{N: n[metricOverdue], Of: n[metricOpen]}},
		{"asleep", Share, named("insight.asleep"), Value{N: n[metricAsleep], Of: n[metricVillages]}},
		{"repairs", Count, named("insight.repairs"), Value{N: n[metricRepairs]}},
		{"duplicates", Count, named("insight.duplicates"), Value{N: n[metricDuplicates]}},
	}
	for _, p := range set {
		out = append(out,
			Figure{"place." + string(p.id) + ".enrolled", Share, named("insight.enrolled", "programme", Words{Label: p.short}), Value{N: n.place(p.id, "enrolled"), Of: p.base(n)}},
			Figure{"place." + string(p.id) + ".waiting", Count, named("insight.waiting", "programme", Words{Label: p.short}), Value{N: n.place(p.id, "waiting")}})
	}
	for i := range out {
		out[i].Value = known(n, out[i].Value)
	}
	return out
}
