package accounts

import (
	"strings"
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for HMAC-SHA-1: eight digits, steps of 30 seconds.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	key := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := hotp(key, at/codeStep, 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if got := hotp(key, at/codeStep, codeDigits); got != want[2:] {
			t.Errorf("at %d: %s, want the last six digits of %s", at, got, want)
		}
	}
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := hotp(key, int64(counter), 6); got != want { // RFC 4226, appendix D
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

func TestACodeIsGoodOnceAndNearItsTime(t *testing.T) {
	t.Parallel()
	key := []byte("12345678901234567890")
	now := time.Unix(1111111111, 0) // step 37037037
	const step = 1111111111 / codeStep
	for name, c := range map[string]struct {
		code string
		last int64
		want int64
		ok   bool
	}{
		"of now":                {hotp(key, step, 6), 0, step, true},
		"with blanks":           {hotp(key, step, 6)[:3] + " " + hotp(key, step, 6)[3:], 0, step, true},
		"of the step before":    {hotp(key, step-1, 6), 0, step - 1, true},
		"of the step to come":   {hotp(key, step+1, 6), 0, step + 1, true},
		"two steps old":         {hotp(key, step-2, 6), 0, 0, false},
		"used already":          {hotp(key, step, 6), step, 0, false},
		"older than one used":   {hotp(key, step-1, 6), step, 0, false},
		"of nothing":            {"", 0, 0, false},
		"of another key":        {hotp([]byte("another key"), step, 6), 0, 0, false},
		"too long":              {hotp(key, step, 6) + "0", 0, 0, false},
		"in letters":            {"abcdef", 0, 0, false},
		"of the next after one": {hotp(key, step+1, 6), step, step + 1, true},
	} {
		if got, ok := matchCode(key, c.code, now, c.last); got != c.want || ok != c.ok {
			t.Errorf("%s: %d, %v; want %d, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestTheKeyIsShownOnceAndPrintsHidden(t *testing.T) {
	t.Parallel()
	k := factorKey([]byte("12345678901234567890"), "Tepat", "admin.ambon")
	if k.Text != "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" {
		t.Errorf("Text = %q", k.Text)
	}
	if !strings.HasPrefix(k.URI, "otpauth://totp/Tepat:admin.ambon?") || !strings.Contains(k.URI, "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") {
		t.Errorf("URI = %q", k.URI)
	}
	if strings.Contains(k.String(), "GEZD") {
		t.Errorf("String = %q", k)
	}
}

func TestLocksGrow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	var tr tries
	var waits []time.Duration
	for range 14 {
		next, err := perLogin.take(tr, now)
		if err != nil {
			t.Fatal(err)
		}
		waits = append(waits, next.until.Sub(now))
		tr, now = next, next.until
	}
	want := []time.Duration{0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute,
		32 * time.Minute, time.Hour, time.Hour, time.Hour}
	for i := range want {
		if waits[i] != want[i] {
			t.Errorf("after %d failures: %s, want %s", i+1, waits[i], want[i])
		}
	}
	if _, err := perLogin.take(tr, tr.until.Add(-time.Second)); err == nil {
		t.Error("a try was let through under the lock")
	}
	if fresh, err := perLogin.take(tr, tr.until.Add(perLogin.forget+time.Second)); err != nil || fresh.failures != 1 {
		t.Errorf("a day later: %+v, %v; want one failure", fresh, err)
	}
}
