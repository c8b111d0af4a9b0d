package accounts

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// ChangePassword replaces one's own password, knowing the present one, and ends all one's
// sessions; the caller starts a new one. Errors: account.sign_in_refused and account.locked for a
// wrong present password, password.same, and those of a bad new one.
func (s *Service) ChangePassword(ctx context.Context, id sqldb.ID, present, next string) error {
	row, err := s.proven(ctx, id, func(row secretRow) (bool, error) {
		ok, _, err := s.hasher.matches(ctx, present, row.password)
		return ok, err
	})
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	if present == next {
		return fail.Invalid("password.same").On("password")
	}
	if err := checkPassword(next, row.Login); err != nil {
		return err
	}
	digest, err := s.hasher.hash(ctx, next)
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	return s.own(ctx, row, "account.change_password", func(tx *sqldb.Tx) error {
		if err := setPassword(ctx, tx, id, digest, time.Time{}); err != nil {
			return err
		}
		return deleteSessionsOf(ctx, tx, id)
	})
}

// proven reads one's own account and checks something only that person knows. Wrong answers
// count as failed sign-ins, so that a session left open gives no free tries.
func (s *Service) proven(ctx context.Context, id sqldb.ID, check func(secretRow) (bool, error)) (row secretRow, err error) {
	now := s.acts.Now()
	err = s.counting(ctx, func(tx *sqldb.Tx) error {
		if row, err = mustAccount(ctx, tx, id); err != nil {
			return err
		}
		return s.reserve(ctx, tx, id, row.Login, netip.Addr{}, now)
	})
	if err != nil {
		return row, err
	}
	ok, err := check(row)
	if err != nil {
		return row, err
	}
	if !ok {
		return row, s.refused(ctx, row, "proof", fail.Unauthorized("account.sign_in_refused"))
	}
	return row, s.counting(ctx, func(tx *sqldb.Tx) error { return s.release(ctx, tx, id, row.Login, netip.Addr{}, now) })
}

// own writes what a person does with her own account, and its audit entry.
func (s *Service) own(ctx context.Context, row secretRow, name string, f func(*sqldb.Tx) error) error {
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return s.note(ctx, tx, row.Account, name, nil)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// pendingStep marks the key of a second factor that was shown and not yet confirmed.
const pendingStep = -1

// BeginFactor makes the key of a second factor, to show once. It is asked for at sign-in only
// after ConfirmFactor. Error: account.factor_exists.
func (s *Service) BeginFactor(ctx context.Context, who access.Actor) (FactorKey, error) {
	key := newFactorKey()
	row, err := mustAccount(ctx, s.acts.DB().Direct(), who.ID)
	if err != nil {
		return FactorKey{}, fmt.Errorf("begin second factor: %w", err)
	}
	if row.Factor {
		return FactorKey{}, fail.Conflict("account.factor_exists")
	}
	sealed := s.keys.Seal(nil, factorPurpose, key)
	if err := s.own(ctx, row, "account.begin_factor", func(tx *sqldb.Tx) error {
		return setFactor(ctx, tx, who.ID, sealed, pendingStep)
	}); err != nil {
		return FactorKey{}, err
	}
	return factorKey(key, "Tepat", row.Login), nil
}

// ConfirmFactor turns the second factor on, with a first code that shows the app has the key.
// Errors: account.no_factor (none begun), account.factor_exists, account.code_wrong.
func (s *Service) ConfirmFactor(ctx context.Context, who access.Actor, code string) error {
	row, err := mustAccount(ctx, s.acts.DB().Direct(), who.ID)
	if err != nil {
		return fmt.Errorf("confirm second factor: %w", err)
	}
	switch {
	case row.Factor:
		return fail.Conflict("account.factor_exists")
	case len(row.totp) == 0:
		return fail.Conflict("account.no_factor")
	}
	step, err := s.stepOf(row, code)
	if err != nil {
		return err
	}
	return s.own(ctx, row, "account.set_factor", func(tx *sqldb.Tx) error {
		return setFactor(ctx, tx, who.ID, row.totp, step)
	})
}

// RemoveFactor turns one's own second factor off, with a code. Errors: account.no_factor,
// account.sign_in_refused and account.locked for wrong codes.
func (s *Service) RemoveFactor(ctx context.Context, who access.Actor, code string) error {
	row, err := s.proven(ctx, who.ID, func(row secretRow) (bool, error) {
		if !row.Factor {
			return false, fail.Conflict("account.no_factor")
		}
		_, err := s.stepOf(row, code)
		if fail.CodeOf(err) == "account.code_wrong" {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("remove second factor: %w", err)
	}
	return s.own(ctx, row, "account.remove_factor", func(tx *sqldb.Tx) error {
		return setFactor(ctx, tx, who.ID, nil, 0)
	})
}

// stepOf gives the step of a right code that was not used yet.
func (s *Service) stepOf(row secretRow, code string) (int64, error) {
	key, err := s.keys.Open(factorPurpose, row.totp)
	if err != nil {
		return 0, fmt.Errorf("open second factor: %w", err)
	}
	step, ok := matchCode(key, code, s.acts.Now(), row.totpStep)
	if !ok {
		return 0, fail.Unauthorized("account.code_wrong").On("code")
	}
	return step, nil
}
