package progress

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

func TestAPipeStaysSilent(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	board := On(w, Words{Left: "sisa"})
	m := board.Meter("impor", "bita")
	m.Total(10)
	m.Add(10)
	m.Done()
	if _, err := board.Write([]byte("pesan\n")); err != nil {
		t.Fatal(err)
	}
	board.Close()
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "pesan\n" {
		t.Errorf("the pipe holds %q, %v", got, err)
	}
}

func TestATerminalShowsNameCountAndTime(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	board := draw(&out, Words{Left: "sisa"}, mpb.WithAutoRefresh(), mpb.WithWidth(80))
	m := board.Meter("impor keluarga", "orang")
	m.Total(132_243)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3_000 {
				m.Add(1)
			}
		})
	}
	wg.Wait()
	m.Done() // stopped early: the bar must not claim the rest
	board.bars.Wait()
	for _, want := range []string{"impor keluarga", "12.000/12.000 orang"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown in %q", want, out.String())
		}
	}
}

func TestBarsEndWhenTheBoardCloses(t *testing.T) {
	t.Parallel()
	board := draw(io.Discard, Words{}, mpb.WithAutoRefresh())
	board.Meter("terputus", "baris").Total(5)
	board.Close() // returns, though the meter was never done
}

func TestStateBehindABar(t *testing.T) {
	t.Parallel()
	board := &Board{words: Words{Left: "sisa"}}
	cases := map[string]struct {
		s       decor.Statistics
		elapsed time.Duration
		want    string
	}{
		"nothing done":  {decor.Statistics{Total: 100}, time.Second, ""},
		"total unknown": {decor.Statistics{Current: 100}, time.Second, ""},
		"a quarter":     {decor.Statistics{Current: 25, Total: 100}, 10 * time.Second, " 25%  sisa 30s"},
		"finished":      {decor.Statistics{Current: 100, Total: 100, Completed: true}, 65 * time.Second, " 1m5s"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := board.state(c.s, c.elapsed); got != c.want {
				t.Errorf("state = %q, want %q", got, c.want)
			}
		})
	}
}

func TestRemaining(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		done, total int64
		elapsed     time.Duration
		want        time.Duration
		known       bool
	}{
		"half":          {50, 100, time.Minute, time.Minute, true},
		"nothing yet":   {0, 100, time.Minute, 0, false},
		"unknown total": {50, 0, time.Minute, 0, false},
		"past the end":  {120, 100, time.Minute, 0, true},
		"no overflow":   {1, 1 << 60, time.Nanosecond, time.Duration(1<<60 - 1), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, known := Remaining(c.done, c.total, c.elapsed)
			if known != c.known || (got-c.want).Abs() > c.want/1000 {
				t.Errorf("Remaining = %v, %v, want %v, %v", got, known, c.want, c.known)
			}
		})
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	cases := map[time.Duration]string{
		0: "0s", 853 * time.Millisecond: "850ms", 12*time.Second + 400*time.Millisecond: "12s",
		185 * time.Second: "3m5s", 59*time.Minute + 59*time.Second: "59m59s", 127 * time.Minute: "2h7m",
	}
	for d, want := range cases {
		if got := short(d); got != want {
			t.Errorf("short(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.000", 1_002_003: "1.002.003"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	board := draw(io.Discard, Words{}, mpb.WithAutoRefresh())
	m := board.Meter("baris", "baris")
	m.Total(1 << 40)
	for b.Loop() {
		m.Add(1)
	}
	board.Close()
}
