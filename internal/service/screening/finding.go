package screening

import (
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// State is where a finding stands. Its words are screening.state.<state> of the catalogue.
type State string

// The states of a finding, see the package.
const (
	Found     State = "found"
	Noticed   State = "noticed"
	Removed   State = "removed"
	Appealed  State = "appealed"
	Dismissed State = "dismissed"
	Undone    State = "undone"
)

// States lists the states in the order in which a finding meets them.
func States() []State { return []State{Found, Noticed, Removed, Appealed, Dismissed, Undone} }

// Open reports whether the finding still stands: it was neither dismissed nor taken back.
func (s State) Open() bool { return s == Found || s == Noticed || s == Removed || s == Appealed }

// Action is what a finding may start by itself.
type Action string

// The actions of findings.
const (
	Remove Action = "remove" // noticed at once, removed when the notice is over
	Verify Action = "verify" // somebody looks first
)

// Finding is one criterion met by one person or family.
type Finding struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Version   int64
	Run       sqldb.ID
	Person    sqldb.ID // zero when the family as a whole is hit
	Family    sqldb.ID
	Area      area.Code
	Criterion string
	Hits      eligibility.Hits
	Action    Action
	Reason    string // code of the official reason
	Facts     Facts
	State     State
	// RecordedAt is when the finding was made.
	RecordedAt time.Time
	// DueOn is the last day of the notice; a removal comes later. Zero while not noticed.
	DueOn period.Date
	// EffectiveOn is the day since which the finding is in force; zero when it is not.
	EffectiveOn period.Date
	// Ended tells that it was this finding that ended the person's record.
	Ended      bool
	VerifyRun  sqldb.ID
	RemovalRun sqldb.ID
	Notice     sqldb.ID // letter of notice
	Letter     sqldb.ID // letter of removal
	DecidedBy  sqldb.ID // who last upheld or dismissed it; zero when only the machine did
}

// InForce reports whether somebody is off the list by the finding.
func (f Finding) InForce() bool { return !f.EffectiveOn.IsZero() }

// Subject is whom the finding is about: the person, or the family.
func (f Finding) Subject() sqldb.ID {
	if f.Person.IsZero() {
		return f.Family
	}
	return f.Person
}

// Facts are what made a criterion true, as they were on the day of judgement. They are
// personal data.
type Facts struct {
	Day      period.Date `json:"day"`
	Because  []Because   `json:"because"`
	Evidence []sqldb.ID  `json:"evidence,omitempty"`
	// Before is an earlier finding of the same criterion that people dismissed.
	Before sqldb.ID `json:"before,omitzero"`
}

// Because is one fact with the value that decided.
type Because struct {
	Fact  string `json:"fact"`
	Value string `json:"value,omitempty"`
}

// hitCodes are the stored numbers of whom a finding hits.
var hitCodes = []eligibility.Hits{1: eligibility.HitsPerson, 2: eligibility.HitsPayee, 3: eligibility.HitsFamily}

func hitCode(h eligibility.Hits) int64 {
	for i, x := range hitCodes {
		if i > 0 && x == h {
			return int64(i)
		}
	}
	return 0
}

const findingColumns = `kabkota, id, version, run_id, person_id, family_id, area_code, criterion, hits, action, reason, facts, state,
	recorded_at, due_on, effective_on, ended, verify_id, removal_id, notice_id, letter_id, decided_by`

func scanFinding(row sqldb.Row) (f Finding, err error) {
	var tenant, areaCode, hits, recorded, ended int64
	var action, facts, state, due, effective string
	err = row.Scan(&tenant, &f.ID, &f.Version, &f.Run, &f.Person, &f.Family, &areaCode, &f.Criterion, &hits, &action, &f.Reason, &facts, &state,
		&recorded, &due, &effective, &ended, &f.VerifyRun, &f.RemovalRun, &f.Notice, &f.Letter, &f.DecidedBy)
	if err != nil {
		return f, err
	}
	if hits < 1 || int(hits) >= len(hitCodes) {
		return f, fmt.Errorf("finding %s hits %d", f.ID, hits)
	}
	f.Tenant, f.Area, f.Hits, f.Action, f.State, f.Ended = area.Tenant(tenant), area.Code(areaCode), hitCodes[hits], Action(action), State(state), ended == 1
	f.RecordedAt = time.UnixMicro(recorded).UTC()
	if f.Hits == eligibility.HitsFamily {
		f.Person = sqldb.ID{} // the column holds the family: it may not be empty
	}
	if f.DueOn, err = day(due); err != nil {
		return f, err
	}
	if f.EffectiveOn, err = day(effective); err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(facts), &f.Facts)
}

func day(text string) (period.Date, error) {
	if text == "" {
		return period.Date{}, nil
	}
	return period.ParseDate(text)
}
