package looks

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
)

// Kind is what a rule counts.
type Kind string

// The kinds of rules.
const (
	PerHour      Kind = "per_hour"      // records one reader opened in an hour, beside her own habit
	OutsideHours Kind = "outside_hours" // records one reader opened outside office hours
	OwnName      Kind = "own_name"      // families in which somebody has the reader's name
	OwnKin       Kind = "own_kin"       // looks at the reader's own family, its card and its address, where her NIK is known
	Elsewhere    Kind = "elsewhere"     // people looked up who live outside the reader's area
	SameRecord   Kind = "same_record"   // readers of one record
	NoCase       Kind = "no_case"       // records opened on a day on which the reader worked on none
)

// Rule is one dated rule of data/watch.
type Rule struct {
	ID         string `yaml:"id"` // its words are looks.rule.<id>
	Kind       Kind   `yaml:"kind"`
	Least      int64  `yaml:"least"`
	Factor     int64  `yaml:"factor"` // of the habit
	Days       int    `yaml:"days"`   // the habit's, or the window's
	From       int    `yaml:"from"`   // local hours
	To         int    `yaml:"to"`
	ValidFrom  string `yaml:"valid_from"`
	ValidTo    string `yaml:"valid_to"`
	LegalBasis string `yaml:"legal_basis"`
	Unverified bool   `yaml:"unverified"`
}

// Rules are what counts as unusual.
type Rules struct {
	Looks  []string `yaml:"looks"`   // acts by which a record is opened
	NoWork []string `yaml:"no_work"` // acts that are no work on a case either
	Rules  []Rule   `yaml:"rules"`
}

// ParseRules reads data/watch. It refuses what no rule can mean.
func ParseRules(text []byte) (r Rules, err error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("read rules of unusual looks: %w", err)
	}
	if len(r.Looks) == 0 {
		return r, fmt.Errorf("read rules of unusual looks: no act is a look")
	}
	for _, one := range r.Rules {
		if err := one.check(); err != nil {
			return r, fmt.Errorf("read rule %q of unusual looks: %w", one.ID, err)
		}
	}
	return r, nil
}

func (r Rule) check() error {
	switch r.Kind {
	case PerHour:
		if r.Factor < 1 || r.Days < 1 {
			return fmt.Errorf("factor and days of a habit are missing")
		}
	case OutsideHours:
		if r.From < 0 || r.To > 24 || r.From >= r.To {
			return fmt.Errorf("office hours %d to %d", r.From, r.To)
		}
	case SameRecord:
		if r.Days < 1 {
			return fmt.Errorf("days of the window are missing")
		}
	case OwnName, OwnKin, Elsewhere, NoCase:
	default:
		return fmt.Errorf("kind %q", r.Kind)
	}
	if r.ID == "" || r.Least < 1 || r.LegalBasis == "" {
		return fmt.Errorf("id, least or legal basis is missing")
	}
	for _, day := range []string{r.ValidFrom, r.ValidTo} {
		if _, err := period.ParseDate(day); err != nil && (day != "" || day == r.ValidFrom) {
			return fmt.Errorf("date %q", day)
		}
	}
	return nil
}

// inForce reports whether the rule holds on a day.
func (r Rule) inForce(day period.Date) bool {
	text := day.Text()
	return r.ValidFrom <= text && (r.ValidTo == "" || text <= r.ValidTo)
}
