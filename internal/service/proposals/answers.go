package proposals

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Verdict is what the ministry's answer file says of one proposal.
type Verdict string

// The verdicts.
const (
	VerdictEstablished Verdict = "established" // ditetapkan
	VerdictRefused     Verdict = "refused"     // ditolak
	VerdictReturned    Verdict = "returned"    // dikembalikan
)

// ParseVerdict reads a verdict as officers' files have it. Error: answer_file.verdict.
func ParseVerdict(text string) (Verdict, error) {
	switch person.Fold(text) {
	case "ESTABLISHED", "DITETAPKAN", "TETAP", "DITERIMA", "DISETUJUI", "YA", "Y", "1":
		return VerdictEstablished, nil
	case "REFUSED", "DITOLAK", "TOLAK", "TIDAK DITETAPKAN", "TIDAK", "T", "0":
		return VerdictRefused, nil
	case "RETURNED", "DIKEMBALIKAN", "KEMBALI":
		return VerdictReturned, nil
	}
	return "", fail.Invalid("answer_file.verdict").On("decision")
}

// AnswerRow is one row of an answer file. The proposal is named by its number, else by the NIK of
// somebody in it, else by its No. KK. Reason is a code of data/reasons, a number of the decree's list
// or words; words are kept as they are, under the code for what the ministry did not determine.
type AnswerRow struct {
	Line     int64
	Number   string
	NIK      person.NIK
	KK       person.KK
	Decision Verdict
	Reason   string
	Note     string
	Decree   string
	Date     period.Date
	SignedBy string // "Menteri Sosial" when the file does not say
}

// AnswerOutcome is what became of one row. Err is nil when it was taken, or had been before.
type AnswerOutcome struct {
	Line     int64
	Proposal sqldb.ID
	Number   string
	State    proposal.State
	Err      error
}

// AnswerReport counts what a list of answers did; every rejected row has its reason in Rows.
type AnswerReport struct {
	Established, Refused, Returned int64
	Unchanged                      int64 // answered the same before
	Rejected                       int64
	Rows                           []AnswerOutcome // in the order of the file
}

// minister signs determinations whose file does not say who did.
const minister = "Menteri Sosial"

// refusedByMinistry is the reason for what comes with words of the ministry's own.
const refusedByMinistry = "refused_by_ministry"

// LoadAnswersIn takes in the decisions of the level above, as a file states them. A row that cannot
// be taken is told with its reason and the others go in; loading the same again changes nothing. The
// caller has recorded the act; the permission is asked at every proposal's own village.
//
// Errors of rows: answer_file.unknown, answer_file.ambiguous (fact count), answer_file.other_decision
// (fact state), answer_file.verdict, access.denied, decree.number, decree.date, proposal.reason_needed,
// and those of the steps.
func (s *Service) LoadAnswersIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []AnswerRow) (AnswerReport, error) {
	in := &answering{s: s, tx: tx, tenant: tenant, decrees: map[string]*covering{}, byID: map[sqldb.ID]*Row{}}
	if err := in.find(ctx, rows); err != nil {
		return AnswerReport{}, err
	}
	report := AnswerReport{Rows: make([]AnswerOutcome, len(rows))}
	for i := range rows {
		out, err := in.row(ctx, &rows[i], &report)
		if err != nil {
			if _, known := fail.As(err); !known {
				return report, err
			}
			report.Rejected++
			out.Err = err
		}
		report.Rows[i] = out
	}
	return report, in.keep(ctx)
}

// row takes one answer in.
func (a *answering) row(ctx context.Context, in *AnswerRow, report *AnswerReport) (AnswerOutcome, error) {
	out := AnswerOutcome{Line: in.Line, Number: in.Number}
	r, err := a.named(in)
	if err != nil {
		return out, err
	}
	out.Proposal, out.Number, out.State = r.ID, r.Number, r.State
	if err := a.tx.Who.Allow(access.ImportAnswers, r.Tenant, r.Area); err != nil {
		return out, err
	}
	if same, err := answeredBefore(r, in); same || err != nil {
		if same {
			report.Unchanged++
		}
		return out, err
	}
	decree, err := a.decree(ctx, in, a.s.today(a.tx, r.Area))
	if err != nil {
		return out, err
	}
	if err := a.step(r, in, decree.Decree); err != nil {
		return out, err
	}
	if err := a.use(ctx, decree); err != nil {
		return out, err
	}
	r.Decree, out.State = decree.ID, r.State
	if !slices.Contains(a.moved, r) {
		a.moved = append(a.moved, r)
	}
	switch r.State {
	case proposal.Established:
		report.Established++
	case proposal.Refused:
		report.Refused++
	default:
		report.Returned++
	}
	return out, nil
}

// answeredBefore tells whether the row says again what is on record; a different decision about a
// proposal that has one is an error.
func answeredBefore(r *Row, in *AnswerRow) (bool, error) {
	if waits(r.State) {
		return false, nil
	}
	held := map[proposal.State]Verdict{
		proposal.Established: VerdictEstablished, proposal.Refused: VerdictRefused, proposal.Returned: VerdictReturned,
	}[r.State]
	last := r.Events[len(r.Events)-1]
	if held != "" && held == in.Decision && last.DocumentNumber == strings.TrimSpace(in.Decree) {
		return true, nil
	}
	return false, fail.Conflict("answer_file.other_decision", "state", string(r.State)).On("decision")
}

// decree gives the row's decree, a new one where the number is not on record yet.
func (a *answering) decree(ctx context.Context, in *AnswerRow, today period.Date) (*covering, error) {
	number := strings.TrimSpace(in.Decree)
	if d, ok := a.decrees[number]; ok {
		return d, nil
	}
	d := Decree{ID: a.tx.NewID(), Kind: Determination, Number: number, On: in.Date, SignedBy: in.SignedBy}
	if strings.TrimSpace(d.SignedBy) == "" {
		d.SignedBy = minister
	}
	if err := d.check(today); err != nil {
		return nil, err
	}
	held, found, err := decreeByNumber(ctx, a.tx, a.tenant, Determination, number)
	if err != nil {
		return nil, err
	}
	c := &covering{Decree: d}
	if found {
		c = &covering{Decree: held, kept: true}
	}
	a.decrees[number] = c
	return c, nil
}

// use keeps a decree when the first row is taken under it.
func (a *answering) use(ctx context.Context, c *covering) error {
	if !c.used {
		c.used = true
		a.used = append(a.used, c)
	}
	if c.kept {
		return nil
	}
	c.kept = true
	return insertDecree(ctx, a.tx, a.tenant, c.Decree)
}

// step takes the step the row asks for. By is who loads the file: it is her act.
func (a *answering) step(r *Row, in *AnswerRow, d Decree) error {
	day := a.s.today(a.tx, r.Area)
	step := proposal.Step{By: a.tx.Who.ID, At: a.tx.Now, On: day, Document: d.ID, DocumentNumber: d.Number, Note: in.Note}
	action := proposal.ActAnswered
	switch in.Decision {
	case VerdictEstablished:
	case VerdictRefused:
		action = proposal.ActRefuseByFile
		step.Reason, step.Note = a.reason(in, proposal.UseRefuse, day)
	case VerdictReturned:
		action = proposal.ActReturnsByFile
		step.Reason, step.Note = a.reason(in, proposal.UseReturn, day)
	default:
		return fail.Invalid("answer_file.verdict").On("decision")
	}
	next, err := a.s.rules.Act(r.Proposal, action, step)
	if err != nil {
		return err
	}
	r.step(next, a.tx.Who.RoleFor(access.ImportAnswers, r.Tenant, r.Area), said{Note: step.Note})
	return nil
}

// reason reads a reason: a code, a number of the decree's list, or words.
func (a *answering) reason(in *AnswerRow, use proposal.Use, day period.Date) (code, note string) {
	text := strings.TrimSpace(in.Reason)
	allowed := a.s.rules.Reasons.For(use, day)
	if n, err := strconv.Atoi(text); err == nil {
		for _, r := range allowed {
			if r.Number == n && n > 0 {
				return r.Code, in.Note
			}
		}
	}
	for _, r := range allowed {
		if r.Code == text || person.FoldEqual(r.Label.ID, text) {
			return r.Code, in.Note
		}
	}
	if text == "" {
		return "", in.Note
	}
	words := text
	if in.Note != "" {
		words += ". " + in.Note
	}
	if use == proposal.UseReturn {
		return "incomplete", words
	}
	return refusedByMinistry, words
}

// keep writes what was taken in: the registry, the proposals, the letters and the decrees' digests.
func (a *answering) keep(ctx context.Context) error {
	if err := a.s.effectIn(ctx, a.tx, a.moved); err != nil {
		return err
	}
	if err := a.s.keepIn(ctx, a.tx, a.moved); err != nil {
		return err
	}
	for _, c := range a.used {
		digest, _, err := a.s.digestIn(ctx, a.tx, a.tenant, c.ID)
		if err != nil {
			return err
		}
		if err := sealDecree(ctx, a.tx, a.tenant, c.ID, digest); err != nil {
			return err
		}
	}
	return nil
}
