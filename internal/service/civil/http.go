package civil

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// Key is the key an institution got with its agreement. It never prints.
type Key string

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// LogValue hides the key.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// HTTPOptions say how a civil registry is asked over the network. What the agreement with
// Dukcapil fixes (address, key, mode, quota, age of answers) is configuration.
type HTTPOptions struct {
	URL         string // HTTPS; plain HTTP only to this machine
	Institution string // names the agreement in the quota's counter
	Key         Key
	Mode        civilmatch.Mode
	Quota       int64          // NIKs a day; 0 is no limit
	Zone        *time.Location // in which the quota's day begins; nil is WIB
	MaxAge      time.Duration  // how long an answer holds; 0 is 30 days
	MissAge     time.Duration  // how long "not found" holds; 0 is one day
	Batch       int            // NIKs a request; 0 is 100
	Workers     int            // requests at a time; 0 is 2
	Tries       int            // of a request; 0 is 3
	Timeout     time.Duration  // of one try; 0 is 10 s
	Pause       time.Duration  // before the second try, doubled for each further; 0 is 250 ms
	Rest        time.Duration  // nobody asks for so long after a row of failures; 0 is 30 s

	// Transport, Now and Wait are for tests; nil is the network, the clock and a timer.
	Transport http.RoundTripper
	Now       func() time.Time
	Wait      func(ctx context.Context, d time.Duration) error
}

// HTTP is a civil registry that is asked over the network.
type HTTP struct {
	db     *sqldb.DB
	keys   *seal.Keyring
	client *http.Client
	o      HTTPOptions
	fuse   fuse
}

var _ Remote = (*HTTP)(nil)

// NewHTTP makes the client. Errors: civil.url when the address is no HTTPS address,
// civil.key when there is no key.
func NewHTTP(db *sqldb.DB, keys *seal.Keyring, o HTTPOptions) (*HTTP, error) {
	address, err := url.Parse(o.URL)
	if err != nil || address.Host == "" || address.Scheme != "https" && !(address.Scheme == "http" && loopback(address.Hostname())) {
		return nil, fail.Invalid("civil.url").On("url")
	}
	if o.Key == "" {
		return nil, fail.Invalid("civil.key").On("key")
	}
	o = o.withDefaults()
	client := &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect would carry the key and the NIKs elsewhere
	}}
	return &HTTP{db: db, keys: keys, client: client, o: o}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (o HTTPOptions) withDefaults() HTTPOptions {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	count := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	set(&o.MaxAge, 30*24*time.Hour)
	set(&o.MissAge, 24*time.Hour)
	set(&o.Timeout, 10*time.Second)
	set(&o.Pause, 250*time.Millisecond)
	set(&o.Rest, 30*time.Second)
	count(&o.Batch, 100)
	count(&o.Workers, 2)
	count(&o.Tries, 3)
	if o.Zone == nil {
		o.Zone = time.FixedZone("WIB", 7*60*60)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	return o
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Mode implements Registry.
func (h *HTTP) Mode() civilmatch.Mode { return h.o.Mode }

// Local implements Registry: asking needs the network, so never inside an act.
func (h *HTTP) Local() bool { return false }

// Ask implements Registry: what is held and fresh is not asked again.
func (h *HTTP) Ask(ctx context.Context, q sqldb.Querier, questions []Question) ([]civilmatch.Answer, error) {
	heard, err := h.Held(ctx, q, questions)
	if err != nil {
		return nil, err
	}
	answers := make([]civilmatch.Answer, len(questions))
	var open []Question
	var at []int
	for i := range heard {
		answers[i] = heard[i].Answer
		if answers[i].Outcome == civilmatch.NotAsked {
			open, at = append(open, questions[i]), append(at, i)
		}
	}
	fresh, err := h.Fresh(ctx, open)
	if err != nil {
		return nil, err
	}
	for i, to := range at {
		answers[to] = fresh[i]
	}
	return answers, nil
}

// asked is a batch with what came back for it.
type asked struct {
	at      []int
	answers []civilmatch.Answer
	err     error
}

// Fresh implements Remote. Questions without a NIK are not asked; those the service, the
// network or the quota left without an answer have the outcome Failed. Errors:
// civil.refused when the service does not accept the key, before anything was answered.
func (h *HTTP) Fresh(ctx context.Context, questions []Question) ([]civilmatch.Answer, error) {
	answers := make([]civilmatch.Answer, len(questions))
	var at []int
	for i := range questions {
		if !questions[i].Record.NIK.IsZero() && !questions[i].Record.NIKInvalid {
			answers[i] = civilmatch.Answer{Outcome: civilmatch.Failed, Mode: h.o.Mode}
			at = append(at, i)
		}
	}
	answered := 0
	var refused error
	ask := func(batch []int) asked { return h.askBatch(ctx, questions, batch) }
	err := parallel.Chunks(h.o.Workers, parallel.Split(at, h.o.Batch), ask, func(done asked) error {
		if done.err != nil {
			if errors.Is(done.err, fail.Unavailable("civil.refused")) {
				refused = done.err
			}
			return nil
		}
		answered += len(done.at)
		for i, to := range done.at {
			answers[to] = done.answers[i]
		}
		return h.keep(ctx, questions, done)
	})
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case refused != nil && answered == 0:
		return nil, refused
	}
	return answers, nil
}

// fault says why a try failed and what may help.
type fault struct {
	err   error
	again bool          // another try may succeed
	rest  time.Duration // nobody should ask for so long; 0 when this is one failure among others
}

// askBatch asks about one batch, in several tries with growing pauses. What the quota does
// not reach any more is left out.
func (h *HTTP) askBatch(ctx context.Context, questions []Question, batch []int) asked {
	pause := h.o.Pause
	for try := 1; ; try++ {
		if !h.fuse.holds(h.o.Now()) {
			return asked{err: fail.Unavailable("civil.no_answer")}
		}
		granted, err := h.reserve(ctx, len(batch))
		if err != nil {
			return asked{err: err}
		}
		batch = batch[:granted]
		body, err := h.body(questions, batch)
		if err != nil {
			return asked{err: err}
		}
		answers, fault := h.post(ctx, body, len(batch))
		if fault == nil {
			h.fuse.worked()
			return asked{at: batch, answers: answers}
		}
		if ctx.Err() != nil {
			return asked{err: fault.err}
		}
		h.fuse.failed(h.o.Now(), h.o.Rest, fault.rest)
		if !fault.again || try >= h.o.Tries {
			return asked{err: fault.err}
		}
		// Half the pause and a random rest: the tries of several workers spread.
		if h.o.Wait(ctx, pause/2+rand.N(pause/2+1)) != nil {
			return asked{err: fault.err}
		}
		pause *= 2
	}
}

func (h *HTTP) body(questions []Question, batch []int) ([]byte, error) {
	r := wireRequest{Questions: make([]wireQuestion, len(batch))}
	for i, at := range batch {
		r.Questions[i] = newWireQuestion(i, &questions[at], h.o.Mode)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write questions: %w", err)
	}
	return body, nil
}

// answerRoom bounds what is read of a reply, for each question.
const answerRoom = 8 << 10

// post makes one try.
func (h *HTTP) post(ctx context.Context, body []byte, n int) ([]civilmatch.Answer, *fault) {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.o.URL, bytes.NewReader(body))
	if err != nil {
		return nil, &fault{err: fmt.Errorf("make request: %w", err)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set(keyHeader, string(h.o.Key))
	response, err := h.client.Do(request)
	if err != nil {
		return nil, &fault{err: fail.Unavailable("civil.no_answer").Because(err), again: true}
	}
	defer response.Body.Close()
	if fault := h.refusal(response); fault != nil {
		return nil, fault
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, int64(n+1)*answerRoom))
	if err != nil {
		return nil, &fault{err: fail.Unavailable("civil.no_answer").Because(err), again: true}
	}
	answers, err := h.read(data, n)
	if err != nil {
		return nil, &fault{err: err, again: true}
	}
	return answers, nil
}

// longestRest bounds the pause a service asks for.
const longestRest = 24 * time.Hour

// refusal reads the status of a reply; nil when it holds answers.
func (h *HTTP) refusal(r *http.Response) *fault {
	switch code := r.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return &fault{err: fail.Unavailable("civil.refused"), rest: h.o.Rest}
	case code == http.StatusTooManyRequests:
		rest := h.o.Rest
		if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
			rest = min(time.Duration(seconds)*time.Second, longestRest)
		}
		return &fault{err: fail.Unavailable("civil.quota"), rest: rest}
	default:
		cause := errors.New("status " + strconv.Itoa(code))
		return &fault{err: fail.Unavailable("civil.no_answer").Because(cause), again: code >= http.StatusInternalServerError}
	}
}

// read puts every answer to its question by its ref. A reply that cannot be read as a
// whole is a failure; a question without a readable answer of its own is one alone.
func (h *HTTP) read(data []byte, n int) ([]civilmatch.Answer, error) {
	var reply wireReply
	if err := json.Unmarshal(data, &reply); err != nil {
		return nil, fail.Unavailable("civil.answer").Because(err)
	}
	answers := make([]civilmatch.Answer, n)
	for i := range answers {
		answers[i] = civilmatch.Answer{Outcome: civilmatch.Failed, Mode: h.o.Mode}
	}
	seen := make([]bool, n)
	for i := range reply.Answers {
		w := &reply.Answers[i]
		if w.Ref < 0 || w.Ref >= n || seen[w.Ref] {
			return nil, fail.Unavailable("civil.answer")
		}
		seen[w.Ref] = true
		if a, err := w.answer(h.o.Mode); err == nil {
			answers[w.Ref] = a
		}
	}
	return answers, nil
}
