package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tepat/internal/domain/person"
)

func TestEveryPersonHasNumbersOfHerOwn(t *testing.T) {
	t.Parallel()
	niks, cards := map[person.NIK]int{}, map[person.KK]int{}
	for i := range 300_000 {
		nik, err := nikOf(i)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := person.ParseNIK(nik.Plain()); err != nil {
			t.Fatalf("person %d: %v", i, err)
		}
		if other, taken := niks[nik]; taken {
			t.Fatalf("persons %d and %d share a NIK", other, i)
		}
		niks[nik] = i
		kk, err := kkOf(i)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := cards[kk]; taken && other/familySize != i/familySize {
			t.Fatalf("persons %d and %d share a card", other, i)
		}
		cards[kk] = i
	}
}

func TestLoadsAreAlikeAndHalfOfThemMiss(t *testing.T) {
	t.Parallel()
	l := load{persons: 10_000, addresses: 1000}
	listed := 0
	from := map[string]bool{}
	for n := range 4000 {
		form, address, right, err := l.request(n, nil)
		again, _, _, _ := l.request(n, nil)
		if err != nil || string(form) != string(again) || !strings.HasPrefix(string(form), "nik=") {
			t.Fatalf("%d: %q, %q, %v", n, form, again, err)
		}
		if right {
			listed++
		}
		from[address] = true
	}
	if listed < 1850 || listed > 2150 || len(from) != 1000 {
		t.Errorf("%d of 4000 are right, from %d addresses", listed, len(from))
	}
}

func TestArrivalsKeepTheRate(t *testing.T) {
	t.Parallel()
	due := arrivals(5000, 10*time.Second)
	if len(due) < 49_000 || len(due) > 51_000 {
		t.Errorf("%d arrivals in 10 seconds", len(due))
	}
	for i := 1; i < len(due); i++ {
		if due[i] < due[i-1] {
			t.Fatal("arrivals go back in time")
		}
	}
}

func TestPercentilesAreNearestRank(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		n     int
		share float64
		want  int
	}{{100, .5, 49}, {100, .99, 98}, {100, 1, 99}, {1, .99, 0}, {1000, .999, 998}, {3, .5, 1}} {
		if got := rank(one.n, one.share); got != one.want {
			t.Errorf("%v of %d: %d, want %d", one.share, one.n, got, one.want)
		}
	}
}

// TestAStallIsPaidByEverybodyWhoWaits holds the server up once: with one connection the
// requests that were due meanwhile are late too, and the open loop must say so.
func TestAStallIsPaidByEverybodyWhoWaits(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	var once atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if once.CompareAndSwap(false, true) {
			time.AfterFunc(400*time.Millisecond, func() { close(released) })
		}
		<-released
		w.Header().Set("Content-Length", "2")
		_, _ = w.Write([]byte("ok"))
	}))
	defer server.Close()
	l := load{host: strings.TrimPrefix(server.URL, "http://"), path: "/", connections: 1, persons: 1000, addresses: 10}
	out, err := l.open(context.Background(), 200, time.Second)
	if err != nil || out.Errors != 0 || out.Count < 150 {
		t.Fatalf("%+v, %v", out, err)
	}
	if out.P95 < 200 || out.Max < 390 {
		t.Errorf("95%% within %v ms, all within %v ms: the stall is hidden", out.P95, out.Max)
	}
}

func TestAnswersAreSortedByWhatTheySay(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := []int{200, 422, 429, 500}[n.Add(1)%4]
		w.Header().Set("Content-Length", strconv.Itoa(2))
		w.WriteHeader(status)
		_, _ = w.Write([]byte("ok"))
	}))
	defer server.Close()
	l := load{host: strings.TrimPrefix(server.URL, "http://"), path: "/", connections: 1, persons: 1000, addresses: 10}
	out, err := l.open(context.Background(), 400, 100*time.Millisecond)
	if err != nil || out.Answered == 0 || out.Asked == 0 || out.Limited == 0 || out.Errors == 0 || out.Answered+out.Asked+out.Limited+out.Errors != out.Count {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAWrongAnswerIsSeen(t *testing.T) {
	t.Parallel()
	var seen tally
	seen.read([]byte("<h1>Anda tercatat</h1>"), true)
	seen.read([]byte("<h1>Data tidak ditemukan</h1>"), false)
	seen.read([]byte("<h1>Anda tercatat</h1>"), false)
	seen.read([]byte("<h1>Halaman lain</h1>"), true)
	seen.read([]byte("<h1>Halaman lain</h1>"), false)
	if seen.checked != 2 || seen.lied != 3 {
		t.Errorf("%d right, %d wrong", seen.checked, seen.lied)
	}
}

func TestOnlyThisMachineIsLoaded(t *testing.T) {
	t.Parallel()
	for host, fine := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "192.0.2.1:80": false, "example.org:80": false, "localhost": false} {
		if err := loopback(host); (err == nil) != fine {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestSettingsAreBounded(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "-dir x -rate 1000000", "-dir x -open 1h", "-dir x -connections 5000", "-dir x -persons 1", "-dir x -addresses 9999999", "-dir x -closed 0s"} {
		if _, err := parse(strings.Fields(wrong)); err == nil {
			t.Errorf("%q is accepted", wrong)
		}
	}
	if _, err := parse([]string{"-dir", "x"}); err != nil {
		t.Error(err)
	}
}
