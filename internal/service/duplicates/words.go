package duplicates

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Of a pair across two offices each sees one person. What the first says of it, that they are two, is a word; it holds
// once the second has said the same. Until then the pair waits, and the first office may take its word back.

// Answer is what the second office said to a word. The words are stored.
type Answer string

// The answers; the empty one is none yet.
const (
	Unanswered Answer = ""
	Agreed     Answer = "agreed"
	Disagreed  Answer = "disagreed" // the pair is open again, with what both said
	Withdrawn  Answer = "withdrawn" // the first office took it back
)

// Word is what an office said of a pair: that it is two persons. Tenant is the district that keeps the pair.
type Word struct {
	Tenant     area.Tenant
	ID         sqldb.ID
	PairID     sqldb.ID
	Reason     string // one of Reasons
	Note       string
	SaidBy     sqldb.ID
	SaidAt     time.Time
	Answer     Answer
	AnswerNote string
	AnsweredBy sqldb.ID
	AnsweredAt time.Time

	SeesLeft, SeesRight bool // which persons whoever said it reviews
}

// mostWords bounds how many words of a pair are shown.
const mostWords = 20

// answers reports whether somebody may answer the word: she is another one than who said it, and the two together
// review at the places of both persons.
func (w Word) answers(who access.Actor, seesLeft, seesRight bool) error {
	if err := access.OtherPerson(w.SaidBy, who); err != nil {
		return err
	}
	if !(seesLeft || w.SeesLeft) || !(seesRight || w.SeesRight) {
		return fail.Forbidden("access.denied")
	}
	return nil
}

// owns reports whether somebody may take the word back: she reviews a person whom whoever said it reviews.
func (w Word) owns(seesLeft, seesRight bool) bool {
	return w.SeesLeft && seesLeft || w.SeesRight && seesRight
}

// heldBy reports whether it was two offices together that held the pair to be two persons.
func heldBy(p Pair, words []Word) bool {
	return len(words) > 0 && words[0].Answer == Agreed && words[0].AnsweredAt.Equal(p.DecidedAt) && words[0].AnsweredBy == p.DecidedBy
}

// Waiting gives the word of the pair that waits for an answer, nil when none does.
func (b *Bench) Waiting() *Word {
	if b.Pair.State != Awaiting || len(b.Words) == 0 || b.Words[0].Answer != Unanswered {
		return nil
	}
	return &b.Words[0]
}

// may says what the viewer can do about a pair that waits or is held to be two.
func (b *Bench) may(who access.Actor, seesLeft, seesRight bool) {
	b.MayReopen = b.Pair.State == Distinct && (seesLeft && seesRight || heldBy(b.Pair, b.Words))
	if w := b.Waiting(); w != nil {
		b.MayAnswer, b.MayWithdraw = w.answers(who, seesLeft, seesRight) == nil, w.owns(seesLeft, seesRight)
		return
	}
	if b.Pair.State == Awaiting && b.Merge != nil {
		b.MayAnswer, b.MayWithdraw = b.Merge.answers(who, b.Pair, seesLeft, seesRight) == nil, true
	}
}

// answers reports whether somebody may approve the merge of a pair: another one than who asked, and the two together
// review at the places of both persons.
func (m *Merge) answers(who access.Actor, p Pair, seesLeft, seesRight bool) error {
	seesKept, seesMerged := seesLeft, seesRight
	if m.Kept == p.Right {
		seesKept, seesMerged = seesRight, seesLeft
	}
	return m.approves(who, seesKept, seesMerged)
}

func (m *Merge) approves(who access.Actor, seesKept, seesMerged bool) error {
	if err := access.OtherPerson(m.AskedBy, who); err != nil {
		return err
	}
	if !(seesKept || m.plan.SeesKept) || !(seesMerged || m.plan.SeesMerged) {
		return fail.Forbidden("access.denied")
	}
	return nil
}

// CountWaiting counts, for the menu, the pairs that wait for a second person whom the actor can be: what another one asked
// of which she sees enough. At most 200 are looked at.
func (s *Service) CountWaiting(ctx context.Context, who access.Actor) (n int64, err error) {
	q, scope := s.acts.DB().Direct(), who.ScopeOf(access.ReviewDuplicate)
	if scope.Empty() {
		return 0, nil
	}
	lines, _, err := s.pageIn(ctx, q, scope, Filter{State: Awaiting, Limit: maxPage})
	if err != nil {
		return 0, fmt.Errorf("list waiting pairs: %w", err)
	}
	asked, err := s.askedIn(ctx, q, lines)
	if err != nil {
		return 0, err
	}
	for _, l := range lines {
		answers, waits := asked[l.pair.ID]
		seesLeft := who.Allow(access.ReviewDuplicate, l.pair.Left.Tenant, l.pair.Area) == nil
		seesRight := who.Allow(access.ReviewDuplicate, l.pair.Right.Tenant, l.pair.RightArea) == nil
		if waits && answers(who, l.pair, seesLeft, seesRight) == nil {
			n++
		}
	}
	return n, nil
}

// asking says whether somebody can answer what is asked of a pair.
type asking func(who access.Actor, p Pair, seesLeft, seesRight bool) error

// askedIn reads what is asked of pairs that wait: a merge, or a word.
func (s *Service) askedIn(ctx context.Context, q sqldb.Querier, lines []line) (map[sqldb.ID]asking, error) {
	out := map[sqldb.ID]asking{}
	byTenant := map[area.Tenant][]sqldb.ID{}
	for _, l := range lines {
		byTenant[l.pair.Tenant] = append(byTenant[l.pair.Tenant], l.pair.ID)
	}
	for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + mergeColumns + ` FROM merge WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = ` + a.P(string(MergeAwaiting)) + ` AND pair_id IN ` + sqldb.In(a, byTenant[tenant])
		merges, err := sqldb.Collect(ctx, q, query, a.Values, s.scanMerge)
		if err != nil {
			return nil, fmt.Errorf("read waiting merges: %w", err)
		}
		for _, m := range merges {
			out[m.PairID] = m.answers
		}
		a = sqldb.NewArgs(q)
		query = `SELECT ` + wordColumns + ` FROM pair_word WHERE kabkota = ` + a.P(int64(tenant)) + ` AND answer = '' AND pair_id IN ` + sqldb.In(a, byTenant[tenant])
		words, err := sqldb.Collect(ctx, q, query, a.Values, s.scanWord)
		if err != nil {
			return nil, fmt.Errorf("read waiting words: %w", err)
		}
		for _, w := range words {
			out[w.PairID] = func(who access.Actor, _ Pair, seesLeft, seesRight bool) error {
				return w.answers(who, seesLeft, seesRight)
			}
		}
	}
	return out, nil
}

// sayIn keeps the word of an office that sees one person of the pair; the pair waits for the other office.
func (s *Service) sayIn(ctx context.Context, tx *act.Tx, p *Pair, in Telling, seesLeft, seesRight bool) error {
	p.State = Awaiting
	return s.insertWord(ctx, tx, Word{
		Tenant: p.Tenant, ID: tx.NewID(), PairID: p.ID, Reason: in.Reason, Note: in.Note, SaidBy: tx.Who.ID, SaidAt: tx.Now,
		SeesLeft: seesLeft, SeesRight: seesRight,
	})
}

// Agree is the second office's yes to what the first one said: the pair is two persons. Errors: access.same_person,
// access.denied for whoever does not review the person the first office does not see, duplicates.state when the word
// was answered or taken back.
func (s *Service) Agree(ctx context.Context, who access.Actor, ref Ref) (p Pair, err error) {
	return s.answer(ctx, who, "duplicate.agree", ref, func(w *Word, p *Pair, seesLeft, seesRight bool) error {
		w.Answer = Agreed
		p.State, p.Decision, p.Note, p.DecidedBy, p.DecidedAt = Distinct, w.Reason, w.Note, w.AnsweredBy, w.AnsweredAt
		return w.answers(who, seesLeft, seesRight)
	})
}

// Disagree is the second office's no, with why: the pair is open again and both read what was said. Errors as of Agree;
// duplicates.answer without a note or with one that is too long.
func (s *Service) Disagree(ctx context.Context, who access.Actor, ref Ref, note string) (p Pair, err error) {
	note = strings.TrimSpace(note)
	if note == "" || len(note) > maxNote {
		return p, fail.Invalid("duplicates.answer", "max", maxNote).On("answer")
	}
	return s.answer(ctx, who, "duplicate.disagree", ref, func(w *Word, p *Pair, seesLeft, seesRight bool) error {
		w.Answer, w.AnswerNote, p.State = Disagreed, note, Open
		return w.answers(who, seesLeft, seesRight)
	})
}

// Withdraw takes a word back that nobody has answered, for the office that said it: the pair is open again.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, ref Ref) (p Pair, err error) {
	return s.answer(ctx, who, "duplicate.withdraw", ref, func(w *Word, p *Pair, seesLeft, seesRight bool) error {
		w.Answer, p.State = Withdrawn, Open
		if !w.owns(seesLeft, seesRight) {
			return fail.Forbidden("access.denied")
		}
		return nil
	})
}

// answer moves a word on that nobody has answered, and its pair with it. An entry is left under both persons.
func (s *Service) answer(ctx context.Context, who access.Actor, name string, ref Ref, f func(w *Word, p *Pair, seesLeft, seesRight bool) error) (p Pair, err error) {
	err = s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		w, err := s.wordIn(ctx, tx, ref.Tenant, ref.ID)
		if err != nil {
			return err
		}
		if p, err = s.pairIn(ctx, tx, w.Tenant, w.PairID); err != nil {
			return err
		}
		left, right, err := s.personsIn(ctx, tx, p)
		if err != nil {
			return err
		}
		seesLeft, seesRight, err := allowIn(tx, left, right, false)
		if err != nil {
			return err
		}
		if w.Answer != Unanswered || p.State != Awaiting {
			return wrongState(p)
		}
		w.AnsweredBy, w.AnsweredAt = who.ID, tx.Now
		if err := f(&w, &p, seesLeft, seesRight); err != nil {
			return err
		}
		if err := s.changeWord(ctx, tx, w); err != nil {
			return err
		}
		return s.answeredIn(ctx, tx, &p, left, right, w)
	})
	return p, err
}

// answeredIn keeps what became of the pair, has other pairs follow it, and leaves the entries.
func (s *Service) answeredIn(ctx context.Context, tx *act.Tx, p *Pair, left, right registry.Person, w Word) error {
	if err := s.changePair(ctx, tx, p); err != nil {
		return err
	}
	n, err := s.followIn(ctx, tx, *p)
	if err != nil {
		return err
	}
	facts := map[string]any{"reason": w.Reason, "state": string(p.State)}
	n.note(facts)
	return recordBoth(ctx, tx, *p, left, right, facts)
}
