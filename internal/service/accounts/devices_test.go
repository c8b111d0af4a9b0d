package accounts_test

import (
	"net/netip"
	"testing"
	"time"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/testkit"
)

func TestOneSeesOnesOwnSignIns(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, password := newcomer(t, w, admin, head, "op.1")
		at := netip.MustParseAddr("10.0.0.1")
		for _, word := range []string{password, "wrong-password-1", password} {
			w.clock.Move(time.Minute)
			if _, err := w.SignIn(t.Context(), accounts.Attempt{Login: "op.1", Password: word, Address: at}); (err == nil) != (word == password) {
				t.Fatal(err)
			}
		}
		got, err := w.SignIns(t.Context(), who, 10)
		if err != nil || len(got) != 3 || got[0].Refused || !got[1].Refused || got[2].Refused || !got[0].At.Equal(w.clock.Now()) {
			t.Errorf("sign-ins %+v, %v", got, err)
		}
		if got, err := w.SignIns(t.Context(), who, 1); err != nil || len(got) != 1 {
			t.Errorf("the newest alone: %+v, %v", got, err)
		}
		if got, err := w.SignIns(t.Context(), head, 10); err != nil || len(got) != 0 {
			t.Errorf("somebody else's: %+v, %v", got, err)
		}
	})
}

func TestSigningOutEverywhereEndsEverySession(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		s, ends := w.sessions(t), w.clock.Now().Add(time.Hour)
		for token, who := range map[string]sqldb.ID{"one": admin.ID, "two": admin.ID, "other": head.ID} {
			if err := s.SaveSession(t.Context(), token, w.data(t, map[string]any{"user": who.String()}), ends); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SignOutEverywhere(t.Context(), admin); err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]bool{"one": false, "two": false, "other": true} {
			if _, found, err := s.FindSession(t.Context(), token); err != nil || found != want {
				t.Errorf("session %s is there: %t, %v", token, found, err)
			}
		}
		w.expect(t, "account.sign_out_everywhere", admin.ID, 1)
	})
}
