package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/service/identity"
)

// followEvery is how often the index of who is alike is brought up to date unasked. A question does so itself; this
// keeps what it has to read short.
const followEvery = 10 * time.Second

// keepAlike keeps the index of who is alike while the house serves, and has who is found alike queued for review. What
// it gives waits until that has ended.
func (b *house) keepAlike(ctx context.Context) (end func()) {
	b.Identity.Tell(func(ctx context.Context, found []identity.Found) error {
		return b.Duplicates.Notice(ctx, b.Home.ID, found)
	})
	ctx, stop := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() {
		b.Identity.Keep(ctx, followEvery, func(err error) {
			b.log.LogAttrs(ctx, slog.LevelWarn, "the index of who is alike is not up to date", slog.String("code", fail.CodeOf(err)), slog.Any("error", err))
		})
	})
	return func() { stop(); keeping.Wait() }
}
