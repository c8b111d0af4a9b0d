package synth

import (
	"strconv"

	"tepat/internal/domain/period"
)

// requestDays is the days on which the requests of one entry of the scenario are filed, in order.
type requestDays struct {
	on     []period.Date
	stride int // the nth request of the areas is filed on the (n*stride)th day, so that days mix
}

// planRequests works out the days and gives every block its share.
func (p *Plan) planRequests(g *planter) error {
	s := &p.cfg.Scenario
	calendar, err := s.calendar()
	if err != nil {
		return err
	}
	for i := range s.Requests {
		plan := &s.Requests[i]
		days := requestDays{on: plan.dates(g.r, calendar)}
		days.stride = coprime(len(days.on))
		p.calendar = append(p.calendar, days)
		first := 0
		g.share(len(days.on), func(b *block, n int) {
			b.requests = append(b.requests, span{first, n})
			first += n
		})
		words := sortedKeys(plan.Subjects)
		weights := make([]int, len(words))
		for j, word := range words {
			weights[j] = plan.Subjects[word]
		}
		p.subjects = append(p.subjects, newLot(words, weights))
	}
	return nil
}

// dates gives one date for each request: so many on every working day, or all evenly over
// the time.
func (plan *RequestPlan) dates(r *random, calendar period.Calendar) []period.Date {
	var dates []period.Date
	if plan.PerDay[1] > 0 {
		for day := plan.From; !day.After(plan.To); day = day.AddDays(1) {
			if !calendar.IsWorking(day) {
				continue
			}
			for range r.between(plan.PerDay[0], plan.PerDay[1]) {
				dates = append(dates, day)
			}
		}
		return dates
	}
	span := plan.To.DaysSince(plan.From) + 1
	for i := range plan.Rows {
		dates = append(dates, plan.From.AddDays(i*span/plan.Rows))
	}
	return dates
}

// coprime gives a step that visits all of n places before it comes back.
func coprime(n int) int {
	step := max(n*5/8, 1)
	for gcd(step, n) > 1 {
		step++
	}
	return step
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// request is one request of the block, before it has a family.
type request struct {
	plan    int // of the scenario
	n       int // number among all requests of the entry
	listed  bool
	arrived bool
	family  int // of those beside the registry
}

// expect draws which requests come from families beside the registry, and which of these families
// came lately, before the families are made.
func (w *workshop) expect() {
	w.asked = w.asked[:0]
	w.come = resize(w.come, w.block.beside)
	next := 0
	for i, s := range w.block.requests {
		plan := &w.plan.cfg.Scenario.Requests[i]
		for n := range s.count {
			q := request{plan: i, n: s.first + n, listed: !w.chance.permille(plan.Unlisted)}
			if q.listed = q.listed || w.block.beside == 0; !q.listed {
				q.family = next % w.block.beside
				next++
				q.arrived = w.chance.permille(plan.Arrived)
				w.come[q.family] = w.come[q.family] || q.arrived
			}
			w.asked = append(w.asked, q)
		}
	}
}

// requests writes the block's requests, each in the name of the head of a family.
func (w *workshop) requests() {
	for _, q := range w.asked {
		plan := &w.plan.cfg.Scenario.Requests[q.plan]
		f := w.ordinary()
		if !q.listed {
			f = &w.beside[q.family]
		}
		if f == nil {
			continue
		}
		days := &w.plan.calendar[q.plan]
		h, v := f.head(), w.village
		w.batch.Requests = append(w.batch.Requests, RequestRow{
			RequestID: w.plan.source + "-" + plan.Kind + "-" + strconv.Itoa(q.n+1), Kind: plan.Kind,
			FiledOn: days.on[q.n*days.stride%len(days.on)], Subject: w.plan.subjects[q.plan].draw(&w.chance),
			NIK: h.nik, NoKK: f.kk, Name: h.name, Sex: h.sex, BirthDate: h.born, MotherName: h.mother,
			Address: f.street, RT: f.rt, RW: f.rw, Village: v.place.Name, Regency: v.regency, Area: v.place.Code,
			Phone: f.civilPhone, Listed: q.listed, Arrived: f.arrived, Source: w.plan.source,
		})
	}
}
