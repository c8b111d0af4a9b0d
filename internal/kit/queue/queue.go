// Package queue runs background jobs that are kept in the database beside the data.
//
// A job is enqueued in the transaction of the act that wants it: it exists if and only if the act
// commits. Jobs are rows of River (github.com/riverqueue/river); on SQLite River shares the one
// writing connection, never a second one. A job must be short (well under JobTimeout) and must
// bear to run twice: a process may be killed after the work and before the note that it was done.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"tepat/internal/kit/sqldb"
)

// Job is what is to be done: a struct that JSON keeps, holding ids and never personal data.
type Job interface {
	// Kind names the job for good, such as "runs.step": rows in the database carry it.
	Kind() string
}

// Options say how a job is enqueued. A job type gives its own by a method Options() Options.
type Options struct {
	// Unique adds the job only when none of its kind with the same values waits or runs. A job
	// that enqueues its own successor must not be unique by the same values: it still runs.
	Unique bool
	// At is the earliest instant to run it; zero is at once.
	At time.Time
	// Tries is how often it runs before it is given up; 0 means 12, which is about two days.
	Tries int
}

type optioned interface{ Options() Options }

const (
	// JobTimeout is the longest a job may run before its context ends.
	JobTimeout = 30 * time.Second
	// rescueAfter is when another process takes over the job of one that is gone but was not
	// alone, so that nobody noticed at a start.
	rescueAfter = 60 * time.Second

	defaultTries = 12
	workers      = 4 // jobs at the same time; more gain nothing on one writer
	// fetchEvery is how often a worker looks for jobs nobody called it for: those due by now.
	fetchEvery     = 500 * time.Millisecond
	fetchCooldown  = 2 * time.Millisecond // River also drops calls that come faster than this
	keepCompleted  = time.Hour
	keepDiscarded  = 30 * 24 * time.Hour
	stopPatience   = 5 * time.Second
	settleInterval = 10 * time.Millisecond
)

// Queue enqueues jobs and, when it was opened with workers, works them.
type Queue struct {
	db     *sqldb.DB
	log    *slog.Logger
	lite   *river.Client[*sql.Tx]
	driver *wakingDriver // under lite
	pg     *river.Client[pgx.Tx]
	works  bool
	alive  *presence // while it is started
}

// Migrate makes or updates River's own tables. It runs after the schema's migrations.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	var err error
	quiet := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if db.Dialect() == sqldb.SQLite {
		err = migrate(ctx, riversqlite.New(db.WriterSQL()), quiet)
	} else {
		err = migrate(ctx, riverpgxv5.New(db.Pool()), quiet)
	}
	if err != nil {
		return sqldb.Told(fmt.Errorf("migrate job tables: %w", err))
	}
	return nil
}

func migrate[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], c *rivermigrate.Config) error {
	m, err := rivermigrate.New(driver, c)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Open makes a queue on a migrated database. Without parts it only enqueues; with Work parts it
// works jobs once it is started, and refuses to enqueue a kind that nobody works.
func Open(_ context.Context, db *sqldb.DB, log *slog.Logger, parts ...Part) (*Queue, error) {
	log = log.With("part", "queue")
	s := &setup{log: log, workers: river.NewWorkers()}
	for _, p := range parts {
		if err := p.add(s); err != nil {
			return nil, fmt.Errorf("open queue: %w", err)
		}
	}
	q := &Queue{db: db, log: log, works: s.kinds > 0}
	c := q.config(s)
	var err error
	if db.Dialect() == sqldb.SQLite {
		q.driver = newWakingDriver(db.WriterSQL())
		q.lite, err = river.NewClient(q.driver, c)
	} else {
		q.pg, err = river.NewClient(riverpgxv5.New(db.Pool()), c)
	}
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	return q, nil
}

func (q *Queue) config(s *setup) *river.Config {
	c := &river.Config{
		Logger:                      quietLogger(q.log),
		ErrorHandler:                failures{q.log},
		JobTimeout:                  JobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		MaxAttempts:                 defaultTries,
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           fetchEvery,
		CompletedJobRetentionPeriod: keepCompleted,
		DiscardedJobRetentionPeriod: keepDiscarded,
		ReindexerSchedule:           river.NeverSchedule(), // autovacuum does; a reindex blocks SQLite's writer
	}
	if s.retry != nil {
		c.RetryPolicy = s.retry
	}
	if q.works {
		c.Workers, c.PeriodicJobs = s.workers, s.periodic
		c.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}}
	}
	return c
}

// Enqueue adds a job in the transaction: when that rolls back there is no job. A unique job that
// waits or runs already is no error and adds nothing.
func (q *Queue) Enqueue(ctx context.Context, tx *sqldb.Tx, job any) error {
	j, ok := job.(Job)
	if !ok {
		return fmt.Errorf("enqueue %T: not a job", job)
	}
	var err error
	if q.lite != nil {
		_, err = q.lite.InsertTx(ctx, tx.NativeSQLite(), j, insertOptions(j))
		q.driver.wake()
	} else {
		_, err = q.pg.InsertTx(ctx, tx.NativePostgres(), j, insertOptions(j))
	}
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", j.Kind(), err)
	}
	return nil
}

// waiting are the states in which a job is still to be finished.
func waiting() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled}
}

func insertOptions(j Job) *river.InsertOpts {
	own, ok := j.(optioned)
	if !ok {
		return nil
	}
	o := own.Options()
	in := &river.InsertOpts{ScheduledAt: o.At, MaxAttempts: o.Tries}
	if o.Unique {
		in.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: waiting()}
	}
	return in
}

// Start works jobs until Stop. Jobs that a killed process left half done are taken up at once when
// no other process works this database, and otherwise after a minute.
func (q *Queue) Start(ctx context.Context) error {
	if !q.works {
		return errors.New("start queue: it has no workers")
	}
	alive, alone, err := q.enter(ctx)
	if err != nil {
		return sqldb.Told(fmt.Errorf("start queue: %w", err))
	}
	if alone {
		if err := q.takeOver(ctx, alive); err != nil {
			return errors.Join(sqldb.Told(fmt.Errorf("take over jobs: %w", err)), alive.leave())
		}
	}
	ctx = context.WithoutCancel(ctx) // the end of a start is no reason to end the jobs
	if q.lite != nil {
		err = q.lite.Start(ctx)
	} else {
		err = q.pg.Start(ctx)
	}
	if err != nil {
		return errors.Join(sqldb.Told(fmt.Errorf("start queue: %w", err)), alive.leave())
	}
	q.alive = alive
	return nil
}

// Stop fetches no more jobs and waits for those under way. When ctx ends first it ends their
// contexts and waits five seconds more. Stop before closing the database.
func (q *Queue) Stop(ctx context.Context) error {
	if q.alive == nil {
		return nil
	}
	var stop, cancel func(context.Context) error
	if q.lite != nil {
		stop, cancel = q.lite.Stop, q.lite.StopAndCancel
	} else {
		stop, cancel = q.pg.Stop, q.pg.StopAndCancel
	}
	err := stop(ctx)
	if err != nil {
		last, done := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer done()
		err = cancel(last)
	}
	if leave := q.alive.leave(); err == nil {
		err = leave
	}
	q.alive = nil
	if err != nil {
		return fmt.Errorf("stop queue: %w", err)
	}
	return nil
}
