package programmes

import (
	"cmp"
	"crypto/sha256"
	"math"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
)

// entrant is a family or person the rule admits.
type entrant struct {
	family     sqldb.ID
	person     sqldb.ID // of a personal programme; else the payee, zero when nobody can be one
	area       area.Code
	decile     uint8
	components uint8
	official   bool // the decile is BPS's
	unmatched  bool // the person does not agree with the civil registry
	score      float64
	since      period.Date
	stage      money.Rupiah
	year       money.Rupiah
	lines      string   // JSON of the working, empty where no components are weighed
	counts     []string // components taken
	position   int32    // by priority, from 1; zero for who comes after the last place of the own family
}

// Reasons of this service why a family or person is not a candidate, beside those of the domain; keys
// of the catalogue under programme.why.
const (
	WhyExcluded  = "excluded"  // a finding of the screening is in force
	WhyNobody    = "nobody"    // no member is alive and present
	WhyCross     = "cross"     // another programme of the family forbids it
	WhyRule      = "rule"      // the programme's own rule does not hold
	WhyUndecided = "undecided" // the rule asks what nobody knows
	WhyEnded     = "ended"     // the place was ended by decision, and not given back
)

// verdict is what a case brings to a list.
type verdict struct {
	entrants []entrant
	whys     []string // one for each place not admitted
	persons  int
}

// judge holds one family against the plan.
func (x *plan) judge(c *assessments.Case) (v verdict) {
	excluded := x.excluded[c.ID]
	members := present(c, excluded)
	v.persons = len(members)
	units := 1
	if personal(x.p) {
		units = len(c.Members)
	}
	refuse := func(why string, n int) verdict {
		v.whys = append(v.whys, slices.Repeat([]string{why}, n)...)
		return v
	}
	switch {
	case excluded.Family:
		return refuse(WhyExcluded, units)
	case len(members) == 0:
		return refuse(WhyNobody, units)
	case x.ended[stand{family: c.ID}]:
		return refuse(WhyEnded, units)
	}
	if why := x.ruled(c, members); why != "" {
		return refuse(why, units)
	}
	if personal(x.p) {
		for _, m := range members {
			if x.ended[stand{c.ID, m.ID}] {
				refuse(WhyEnded, 1)
				continue
			}
			x.add(&v, c, m.ID, []*assessments.Member{m}, m)
		}
		return v
	}
	payee := x.payee(c, members, excluded.NewPayee)
	x.add(&v, c, sqldb.ID{}, members, payee)
	return v
}

// present gives the members who count: alive, in the family, and not off the list themselves.
func present(c *assessments.Case, excluded screening.Exclusion) []*assessments.Member {
	var out []*assessments.Member
	for i := range c.Members {
		m := &c.Members[i]
		if _, off := excluded.Persons[m.ID]; m.Here() && !off {
			out = append(out, m)
		}
	}
	return out
}

// add judges one place: a family with all its members, or one person.
func (x *plan) add(v *verdict, c *assessments.Case, own sqldb.ID, members []*assessments.Member, receives *assessments.Member) {
	e := entrant{
		family: c.ID, area: c.Area, decile: uint8(c.Rank.Decile), official: c.Rank.Source == registry.Official, score: math.NaN(), since: c.Since,
	}
	if c.Score != nil {
		e.score = *c.Score
	}
	if receives != nil {
		e.person, e.unmatched = receives.ID, receives.Match.Group() == civilmatch.NotMatching
	}
	var w *programme.Working
	components := 0
	if len(x.p.Components.Items) > 0 {
		worked := x.p.Work(x.weighed(members, len(c.Members)), x.set.AsOf)
		w, components = &worked, worked.Components()
		e.lines, e.counts = linesOf(worked), taken(worked)
	}
	if admitted, why := x.p.Eligibility.Admits(int(c.Rank.Decile), true, components, x.needed[c.ID]...); !admitted {
		if why == programme.WhyComponent && personal(x.p) && w.Open() {
			why = WhyUndecided // nobody said whether she is an orphan, or in which class she is
		}
		v.whys = append(v.whys, why)
		return
	}
	if x.denied(c.ID, own) {
		v.whys = append(v.whys, WhyCross)
		return
	}
	e.components = uint8(min(components, math.MaxUint8))
	e.stage, e.year = amounts(x.p, w)
	v.entrants = append(v.entrants, e)
}

// taken lists the components that count.
func taken(w programme.Working) []string {
	var out []string
	for _, l := range w.Lines {
		if l.Taken() {
			out = append(out, l.Component)
		}
	}
	return out
}

// Women are asked whether they are pregnant between these ages (REGSOSEK22-K, item 410); outside them
// the answer is no.
const (
	pregnantFrom = 10
	pregnantTo   = 54
)

// traits reads the qualities components ask for from answers. Victims of gross violations of human rights are on a list of
// the state, not among the answers: who is not said to be one is none.
func traits(m *assessments.Member, family int, day period.Date) (has, unknown programme.Trait) {
	put := func(t programme.Trait, fact string) {
		switch yes, known := m.Facts.Value(fact).Bool(); {
		case !known:
			unknown |= t
		case yes:
			has |= t
		}
	}
	lo, hi, ok := m.Born.AgeRange(day)
	if m.Sex != person.Male && (!ok || hi >= pregnantFrom && lo <= pregnantTo) {
		put(programme.Pregnant, "pregnant")
	}
	put(programme.SevereDisability, "severe_disability")
	put(programme.Disability, "disability")
	if family == 1 {
		has |= programme.LivesAlone
	}
	return has, unknown
}

// adult is the age from which somebody may receive money for a family: the age of the identity card.
const adult = 17

// payee chooses who receives for a family: the one of the list in force while she is there, else the
// adult wife, the woman who heads it, its head, the oldest adult. Nobody when all are children.
func (x *plan) payee(c *assessments.Case, members []*assessments.Member, another bool) *assessments.Member {
	before := x.payees[c.ID]
	best, rank := (*assessments.Member)(nil), math.MaxInt
	for _, m := range members {
		if _, hi, ok := m.Born.AgeRange(x.set.AsOf); ok && hi < adult {
			continue
		}
		at := 4
		switch {
		case m.ID == before && another:
			at = 5
		case m.ID == before:
			at = 0
		case m.Relation == person.Wife:
			at = 1
		case m.Relation == person.Head && m.Sex == person.Female:
			at = 2
		case m.Relation == person.Head:
			at = 3
		}
		if at < rank || at == rank && older(m, best) {
			best, rank = m, at
		}
	}
	return best
}

func older(a, b *assessments.Member) bool {
	return cmp.Or(a.Born.Compare(b.Born), slices.Compare(a.ID[:], b.ID[:])) < 0
}

// ruled decides the programme's own rule; empty when there is none or it holds.
func (x *plan) ruled(c *assessments.Case, members []*assessments.Member) string {
	if x.rule == nil {
		return ""
	}
	f := eligibility.Family{ID: c.ID, Area: c.Area, Decile: int(c.Rank.Decile), Official: c.Rank.Source == registry.Official, Facts: c.Facts}
	for _, m := range members {
		f.Members = append(f.Members, eligibility.Member{ID: m.ID, Born: m.Born, Head: m.Relation == person.Head, Facts: m.Facts})
	}
	verdict, err := x.rule.Decide(x.words.FamilyFacts(&f, x.world))
	switch {
	case err != nil || verdict == eligibility.Undecided: // a division by an unknown size is one more thing nobody knows
		return WhyUndecided
	case verdict == eligibility.No:
		return WhyRule
	}
	return ""
}

// lot is where an entrant stands among equals: a digest nobody can choose and everybody can check.
func (x *plan) lot(e *entrant) (out [16]byte) {
	id := e.family
	if personal(x.p) {
		id = e.person
	}
	sum := sha256.Sum256([]byte(string(x.p.ID) + "\n" + x.set.Period.Text() + "\n" + id.String()))
	copy(out[:], sum[:16])
	return out
}
