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

func TestTheProposalsOfAFamily(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f, other := h.registered(1, testkit.Village, 2), h.registered(2, testkit.Village, 1)
		var numbers []string
		for _, programme := range []string{"pkh", "sembako"} {
			r, err := h.s.File(t.Context(), operator, proposals.Filing{Kind: proposal.Enrolment, Tenant: f.Tenant, Family: f.ID, Programme: programme})
			h.must(err)
			numbers = append(numbers, r.Number)
		}
		list, err := h.s.OfFamily(t.Context(), verifier, f.Tenant, f.ID)
		h.must(err)
		if len(list) != 2 || list[0].Number != numbers[1] || list[1].Number != numbers[0] || list[0].Programme != "sembako" {
			t.Errorf("%+v, want %v newest first", list, numbers)
		}
		if list, err = h.s.OfFamily(t.Context(), verifier, other.Tenant, other.ID); err != nil || len(list) != 0 {
			t.Errorf("of another family: %v, %v", list, err)
		}
		_, err = h.s.OfFamily(t.Context(), neighbour, f.Tenant, f.ID)
		want(t, "from another village", err, "access.denied")
		var n int
		h.must(h.db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE act = 'proposal.of_family'`).Scan(&n))
		if n != 2 {
			t.Errorf("%d entries in the log", n)
		}
	})
}
