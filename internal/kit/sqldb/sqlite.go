package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
)

// Group commit: a group ends when nobody waits, after so many acts, or after so much time.
const (
	groupActs = 128
	groupTime = 20 * time.Millisecond
)

const (
	readsOnly = "query_only(1)"
	// cacheSize is the memory for pages of a connection: 64 MiB.
	cacheSize = "cache_size(-65536)"
)

func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	db := &DB{dialect: SQLite, path: path}
	if !o.NoLock {
		lock, err := takeLock(path + ".lock")
		if err != nil {
			return nil, err
		}
		db.lock = lock
		if err := makePrivate(path); err != nil {
			return nil, errors.Join(err, lock.release())
		}
		w, err := newWriter(ctx, path)
		if err != nil {
			return nil, errors.Join(err, lock.release())
		}
		db.writer = w
	}
	reader, err := openPool(ctx, path, o.Readers, readsOnly, "")
	if err != nil {
		return nil, errors.Join(err, db.lock.release())
	}
	db.reader, db.seats = reader, newSeats(path, o.Readers)
	return db, nil
}

// makePrivate makes the file when it is not there yet, for its owner alone. SQLite would let everybody read it, and gives
// the files it puts beside it the same rights.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make database file: %w", err)
	}
	return f.Close()
}

// connector opens connections to the file. Pragmas go into the address, because a
// statement would reach one connection of a pool only.
func connector(path, txlock string, pragmas ...string) (driver.Connector, error) {
	q := url.Values{}
	for _, p := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(0)", cacheSize,
		"temp_store(2)", "journal_size_limit(67108864)",
	} {
		q.Add("_pragma", p)
	}
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	if txlock != "" {
		q.Set("_txlock", txlock)
	}
	made, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	return oneThread{made}, nil
}

// openPool opens a pool on the file.
func openPool(ctx context.Context, path string, conns int, pragma, txlock string) (*sql.DB, error) {
	to, err := connector(path, txlock, pragma)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(to)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	return db, nil
}

// writer runs every writing transaction of the process, several callers a commit.
type writer struct {
	db    *sql.DB
	work  chan *work
	stop  chan struct{}
	ended sync.WaitGroup
	room  room // of the values of a bulk statement; only the loop uses it

	carrying sync.Mutex // held while the carrier is started or ended
	carrier  atomic.Pointer[carrier]
}

type work struct {
	ctx  context.Context
	f    func(*Tx) error
	err  error
	done chan struct{}
}

func newWriter(ctx context.Context, path string) (*writer, error) {
	db, err := openPool(ctx, path, 1, "synchronous(FULL)", "immediate")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, ordinary); err != nil {
		return nil, errors.Join(fmt.Errorf("set how commits are kept: %w", err), db.Close())
	}
	w := &writer{db: db, work: make(chan *work), stop: make(chan struct{})}
	w.ended.Go(w.loop)
	return w, nil
}

func (w *writer) close() error {
	close(w.stop)
	w.ended.Wait()
	return errors.Join(w.carrier.Swap(nil).close(), w.db.Close(), w.room.close())
}

// do hands f to the writer and returns after the commit that holds it.
func (w *writer) do(ctx context.Context, f func(*Tx) error) error {
	job := &work{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case w.work <- job:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return sql.ErrConnDone
	}
	<-job.done
	return job.err
}

func (w *writer) loop() {
	for {
		select {
		case <-w.stop:
			return
		case job := <-w.work:
			w.group(job)
		}
	}
}

// group runs the first job and those that wait meanwhile in one transaction.
func (w *writer) group(first *work) {
	jobs := []*work{first}
	defer func() {
		for _, j := range jobs {
			close(j.done)
		}
	}()
	fail := func(err error) {
		for _, j := range jobs {
			if j.err == nil {
				j.err = err
			}
		}
	}
	ctx := context.Background()
	conn, err := w.db.Conn(ctx)
	if err != nil {
		fail(fmt.Errorf("take writer: %w", err))
		return
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		fail(fmt.Errorf("begin: %w", err))
		return
	}
	defer tx.Rollback()
	// The first runs without a savepoint: when it fails there is nothing else to keep,
	// and a savepoint makes SQLite journal in memory every page a bulk load touches.
	until := time.Now().Add(groupTime)
	acts := []*Tx{{lite: tx, conn: conn, room: &w.room}}
	if w.alone(acts[0], first); first.err != nil {
		return
	}
	for len(jobs) < groupActs && time.Now().Before(until) {
		next := w.waiting()
		if next == nil {
			break
		}
		jobs, acts = append(jobs, next), append(acts, &Tx{lite: tx, conn: conn, room: &w.room})
		if err := w.one(acts[len(acts)-1], next); err != nil {
			fail(err)
			return
		}
	}
	if err := tx.Commit(); err != nil {
		fail(fmt.Errorf("commit: %w", err))
		return
	}
	w.carrier.Load().committed()
	for i, j := range jobs {
		if j.err == nil {
			acts[i].tellCommitted()
		}
	}
}

// waiting gives a job that waits now, nil when none does.
func (w *writer) waiting() *work {
	select {
	case job := <-w.work:
		return job
	default:
		return nil
	}
}

// alone runs the first job of a group; when it fails the transaction is given up.
func (w *writer) alone(tx *Tx, job *work) {
	if job.err = job.ctx.Err(); job.err == nil {
		job.err = guarded(tx, job.f)
	}
}

// one runs a job inside a savepoint. It returns an error only when the whole
// transaction is lost; the job's own failure stays in the job.
func (w *writer) one(tx *Tx, job *work) error {
	ctx := context.Background()
	if job.err = job.ctx.Err(); job.err != nil {
		return nil
	}
	if _, err := tx.Exec(ctx, "SAVEPOINT act"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	if job.err = guarded(tx, job.f); job.err != nil {
		if _, err := tx.Exec(ctx, "ROLLBACK TO act"); err != nil {
			return fmt.Errorf("undo after %w: %w", job.err, err)
		}
	}
	if _, err := tx.Exec(ctx, "RELEASE act"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}

// guarded turns a panic of f into an error, so that it cannot take the writer down.
func guarded(tx *Tx, f func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return f(tx)
}
