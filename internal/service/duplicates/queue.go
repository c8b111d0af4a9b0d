package duplicates

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Cursor is the place in a list behind which it goes on.
type Cursor struct {
	Area area.Code
	ID   sqldb.ID
}

// Filter narrows the queue.
type Filter struct {
	Area  area.Code // zero: everything the actor may see
	Kind  Kind      // "": any
	State State     // "": Open
	After Cursor
	Limit int
}

// Line is a pair in the queue with both persons, as far as the viewer may see them. At is
// the place by which it is listed: hers, when the pair reaches into another area.
type Line struct {
	Pair        Pair
	At          area.Code
	Left, Right Face
}

// Face is a person as a list shows her. Of somebody outside the viewer's area only the
// village is told, as before somebody is saved: who has to be asked is known by it.
type Face struct {
	Ref
	Visible   bool
	Area      area.Code
	FamilyID  sqldb.ID
	Name      string
	NIK       person.NIK // prints masked
	BadNIK    bool       // what is held as NIK cannot be one
	Sex       person.Sex
	BirthDate period.Date
	Match     civilmatch.Status
	State     registry.State
}

// Page is a piece of the queue. Next continues it; it is zero at the end.
type Page struct {
	Lines []Line
	Next  Cursor
}

const maxPage = 200

// Queue lists pairs of which at least one person lives in the actor's area, by area. A pair
// across two districts stands in the queues of both. It is recorded with a digest of the ids.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) (page Page, err error) {
	if f.State == "" {
		f.State = Open
	}
	if !f.State.Valid() {
		return page, fail.Invalid("duplicates.filter").On("state")
	}
	if f.Kind != "" && !slices.Contains([]Kind{Contested, Exact, Fuzzy, Passed}, f.Kind) {
		return page, fail.Invalid("duplicates.filter").On("kind")
	}
	f.Limit = min(max(f.Limit, 1), maxPage)
	err = s.acts.View(ctx, who, "duplicate.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReviewDuplicate)
		if err != nil {
			return err
		}
		lines, more, err := s.pageIn(ctx, tx, scope.Within(f.Area), f)
		if err != nil {
			return fmt.Errorf("list pairs: %w", err)
		}
		if page, err = s.facesIn(ctx, tx, lines); err != nil {
			return err
		}
		if more {
			last := lines[len(lines)-1]
			page.Next = Cursor{last.at, last.pair.ID}
		}
		return tx.Record(ctx, shown(who, page.Lines))
	})
	return page, err
}

// CountOpen counts the open pairs of the actor's area, for the menu.
func (s *Service) CountOpen(ctx context.Context, who access.Actor) (int64, error) {
	n, err := countPairs(ctx, s.acts.DB().Direct(), who.ScopeOf(access.ReviewDuplicate))
	if err != nil {
		return 0, fmt.Errorf("count pairs: %w", err)
	}
	return n, nil
}

// pageIn joins the pairs listed by their left person with those listed by the right one only.
func (s *Service) pageIn(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter) (lines []line, more bool, err error) {
	for _, right := range []bool{false, true} {
		some, err := s.listPairs(ctx, q, scope, f, right)
		if err != nil {
			return nil, false, err
		}
		lines, more = append(lines, some...), more || len(some) == f.Limit
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.pair.ID[:], b.pair.ID[:]))
	})
	more = more || len(lines) > f.Limit
	return lines[:min(len(lines), f.Limit)], more, nil
}

// facesIn reads the persons of a page; a pair of which the actor may by now see nobody,
// because both moved, is left out.
func (s *Service) facesIn(ctx context.Context, tx *act.Tx, lines []line) (page Page, err error) {
	ids := map[area.Tenant][]sqldb.ID{}
	for _, l := range lines {
		for _, ref := range []Ref{l.pair.Left, l.pair.Right} {
			ids[ref.Tenant] = append(ids[ref.Tenant], ref.ID)
		}
	}
	persons := map[Ref]registry.Person{}
	for tenant, list := range ids {
		some, err := s.reg.PersonsIn(ctx, tx, tenant, list)
		if err != nil {
			return page, fmt.Errorf("read persons: %w", err)
		}
		for _, p := range some {
			persons[Ref{tenant, p.ID}] = p
		}
	}
	for _, l := range lines {
		left, right := face(tx.Who, l.pair.Left, persons), face(tx.Who, l.pair.Right, persons)
		if left.Visible || right.Visible {
			page.Lines = append(page.Lines, Line{l.pair, l.at, left, right})
		}
	}
	return page, nil
}

func face(who access.Actor, ref Ref, persons map[Ref]registry.Person) Face {
	p, ok := persons[ref]
	if !ok || !covers(who, p) {
		return Face{Ref: ref, Area: p.Area}
	}
	return Face{
		Ref: ref, Visible: true, Area: p.Area, FamilyID: p.FamilyID, Name: p.Name, NIK: p.NIK, Sex: p.Sex, BirthDate: p.BirthDate,
		Match: p.Match, State: p.State, BadNIK: p.NIKState == registry.BadNIK,
	}
}

// shown is the audit entry of a page: how many, and a digest of the persons shown.
func shown(who access.Actor, lines []Line) audit.Entry {
	var seen []sqldb.ID
	for i := range lines {
		for _, f := range []Face{lines[i].Left, lines[i].Right} {
			if f.Visible {
				seen = append(seen, f.ID)
			}
		}
	}
	ids := audit.Digest(seen, func(id *sqldb.ID) sqldb.ID { return *id })
	return audit.OfReader(who, map[string]any{"shown": len(lines), "ids": ids})
}
