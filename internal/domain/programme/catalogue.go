package programme

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
)

// Catalogue is all programmes with all their rules, past and coming.
type Catalogue struct {
	programmes []document
	cross      []CrossRule
}

// document is one programme of the data.
type document struct {
	Basis       `yaml:",inline"`
	ID          ID
	Name        questionnaire.Label
	Short       questionnaire.Label
	Unit        Unit
	Owner       Owner
	Eligibility []Eligibility
	Benefits    []Amount
	Components  componentsDocument
	Payment     []Payment
	Quotas      []Quota
	Duties      []Duty
}

// Load reads the programmes of a data folder (*.yaml) and their cross rules (rules/cross.yaml). It
// refuses rules without a legal basis, rules of one kind whose dates overlap, and words it does not
// know. The errors are for the one who edits the data.
func Load(files fs.FS) (Catalogue, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return Catalogue{}, fmt.Errorf("programme: %w", err)
	}
	if len(names) == 0 {
		return Catalogue{}, fmt.Errorf("programme: the folder holds no programmes")
	}
	var c Catalogue
	for _, name := range names {
		var d document
		if err := decode(files, name, &d); err != nil {
			return Catalogue{}, err
		}
		if err := d.check(); err != nil {
			return Catalogue{}, fmt.Errorf("programme: %s: %w", name, err)
		}
		if string(d.ID)+".yaml" != name {
			return Catalogue{}, fmt.Errorf("programme: %s holds programme %q", name, d.ID)
		}
		c.programmes = append(c.programmes, d)
	}
	var cross struct{ Rules []CrossRule }
	if err := decode(files, "rules/cross.yaml", &cross); err != nil {
		return Catalogue{}, err
	}
	c.cross = cross.Rules
	return c, c.checkNames()
}

func decode(files fs.FS, name string, into any) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("programme: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("programme: %s: %w", name, err)
	}
	return nil
}

// At gives the programmes in force on the day.
func (c Catalogue) At(day period.Date) Edition {
	e := Edition{On: day}
	for _, d := range c.programmes {
		if d.InForce(day) {
			e.programmes = append(e.programmes, d.at(day))
		}
	}
	for _, r := range c.cross {
		if r.InForce(day) {
			e.cross = append(e.cross, r)
		}
	}
	slices.SortFunc(e.programmes, func(a, b Programme) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return e
}

// at picks the one rule of each kind that is in force.
func (d document) at(day period.Date) Programme {
	p := Programme{
		ID: d.ID, Name: d.Name, Short: d.short(), Unit: d.Unit, Owner: d.Owner, LegalBasis: d.LegalBasis, Source: d.Source,
		Eligibility: pick(d.Eligibility, day), Benefit: pick(d.Benefits, day), Components: d.Components.at(day),
		Payment: pick(d.Payment, day), Quota: pick(d.Quotas, day), Duties: d.Duties,
	}
	p.Unverified = d.Unverified || p.Eligibility.Unverified || p.Benefit.Unverified || p.Components.Unverified || p.Payment.Unverified ||
		p.Quota.Unverified || slices.ContainsFunc(p.Components.Items, func(c Component) bool { return c.Unverified })
	return p
}

// short gives the abbreviation everybody uses, or the whole name where there is none.
func (d document) short() questionnaire.Label {
	if d.Short.ID == "" {
		return d.Name
	}
	return d.Short
}

// dated is a rule with dates.
type dated interface{ basis() Basis }

func (b Basis) basis() Basis { return b }

// pick gives the rule in force on the day, or the zero rule.
func pick[R dated](rules []R, day period.Date) R {
	for _, r := range rules {
		if r.basis().InForce(day) {
			return r
		}
	}
	var none R
	return none
}

func (d document) check() error {
	switch {
	case (d.Short.ID == "") != (d.Short.EN == ""):
		return fmt.Errorf("a short name in both languages, or none")
	case d.ID == "" || d.Name.ID == "" || d.Name.EN == "":
		return fmt.Errorf("an id and a name in both languages are required")
	case !slices.Contains([]Unit{UnitFamily, UnitPerson, UnitPupil, UnitHouse}, d.Unit):
		return fmt.Errorf("unit %q", d.Unit)
	case !slices.Contains([]Owner{OwnerNational, OwnerDistrict, OwnerVillage}, d.Owner):
		return fmt.Errorf("owner %q", d.Owner)
	case len(d.Eligibility) == 0:
		return fmt.Errorf("who may get it is not said")
	}
	for _, e := range d.Eligibility {
		if e.DecileMin < 0 || e.DecileMax > 10 || (e.DecileMin > 0) != (e.DecileMax > 0) || e.DecileMin > e.DecileMax {
			return fmt.Errorf("deciles %d to %d", e.DecileMin, e.DecileMax)
		}
	}
	for _, p := range d.Payment {
		if p.StagesPerYear < 1 || p.StagesPerYear > 12 || len(p.Channels) == 0 || p.UnclaimedDays < 0 {
			return fmt.Errorf("payment with %d stages and %d channels", p.StagesPerYear, len(p.Channels))
		}
	}
	for _, err := range []error{
		checkDates([]Basis{d.Basis}), checkDates(d.Eligibility), checkAmounts(d.Benefits), checkDates(d.Payment), checkDates(d.Quotas), d.Components.check(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkAmounts(amounts []Amount) error {
	for _, a := range amounts {
		if a.Amount <= 0 || !slices.Contains([]Per{PerDay, PerMonth, PerYear, PerOnce}, a.Per) {
			return fmt.Errorf("amount %d per %q", a.Amount, a.Per)
		}
	}
	return checkDates(amounts)
}

// checkDates wants a legal basis and full dates on every rule, and no day on which two rules hold.
func checkDates[R dated](rules []R) error {
	for i, r := range rules {
		b := r.basis()
		if !b.ValidFrom.IsFull() || b.LegalBasis == "" || !b.ValidTo.IsZero() && (!b.ValidTo.IsFull() || b.ValidTo.Before(b.ValidFrom)) {
			return fmt.Errorf("rule from %s to %s: needs full dates in order and a legal basis", b.ValidFrom, b.ValidTo)
		}
		for _, other := range rules[:i] {
			if o := other.basis(); b.InForce(o.ValidFrom) || o.InForce(b.ValidFrom) {
				return fmt.Errorf("two rules hold on the same day (from %s, from %s)", o.ValidFrom, b.ValidFrom)
			}
		}
	}
	return nil
}

// checkNames makes sure that every programme named by another exists.
func (c Catalogue) checkNames() error {
	known := map[ID]bool{}
	for _, d := range c.programmes {
		known[d.ID] = true
	}
	for _, d := range c.programmes {
		for _, e := range d.Eligibility {
			for _, id := range e.NeedsProgramme {
				if !known[id] {
					return fmt.Errorf("programme: %s needs %q, which is not in the data", d.ID, id)
				}
			}
		}
	}
	for i, r := range c.cross {
		if err := r.check(known, c.cross[:i]); err != nil {
			return fmt.Errorf("programme: cross rule %s with %s: %w", r.A, r.B, err)
		}
	}
	return nil
}
