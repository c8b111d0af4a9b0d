package eligibility

import (
	"bytes"
	"io/fs"
	"slices"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Hits says whom a criterion is about.
type Hits string

// The ones a criterion can hit.
const (
	HitsPerson Hits = "person" // one member; the family stays
	HitsPayee  Hits = "payee"  // the member in whose name the family is paid; the family stays
	HitsFamily Hits = "family" // the family as a whole
)

// Effect says what follows when people confirm a finding.
type Effect string

// The effects of a confirmed finding.
const (
	EffectEnd      Effect = "end"       // the person's record ends, with the day; nothing personal is paid any more
	EffectMerge    Effect = "merge"     // the record is joined with the one it repeats
	EffectTransfer Effect = "transfer"  // the person is handed over to her new village, never deleted
	EffectNewPayee Effect = "new_payee" // the family names another payee
	EffectExclude  Effect = "exclude"   // not eligible while the reason lasts; the record stays
)

// Action says what a finding may start by itself.
type Action string

// The actions. Neither removes anybody: both are previewed and approved by a second person.
const (
	ActionAuto   Action = "auto"   // may go into a removal run at once
	ActionVerify Action = "verify" // a verification task comes first
)

// Reason is a row of the table of official reasons.
type Reason struct {
	Code       string              `yaml:"code"`
	Label      questionnaire.Label `yaml:",inline"`
	LegalBasis string              `yaml:"legal_basis"`
	Unverified bool                `yaml:"unverified"`
}

// Criterion is one dated exit or exclusion criterion. Several versions of one criterion share an ID and
// are in force at different times.
type Criterion struct {
	ID         string
	Reason     Reason
	Label      questionnaire.Label
	WayBack    questionnaire.Label // what the person can do about it
	Hits       Hits
	Effect     Effect
	Action     Action
	Evidence   evidence.KindSet // kinds without which the rule need not be asked; empty when it reads none
	MaxAge     int              // months the evidence may be old, 0 for what its kind says
	Local      bool             // in force only where the district has chosen it
	From, To   period.Date      // To is zero while in force
	LegalBasis string
	Unverified bool
	Note       string
	Rule       *Rule
}

// InForce tells whether the criterion is in force on a day. A partial From counts from its first day.
func (c Criterion) InForce(day period.Date) bool {
	return !c.From.Earliest().After(day) && (c.To.IsZero() || !c.To.Latest().Before(day))
}

// Library holds all criteria of all times. It is made by ParseLibrary and never changes.
type Library struct {
	vocabulary *Vocabulary
	criteria   []Criterion
}

type criterionFile struct {
	Reasons  []Reason       `yaml:"reasons"`
	Criteria []criterionRow `yaml:"criteria"`
}

type criterionRow struct {
	ID         string              `yaml:"id"`
	Reason     string              `yaml:"reason"`
	Name       questionnaire.Label `yaml:"name"`
	WayBack    questionnaire.Label `yaml:"way_back"`
	Hits       Hits                `yaml:"hits"`
	Effect     Effect              `yaml:"effect"`
	Action     Action              `yaml:"action"`
	When       string              `yaml:"when"`
	Evidence   []evidence.Kind     `yaml:"evidence"`
	MaxAge     int                 `yaml:"max_age_months"`
	Local      bool                `yaml:"local"`
	From       period.Date         `yaml:"valid_from"`
	To         period.Date         `yaml:"valid_to"`
	LegalBasis string              `yaml:"legal_basis"`
	Unverified bool                `yaml:"unverified"`
	Note       string              `yaml:"note"`
}

// ParseLibrary reads the files of data/criteria in the order given; their reasons are one table. Errors:
// criterion.file (fact file) when a file is not the expected YAML; criterion.incomplete (facts criterion,
// field); criterion.evidence (facts criterion, fact) when the kinds named and the facts read do not fit;
// criterion.overlap (fact criterion) when two versions are in force on one day; and those of
// Vocabulary.Compile.
func ParseLibrary(files fs.FS, order []string, v *Vocabulary) (*Library, error) {
	l := &Library{vocabulary: v}
	reasons := map[string]Reason{}
	for _, name := range order {
		file, err := readCriteria(files, name)
		if err != nil {
			return nil, err
		}
		for _, r := range file.Reasons {
			reasons[r.Code] = r
		}
		for _, row := range file.Criteria {
			c, err := l.build(row, reasons)
			if err != nil {
				return nil, err
			}
			l.criteria = append(l.criteria, c)
		}
	}
	return l, nil
}

func readCriteria(files fs.FS, name string) (file criterionFile, err error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return file, fail.Invalid("criterion.file", "file", name).Because(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return file, fail.Invalid("criterion.file", "file", name).Because(err)
	}
	return file, nil
}

func (l *Library) build(row criterionRow, reasons map[string]Reason) (Criterion, error) {
	reason, known := reasons[row.Reason]
	if field := row.missing(known); field != "" {
		return Criterion{}, fail.Invalid("criterion.incomplete", "criterion", row.ID, "field", field)
	}
	c := Criterion{
		ID: row.ID, Reason: reason, Label: row.Name, WayBack: row.WayBack, Hits: row.Hits, Effect: row.Effect, Action: row.Action,
		Evidence: evidence.SetOf(row.Evidence...), MaxAge: row.MaxAge, Local: row.Local, From: row.From, To: row.To,
		LegalBasis: row.LegalBasis, Unverified: row.Unverified, Note: row.Note,
	}
	for _, other := range l.criteria {
		if other.ID == c.ID && overlap(other, c) {
			return Criterion{}, fail.Invalid("criterion.overlap", "criterion", c.ID)
		}
	}
	level := LevelPerson
	if c.Hits == HitsFamily {
		level = LevelFamily
	}
	var err error
	if c.Rule, err = l.vocabulary.Compile(row.When, level); err != nil {
		return Criterion{}, err
	}
	return c, l.checkEvidence(c)
}

// missing gives the first field that is empty or has an impossible value.
func (r criterionRow) missing(reason bool) string {
	sound := []struct {
		field string
		ok    bool
	}{
		{"id", r.ID != ""}, {"reason", reason}, {"name", r.Name.ID != "" && r.Name.EN != ""},
		{"way_back", r.WayBack.ID != "" && r.WayBack.EN != ""},
		{"hits", slices.Contains([]Hits{HitsPerson, HitsPayee, HitsFamily}, r.Hits)},
		{"effect", slices.Contains([]Effect{EffectEnd, EffectMerge, EffectTransfer, EffectNewPayee, EffectExclude}, r.Effect)},
		{"effect", (r.Effect == EffectNewPayee) == (r.Hits == HitsPayee)},
		{"action", r.Action == ActionAuto || r.Action == ActionVerify},
		{"valid_from", !r.From.IsZero()}, {"valid_to", r.To.IsZero() || !r.To.Latest().Before(r.From.Earliest())},
		{"legal_basis", r.LegalBasis != ""}, {"max_age_months", r.MaxAge >= 0},
	}
	for _, s := range sound {
		if !s.ok {
			return s.field
		}
	}
	return ""
}

func overlap(a, b Criterion) bool {
	before := func(x, y Criterion) bool { return !x.To.IsZero() && x.To.Latest().Before(y.From.Earliest()) }
	return !before(a, b) && !before(b, a)
}

// checkEvidence holds the kinds a criterion names to the facts its rule reads: a kind that is not read
// would open the gate for nothing, and a fact whose kind is not named would never be asked.
func (l *Library) checkEvidence(c Criterion) error {
	var read evidence.KindSet
	for _, name := range c.Rule.reads {
		f, _ := l.vocabulary.Fact(name)
		if f.Evidence == 0 {
			continue
		}
		if read |= evidence.SetOf(f.Evidence); !c.Evidence.Has(f.Evidence) {
			return fail.Invalid("criterion.evidence", "criterion", c.ID, "fact", name)
		}
	}
	for _, k := range c.Evidence.Kinds() {
		if !read.Has(k) {
			return fail.Invalid("criterion.evidence", "criterion", c.ID, "fact", k.String())
		}
	}
	return nil
}

// Criteria gives all criteria of all times, in the order of the files.
func (l *Library) Criteria() []Criterion { return slices.Clone(l.criteria) }

// Set is the criteria in force on one day at one place.
type Set struct {
	library  *Library
	day      period.Date
	criteria []Criterion
}

// InForce gives the criteria in force on a day: all national ones, and the local ones the district has
// chosen, by ID. Error: criterion.unknown (fact criterion) when a chosen ID is no local criterion in
// force on that day.
func (l *Library) InForce(day period.Date, local ...string) (Set, error) {
	s := Set{library: l, day: day}
	for _, c := range l.criteria {
		if c.InForce(day) && (!c.Local || slices.Contains(local, c.ID)) {
			s.criteria = append(s.criteria, c)
		}
	}
	for _, id := range local {
		if !slices.ContainsFunc(s.criteria, func(c Criterion) bool { return c.Local && c.ID == id }) {
			return Set{}, fail.NotFound("criterion.unknown", "criterion", id)
		}
	}
	return s, nil
}

// Day gives the day the set judges.
func (s Set) Day() period.Date { return s.day }

// Criteria gives the criteria of the set, in the order of the files.
func (s Set) Criteria() []Criterion { return slices.Clone(s.criteria) }
