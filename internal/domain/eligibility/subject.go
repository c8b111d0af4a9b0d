package eligibility

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
)

// Member is one person of a family, with what is known for rules.
type Member struct {
	ID        [16]byte
	Born      period.Date // may be partial or unknown
	Head      bool
	Payee     bool
	Duplicate bool // confirmed on the same NIK
	Contested bool // another person claims the NIK
	Evidence  []evidence.Evidence
	Facts     questionnaire.Facts // from the last interview; zero when there was none
}

// Family is the unit rules are evaluated on.
type Family struct {
	ID       [16]byte
	Area     area.Code
	Decile   int // 1 to 10, 0 for unranked
	Official bool
	Facts    questionnaire.Facts
	Members  []Member
}

// World is what rules need beside the family: the day of judgement and the dated tables.
type World struct {
	Day    period.Date
	Wages  *Wages // nil when minimum wages are not known
	MaxAge int    // months evidence may be old, 0 for what its kind says
}

// FamilyFacts gives the facts of a family for a rule about families.
func (v *Vocabulary) FamilyFacts(f *Family, w World) Facts {
	return &subject{v: v, world: w, family: f}
}

// MemberFacts gives the facts of one member, and of her family, for a rule about persons.
func (v *Vocabulary) MemberFacts(f *Family, m *Member, w World) Facts {
	return &subject{v: v, world: w, family: f, member: m}
}

// subject reads facts from a family when they are asked for. One worker owns it.
type subject struct {
	v      *Vocabulary
	world  World
	family *Family
	member *Member // nil for a rule about the family
}

// Value gives a fact by name; unknown for one that does not exist at this level.
func (s *subject) Value(name string) Value {
	i, ok := s.v.byName[name]
	if !ok {
		return Value{}
	}
	f := &s.v.facts[i]
	if f.Level == LevelPerson && s.member == nil {
		return Value{}
	}
	switch f.Origin {
	case FromEvidence:
		return s.stated(s.member, f.Evidence)
	case FromMembers:
		return s.joined(f)
	case FromQuestionnaire:
		if f.Level == LevelPerson {
			return fromAnswer(s.member.Facts.Value(name))
		}
		return fromAnswer(s.family.Facts.Value(name))
	case FromWages:
		return s.minimumWage(name)
	}
	if f.Level == LevelPerson {
		return s.aboutMember(name)
	}
	return s.aboutFamily(name)
}

func (s *subject) aboutMember(name string) Value {
	m := s.member
	switch name {
	case "age":
		if years, ok := m.Born.AgeOn(s.world.Day); ok {
			return Integer(int64(years))
		}
	case "is_head":
		return Bool(m.Head)
	case "is_payee":
		return Bool(m.Payee)
	case "confirmed_duplicate":
		return Bool(m.Duplicate)
	case "nik_contested":
		return Bool(m.Contested)
	}
	return Value{}
}

func (s *subject) aboutFamily(name string) Value {
	f := s.family
	switch name {
	case "decile":
		if f.Decile > 0 {
			return Integer(int64(f.Decile))
		}
	case "decile_official":
		if f.Decile > 0 {
			return Bool(f.Official)
		}
	case "district":
		if f.Area.Level() >= area.LevelDistrict {
			return Text(f.Area.District().Dotted())
		}
	case "children_0_6":
		return s.countAges(0, 6)
	case "members_60_up":
		return s.countAges(60, 200)
	}
	return Value{}
}

// countAges counts the members in a range of ages; unknown as soon as one member may or may not be in it.
func (s *subject) countAges(from, to int) Value {
	n := int64(0)
	for i := range s.family.Members {
		lo, hi, ok := s.family.Members[i].Born.AgeRange(s.world.Day)
		switch {
		case !ok:
			return Value{}
		case lo >= from && hi <= to:
			n++
		case hi >= from && lo <= to:
			return Value{}
		}
	}
	return Integer(n)
}

func (s *subject) minimumWage(name string) Value {
	if s.world.Wages == nil {
		return Value{}
	}
	amount, basis, ok := s.world.Wages.At(s.family.Area, s.world.Day)
	switch {
	case !ok:
		return Value{}
	case name == "minimum_wage":
		return Integer(int64(amount))
	}
	return Text(basis.Status)
}

// latest gives the newest statement of a kind that may be acted on.
func (s *subject) latest(m *Member, k evidence.Kind) (found evidence.Evidence, ok bool) {
	for _, e := range m.Evidence {
		if e.Kind == k && s.freshness(e) == evidence.Fresh && (!ok || evidence.Newer(e, found) > 0) {
			found, ok = e, true
		}
	}
	return found, ok
}

func (s *subject) freshness(e evidence.Evidence) evidence.Freshness {
	if s.world.MaxAge > 0 {
		return s.v.catalogue.FreshnessWithin(e, s.world.Day, s.world.MaxAge)
	}
	return s.v.catalogue.Freshness(e, s.world.Day)
}

// stated gives what the newest fresh statement says of a member; no statement is unknown, not no.
func (s *subject) stated(m *Member, k evidence.Kind) Value {
	e, ok := s.latest(m, k)
	if !ok {
		return Value{}
	}
	if n, isNumber := e.Value.Integer(); isNumber {
		return Integer(n)
	}
	return Bool(!e.Value.Denied())
}

// joined joins a kind over the members: yes if one is, or the largest number. It is known as soon as one
// statement is: a family of which one member is known to be a civil servant has one.
func (s *subject) joined(f *Fact) Value {
	var most Value
	for i := range s.family.Members {
		v := s.stated(&s.family.Members[i], f.Evidence)
		if v.Known() && (!most.Known() || int64(v.bits) > int64(most.bits)) {
			most = v
		}
	}
	return most
}
