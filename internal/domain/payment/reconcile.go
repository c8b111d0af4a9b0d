package payment

import (
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Line is one row of the payment list of a stage. An excluded row stays on the list with its status
// and gets no money.
type Line struct {
	ID       [16]byte
	Amount   money.Rupiah
	Excluded Status // one of Exclusions, or empty
}

// BankRow is what the bank's result file says about one row. The service finds the row's id by the
// reference, account or NIK of the file.
type BankRow struct {
	ID         [16]byte
	Amount     money.Rupiah
	CreditedOn period.Date
	UsedOn     period.Date // first transaction
	ReturnedOn period.Date
	Code       string // the bank's result code; empty counts as done
}

// Outcome is how one line ended.
type Outcome struct {
	Final  Status       // one of Finals, or empty while open
	Amount money.Rupiah // what left the treasury for it and did not come back
	Why    string       // the bank's code or the exclusion; empty for money that was used
	BackBy period.Date  // of unused money: the day it goes back, or zero
}

// FindingKind says what a reconciliation found wrong.
type FindingKind string

// The findings, as keys of the catalogue under payment.finding.
const (
	FindingMissing       FindingKind = "missing"       // a line without a bank row: the line stays open
	FindingUnlisted      FindingKind = "unlisted"      // a bank row that is on no line
	FindingTwice         FindingKind = "twice"         // a second bank row for a line
	FindingAmount        FindingKind = "amount"        // the bank's amount is not the line's
	FindingExcludedPaid  FindingKind = "excluded_paid" // money for an excluded line
	FindingContradiction FindingKind = "contradiction" // used but never credited, or rejected and credited: the line stays open
	FindingCode          FindingKind = "code"          // a result code nobody knows: the line stays open
)

// Finding is one thing wrong, with the position of the line (-1 for none) and of the bank row (-1).
type Finding struct {
	Kind      FindingKind
	Line, Row int
}

// Sum is a number of rows and their money.
type Sum struct {
	Rows   int
	Amount money.Rupiah
}

func (s *Sum) add(amount money.Rupiah) {
	s.Rows++
	s.Amount += amount
}

// Report is a reconciliation: how every line ended, in the order of the list, with the sums. The
// sums by final state hold the lines' own amounts, so they always add up to what was listed.
type Report struct {
	Outcomes  []Outcome
	Findings  []Finding
	Listed    Sum            // all lines
	Payable   Sum            // lines that are not excluded
	Disbursed money.Rupiah   // by the SP2D
	Bank      Sum            // rows of the bank's file
	ByFinal   map[Status]Sum // lines by final state
	Open      Sum            // lines without a final state
}

// Reconcile sets the list, the disbursement (SP2D) and the bank's rows against each other. Every line
// gets exactly one final state or stays open: used money is PAID_USED, credited money that nobody
// used is PAID_UNUSED (with the day it goes back), money that came back is RETURNED, and what the
// bank rejected or the list excludes is REJECTED. Nothing is guessed: a line of which the file says
// nothing, or two things, is open and found.
func Reconcile(list []Line, disbursed money.Rupiah, bank []BankRow, tables Tables, unclaimedDays int) Report {
	r := Report{Outcomes: make([]Outcome, len(list)), Disbursed: disbursed, ByFinal: make(map[Status]Sum, 4)}
	rows := r.assign(list, bank)
	for i, line := range list {
		r.Listed.add(line.Amount)
		if line.Excluded == "" {
			r.Payable.add(line.Amount)
		}
		r.Outcomes[i] = r.outcome(i, line, rows[i], bank, tables, unclaimedDays)
		if final := r.Outcomes[i].Final; final != "" {
			sum := r.ByFinal[final]
			sum.add(line.Amount)
			r.ByFinal[final] = sum
		} else {
			r.Open.add(line.Amount)
		}
	}
	return r
}

// assign gives the bank row of each line, -1 for none and -2 when two rows say different things.
func (r *Report) assign(list []Line, bank []BankRow) []int {
	lines := make(map[[16]byte]int, len(list))
	rows := make([]int, len(list))
	for i, line := range list {
		lines[line.ID], rows[i] = i, -1
	}
	for b, row := range bank {
		r.Bank.add(row.Amount)
		i, ok := lines[row.ID]
		switch {
		case !ok:
			r.find(FindingUnlisted, -1, b)
		case rows[i] == -1:
			rows[i] = b
		default:
			r.find(FindingTwice, i, b)
			if rows[i] >= 0 && bank[rows[i]] != row {
				rows[i] = -2
			}
		}
	}
	return rows
}

func (r *Report) find(kind FindingKind, line, row int) {
	r.Findings = append(r.Findings, Finding{kind, line, row})
}

func (r *Report) outcome(i int, line Line, b int, bank []BankRow, tables Tables, days int) Outcome {
	switch {
	case line.Excluded != "" && b == -1:
		return Outcome{Final: Rejected, Why: string(line.Excluded)}
	case line.Excluded != "":
		r.find(FindingExcludedPaid, i, max(b, -1))
	case b == -1:
		r.find(FindingMissing, i, -1)
	}
	if b < 0 {
		return Outcome{}
	}
	row := bank[b]
	if row.Amount != line.Amount {
		r.find(FindingAmount, i, b)
	}
	out, found := row.outcome(tables, days)
	if found != "" {
		r.find(found, i, b)
	}
	return out
}

// outcome reads one bank row; found says why it can not be read.
func (row BankRow) outcome(tables Tables, days int) (out Outcome, found FindingKind) {
	result := ResultCredited
	if row.Code != "" {
		code, err := tables.ResultCode(row.Code)
		if err != nil {
			return Outcome{}, FindingCode
		}
		result = code.Outcome
	}
	credited, used, returned := !row.CreditedOn.IsZero(), !row.UsedOn.IsZero(), !row.ReturnedOn.IsZero()
	switch {
	case used && (!credited || returned || row.UsedOn.Before(row.CreditedOn)):
		return Outcome{}, FindingContradiction
	case result == ResultRejected && credited:
		return Outcome{}, FindingContradiction
	case result == ResultReturned && used:
		return Outcome{}, FindingContradiction
	case result == ResultRejected && !returned:
		return Outcome{Final: Rejected, Why: row.Code}, ""
	case result == ResultReturned || returned:
		return Outcome{Final: Returned, Why: row.Code}, ""
	case used:
		return Outcome{Final: PaidUsed, Amount: row.Amount}, ""
	case credited:
		return Outcome{Final: PaidUnused, Amount: row.Amount, BackBy: DueBack(row.CreditedOn, days)}, ""
	}
	return Outcome{}, FindingContradiction
}

// Difference gives by how much the three sides differ: the disbursement less the payable lines, and
// the bank's rows less the disbursement. Both are zero when the sum holds.
func (r Report) Difference() (list, bank money.Rupiah) {
	return r.Disbursed - r.Payable.Amount, r.Bank.Amount - r.Disbursed
}

// Close says whether the stage may be closed: every line has a final state, nothing found is about
// money, and the sums of list, disbursement and bank are equal. Errors: payment.rows_open (fact
// rows), payment.not_balanced (facts list, bank: the differences in rupiah), payment.findings (fact
// rows).
func (r Report) Close() error {
	if r.Open.Rows > 0 {
		return fail.Conflict("payment.rows_open", "rows", r.Open.Rows)
	}
	if list, bank := r.Difference(); list != 0 || bank != 0 {
		return fail.Conflict("payment.not_balanced", "list", int64(list), "bank", int64(bank))
	}
	if len(r.Findings) > 0 {
		return fail.Conflict("payment.findings", "rows", len(r.Findings))
	}
	return nil
}
