package screening

import (
	"context"
	"crypto/subtle"
	"slices"
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/proposals"
)

// SelfAppeal is an objection that a family sends itself, with the letter about a finding in hand.
type SelfAppeal struct {
	Code  string // of the letter, as typed
	Last6 string // the last six digits of the family's No. KK: the letter alone may have been lost
	Words string // why the finding is wrong
}

// SelfReceipt is what the family is shown after sending.
type SelfReceipt struct {
	Tenant   area.Tenant
	Finding  sqldb.ID // to which files of the objection are given
	Number   string   // of the objection, to follow it by
	Code     string   // the four digits that go with the number
	Letter   string   // number of the letter
	Kind     letters.Kind
	FiledOn  period.Date
	AnswerBy period.Date
}

const (
	selfReason  = "evidence_wrong" // code of data/reasons: what a family says of a finding is that it is wrong
	selfPurpose = seal.Purpose("objection by letter")
	// A letter's digits may be tried so often a day; so many letters are remembered.
	triesPerLetter = 5
	triedLetters   = 1 << 16
	longestWords   = 8000
)

// AppealByLetter takes in the objection of a family that holds the letter about a finding: the notice, the request for
// another payee, or the removal. Whether the code is wrong, of another letter, or the digits do not belong to it, the
// answer is the same. Errors: finding.self_words, finding.self_unknown, finding.self_limited (fact hours), and to who
// proved herself finding.self_open, finding.self_over, finding.appeal_late (fact until).
func (s *Service) AppealByLetter(ctx context.Context, in SelfAppeal) (out SelfReceipt, err error) {
	switch words := strings.TrimSpace(in.Words); {
	case words == "":
		return out, fail.Invalid("finding.self_words", "max", longestWords).On("text")
	case utf8.RuneCountInString(words) > longestWords:
		return out, fail.Invalid("finding.self_words", "max", longestWords).On("text")
	}
	now := s.acts.Now()
	l, err := s.letters.HeldIn(ctx, s.acts.DB().Direct(), in.Code)
	var facts LetterFacts
	switch kind := fail.KindOf(err); {
	case kind == fail.KindInvalid || kind == fail.KindNotFound:
		return out, unknownLetter()
	case err != nil:
		return out, err
	case !slices.Contains([]letters.Kind{letters.Notice, letters.Payee, letters.Removal}, l.Kind) || l.Decode(&facts) != nil || facts.Finding.IsZero():
		return out, unknownLetter()
	}
	key := s.keys.Blind(selfPurpose, l.ID[:])
	if s.tries.Left(key, now) == 0 {
		return out, fail.Limited("finding.self_limited", "hours", s.tries.HoursLeft(now))
	}
	out = SelfReceipt{Letter: l.Number, Kind: l.Kind, FiledOn: s.places.LocalDate(l.Area, now)}
	err = proposals.Unattended(ctx, s.acts, l.ID, proposals.Citizen, "finding.appeal", now, func(tx *act.Tx) (audit.Entry, error) {
		f, err := s.heldFinding(ctx, tx, l, facts, in.Last6)
		if err != nil {
			return audit.Entry{}, err
		}
		f, e, err := s.appealed(ctx, tx, f, Appeal{Reason: selfReason, Note: in.Words})
		if err != nil {
			return audit.Entry{}, err
		}
		out.Tenant, out.Finding = f.Tenant, f.ID
		out.Number, out.Code, out.AnswerBy = e.Number, s.TrackingCode(f.ID, e.Number), s.AnswerBy(out.FiledOn)
		return entryOf(f, e), s.keepEvent(ctx, tx, f, e)
	})
	if fail.CodeOf(err) == "finding.self_unknown" {
		s.tries.Add(key, now)
	}
	return out, err
}

func unknownLetter() error { return fail.NotFound("finding.self_unknown").On("code") }

// heldFinding gives the finding a letter is about, to whoever knows the family's card, while it may be objected to.
func (s *Service) heldFinding(ctx context.Context, tx *act.Tx, l letters.Letter, facts LetterFacts, last6 string) (Finding, error) {
	f, err := s.movedFinding(ctx, tx, l.Tenant, facts.Finding)
	if err != nil {
		return f, err
	}
	family, err := s.reg.FamilyIn(ctx, tx, f.Tenant, facts.Family)
	if err != nil {
		return f, err
	}
	if family.KK.IsZero() || subtle.ConstantTimeCompare([]byte(family.KK.Last6()), []byte(last6)) != 1 {
		return f, unknownLetter()
	}
	switch {
	case f.State == Appealed:
		return f, fail.Conflict("finding.self_open")
	case f.State != Noticed && f.State != Removed:
		return f, fail.Conflict("finding.self_over")
	case l.ID != f.Notice && l.ID != f.Letter: // of a notice or removal that was taken back
		return f, fail.Conflict("finding.self_over")
	}
	return f, nil
}
