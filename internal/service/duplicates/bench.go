package duplicates

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

// Bench is the review page of a pair: both records side by side and why they may be one.
type Bench struct {
	Pair  Pair
	Sides [2]Side // left, right
	Bars  []Bar
	Model string // the model that weighed the pair: name, version and digest
	Key   string // the key that brought the two together, "" when none does
	// TwoCivil tells that both match the civil registry, as two people; only where both may be seen.
	TwoCivil bool
	// Grouped tells that the engine itself holds the two for one. Where it does not, Short says how many bits are
	// missing, Change which comparisons would each make up for them if they were equal; Refused that nothing is
	// missing, but other records of the two speak against it.
	Grouped, Refused bool
	Short            float64
	Change           []string
	Differs          []Field
	// Suggested is empty unless both sides are visible.
	Suggested Suggestion
	// TwoPersons says why a merge needs a second person: codes of messages
	// duplicates.second.CODE; empty when one person may decide.
	TwoPersons []string
	// Warnings are codes of messages duplicates.warn.CODE.
	Warnings []string
	Merge    *Merge // the last merge of the pair, awaiting, done or undone
	// Words are what offices said of the pair that see one person each, and what the other answered; the newest first.
	Words []Word
	// MayAnswer and MayWithdraw tell what the viewer can do about a pair that waits for a second person; MayReopen about one
	// that is held to be two.
	MayAnswer, MayWithdraw, MayReopen bool
	// Others are the other waiting pairs that hang together with this one by a person they share; Records counts the
	// records of all of them, those of this pair included. Zero when there are no others.
	Others  []Line
	Records int
}

// Side is one person of a pair. Only Ref, Visible and Area are set when the viewer may
// not see her.
type Side struct {
	Ref
	Visible bool
	Person  registry.Person
	Family  registry.Family
	Members []registry.Person
	Aid     Aid
	// Area is the village she lives in, which anybody is told who may ask who is alike.
	Area area.Code
}

// Bar is one contribution to the weight, as the waterfall draws it: how the field agreed is
// message linkage.<Comparison>.<Level>. Values are masked, and empty for a side the viewer
// may not see.
type Bar struct {
	Comparison  string
	Level       string
	Bits        float64
	Adjustment  float64 // of that, what rarity or crowding moved
	Left, Right string
	Positions   []int // digits in which two numbers differ, from 1; only where both may be seen
}

// Open shows a pair to whom may review at the place of at least one of its persons. It is
// recorded under both persons, so that each sees who looked.
func (s *Service) Open(ctx context.Context, who access.Actor, ref Ref) (b Bench, err error) {
	err = s.acts.View(ctx, who, "duplicate.open", "", func(tx *act.Tx) error {
		if b.Pair, err = s.pairIn(ctx, tx, ref.Tenant, ref.ID); err != nil {
			return err
		}
		left, right, err := s.personsIn(ctx, tx, b.Pair)
		if err != nil {
			return err
		}
		seesLeft, seesRight, err := allowIn(tx, left, right, false)
		if err != nil {
			return err
		}
		if err := s.benchIn(ctx, tx, &b, left, right, seesLeft, seesRight); err != nil {
			return err
		}
		return recordBoth(ctx, tx, b.Pair, left, right, map[string]any{})
	})
	return b, err
}

// personsIn reads both persons of a pair.
func (s *Service) personsIn(ctx context.Context, q sqldb.Querier, p Pair) (left, right registry.Person, err error) {
	if left, err = s.reg.PersonIn(ctx, q, p.Left.Tenant, p.Left.ID); err != nil {
		return
	}
	right, err = s.reg.PersonIn(ctx, q, p.Right.Tenant, p.Right.ID)
	return
}

// recordBoth leaves an entry under each person of a pair.
func recordBoth(ctx context.Context, tx *act.Tx, p Pair, left, right registry.Person, facts map[string]any) error {
	facts["pair"] = p.ID.String()
	for _, one := range []registry.Person{left, right} {
		if err := tx.Record(ctx, audit.Entry{Tenant: one.Tenant, Area: one.Area, Subject: one.ID, Facts: facts}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) benchIn(ctx context.Context, tx *act.Tx, b *Bench, left, right registry.Person, seesLeft, seesRight bool) (err error) {
	var aid [2]Aid
	var families [2]registry.Family
	for i, p := range []registry.Person{left, right} {
		if aid[i], err = aidIn(ctx, tx, p); err != nil {
			return err
		}
		if families[i], err = s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID); err != nil {
			return err
		}
		side := Side{Ref: Ref{p.Tenant, p.ID}, Area: p.Area}
		if [2]bool{seesLeft, seesRight}[i] {
			side.Visible, side.Person, side.Family, side.Aid = true, p, families[i], aid[i]
			if side.Members, err = s.reg.MembersIn(ctx, tx, p.Tenant, p.FamilyID); err != nil {
				return fmt.Errorf("read members: %w", err)
			}
		}
		b.Sides[i] = side
	}
	b.TwoPersons = secondPerson(aid[0], aid[1], seesLeft && seesRight)
	if seesLeft && seesRight {
		b.Differs, b.Suggested = Differing(left, right), suggest(left, right, aid[0], aid[1])
		b.Warnings = warnings(b.Sides, b.Suggested.Keep)
		b.TwoCivil = left.Match == civilmatch.Matched && right.Match == civilmatch.Matched && left.NIK != right.NIK
	}
	if err := s.explain(ctx, tx, b, &card{left, families[0]}, &card{right, families[1]}); err != nil {
		return err
	}
	if b.Merge, err = s.lastMergeIn(ctx, tx, b.Pair); err != nil {
		return err
	}
	if b.Words, err = s.wordsIn(ctx, tx, b.Pair); err != nil {
		return err
	}
	b.may(tx.Who, seesLeft, seesRight)
	b.Others, b.Records, err = s.groupIn(ctx, tx, b.Pair)
	return err
}

// secondPerson says why a merge needs a second person.
func secondPerson(a, b Aid, seesBoth bool) (codes []string) {
	if a.Any() || b.Any() {
		codes = append(codes, "aid")
	}
	if !seesBoth {
		codes = append(codes, "other_area")
	}
	return codes
}

// warnings says what a merge as suggested would leave behind.
func warnings(sides [2]Side, keep Ref) (codes []string) {
	gone, stays := sides[0], sides[1]
	if gone.Ref == keep {
		gone, stays = stays, gone
	}
	if gone.Person.Relation == person.Head && gone.Family.Persons > 1 {
		codes = append(codes, "head")
	}
	if gone.Family.Persons == 1 && gone.Person.State == registry.Active {
		codes = append(codes, "last_member")
	}
	if gone.Person.FamilyID == stays.Person.FamilyID {
		codes = append(codes, "one_family")
	}
	return codes
}

// explain draws the waterfall: as the run that found the pair weighed it, or as the engine
// weighs the two alone when no run has, or one of another model that nobody decided by.
func (s *Service) explain(ctx context.Context, q sqldb.Querier, b *Bench, left, right *card) error {
	w, err := parseWeighing(b.Pair.reasons)
	if err != nil {
		return err
	}
	undecided := b.Pair.State == Open || b.Pair.State == Awaiting
	if len(w.Parts) == 0 || undecided && w.Model != s.model.Version() {
		fall, err := s.weighAlone(ctx, q, left, right)
		if err != nil {
			return err
		}
		w = weighingOf(s.model, fall)
		b.Pair.Weight, b.Pair.Probability = fall.Bits, fall.Probability
	}
	b.Model, b.Key, b.Short, b.Change, b.Refused = w.Model, w.Key, w.Short, w.Change, w.Refused
	b.Grouped = b.Short == 0 && !b.Refused
	said := [2]map[string]string{}
	for i, c := range []*card{left, right} {
		if b.Sides[i].Visible {
			said[i] = c.words()
		}
	}
	for _, p := range w.Parts {
		bar := Bar{Comparison: p.Comparison, Level: p.Level, Bits: p.Bits, Adjustment: p.Adjustment, Left: said[0][p.Comparison], Right: said[1][p.Comparison]}
		if b.Sides[0].Visible && b.Sides[1].Visible {
			bar.Positions = positions(p.Comparison, left, right)
		}
		b.Bars = append(b.Bars, bar)
	}
	return nil
}

// positions gives the digits in which two whole numbers differ.
func positions(comparison string, left, right *card) (out []int) {
	column, numbers := map[string]string{"nik": "nik", "kk": "no_kk"}[comparison]
	if !numbers {
		return nil
	}
	i := slices.Index(identity.Header(), column)
	a, b := left.values()[i], right.values()[i]
	if len(a) != len(b) {
		return nil
	}
	for i := range len(a) {
		if a[i] != b[i] {
			out = append(out, i+1)
		}
	}
	return out
}
