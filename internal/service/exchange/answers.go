package exchange

import (
	"context"
	"encoding/json"
	"fmt"

	"tepat/internal/domain/layout"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
)

// decision reads a row of an answer file.
func (p *parser) decision(rec *layout.Record) (r proposals.AnswerRow, err error) {
	if len(rec.Problems) > 0 {
		return r, rec.Problems[0].Unwrap()
	}
	r = proposals.AnswerRow{Line: int64(rec.Line), Number: p.text(rec, layout.ProposalNo), Reason: p.text(rec, layout.Reason), Note: p.text(rec, layout.Note),
		Decree: p.intern(rec, layout.DecreeNo), SignedBy: p.intern(rec, layout.SignedBy)}
	if r.Decision, err = proposals.ParseVerdict(p.text(rec, layout.Decision)); err != nil {
		return r, columnError(layout.Decision, err)
	}
	if text := p.text(rec, layout.DecidedOn); text != "" {
		if r.Date, err = period.ParseDate(text); err != nil {
			return r, columnError(layout.DecidedOn, err)
		}
	}
	if cell := rec.Get(layout.NIK); len(cell) > 0 {
		if r.NIK, err = person.ParseNIK(string(cell)); err != nil {
			return r, columnError(layout.NIK, err)
		}
	}
	if cell := rec.Get(layout.NoKK); len(cell) > 0 {
		if r.KK, err = person.ParseKK(string(cell)); err != nil {
			return r, columnError(layout.NoKK, err)
		}
	}
	return r, nil
}

// applyAnswers takes decisions in. A row that cannot be taken is an item of the run, under its proposal where one was found,
// with its line and reason.
func (s *Service) applyAnswers(ctx context.Context, tx *act.Tx, r runs.Run, rows []proposals.AnswerRow, tally runs.Tally) error {
	report, err := s.proposals.LoadAnswersIn(ctx, tx, r.Tenant, rows)
	if err != nil {
		return err
	}
	for name, n := range map[string]int64{
		"answers_established": report.Established, "answers_refused": report.Refused, "answers_returned": report.Returned, "unchanged": report.Unchanged, "rejected": report.Rejected,
	} {
		if n > 0 {
			tally[name] += n
		}
	}
	var told []untaken
	for _, out := range report.Rows {
		told = append(told, untaken{out.Line, out.Proposal, out.Err})
	}
	return keepUntaken(ctx, tx, r, told)
}

// untaken is a row that was read, and why it was not taken; without an error it was.
type untaken struct {
	line    int64
	subject sqldb.ID // what the row is about, where that is known
	err     error
}

// keepUntaken keeps each row that was not taken as an item of the run, with its line and reason.
func keepUntaken(ctx context.Context, tx *act.Tx, r runs.Run, rows []untaken) error {
	var items []runs.Item
	seen := map[sqldb.ID]bool{}
	for _, one := range rows {
		e, refused := fail.As(one.err)
		if !refused {
			continue
		}
		subject := one.subject
		if subject.IsZero() || seen[subject] {
			subject = tx.NewID() // nobody's, or the second of somebody: the row is told by its line
		}
		seen[subject] = true
		said := refusal{Line: one.line, Column: e.Field, Kind: int(e.Kind), Facts: map[string]any{}}
		for _, f := range e.Facts {
			said.Facts[f.Key] = f.Value
		}
		facts, err := json.Marshal(said)
		if err != nil {
			return fmt.Errorf("tell refused row: %w", err)
		}
		items = append(items, runs.Item{Subject: subject, Outcome: "rejected", Code: e.Code, Facts: string(facts)})
	}
	_, err := runs.ItemsIn(ctx, tx, r, items)
	return err
}

// refusal is what an item keeps of a row that was not taken.
type refusal struct {
	Line   int64          `json:"line"`
	Column string         `json:"column,omitempty"`
	Kind   int            `json:"kind"`
	Facts  map[string]any `json:"facts,omitempty"`
}

// Refusals gives the rows of a file of answers or of the bank's results that were read and not taken, with the reason in words, up to limit.
func (s *Service) Refusals(ctx context.Context, r runs.Run, limit int) ([]Reject, error) {
	items, err := runs.Items(ctx, s.acts.DB().Direct(), r, sqldb.ID{}, limit)
	if err != nil {
		return nil, err
	}
	var out []Reject
	for _, item := range items {
		var said refusal
		if item.Outcome != "rejected" || json.Unmarshal([]byte(item.Facts), &said) != nil {
			continue
		}
		e := &fail.Error{Kind: fail.Kind(said.Kind), Code: item.Code}
		for key, value := range said.Facts {
			if n, ok := value.(float64); ok {
				value = int64(n)
			}
			e.Facts = append(e.Facts, fail.Fact{Key: key, Value: value})
		}
		out = append(out, Reject{Line: int(said.Line), Column: said.Column, Code: item.Code, Reason: s.reason(e)})
	}
	return out, nil
}
