package screening

import (
	"context"
	"encoding/binary"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/numbers"
	"tepat/internal/service/proposals"
)

const codePurpose = seal.Purpose("objection to a finding code")

// numberIn gives an objection to a finding its number, of the series of complaints and objections, and keeps the key by
// which whoever holds number and code finds it.
func (s *Service) numberIn(ctx context.Context, tx *act.Tx, f Finding) (string, error) {
	number, err := numbers.NextIn(ctx, tx.Tx, f.Tenant, numbers.Grievance, s.places.LocalDate(f.Area, tx.Now).Year())
	if err != nil {
		return "", err
	}
	return number, proposals.PutKeysIn(ctx, tx, f.Tenant, []proposals.Key{{Hash: proposals.TrackHash(s.keys, number, s.TrackingCode(f.ID, number)), Case: f.ID}})
}

// TrackingCode gives the four digits an objection to a finding is followed with, beside its number. They are made of the
// finding and the number, which another district may have given too: nothing that identifies her has to be typed.
func (s *Service) TrackingCode(finding sqldb.ID, number string) string {
	hash := s.keys.Blind(codePurpose, append(finding[:], number...))
	return fmt.Sprintf("%04d", binary.BigEndian.Uint32(hash[:4])%10000)
}

// AnswerBy gives the day by which an objection of a day has to be answered.
func (s *Service) AnswerBy(filed period.Date) period.Date {
	return s.deadlines.Due(proposal.ObjectionDeadline, filed, s.calendar)
}

// movedFinding gives a finding that was in a tenant, wherever it went with its area since. Error: finding.unknown.
func (s *Service) movedFinding(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Finding, error) {
	f, err := loadFinding(ctx, q, tenant, id)
	for _, in := range s.places.Written() {
		if fail.CodeOf(err) != "finding.unknown" {
			break
		}
		f, err = loadFinding(ctx, q, in, id)
	}
	return f, err
}

// Outcome is what became of an objection to a finding.
type Outcome string

// The outcomes. Dismissed with the finding means that the objection was right.
const (
	Undecided Outcome = ""
	Upheld    Outcome = "upheld"
	Refused   Outcome = "refused"
)

// Objected is an objection to a finding as whoever sent it may see it: dates and what was decided, no words and no officer.
type Objected struct {
	Number    string
	Area      area.Code
	FiledOn   period.Date
	AnswerBy  period.Date
	Outcome   Outcome
	DecidedOn period.Date
}

// Objection gives the objection to a finding that has a number; ok is false when there is none. The finding may have gone to
// another tenant since the objection was numbered.
func (s *Service) Objection(ctx context.Context, tenant area.Tenant, finding sqldb.ID, number string) (out Objected, ok bool, err error) {
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		f, err := s.movedFinding(ctx, tx, tenant, finding)
		if err != nil {
			return err
		}
		events, err := s.eventsOf(ctx, tx, f)
		if err != nil {
			return err
		}
		for _, e := range events {
			on := s.places.LocalDate(f.Area, e.At)
			switch {
			case e.Number == number:
				out, ok = Objected{Number: number, Area: f.Area, FiledOn: on, AnswerBy: s.AnswerBy(on)}, true
			case ok && out.Outcome == Undecided && e.From == Appealed:
				out.Outcome, out.DecidedOn = Upheld, on
				if e.Action == actionUphold { // the finding stands
					out.Outcome = Refused
				}
			}
		}
		return nil
	})
	return out, ok, err
}
