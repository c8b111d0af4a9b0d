package grievances

import (
	"context"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// SelfFiling is an objection or complaint a citizen sends herself, without an account.
type SelfFiling struct {
	Filing
	// Digits are the last four of her NIK, which with the number of her proposal show that it is
	// hers. Last6 are the last six of her No. KK, which with her NIK show who she is.
	Digits string
	Last6  string
}

// SelfReceipt is all that the public page shows after sending.
type SelfReceipt struct {
	Number   string
	Code     string // to track with; "" when it is the last four digits of her NIK or phone
	FiledOn  period.Date
	AnswerBy period.Date
	Repeated bool
	// Tenant and Case are for the files that came with it; they are not shown.
	Tenant area.Tenant
	Case   sqldb.ID
}

// unnamedPurpose binds the count of anonymous complaints of a village.
const unnamedPurpose = seal.Purpose("anonymous complaints")

// FileSelf takes in what a citizen sends. An objection needs proof of who she is: to a refusal the
// number and digits she tracks it with, to a listed family or about a misused NIK her NIK and the last
// six digits of her No. KK. A complaint needs none, and none is kept of one that is anonymous.
//
// Errors: those of File; grievance.not_proven, the same whether she is unknown or the numbers do not
// belong together; grievance.self_limited (fact hours); those of proposals.Tracked.
func (s *Service) FileSelf(ctx context.Context, in SelfFiling) (SelfReceipt, error) {
	now := s.acts.Now()
	tries, key := s.budget(in)
	limited := tries.Left(key, now) == 0
	if in.refusal() {
		r, err := s.proposals.Tracked(ctx, in.Proposal, in.Digits)
		if err != nil {
			return SelfReceipt{}, err
		}
		in.Area = r.Area
	}
	by := filer{id: s.idOf(in.Filing), role: proposals.Citizen}
	r, err := once(func() (r Receipt, err error) {
		err = proposals.Unattended(ctx, s.acts, by.id, proposals.Citizen, "grievance.file_self", now, func(tx *act.Tx) (audit.Entry, error) {
			if limited {
				r, err = s.sentBefore(ctx, tx, by, in)
			} else {
				r, err = s.fileSelfIn(ctx, tx, by, in)
			}
			return r.entry(map[string]any{"repeated": r.Repeated, "joined": r.Joined}), err
		})
		return r, err
	})
	if err != nil {
		if fail.CodeOf(err) == "grievance.not_proven" {
			tries.Add(key, now)
		}
		return SelfReceipt{}, err
	}
	if !r.Repeated {
		tries.Add(key, now)
	}
	return SelfReceipt{r.Number, r.Code, r.FiledOn, r.AnswerBy, r.Repeated, r.Tenant, r.ID}, nil
}

// fileSelfIn files what a citizen sends, after the proof it needs.
func (s *Service) fileSelfIn(ctx context.Context, tx *act.Tx, by filer, in SelfFiling) (Receipt, error) {
	if err := s.proveIn(ctx, tx, &by, in); err != nil {
		return Receipt{}, err
	}
	found, err := s.aboutIn(ctx, tx, in.Filing)
	if err != nil {
		return Receipt{}, err
	}
	if in.refusal() {
		found.filerFamily = found.family // the number and its digits are hers
	}
	return s.fileIn(ctx, tx, by, found)
}

// sentBefore is all that is left to who has used up the day: the receipt of what she sent, sent again.
func (s *Service) sentBefore(ctx context.Context, tx *act.Tx, by filer, in SelfFiling) (Receipt, error) {
	r, found, err := s.repeatedIn(ctx, tx, by, about{Filing: in.Filing, tenant: s.places.TenantOf(in.Area)})
	if err == nil && !found {
		err = fail.Limited("grievance.self_limited", "hours", s.filings.HoursLeft(tx.Now))
	}
	return r, err
}

func (in SelfFiling) refusal() bool {
	return in.Kind == Objection && in.Topic == string(proposal.AgainstRefusal)
}

// budget gives whose tries a filing counts among: those of a NIK or phone, or of the village where
// nobody is named.
func (s *Service) budget(in SelfFiling) (*proposals.Tries, sqldb.Hash) {
	if id := s.idOf(in.Filing); !id.IsZero() {
		return s.filings, id
	}
	if in.refusal() {
		return s.filings, s.keys.Blind(unnamedPurpose, []byte(strings.ToUpper(in.Proposal)))
	}
	return s.unnamed, s.keys.Blind(unnamedPurpose, []byte(in.Area.Dotted()))
}

// proveIn proves who the filer is, where the filing needs it. Error: grievance.not_proven.
func (s *Service) proveIn(ctx context.Context, tx *act.Tx, by *filer, in SelfFiling) error {
	if in.Kind != Objection || in.refusal() {
		return nil
	}
	hash := s.reg.NIKHash(in.Document.NIK)
	if hash.IsZero() {
		return fail.Forbidden("grievance.not_proven")
	}
	holders, err := s.reg.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return err
	}
	holder, held := holders[hash]
	tag := s.reg.CheckTag(in.Document.NIK, in.Last6)
	if !held || holder.Contested || !hasTag(holder.Tags, tag) {
		return fail.Forbidden("grievance.not_proven")
	}
	by.proven = true
	return nil
}

func hasTag(tags []byte, tag [registry.TagSize]byte) bool {
	for i := 0; i+registry.TagSize <= len(tags); i += registry.TagSize {
		if [registry.TagSize]byte(tags[i:i+registry.TagSize]) == tag {
			return true
		}
	}
	return false
}

// Timeline is what who filed sees of her case: offices and dates, never an officer.
type Timeline struct {
	Number      string
	Kind        Kind
	Topic       string
	State       string
	FiledOn     period.Date
	AnswerBy    period.Date
	Due         period.Date
	ReopenUntil period.Date // of an answered complaint: until then she may say that she is not content
	Papers      bool        // files can be added
	Steps       []TimelineStep
}

// TimelineStep is one line of it.
type TimelineStep struct {
	On     period.Date
	Action string
	State  string // after it
	Place  string // the office that acted, by its area; empty for who filed and for the system
	Note   string // words for who filed
}

// Track shows who filed where her case stands, for its number and her four digits. Errors:
// number.format, track.digits, track.unknown, track.limited, as of proposals.Tracked.
func (s *Service) Track(ctx context.Context, number, digits string) (t Timeline, err error) {
	tenant, id, err := s.tracked(ctx, number, digits)
	if err != nil {
		return t, err
	}
	if s.findings != nil {
		series, year, serial, err := proposal.ParseNumber(number)
		if err != nil {
			return t, fail.Invalid("number.format").On("number")
		}
		if t, ok, err := s.findings(ctx, tenant, id, proposal.Number(series, year, serial)); err != nil || ok {
			return t, err
		}
	}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		r, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := s.wordsIn(ctx, tx, r); err != nil {
			return err
		}
		t = s.timeline(r)
		return nil
	})
	return t, err
}

// Tracked gives the case of a number and its digits, to who acts on it for her who filed it. Errors: those of Track.
func (s *Service) Tracked(ctx context.Context, number, digits string) (tenant area.Tenant, id sqldb.ID, err error) {
	return s.tracked(ctx, number, digits)
}

func (s *Service) tracked(ctx context.Context, number, digits string) (tenant area.Tenant, id sqldb.ID, err error) {
	series, year, serial, err := proposal.ParseNumber(number)
	if err != nil || series != proposal.SeriesGrievance {
		return 0, id, fail.Invalid("number.format").On("number")
	}
	if len(digits) != secretDigits || strings.Trim(digits, "0123456789") != "" {
		return 0, id, fail.Invalid("track.digits").On("digits")
	}
	number = proposal.Number(series, year, serial)
	now, key := s.acts.Now(), s.keys.Blind(codePurpose, []byte("track "+number))
	if s.guesses.Left(key, now) == 0 {
		return 0, id, fail.Limited("track.limited", "hours", s.guesses.HoursLeft(now))
	}
	found, err := proposals.CasesIn(ctx, s.acts.DB().Direct(), s.places.Tree().Written(), []sqldb.Hash{proposals.TrackHash(s.keys, number, digits)})
	if err != nil {
		return 0, id, err
	}
	if len(found) == 0 {
		s.guesses.Add(key, now)
		return 0, id, fail.NotFound("track.unknown")
	}
	return found[0].Tenant, found[0].Case, nil
}

// timeline leaves out what is between offices: to whom it was given, what a visit noted, who else
// joined.
func (s *Service) timeline(r *Row) Timeline {
	t := Timeline{Papers: r.Open(), Number: r.Number, Kind: r.Kind, Topic: r.Topic, State: r.State, FiledOn: r.FiledOn, AnswerBy: r.AnswerBy, Due: r.Due}
	if r.Kind == Complaint {
		t.ReopenUntil = s.answers.ReopenUntil(r.complaint())
	}
	for _, e := range r.Events {
		if e.Action == "join" || e.Action == actIdentify {
			continue
		}
		step := TimelineStep{On: e.On, Action: e.Action, State: e.To}
		if e.Role != proposals.Citizen && e.Role != proposals.System {
			step.Place = s.officeOf(r)
		}
		switch e.Action {
		case "file", "assign", "check", "escalate":
		default:
			step.Note = e.Note
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}

// officeOf names the place of the office that handles the case.
func (s *Service) officeOf(r *Row) string {
	if r.Above {
		return s.places.Tree().Title(r.Area.District())
	}
	return s.places.Tree().Title(r.Area)
}

// Inform adds what the office asked the filer of a complaint for.
func (s *Service) Inform(ctx context.Context, number, digits, words string) error {
	return s.byFiler(ctx, grievance.ActInform, number, digits, words)
}

// Reopen says that the answer to a complaint does not satisfy: the level above looks at it. Error,
// beside those of Track: grievance.reopen_over (fact date).
func (s *Service) Reopen(ctx context.Context, number, digits, words string) error {
	return s.byFiler(ctx, grievance.ActReopen, number, digits, words)
}

// Close says that the answer to a complaint satisfies.
func (s *Service) Close(ctx context.Context, number, digits string) error {
	return s.byFiler(ctx, grievance.ActClose, number, digits, "")
}

// byFiler takes a step of who filed, who shows by number and digits that the case is hers.
func (s *Service) byFiler(ctx context.Context, action grievance.Action, number, digits, words string) error {
	tenant, id, err := s.tracked(ctx, number, digits)
	if err != nil {
		return err
	}
	return s.unattended(ctx, tenant, id, proposals.Citizen, "grievance."+string(action), s.acts.Now(), func(tx *act.Tx, r *Row) error {
		if r.Kind != Complaint {
			return fail.Conflict("grievance.transition", "state", r.State, "action", string(action))
		}
		g, today := r.complaint(), s.today(tx, r)
		if until := s.answers.ReopenUntil(g); action == grievance.ActReopen && !until.IsZero() && today.After(until) {
			return fail.Conflict("grievance.reopen_over", "date", until.Text())
		}
		next, err := s.closing(g, action, grievance.Step{By: r.Filer, At: tx.Now, On: today, Note: words})
		if err != nil {
			return err
		}
		r.fromComplaint(next, proposals.Citizen, "")
		return nil
	})
}

// closing takes a filer's step. An anonymous filer closes by her number and code as any other: the
// rules, which cannot know her, would have her wait until nobody may reopen it.
func (s *Service) closing(g grievance.Grievance, action grievance.Action, step grievance.Step) (grievance.Grievance, error) {
	if !g.Anonymous || action != grievance.ActClose {
		return s.answers.Act(g, action, step)
	}
	known := g
	known.Anonymous, known.Filer, step.By = false, [16]byte{1}, [16]byte{1}
	next, err := s.answers.Act(known, action, step)
	if err != nil {
		return next, err
	}
	next.Anonymous, next.Filer = true, g.Filer
	next.Events[len(next.Events)-1].By = [16]byte{}
	return next, nil
}

// unattended changes one case in an act of somebody without an account.
func (s *Service) unattended(ctx context.Context, tenant area.Tenant, id sqldb.ID, role access.Role, name string, now time.Time, f func(*act.Tx, *Row) error) error {
	by := s.home.ID
	if role == proposals.Citizen {
		r, err := rowIn(ctx, s.acts.DB().Direct(), tenant, id)
		if err != nil {
			return err
		}
		by = r.Filer
		if by.IsZero() {
			by = id // nobody is known: the case stands for her
		}
	}
	return proposals.Unattended(ctx, s.acts, by, role, name, now, func(tx *act.Tx) (audit.Entry, error) {
		r, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return audit.Entry{}, err
		}
		if err := f(tx, r); err != nil {
			return audit.Entry{}, err
		}
		return r.entry(nil), s.updateRow(ctx, tx, r)
	})
}
