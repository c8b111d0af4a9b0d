package proposals_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

// wanderer is anybody doing anything to any proposal, with any papers.
type wanderer struct {
	*house
	r       *rand.Rand
	people  []access.Actor
	filed   []proposals.Row
	next    int
	done    int // acts that succeeded
	refused int
}

func newWanderer(h *house, seed uint64) *wanderer {
	w := &wanderer{house: h, r: rand.New(rand.NewPCG(seed, 1))}
	for i, role := range []access.Role{access.Operator, access.VillageHead, access.Verifier, access.AgencyHead, access.Signer, access.Ministry, access.Auditor} {
		for j, at := range []area.Code{testkit.Village, testkit.Neighbour, testkit.Ambon} {
			w.people = append(w.people, testkit.Person(byte(20+3*i+j), role, at))
		}
	}
	return w
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// step does one random thing and checks that nothing changed where it was refused.
func (w *wanderer) step() {
	w.t.Helper()
	who := pick(w.r, w.people)
	if len(w.filed) < 3 || w.r.IntN(8) == 0 {
		w.file(who)
		return
	}
	i := w.r.IntN(len(w.filed))
	r := w.filed[i]
	if w.r.IntN(4) > 0 {
		who = w.fit(who, r)
	}
	d := proposals.One(r)
	if w.r.IntN(6) == 0 {
		d.Rows[0].Version += int64(w.r.IntN(3) - 1)
	}
	if w.r.IntN(4) > 0 {
		d.Paper = paper("Dokumen")
	}
	d.Reason = pick(w.r, []string{"", "able", "incomplete", "photo_missing", "filed_by_mistake", "not_poor_by_meeting", "nonsense"})
	before := w.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171`)
	rows, err := w.any(who, r, d)
	audits := w.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171`) - before
	fresh := w.now(r)
	if err != nil {
		w.refusals(who, r, err)
		if fresh.Version != r.Version || fresh.State != r.State || audits != 0 {
			w.t.Fatalf("a refused act (%v) left %s at %d and %d entries", err, fresh.State, fresh.Version, audits)
		}
		return
	}
	w.done++
	for _, p := range w.people {
		if p.ID == who.ID && p.Allow(access.ReadRegistry, r.Tenant, r.Area) != nil {
			w.t.Fatalf("%s acted outside the area", who.Login)
		}
	}
	if len(rows) != 1 || fresh.Version != rows[0].Version || fresh.Version <= r.Version || audits != 1 {
		w.t.Fatalf("%s to %s: version %d to %d, %d entries", r.State, fresh.State, r.Version, fresh.Version, audits)
	}
	w.filed[i] = fresh
}

// fit gives somebody who may take a step from where the proposal is, so that walks get somewhere.
func (w *wanderer) fit(who access.Actor, r proposals.Row) access.Actor {
	next := proposal.Next(r.State)
	for range 20 {
		p := pick(w.r, w.people)
		if len(next) > 0 && p.Allow(pick(w.r, next).Permission, r.Tenant, r.Area) == nil {
			return p
		}
	}
	return who
}

// any takes any step, the likely ones more often.
func (w *wanderer) any(who access.Actor, r proposals.Row, d proposals.Decision) ([]proposals.Row, error) {
	s := w.s
	seen := proposals.Mending{Tenant: r.Tenant, Seen: d.Rows[0]}
	one := func(f func(context.Context, access.Actor, proposals.Mending) (proposals.Row, error)) stepOf {
		return func(ctx context.Context, who access.Actor, _ proposals.Decision) ([]proposals.Row, error) {
			row, err := f(ctx, who, seen)
			return []proposals.Row{row}, err
		}
	}
	steps := []stepOf{s.List, s.Deliberate, s.Attest, s.Visit, s.See, s.Verify, s.Approve, s.Forward, s.Return, s.Refuse, s.Withdraw, one(s.Repair), one(s.Resubmit)}
	likely := map[proposal.State][]stepOf{
		proposal.Matched: {s.List}, proposal.MatchFailed: {one(s.Repair)}, proposal.InitialList: {s.Deliberate, s.Attest}, proposal.Deliberated: {s.Verify, s.Visit, s.Refuse, s.Return},
		proposal.Attested: {s.Verify}, proposal.FieldVerified: {s.Verify, s.See}, proposal.SubdistrictSeen: {s.Verify}, proposal.DistrictVerified: {s.Approve, s.Refuse},
		proposal.Returned: {one(s.Resubmit), one(s.Repair)},
	}
	step := pick(w.r, steps)
	if way := likely[r.State]; len(way) > 0 && w.r.IntN(3) > 0 {
		step = pick(w.r, way)
	}
	return step(w.t.Context(), who, d)
}

func (w *wanderer) file(who access.Actor) {
	w.t.Helper()
	w.next++
	d := w.form(w.next)
	if w.r.IntN(3) > 0 {
		w.recorded(d)
	}
	at := pick(w.r, []area.Code{testkit.Village, testkit.Neighbour})
	r, err := w.s.File(w.t.Context(), who, proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: at, Document: d})
	if err != nil {
		w.refusals(who, proposals.Row{}, err)
		if who.Allow(access.FileProposal, testkit.AmbonTenant, at) == nil {
			w.t.Fatalf("an operator could not file in her village: %v", err)
		}
		return
	}
	w.filed = append(w.filed, r.Row)
}

// refusals checks that what was refused has a code a person can act on.
func (w *wanderer) refusals(who access.Actor, r proposals.Row, err error) {
	w.t.Helper()
	w.refused++
	if fail.CodeOf(err) == "" {
		w.t.Fatalf("%s on %s: an error nobody can act on: %v", who.Login, r.State, err)
	}
}

func (w *wanderer) now(r proposals.Row) proposals.Row {
	w.t.Helper()
	var fresh proposals.Row
	w.must(w.db.Read(w.t.Context(), func(tx *sqldb.Tx) (err error) {
		fresh, err = w.s.RowIn(w.t.Context(), tx, r.Tenant, r.ID)
		return err
	}))
	return fresh
}

func TestNoWanderingBreaksWhatMustHold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newWanderer(newHouse(t, db), 7)
		reached := map[proposal.State]bool{}
		for range 700 {
			w.step()
			for _, r := range w.filed {
				reached[r.State] = true
			}
		}
		w.whole()
		if w.done < 60 || w.refused < 100 || !reached[proposal.AgencyApproved] || !reached[proposal.Refused] || !reached[proposal.Returned] {
			t.Errorf("%d done, %d refused, reached %v: the walk went nowhere", w.done, w.refused, fmt.Sprint(reached))
		}
	})
}
