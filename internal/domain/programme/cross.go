package programme

import "fmt"

// Effect is what a cross rule does.
type Effect string

// The effects of cross rules, from the mildest to the strictest.
const (
	Allow Effect = "allow"
	Cap   Effect = "cap"  // at most so many holders in one family
	Deny  Effect = "deny" // never together
)

// Scope says whose programmes a cross rule looks at.
type Scope string

// The scopes of cross rules.
const (
	ScopeFamily Scope = "family" // everyone on the family card
	ScopePerson Scope = "person" // the same person only
)

// CrossRule says whether two programmes may be held together. It is read both ways.
type CrossRule struct {
	Basis  `yaml:",inline"`
	A      ID     `yaml:"a"`
	B      ID     `yaml:"b"`
	Effect Effect `yaml:"effect"`
	Scope  Scope  `yaml:"scope"`
	Max    int    `yaml:"max"` // of a cap: how many holders of B a family may have, the new one counted when A is B
}

func (r CrossRule) joins(a, b ID) bool { return r.A == a && r.B == b || r.A == b && r.B == a }

func (r CrossRule) check(known map[ID]bool, earlier []CrossRule) error {
	switch {
	case !known[r.A] || !known[r.B]:
		return fmt.Errorf("not in the data")
	case r.Effect != Allow && r.Effect != Cap && r.Effect != Deny:
		return fmt.Errorf("effect %q", r.Effect)
	case (r.Effect == Cap) != (r.Max > 0):
		return fmt.Errorf("a cap, and only a cap, says how many")
	case r.Scope != ScopeFamily && r.Scope != ScopePerson:
		return fmt.Errorf("scope %q", r.Scope)
	}
	same := []CrossRule{r}
	for _, o := range earlier {
		if o.joins(r.A, r.B) && o.Scope == r.Scope {
			same = append(same, o)
		}
	}
	return checkDates(same)
}

// Holding is a programme somebody of the family already has.
type Holding struct {
	Programme  ID
	SamePerson bool // held by the very person the new programme is for
}

// Ruling is the answer to whether a programme may be added. Rule is the one that decides; it is the
// zero rule when no rule speaks of the pair, which is allowed and should be shown as such.
type Ruling struct {
	Allowed bool
	Rule    CrossRule
}

// Judge says whether a family that holds some programmes may get the wanted one too. The strictest
// rule decides: a deny, else a full cap, else the first rule that allows.
func (e Edition) Judge(wanted ID, held []Holding) Ruling {
	best := Ruling{Allowed: true}
	for _, r := range e.cross {
		n := r.holders(wanted, held)
		if n == 0 {
			continue
		}
		switch full := r.Max; {
		case r.Effect == Deny:
			return Ruling{false, r}
		case r.Effect == Cap && n >= full:
			best = Ruling{false, r}
		case best.Rule.A == "":
			best.Rule = r
		}
	}
	return best
}

// holders counts the holdings the rule sets against the wanted programme.
func (r CrossRule) holders(wanted ID, held []Holding) int {
	n := 0
	for _, h := range held {
		if r.joins(wanted, h.Programme) && (r.Scope == ScopeFamily || h.SamePerson) {
			n++
		}
	}
	return n
}
