package suggestions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// DukcapilCauses are what only the population office can mend, in the order of its list.
func DukcapilCauses() []Cause { return []Cause{Unknown, Anomaly, Double, Unrecorded, IsDead} }

// CountDukcapil counts, in an area, those whom only the population office can mend, by cause. It shows nobody.
func (s *Service) CountDukcapil(ctx context.Context, who access.Actor, at area.Code) (map[Cause]int64, error) {
	scope := who.ScopeOf(access.ReadRegistry)
	if scope.Empty() {
		return nil, who.Allow(access.ReadRegistry, 0, at)
	}
	q := s.Acts.DB().Direct()
	b, err := s.basisIn(ctx, q)
	if err != nil {
		return nil, err
	}
	a := sqldb.NewArgs(q)
	f := Filter{}
	query := `SELECT g.cause, count(*) FROM match_suggestion g JOIN person p ON p.kabkota = g.kabkota AND p.id = g.person_id JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE ` + fresh(a, b) + ` AND g.cause IN ` + sqldb.In(a, DukcapilCauses()) + ` AND p.match_status IN ` + sqldb.In(a, f.statuses()) +
		` AND ` + act.Where(scope.Within(at), "p.kabkota", "p.area_code", a) + ` AND p.state = 1 GROUP BY g.cause`
	out := map[Cause]int64{}
	err = sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var c Cause
		var n int64
		err := r.Scan(&c, &n)
		out[c] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count for the population office: %w", err)
	}
	return out, nil
}

// Listing asks for the list of those whom only the population office can mend.
type Listing struct {
	Area area.Code
	// File says that the list leaves as data that can be worked on, which asks for access.ExportData; else it is paper.
	File bool
	// Reveal has NIKs in full, which asks for access.RevealIdentity in the whole area, and for a purpose.
	Reveal  bool
	Purpose string
	// Most is how many persons may stand on it; zero for any number.
	Most int
}

// listedAtOnce is how many lines of the list are read at a time.
const listedAtOnce = 200

// ListDukcapil gives each line of the list, by village. The act is recorded, with how many and a digest of whom, before
// it returns: whoever hands the list on keeps it back until then. Errors: suggestions.purpose,
// suggestions.list_long (facts most) before more than asked for, access.denied.
func (s *Service) ListDukcapil(ctx context.Context, who access.Actor, in Listing, each func(Line) error) (n int, err error) {
	if in.Reveal && in.Purpose == "" {
		return 0, fail.Invalid("suggestions.purpose").On("purpose")
	}
	if !in.Reveal {
		in.Purpose = ""
	}
	need := access.ReadRegistry
	if in.File {
		need = access.ExportData
	}
	err = s.Acts.View(ctx, who, "civil.dukcapil", in.Purpose, func(tx *act.Tx) error {
		scope, err := tx.AllowList(need)
		if err != nil {
			return err
		}
		if scope = scope.Within(in.Area); in.Reveal {
			if err := revealable(tx, scope); err != nil {
				return err
			}
		}
		h := sha256.New()
		f := Filter{Causes: DukcapilCauses(), ByArea: true, Limit: s.listed, Area: in.Area}
		for more := true; more; {
			list, err := s.lines(ctx, tx, scope, f)
			if err != nil {
				return err
			}
			for _, l := range list {
				if n++; in.Most > 0 && n > in.Most {
					return fail.Invalid("suggestions.list_long", "most", in.Most).On("wilayah")
				}
				h.Write(l.PersonID[:])
				if err := each(l); err != nil {
					return err
				}
			}
			if more = len(list) == s.listed; more {
				f.After = list[len(list)-1].Anchor()
			}
		}
		e := audit.OfReader(who, map[string]any{"shown": n, "ids": hex.EncodeToString(h.Sum(nil)[:16]), "revealed": in.Reveal})
		if in.Area != area.Nation {
			e = audit.Entry{Tenant: s.Places.RecordTenant(in.Area), Area: in.Area, Facts: e.Facts}
		}
		return tx.Record(ctx, e)
	})
	return n, err
}

// revealable refuses full numbers where the actor may not see them in the whole area of the list.
func revealable(tx *act.Tx, scope access.Scope) error {
	if scope.Nation() {
		return tx.Allow(access.RevealIdentity, 0, area.Nation)
	}
	for _, r := range scope.Ranges() {
		if err := tx.Allow(access.RevealIdentity, 0, r.From); err != nil {
			return err
		}
	}
	return nil
}

// causes gives the causes a filter narrows to; none for every cause.
func (f *Filter) causes() []Cause {
	if f.Cause != "" {
		return []Cause{f.Cause}
	}
	return slices.Clone(f.Causes)
}
