package visits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Withdrawal tells who took a visit back, when and why.
type Withdrawal struct {
	By     string    `json:"by"` // her name then
	Reason string    `json:"reason"`
	At     time.Time `json:"-"`
}

// WithdrawalPurpose is what the words of a withdrawal are sealed for.
const WithdrawalPurpose = seal.Purpose("visit withdrawal")

// ToWithdraw is the permission it takes at the family's place to withdraw a visit: that to note one for who entered it, and for
// anybody else that of the district's office, which answers for what the villages enter.
func (v Visit) ToWithdraw(who access.Actor) access.Permission {
	if v.RecordedBy == sqldb.ID(who.ID) {
		return access.RepairMatch
	}
	return access.VerifyProposal
}

// Withdraw takes back a visit that was entered wrongly, for a reason in words; the visit stays on record and counts for nothing. Of
// two withdrawals at once one is kept. Errors: registry.no_family, visits.unknown, access.denied, visits.reason, visits.too_long
// (fact max), visits.withdrawn where somebody withdrew it before.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, tenant area.Tenant, family, visit sqldb.ID, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.acts.Write(ctx, who, "visit.withdraw", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, tenant, f.Area); err != nil {
			return err
		}
		at, v, err := s.one(ctx, tx, f, visit)
		if err != nil {
			return err
		}
		if err := tx.Allow(v.ToWithdraw(who), tenant, f.Area); err != nil {
			return err
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		if err := s.keepWithdrawal(ctx, tx, at, visit, Withdrawal{By: who.Name, Reason: reason}); err != nil {
			return err
		}
		facts := map[string]any{"outcome": string(v.Outcome), "visited_on": v.On.Text()}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: facts})
	})
}

func checkReason(reason string) error {
	switch {
	case reason == "":
		return fail.Invalid("visits.reason").On("reason")
	case utf8.RuneCountInString(reason) > longestNote:
		return fail.Invalid("visits.too_long", "max", longestNote).On("reason")
	}
	return nil
}

// one reads a visit to a family, and the district it was kept under: one the family's village may have left since.
func (s *Service) one(ctx context.Context, q sqldb.Querier, f registry.Family, id sqldb.ID) (area.Tenant, Visit, error) {
	for _, at := range s.places.Lineage(f.Tenant) {
		v, err := s.scan(q.QueryRow(ctx, readVisit+`WHERE v.kabkota = $1 AND v.id = $2 AND v.family_id = $3`, int64(at), id, f.ID))
		if err == nil {
			return at, v, nil
		}
		if !errors.Is(err, sqldb.ErrNoRows) {
			return 0, Visit{}, fmt.Errorf("read visit: %w", err)
		}
	}
	return 0, Visit{}, fail.NotFound("visits.unknown")
}

func (s *Service) keepWithdrawal(ctx context.Context, tx *act.Tx, at area.Tenant, visit sqldb.ID, w Withdrawal) error {
	document, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("write withdrawal: %w", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO visit_withdrawal (kabkota, visit_id, document, withdrawn_by, withdrawn_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kabkota, visit_id) DO NOTHING`,
		int64(at), visit, s.keys.Seal(nil, WithdrawalPurpose, document), sqldb.ID(tx.Who.ID), tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep withdrawal: %w", err)
	}
	if n == 0 {
		return fail.Conflict("visits.withdrawn")
	}
	return nil
}

// stands reports whether a visit to a family is kept already. A form sent again whose visit was taken back meanwhile is refused: what it
// says would be told as kept, and is not.
func (s *Service) stands(ctx context.Context, q sqldb.Querier, f registry.Family, id sqldb.ID) (bool, error) {
	_, v, err := s.one(ctx, q, f, id)
	switch {
	case fail.CodeOf(err) == "visits.unknown":
		return false, nil
	case err == nil && !v.Withdrawn.At.IsZero():
		return true, fail.Conflict("visits.withdrawn")
	}
	return err == nil, err
}
