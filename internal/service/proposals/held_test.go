package proposals_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

// The people of a registered family may stand there under damaged numbers: its card tells.
func TestAKnownCardIsToldWhereNoNumberIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(1, testkit.Village, 2)
		d := h.form(3) // other people, the card of family 1
		d.KK = kkOf(t, 1)
		held, err := h.s.Check(t.Context(), operator, testkit.Village, d)
		h.must(err)
		if len(held) != 1 || !held[0].Card || held[0].Family != f.ID {
			t.Errorf("in her own village: %+v", held)
		}
		if held, err = h.s.Check(t.Context(), neighbour, testkit.Neighbour, d); err != nil || len(held) != 1 || !held[0].Card || !held[0].Family.IsZero() || held[0].Area != testkit.Village {
			t.Errorf("from another: %+v, %v", held, err)
		}
	})
}

// The list offers what every row of it can take, and only that.
func TestAListOffersWhatAllOfItCanTake(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		one, two := h.filed(1), h.filed(2)
		offered := func(who access.Actor) (out []proposal.Action) {
			t.Helper()
			page, err := h.s.Queue(t.Context(), who, proposals.Filter{Limit: 10, Options: true})
			h.must(err)
			for _, o := range page.Options {
				out = append(out, o.Action)
			}
			return out
		}
		if got := offered(operator); !slices.Contains(got, proposal.ActList) || slices.Contains(got, proposal.ActReturn) {
			t.Errorf("of two matched proposals: %v", got)
		}
		if _, err := h.s.List(t.Context(), operator, proposals.One(one)); err != nil {
			t.Fatal(err)
		}
		if got := offered(operator); slices.Contains(got, proposal.ActList) || slices.Contains(got, proposal.ActDeliberate) || !slices.Contains(got, proposal.ActWithdraw) {
			t.Errorf("of one listed and one not: %v", got)
		}
		if _, err := h.s.List(t.Context(), operator, proposals.One(two)); err != nil {
			t.Fatal(err)
		}
		if got := offered(headman); !slices.Contains(got, proposal.ActDeliberate) || !slices.Contains(got, proposal.ActReturn) {
			t.Errorf("of two listed ones: %v", got)
		}
		if page, err := h.s.Queue(t.Context(), operator, proposals.Filter{Limit: 10}); err != nil || page.Options != nil {
			t.Errorf("nobody asked: %v, %v", page.Options, err)
		}
	})
}
