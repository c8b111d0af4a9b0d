package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tepat/internal/kit/sqldb"
)

// presenceLock is the advisory lock every working process shares on PostgreSQL while it lives.
// The server lets go of it the moment the connection of a killed process breaks.
const presenceLock = 0x7465706174 // "tepat"

// presence shows other processes that this one works jobs. On SQLite the lock file of the
// database does that already: there is one process.
type presence struct{ conn *pgxpool.Conn }

// enter shows this process and tells whether it is alone.
func (q *Queue) enter(ctx context.Context) (p *presence, alone bool, err error) {
	if q.db.Dialect() == sqldb.SQLite {
		return &presence{}, true, nil
	}
	conn, err := q.db.Pool().Acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	if err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, presenceLock).Scan(&alone); err == nil {
		_, err = conn.Exec(ctx, `SELECT pg_advisory_lock_shared($1)`, presenceLock)
	}
	if err != nil {
		conn.Conn().Close(context.WithoutCancel(ctx))
		conn.Release()
		return nil, false, err
	}
	return &presence{conn}, alone, nil
}

// settled lets other processes in after a take-over.
func (p *presence) settled(ctx context.Context) error {
	if p.conn == nil {
		return nil
	}
	_, err := p.conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, presenceLock)
	return err
}

// leave ends the connection, and the lock with it.
func (p *presence) leave() error {
	if p.conn == nil {
		return nil
	}
	ctx, done := context.WithTimeout(context.Background(), stopPatience)
	defer done()
	err := p.conn.Conn().Close(ctx)
	p.conn.Release()
	return err
}

// takeOver makes jobs of killed processes ready again, without counting the try, and ends the
// leadership of the dead. Only a process that is alone may do so.
func (q *Queue) takeOver(ctx context.Context, p *presence) error {
	err := q.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `
			UPDATE river_job SET state = 'available', attempt = CASE WHEN attempt > 0 THEN attempt - 1 ELSE 0 END
			WHERE state = 'running'`)
		if err != nil {
			return err
		}
		if n > 0 {
			q.log.InfoContext(ctx, "took over jobs", "jobs", n)
		}
		_, err = tx.Exec(ctx, `DELETE FROM river_leader`)
		return err
	})
	if err != nil {
		return err
	}
	return p.settled(ctx)
}

// Counts says how many jobs are in which state.
type Counts struct {
	Waiting int64 `json:"waiting"` // ready, or due later
	Running int64 `json:"running"`
	Failed  int64 `json:"failed"`   // failed and will be tried again
	GivenUp int64 `json:"given_up"` // failed for good, kept for a month
}

// Count counts the jobs, for the health page.
func (q *Queue) Count(ctx context.Context) (c Counts, err error) {
	err = sqldb.Each(ctx, q.db.Direct(), `SELECT CAST(state AS TEXT), count(*) FROM river_job GROUP BY state`, nil, func(r sqldb.Row) error {
		var state string
		var n int64
		if err := r.Scan(&state, &n); err != nil {
			return err
		}
		switch state {
		case "available", "pending", "scheduled":
			c.Waiting += n
		case "running":
			c.Running += n
		case "retryable":
			c.Failed += n
		case "discarded", "cancelled":
			c.GivenUp += n
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("count jobs: %w", err)
	}
	return c, nil
}

// Settle waits until no job waits, runs or is to be tried again, such as at the end of a demo.
// Jobs due later count as waiting.
func (q *Queue) Settle(ctx context.Context) error {
	tick := time.NewTicker(settleInterval)
	defer tick.Stop()
	for {
		c, err := q.Count(ctx)
		if err != nil {
			return err
		}
		if c.Waiting+c.Running+c.Failed == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for jobs: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
