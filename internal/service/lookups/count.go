package lookups

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tepat/internal/kit/sqldb"
)

// counts holds the public checks of the last minutes, by outcome, until they are kept.
type counts struct {
	mu sync.Mutex
	n  map[minuteOutcome]int64
}

type minuteOutcome struct {
	minute  int64
	outcome string
}

func (c *counts) add(now time.Time, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[minuteOutcome]int64{}
	}
	c.n[minuteOutcome{now.Unix() / 60, outcome}]++
}

func (c *counts) take() map[minuteOutcome]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.n
	c.n = nil
	return out
}

// KeepCounts writes the number of checks a minute and outcome. Checks are counted,
// not recorded one by one: the log of a public check would itself tell who asked about whom.
func (c *Checker) KeepCounts(ctx context.Context, db *sqldb.DB) error {
	taken := c.counts.take()
	if len(taken) == 0 {
		return nil
	}
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for k, n := range taken {
			_, err := tx.Exec(ctx, `
				INSERT INTO check_count (minute, outcome, n) VALUES ($1, $2, $3)
				ON CONFLICT (minute, outcome) DO UPDATE SET n = check_count.n + excluded.n`, k.minute, k.outcome, n)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep counts of checks: %w", err)
	}
	return nil
}
