package exchange

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"tepat/internal/domain/area"
	"tepat/internal/kit/files"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// Alikes finds who of the registry the people of a file may be; identity.Service does.
type Alikes interface {
	AlikeIn(ctx context.Context, q sqldb.Querier, asked []identity.Asked) (found [][]identity.Alike, reach identity.Reach, err error)
	ShowIn(ctx context.Context, tx *act.Tx, people []identity.Who) ([]identity.Resembling, error)
}

const (
	// mostAsked is how many new persons of a file are looked for: a preview has to end while somebody waits. Of more, as
	// many are taken evenly over the file, and how many were not looked for is told.
	mostAsked = 20_000
	// mostNamed is how many rows of possibly registered persons a preview names; the list of a dry run names all.
	mostNamed = 50
)

// look is how a preview looks for the new persons of a file among those who are registered.
type look struct {
	s       *Service
	tx      *act.Tx
	most    int64
	unready bool
	missing int   // persons of the registry nobody could look at yet, at least
	fresh   int64 // rows that would be persons of their own
	asked   int64
	found   int64
	named   []runs.Sample
	path    string         // of the list of all who were found
	list    *files.Pending // nil where none is kept
}

// newLook gives nil where nobody is looked for.
func (s *Service) newLook(tx *act.Tx, subject Subject) *look {
	if s.alikes == nil || subject != Families {
		return nil
	}
	return &look{s: s, tx: tx, most: s.mostAsked}
}

// at looks for the people of a piece of a file, of which so many bytes have been read.
func (l *look) at(ctx context.Context, families map[area.Tenant][]registry.Incoming, used, size int64) error {
	if l == nil || l.unready {
		return nil
	}
	var new []*registry.Incoming
	for _, tenant := range slices.Sorted(maps.Keys(families)) {
		rows := families[tenant]
		at, err := l.s.reg.NewcomersIn(ctx, l.tx, tenant, rows)
		if err != nil {
			return fmt.Errorf("find new persons: %w", err)
		}
		for _, i := range at {
			new = append(new, &rows[i])
		}
	}
	l.fresh += int64(len(new))
	return l.ask(ctx, spread(new, l.room(used, size)))
}

// room is how many more may be asked for, so that all parts of a file get the same share.
func (l *look) room(used, size int64) int {
	share := l.most
	if size > 0 && used < size {
		share = int64(float64(l.most) * float64(used) / float64(size))
	}
	return int(max(share-l.asked, 0))
}

// spread takes so many of a list, evenly.
func spread[T any](list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	out := make([]T, 0, most)
	for i := range most {
		out = append(out, list[i*len(list)/most])
	}
	return out
}

func (l *look) ask(ctx context.Context, rows []*registry.Incoming) error {
	if len(rows) == 0 {
		return nil
	}
	asked := make([]identity.Asked, len(rows))
	for i, r := range rows {
		asked[i] = identity.Asked{
			NIK: r.NIK, RawNIK: r.RawNIK, KK: r.KK, Name: r.Name, BirthDate: r.BirthDate, BirthPlace: r.BirthPlace, Sex: r.Sex, MotherName: r.MotherName,
			Area: r.Area, Address: r.Address, Phone: r.Phone, Relation: r.Relation,
		}
	}
	found, reach, err := l.s.alikes.AlikeIn(ctx, l.tx, asked)
	if err != nil {
		return fmt.Errorf("find who is alike: %w", err)
	}
	if l.unready = !reach.Ready; l.unready {
		return nil
	}
	l.missing = max(l.missing, reach.Missing)
	l.asked += int64(len(rows))
	var some []likely
	for i, few := range found {
		if len(few) > 0 {
			some = append(some, likely{rows[i].Line, few[0].Who})
		}
	}
	return l.name(some)
}

// name counts the rows found in a piece of a file, names the first, and lists all in the order of their lines.
func (l *look) name(some []likely) error {
	slices.SortStableFunc(some, func(a, b likely) int { return cmp.Compare(a.line, b.line) })
	l.found += int64(len(some))
	for _, one := range some[:min(mostNamed-len(l.named), len(some))] {
		l.named = append(l.named, runs.Sample{Tenant: one.who.Tenant, Subject: one.who.ID, Label: strconv.FormatInt(one.line, 10)})
	}
	return l.note(some)
}

// tell puts what was found on a preview: figures, and the lines with the ids of whom their persons may be, but nobody's values.
func (l *look) tell(p *runs.Preview) {
	switch {
	case l == nil:
	case l.unready:
		p.Figures["alike_unready"] = 1
	default:
		p.Figures["new_persons"], p.Figures["alike"] = l.fresh, l.found
		if left := l.fresh - l.asked; left > 0 {
			p.Figures["alike_asked"], p.Figures["alike_unasked"] = l.asked, left
		}
		if l.missing > 0 {
			p.Figures["alike_missing"] = int64(l.missing)
		}
		p.Alike = l.named
	}
}
