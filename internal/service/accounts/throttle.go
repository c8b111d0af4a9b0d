package accounts

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

const (
	addressPurpose = seal.Purpose("sign-in address")
	loginPurpose   = seal.Purpose("sign-in login")

	firstLock = 30 * time.Second
	longest   = time.Hour
)

// budget is how many sign-ins may fail before they are locked for a growing time.
type budget struct {
	free   int           // failures without a lock
	forget time.Duration // after so long without a failure the count starts anew
	code   string        // of the error while it is locked
}

var (
	perLogin   = budget{free: 5, forget: 24 * time.Hour, code: "account.locked"}
	perAddress = budget{free: 20, forget: time.Hour, code: "account.address_locked"} // many share one address
)

// tries is what the database keeps of a budget.
type tries struct {
	failures int
	until    time.Time // locked until; in the past: the time of the last failure
}

// take counts a try as failed before it is made, so that tries made side by side cannot slip
// through together; give takes it back when the try was right.
func (b budget) take(t tries, now time.Time) (tries, error) {
	if t.until.After(now) {
		return t, fail.Limited(b.code, "minutes", int((t.until.Sub(now)+time.Minute-1)/time.Minute))
	}
	if now.Sub(t.until) > b.forget {
		t.failures = 0
	}
	t.failures++
	t.until = now
	if over := t.failures - b.free; over >= 0 {
		t.until = now.Add(min(firstLock<<min(over, 10), longest))
	}
	return t, nil
}

func (b budget) give(t tries, now time.Time) tries {
	t.failures = max(t.failures-1, 0)
	if t.failures < b.free {
		t.until = now
	}
	return t
}

// addressKey names a client without keeping its address: a keyed hash of the IPv4 address, or
// of the IPv6 network of 64 bits, which one household or office has to itself.
func (s *Service) addressKey(at netip.Addr) sqldb.ID {
	at = at.Unmap().WithZone("")
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			at = p.Addr()
		}
	}
	text, _ := at.MarshalText() // never fails
	return s.keys.Blind(addressPurpose, text)
}

func (s *Service) loginKey(login string) sqldb.ID { return s.keys.Blind(loginPurpose, []byte(login)) }

// errMoved says that somebody else counted at the same time; the caller reads again.
var errMoved = errors.New("the count of failures moved")

// counting runs f again while another sign-in moves the same counts.
func (s *Service) counting(ctx context.Context, f func(tx *sqldb.Tx) error) error {
	var err error
	for range 10 {
		if err = s.acts.DB().Write(ctx, f); !errors.Is(err, errMoved) {
			return err
		}
	}
	return err
}

// reserve takes a try from the budgets of the address and of the login, whether or not there is
// an account of that login. When one is locked neither is touched.
func (s *Service) reserve(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, login string, at netip.Addr, now time.Time) error {
	return s.change(ctx, tx, id, login, at, func(b budget, t tries) (tries, error) { return b.take(t, now) })
}

// release takes the try back from the address; the login starts anew.
func (s *Service) release(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, login string, at netip.Addr, now time.Time) error {
	return s.change(ctx, tx, id, login, at, func(b budget, t tries) (tries, error) {
		if b == perLogin {
			return tries{until: time.UnixMicro(0)}, nil
		}
		return b.give(t, now), nil
	})
}

// change moves both counts. Without an address, as for what a signed-in person proves, only that
// of the login.
func (s *Service) change(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, login string, at netip.Addr, f func(budget, tries) (tries, error)) error {
	was, err := s.loginTries(ctx, tx, id, login)
	if err != nil {
		return err
	}
	now, err := f(perLogin, was)
	if err != nil {
		return err
	}
	if at.IsValid() {
		if err := changeFailures(ctx, tx, s.addressKey(at), perAddress, f); err != nil {
			return err
		}
	}
	if id.IsZero() {
		return setFailures(ctx, tx, s.loginKey(login), was, now)
	}
	return setAccountFailures(ctx, tx, id, was, now)
}

func changeFailures(ctx context.Context, tx *sqldb.Tx, key sqldb.ID, b budget, f func(budget, tries) (tries, error)) error {
	was, err := failuresOf(ctx, tx, key)
	if err != nil {
		return err
	}
	now, err := f(b, was)
	if err != nil {
		return err
	}
	return setFailures(ctx, tx, key, was, now)
}

func (s *Service) loginTries(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, login string) (tries, error) {
	if id.IsZero() {
		return failuresOf(ctx, tx, s.loginKey(login))
	}
	return accountTries(ctx, tx, id)
}
