package app

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/testkit/browser"
)

// TestThePagesTellWhoIsStillToBeLookedAt: after a bulk write the queue and the page of quality say how many are left; when the
// house has gone through them, the pairs it found stand in the queue and nothing is told any more.
func TestThePagesTellWhoIsStillToBeLookedAt(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 4, 1)
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO alike_due (kabkota, person_id) SELECT kabkota, id FROM person WHERE kabkota > 0 AND state = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	left := b.number(t, `SELECT count(*) FROM alike_due WHERE kabkota > 0`)
	chromium := browser.Start(t)
	told := map[string]string{"/ganda": "orang yang baru ditulis akan dicari kemiripannya", "/dasbor/mutu": "orang yang baru ditulis atau diubah akan dicari kemiripannya"}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		for path, words := range told {
			page.Go(b.url + path)
			if !strings.Contains(page.Text("main"), words) || left < 1000 {
				t.Errorf("%s does not tell of %d: %s", path, left, page.Text("main"))
			}
			page.FitForUse()
			picture(page, "belum-dicari-"+view.name+strings.ReplaceAll(path, "/", "-"))
		}
	}
	b.Identity.Tell(func(ctx context.Context, found []identity.Found) error {
		return b.Duplicates.Notice(ctx, b.Home.ID, found)
	})
	for rounds := 0; b.number(t, `SELECT count(*) FROM alike_due WHERE kabkota > 0`) > 0; rounds++ {
		if err := b.Identity.Follow(t.Context()); err != nil || rounds > 10 {
			t.Fatal(fmt.Errorf("round %d: %w", rounds, err))
		}
	}
	if b.pairsIn(t, "open") < 4 || b.audited(t, "duplicate.notice") == 0 {
		t.Errorf("%d pairs are queued", b.pairsIn(t, "open"))
	}
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900})
	for path, words := range told {
		page.Go(b.url + path)
		if strings.Contains(page.Text("main"), words) {
			t.Errorf("%s still tells of it", path)
		}
	}
}
