package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// patience is how long a test waits for a job before it calls it lost.
const patience = time.Minute

type greet struct{ Name string }

func (greet) Kind() string { return "test.greet" }

type single struct{ Of string }

func (single) Kind() string           { return "test.single" }
func (single) Options() queue.Options { return queue.Options{Unique: true} }

type chunk struct{ Left int }

func (chunk) Kind() string { return "test.chunk" }

type once struct{}

func (once) Kind() string           { return "test.once" }
func (once) Options() queue.Options { return queue.Options{Tries: 1} }

// engines runs f on both engines with River's tables made.
func engines(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		if err := queue.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		f(t, db)
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t *testing.T, db *sqldb.DB, parts ...queue.Part) *queue.Queue {
	t.Helper()
	q, err := queue.Open(t.Context(), db, quiet(), parts...)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// start starts the queue and stops it when the test ends.
func start(t *testing.T, q *queue.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
}

func stop(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	if err := q.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func enqueue(t *testing.T, db *sqldb.DB, q *queue.Queue, jobs ...queue.Job) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		for _, j := range jobs {
			if err := q.Enqueue(t.Context(), tx, j); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, done := context.WithTimeout(t.Context(), patience)
	defer done()
	if err := q.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, q *queue.Queue) queue.Counts {
	t.Helper()
	c, err := q.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestAJobExistsIfItsActCommits(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		q := open(t, db) // enqueues only
		broken := errors.New("the act broke")
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			if err := q.Enqueue(t.Context(), tx, greet{"lost"}); err != nil {
				t.Error(err)
			}
			return broken
		})
		if !errors.Is(err, broken) || count(t, q).Waiting != 0 {
			t.Fatalf("after a rollback: %v, %+v", err, count(t, q))
		}
		enqueue(t, db, q, greet{"Ani"}, greet{"Budi"})
		if c := count(t, q); c.Waiting != 2 {
			t.Fatalf("after a commit: %+v", c)
		}
		names := make(chan string, 9)
		worker := open(t, db, queue.Work(func(_ context.Context, g greet) error { names <- g.Name; return nil }))
		start(t, worker)
		if got := []string{receive(t, names), receive(t, names)}; got[0]+got[1] != "AniBudi" && got[0]+got[1] != "BudiAni" {
			t.Errorf("worked %v", got)
		}
		settle(t, worker)
		if err := q.Start(t.Context()); err == nil {
			t.Error("a queue without workers started")
		}
	})
}

func TestWhatIsNoJobIsRefused(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		q := open(t, db, queue.Work(func(context.Context, greet) error { return nil }))
		for name, job := range map[string]any{"not a job": 42, "a kind nobody works": single{}} {
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error { return q.Enqueue(t.Context(), tx, job) }); err == nil {
				t.Errorf("%s was enqueued", name)
			}
		}
		if _, err := queue.Open(t.Context(), db, quiet(), queue.Every(time.Millisecond, func() queue.Job { return greet{} })); err == nil {
			t.Error("a job every millisecond was taken")
		}
	})
}

func TestAFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		var tries atomic.Int32
		q := open(t, db,
			queue.Retry(func(int) time.Duration { return time.Millisecond }),
			queue.Work(func(context.Context, greet) error {
				switch tries.Add(1) {
				case 1:
					return errors.New("the disk is full")
				case 2:
					panic("a slip")
				}
				return nil
			}))
		start(t, q)
		enqueue(t, db, q, greet{})
		settle(t, q)
		if n := tries.Load(); n != 3 {
			t.Errorf("%d tries, want 3", n)
		}
		if c := count(t, q); c.GivenUp != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestAJobIsGivenUp(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		var told, tries atomic.Int32
		q := open(t, db,
			queue.Work(func(context.Context, greet) error { told.Add(1); return queue.GiveUp(errors.New("no such run")) }),
			queue.Work(func(context.Context, once) error { tries.Add(1); return errors.New("broken") }))
		start(t, q)
		enqueue(t, db, q, greet{}, once{})
		settle(t, q)
		if c := count(t, q); told.Load() != 1 || tries.Load() != 1 || c.GivenUp != 2 {
			t.Errorf("worked %d and %d times, %+v; want both given up after one", told.Load(), tries.Load(), c)
		}
	})
}

func TestAJobMayWait(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		var tries atomic.Int32
		q := open(t, db, queue.Work(func(context.Context, greet) error {
			if tries.Add(1) == 1 {
				return queue.Later(time.Millisecond)
			}
			return nil
		}))
		start(t, q)
		enqueue(t, db, q, greet{})
		settle(t, q)
		if n := tries.Load(); n != 2 {
			t.Errorf("worked %d times, want 2", n)
		}
	})
}

func TestAUniqueJobWaitsOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		var worked sync.Map
		var n atomic.Int32
		q := open(t, db, queue.Work(func(_ context.Context, s single) error { n.Add(1); worked.Store(s.Of, true); return nil }))
		enqueue(t, db, q, single{"Ambon"}, single{"Ambon"}, single{"Asahan"})
		enqueue(t, db, q, single{"Ambon"})
		if c := count(t, q); c.Waiting != 2 {
			t.Fatalf("%+v, want 2 waiting", c)
		}
		start(t, q)
		settle(t, q)
		enqueue(t, db, q, single{"Ambon"}) // the first is done: again is fine
		settle(t, q)
		if n.Load() != 3 {
			t.Errorf("worked %d times, want 3", n.Load())
		}
	})
}

func TestAChainOfChunks(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		var q *queue.Queue
		var done atomic.Int32
		q = open(t, db, queue.Work(func(ctx context.Context, c chunk) error {
			done.Add(1)
			if c.Left == 0 {
				return nil
			}
			return db.Write(ctx, func(tx *sqldb.Tx) error { return q.Enqueue(ctx, tx, chunk{c.Left - 1}) })
		}))
		start(t, q)
		enqueue(t, db, q, chunk{9})
		settle(t, q)
		if n := done.Load(); n != 10 {
			t.Errorf("%d chunks, want 10", n)
		}
	})
}

func TestAJobStartsSoon(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		began := make(chan time.Time, 1)
		q := open(t, db, queue.Work(func(context.Context, greet) error { began <- time.Now(); return nil }))
		start(t, q)
		enqueue(t, db, q, greet{}) // warms up
		receive(t, began)
		best := time.Hour
		for n := 0; n < 50 && best > 200*time.Millisecond; n++ { // on a machine that builds beside it many are late
			asked := time.Now()
			enqueue(t, db, q, greet{})
			best = min(best, receive(t, began).Sub(asked))
		}
		if best > 200*time.Millisecond {
			t.Errorf("the quickest of fifty started after %s", best)
		}
	})
}

func TestPeriodicJobs(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		ran := make(chan string, 99)
		q := open(t, db,
			queue.Work(func(_ context.Context, g greet) error { ran <- g.Name; return nil }),
			queue.Every(time.Second, func() queue.Job { return greet{"again"} }))
		start(t, q)
		for range 2 {
			if got := receive(t, ran); got != "again" {
				t.Errorf("got %q", got)
			}
		}
	})
}

// A process that is killed leaves its jobs running in the database and its leadership behind.
func TestAJobOfAKilledProcessIsTakenUp(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		names := make(chan string, 1)
		q := open(t, db, queue.Work(func(_ context.Context, g greet) error { names <- g.Name; return nil }))
		enqueue(t, db, q, greet{"half done"})
		kill(t, db)
		if c := count(t, q); c.Running != 1 || c.Waiting != 0 {
			t.Fatalf("%+v, want one running", c)
		}
		start(t, q)
		if got := receive(t, names); got != "half done" { // at once, and not when its time has run out in an hour
			t.Errorf("got %q", got)
		}
		settle(t, q)
	})
}

// kill makes what a killed process leaves behind.
func kill(t *testing.T, db *sqldb.DB) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		n, err := tx.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = created_at WHERE state = 'available'`)
		if err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheJobsOfALivingProcessAreLeftAlone(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var worked atomic.Int32
	begun, finish := make(chan bool, 9), make(chan bool)
	work := queue.Work(func(context.Context, greet) error {
		worked.Add(1)
		begun <- true
		<-finish
		return nil
	})
	first, second := open(t, db, work), open(t, db, work)
	start(t, first)
	enqueue(t, db, first, greet{})
	receive(t, begun)
	start(t, second)
	if c := count(t, second); c.Running != 1 {
		t.Errorf("%+v, want the job running still", c)
	}
	close(finish)
	settle(t, second)
	if n := worked.Load(); n != 1 {
		t.Errorf("worked %d times, want once", n)
	}
}

func TestStopWaitsForTheJobUnderWay(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		begun, finish := make(chan bool), make(chan bool)
		var finished atomic.Bool
		q := open(t, db, queue.Work(func(context.Context, greet) error {
			close(begun)
			<-finish
			finished.Store(true)
			return nil
		}))
		start(t, q)
		enqueue(t, db, q, greet{})
		receive(t, begun)
		go close(finish)
		stop(t, q)
		if !finished.Load() || count(t, q).Running != 0 {
			t.Errorf("finished %v, %+v", finished.Load(), count(t, q))
		}
	})
}

func TestStopEndsAJobThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		begun := make(chan bool)
		q := open(t, db, queue.Work(func(ctx context.Context, _ greet) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}))
		start(t, q)
		enqueue(t, db, q, greet{})
		receive(t, begun)
		ctx, done := context.WithCancel(t.Context())
		done() // no patience at all
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if c := count(t, q); c.Running != 0 || c.Waiting+c.Failed != 1 {
			t.Errorf("%+v, want the job kept for another try", c)
		}
	})
}

func TestTheLogHasNoValuesOfJobs(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var out lockedText
	q, err := queue.Open(t.Context(), db, slog.New(slog.NewTextHandler(&out, nil)),
		queue.Work(func(context.Context, greet) error { return queue.GiveUp(errors.New("cause")) }))
	if err != nil {
		t.Fatal(err)
	}
	start(t, q)
	enqueue(t, db, q, greet{"Rahasia"})
	settle(t, q)
	text := out.String()
	if !strings.Contains(text, "test.greet") || strings.Contains(text, "Rahasia") {
		t.Errorf("log: %s", text)
	}
}

type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
