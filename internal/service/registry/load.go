package registry

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Loaded counts what a chunk of rows did, and names what is worth a look.
type Loaded struct {
	Inserted, Updated, Unchanged, Older, SamePerson, Contested, Families int64
	// Touched names the persons changed, contested or joined, for the run's items.
	Touched []Touched
}

// Touched is one person a load changed.
type Touched struct {
	Person  sqldb.ID
	Outcome string // updated, contested, same_person, older
}

// load is one chunk under way.
type load struct {
	s      *Service
	tx     *act.Tx
	tenant area.Tenant
	rows   []Incoming
	out    Loaded

	known    map[rowKey]sourceRow
	holders  map[sqldb.Hash]HolderOf
	held     map[sqldb.ID]Person // persons of this tenant who hold a NIK of the chunk
	families map[sqldb.Hash]*groupOf
	fresh    []*Incoming
	joined   []joinedRow // rows that are a person already known
	pairs    []contestedPair
	disputed map[*Incoming]bool
	gone     map[*Incoming]bool // new persons with the NIK of somebody who is dead; see loadgone.go
	renamed  map[*Incoming]bool // rows that give a person another name than their list does elsewhere; see shared.go
	// renamedOf are rows that may be, with the person's family.
	renamedOf map[*Incoming]sqldb.ID
	// farNamed are rows that may be another person with the NIK and birth date of one who has a name far from theirs.
	farNamed []farNamed
	first    *firstLoad // nil but for a load into an empty registry
}

// rowKey is what a row is known again by: two sources may number their rows alike.
type rowKey struct{ source, id string }

func (in *Incoming) key() rowKey { return rowKey{in.Source, in.RowID} }

type sourceRow struct {
	person, family sqldb.ID
	digest         int64
}

type groupOf struct {
	id      sqldb.ID
	isNew   bool
	added   int64
	head    *Incoming // the row that describes the family
	touched bool
	// answered is the place of the family's answers among those of new subjects, from 1.
	answered int
}

type joinedRow struct {
	row    *Incoming
	person sqldb.ID
	known  bool // by (source, row_id)
}

type contestedPair struct {
	row    *Incoming
	holder HolderOf
}

// LoadIn writes a chunk of ready rows of one tenant. A row is known again by
// (source, row_id), then by its NIK with an agreeing name or birth date; else it is
// a new person. An older source never overwrites a newer one.
func (s *Service) LoadIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []Incoming) (Loaded, error) {
	l := &load{s: s, tx: tx, tenant: tenant, rows: rows, families: make(map[sqldb.Hash]*groupOf, len(rows)/2), disputed: map[*Incoming]bool{}, gone: map[*Incoming]bool{}, renamed: map[*Incoming]bool{}, renamedOf: map[*Incoming]sqldb.ID{}, first: s.first}
	if l.first != nil {
		l.first.in(tx.Tx)
	}
	for _, step := range []func(context.Context) error{
		l.findKnown, l.partKnown, l.findHolders, l.sort, l.partFarNamed, l.findGone, l.findFamilies, l.insertFamilies, l.insertPersons, l.claim, l.insertPairs,
		l.change, l.growFamilies, l.cardsOfRenamed, l.noteSources, l.keepAnswers,
	} {
		if err := step(ctx); err != nil {
			return l.out, err
		}
	}
	return l.out, nil
}

// findKnown reads the source records of the chunk: its row ids usually follow each
// other, so one range is read; a chunk in no order is read by lists.
func (l *load) findKnown(ctx context.Context) error {
	l.known = map[rowKey]sourceRow{}
	bySource := map[string][]string{}
	for i := range l.rows {
		bySource[l.rows[i].Source] = append(bySource[l.rows[i].Source], l.rows[i].RowID)
	}
	for source, ids := range bySource {
		lowest, highest := slices.Min(ids), slices.Max(ids)
		n, err := l.readKnown(ctx, source, `AND row_id >= $3 AND row_id <= $4 LIMIT $5`, []any{int64(l.tenant), source, lowest, highest, len(ids)*3 + 1000})
		if err != nil {
			return err
		}
		if n < len(ids)*3+1000 {
			continue
		}
		if err := l.readListed(ctx, source, ids); err != nil {
			return err
		}
	}
	return nil
}

func knownQuery(tenant, source string) string {
	return `SELECT row_id, person_id, family_id, digest FROM source_record WHERE kabkota = ` + tenant + ` AND source = ` + source
}

func (l *load) readKnown(ctx context.Context, source, rest string, args []any) (n int, err error) {
	err = sqldb.Each(ctx, l.tx, knownQuery("$1", "$2")+" "+rest, args, func(r sqldb.Row) error {
		n++
		return l.scanKnown(source, r)
	})
	if err != nil {
		return n, fmt.Errorf("read source records: %w", err)
	}
	return n, nil
}

func (l *load) scanKnown(source string, r sqldb.Row) error {
	var id string
	var k sourceRow
	err := r.Scan(&id, &k.person, &k.family, &k.digest)
	l.known[rowKey{source, id}] = k
	return err
}

// findHolders reads who holds the NIKs of rows not known by their row id.
func (l *load) findHolders(ctx context.Context) (err error) {
	var hashes []sqldb.Hash
	for i := range l.rows {
		row := &l.rows[i]
		if _, known := l.known[row.key()]; !known && !row.nikHash.IsZero() {
			hashes = append(hashes, row.nikHash)
		}
	}
	if l.holders, err = l.claimedIn(ctx, hashes); err != nil {
		return fmt.Errorf("read holders: %w", err)
	}
	var ids []sqldb.ID
	for _, h := range l.holders {
		if h.Tenant == l.tenant {
			ids = append(ids, h.PersonID)
		}
	}
	persons, err := l.s.PersonsIn(ctx, l.tx, l.tenant, ids)
	l.held = make(map[sqldb.ID]Person, len(persons))
	for _, p := range persons {
		l.held[p.ID] = p
	}
	return err
}

// sort puts every row where it belongs: unchanged, known, the same person by NIK,
// new, or new with a contested NIK.
func (l *load) sort(context.Context) error {
	first := make(map[sqldb.Hash]*Incoming, len(l.rows))
	seen := make(map[rowKey]bool, len(l.rows))
	for i := range l.rows {
		row := &l.rows[i]
		if seen[row.key()] {
			return fail.Invalid("import.row_twice", "line", row.Line)
		}
		seen[row.key()] = true
		if k, known := l.known[row.key()]; known {
			if k.digest == row.digest {
				l.out.Unchanged++
			} else {
				l.joined = append(l.joined, joinedRow{row, k.person, true})
			}
			continue
		}
		if row.nikHash.IsZero() {
			l.fresh = append(l.fresh, row)
			continue
		}
		if holder, held := l.holders[row.nikHash]; held {
			l.besideHolder(row, holder)
			continue
		}
		if other := first[row.nikHash]; other != nil {
			l.besideRow(row, other)
			continue
		}
		first[row.nikHash] = row
		l.fresh = append(l.fresh, row)
	}
	return nil
}

func (l *load) besideHolder(row *Incoming, holder HolderOf) {
	p, here := l.held[holder.PersonID]
	if here && agrees(row, p.Name, p.BirthDate.Text()) {
		if person.FarApart(row.Name, p.Name) {
			l.farNamed = append(l.farNamed, farNamed{row, p, holder})
			return
		}
		l.joined = append(l.joined, joinedRow{row, p.ID, false})
		l.otherNameThan(row, p)
		return
	}
	l.dispute(row, holder)
}

func (l *load) besideRow(row, other *Incoming) {
	far := person.FarApart(row.Name, other.Name)
	if agrees(row, other.Name, other.BirthDate.Text()) && (!far || renames(row, other.Source, other.SourceDate, row.group == other.group, other.MotherName)) {
		row.id = other.id
		l.out.SamePerson++
		l.out.Touched = append(l.out.Touched, Touched{other.id, "same_person"})
		l.joined = append(l.joined, joinedRow{row, sqldb.ID{}, false}) // only its source record is kept
		l.otherName(row, other)
		return
	}
	l.dispute(row, HolderOf{Hash: row.nikHash, Tenant: l.tenant, PersonID: other.id})
}

// agrees reports whether a row with the NIK of a person is that person: the name or the birth date is the same.
func agrees(row *Incoming, name, birth string) bool {
	return person.FoldEqual(row.Name, name) || birth != "" && row.BirthDate.Text() == birth
}

// dispute makes the row a person of her own whose NIK somebody else holds.
func (l *load) dispute(row *Incoming, holder HolderOf) {
	l.fresh = append(l.fresh, row)
	l.pairs = append(l.pairs, contestedPair{row, holder})
	l.disputed[row] = true
}
