package programmes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math"
	"strconv"

	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
	"tepat/internal/service/runs"
)

// draft is a whole list as it was worked out: everybody the rule admits, in order of priority.
type draft struct {
	plan     *plan
	entrants []entrant
	order    []int32 // of entrants, by priority
	written  []int32 // of entrants, as they are written: by family
	enrolled int
	digest   string
	figures  runs.Tally
	seq      int64 // of the tenant's changes when it was worked out
}

// whyKey opens the figures of who is not a candidate; with the reason it is the key of its words.
const whyKey = "programme.why."

// at gives the entrant on a position, which counts from 0.
func (d *draft) at(position int) *entrant { return &d.entrants[d.order[position]] }

// demand works a list out in one transaction, so that it is of one moment.
func (s *Service) demand(ctx context.Context, tx *sqldb.Tx, x *plan) (*draft, error) {
	if err := s.gather(ctx, tx, x); err != nil {
		return nil, err
	}
	d := &draft{plan: x, figures: runs.Tally{"quota": x.quota, "judged": 0, "persons_judged": 0}}
	var err error
	if d.seq, err = lastChange(ctx, tx, x.run.Tenant); err != nil {
		return nil, err
	}
	of := assessments.Selection{Tenant: x.run.Tenant, Area: x.run.Area, Facts: assessments.MemberFacts, Workers: s.Workers}
	if x.rule != nil {
		of.Facts = assessments.AllFacts
	}
	err = assessments.Cases(ctx, s.Cases, tx, of, x.judge, func(list []verdict) error {
		for i := range list {
			d.take(&list[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.rank()
	d.count()
	d.digest = d.sum()
	return d, nil
}

func (d *draft) take(v *verdict) {
	d.entrants = append(d.entrants, v.entrants...)
	d.figures["judged"]++
	d.figures["persons_judged"] += int64(v.persons)
	for _, why := range v.whys {
		d.figures[whyKey+why]++
	}
}

// rank puts the entrants in order of priority and leaves out who comes after the last place of
// the own family.
func (d *draft) rank() {
	x := d.plan
	scored := true // estimates alone: their scores can be compared
	for i := range d.entrants {
		scored = scored && !d.entrants[i].official
	}
	candidates := make([]programme.Candidate, len(d.entrants))
	for i := range d.entrants {
		e := &d.entrants[i]
		c := programme.Candidate{ID: x.lot(e), Decile: e.decile, Components: e.components, Score: math.NaN(), Since: e.since}
		if scored {
			c.Score = e.score
		}
		candidates[i] = c
	}
	all := programme.Select(candidates, x.quota)
	d.order = append(append(make([]int32, 0, len(candidates)), all.Enrolled()...), all.Waiting()...)
	if most := x.perFamily(); most > 0 {
		d.bound(most)
	}
	d.enrolled = int(min(x.quota, int64(len(d.order))))
	for position, i := range d.order {
		d.entrants[i].position = int32(position) + 1
	}
	for i := range d.entrants {
		if d.entrants[i].position > 0 {
			d.written = append(d.written, int32(i))
		}
	}
}

// bound leaves the first so many of each family.
func (d *draft) bound(most int) {
	taken := map[sqldb.ID]int{}
	left := d.order[:0]
	for _, i := range d.order {
		family := d.entrants[i].family
		if taken[family] >= most {
			d.figures[whyKey+WhyCross]++
			continue
		}
		taken[family]++
		left = append(left, i)
	}
	d.order = left
}

// count makes the figures of the preview.
func (d *draft) count() {
	t := d.figures
	t["demand"], t["enrolled"], t["waiting"] = int64(len(d.order)), int64(d.enrolled), int64(len(d.order)-d.enrolled)
	for position := range d.order {
		e := d.at(position)
		decile := strconv.Itoa(int(e.decile))
		t["demand_decile_"+decile]++
		if position >= d.enrolled {
			continue
		}
		t["enrolled_decile_"+decile]++
		t["amount_stage"] += int64(e.stage)
		t["amount_year"] += int64(e.year)
		for _, c := range e.counts {
			t["component_"+c]++
		}
		if e.unmatched {
			t["unmatched"]++
		}
		if e.person.IsZero() {
			t["no_payee"]++
		}
	}
}

// sum is the digest of a list: SHA-256 over a line about the list and one line a place, in order of
// priority. It leaves out the payee of a family, who may change while the list stays.
func (d *draft) sum() string {
	h := newDigest(d.plan.p, d.plan.set.AsOf.Text(), d.plan.set.Period.Text(), d.plan.quota, int64(d.enrolled), int64(len(d.order)))
	for position := range d.order {
		e := d.at(position)
		h.add(int64(position)+1, e.family, e.person, int64(e.stage))
	}
	return h.text()
}

// digest adds up the lines of a list.
type digest struct {
	hash.Hash
	personal bool
	line     []byte
}

func newDigest(p programme.Programme, asOf, period string, quota, enrolled, demand int64) *digest {
	d := &digest{Hash: sha256.New(), personal: personal(p)}
	d.Write([]byte(string(p.ID) + "\t" + asOf + "\t" + period))
	for _, n := range []int64{quota, enrolled, demand} {
		d.Write(strconv.AppendInt([]byte{'\t'}, n, 10))
	}
	d.Write([]byte{'\n'})
	return d
}

func (d *digest) add(position int64, family, person sqldb.ID, amount int64) {
	d.line = strconv.AppendInt(d.line[:0], position, 10)
	d.line = append(append(d.line, '\t'), family.String()...)
	if d.personal {
		d.line = append(append(d.line, '\t'), person.String()...)
	}
	d.line = append(strconv.AppendInt(append(d.line, '\t'), amount, 10), '\n')
	d.Write(d.line)
}

func (d *digest) text() string { return hex.EncodeToString(d.Sum(nil)) }
