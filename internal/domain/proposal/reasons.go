package proposal

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Use is what a reason may be given for.
type Use string

// The uses of reasons.
const (
	UseRefuse     Use = "refuse"
	UseReturn     Use = "return"
	UseRemove     Use = "remove" // why a removal is proposed
	UseDeactivate Use = "deactivate"
	UseReactivate Use = "reactivate"
	UseWithdraw   Use = "withdraw"
	UseObject     Use = "object"
	UseMatch      Use = "match"
)

// Hits says whom a reason ends the aid of. A death ends the person, never the family.
type Hits string

// Whom a reason hits.
const (
	HitsPerson Hits = "person"
	HitsPayee  Hits = "payee" // the account holder changes, the family stays
	HitsFamily Hits = "family"
)

// Basis is when a rule is in force and what it stands on.
type Basis struct {
	ValidFrom  period.Date `yaml:"valid_from"`
	ValidTo    period.Date `yaml:"valid_to"` // zero: still in force
	LegalBasis string      `yaml:"legal_basis"`
	Source     string      `yaml:"source"`
	Unverified bool        `yaml:"unverified"`
}

// InForce reports whether the rule holds on the day.
func (b Basis) InForce(day period.Date) bool {
	return !b.ValidFrom.After(day) && (b.ValidTo.IsZero() || !b.ValidTo.Before(day))
}

func (b Basis) check() error {
	if !b.ValidFrom.IsFull() || b.LegalBasis == "" || !b.ValidTo.IsZero() && (!b.ValidTo.IsFull() || b.ValidTo.Before(b.ValidFrom)) {
		return fmt.Errorf("full dates in order and a legal basis are required")
	}
	return nil
}

// Reason is one reason with its words. Number is its place in the decree's list, zero for reasons of
// the workflow.
type Reason struct {
	Basis
	Code      string
	Number    int
	Label     questionnaire.Label
	Hits      Hits
	Uses      []Use
	Evidence  bool     // may not be used without a document
	Screening []string // the reason codes of screening criteria (data/criteria) that lead to it
}

// Reasons is every reason with its dates.
type Reasons struct{ all []Reason }

type reasonsDocument struct {
	Basis   `yaml:",inline"`
	Reasons []struct {
		Code, ID, EN string
		Number       int
		Hits         Hits
		Uses         []Use
		Evidence     bool
		Screening    []string
	}
}

// LoadReasons reads every file of a folder of reasons (data/reasons). The errors are for the one who
// edits the data.
func LoadReasons(files fs.FS) (Reasons, error) {
	var out Reasons
	err := each(files, func(d reasonsDocument) error {
		if err := d.Basis.check(); err != nil {
			return err
		}
		for _, doc := range d.Reasons {
			r := Reason{d.Basis, doc.Code, doc.Number, questionnaire.Label{ID: doc.ID, EN: doc.EN}, doc.Hits, doc.Uses, doc.Evidence, doc.Screening}
			if err := out.add(r); err != nil {
				return fmt.Errorf("reason %s: %w", doc.Code, err)
			}
		}
		return nil
	})
	return out, err
}

func (r *Reasons) add(reason Reason) error {
	uses := []Use{UseRefuse, UseReturn, UseRemove, UseDeactivate, UseReactivate, UseWithdraw, UseObject, UseMatch}
	switch {
	case reason.Code == "" || reason.Label.ID == "" || reason.Label.EN == "" || len(reason.Uses) == 0:
		return fmt.Errorf("code, words and uses are required")
	case !slices.Contains([]Hits{HitsPerson, HitsPayee, HitsFamily}, reason.Hits):
		return fmt.Errorf("hits %q", reason.Hits)
	case slices.ContainsFunc(reason.Uses, func(u Use) bool { return !slices.Contains(uses, u) }):
		return fmt.Errorf("uses %q", reason.Uses)
	case slices.ContainsFunc(r.all, func(o Reason) bool { return o.Code == reason.Code }):
		return fmt.Errorf("twice")
	}
	r.all = append(r.all, reason)
	return nil
}

// Find gives a reason in force on the day. Error: reason.unknown (fact code).
func (r Reasons) Find(code string, day period.Date) (Reason, error) {
	for _, reason := range r.all {
		if reason.Code == code && reason.InForce(day) {
			return reason, nil
		}
	}
	return Reason{}, fail.Invalid("reason.unknown", "code", code).On("reason")
}

// ForScreening gives the reason that a screening criterion's reason code leads to on the day; a reason
// of the decree comes before one of the workflow. Error: reason.unknown (fact code).
func (r Reasons) ForScreening(code string, day period.Date) (Reason, error) {
	var found Reason
	for _, reason := range r.all {
		if slices.Contains(reason.Screening, code) && reason.InForce(day) && (found.Code == "" || reason.Number > 0) {
			found = reason
		}
	}
	if found.Code == "" {
		return Reason{}, fail.Invalid("reason.unknown", "code", code)
	}
	return found, nil
}

// For gives the reasons in force on the day that may be given for a use, in the order of the data.
func (r Reasons) For(use Use, day period.Date) []Reason {
	var out []Reason
	for _, reason := range r.all {
		if reason.InForce(day) && slices.Contains(reason.Uses, use) {
			out = append(out, reason)
		}
	}
	return out
}

// Official gives the numbered reasons of the decree in force on the day, in its order.
func (r Reasons) Official(day period.Date) []Reason {
	var out []Reason
	for _, reason := range r.all {
		if reason.Number > 0 && reason.InForce(day) {
			out = append(out, reason)
		}
	}
	slices.SortFunc(out, func(a, b Reason) int { return a.Number - b.Number })
	return out
}

// check wants a reason that is in force, may be given for the use, and has its evidence. Errors:
// proposal.reason_needed, reason.unknown, reason.use (fact code), reason.evidence (fact code).
func (r Reasons) check(code string, use Use, day period.Date, document [16]byte) error {
	if code == "" {
		return fail.Invalid("proposal.reason_needed").On("reason")
	}
	reason, err := r.Find(code, day)
	switch {
	case err != nil:
		return err
	case !slices.Contains(reason.Uses, use):
		return fail.Invalid("reason.use", "code", code, "use", string(use)).On("reason")
	case reason.Evidence && document == [16]byte{}:
		return fail.Invalid("reason.evidence", "code", code).On("document")
	}
	return nil
}

// each decodes every YAML file of a folder, refusing unknown fields, in the order of the names.
func each[D any](files fs.FS, use func(D) error) error {
	names, err := fs.Glob(files, "*.yaml")
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("the folder is empty")
	}
	for _, name := range names {
		if err == nil {
			err = one(files, name, use)
		}
	}
	if err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	return nil
}

func one[D any](files fs.FS, name string, use func(D) error) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var d D
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err = decoder.Decode(&d); err == nil {
		err = use(d)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
