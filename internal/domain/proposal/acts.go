package proposal

// File sends a draft on its way under its number (see Number).
func (r Rules) File(p Proposal, number string, s Step) (Proposal, error) {
	next, err := r.Act(p, ActFile, s)
	if err != nil {
		return Proposal{}, err
	}
	next.Number = number
	return next, nil
}

// Match records the civil registry's answer: without a reason she matches, with one she does not. A
// citizen's proposal that matches goes on to her village at once. A registry that does not answer
// is no answer: nothing is recorded and the proposal waits.
func (r Rules) Match(p Proposal, s Step) (Proposal, error) {
	if s.Reason != "" {
		return r.Act(p, ActMatchFailed, s)
	}
	next, err := r.Act(p, ActMatched, s)
	if err != nil || next.Origin != FromCitizen {
		return next, err
	}
	return r.Act(next, ActSubmit, s)
}

// Repair sends a proposal whose identity was mended to be matched again.
func (r Rules) Repair(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActRepair, s) }

// List puts a proposal on the village's initial list.
func (r Rules) List(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActList, s) }

// Deliberate records that the village meeting decided for it; the document is its minutes.
func (r Rules) Deliberate(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActDeliberate, s) }

// Attest records a statement of absolute responsibility (SPTJM) in place of a meeting.
func (r Rules) Attest(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActAttest, s) }

// Visit records that the field visit confirmed it; the document is the visit.
func (r Rules) Visit(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActVisit, s) }

// See records that the camat has seen it, where the route has that step.
func (r Rules) See(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActSeen, s) }

// Verify records Dinsos's verification.
func (r Rules) Verify(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActVerify, s) }

// Approve records the approval of the head of the agency, who is not the verifier.
func (r Rules) Approve(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActApprove, s) }

// Ratify records the bupati's or wali kota's endorsement letter (pengesahan).
func (r Rules) Ratify(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActRatify, s) }

// Forward records that the governor passed it on, where the route has that step.
func (r Rules) Forward(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActForward, s) }

// Determine records the minister's decree (penetapan) where this installation performs it.
func (r Rules) Determine(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActDetermine, s) }

// Answer records the minister's decree as the ministry's answer file states it: established when the
// step has no reason, refused when it has one.
func (r Rules) Answer(p Proposal, s Step) (Proposal, error) {
	if s.Reason != "" {
		return r.Act(p, ActRefuseByFile, s)
	}
	return r.Act(p, ActAnswered, s)
}

// Refuse refuses for a reason; the applicant may object until ObjectUntil.
func (r Rules) Refuse(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActRefuse, s) }

// Return sends it back to its filer for a reason.
func (r Rules) Return(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActReturn, s) }

// Resubmit sends a returned proposal on: to the initial list where it has been, else to be matched.
func (r Rules) Resubmit(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActResubmit, s) }

// Withdraw takes it back for its filer, for a reason; not after the signature.
func (r Rules) Withdraw(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActWithdraw, s) }

// Deactivate puts what was established to sleep, for a reason and reversibly.
func (r Rules) Deactivate(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActDeactivate, s) }

// Reactivate undoes Deactivate.
func (r Rules) Reactivate(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActReactivate, s) }

// Reopen takes a refused proposal up again after an upheld objection, whose outcome is the document.
func (r Rules) Reopen(p Proposal, s Step) (Proposal, error) { return r.Act(p, ActReopen, s) }
