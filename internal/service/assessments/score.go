package assessments

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// ScoreSettings are the frozen settings of a run of kind "score".
type ScoreSettings struct {
	// Vintage names the estimates of this run; NextVintage gives a free one.
	Vintage period.Vintage `json:"vintage"`
}

// ScoreKind is the run that estimates the decile of every family without an official one,
// by the demonstration model. A family is ranked among all families that can be scored, those
// with an official decile included, in tenths of equal numbers of persons; of more than
// 20,000 families with an official decile a fixed sample stands for all. An official decile
// is never touched. A family with missing facts stays unranked, and what is missing is kept. The
// last scoring can be taken back.
func (s *Service) ScoreKind() runs.Kind {
	return runs.Kind{Name: "score", Counts: runs.Families, Start: access.RunAssessment, Approve: access.ApproveAssess, View: s.previewScores, Prepare: s.prepareScores,
		Undo: s.undoScores, Undoable: s.undoable}
}

const scoreChunk = 20000

// sampleOfficial is how many families with an official decile stand for all of them.
const sampleOfficial = 20000

// settingsOf reads the settings of a run. Error: assessment.no_vintage.
func settingsOf(r runs.Run) (ScoreSettings, error) {
	var set ScoreSettings
	if err := r.Decode(&set); err != nil {
		return set, err
	}
	if set.Vintage.IsZero() {
		return set, fail.Invalid("assessment.no_vintage").On("vintage")
	}
	return set, nil
}

func (s *Service) previewScores(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	set, err := settingsOf(r)
	if err != nil {
		return runs.Preview{}, err
	}
	taken, err := vintageTaken(ctx, tx, r.Tenant, set.Vintage)
	if err != nil {
		return runs.Preview{}, err
	}
	if taken {
		return runs.Preview{}, fail.Conflict("assessment.vintage_taken", "vintage", set.Vintage.Text()).On("vintage")
	}
	done, err := s.estimate(ctx, tx.Tx, r, set)
	if err != nil {
		return runs.Preview{}, err
	}
	return runs.Preview{Figures: done.figures, Total: int64(len(done.changes))}, nil
}

// estimates is a whole scoring, worked out once a run.
type estimates struct {
	changes []change
	figures runs.Tally
	due     []registry.RankDue // whose answers had changed since their last estimate
}

// change is a family whose estimate is not the one on record.
type change struct {
	registry.Ranked
	explanation string
}

// scored is what one family brings into the ranking.
type scored struct {
	id          sqldb.ID
	persons     int
	score       float64 // NaN when facts are missing
	rank        registry.Rank
	before      *float64
	explanation string // only of families without an official decile
}

// estimate scores and ranks the area of a run. It reads from one transaction, so that the
// ranking is of one moment.
func (s *Service) estimate(ctx context.Context, tx *sqldb.Tx, r runs.Run, set ScoreSettings) (*estimates, error) {
	official, err := countOfficial(ctx, tx, r.Tenant, r.Area)
	if err != nil {
		return nil, err
	}
	of := Selection{Tenant: r.Tenant, Area: r.Area, Workers: s.workers, Want: func(c *Case) bool {
		return c.Rank.Source != registry.Official || sampled(c.ID, official)
	}}
	var all []scored
	err = Cases(ctx, s, tx, of, s.score, func(some []scored) error {
		all = append(all, some...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	ranking := scoring.Rank(entries(all, official))
	out := &estimates{figures: runs.Tally{"official": official}}
	if out.due, err = s.reg.RanksDueIn(ctx, tx, r.Tenant, r.Area, sqldb.ID{15: 1}, math.MaxInt32); err != nil {
		return nil, err
	}
	var open []change
	for i := range all {
		f := &all[i]
		if f.rank.Source == registry.Official {
			continue
		}
		out.figures["judged"]++
		if !ranking.Deciles[i].Ranked() {
			out.figures["unranked"]++
			open = append(open, unranked(f))
			continue
		}
		out.figures["decile_"+ranking.Deciles[i].String()]++
		if c, changed := f.ranked(ranking.Deciles[i], set.Vintage); changed {
			out.changes = append(out.changes, c)
		}
	}
	open, err = newlyUnranked(ctx, tx, r.Tenant, open)
	out.changes = append(out.changes, open...)
	out.figures["changed"] = int64(len(out.changes))
	if err == nil {
		err = explainAgain(ctx, tx, r.Tenant, out.changes)
	}
	return out, err
}

// sampled tells whether a family with an official decile is one of the sample: the last bytes
// of its id, which are random, decide, so that it is the same in every run.
func sampled(id sqldb.ID, official int64) bool {
	if official <= sampleOfficial {
		return true
	}
	return int64(binary.BigEndian.Uint32(id[12:]))*official < sampleOfficial<<32
}

// entries weighs the families: those of the sample count for all they stand for.
func entries(all []scored, official int64) []scoring.Entry {
	sample := int64(0)
	for i := range all {
		if all[i].rank.Source == registry.Official {
			sample++
		}
	}
	out := make([]scoring.Entry, len(all))
	for i := range all {
		weight := max(sample, 1)
		if all[i].rank.Source == registry.Official {
			weight = official
		}
		out[i] = scoring.Entry{Key: all[i].id, Score: all[i].score, Persons: all[i].persons * int(weight)}
	}
	return out
}

// score judges one case.
func (s *Service) score(c *Case) scored {
	out := scored{id: c.ID, persons: len(c.Members), rank: c.Rank, before: c.Score}
	vector := make([]float64, s.model.Width())
	s.model.Vector(c.Facts, vector)
	out.score = s.model.Score(vector)
	if c.Rank.Source != registry.Official && !out.asBefore() {
		out.explanation = kept(s.model.Explain(c.Facts))
	}
	return out
}

// asBefore tells whether the score is the one on record. Such a family may still change its
// decile, because others changed.
func (f *scored) asBefore() bool {
	return f.rank.Source == registry.ModelMade && f.before != nil && *f.before == f.score
}

// kept is an explanation as the history keeps it (keptExplanation): what each fact added, or
// what was missing. It is written by hand, since a scoring writes millions of them.
func kept(x scoring.Explanation) string {
	b := append(append([]byte(`{"model":"`), x.Model...), '"')
	if math.IsNaN(x.Score) {
		b = append(append(b, `,"missing":["`...), strings.Join(x.Missing, `","`)...)
		return string(append(b, `"]}`...))
	}
	b = append(b, `,"parts":{`...)
	first := true
	for _, p := range x.Parts {
		effect := math.Round(p.Effect*1e4) / 1e4
		if effect == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), p.Fact...), `":`...)
		b = strconv.AppendFloat(b, effect, 'f', -1, 64)
	}
	return string(append(b, "}}"...))
}

// keptExplanation is the JSON beside a decile.
type keptExplanation struct {
	Source  string             `json:"source,omitempty"` // of an official decile
	Model   string             `json:"model,omitempty"`
	Parts   map[string]float64 `json:"parts,omitempty"` // what each fact adds, in ln spending; those that add nothing are left out
	Missing []string           `json:"missing,omitempty"`
}

// ranked gives the change to a decile, if it is one.
func (f *scored) ranked(d scoring.Decile, v period.Vintage) (change, bool) {
	same := f.asBefore() && f.rank.Decile == int64(d)
	return change{registry.Ranked{
		Family: f.id, Before: f.rank, Now: registry.Rank{Decile: int64(d), Source: registry.ModelMade, Vintage: v.Text()}, Score: &f.score,
	}, f.explanation}, !same
}

func unranked(f *scored) change {
	return change{registry.Ranked{Family: f.id, Before: f.rank}, f.explanation}
}

// prepareScores gives the next chunk of what changes. A run that is resumed in another
// process is worked out anew: what it wrote already is no change any more.
func (s *Service) prepareScores(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	set, err := settingsOf(r)
	if err != nil {
		return runs.Chunk{}, err
	}
	all, at, err := s.resume(ctx, r, set, cursor)
	if err != nil {
		return runs.Chunk{}, err
	}
	end := min(at+s.chunk, len(all.changes))
	some := all.changes[at:end]
	chunk := runs.Chunk{Next: strconv.Itoa(end), Last: end == len(all.changes), Units: int64(len(some))}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		err := s.keepEstimates(ctx, tx, r, set, some)
		if err != nil {
			s.held.Drop(r.ID)
			return nil, err
		}
		tally := runs.Tally{"changed": int64(len(some))}
		if chunk.Last {
			s.held.Drop(r.ID)
			all.addTo(tally)
			return tally, s.reg.RanksSettledIn(ctx, tx, r.Tenant, all.due)
		}
		return tally, nil
	}
	return chunk, nil
}

// addTo adds the figures that are of the whole and not of a chunk.
func (e *estimates) addTo(tally runs.Tally) {
	for name, n := range e.figures {
		if name != "changed" {
			tally[name] += n
		}
	}
}

// resume gives the scoring of a run and where the chunk begins in it.
func (s *Service) resume(ctx context.Context, r runs.Run, set ScoreSettings, cursor string) (*estimates, int, error) {
	if e := s.held.Get(r.ID); e != nil && cursor != "" {
		at, err := strconv.Atoi(cursor)
		if err != nil || at > len(e.changes) {
			return nil, 0, fmt.Errorf("cursor %q of a scoring", cursor)
		}
		return e, at, nil
	}
	var e *estimates
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		e, err = s.estimate(ctx, tx, r, set)
		return err
	})
	if err == nil {
		s.held.Put(r.ID, e)
	}
	return e, 0, err
}

func (s *Service) keepEstimates(ctx context.Context, tx *act.Tx, r runs.Run, set ScoreSettings, some []change) error {
	if err := insertEstimates(ctx, tx, r.Tenant, set.Vintage, some); err != nil {
		return err
	}
	moved := make([]registry.Ranked, 0, len(some))
	for _, c := range some {
		if c.Before != c.Now || c.Score != nil {
			moved = append(moved, c.Ranked)
		}
	}
	return s.reg.SetRanksIn(ctx, tx, r.Tenant, moved)
}
