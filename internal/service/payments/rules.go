package payments

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/sqldb"
)

// Holder is who has to act on a row.
type Holder string

// The holders; their words are payments.who.<holder> of the catalogue.
const (
	HeldByNobody   Holder = ""
	HeldByVillage  Holder = "village"
	HeldByDistrict Holder = "district"
	HeldByBank     Holder = "bank"
	HeldByCivil    Holder = "civil" // Dukcapil
	HeldByPos      Holder = "pos"
	HeldByFamily   Holder = "family" // to collect the money
)

// The causes this package itself gives to rows; their words are in data/payments.
const (
	causeFamilyEnded = "FAMILY_ENDED"
	causeFamilyMoved = "FAMILY_MOVED"
	causeNoPayee     = "NO_PAYEE"
	causePersonEnded = "PERSON_ENDED"
	causePersonDead  = "PERSON_DEAD"
	causeNoAmount    = "NO_AMOUNT"
	causeUnclaimed   = "UNCLAIMED"
	causeCancelled   = "CANCELLED"
)

// PayeeRule says who receives a family's money: the first adult in the order.
type PayeeRule struct {
	programme.Basis `yaml:",inline"`
	AdultAge        int         `yaml:"adult_age"`
	Order           []PayeeRank `yaml:"order"`
}

// PayeeRank is one place in the order of payees; no relations means any.
type PayeeRank struct {
	Sex       person.Sex        `yaml:"sex"`
	Relations []person.Relation `yaml:"relations"`
}

// Cause is what a code on a row means, who acts on it and how.
type Cause struct {
	Code  string
	Who   Holder
	Label questionnaire.Label
	Next  questionnaire.Label
}

// Rules are the rules of data/payments.
type Rules struct {
	payees  []PayeeRule
	causes  map[string]Cause
	holders map[payment.Status]Holder
}

// ParseRules reads rules.yaml of data/payments. The errors are for the one who edits the data.
func ParseRules(text []byte) (Rules, error) {
	var d struct {
		Payees  []PayeeRule
		Causes  []Cause
		Holders map[payment.Status]Holder
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return Rules{}, fmt.Errorf("rules of paying: %w", err)
	}
	r := Rules{payees: d.Payees, causes: map[string]Cause{}, holders: d.Holders}
	for _, c := range d.Causes {
		if _, twice := r.causes[c.Code]; twice || c.Code == "" || c.Label.ID == "" || c.Label.EN == "" || c.Next.ID == "" || c.Next.EN == "" || !c.Who.valid() {
			return Rules{}, fmt.Errorf("rules of paying: cause %q: twice, or without words or somebody to act", c.Code)
		}
		r.causes[c.Code] = c
	}
	return r, r.check()
}

func (h Holder) valid() bool {
	return slices.Contains([]Holder{HeldByVillage, HeldByDistrict, HeldByBank, HeldByCivil, HeldByPos, HeldByFamily}, h)
}

func (r Rules) check() error {
	for _, code := range []string{
		causeFamilyEnded, causeFamilyMoved, causeNoPayee, causePersonEnded, causePersonDead, causeNoAmount, causeUnclaimed, causeCancelled,
	} {
		if _, ok := r.causes[code]; !ok {
			return fmt.Errorf("rules of paying: cause %s is missing", code)
		}
	}
	for _, s := range payment.Statuses() {
		if h, ok := r.holders[s]; s != payment.PaidUsed && (!ok || !h.valid()) {
			return fmt.Errorf("rules of paying: nobody acts on %s", s)
		}
	}
	for _, p := range r.payees {
		if !p.ValidFrom.IsFull() || p.LegalBasis == "" || p.AdultAge < 1 || len(p.Order) == 0 {
			return fmt.Errorf("rules of paying: payees from %s: needs a day, a legal basis, an age and an order", p.ValidFrom)
		}
	}
	return nil
}

// Payee gives the rule in force on a day; the zero rule when there is none, by which nobody is a payee.
func (r Rules) Payee(day period.Date) PayeeRule {
	for _, p := range r.payees {
		if p.InForce(day) {
			return p
		}
	}
	return PayeeRule{}
}

// member is a person of a family as the rule looks at her.
type member struct {
	id       sqldb.ID
	sex      person.Sex
	relation person.Relation
	birth    period.Date
	active   bool
	dead     bool
}

// rank gives the member's place in the order, from 1, and 0 when she cannot receive the money. Who is
// surely no adult, or may be none, is no payee.
func (p PayeeRule) rank(m *member, day period.Date) int {
	lo, _, known := m.birth.AgeRange(day)
	if !m.active || m.dead || !known || lo < p.AdultAge {
		return 0
	}
	return 1 + slices.IndexFunc(p.Order, func(r PayeeRank) bool {
		return r.Sex == m.sex && (len(r.Relations) == 0 || slices.Contains(r.Relations, m.relation))
	})
}

// choose gives the position of the payee among the members, -1 when nobody can receive the money. The
// one named by the list stays payee as long as she can be one.
func (p PayeeRule) choose(members []member, named sqldb.ID, day period.Date) int {
	best, bestRank := -1, 0
	for i := range members {
		rank := p.rank(&members[i], day)
		if rank == 0 {
			continue
		}
		if members[i].id == named {
			return i
		}
		if best < 0 || rank < bestRank || rank == bestRank && elder(&members[i], &members[best]) {
			best, bestRank = i, rank
		}
	}
	return best
}

func elder(a, b *member) bool {
	return cmp.Or(a.birth.Compare(b.birth), slices.Compare(a.id[:], b.id[:])) < 0
}

// Next says who has to act on a row, and what to do.
type Next struct {
	Who   Holder
	Cause questionnaire.Label // why the row stands where it stands; empty when the status says it all
	What  questionnaire.Label
}

// next gives who acts on a row in a status with a code.
func (s *Service) next(state payment.Status, code string) Next {
	if state == payment.PaidUsed {
		return Next{What: s.tables.Meaning(state).Next}
	}
	if c, ok := s.rules.causes[code]; ok && s.tables.Meaning(state).Repair {
		return Next{Who: c.Who, Cause: c.Label, What: c.Next}
	}
	return Next{Who: s.rules.holders[state], Cause: s.label(code), What: s.tables.Meaning(state).Next}
}

// label gives the words of a code: of a cause, of the bank, or of a status; empty for none.
func (s *Service) label(code string) questionnaire.Label {
	if c, ok := s.rules.causes[code]; ok {
		return c.Label
	}
	if code == "" {
		return questionnaire.Label{}
	}
	if c, err := s.tables.ResultCode(code); err == nil {
		return c.Label
	}
	return s.tables.Meaning(payment.Status(code)).Label
}
