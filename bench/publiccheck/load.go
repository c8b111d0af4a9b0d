package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load is what is sent.
type load struct {
	host        string
	path        string
	connections int
	persons     int // the people who are in the registry
	addresses   int // client addresses, told through the proxy's header
	block       int // first client address, so that two loads do not share their limits
	verify      bool
}

// outcome is what came back.
type outcome struct {
	RateAsked float64 `json:"rate_asked,omitempty"` // open loop only
	Rate      float64 `json:"rate"`                 // answers a second
	Count     int     `json:"count"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	P999      float64 `json:"p999_ms"`
	Max       float64 `json:"max_ms"`
	Answered  int     `json:"answered"`  // 200
	Asked     int     `json:"questions"` // 422: a sum has to be answered first
	Limited   int     `json:"limited"`   // 429
	Errors    int     `json:"errors"`    // anything else
	Verified  int     `json:"verified"`  // answers whose words were read and were right
	Wrong     int     `json:"wrong"`     // answers whose words were read and were wrong
	// ServerCPU and ClientCPU are what a request cost each process, in microseconds of a
	// core: the figures that a busy machine changes least.
	ServerCPU float64 `json:"server_cpu_us"`
	ClientCPU float64 `json:"client_cpu_us"`
}

// tally is what one connection saw.
type tally struct {
	latencies                                       []time.Duration
	answered, asked, limited, failed, checked, lied int
	last                                            error
}

// verifyEvery is how many requests one answer is read for.
const verifyEvery = 101

// request is the n-th check: half of them are right, a quarter is a wrong No. KK, a quarter
// a NIK nobody has. The choice is the same in every run, and another in every loop.
func (l *load) request(n int, form []byte) (_ []byte, from string, listed bool, err error) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(l.block)))
	i := r.IntN(l.persons)
	kind := r.IntN(4)
	if kind == 3 {
		i += 40_000_000
	}
	nik, err := nikOf(i % (9000 * subdistricts * birthdays))
	if err != nil {
		return nil, "", false, err
	}
	kk, err := kkOf(i % l.persons)
	if err != nil {
		return nil, "", false, err
	}
	last6 := kk.Last6()
	if kind == 2 {
		last6 = "000000" // no serial number is zero
	}
	form = append(nik.AppendPlain(append(form[:0], "nik="...)), "&no_kk="...)
	return append(form, last6...), address(l.block + n%l.addresses), kind < 2, nil
}

// address gives client k's address, of the block RFC 6598 keeps for shared lines.
func address(k int) string {
	return "100." + strconv.Itoa(64+k>>16) + "." + strconv.Itoa(k>>8&255) + "." + strconv.Itoa(k&255)
}

// one sends the n-th request on a connection and notes what came back.
func (l *load) one(w **wire, n int, form *[]byte, t *tally) {
	body, from, listed, err := l.request(n, *form)
	if *form = body; err != nil {
		t.fail(err)
		return
	}
	if *w == nil {
		if *w, err = dial(l.host); err != nil {
			t.fail(err)
			return
		}
	}
	read := l.verify && n%verifyEvery == 0
	status, err := (*w).post(l.path, from, body, read)
	if err != nil {
		(*w).close()
		*w = nil
		t.fail(err)
		return
	}
	t.note(status)
	if read && status == 200 {
		t.read((*w).inner, listed)
	}
}

func (t *tally) fail(err error) { t.failed, t.last = t.failed+1, err }

func (t *tally) note(status int) {
	switch status {
	case 200:
		t.answered++
	case 422:
		t.asked++
	case 429:
		t.limited++
	default:
		t.fail(fmt.Errorf("status %d", status))
	}
}

func (t *tally) read(page []byte, listed bool) {
	if bytes.Contains(page, []byte("<h1>Anda tercatat</h1>")) == listed && bytes.Contains(page, []byte("<h1>Data tidak ditemukan</h1>")) != listed {
		t.checked++
		return
	}
	t.lied++
}

// open sends at a rate whatever the server does: arrivals are those of independent people
// (exponential gaps), and a latency counts from the moment a request was due, so that one
// that waits for a free connection, or for a late generator, counts its waiting too.
func (l *load) open(ctx context.Context, rate float64, span time.Duration) (outcome, error) {
	wires, err := l.dialAll()
	if err != nil {
		return outcome{}, err
	}
	due := arrivals(rate, span)
	queue := make(chan int, len(due))
	start := time.Now().Add(50 * time.Millisecond)
	go release(ctx, queue, due, start)
	tallies := workers(wires, func(w **wire, form *[]byte, t *tally) bool {
		n, more := <-queue
		if !more {
			return false
		}
		l.one(w, n, form, t)
		t.latencies = append(t.latencies, time.Since(start)-due[n])
		return true
	})
	out, err := summary(tallies, time.Since(start))
	out.RateAsked = rate
	return out, err
}

// arrivals gives the moments requests are due at, from the start.
func arrivals(rate float64, span time.Duration) []time.Duration {
	r := rand.New(rand.NewPCG(1, 1))
	due := make([]time.Duration, 0, int(rate*span.Seconds()*11/10)+16)
	for at := 0.0; at < span.Seconds(); at += r.ExpFloat64() / rate {
		due = append(due, time.Duration(at*float64(time.Second)))
	}
	return due
}

// release hands every request over when it is due.
func release(ctx context.Context, queue chan<- int, due []time.Duration, start time.Time) {
	defer close(queue)
	for n, at := range due {
		if wait := at - time.Since(start); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
		queue <- n
	}
}

// closed keeps every connection busy: the next request follows the answer at once.
func (l *load) closed(ctx context.Context, span time.Duration) (outcome, error) {
	wires, err := l.dialAll()
	if err != nil {
		return outcome{}, err
	}
	var next atomic.Int64
	start := time.Now()
	tallies := workers(wires, func(w **wire, form *[]byte, t *tally) bool {
		sent := time.Now()
		if sent.Sub(start) >= span || ctx.Err() != nil {
			return false
		}
		l.one(w, int(next.Add(1)), form, t)
		t.latencies = append(t.latencies, time.Since(sent))
		return true
	})
	return summary(tallies, time.Since(start))
}

// dialAll opens the connections before the clock runs: those who check keep theirs open.
func (l *load) dialAll() (wires []*wire, err error) {
	wires = make([]*wire, l.connections)
	for i := range wires {
		if wires[i], err = dial(l.host); err != nil {
			return nil, err
		}
	}
	return wires, nil
}

// workers runs every connection until step says that it is over.
func workers(wires []*wire, step func(w **wire, form *[]byte, t *tally) bool) []tally {
	tallies := make([]tally, len(wires))
	var all sync.WaitGroup
	for i := range tallies {
		all.Go(func() {
			form := make([]byte, 0, 64)
			for step(&wires[i], &form, &tallies[i]) {
			}
			if wires[i] != nil {
				wires[i].close()
			}
		})
	}
	all.Wait()
	return tallies
}

// summary adds the tallies up. It is an error when nothing came back.
func summary(tallies []tally, took time.Duration) (out outcome, err error) {
	var all []time.Duration
	for i := range tallies {
		t := &tallies[i]
		all = append(all, t.latencies...)
		out.Answered, out.Asked, out.Limited = out.Answered+t.answered, out.Asked+t.asked, out.Limited+t.limited
		out.Errors, out.Verified, out.Wrong = out.Errors+t.failed, out.Verified+t.checked, out.Wrong+t.lied
		if t.last != nil {
			err = t.last
		}
	}
	if len(all) == 0 || out.Errors == len(all) {
		return out, fmt.Errorf("nothing was answered: %w", err)
	}
	slices.Sort(all)
	out.Count, out.Rate = len(all), float64(len(all)-out.Errors)/took.Seconds()
	at := func(share float64) float64 { return milliseconds(all[rank(len(all), share)]) }
	out.P50, out.P95, out.P99, out.P999, out.Max = at(.5), at(.95), at(.99), at(.999), at(1)
	return out, nil
}

// rank gives the index of the nearest-rank percentile in a sorted list of n.
func rank(n int, share float64) int {
	i := int(float64(n)*share+.9999999) - 1
	return max(0, min(n-1, i))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
