package proposals

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
	"tepat/internal/service/runs"
)

// Refusing is one proposal a determination does not accept.
type Refusing struct {
	Number string `json:"number"`
	Reason string `json:"reason"`
	Note   string `json:"note,omitempty"`
}

// DetermineSettings freeze a determination: the decree, and which of the endorsed proposals of the
// run's area it refuses; the others it establishes.
type DetermineSettings struct {
	Decree Decree     `json:"decree"`
	Refuse []Refusing `json:"refuse,omitempty"`
	// Ratification limits it to what one letter of endorsement covers; zero takes all.
	Ratification sqldb.ID `json:"ratification"`
}

func (d DetermineSettings) refusal(number string) (Refusing, bool) {
	i := slices.IndexFunc(d.Refuse, func(r Refusing) bool { return r.Number == number })
	if i < 0 {
		return Refusing{}, false
	}
	return d.Refuse[i], true
}

// DetermineKind is the run by which the ministry determines (menetapkan) what was endorsed: by one
// decree, each proposal established or refused with a reason. The decree's id is the run's. Where
// this installation does not perform determinations every step of it is refused with
// installation.not_our_level: there the decree comes in by LoadAnswersIn.
//
// It needs no second person of its own: it is the last of the signatures, and whoever gave an earlier
// one to a proposal cannot determine it.
func (s *Service) DetermineKind() runs.Kind {
	return runs.Kind{Name: "determine", Counts: runs.Proposals, Start: access.Determine, View: s.viewDetermination, Prepare: s.prepareDetermination, Finish: s.finishDetermination}
}

func (s *Service) determination(r runs.Run) (set DetermineSettings, err error) {
	if err := s.home.MustPerform(installation.Determine); err != nil {
		return set, err
	}
	if err := r.Decode(&set); err != nil {
		return set, err
	}
	set.Decree.ID, set.Decree.Kind, set.Decree.Digest = r.ID, Determination, ""
	return set, nil
}

// viewDetermination counts what the decree would do, and refuses one that cannot be. Errors: those
// of a decree, decree.number_taken, proposal.refusal_unknown (fact number), proposal.none.
func (s *Service) viewDetermination(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	out := runs.Preview{Figures: runs.Tally{"establish": 0, "refuse": 0}}
	set, err := s.determination(r)
	if err == nil {
		err = s.checkDetermination(ctx, tx, r, set)
	}
	if err != nil {
		return out, err
	}
	found := map[string]bool{}
	for after := (sqldb.ID{}); ; {
		ids, err := s.endorsedIn(ctx, tx, r, set, after)
		if err != nil {
			return out, err
		}
		if err := s.preview(ctx, tx, r, set, ids, &out, found); err != nil {
			return out, err
		}
		if len(ids) < s.chunk {
			break
		}
		after = ids[len(ids)-1]
	}
	for _, one := range set.Refuse {
		if !found[one.Number] {
			return out, fail.Invalid("proposal.refusal_unknown", "number", one.Number)
		}
	}
	if out.Total == 0 {
		return out, fail.Conflict("proposal.none")
	}
	return out, nil
}

// checkDetermination refuses a decree that cannot be, or a reason that is none.
func (s *Service) checkDetermination(ctx context.Context, tx *act.Tx, r runs.Run, set DetermineSettings) error {
	day := s.today(tx, r.Area)
	if err := set.Decree.check(day); err != nil {
		return err
	}
	_, taken, err := decreeByNumber(ctx, tx, r.Tenant, Determination, set.Decree.Number)
	if err != nil {
		return err
	}
	if taken {
		return fail.Conflict("decree.number_taken", "number", set.Decree.Number).On("number")
	}
	for _, one := range set.Refuse {
		if _, err := s.rules.Reasons.Find(one.Reason, day); err != nil {
			return err
		}
	}
	return nil
}

// preview adds some proposals to what the decree would do. Who has to go by the governor first, or was signed by the same person
// before, stays as it is.
func (s *Service) preview(ctx context.Context, tx *act.Tx, r runs.Run, set DetermineSettings, ids []sqldb.ID, out *runs.Preview, found map[string]bool) error {
	rows, err := rowsIn(ctx, tx, r.Tenant, ids)
	if err != nil {
		return err
	}
	for _, one := range rows {
		outcome := "establish"
		refusing, refused := set.refusal(one.Number)
		if refused {
			outcome, found[one.Number] = "refuse", true
		}
		if _, err := s.settle(tx, one, set.Decree, refusing, refused); err != nil { // on the copy that was read: nothing is kept
			outcome = "stay"
		}
		out.Figures[outcome]++
		if out.Total++; len(out.Samples) < samples {
			out.Samples = append(out.Samples, runs.Sample{Subject: one.ID, Label: one.Number + " " + one.Applicant.String(), Outcome: outcome})
		}
	}
	return nil
}

// endorsedIn gives the next ids of what waits for the decree. It looks only behind the cursor, where
// no chunk has written yet.
func (s *Service) endorsedIn(ctx context.Context, q sqldb.Querier, r runs.Run, set DetermineSettings, after sqldb.ID) ([]sqldb.ID, error) {
	from, to := r.Area.Range()
	a := sqldb.NewArgs(q)
	query := `SELECT id FROM proposal WHERE kabkota = ` + a.P(int64(r.Tenant)) + ` AND state IN ` +
		sqldb.In(a, []string{string(proposal.Endorsed), string(proposal.Forwarded)}) +
		` AND area_code >= ` + a.P(int64(from)) + ` AND area_code < ` + a.P(int64(to)) + ` AND id > ` + a.P(floor(after))
	if !set.Ratification.IsZero() {
		query += ` AND decree_id = ` + a.P(set.Ratification)
	}
	query += ` ORDER BY id LIMIT ` + a.P(int64(s.chunk))
	ids, err := sqldb.Collect(ctx, q, query, a.Values, func(row sqldb.Row) (id sqldb.ID, err error) {
		err = row.Scan(&id)
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("read endorsed proposals: %w", err)
	}
	return ids, nil
}

// floor gives a value below every id, since the zero ID is NULL.
func floor(id sqldb.ID) sqldb.ID {
	if id.IsZero() {
		id[15] = 1
	}
	return id
}

func (s *Service) prepareDetermination(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	set, err := s.determination(r)
	var after sqldb.ID
	if err := errors.Join(err, after.UnmarshalText([]byte(cursor))); err != nil {
		return runs.Chunk{}, err
	}
	ids, err := s.endorsedIn(ctx, s.acts.DB().Direct(), r, set, after)
	if err != nil {
		return runs.Chunk{}, err
	}
	if len(ids) > 0 {
		after = ids[len(ids)-1]
	}
	return runs.Chunk{
		Next: after.String(), Last: len(ids) < s.chunk, Units: int64(len(ids)),
		Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
			return s.determineIn(ctx, tx, r, set, cursor == "", ids)
		},
	}, nil
}

// determineIn determines one chunk. What cannot be determined, because it moved since or because the
// same person signed it before, stays as it is and is kept among the run's items with its reason.
func (s *Service) determineIn(ctx context.Context, tx *act.Tx, r runs.Run, set DetermineSettings, first bool, ids []sqldb.ID) (runs.Tally, error) {
	if first {
		if err := insertDecree(ctx, tx, r.Tenant, set.Decree); err != nil {
			return nil, err
		}
	}
	rows, err := rowsIn(ctx, tx, r.Tenant, ids)
	if err != nil {
		return nil, err
	}
	tally := runs.Tally{}
	var items []runs.Item
	var moved []*Row
	for _, one := range rows {
		refusing, refuse := set.refusal(one.Number)
		outcome, err := s.settle(tx, one, set.Decree, refusing, refuse)
		if err != nil {
			outcome = "rejected"
		} else {
			moved = append(moved, one)
		}
		tally[outcome]++
		if outcome != "established" {
			items = append(items, runs.Item{Subject: one.ID, Outcome: outcome, Code: firstOf(fail.CodeOf(err), refusing.Reason), Facts: "{}"})
		}
	}
	if err := s.effectIn(ctx, tx, moved); err != nil {
		return nil, err
	}
	if err := s.keepIn(ctx, tx, moved); err != nil {
		return nil, err
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return tally, err
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// settle takes the minister's step for one proposal. The errors are those a person can act on.
func (s *Service) settle(tx *act.Tx, r *Row, d Decree, refusing Refusing, refuse bool) (outcome string, err error) {
	decision := Decision{Tenant: r.Tenant, Paper: Paper{ID: d.ID, Number: d.Number}}
	action, outcome := proposal.ActDetermine, "established"
	if refuse {
		action, outcome = proposal.ActRefuse, "refused"
		decision.Reason, decision.Note = refusing.Reason, refusing.Note
	}
	if err := s.take(tx, r, action, decision); err != nil {
		return "", err
	}
	r.Decree = d.ID
	return outcome, nil
}

// finishDetermination seals the decree: its digest is that of everything it covers.
func (s *Service) finishDetermination(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	digest, covered, err := s.digestIn(ctx, tx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	return runs.Tally{"covered": covered}, sealDecree(ctx, tx, r.Tenant, r.ID, digest)
}
