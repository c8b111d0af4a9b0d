package duplicates

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Every decision is a label: what the comparisons said, by which model, and what a person found. Labels hold no value
// of anybody; taken together they say how right a model is, and tepat link train fits one to them.

// Labels writes the decided pairs of an area as CSV (linkage.Model.WriteLabels) and gives how many there are. A pair counts by the
// place of its left person. It asks for access.ExportData; the entry keeps a digest of the pairs.
func (s *Service) Labels(ctx context.Context, who access.Actor, at area.Code, w io.Writer) (n int, err error) {
	var list []linkage.Labelled
	err = s.acts.View(ctx, who, "duplicate.labels", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ExportData)
		if err != nil {
			return err
		}
		h := sha256.New()
		err = s.eachDecided(ctx, tx, scope.Within(at), func(p Pair) error {
			h.Write(p.ID[:])
			l, ok, err := label(p)
			if ok {
				list = append(list, l)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("read decided pairs: %w", err)
		}
		home, _ := who.Home()
		return tx.Record(ctx, audit.Entry{Area: home, Facts: map[string]any{"shown": len(list), "ids": hex.EncodeToString(h.Sum(nil)[:16])}})
	})
	if err != nil {
		return 0, err
	}
	return len(list), s.model.WriteLabels(w, list)
}

// eachDecided reads the pairs somebody decided, and not those that follow from another one.
func (s *Service) eachDecided(ctx context.Context, q sqldb.Querier, scope access.Scope, f func(Pair) error) error {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + pairColumns + ` FROM link_pair l WHERE ` + act.Where(scope, "l.kabkota", "l.area_code", a) + `
		AND l.state IN ('merged', 'distinct') AND l.decision <> '` + passedOn + `' ORDER BY l.kabkota, l.id`
	return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		p, err := s.scanPair(r)
		if err != nil {
			return err
		}
		return f(p)
	})
}

// label makes a label of a decided pair; false when nobody weighed it.
func label(p Pair) (l linkage.Labelled, ok bool, err error) {
	w, err := parseWeighing(p.reasons)
	if err != nil || len(w.Parts) == 0 {
		return l, false, err
	}
	l = linkage.Labelled{Same: p.State == Merged, Model: w.Model, Bits: p.Weight, Levels: map[string]string{}}
	for _, part := range w.Parts {
		if part.Level != "missing" {
			l.Levels[part.Comparison] = part.Level
		}
	}
	return l, true, nil
}

// weighIn weighs a pair about to be decided that no run of this model has weighed: a decision without its comparison
// vector is no label.
func (s *Service) weighIn(ctx context.Context, tx *act.Tx, p *Pair, left, right registry.Person) error {
	w, err := parseWeighing(p.reasons)
	if err != nil || len(w.Parts) > 0 && w.Model == s.model.Version() {
		return err
	}
	var cards [2]card
	for i, one := range []registry.Person{left, right} {
		family, err := s.reg.FamilyIn(ctx, tx, one.Tenant, one.FamilyID)
		if err != nil {
			return err
		}
		cards[i] = card{one, family}
	}
	fall, err := s.weighAlone(ctx, tx, &cards[0], &cards[1])
	if err != nil {
		return err
	}
	if p.reasons, err = weighingOf(s.model, fall).text(); err != nil {
		return err
	}
	p.Weight, p.Probability = fall.Bits, fall.Probability
	_, err = tx.Exec(ctx, `UPDATE link_pair SET weight = $1, probability = $2, reasons = $3 WHERE kabkota = $4 AND id = $5`,
		p.Weight, p.Probability, p.reasons, int64(p.Tenant), p.ID)
	if err != nil {
		return fmt.Errorf("weigh pair: %w", err)
	}
	return nil
}
