// Package proposal holds the rules of usulan (proposals) and sanggah (objections) as state machines,
// with their reasons and deadlines; service/proposals keeps the rows.
//
// A proposal travels from the village to the ministry (domain dossier 3.4). Each step is one row of
// the table Transitions: who may take it, what has to be there, and whether a reason is needed. The
// functions are pure: they take a Proposal and a Step and give the new Proposal or an error. Ranking
// and enrolment come after a proposal is established and are no states of it.
//
// Two decisions. A proposal keeps the route it was filed under, so that a change of rules strands
// nobody. And time decides nothing: what is late is overdue and goes up a level; no proposal is
// refused, and no objection dropped, because an office was silent.
package proposal

import (
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
)

// Kind says what is proposed.
type Kind string

// The kinds of proposals.
const (
	NewFamily    Kind = "NEW_FAMILY"   // enter the registry
	Removal      Kind = "REMOVAL"      // leave it, for a reason
	Enrolment    Kind = "ENROLMENT"    // into one programme, such as PBI-JK
	Reactivation Kind = "REACTIVATION" // after a removal, for a reason
)

// Origin says who brought the proposal.
type Origin string

// The origins.
const (
	FromVillage Origin = "VILLAGE" // the village operator
	FromCitizen Origin = "CITIZEN" // a citizen herself (usulan mandiri)
	FromAgency  Origin = "AGENCY"  // a list of another agency
)

// State is where a proposal stands; its words are proposal.state.<state> of the catalogue.
type State string

// The states, in the order in which a proposal meets them.
const (
	Draft            State = "DRAFT"             // konsep
	MatchPending     State = "MATCH_PENDING"     // menunggu pemeriksaan Dukcapil
	Matched          State = "MATCHED"           // padan
	MatchFailed      State = "MATCH_FAILED"      // tidak padan
	Submitted        State = "SUBMITTED"         // usulan mandiri, waits for the village
	InitialList      State = "INITIAL_LIST"      // daftar usulan awal
	Deliberated      State = "DELIBERATED"       // musdes/muskel
	Attested         State = "SPTJM"             // surat pernyataan tanggung jawab mutlak instead of a meeting
	FieldVerified    State = "FIELD_VERIFIED"    // verval
	SubdistrictSeen  State = "SUBDISTRICT_SEEN"  // camat
	DistrictVerified State = "DISTRICT_VERIFIED" // user verifikator Dinsos
	AgencyApproved   State = "AGENCY_APPROVED"   // kepala Dinas Sosial
	Endorsed         State = "ENDORSED"          // pengesahan by the bupati or wali kota
	Forwarded        State = "FORWARDED"         // gubernur
	Established      State = "ESTABLISHED"       // penetapan by the minister
	Refused          State = "REFUSED"
	Returned         State = "RETURNED"
	Withdrawn        State = "WITHDRAWN"
	Inactive         State = "INACTIVE" // ditidurkan; reversible
)

// States lists every state in order.
func States() []State {
	return []State{
		Draft, MatchPending, Matched, MatchFailed, Submitted, InitialList, Deliberated, Attested, FieldVerified, SubdistrictSeen,
		DistrictVerified, AgencyApproved, Endorsed, Forwarded, Established, Refused, Returned, Withdrawn, Inactive,
	}
}

// Open reports whether somebody still has to act on the proposal.
func (s State) Open() bool { return s.Holder() != HeldByNobody }

// Office is who holds a proposal: whose queue it stands in.
type Office string

// The offices.
const (
	HeldByNobody      Office = "nobody"
	HeldByFiler       Office = "filer"
	HeldBySystem      Office = "system" // the civil registry's answer is awaited
	HeldByVillage     Office = "village"
	HeldBySubdistrict Office = "subdistrict"
	HeldByDistrict    Office = "district" // Dinsos
	HeldByAgencyHead  Office = "agency_head"
	HeldByRegent      Office = "regent"
	HeldByProvince    Office = "province"
	HeldByMinistry    Office = "ministry"
)

// Holder says who has to act on a proposal in this state. After the meeting that is the district,
// unless the route asks for a visit or the subdistrict first, see Proposal.Holder.
func (s State) Holder() Office {
	switch s {
	case Draft, MatchFailed, Returned:
		return HeldByFiler
	case MatchPending:
		return HeldBySystem
	case Matched, Submitted, InitialList:
		return HeldByVillage
	case Deliberated, Attested, FieldVerified, SubdistrictSeen:
		return HeldByDistrict
	case DistrictVerified:
		return HeldByAgencyHead
	case AgencyApproved:
		return HeldByRegent
	case Endorsed, Forwarded:
		return HeldByMinistry
	}
	return HeldByNobody
}

// Mode says whether a step of the route is taken.
type Mode string

// The modes of a step.
const (
	Off      Mode = "off"
	Optional Mode = "optional"
	Required Mode = "required"
)

// Route says which of the steps that differ by rule and region a proposal takes.
type Route struct {
	FieldVisit  Mode `yaml:"field_visit"`
	Subdistrict Mode `yaml:"subdistrict"`
	Forward     Mode `yaml:"forward"` // through the governor
}

// Event is one line of a proposal's history. By is zero for the system. Note is the text shown to
// the applicant beside the reason.
type Event struct {
	At             time.Time
	On             period.Date // the local date at the office that acted
	By             [16]byte
	Action         Action
	From, To       State
	Reason         string
	Note           string
	Document       [16]byte
	DocumentNumber string
}

// Proposal is one proposal with its history.
type Proposal struct {
	ID        [16]byte
	Number    string // U-2026-04180, given at filing
	Kind      Kind
	Origin    Origin
	Area      area.Code // the village
	Family    [16]byte
	Person    [16]byte // zero when it is about the whole family
	Programme string   // of an enrolment
	Reason    string   // of a removal or reactivation: why it is proposed
	Filer     [16]byte
	Route     Route
	State     State
	FiledOn   period.Date
	AnswerBy  period.Date // by when the applicant is to be answered
	Due       period.Date // by when whoever holds it should act; zero when nobody has to
	Events    []Event
}

// Holder says whose queue the proposal stands in.
func (p Proposal) Holder() Office {
	switch p.State {
	case Deliberated, Attested:
		if p.Route.FieldVisit == Required {
			return HeldByVillage
		}
		fallthrough
	case FieldVerified:
		if p.Route.Subdistrict == Required {
			return HeldBySubdistrict
		}
	case Endorsed:
		if p.Route.Forward == Required {
			return HeldByProvince
		}
	}
	return p.State.Holder()
}

// last gives the latest event that took the action.
func (p Proposal) last(actions ...Action) (Event, bool) {
	for _, e := range slices.Backward(p.Events) {
		if slices.Contains(actions, e.Action) {
			return e, true
		}
	}
	return Event{}, false
}

// Refusal gives the event that refused the proposal last; ok is false when none did.
func (p Proposal) Refusal() (Event, bool) {
	for _, e := range slices.Backward(p.Events) {
		if e.To == Refused {
			return e, true
		}
	}
	return Event{}, false
}

// Overdue gives by how many days the office that holds the proposal is late; zero when it is not.
// Being late changes no state: the case is shown to the level above (see Above).
func (p Proposal) Overdue(today period.Date) int { return daysLate(p.Due, today, p.State.Open()) }

func daysLate(due, today period.Date, open bool) int {
	if !open || due.IsZero() {
		return 0
	}
	return max(0, today.DaysSince(due))
}

// Above gives the office to which a late case of this office goes.
func (o Office) Above() Office {
	switch o {
	case HeldByFiler, HeldBySystem:
		return HeldByVillage
	case HeldByVillage, HeldBySubdistrict:
		return HeldByDistrict
	case HeldByDistrict:
		return HeldByAgencyHead
	case HeldByAgencyHead:
		return HeldByRegent
	case HeldByRegent, HeldByProvince:
		return HeldByMinistry
	}
	return HeldByNobody
}
