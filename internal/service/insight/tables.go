package insight

import (
	"slices"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/payment"
	"tepat/internal/service/areas"
)

// childColumns are the columns of the table of areas below.
func childColumns() []Column {
	return []Column{
		{"families", Count, named("insight.families")}, {"persons", Count, named("insight.persons")}, {"matched", Share, named("insight.matched")},
		{"not_matching", Count, named("insight.not_matching")}, {"recipients", Share, named("insight.recipients")}, {"poor", Share, named("insight.poor")},
		{"open", Count, named("insight.open")}, {"overdue", Share, named("insight.overdue")}, {"repairs", Count, named("insight.repairs")},
		{"asleep", Share, named("insight.asleep")}, {"last_activity", Moment, named("insight.last_activity")},
	}
}

func childValues(n numbers) []Value {
	persons := n[metricPersons]
	out := []Value{
		{N: n[metricFamilies]}, {N: persons}, {N: n.matched(), Of: persons}, {N: n.notMatching()}, {N: n[metricRecipients], Of: persons},
		{N: n.poor(), Of: n.ranked()}, {N: n[metricOpen]}, {N: n[metricOverdue], Of: n[metricOpen]}, {N: n[metricRepairs]},
		{N: n[metricAsleep], Of: n[metricVillages]}, {N: n[metricActivity]},
	}
	for i := range out {
		out[i] = known(n, out[i])
	}
	return out
}

func childrenTable(t Table, tree *areas.Tree, children []area.Code, got figures, own numbers) Table {
	t.Key, t.Words, t.Columns = "children", named("insight.children"), childColumns()
	for _, code := range children {
		t.Lines = append(t.Lines, Line{Code: code, Words: Words{Name: tree.Title(code)}, Values: childValues(got.at(code))})
	}
	if len(children) > 0 {
		t.Total = Line{Code: t.Area, Words: named("insight.total"), Values: childValues(own)}
	}
	return t
}

func programmesTable(t Table, n numbers, set []listed) Table {
	t.Key, t.Words = "programmes", named("insight.programmes")
	t.Columns = []Column{
		{"enrolled", Share, named("insight.column.enrolled")}, {"waiting", Count, named("insight.column.waiting")},
		{"suspended", Count, named("insight.column.suspended")}, {"amount", Rupiah, named("insight.column.amount")},
	}
	for _, p := range set {
		t.Lines = append(t.Lines, Line{Key: string(p.id), Words: Words{Label: p.label}, Values: []Value{
			{N: n.place(p.id, "enrolled"), Of: p.base(n)}, {N: n.place(p.id, "waiting")}, {N: n.place(p.id, "suspended")},
			{N: n[prefixPlaceSum+string(p.id)+".enrolled"]},
		}})
	}
	return t
}

func decilesTable(t Table, n numbers) Table {
	t.Key, t.Words = "deciles", named("insight.deciles")
	t.Columns = []Column{{"families", Share, named("insight.families")}, {"persons", Share, named("insight.persons")}}
	values := func(d int) []Value {
		return []Value{{N: n.decile(d), Of: n[metricFamilies]}, {N: n[prefixPersons+strconv.Itoa(d)], Of: n.sum(prefixPersons)}}
	}
	for d := 1; d <= 10; d++ {
		t.Lines = append(t.Lines, Line{Key: prefixDecile + strconv.Itoa(d), Words: named("insight.decile", "n", d), Values: values(d)})
	}
	t.Lines = append(t.Lines, Line{Key: prefixDecile + "0", Words: named("insight.decile_none"), Values: values(0)})
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: n[metricFamilies], Of: n[metricFamilies]}, {N: n.sum(prefixPersons), Of: n.sum(prefixPersons)}}}
	return t
}

func ageingTable(t Table, n numbers) Table {
	t.Key, t.Words = "ageing", named("insight.ageing")
	t.Columns = []Column{{"proposals", Share, named("insight.open")}}
	for _, age := range Ages() {
		t.Lines = append(t.Lines, Line{Key: prefixAge + age, Words: named("insight.age." + age), Values: []Value{{N: n[prefixAge+age], Of: n[metricOpen]}}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: n[metricOpen], Of: n[metricOpen]}}}
	return t
}

func mismatchTable(t Table, n numbers) Table {
	t.Key, t.Words = "mismatches", named("insight.mismatches")
	t.Columns = []Column{{"persons", Share, named("insight.persons")}}
	all := n.notMatching()
	for _, status := range civilmatch.Statuses() {
		if status.Group() == civilmatch.NotMatching {
			t.Lines = append(t.Lines, Line{Key: prefixMatch + status.Code(), Words: named("civilmatch.status." + status.Code()), Values: []Value{{N: n[prefixMatch+status.Code()], Of: all}}})
		}
	}
	slices.SortStableFunc(t.Lines, func(a, b Line) int { return int(b.Values[0].N - a.Values[0].N) })
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: all, Of: all}}}
	return t
}

func paymentsTable(t Table, n numbers, set []listed) Table {
	t.Key, t.Words = "payments", named("insight.payments")
	for _, standing := range payStandings() {
		t.Columns = append(t.Columns, Column{standing, Share, named("insight.pay." + standing)})
	}
	t.Columns = append(t.Columns, Column{"amount_paid", Rupiah, named("insight.column.amount_paid")}, Column{"amount", Rupiah, named("insight.column.amount")})
	for _, p := range set {
		all := n.sum(prefixPay + string(p.id) + ".")
		if all == 0 {
			continue
		}
		line := Line{Key: string(p.id), Words: Words{Label: p.label}}
		for _, standing := range payStandings() {
			line.Values = append(line.Values, Value{N: n.pay(p.id, standing), Of: all})
		}
		used := n[prefixPaySum+string(p.id)+"."+strings.ToLower(string(payment.PaidUsed))]
		line.Values = append(line.Values, Value{N: used}, Value{N: n.sum(prefixPaySum + string(p.id) + ".")})
		t.Lines = append(t.Lines, line)
	}
	return t
}

// wordsTable counts by a state that is part of the metric's name; the states' words are in the catalogue.
func wordsTable(t Table, n numbers, key, prefix, words string) Table {
	t.Key, t.Words = key, named("insight."+key)
	t.Columns = []Column{{"n", Share, named("insight.column.n")}}
	all := n.sum(prefix)
	var metrics []string
	for metric := range n {
		if strings.HasPrefix(metric, prefix) {
			metrics = append(metrics, metric)
		}
	}
	slices.Sort(metrics)
	for _, metric := range metrics {
		t.Lines = append(t.Lines, Line{Key: metric, Words: named(words + strings.TrimPrefix(metric, prefix)), Values: []Value{{N: n[metric], Of: all}}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: all, Of: all}}}
	return t
}

// forget makes every number unknown, for an area that was never counted: nothing counted is not nothing.
func (t *Table) forget() {
	for _, l := range append(t.Lines, t.Total) {
		for i := range l.Values {
			l.Values[i] = Value{None: true}
		}
	}
}
