// Package programme holds the aid programmes as dated data: who may get what by which rule, how PKH is
// worked out and explained, which programmes go together, and who is enrolled when demand is larger
// than the quota.
//
// Amounts, decile bounds, channels and quotas are data (package data/programmes) with the day they
// come into force and their legal basis; this package holds no number of a decree.
package programme

import (
	"slices"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// ID names a programme, such as "pkh".
type ID string

// The programmes that published figures name.
const (
	PKH     ID = "pkh"
	Sembako ID = "sembako"
	PBIJK   ID = "pbi_jk"
)

// Unit is what one place in a programme's quota holds.
type Unit string

// The units.
const (
	UnitFamily Unit = "family"
	UnitPerson Unit = "person"
	UnitPupil  Unit = "pupil" // a person who goes to school
	UnitHouse  Unit = "house"
)

// Owner is the level of government that sets and pays a programme. A district imports the status of
// central programmes and pays only its own.
type Owner string

// The owners.
const (
	OwnerNational Owner = "national"
	OwnerDistrict Owner = "district"
	OwnerVillage  Owner = "village"
)

// Basis is what every dated rule carries: when it is in force, on what law it stands, and whether
// that was confirmed by an official source.
type Basis struct {
	ValidFrom  period.Date `yaml:"valid_from"`
	ValidTo    period.Date `yaml:"valid_to"` // zero: still in force
	LegalBasis string      `yaml:"legal_basis"`
	Source     string      `yaml:"source"`
	Note       string      `yaml:"note"`
	Unverified bool        `yaml:"unverified"`
}

// InForce reports whether the rule holds on the day.
func (b Basis) InForce(day period.Date) bool {
	return !b.ValidFrom.After(day) && (b.ValidTo.IsZero() || !b.ValidTo.Before(day))
}

// Eligibility says who may get a programme. Deciles are bounds of 1 to 10; both zero mean that the
// rule knows no decile. Rule is the text of a CEL rule, empty when there is none.
type Eligibility struct {
	Basis          `yaml:",inline"`
	DecileMin      int    `yaml:"decile_min"`
	DecileMax      int    `yaml:"decile_max"`
	Registry       string `yaml:"registry"`        // the registry one has to be listed in, empty when none
	Component      bool   `yaml:"component"`       // at least one component is needed
	Deliberation   bool   `yaml:"deliberation"`    // the village meeting decides
	NeedsProgramme []ID   `yaml:"needs_programme"` // only for who gets these
	Rule           string `yaml:"rule"`
}

// Reasons why a family or person is not a candidate, as keys of the catalogue under programme.why.
const (
	WhyUnlisted  = "unlisted"  // not in the registry the rule names
	WhyUnranked  = "unranked"  // no decile yet: not poor is not proven, and neither is poor
	WhyDecile    = "decile"    // outside the bounds
	WhyComponent = "component" // no component in the family
	WhyProgramme = "programme" // does not get the programme this one adds to
)

// Admits reports whether the rule admits a family of the decile (zero: unranked) that is listed or
// not and has so many components; why says which part does not hold, empty when admitted. The
// programmes the family holds decide only where the rule names some.
func (e Eligibility) Admits(decile int, listed bool, components int, held ...ID) (admitted bool, why string) {
	switch {
	case e.Registry != "" && !listed:
		return false, WhyUnlisted
	case e.DecileMax > 0 && decile == 0:
		return false, WhyUnranked
	case e.DecileMax > 0 && (decile < e.DecileMin || decile > e.DecileMax):
		return false, WhyDecile
	case e.Component && components == 0:
		return false, WhyComponent
	case slices.ContainsFunc(e.NeedsProgramme, func(id ID) bool { return !slices.Contains(held, id) }):
		return false, WhyProgramme
	}
	return true, ""
}

// Per says how often an amount is given.
type Per string

// The frequencies.
const (
	PerDay   Per = "day"
	PerMonth Per = "month"
	PerYear  Per = "year"
	PerOnce  Per = "once"
)

// Amount is a dated amount of money.
type Amount struct {
	Basis  `yaml:",inline"`
	Amount money.Rupiah `yaml:"amount"`
	Per    Per          `yaml:"per"`
}

// Payment says how a programme is paid. UnclaimedDays is how long credited money may stay untouched
// before it goes back to the treasury, zero where nothing can.
type Payment struct {
	Basis         `yaml:",inline"`
	StagesPerYear int      `yaml:"stages_per_year"`
	Channels      []string `yaml:"channels"`
	UnclaimedDays int      `yaml:"unclaimed_days"`
}

// Quota is how many units a programme holds nationally. The quota of a district is set by its owner.
type Quota struct {
	Basis    `yaml:",inline"`
	Quantity int64 `yaml:"quantity"`
}

// Duty is what a beneficiary has to do, for the components it names.
type Duty struct {
	ID             string
	Name           questionnaire.Label
	Components     []string
	AtLeastPercent int    `yaml:"at_least_percent"` // for duties that are a share, else zero
	LegalBasis     string `yaml:"legal_basis"`
	Unverified     bool
}

// Programme is a programme as it is in force on one day. Parts the data does not hold are zero.
type Programme struct {
	ID          ID
	Name        questionnaire.Label
	Short       questionnaire.Label // the abbreviation for headings and tiles, else the name
	Unit        Unit
	Owner       Owner
	LegalBasis  string
	Source      string
	Unverified  bool // the programme or a rule in force on the day is not confirmed
	Eligibility Eligibility
	Benefit     Amount // zero when the amount follows from components
	Components  Components
	Payment     Payment
	Quota       Quota
	Duties      []Duty
}

// ForMonths gives what the flat benefit is for so many months of the programme's calendar. Errors:
// programme.no_flat_benefit when the amount follows from components or is not given by the month.
func (p Programme) ForMonths(months int) (money.Rupiah, error) {
	if p.Benefit.Per != PerMonth {
		return 0, fail.Conflict("programme.no_flat_benefit", "programme", string(p.ID))
	}
	return p.Benefit.Amount * money.Rupiah(months), nil
}

// Edition is every programme in force on one day.
type Edition struct {
	On         period.Date
	programmes []Programme
	cross      []CrossRule
}

// Programmes gives the programmes in force, in alphabetical order of their ids.
func (e Edition) Programmes() []Programme { return slices.Clone(e.programmes) }

// Programme finds a programme in force. Error: programme.not_in_force.
func (e Edition) Programme(id ID) (Programme, error) {
	for _, p := range e.programmes {
		if p.ID == id {
			return p, nil
		}
	}
	return Programme{}, fail.NotFound("programme.not_in_force", "programme", string(id), "date", e.On.Text())
}
