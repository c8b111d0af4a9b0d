package programmes

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
)

// AwardFacts are what the register keeps of a letter of award: ids, codes and dates.
type AwardFacts struct {
	Enrolment   sqldb.ID    `json:"enrolment"`
	List        sqldb.ID    `json:"list"`
	Programme   string      `json:"programme"`
	Period      string      `json:"period"`
	Amount      int64       `json:"amount"` // rupiah for a stage
	Decree      string      `json:"decree"`
	ObjectUntil period.Date `json:"object_until,omitzero"`
}

// Award is everything the letter to the family says (edge/print sets it).
type Award struct {
	Letter letters.Letter
	// Programme is the programme with its name in both languages and its channels.
	Programme programme.Programme
	Family    registry.Family
	// Person is whom a personal programme is for, else the payee; the zero Person when there is none.
	Person registry.Person
	Area   area.Code
	Amount money.Rupiah // for a stage; zero where the help is no money
	// MonthsAStage is how many months one payment is for; zero where it is given once.
	MonthsAStage int
	// From is the first month.
	From        period.Month
	Decree      Decree
	ObjectUntil period.Date // zero where no deadline is in force
}

// Award issues the letter of award of an enrolment in force, once: asked again it gives the letter
// that was issued. Errors: programme.no_enrolment, programme.not_enrolled.
func (s *Service) Award(ctx context.Context, who access.Actor, tenant area.Tenant, enrolment sqldb.ID) (out Award, err error) {
	err = s.Acts.Write(ctx, who, "programme.award", func(tx *act.Tx) error {
		story := Story{}
		if story.Enrolment, err = enrolmentByID(ctx, tx, tenant, enrolment); err != nil {
			return err
		}
		e := story.Enrolment
		if err := tx.Allow(access.IssueLetter, tenant, e.Area); err != nil {
			return err
		}
		if e.State != Enrolled {
			return fail.Conflict("programme.not_enrolled", "state", e.State.String())
		}
		if err := s.tell(ctx, tx.Tx, &story); err != nil {
			return err
		}
		if out, err = s.award(ctx, tx, story); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: e.Area, Subject: e.Family, Facts: map[string]any{
			"enrolment": e.ID.String(), "letter": out.Letter.ID.String(),
		}})
	})
	return out, err
}

func (s *Service) award(ctx context.Context, tx *act.Tx, story Story) (out Award, err error) {
	e := story.Enrolment
	out = Award{Programme: story.Programme, Family: story.Family, Area: e.Area, Amount: e.Amount, From: story.List.Period, Decree: story.Decree}
	for _, m := range story.Members {
		if m.ID == e.Person {
			out.Person = m
		}
	}
	if stages := story.Programme.Payment.StagesPerYear; stages > 0 && story.Programme.Benefit.Per != programme.PerOnce {
		out.MonthsAStage = 12 / stages
	}
	if held, found, err := heldAward(ctx, tx, e); err != nil || found {
		var facts AwardFacts
		if err == nil {
			err = held.Decode(&facts)
		}
		out.Letter, out.ObjectUntil = held, facts.ObjectUntil
		return out, err
	}
	today := s.Places.LocalDate(e.Area, tx.Now)
	out.ObjectUntil = s.Deadlines.Due("objection_window", today, s.Calendar)
	out.Letter, err = s.Letters.IssueIn(ctx, tx, letters.New{Tenant: e.Tenant, Kind: letters.Award, Subject: e.Family, Area: e.Area, Facts: AwardFacts{
		Enrolment: e.ID, List: e.List, Programme: string(e.Programme), Period: story.List.Period.Text(), Amount: int64(e.Amount),
		Decree: story.Decree.Number, ObjectUntil: out.ObjectUntil,
	}})
	return out, err
}

// heldAward gives the letter of an enrolment that was issued before and still holds. It reads the register
// of service/letters, which has no reading of its own inside an act.
func heldAward(ctx context.Context, q sqldb.Querier, e Enrolment) (out letters.Letter, found bool, err error) {
	err = sqldb.Each(ctx, q, `
		SELECT id, number, area_code, facts, code, issued_at FROM letter
		WHERE kabkota = $1 AND subject_id = $2 AND kind = 'award' AND revoked_at = 0
		ORDER BY id LIMIT 500`, []any{int64(e.Tenant), e.Family}, func(r sqldb.Row) error {
		l := letters.Letter{Tenant: e.Tenant, Kind: letters.Award, Subject: e.Family}
		var code, issued int64
		var facts string
		if err := r.Scan(&l.ID, &l.Number, &code, &facts, &l.Code, &issued); err != nil {
			return err
		}
		l.Area, l.Facts, l.IssuedAt = area.Code(code), json.RawMessage(facts), time.UnixMicro(issued).UTC()
		var said AwardFacts
		if err := l.Decode(&said); err != nil {
			return err
		}
		if said.Enrolment == e.ID {
			out, found = l, true
		}
		return nil
	})
	if err != nil {
		return out, false, fmt.Errorf("look for letter of award: %w", err)
	}
	return out, found, nil
}
