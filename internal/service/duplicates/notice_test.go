package duplicates_test

import (
	"context"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestWhoIsWrittenDownTwiceIsQueuedWithoutASearch holds that a person who comes in alike to another is queued when the
// index is next brought up to date, once, and that what was decided stays decided.
func TestWhoIsWrittenDownTwiceIsQueuedWithoutASearch(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		index := identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model(t)})
		told := 0
		index.Tell(func(ctx context.Context, found []identity.Found) error {
			told += len(found)
			return h.dup.Notice(ctx, sqldb.ID{15: 9}, found)
		})
		follow := func() {
			t.Helper()
			if err := index.Follow(ctx); err != nil {
				t.Fatal(err)
			}
		}
		var rows []registry.Incoming
		for n := 1; n <= 30; n++ {
			rows = append(rows, row(t, n))
		}
		h.load(testkit.AmbonTenant, rows...)
		follow()
		same, slip := again(t, rows[0], 101), again(t, rows[1], 102)
		slip.NIK = nikOf(t, rows[1].BirthDate, 20)
		h.clock.Move(1e9)
		h.load(testkit.AmbonTenant, same, slip)
		follow()
		queued := h.queued()
		for _, key := range [][2]string{{"1", "101"}, {"2", "102"}} {
			if p, ok := queued[key]; !ok || p.State != duplicates.Open || p.Weight < 4 || p.RightArea == 0 {
				t.Errorf("%v is queued as %+v", key, p)
			}
		}
		if len(queued) != 2 || told != 2 {
			t.Errorf("%d pairs are queued of %d told: %v", len(queued), told, queued)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'duplicate.notice' AND kabkota = $1`, int64(testkit.AmbonTenant)); n != 1 {
			t.Errorf("%d acts are in the log", n)
		}
		p := queued[[2]string{"1", "101"}]
		b, err := h.dup.Open(ctx, h.who, duplicates.Ref{Tenant: p.Tenant, ID: p.ID})
		if err != nil || len(b.Bars) < 5 {
			t.Fatalf("the pair opens with %d bars: %v", len(b.Bars), err)
		}
		if _, err := h.dup.Distinct(ctx, h.who, duplicates.Telling{Pair: duplicates.Ref{Tenant: p.Tenant, ID: p.ID}, Reason: "namesakes"}); err != nil {
			t.Fatal(err)
		}
		h.clock.Move(1e9)
		h.write(func(tx *act.Tx) error {
			one := h.find("101")
			one.BirthPlace, one.MemberSince = "SAPARUA", period.On(2020, 1, 1).Text()
			_, err := h.reg.ChangePersonIn(ctx, tx, one)
			return err
		})
		follow()
		if told < 3 {
			t.Error("the change was not told")
		}
		if again := h.queued(); len(again) != 2 || again[[2]string{"1", "101"}].State != duplicates.Distinct {
			t.Errorf("after a change the queue is %v", again)
		}
		// Following once more finds nothing new, and tells nothing.
		before := told
		follow()
		if told != before {
			t.Errorf("%d more were told without a change", told-before)
		}
	})
}
