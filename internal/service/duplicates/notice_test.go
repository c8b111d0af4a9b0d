package duplicates_test

import (
	"context"
	"testing"

	"tepat/internal/domain/access"
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

// TestTwoDistrictsSettleAPairTheIndexFound: somebody written down in one district is alike to somebody of another, without a number
// in common. The live index queues the two for both districts, each sees her own side only, one asks and the other agrees; then the
// pair waits for neither, and the index does not find it again.
func TestTwoDistrictsSettleAPairTheIndexFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		index := identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model(t)})
		index.Tell(func(ctx context.Context, found []identity.Found) error {
			return h.dup.Notice(ctx, sqldb.ID{15: 9}, found)
		})
		follow := func() {
			t.Helper()
			h.clock.Move(1e9)
			if err := index.Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		there := row(t, 1)
		there.Area = TualVillage
		h.load(TualTenant, there)
		follow()
		here := again(t, there, 101)
		here.NIK, here.Area = nikOf(t, there.BirthDate, 202), testkit.Village
		h.load(testkit.AmbonTenant, here)
		follow()
		ours, theirs := h.list(operator(2, testkit.Village), duplicates.Filter{Limit: 5}), h.list(tualOperator(), duplicates.Filter{Limit: 5})
		if len(ours) != 1 || len(theirs) != 1 || ours[0].Pair.ID != theirs[0].Pair.ID {
			t.Fatalf("one district has %+v, the other %+v", ours, theirs)
		}
		if ours[0].Left.Visible == ours[0].Right.Visible || theirs[0].Left.Visible == ours[0].Left.Visible || theirs[0].Right.Visible == ours[0].Right.Visible {
			t.Errorf("each sees her own side: %+v, %+v", ours[0], theirs[0])
		}
		kept := h.find("101")
		m, err := h.merge(operator(2, testkit.Village), ours[0].Pair, kept.ID)
		if err != nil || m.State != duplicates.MergeAwaiting {
			t.Fatalf("one asks: %s, %v", m.State, err)
		}
		if _, err := h.dup.Approve(t.Context(), tualOperator(), duplicates.Ref{Tenant: m.Tenant, ID: m.ID}); err != nil {
			t.Fatal(err)
		}
		follow()
		for name, who := range map[string]access.Actor{"here": operator(2, testkit.Village), "there": tualOperator()} {
			for _, state := range []duplicates.State{duplicates.Open, duplicates.Awaiting} {
				if left := h.list(who, duplicates.Filter{State: state, Limit: 5}); len(left) != 0 {
					t.Errorf("%s still waits %+v", name, left)
				}
			}
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE state = 'merged'`); n != 1 {
			t.Errorf("%d pairs are merged", n)
		}
	})
}
