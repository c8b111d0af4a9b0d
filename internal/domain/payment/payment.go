// Package payment holds the states of an entitlement on its way to a family, what each status means and
// what to do next, and the reconciliation that ends every row in exactly one final state.
//
// The order is that of the treasury (domain dossier section 8): final list, treasury check, account,
// payment order (SPM), disbursement (SP2D), instruction (SI), credit, use. Statuses and bank codes
// are data; a district imports the statuses of central programmes and pays only its own money.
package payment

import (
	"slices"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Status is where an entitlement of one stage stands.
type Status string

// The statuses. The last four of the list are final; NoRow is no status of a row but the answer when
// a period has none.
const (
	Listed               Status = "LISTED"
	OMSPAN               Status = "OMSPAN"
	OMSPANFailed         Status = "OMSPAN_FAILED"
	AccountOpening       Status = "ACCOUNT_OPENING"
	AccountOpeningFailed Status = "ACCOUNT_OPENING_FAILED"
	AccountCheck         Status = "ACCOUNT_CHECK"
	AccountCheckFailed   Status = "ACCOUNT_CHECK_FAILED"
	SPM                  Status = "SPM"
	SP2D                 Status = "SP2D"
	SI                   Status = "SI"
	Credited             Status = "CREDITED"
	NotUsed              Status = "NOT_USED"
	Excluded             Status = "EXCLUDED"
	ExcludedOccupation   Status = "EXCLUDED_OCCUPATION"
	ExcludedRegion       Status = "EXCLUDED_REGION"
	ExcludedDead         Status = "EXCLUDED_DEAD"
	PaidUsed             Status = "PAID_USED"
	PaidUnused           Status = "PAID_UNUSED"
	Rejected             Status = "REJECTED"
	Returned             Status = "RETURNED"
	NoRow                Status = "NO_ROW"
)

// Finals gives the four final states. A row of a closed stage is in one of them.
func Finals() []Status { return []Status{PaidUsed, PaidUnused, Rejected, Returned} }

// Final reports whether a row ends here. A closed row is not opened again: what happens later, such
// as money that goes back, is booked in the stage in which it happens.
func (s Status) Final() bool { return slices.Contains(Finals(), s) }

// Exclusions gives the statuses that keep a row from being paid in this period.
func Exclusions() []Status {
	return []Status{Excluded, ExcludedOccupation, ExcludedRegion, ExcludedDead}
}

// Next gives the statuses a row may go to, none from a final one. A failure may be repaired, be paid
// by Pos instead of the bank, or end the row; an exclusion may be disproved while the stage is open.
func (s Status) Next() []Status {
	switch s {
	case Listed:
		return append([]Status{OMSPAN}, Exclusions()...)
	case OMSPAN:
		return append([]Status{AccountOpening, AccountCheck, SPM, OMSPANFailed}, Exclusions()...)
	case OMSPANFailed:
		return append([]Status{OMSPAN, Rejected}, Exclusions()...)
	case AccountOpening:
		return append([]Status{AccountCheck, AccountOpeningFailed}, Exclusions()...)
	case AccountOpeningFailed:
		return append([]Status{AccountOpening, SPM, Rejected}, Exclusions()...)
	case AccountCheck:
		return append([]Status{SPM, AccountCheckFailed}, Exclusions()...)
	case AccountCheckFailed:
		return append([]Status{AccountCheck, SPM, Rejected}, Exclusions()...)
	case SPM:
		return append([]Status{SP2D}, Exclusions()...)
	case SP2D:
		return []Status{SI, Credited, Rejected, Returned}
	case SI:
		return []Status{Credited, Rejected, Returned}
	case Credited:
		return []Status{PaidUsed, NotUsed, PaidUnused, Returned}
	case NotUsed:
		return []Status{PaidUsed, PaidUnused, Returned}
	case Excluded, ExcludedOccupation, ExcludedRegion, ExcludedDead:
		return []Status{Listed, Rejected}
	}
	return nil
}

// Statuses lists every status of a row, in the order of the machine.
func Statuses() []Status {
	return slices.Concat([]Status{
		Listed, OMSPAN, OMSPANFailed, AccountOpening, AccountOpeningFailed, AccountCheck, AccountCheckFailed, SPM, SP2D, SI, Credited, NotUsed,
	}, Exclusions(), Finals())
}

// Move takes a row from one status to another. Error: payment.transition (facts from, to).
func Move(from, to Status) (Status, error) {
	if !slices.Contains(from.Next(), to) {
		return from, fail.Conflict("payment.transition", "from", string(from), "to", string(to))
	}
	return to, nil
}

// Jump takes a row to a status that a file of the level above states. Files show what is the case,
// not every step to it, so any status that can be reached is taken; a closed row is not. Error:
// payment.transition.
func Jump(from, to Status) (Status, error) {
	if from == to || reaches(from, to) {
		return to, nil
	}
	return from, fail.Conflict("payment.transition", "from", string(from), "to", string(to))
}

// reaches reports whether a path leads from one status to the other.
func reaches(from, to Status) bool {
	seen, queue := map[Status]bool{from: true}, []Status{from}
	for len(queue) > 0 {
		next := queue[0].Next()
		queue = queue[1:]
		for _, s := range next {
			if s == to {
				return true
			}
			if !seen[s] {
				seen[s] = true
				queue = append(queue, s)
			}
		}
	}
	return false
}

// DueBack gives the day after which credited money that nobody used goes back to the treasury; the
// zero Date where the programme sets no days.
func DueBack(creditedOn period.Date, unclaimedDays int) period.Date {
	if unclaimedDays == 0 || creditedOn.IsZero() {
		return period.Date{}
	}
	return creditedOn.AddDays(unclaimedDays)
}
