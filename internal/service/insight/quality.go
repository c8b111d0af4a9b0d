package insight

import (
	"context"
	"strconv"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
	"tepat/internal/service/suggestions"
)

// The metrics of quality.
const (
	prefixMismatchAge = "mismatch_age." // persons who do not match by days since it was found
	prefixCause       = "cause."        // persons who do not match by probable cause
	prefixSought      = "sought."       // the same by what the search in the civil registry gave
	prefixBelief      = "belief."       // of those: the sum of the probabilities, in millionths
	prefixName        = "name."         // compared persons by kind of name
	prefixNameWrong   = "name_wrong."   // of those, who do not match
	prefixCluster     = "cluster."      // groups of open pairs of double records by how many persons
	prefixPairAge     = "pair_age."     // open pairs by days since they were queued
	prefixPairWeighed = "pair_weighed." // of those, which the engine has weighed
	prefixPairBelief  = "pair_belief."  // of those: the sum of the probabilities, in millionths
)

// mismatchAges are the buckets of those who do not match, and of pairs, by days.
func mismatchAges() []string { return []string{"0_7", "8_30", "31_90", "over_90"} }

// clusterSizes are the buckets of groups of double records.
func clusterSizes() []string { return []string{"2", "3", "4", "over_4"} }

// What a search gave. Only sure and found are held to be one civil person.
const (
	soughtSure   = "sure"   // a belief of 0.99 and a thousand times likelier than the next
	soughtFound  = "found"  // the others that are held to be found
	soughtUnsure = "unsure" // somebody has to look, or another of our persons has the NIK
	soughtNobody = "nobody"
	soughtNone   = "none" // not looked for, or not since the record or the civil file changed
)

func soughtKinds() []string {
	return []string{soughtSure, soughtFound, soughtUnsure, soughtNobody, soughtNone}
}

// quality counts what the quality page shows.
func (c *census) quality(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.mismatches, c.names, c.clusters} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mismatches counts those who do not match, by age, cause and what the search gave. A suggestion counts while her record,
// her family's and the civil file are as they were.
func (c *census) mismatches(ctx context.Context) error {
	a := sqldb.NewArgs(c.q)
	day := func(n int64) string { return a.P((c.now - n*24*3600*1_000_000)) }
	wrong := make([]int64, 0, 16)
	for _, s := range civilmatch.Statuses() {
		if s.Group() == civilmatch.NotMatching {
			wrong = append(wrong, int64(s))
		}
	}
	// -- national: the age of the whole civil file (nik_hash)
	query := `SELECT p.area_code, CASE WHEN p.matched_at >= ` + day(7) + ` THEN 0 WHEN p.matched_at >= ` + day(30) + ` THEN 1 WHEN p.matched_at >= ` + day(90) + ` THEN 2 ELSE 3 END,
			coalesce(g.cause, ''), coalesce(g.outcome, 0), coalesce(g.taken, 0), CASE WHEN g.probability >= 0.99 AND (g.gap < 0 OR g.gap >= 10) THEN 1 ELSE 0 END,
			count(*), CAST(coalesce(sum(g.probability), 0) * 1000000 AS BIGINT)
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		LEFT JOIN match_suggestion g ON g.kabkota = p.kabkota AND g.person_id = p.id AND g.person_version = p.version AND g.family_version = f.version
			AND (g.outcome = 0 OR g.civil_at = (SELECT max(recorded_at) FROM civil_record))
		WHERE p.kabkota = ` + a.P(int64(c.tenant)) + ` AND p.state = 1 AND p.match_status IN ` + sqldb.In(a, wrong) + `
		GROUP BY 1, 2, 3, 4, 5, 6`
	return sqldb.Each(ctx, c.q, query, a.Values, func(r sqldb.Row) error {
		var at, age, outcome, taken, sure, n, belief int64
		var cause string
		if err := r.Scan(&at, &age, &cause, &outcome, &taken, &sure, &n, &belief); err != nil {
			return err
		}
		c.add(at, prefixMismatchAge+mismatchAges()[age], n)
		if cause != "" {
			c.add(at, prefixCause+cause, n)
		}
		kind := soughtOf(suggestions.Outcome(outcome), taken == 1, sure == 1)
		c.add(at, prefixSought+kind, n)
		c.add(at, prefixBelief+kind, belief)
		return nil
	})
}

func soughtOf(o suggestions.Outcome, taken, sure bool) string {
	switch {
	case o == suggestions.NotSought:
		return soughtNone
	case o == suggestions.Nobody:
		return soughtNobody
	case o == suggestions.Unsure || taken:
		return soughtUnsure
	case sure:
		return soughtSure
	}
	return soughtFound
}

// names counts the compared persons by kind of name. No name is kept.
func (c *census) names(ctx context.Context) error {
	if c.groups == nil || c.groups.muhammad == nil {
		return nil
	}
	return sqldb.Each(ctx, c.q, `SELECT area_code, match_status, name_norm FROM person WHERE kabkota = $1 AND state = 1`, []any{int64(c.tenant)}, func(r sqldb.Row) error {
		var at, status int64
		var name string
		if err := r.Scan(&at, &status, &name); err != nil {
			return err
		}
		group := civilmatch.Status(status).Group()
		if group == civilmatch.Unknown {
			return nil
		}
		kind := c.groups.of(name)
		c.add(at, prefixName+kind, 1)
		if group == civilmatch.NotMatching {
			c.add(at, prefixNameWrong+kind, 1)
		}
		return nil
	})
}

// clusters counts the pairs of double records that wait, by age, and the groups they join, by size. A pair counts where the queue
// lists it, a group where its first person lives.
func (c *census) clusters(ctx context.Context) error {
	type side struct {
		parent sqldb.ID
		at     int64
	}
	of := map[sqldb.ID]side{}
	var root func(id sqldb.ID) sqldb.ID
	root = func(id sqldb.ID) sqldb.ID {
		s := of[id]
		if s.parent == id {
			return id
		}
		s.parent = root(s.parent)
		of[id] = s
		return s.parent
	}
	err := sqldb.Each(ctx, c.q, `SELECT l.left_id, l.right_id, l.area_code, a.area_code, b.area_code, l.recorded_at, l.probability`+waitingPairs, []any{int64(c.tenant), int64(civilmatch.Matched)}, func(r sqldb.Row) error {
		var left, right sqldb.ID
		var at, leftAt, rightAt, queued int64
		var probability float64
		if err := r.Scan(&left, &right, &at, &leftAt, &rightAt, &queued, &probability); err != nil {
			return err
		}
		c.pairAged(at, queued, probability)
		for id, at := range map[sqldb.ID]int64{left: leftAt, right: rightAt} {
			if _, known := of[id]; !known {
				of[id] = side{id, at}
			}
		}
		one, other := root(left), root(right)
		if string(other[:]) < string(one[:]) { // the first id stands for a group, whatever the order of the pairs
			one, other = other, one
		}
		of[other] = side{one, of[other].at}
		return nil
	})
	if err != nil {
		return err
	}
	sizes := map[sqldb.ID]int{}
	for id := range of {
		sizes[root(id)]++
	}
	for id, n := range sizes {
		size := "over_4"
		if n <= 4 {
			size = strconv.Itoa(n)
		}
		c.add(of[id].at, prefixCluster+size, 1)
	}
	return nil
}

// pairAged counts a pair that waits, and how far the engine believes in it.
func (c *census) pairAged(at, queued int64, probability float64) {
	age := mismatchAges()[3]
	for i, days := range []int64{7, 30, 90} {
		if queued >= c.now-days*24*3600*1_000_000 {
			age = mismatchAges()[i]
			break
		}
	}
	c.add(at, prefixPairAge+age, 1)
	if probability > 0 {
		c.add(at, prefixPairWeighed+age, 1)
		c.add(at, prefixPairBelief+age, int64(probability*1_000_000))
	}
}

// Quality is what is known of the quality of an area's records.
type Quality struct {
	Dashboard         // of the same area: its place, its children, when it was counted
	Tables    []Table // by area, cause, age, search, kind of name, size of group
}

// Quality shows how good the records of an area are: how many match, why not, for how long, how far the
// suggestions are to be believed, and whether people of some kind of name are found less often. Errors: those of
// Dashboard.
func (s *Service) Quality(ctx context.Context, who access.Actor, v View) (out Quality, err error) {
	var got figures
	err = s.look(ctx, who, v, func(q sqldb.Querier, tree *areas.Tree) error {
		if out.Dashboard, err = s.dashboardIn(ctx, q, tree, v); err != nil {
			return err
		}
		got, err = s.read(ctx, q, tree, out.Period, append(childrenOf(tree, v.Area), v.Area))
		return err
	})
	if err != nil {
		return out, err
	}
	blank := Table{Area: out.Area, Period: out.Period, AsOf: got.asOf}
	n := got.at(out.Area)
	if len(out.Children.Lines) > 0 {
		out.Tables = append(out.Tables, qualityByArea(blank, out.Children.Lines, got))
	}
	out.Tables = append(out.Tables, causesTable(blank, n), agesTable(blank, n), soughtTable(blank, n), namesTable(blank, n), pairsTable(blank, n), clustersTable(blank, n))
	return out, nil
}

func qualityByArea(t Table, children []Line, got figures) Table {
	t.Key, t.Words = "quality", named("insight.quality.areas")
	t.Columns = []Column{{"matched", Share, named("insight.matched")}, {"not_matching", Count, named("insight.not_matching")},
		{"sure", Share, named("insight.quality.sure")}, {"nobody", Share, named("insight.quality.nobody")}, {"old", Share, named("insight.quality.old")}}
	values := func(n numbers) []Value {
		wrong := n.sum(prefixSought)
		list := []Value{{N: n.matched(), Of: n[metricPersons]}, {N: n.notMatching()}, {N: n[prefixSought+soughtSure], Of: wrong},
			{N: n[prefixSought+soughtNobody], Of: wrong}, {N: n[prefixMismatchAge+"over_90"], Of: n.sum(prefixMismatchAge)}}
		for i := range list {
			list[i] = known(n, list[i])
		}
		return list
	}
	for _, l := range children {
		t.Lines = append(t.Lines, Line{Code: l.Code, Words: l.Words, Values: values(got.at(l.Code))})
	}
	t.Total = Line{Code: t.Area, Words: named("insight.total"), Values: values(got.at(t.Area))}
	return t
}

// partsTable is a table of the parts of a whole, each with its share.
func partsTable(t Table, n numbers, key, prefix, words string, parts []string) Table {
	t.Key, t.Words = key, named("insight.quality."+key)
	t.Columns = []Column{{"n", Share, named("insight.quality." + words)}}
	whole := n.sum(prefix)
	for _, part := range parts {
		t.Lines = append(t.Lines, Line{Key: prefix + part, Words: named("insight.quality." + key + "." + part), Values: []Value{{N: n[prefix+part], Of: whole}}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: whole, Of: whole}}}
	return t
}

func causesTable(t Table, n numbers) Table {
	t.Key, t.Words = "causes", named("insight.quality.causes")
	t.Columns = []Column{{"n", Share, named("insight.persons")}}
	whole := n.sum(prefixSought)
	for _, c := range suggestions.Causes() {
		if v := n[prefixCause+string(c)]; v > 0 {
			t.Lines = append(t.Lines, Line{Key: prefixCause + string(c), Words: named("suggestions.cause." + string(c)), Values: []Value{{N: v, Of: whole}}})
		}
	}
	if v := whole - n.sum(prefixCause); v > 0 {
		t.Lines = append(t.Lines, Line{Key: prefixCause + "none", Words: named("insight.quality.sought.none"), Values: []Value{{N: v, Of: whole}}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: whole, Of: whole}}}
	return t
}

func agesTable(t Table, n numbers) Table {
	return partsTable(t, n, "mismatch_ages", prefixMismatchAge, "waiting", mismatchAges())
}

func clustersTable(t Table, n numbers) Table {
	return partsTable(t, n, "clusters", prefixCluster, "groups", clusterSizes())
}

// pairsTable says for how long pairs of double records wait, and how many of those weighed are expected to be one person.
func pairsTable(t Table, n numbers) Table {
	t.Key, t.Words = "pairs", named("insight.quality.pairs")
	t.Columns = []Column{{"n", Share, named("insight.quality.pairs_waiting")}, {"right", Share, named("insight.quality.expected_one")}}
	whole := n.sum(prefixPairAge)
	expected := func(belief, weighed int64) Value {
		if weighed == 0 {
			return Value{None: true}
		}
		return Value{N: belief / 1_000_000, Of: weighed}
	}
	for _, age := range mismatchAges() {
		t.Lines = append(t.Lines, Line{Key: prefixPairAge + age, Words: named("insight.quality.mismatch_ages." + age),
			Values: []Value{{N: n[prefixPairAge+age], Of: whole}, expected(n[prefixPairBelief+age], n[prefixPairWeighed+age])}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: whole, Of: whole}, expected(n.sum(prefixPairBelief), n.sum(prefixPairWeighed))}}
	return t
}

// soughtTable says how many the search found, and how many of those are expected to be the right person: the sum of
// the model's beliefs. Nobody has measured it on real records.
func soughtTable(t Table, n numbers) Table {
	t.Key, t.Words = "sought", named("insight.quality.sought")
	t.Columns = []Column{{"n", Share, named("insight.persons")}, {"right", Share, named("insight.quality.expected")}}
	whole := n.sum(prefixSought)
	for _, kind := range soughtKinds() {
		right := Value{None: true}
		if found := n[prefixSought+kind]; found > 0 && (kind == soughtSure || kind == soughtFound) {
			right = Value{N: n[prefixBelief+kind] / 1_000_000, Of: found}
		}
		t.Lines = append(t.Lines, Line{Key: prefixSought + kind, Words: named("insight.quality.sought." + kind), Values: []Value{{N: n[prefixSought+kind], Of: whole}, right}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: whole, Of: whole}, {None: true}}}
	return t
}

// namesTable shows the share that does not match by kind of name: a kind that is found less often than others is
// served worse.
func namesTable(t Table, n numbers) Table {
	t.Key, t.Words = "names", named("insight.quality.names")
	t.Columns = []Column{{"wrong", Share, named("insight.quality.missed")}, {"persons", Count, named("insight.quality.compared")}}
	for _, kind := range nameKinds() {
		all := n[prefixName+kind]
		t.Lines = append(t.Lines, Line{Key: prefixName + kind, Words: named("insight.quality.names." + kind), Values: []Value{{N: n[prefixNameWrong+kind], Of: all}, {N: all}}})
	}
	t.Total = Line{Words: named("insight.total"), Values: []Value{{N: n.sum(prefixNameWrong), Of: n.sum(prefixName)}, {N: n.sum(prefixName)}}}
	return t
}
