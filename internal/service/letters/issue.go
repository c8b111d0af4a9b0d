package letters

import (
	"context"
	"encoding/json"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/numbers"
)

// IssueIn puts one letter into the register.
func (s *Service) IssueIn(ctx context.Context, tx *act.Tx, n New) (Letter, error) {
	list, err := s.IssueManyIn(ctx, tx, n.Tenant, []New{n})
	if err != nil {
		return Letter{}, err
	}
	return list[0], nil
}

// IssueManyIn puts letters of one tenant into the register, numbered in the order of the
// list, and gives them in that order. Permission and audit entry are the caller's.
func (s *Service) IssueManyIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []New) ([]Letter, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if tenant <= 0 || tenant > maxTenant {
		return nil, fmt.Errorf("issue letters: tenant %d has no code", tenant)
	}
	year := tx.Now.Year()
	first, err := numbers.ReserveIn(ctx, tx.Tx, tenant, numbers.Letter, year, int64(len(list)))
	if err != nil {
		return nil, err
	}
	out := make([]Letter, len(list))
	for i, n := range list {
		facts, err := json.Marshal(n.Facts)
		if err != nil {
			return nil, fmt.Errorf("write facts of letter: %w", err)
		}
		if n.Tenant != tenant || n.Subject.IsZero() {
			return nil, fmt.Errorf("issue letters: letter %d of another tenant or about nobody", i)
		}
		out[i] = Letter{Tenant: tenant, ID: tx.NewID(), Number: numbers.Format(numbers.Letter, year, first+int64(i)), Kind: n.Kind, Subject: n.Subject,
			Area: n.Area, Facts: facts, IssuedAt: tx.Now, Expires: n.Expires}
	}
	return out, s.insertIn(ctx, tx, out)
}

// attempts bounds the search for a free code; the second is needed about once in a
// million letters.
const attempts = 8

// insertIn gives letters their codes and writes them; those whose code was taken try another.
func (s *Service) insertIn(ctx context.Context, tx *act.Tx, list []Letter) error {
	open := make([]*Letter, len(list))
	for i := range list {
		open[i] = &list[i]
	}
	for range attempts {
		s.encode(open)
		written, err := insert(ctx, tx, open)
		if err != nil {
			return err
		}
		if written == int64(len(open)) {
			return nil
		}
		if open, err = missing(ctx, tx, open); err != nil {
			return fmt.Errorf("look for letters whose code was taken: %w", err)
		}
	}
	return fail.Unavailable("letter.no_code")
}

func (s *Service) encode(list []*Letter) {
	chance := make([]byte, randomLetters*len(list))
	s.random(chance)
	for i, l := range list {
		l.Code = newCode(l.Tenant, [randomLetters]byte(chance[i*randomLetters:]))
	}
}

// RevokeIn takes letters back: who checks their code learns that they do not hold. Those
// taken back before stay as they are.
func (s *Service) RevokeIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, ids []sqldb.ID) error {
	for _, in := range s.places.Lineage(tenant) {
		_, err := tx.ExecEach(ctx, `UPDATE letter SET revoked_at = $1 WHERE kabkota = $2 AND id = $3 AND revoked_at = 0`, 3, len(ids), func(i int, v []any) {
			v[0], v[1], v[2] = tx.Micros(), int64(in), ids[i]
		})
		if err != nil {
			return fmt.Errorf("take letters back: %w", err)
		}
	}
	return nil
}
