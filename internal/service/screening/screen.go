package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// ScreenSettings are the frozen settings of a screening.
type ScreenSettings struct {
	// AsOf is the day of judgement: criteria, wages and ages of evidence are those of this day.
	AsOf period.Date `json:"as_of"`
	// Local names the criteria the district has chosen beside the national ones.
	Local []string `json:"local,omitempty"`
}

// Kinds gives the runs of the service: screen, verify and remove.
func (s *Service) Kinds() []runs.Kind {
	return []runs.Kind{s.ScreenKind(), s.VerifyKind(), s.RemoveKind()}
}

// ScreenKind is the run that holds an area's families against the criteria. What it finds
// becomes findings; those of action auto begin with their letter of notice. Settings:
// ScreenSettings. Nobody is removed by it.
func (s *Service) ScreenKind() runs.Kind {
	return runs.Kind{
		Name: "screen", Counts: runs.Families, Start: access.RunScreening, Approve: access.ApproveScreening,
		View: s.previewScreen, Prepare: s.prepareScreen, Finish: s.finishScreen, Undo: s.undoScreen,
	}
}

// setOf gives the criteria of a run. Errors: screening.day when the day is not a full
// date up to today, criterion.unknown.
func (s *Service) setOf(r runs.Run) (eligibility.Set, error) {
	var set ScreenSettings
	if err := r.Decode(&set); err != nil {
		return eligibility.Set{}, err
	}
	if !set.AsOf.IsFull() || set.AsOf.After(s.today(r)) {
		return eligibility.Set{}, fail.Invalid("screening.day").On("as_of")
	}
	return s.library.InForce(set.AsOf, set.Local...)
}

// today gives the local date at the run's area.
func (s *Service) today(r runs.Run) period.Date { return s.places.LocalDate(r.Area, s.acts.Now()) }

// samplesEach is how many samples a preview shows of each criterion.
const samplesEach = 3

func (s *Service) previewScreen(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	p, err := s.makePlan(ctx, tx, r)
	if err != nil {
		return runs.Preview{}, err
	}
	look := preview{figures: runs.Tally{}, persons: newCounting(), shown: map[string]int{}}
	from, to := r.Area.Range()
	err = tx.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(persons), 0) AS BIGINT) FROM family WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3`,
		int64(r.Tenant), int64(from), int64(to)).Scan(&look.families, &look.registered)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("count families: %w", err)
	}
	for ids := range slices.Chunk(p.families, s.sizes.screen) {
		v, err := s.judge(ctx, tx, r, p, ids)
		if err != nil {
			return runs.Preview{}, err
		}
		fresh, err := s.fresh(ctx, tx, r, v)
		if err != nil {
			return runs.Preview{}, err
		}
		look.add(fresh, v)
	}
	return s.showPreview(ctx, tx, r, p, &look)
}

type preview struct {
	figures              runs.Tally
	persons              *counting
	families, registered int64
	shown                map[string]int
	samples              []draft
}

func (p *preview) add(fresh freshOnes, v *verdicts) {
	countDrafts(p.figures, fresh, v)
	addPersons(p.persons, fresh)
	for _, d := range fresh.drafts {
		if p.shown[d.Criterion] < samplesEach {
			p.shown[d.Criterion]++
			p.samples = append(p.samples, d)
		}
	}
}

// addPersons counts whom fresh findings would take off the list once they are in force.
func addPersons(c *counting, fresh freshOnes) {
	byFamily := map[sqldb.ID][]Finding{}
	groups := map[sqldb.ID]*group{}
	for _, d := range fresh.drafts {
		if effectRemoves(d.effect) {
			byFamily[d.Family] = append(byFamily[d.Family], d.Finding)
			groups[d.Family] = d.group
		}
	}
	for family, list := range byFamily {
		ids := make([]sqldb.ID, len(groups[family].members))
		for i, m := range groups[family].members {
			ids[i] = m.id
		}
		for _, f := range fresh.standing[family] {
			c.before(f, ids)
		}
		c.add(list, ids)
	}
}

// countDrafts counts findings by criterion, action and whom they hit.
func countDrafts(t runs.Tally, fresh freshOnes, v *verdicts) {
	for _, d := range fresh.drafts {
		t["findings"]++
		t["criterion."+d.Criterion]++
		t["action."+string(d.Action)]++
		t["hits."+string(d.Hits)]++
	}
	t["standing"] += fresh.held
	t["dismissed_before"] += fresh.dismissed
	t["undecided"] += int64(len(v.undecided))
}

func (s *Service) showPreview(ctx context.Context, tx *act.Tx, r runs.Run, p *plan, look *preview) (runs.Preview, error) {
	look.figures["families_registered"], look.figures["persons_registered"], look.figures["judged"] = look.families, look.registered, int64(len(p.families))
	if n, err := s.deadlines.Find(noticeDeadline, s.today(r)); err == nil {
		look.figures["notice_days"] = int64(n.Days)
	}
	look.persons.into(look.figures)
	samples, err := s.samplesIn(ctx, tx, r, look.samples)
	return runs.Preview{Total: int64(len(p.families)), Figures: look.figures, Samples: samples}, err
}

// samplesIn names the subjects of samples, masked.
func (s *Service) samplesIn(ctx context.Context, tx *act.Tx, r runs.Run, drafts []draft) ([]runs.Sample, error) {
	var persons, families []sqldb.ID
	for _, d := range drafts {
		if d.Person.IsZero() {
			families = append(families, d.Family)
		} else {
			persons = append(persons, d.Person)
		}
	}
	names := map[sqldb.ID]string{}
	people, err := s.reg.PersonsIn(ctx, tx, r.Tenant, persons)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	houses, err := s.reg.FamiliesIn(ctx, tx, r.Tenant, families)
	if err != nil {
		return nil, fmt.Errorf("read families: %w", err)
	}
	for _, f := range houses {
		names[f.ID] = f.HeadName
	}
	out := make([]runs.Sample, len(drafts))
	for i, d := range drafts {
		out[i] = runs.Sample{Subject: d.Subject(), Label: person.Name(names[d.Subject()]).String(), Outcome: d.Criterion + "." + string(d.Action)}
	}
	return out, nil
}

func (s *Service) prepareScreen(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, err
	}
	var v *verdicts
	chunk := runs.Chunk{Next: cursor, Last: true}
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		p := s.plans.held(r.ID)
		if p == nil {
			if p, err = s.makePlan(ctx, tx, r); err != nil {
				return err
			}
			s.plans.keep(r.ID, p)
		}
		start, found := slices.BinarySearchFunc(p.families, after, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
		if found {
			start++
		}
		ids := p.families[start:min(start+s.sizes.screen, len(p.families))]
		if len(ids) > 0 {
			chunk = runs.Chunk{Next: ids[len(ids)-1].String(), Last: start+len(ids) == len(p.families), Units: int64(len(ids))}
		}
		v, err = s.judge(ctx, tx, r, p, ids)
		return err
	})
	if err != nil {
		return runs.Chunk{}, err
	}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) { return s.keepVerdicts(ctx, tx, r, v) }
	return chunk, nil
}

func (s *Service) finishScreen(_ context.Context, _ *act.Tx, r runs.Run) (runs.Tally, error) {
	s.plans.drop(r.ID)
	return runs.Tally{}, nil
}
