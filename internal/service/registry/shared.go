package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
)

// A row with the NIK and birth date of a person is that person, however its name is written: names are written in many ways. But a list
// that has two rows of one card, one birth date and one NIK under two names may mean two people, twins say, one of whom stands with the
// other's number. Which of the two the number is of nobody can tell by it: the row is marked. Where the two names are of nobody who is
// written in two ways (person.FarApart), the row is a person of her own whose NIK somebody else holds: nobody is lost, and a person decides.
// So is it in another list and on another card, unless something besides NIK and birth date says that it is she (renames).

// farNamed is a row, the person whose NIK and birth date it has, and her claim.
type farNamed struct {
	row    *Incoming
	person Person
	holder HolderOf
}

func sameList(row *Incoming, source, date string) bool {
	return row.Source == source && row.SourceDate == date
}

// renames tells whether a row with the NIK and birth date of a person, and a name far from hers, gives her another name: one that was
// mended, or that she took. It does where her card is the same, or her mother's name. Of one card in one list the two are twins rather,
// who have one mother too.
func renames(row *Incoming, source, date string, card bool, mother string) bool {
	if card {
		return !sameList(row, source, date)
	}
	return mother != "" && person.FoldEqual(row.MotherName, mother)
}

// partFarNamed makes those who are not the person by another name (renames) persons of their own.
func (l *load) partFarNamed(ctx context.Context) error {
	if len(l.farNamed) == 0 {
		return nil
	}
	groups, families := []sqldb.Hash{}, map[sqldb.Hash]sqldb.ID{}
	for _, f := range l.farNamed {
		if _, there := families[f.row.group]; !there {
			groups, families[f.row.group] = append(groups, f.row.group), sqldb.ID{}
		}
	}
	err := l.findCards(ctx, groups, func(group sqldb.Hash, family sqldb.ID) { families[group] = family })
	if err != nil {
		return fmt.Errorf("find cards of rows of far names: %w", err)
	}
	for _, f := range l.farNamed {
		card := families[f.row.group] == f.person.FamilyID
		if !renames(f.row, f.person.Source, f.person.SourceDate, card, f.person.MotherName) {
			l.dispute(f.row, f.holder)
			continue
		}
		l.joined = append(l.joined, joinedRow{f.row, f.person.ID, false})
	}
	return nil
}

// otherName marks a row that is taken for somebody whom a row of the same list and card names in another way.
func (l *load) otherName(row, other *Incoming) {
	if !person.FoldEqual(row.Name, other.Name) && sameList(row, other.Source, other.SourceDate) && row.group == other.group {
		l.renamed[row] = true
	}
}

// otherNameThan is otherName beside a person whom an earlier part of the list has brought; their cards are compared by cardsOfRenamed.
func (l *load) otherNameThan(row *Incoming, p Person) {
	if !person.FoldEqual(row.Name, p.Name) && sameList(row, p.Source, p.SourceDate) {
		l.renamedOf[row] = p.FamilyID
	}
}

// cardsOfRenamed marks those of them whose card is that of the person's family.
func (l *load) cardsOfRenamed(ctx context.Context) error {
	if len(l.renamedOf) == 0 {
		return nil
	}
	groups, rows := []sqldb.Hash{}, map[sqldb.Hash][]*Incoming{}
	for row := range l.renamedOf {
		if len(rows[row.group]) == 0 {
			groups = append(groups, row.group)
		}
		rows[row.group] = append(rows[row.group], row)
	}
	err := l.findCards(ctx, groups, func(group sqldb.Hash, family sqldb.ID) {
		for _, row := range rows[group] {
			if l.renamedOf[row] == family {
				l.renamed[row] = true
			}
		}
	})
	if err != nil {
		return fmt.Errorf("find cards of rows of other names: %w", err)
	}
	return nil
}

// Bearer is a person with the keyed hash of her NIK.
type Bearer struct {
	Person sqldb.ID
	NIK    sqldb.Hash
}

// Shared says in which ways a NIK is not one person's alone.
type Shared struct {
	Claimed   bool // another person of the registry, in any district, bears it too
	OtherName bool // a row of a list gave it, with her birth date and card, to another name
}

// SharedIn gives those persons of a district whose NIK is not theirs alone.
func (s *Service) SharedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []Bearer) (map[sqldb.ID]Shared, error) {
	hashes, ids, out := make([]sqldb.Hash, len(list)), make([]sqldb.ID, len(list)), map[sqldb.ID]Shared{}
	for i, b := range list {
		hashes[i], ids[i] = b.NIK, b.Person
	}
	holders, err := s.HoldersIn(ctx, q, hashes)
	if err != nil {
		return nil, fmt.Errorf("read holders: %w", err)
	}
	for _, b := range list {
		if holders[b.NIK].Contested {
			out[b.Person] = Shared{Claimed: true}
		}
	}
	_, err = inChunks(ids, func(some []sqldb.ID) ([]struct{}, error) {
		a := sqldb.NewArgs(q)
		query := `SELECT DISTINCT person_id FROM source_record WHERE kabkota = ` + a.P(int64(tenant)) + ` AND other_name = 1 AND person_id IN ` + sqldb.In(a, some)
		return nil, sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			one := out[id]
			one.OtherName = true
			out[id] = one
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read rows of other names: %w", err)
	}
	return out, nil
}
