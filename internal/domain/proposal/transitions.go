package proposal

import (
	"slices"

	"tepat/internal/domain/access"
)

// Action is what is done with a proposal; its words are proposal.action.<action> of the catalogue.
type Action string

// The actions.
const (
	ActFile          Action = "file"
	ActMatched       Action = "matched"      // the civil registry agrees
	ActMatchFailed   Action = "match_failed" // it does not
	ActRepair        Action = "repair"       // identity mended, match again
	ActSubmit        Action = "submit"       // a citizen's proposal reaches the village
	ActList          Action = "list"         // onto the initial list
	ActDeliberate    Action = "deliberate"   // decided for by the meeting
	ActAttest        Action = "attest"       // SPTJM in place of a meeting
	ActVisit         Action = "visit"        // verified in the field
	ActSeen          Action = "seen"         // the camat has seen it
	ActVerify        Action = "verify"       // Dinsos
	ActApprove       Action = "approve"      // head of the agency
	ActRatify        Action = "ratify"       // pengesahan
	ActForward       Action = "forward"      // through the governor
	ActDetermine     Action = "determine"    // penetapan, where this installation performs it
	ActAnswered      Action = "answered"     // penetapan, read from the ministry's answer file
	ActRefuse        Action = "refuse"
	ActReturn        Action = "return"
	ActResubmit      Action = "resubmit"
	ActWithdraw      Action = "withdraw"
	ActDeactivate    Action = "deactivate"
	ActReactivate    Action = "reactivate"
	ActReopen        Action = "reopen" // after a refusal, by an upheld objection
	ActRefuseByFile  Action = "refused_by_file"
	ActReturnsByFile Action = "returned_by_file"
)

// BySystem is the permission of steps that only the system takes, never a person.
const BySystem access.Permission = ""

// Guard is a condition of a step beside state and permission.
type Guard string

// The guards. Each refuses with an error of its own, see Rules.
const (
	IsComplete      Guard = "complete"        // village, subject, and reason or programme where the kind needs one
	CitizenFiled    Guard = "citizen_filed"   // by a citizen
	NotCitizenFiled Guard = "office_filed"    // not by a citizen
	IsRemoval       Guard = "removal"         // a removal goes on unmatched: the dead do not match
	NotRemoval      Guard = "not_removal"     // what a removal established can not be set inactive
	HasDocument     Guard = "document"        // minutes, SPTJM, visit report, letter
	HasNumber       Guard = "document_number" // a decree, an endorsement letter
	AnotherPerson   Guard = "another_person"  // not who took an earlier step of the same decision
	VisitDone       Guard = "visit_done"      // no required visit is left out
	SubdistrictDone Guard = "subdistrict_done"
	SubdistrictOn   Guard = "subdistrict_on"
	ForwardDone     Guard = "forward_done"
	ForwardOn       Guard = "forward_on"
	WasListed       Guard = "was_listed"
	NotYetListed    Guard = "not_yet_listed"
)

// Transition is one allowed step. A Use other than empty asks for a reason of that use.
type Transition struct {
	From       State
	Action     Action
	Permission access.Permission
	To         State
	Guards     []Guard
	Reason     Use
}

// ByFiler reports whether a citizen may take the step herself for a proposal she filed, without the
// permission.
func (t Transition) ByFiler() bool {
	return slices.Contains([]Action{ActFile, ActRepair, ActResubmit, ActWithdraw}, t.Action)
}

// Transitions gives the whole machine, in the order of the path.
func Transitions() []Transition {
	path := []Transition{
		{Draft, ActFile, access.FileProposal, MatchPending, []Guard{IsComplete}, ""},
		{MatchPending, ActMatched, BySystem, Matched, nil, ""},
		{MatchPending, ActMatchFailed, BySystem, MatchFailed, nil, UseMatch},
		{MatchPending, ActList, access.FileProposal, InitialList, []Guard{HasDocument}, ""}, // no registry at hand: KTP or KK seen
		{MatchFailed, ActRepair, access.FileProposal, MatchPending, nil, ""},
		{MatchFailed, ActList, access.FileProposal, InitialList, []Guard{IsRemoval}, ""},
		{Matched, ActSubmit, BySystem, Submitted, []Guard{CitizenFiled}, ""},
		{Matched, ActList, access.FileProposal, InitialList, []Guard{NotCitizenFiled}, ""},
		{Submitted, ActList, access.FileProposal, InitialList, nil, ""},
		{InitialList, ActDeliberate, access.DecideInVillage, Deliberated, []Guard{HasDocument}, ""},
		{InitialList, ActAttest, access.DecideInVillage, Attested, []Guard{HasDocument}, ""},
		{Endorsed, ActForward, access.RatifyProposal, Forwarded, []Guard{ForwardOn, HasDocument}, ""},
		{DistrictVerified, ActApprove, access.ApproveProposal, AgencyApproved, []Guard{AnotherPerson}, ""},
		{AgencyApproved, ActRatify, access.RatifyProposal, Endorsed, []Guard{AnotherPerson, HasDocument, HasNumber}, ""},
		{Returned, ActResubmit, access.FileProposal, InitialList, []Guard{WasListed}, ""},
		{Returned, ActRepair, access.FileProposal, MatchPending, nil, ""},
		{Returned, ActResubmit, access.FileProposal, MatchPending, []Guard{NotYetListed}, ""},
		{Established, ActDeactivate, access.ApproveScreening, Inactive, []Guard{NotRemoval}, UseDeactivate},
		{Inactive, ActReactivate, access.DecideFinding, Established, nil, UseReactivate},
		{Refused, ActReopen, access.DecideFinding, InitialList, []Guard{HasDocument}, UseReactivate},
	}
	for _, from := range []State{Deliberated, Attested} {
		path = append(path, Transition{from, ActVisit, access.DecideInVillage, FieldVerified, []Guard{HasDocument}, ""})
	}
	for _, from := range []State{Deliberated, Attested, FieldVerified} {
		path = append(path,
			Transition{from, ActSeen, access.VerifyProposal, SubdistrictSeen, []Guard{SubdistrictOn, VisitDone}, ""},
			Transition{from, ActVerify, access.VerifyProposal, DistrictVerified, []Guard{VisitDone, SubdistrictDone, AnotherPerson}, ""})
	}
	path = append(path, Transition{SubdistrictSeen, ActVerify, access.VerifyProposal, DistrictVerified, []Guard{AnotherPerson}, ""})
	for _, from := range []State{Endorsed, Forwarded} {
		path = append(path,
			Transition{from, ActDetermine, access.Determine, Established, []Guard{ForwardDone, HasNumber, AnotherPerson}, ""},
			Transition{from, ActAnswered, access.ImportAnswers, Established, []Guard{HasNumber}, ""},
			Transition{from, ActRefuse, access.Determine, Refused, nil, UseRefuse},
			Transition{from, ActRefuseByFile, access.ImportAnswers, Refused, nil, UseRefuse},
			Transition{from, ActReturn, access.Determine, Returned, nil, UseReturn},
			Transition{from, ActReturnsByFile, access.ImportAnswers, Returned, nil, UseReturn})
	}
	return append(path, sideways()...)
}

// sideways gives the steps off the path: refuse, return, withdraw.
func sideways() []Transition {
	refuse := func(from State, p access.Permission, g ...Guard) Transition {
		return Transition{from, ActRefuse, p, Refused, g, UseRefuse}
	}
	back := func(from State, p access.Permission) Transition {
		return Transition{from, ActReturn, p, Returned, nil, UseReturn}
	}
	out := []Transition{
		refuse(InitialList, access.DecideInVillage, HasDocument), // by the meeting, on its minutes
		refuse(Deliberated, access.VerifyProposal), refuse(Attested, access.VerifyProposal), refuse(FieldVerified, access.VerifyProposal),
		refuse(SubdistrictSeen, access.VerifyProposal), refuse(DistrictVerified, access.ApproveProposal),
		back(Submitted, access.DecideInVillage), back(InitialList, access.DecideInVillage),
		back(Deliberated, access.VerifyProposal), back(Attested, access.VerifyProposal), back(FieldVerified, access.VerifyProposal),
		back(SubdistrictSeen, access.VerifyProposal), back(DistrictVerified, access.ApproveProposal), back(AgencyApproved, access.RatifyProposal),
	}
	for _, from := range States() {
		if from.Open() && !slices.Contains([]State{Endorsed, Forwarded}, from) { // what is signed can not be withdrawn
			out = append(out, Transition{from, ActWithdraw, access.FileProposal, Withdrawn, nil, UseWithdraw})
		}
	}
	return out
}

// Next gives the steps that lead out of a state, in the order of the table; guards may still refuse
// one. A page asks it for its buttons.
func Next(from State) []Transition {
	return slices.DeleteFunc(Transitions(), func(t Transition) bool { return t.From != from })
}
