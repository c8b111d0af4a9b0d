package eligibility

import (
	"iter"
	"slices"

	"tepat/internal/domain/evidence"
	"tepat/internal/kit/parallel"
)

// Finding is a criterion that a person or family meets, or that cannot be decided for want of a fact.
// It is what people are shown before anything happens.
type Finding struct {
	Family    [16]byte
	Member    [16]byte // zero for a criterion about the family
	Criterion Criterion
	Verdict   Verdict             // Yes or Undecided
	Action    Action              // of a met criterion; auto only with evidence by an exact NIK
	Because   []FactUsed          // the facts that made it true
	Evidence  []evidence.Evidence // the statements those facts come from
	Missing   []string            // for an undecided one: the facts that are unknown
	Stale     []evidence.Kind     // for an undecided one: kinds held, but too old to act on
}

// Tally counts what a screening did.
type Tally struct {
	Families  int
	Persons   int
	Asked     int // rules evaluated
	Met       int
	Auto      int // of them, ready for a removal run
	Undecided int
	ByID      map[string]int // met, by criterion
}

// screenChunk is how many families a worker takes at a time.
const screenChunk = 2048

// Screen judges families against the set on its day and hands every finding to found, in the order of
// the families, within one in the order family, members, and the criteria of the set. A criterion whose
// kinds of evidence nobody in question holds is not evaluated, so a family without evidence costs next to
// nothing. World.Day is the set's own.
//
// Screen has no clock and cannot be cancelled from outside by itself: end the iterator, or give an error
// from found, and it ends with what was screened so far. Errors: that of found, and criterion.evaluate.
func (s Set) Screen(workers int, wages *Wages, families iter.Seq[Family], found func(Finding) error) (Tally, error) {
	tally := Tally{ByID: map[string]int{}}
	scratch := func() *screener { return newScreener(s, wages) }
	err := parallel.ChunksWith(workers, scratch, parallel.Gather(families, screenChunk), screenFamilies, func(b batch) error {
		if b.err != nil {
			return b.err
		}
		tally.Families, tally.Persons, tally.Asked = tally.Families+b.families, tally.Persons+b.persons, tally.Asked+b.asked
		for _, f := range b.findings {
			tally.count(f)
			if err := found(f); err != nil {
				return err
			}
		}
		return nil
	})
	return tally, err
}

func (t *Tally) count(f Finding) {
	if f.Verdict != Yes {
		t.Undecided++
		return
	}
	t.Met++
	t.ByID[f.Criterion.ID]++
	if f.Action == ActionAuto {
		t.Auto++
	}
}

// batch is the outcome of one chunk of families.
type batch struct {
	families, persons, asked int
	findings                 []Finding
	err                      error
}

// screener is what one worker owns: the criteria by whom they hit, and the subject they read.
type screener struct {
	family, person []*Criterion // person holds those about payees too
	subject        subject
	out            batch
}

func newScreener(s Set, wages *Wages) *screener {
	x := &screener{subject: subject{v: s.library.vocabulary, world: World{Day: s.day, Wages: wages}}}
	for i := range s.criteria {
		c := &s.criteria[i]
		if c.Hits == HitsFamily {
			x.family = append(x.family, c)
		} else {
			x.person = append(x.person, c)
		}
	}
	return x
}

func screenFamilies(x *screener, families []Family) batch {
	x.out = batch{}
	for i := range families {
		x.screen(&families[i])
		if x.out.err != nil {
			break
		}
	}
	return x.out
}

func (x *screener) screen(f *Family) {
	x.out.families++
	x.out.persons += len(f.Members)
	x.subject.family, x.subject.member = f, nil
	var held evidence.KindSet
	for i := range f.Members {
		held |= x.kindsOf(f.Members[i].Evidence)
	}
	for _, c := range x.family {
		if c.Evidence == 0 || c.Evidence.Meets(held) {
			x.ask(c)
		}
	}
	for i := range f.Members {
		x.member(&f.Members[i])
	}
}

func (x *screener) member(m *Member) {
	x.subject.member = m
	held := x.kindsOf(m.Evidence)
	for _, c := range x.person {
		if (c.Evidence == 0 || c.Evidence.Meets(held)) && (c.Hits == HitsPerson || m.Payee) {
			x.ask(c)
		}
	}
}

// kindsOf gives the kinds held on the day of judgement; what was stated of a later day does not count yet.
func (x *screener) kindsOf(list []evidence.Evidence) (held evidence.KindSet) {
	for i := range list {
		if !list[i].AsOf.Earliest().After(x.subject.world.Day) {
			held |= evidence.SetOf(list[i].Kind)
		}
	}
	return held
}

// ask evaluates one criterion on the present subject and keeps a finding unless the verdict is no. A
// criterion that needs no evidence is never reported for want of facts: nobody claimed anything.
func (x *screener) ask(c *Criterion) {
	x.out.asked++
	x.subject.world.MaxAge = c.MaxAge
	verdict, err := c.Rule.Decide(&x.subject)
	if err != nil {
		x.out.err = err
		return
	}
	if verdict == No || verdict == Undecided && c.Evidence == 0 {
		return
	}
	explained, err := c.Rule.Explain(&x.subject)
	if err != nil {
		x.out.err = err
		return
	}
	f := Finding{Family: x.subject.family.ID, Criterion: *c, Verdict: verdict, Because: explained.Because, Missing: explained.Missing}
	if x.subject.member != nil {
		f.Member = x.subject.member.ID
	}
	if verdict == Yes {
		f.Evidence = x.decisive(explained.Because)
		f.Action = c.Action
		if c.Action == ActionAuto && !exact(f.Evidence) {
			f.Action = ActionVerify
		}
	} else if f.Stale = x.stale(c); len(f.Stale) == 0 && x.unclaimed(f.Missing) {
		return
	}
	x.out.findings = append(x.out.findings, f)
}

// unclaimed tells whether all that is missing are statements nobody has made: who is stated not to be a
// civil servant is not held up because no army has written about him.
func (x *screener) unclaimed(missing []string) bool {
	return !slices.ContainsFunc(missing, func(name string) bool {
		f, _ := x.subject.v.Fact(name)
		return f.Evidence == 0
	})
}

// exact tells whether every statement was tied to the person by a NIK she alone holds. A finding without
// any statement rests on the registry's own facts.
func exact(list []evidence.Evidence) bool {
	return !slices.ContainsFunc(list, func(e evidence.Evidence) bool { return e.Match != evidence.MatchExactNIK })
}

// decisive gives the statements behind the facts that decided.
func (x *screener) decisive(because []FactUsed) []evidence.Evidence {
	var list []evidence.Evidence
	for _, u := range because {
		f, _ := x.subject.v.Fact(u.Name)
		switch f.Origin {
		case FromEvidence:
			if e, ok := x.subject.latest(x.subject.member, f.Evidence); ok {
				list = append(list, e)
			}
		case FromMembers:
			for i := range x.subject.family.Members {
				m := &x.subject.family.Members[i]
				if e, ok := x.subject.latest(m, f.Evidence); ok && x.subject.stated(m, f.Evidence) == u.Value {
					list = append(list, e)
				}
			}
		}
	}
	return list
}

// stale lists the kinds a criterion needs that are held, but only in statements too old to act on.
func (x *screener) stale(c *Criterion) []evidence.Kind {
	members := x.subject.family.Members
	var list []evidence.Kind
	for _, k := range c.Evidence.Kinds() {
		old, fresh := false, false
		for i := range members {
			if x.subject.member != nil && x.subject.member != &members[i] {
				continue
			}
			for _, e := range members[i].Evidence {
				if e.Kind == k {
					freshness := x.subject.freshness(e)
					old, fresh = old || freshness == evidence.Stale, fresh || freshness == evidence.Fresh
				}
			}
		}
		if old && !fresh {
			list = append(list, k)
		}
	}
	return list
}
