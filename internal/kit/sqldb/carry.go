package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// carrier carries SQLite's log over into the file while the writer goes on with the next transaction, on a
// connection of its own. The writer would do it by itself when the log is long (Relaxed says how long), and then finds little
// left: in a first import of a million that was a second of the one core that everything waits for.
type carrier struct {
	db    *sql.DB
	wake  chan struct{} // holds one call, so that nobody waits for the carrier
	stop  chan struct{}
	ended sync.WaitGroup
}

func newCarrier(ctx context.Context, path string) (*carrier, error) {
	db, err := openPool(ctx, path, 1, "synchronous(NORMAL)", "")
	if err != nil {
		return nil, err
	}
	c := &carrier{db: db, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	c.ended.Go(c.loop)
	return c, nil
}

func (c *carrier) loop() {
	for {
		select {
		case <-c.stop:
			return
		case <-c.wake:
			// A failure loses nothing: what is in the log stays there, and the writer carries it over or tells why not.
			_, _ = c.db.Exec("PRAGMA wal_checkpoint(PASSIVE)")
		}
	}
}

// committed tells the carrier that there is something to carry; nil has nothing to do.
func (c *carrier) committed() {
	if c == nil {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *carrier) close() error {
	if c == nil {
		return nil
	}
	close(c.stop)
	c.ended.Wait()
	if err := c.db.Close(); err != nil {
		return errors.Join(errors.New("close what carries the log"), err)
	}
	return nil
}

// carry starts the carrier of the writer, or ends it.
func (w *writer) carry(ctx context.Context, path string, on bool) error {
	w.carrying.Lock()
	defer w.carrying.Unlock()
	if (w.carrier.Load() != nil) == on {
		return nil
	}
	if !on {
		return w.carrier.Swap(nil).close()
	}
	c, err := newCarrier(ctx, path)
	if err != nil {
		return fmt.Errorf("carry the log: %w", err)
	}
	w.carrier.Store(c)
	return nil
}
