package proposals

import (
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
)

// Row is one proposal as it is kept. Its domain Proposal holds where it stands and its history.
type Row struct {
	proposal.Proposal
	ID         sqldb.ID
	Tenant     area.Tenant
	Version    int64 // the number of its events
	Village    int64 // stable number of the village
	Registered sqldb.ID
	Applicant  person.Name
	Decree     sqldb.ID // the last decree that covers it
	Match      civilmatch.Status
	FiledAt    time.Time

	request sqldb.ID
	sealed  []byte
	words   map[int]said        // by event, of those not kept yet
	roles   map[int]access.Role // likewise
	changed bool                // the document was replaced
}

// Seen names a proposal as an actor saw it: a step on another version is refused.
type Seen struct {
	ID      sqldb.ID
	Version int64
}

// Paper is the document a step rests on: minutes, an SPTJM, a letter, a visit. ID is that of the
// office that keeps it, such as the minutes of service/deliberations; a paper that is only named
// gets an id of its own.
type Paper struct {
	ID     sqldb.ID
	Name   string
	Number string
}

// given makes sure that a paper that was named has an id.
func (p Paper) given() Paper {
	if p.ID.IsZero() && p.Name != "" {
		p.ID = sqldb.NewID()
	}
	return p
}

// Receipt is what the applicant gets: the number, and by when she is answered.
type Receipt struct {
	Row
	// Repeated tells that this request was received before; nothing was filed twice.
	Repeated bool
	// Alike are those of the registry who may be somebody of a reactivation that was not filed.
	Alike []identity.Resembling
}

func (r *Row) entry(facts map[string]any) audit.Entry {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["number"], facts["state"] = r.Number, string(r.State)
	return audit.Entry{Tenant: r.Tenant, Area: r.Area, Subject: r.ID, Facts: facts}
}

// step takes the proposal after a step, with what was said and in which role.
func (r *Row) step(next proposal.Proposal, role access.Role, w said) {
	if r.words == nil {
		r.words, r.roles = map[int]said{}, map[int]access.Role{}
	}
	for i := len(r.Events); i < len(next.Events); i++ {
		r.words[i], r.roles[i] = said{}, role
		if next.Events[i].By == ([16]byte{}) {
			r.roles[i] = System
		}
	}
	if len(next.Events) > len(r.Events) {
		r.words[len(r.Events)] = w // of the steps of one act, the first is the person's
	}
	r.Proposal = next
}

// about adds the number of the proposal to an error, so that of a batch the one is named.
func (r *Row) about(err error) error {
	e, ok := fail.As(err)
	if !ok || r.Number == "" {
		return err
	}
	named := *e
	named.Facts = append(append([]fail.Fact(nil), e.Facts...), fail.Fact{Key: "number", Value: r.Number})
	return &named
}
