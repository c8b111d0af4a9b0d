package accounts

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// factorPurpose is what the key of a second factor is sealed for.
const factorPurpose = seal.Purpose("totp")

// Attempt is what a person signs in with.
type Attempt struct {
	Login    string
	Password string
	Code     string     // of the second factor, when there is one
	Address  netip.Addr // of the client, as the trusted proxy tells it
}

// String hides the password and the code.
func (a Attempt) String() string { return "sign-in of " + a.Login }

// SignedIn is the account that signed in.
type SignedIn struct {
	Account sqldb.ID
	// MustChange tells that the password was given out by an administrator: the only page to
	// show is the one that changes it.
	MustChange bool
}

// SignIn checks who somebody is. A login without an account takes as long, and is refused and
// locked in the same way, as one with a wrong password. Errors: account.sign_in_refused;
// account.code_needed (right password, no code yet) and account.code_wrong; account.locked and
// account.address_locked (fact minutes); and, once the password was right, account.suspended and
// account.password_expired.
func (s *Service) SignIn(ctx context.Context, a Attempt) (SignedIn, error) {
	login, now := normalLogin(a.Login), s.acts.Now()
	row, err := s.tried(ctx, login, a.Address, now)
	if err != nil {
		return SignedIn{}, err
	}
	ok, stale, err := s.hasher.matches(ctx, a.Password, row.password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	if !ok {
		return SignedIn{}, s.refused(ctx, row, "password", fail.Unauthorized("account.sign_in_refused"))
	}
	if err := row.usable(now); err != nil {
		return SignedIn{}, s.refused(ctx, row, "state", err)
	}
	step, err := s.checkFactor(row, a.Code, now)
	switch fail.CodeOf(err) {
	case "":
	case "account.code_needed": // half of a sign-in that goes on is no failure
		return SignedIn{}, s.giveBack(ctx, row, login, a.Address, now, err)
	default:
		return SignedIn{}, s.refused(ctx, row, "code", err)
	}
	fresh := ""
	if stale {
		if fresh, err = s.hasher.hash(ctx, a.Password); err != nil {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
	}
	if err := s.signedIn(ctx, row, login, a.Address, step, fresh, now); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Account: row.ID, MustChange: row.Temporary}, nil
}

// tried reads the account of a login, empty when there is none, and counts the try.
func (s *Service) tried(ctx context.Context, login string, at netip.Addr, now time.Time) (row secretRow, err error) {
	err = s.counting(ctx, func(tx *sqldb.Tx) error {
		if row, err = accountByLogin(ctx, tx, login); err != nil {
			return err
		}
		return s.reserve(ctx, tx, row.ID, login, at, now)
	})
	if err != nil {
		return row, fmt.Errorf("sign in: %w", err)
	}
	return row, nil
}

// usable refuses an account that may not sign in although the password was right.
func (r secretRow) usable(now time.Time) error {
	switch {
	case r.State == Suspended:
		return fail.Forbidden("account.suspended")
	case r.Temporary && now.After(r.passwordUntil):
		return fail.Forbidden("account.password_expired")
	}
	return nil
}

// checkFactor gives the step of a right code, zero when no second factor is asked for.
func (s *Service) checkFactor(r secretRow, code string, now time.Time) (int64, error) {
	if !r.Factor {
		return 0, nil
	}
	if strings.TrimSpace(code) == "" {
		return 0, fail.Unauthorized("account.code_needed").On("code")
	}
	key, err := s.keys.Open(factorPurpose, r.totp)
	if err != nil {
		return 0, fmt.Errorf("open second factor: %w", err)
	}
	step, ok := matchCode(key, code, now, r.totpStep)
	if !ok {
		return 0, fail.Unauthorized("account.code_wrong").On("code")
	}
	return step, nil
}

// refused records a failed sign-in of an account; the try stays counted. Tries at logins that do
// not exist are counted only, or anybody could fill the log.
func (s *Service) refused(ctx context.Context, row secretRow, why string, cause error) error {
	if row.ID.IsZero() {
		return cause
	}
	if err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		return s.note(ctx, tx, row.Account, "account.sign_in_refused", map[string]any{"why": why})
	}); err != nil {
		return fmt.Errorf("record refused sign-in: %w", err)
	}
	return cause
}

func (s *Service) giveBack(ctx context.Context, row secretRow, login string, at netip.Addr, now time.Time, cause error) error {
	if err := s.counting(ctx, func(tx *sqldb.Tx) error {
		return s.change(ctx, tx, row.ID, login, at, func(b budget, t tries) (tries, error) { return b.give(t, now), nil })
	}); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return cause
}

func (s *Service) signedIn(ctx context.Context, row secretRow, login string, at netip.Addr, step int64, fresh string, now time.Time) error {
	err := s.counting(ctx, func(tx *sqldb.Tx) error {
		if err := s.release(ctx, tx, row.ID, login, at, now); err != nil {
			return err
		}
		if step > 0 {
			n, err := useFactorStep(ctx, tx, row.ID, step)
			if err != nil {
				return err
			}
			if n == 0 { // the same code came in twice at once
				return fail.Unauthorized("account.code_wrong").On("code")
			}
		}
		if err := setLastLogin(ctx, tx, row.ID, now); err != nil {
			return err
		}
		if fresh != "" {
			if err := rehash(ctx, tx, row.ID, row.password, fresh); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, row.Account, "account.sign_in", map[string]any{"factor": step > 0})
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// note writes the audit entry of what a person does with her own account. No permission stands
// behind that, only being that person, so it is no act of package act.
func (s *Service) note(ctx context.Context, tx *sqldb.Tx, a Account, name string, facts map[string]any) error {
	grants, err := grantsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	who := s.actor(a, grants)
	home, _ := who.Home()
	role := access.Role("")
	if roles := who.Roles(); len(roles) > 0 {
		role = roles[0]
	}
	_, err = audit.Append(ctx, tx, audit.Act{ID: sqldb.NewID(), Name: name, At: s.acts.Now(), Who: who, Role: role},
		audit.Entry{Tenant: s.recordTenant(home), Area: home, Subject: a.ID, Facts: facts})
	return err
}

func (s *Service) recordTenant(at area.Code) area.Tenant { return s.places.RecordTenant(at) }

// normalLogin writes a login name in the one way it is kept.
func normalLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }
