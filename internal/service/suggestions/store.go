package suggestions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// fresh is the condition under which a suggestion g of person p and family f counts: everything it was worked out
// from is as it was.
func fresh(a *sqldb.Args, b basis) string {
	return `g.basis = ` + a.P(b.digest) + ` AND g.person_version = p.version AND g.family_version = f.version`
}

// keep writes suggestions over those there were.
func (s *Service) keep(ctx context.Context, tx *act.Tx, r runs.Run, b basis, list []suggestion) (runs.Tally, error) {
	sealed := make([][]byte, len(list))
	tally := runs.Tally{"persons": int64(len(list))}
	for i := range list {
		text, err := json.Marshal(document{list[i].causes, list[i].levels})
		if err != nil {
			return nil, fmt.Errorf("write suggestion: %w", err)
		}
		sealed[i] = s.Keys.Seal(nil, purpose, text)
		tally[list[i].figure()]++
	}
	in := sqldb.Insert{
		Table: "match_suggestion",
		Columns: []string{"kabkota", "person_id", "person_version", "family_version", "basis", "rank", "cause", "outcome", "civil_hash", "taken",
			"probability", "weight", "gap", "document", "model", "civil_at", "recorded_at", "run_id", "act_id"},
		OnConflict: `(kabkota, person_id) DO UPDATE SET person_version = excluded.person_version, family_version = excluded.family_version,
			basis = excluded.basis, rank = excluded.rank, cause = excluded.cause, outcome = excluded.outcome, civil_hash = excluded.civil_hash,
			taken = excluded.taken, probability = excluded.probability, weight = excluded.weight, gap = excluded.gap, document = excluded.document,
			model = excluded.model, civil_at = excluded.civil_at, recorded_at = excluded.recorded_at, run_id = excluded.run_id, act_id = excluded.act_id`,
	}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		g := &list[i]
		copy(v, []any{
			int64(r.Tenant), g.person, g.version, g.familyVersion, b.digest, g.rank(), string(g.causes[0]), int64(g.outcome), hashOrNil(g.civil), flag(g.taken),
			g.probability, g.weight, g.gap, sealed[i], s.model, b.civilAt, tx.Micros(), r.ID, tx.Act,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("keep suggestions: %w", err)
	}
	return tally, nil
}

// figure is what a suggestion counts as in the run's figures.
func (g *suggestion) figure() string {
	switch {
	case g.taken:
		return "suggestions_taken"
	case g.outcome == Found:
		return "suggestions_found"
	case g.outcome == Unsure:
		return "suggestions_unsure"
	case g.outcome == Nobody:
		return "suggestions_nobody"
	}
	return "suggestions_own"
}

func hashOrNil(h sqldb.Hash) any {
	if h.IsZero() {
		return nil
	}
	return h
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func forget(ctx context.Context, tx *act.Tx, r runs.Run, ids []sqldb.ID) error {
	for some := range slices.Chunk(ids, 400) {
		a := sqldb.NewArgs(tx)
		query := `DELETE FROM match_suggestion WHERE kabkota = ` + a.P(int64(r.Tenant)) + ` AND run_id = ` + a.P(r.ID) + ` AND person_id IN ` + sqldb.In(a, some)
		if _, err := tx.Exec(ctx, query, a.Values...); err != nil {
			return fmt.Errorf("forget suggestions: %w", err)
		}
	}
	return nil
}

// opened reads the sealed part of a suggestion.
func (s *Service) opened(sealed []byte) (d document, err error) {
	plain, err := s.Keys.Open(purpose, sealed)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(plain, &d)
}
