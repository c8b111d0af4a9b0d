package public

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/messages"
)

// FuzzFields holds the lean reader against net/url: what both read is the same, and nothing
// is read that net/url refuses.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{"nik=1&no_kk=2", "nik=81+71&no_kk=%31", "&&nik=", "=", "nik", "nik=%", "nik=1;no_kk=2", "nik=%e2%82%ac", "nik=a=b", "no_kk=&no_kk=1", "%6eik=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var nik, kk string
		err := scanFields([]byte(text), []field{{"nik", &nik}, {"no_kk", &kk}})
		if err != nil {
			return
		}
		want, parseErr := url.ParseQuery(text)
		if parseErr != nil && !strings.Contains(text, ";") { // net/url refuses ";", we take it as a letter
			t.Fatalf("%q is read though net/url says %v", text, parseErr)
		}
		if parseErr == nil && (nik != last(want["nik"]) || kk != last(want["no_kk"])) {
			t.Errorf("%q: read %q, %q, want %v", text, nik, kk, want)
		}
		for _, value := range []string{nik, kk} {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || value != strings.TrimSpace(value) {
				t.Errorf("%q gave %q", text, value)
			}
		}
	})
}

// last gives the value that is not empty; ours may be repeated only when it is.
func last(values []string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

func TestNewcomersArePushedOutWhenMemoryIsShort(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	limits := DefaultLimits()
	limits.Addresses = guardShards * 8
	g := newGuard(limits)
	persistent := netip.MustParseAddr("192.0.2.1")
	for range 7 {
		if _, err := g.take(persistent, now); err != nil {
			t.Fatal(err)
		}
		g.miss(persistent, now)
	}
	address := netip.MustParseAddr("10.0.0.0")
	for range 20_000 {
		address = address.Next()
		if asks, err := g.take(address, now); err != nil || asks {
			t.Fatalf("a newcomer: %v, %v", asks, err)
		}
		g.miss(address, now)
	}
	kept := 0
	for i := range g.shards {
		kept += len(g.shards[i].known)
	}
	if kept > guardShards*8 {
		t.Errorf("%d addresses remembered, bound %d", kept, guardShards*8)
	}
	if !g.asks(persistent, now) {
		t.Error("who tried seven times is forgotten in a flood of newcomers")
	}
}

// TestTheGuardIsTheLimiter holds the guard against httpkit.Limiter, request by request.
func TestTheGuardIsTheLimiter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{PerMinute: rapid.IntRange(1, 40).Draw(t, "per minute"), PerHour: rapid.IntRange(1, 400).Draw(t, "per hour"), QuestionAfter: 5, Addresses: 1 << 10}
		g := newGuard(limits)
		minute := httpkit.NewLimiter[netip.Addr](limits.PerMinute, time.Minute, 1<<10)
		hour := httpkit.NewLimiter[netip.Addr](limits.PerHour, time.Hour, 1<<10)
		now, from := time.Unix(1_700_000_000, 0), netip.MustParseAddr("192.0.2.1")
		for range 200 {
			now = now.Add(time.Duration(rapid.IntRange(0, 40_000).Draw(t, "pause")) * time.Millisecond)
			_, err := g.take(from, now)
			// The limiters take one after the other; where the second refuses the first has
			// already taken, so the comparison ends there.
			first, _ := minute.Allow(from, now)
			second, _ := hour.Allow(from, now)
			if (err == nil) != (first && second) {
				t.Fatalf("guard %v, limiters %v and %v", err, first, second)
			}
			if err != nil {
				return
			}
		}
	})
}

func TestPeriodsAreInWords(t *testing.T) {
	t.Parallel()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][2]string{
		"2024-10":         {"Oktober 2024", "October 2024"},
		"2024-10-15":      {"15 Oktober 2024", "15 October 2024"},
		"2024":            {"Tahun 2024", "2024"},
		"2025-Q3":         {"Juli sampai September 2025", "July to September 2025"},
		"2024-10/2024-12": {"Oktober 2024 sampai Desember 2024", "October 2024 to December 2024"},
		"tahap 3":         {"tahap 3", "tahap 3"},
	} {
		for lang, words := range want {
			if got := periodWords(catalogue.Printer(i18n.Lang(lang)), text); got != words {
				t.Errorf("%s: %q, want %q", text, got, words)
			}
		}
	}
}
