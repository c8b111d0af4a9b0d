package accounts_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/testkit"
)

// newcomer makes an operator of the village whose role is granted and whose password is good.
func newcomer(t *testing.T, w world, admin, head access.Actor, login string) (access.Actor, string) {
	t.Helper()
	made, err := w.Create(t.Context(), admin, accounts.Creation{Login: login, Name: "Operator " + login,
		Grant: accounts.Grant{Role: access.Operator, Area: testkit.Village}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Approve(t.Context(), head, made.Request); err != nil {
		t.Fatal(err)
	}
	const password = "perahu di teluk dalam"
	if err := w.ChangePassword(t.Context(), made.ID, made.Password.Reveal(), password); err != nil {
		t.Fatal(err)
	}
	return w.load(t, made.ID), password
}

// codeOf computes what an authenticator app shows.
func codeOf(t *testing.T, key accounts.FactorKey, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key.Text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	o := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[o:])&0x7fffffff)%1_000_000)
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		made, err := w.Create(t.Context(), admin, accounts.Creation{Login: "op.1", Name: "Operator Satu",
			Grant: accounts.Grant{Role: access.Operator, Area: testkit.Village}})
		if err != nil {
			t.Fatal(err)
		}
		in, err := w.SignIn(t.Context(), try(" OP.1 ", made.Password.Reveal()))
		if err != nil || in.Account != made.ID || !in.MustChange {
			t.Fatalf("with the temporary password: %+v, %v", in, err)
		}
		w.expect(t, "account.sign_in", made.ID, 1)
		_, err = w.LoadSession(t.Context(), made.ID)
		refuses(t, err, "account.must_change")
		if who := w.load(t, made.ID); len(who.Grants) != 0 {
			t.Errorf("before anybody granted it: %+v", who.Grants)
		}
		if err := w.Approve(t.Context(), head, made.Request); err != nil {
			t.Fatal(err)
		}
		refuses(t, w.ChangePassword(t.Context(), made.ID, "salah", "perahu di teluk"), "account.sign_in_refused")
		refuses(t, w.ChangePassword(t.Context(), made.ID, made.Password.Reveal(), made.Password.Reveal()), "password.same")
		refuses(t, w.ChangePassword(t.Context(), made.ID, made.Password.Reveal(), "pendek"), "password.short")
		if err := w.ChangePassword(t.Context(), made.ID, made.Password.Reveal(), "perahu di teluk"); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.change_password", made.ID, 1)
		if who, err := w.LoadSession(t.Context(), made.ID); err != nil || !who.Can(access.FileProposal) {
			t.Errorf("after the change: %+v, %v", who, err)
		}
		_, err = w.SignIn(t.Context(), try("op.1", made.Password.Reveal()))
		refuses(t, err, "account.sign_in_refused")
		w.expect(t, "account.sign_in_refused", made.ID, 2)
		if in, err := w.SignIn(t.Context(), try("op.1", "perahu di teluk")); err != nil || in.MustChange {
			t.Errorf("with the new password: %+v, %v", in, err)
		}
	})
}

func TestATemporaryPasswordDies(t *testing.T) {
	t.Parallel()
	w, admin, _ := founded(t, testkit.SQLite(t))
	made, err := w.Create(t.Context(), admin, accounts.Creation{Login: "op.1", Name: "Operator Satu",
		Grant: accounts.Grant{Role: access.Operator, Area: testkit.Village}})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Move(8 * 24 * time.Hour)
	_, err = w.SignIn(t.Context(), try("op.1", made.Password.Reveal()))
	refuses(t, err, "account.password_expired")
	_, err = w.SignIn(t.Context(), try("op.1", "salah sama sekali"))
	refuses(t, err, "account.sign_in_refused")
}

func TestLoginsLockAlikeWhetherTheyExistOrNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, _, _ := founded(t, db)
		for _, login := range []string{"admin.ambon", "tidak.ada"} {
			for n := range 5 {
				_, err := w.SignIn(t.Context(), try(login, "salah"))
				refuses(t, err, "account.sign_in_refused")
				if n == 4 {
					break
				}
			}
			_, err := w.SignIn(t.Context(), try(login, "salah"))
			refuses(t, err, "account.locked")
			if e, _ := fail.As(err); e == nil || e.Kind != fail.KindLimited || len(e.Facts) != 1 || e.Facts[0].Value != 1 {
				t.Errorf("%s: %v, want a lock of one minute", login, err)
			}
		}
		w.clock.Move(31 * time.Second)
		_, err := w.SignIn(t.Context(), try("tidak.ada", "salah"))
		refuses(t, err, "account.sign_in_refused")
		w.clock.Move(31 * time.Second)
		_, err = w.SignIn(t.Context(), try("tidak.ada", "salah"))
		refuses(t, err, "account.locked") // twice as long by now
	})
}

func TestARightSignInForgivesTheWrongOnes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		_, password := newcomer(t, w, admin, head, "op.1")
		for range 3 {
			for range 4 {
				_, err := w.SignIn(t.Context(), try("op.1", "salah"))
				refuses(t, err, "account.sign_in_refused")
			}
			if _, err := w.SignIn(t.Context(), try("op.1", password)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnAddressLocksAcrossLogins(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		_, password := newcomer(t, w, admin, head, "op.1")
		from := func(text string) accounts.Attempt {
			a := try("op.1", password)
			a.Address = netip.MustParseAddr(text)
			return a
		}
		for n := range 20 {
			a := try(fmt.Sprintf("tebak%d", n), "salah")
			a.Address = netip.MustParseAddr(fmt.Sprintf("2001:db8:7:7::%x", n+1)) // one household, many addresses
			_, err := w.SignIn(t.Context(), a)
			refuses(t, err, "account.sign_in_refused")
		}
		_, err := w.SignIn(t.Context(), from("2001:db8:7:7::ffff"))
		refuses(t, err, "account.address_locked")
		if _, err := w.SignIn(t.Context(), from("2001:db8:7:8::1")); err != nil {
			t.Errorf("from next door: %v", err)
		}
		if _, err := w.SignIn(t.Context(), from("::ffff:203.0.113.7")); err != nil {
			t.Errorf("from an address of the old kind: %v", err)
		}
		w.clock.Move(time.Minute)
		if _, err := w.SignIn(t.Context(), from("2001:db8:7:7::ffff")); err != nil {
			t.Errorf("after the lock: %v", err)
		}
	})
}

func TestTriesSideBySideAreAllCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, _, _ := founded(t, db)
		var group sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]int{}
		for range 12 {
			group.Go(func() {
				_, err := w.SignIn(t.Context(), try("admin.ambon", "salah"))
				mu.Lock()
				defer mu.Unlock()
				seen[fail.CodeOf(err)]++
			})
		}
		group.Wait()
		if seen["account.sign_in_refused"] != 5 || seen["account.locked"] != 7 {
			t.Errorf("%v, want 5 tried and 7 locked out", seen)
		}
	})
}

func TestTheSecondFactor(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, password := newcomer(t, w, admin, head, "op.1")
		refuses(t, w.ConfirmFactor(t.Context(), who, "123456"), "account.no_factor")
		key, err := w.BeginFactor(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(t.Context(), try("op.1", password)); err != nil {
			t.Errorf("before it is confirmed: %v", err)
		}
		now := w.clock.Now()
		refuses(t, w.ConfirmFactor(t.Context(), who, "000000"), "account.code_wrong")
		if err := w.ConfirmFactor(t.Context(), who, codeOf(t, key, now)); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.set_factor", who.ID, 1)
		_, err = w.BeginFactor(t.Context(), who)
		refuses(t, err, "account.factor_exists")

		signIn := func(code string) error {
			a := try("op.1", password)
			a.Code = code
			_, err := w.SignIn(t.Context(), a)
			return err
		}
		for range 9 { // half of a sign-in locks nobody
			refuses(t, signIn(""), "account.code_needed")
		}
		refuses(t, signIn(codeOf(t, key, now)), "account.code_wrong") // used to confirm
		w.clock.Move(30 * time.Second)
		now = w.clock.Now()
		if err := signIn(codeOf(t, key, now)); err != nil {
			t.Fatal(err)
		}
		refuses(t, signIn(codeOf(t, key, now)), "account.code_wrong") // seen over the shoulder
		w.clock.Move(30 * time.Second)
		for range 4 {
			refuses(t, signIn("000000"), "account.code_wrong")
		}
		refuses(t, signIn(codeOf(t, key, w.clock.Now())), "account.locked")

		w.clock.Move(25 * time.Hour)
		refuses(t, w.RemoveFactor(t.Context(), who, "000000"), "account.sign_in_refused")
		if err := w.RemoveFactor(t.Context(), who, codeOf(t, key, w.clock.Now())); err != nil {
			t.Fatal(err)
		}
		if err := signIn(""); err != nil {
			t.Errorf("without the factor: %v", err)
		}
		refuses(t, w.RemoveFactor(t.Context(), who, "000000"), "account.no_factor")
	})
}

func TestAnUnknownLoginTakesAsLong(t *testing.T) {
	t.Parallel()
	w, _, _ := founded(t, testkit.SQLite(t))
	slow := w.with(accounts.Options{Cost: accounts.Cost{Memory: 64 * 1024, Passes: 4, Lanes: 1}}) // at least 100 ms
	took := func(login string) time.Duration {
		began := time.Now()
		_, err := slow.SignIn(t.Context(), try(login, "salah"))
		refuses(t, err, "account.sign_in_refused")
		return time.Since(began)
	}
	if unknown := took("tidak.ada"); unknown < 20*time.Millisecond {
		t.Errorf("an unknown login was refused after %s: it was not hashed", unknown)
	}
}

func TestAPasswordIsHashedAnewWhenTheCostChanges(t *testing.T) {
	t.Parallel()
	w, admin, head := founded(t, testkit.SQLite(t))
	who, password := newcomer(t, w, admin, head, "op.1")
	digest := func() (phc string) {
		if err := w.db.Direct().QueryRow(t.Context(), `SELECT password FROM account WHERE id = $1`, sqldb.ID(who.ID)).Scan(&phc); err != nil {
			t.Fatal(err)
		}
		return phc
	}
	before := digest()
	dearer := w.with(accounts.Options{Cost: accounts.Cost{Memory: 128, Passes: 2, Lanes: 1}})
	for range 2 {
		if _, err := dearer.SignIn(t.Context(), try("op.1", password)); err != nil {
			t.Fatal(err)
		}
	}
	if after := digest(); after == before || !strings.Contains(after, "m=128,t=2,p=1") {
		t.Errorf("digest %q stayed as it was", after)
	}
}

func TestAnAttemptPrintsNoSecret(t *testing.T) {
	t.Parallel()
	a := accounts.Attempt{Login: "op.1", Password: "perahu di teluk", Code: "123456"}
	if text := fmt.Sprintf("%v %s", a, a); strings.Contains(text, "perahu") || strings.Contains(text, "123456") {
		t.Errorf("%s", text)
	}
}
