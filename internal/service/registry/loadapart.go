package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
)

// RowKeyNamed is RowKey for a row whose NIK another row of its source has under a name far from its own.
func (s *Service) RowKeyNamed(in *Incoming) string {
	return "n" + sqldb.ID(s.keys.Blind(rowPurpose, []byte(in.Source+"\x00"+in.NIK.Plain()+"\x00"+fold(in.Name)))).String()
}

// unnumbered tells whether a row is known by its NIK for want of a number of its own.
func (s *Service) unnumbered(row *Incoming) bool {
	return !row.NIK.IsZero() && len(row.RowID) > 0 && row.RowID[0] == 'k' && row.RowID == s.RowKey(row)
}

// partKnown gives rows that are known by their NIK alone, but have a name far from that of the person so known, a key of their own: they
// are not taken for her by that key, but sorted as rows with her NIK are.
func (l *load) partKnown(ctx context.Context) error {
	if len(l.known) == 0 {
		return nil
	}
	var asked []*Incoming
	var ids []sqldb.ID
	for i := range l.rows {
		row := &l.rows[i]
		if k, known := l.known[row.key()]; known && k.digest != row.digest && l.s.unnumbered(row) {
			asked, ids = append(asked, row), append(ids, k.person)
		}
	}
	persons, err := l.s.PersonsIn(ctx, l.tx, l.tenant, ids)
	if err != nil {
		return fmt.Errorf("read persons known by their NIK: %w", err)
	}
	names := make(map[sqldb.ID]string, len(persons))
	for i := range persons {
		names[persons[i].ID] = persons[i].Name
	}
	keys := map[string][]string{}
	for i, row := range asked {
		if person.FarApart(row.Name, names[ids[i]]) {
			row.RowID = l.s.RowKeyNamed(row)
			keys[row.Source] = append(keys[row.Source], row.RowID)
		}
	}
	for source, list := range keys {
		if err := l.readListed(ctx, source, list); err != nil {
			return err
		}
	}
	return nil
}

// readListed reads the source records of some row ids.
func (l *load) readListed(ctx context.Context, source string, ids []string) error {
	_, err := inChunks(ids, func(some []string) ([]struct{}, error) {
		a := sqldb.NewArgs(l.tx)
		query := knownQuery(a.P(int64(l.tenant)), a.P(source)) + ` AND row_id IN ` + sqldb.In(a, some)
		return nil, sqldb.Each(ctx, l.tx, query, a.Values, func(r sqldb.Row) error { return l.scanKnown(source, r) })
	})
	if err != nil {
		return fmt.Errorf("read source records: %w", err)
	}
	return nil
}
