package duplicates

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// The engine looks at everybody at once: this file reads the registry's rows by the hundred
// thousand, opens their numbers in memory and lays them out as the engine's table. It writes nothing.

// population is everybody of a run as the engine compares them: a linkage.Source. What it holds
// in clear is wiped when the run has been worked out.
type population struct {
	people []human
	at     []place
	pages  [][]byte // values, each behind its length
}

// place is where the values of a person begin.
type place struct{ page, from uint32 }

// human is what a run keeps of a person beside her values.
type human struct {
	id       sqldb.ID
	tenant   area.Tenant
	area     area.Code
	entity   uint64 // who the civil registry says she is, by the keyed hash of her NIK; 0 when she does not match
	claim    uint64 // the NIK she claims, by its keyed hash; 0 for none
	nikState registry.NIKState
	guest    bool // lives outside the run's area; only weighed with whom she is paired
}

// header names the columns of the table; the model finds its own among them.
func header() []string {
	return []string{"id", "nik", "no_kk", "nama", "tanggal_lahir", "jenis_kelamin", "nama_ibu", "kode_wilayah", "no_hp", "tempat_lahir", "alamat"}
}

// values is how many values of a person stand in a page: all columns but the id.
const values = 10

// Header gives the columns.
func (p *population) Header() []string { return header() }

// Rows counts the persons.
func (p *population) Rows() int { return len(p.people) }

// Fields gives the values of a person.
func (p *population) Fields(row int, into [][]byte) [][]byte {
	into = append(into[:0], p.people[row].id[:])
	page := p.pages[p.at[row].page][p.at[row].from:]
	for range values {
		n, size := binary.Uvarint(page)
		into, page = append(into, page[size:size+int(n)]), page[size+int(n):]
	}
	return into
}

// wipe clears all values.
func (p *population) wipe() {
	for _, page := range p.pages {
		clear(page)
	}
	p.pages, p.at = nil, nil
}

// add takes in a page of persons.
func (p *population) add(b batch) {
	for _, from := range b.from {
		p.at = append(p.at, place{uint32(len(p.pages)), from})
	}
	p.people, p.pages = append(p.people, b.people...), append(p.pages, b.page)
}

// batch is a page of persons, opened.
type batch struct {
	people []human
	page   []byte
	from   []uint32
	err    error
}

// put appends the values of a person: number, card, name, birth, sex, mother, place, phone, birth place, address.
func (b *batch) put(h human, list *[values][]byte) {
	b.people, b.from = append(b.people, h), append(b.from, uint32(len(b.page)))
	for _, v := range list {
		b.page = append(binary.AppendUvarint(b.page, uint64(len(v))), v...)
	}
}

// sealedRow is a person as read, her numbers still sealed.
type sealedRow struct {
	human
	name, birth, birthPlace, address string
	sex                              int64
	nik, kk, mother, phone           []byte
}

const readSize = 5000

// readPopulation reads the active persons of a run's area.
func (s *Service) readPopulation(ctx context.Context, q sqldb.Querier, r runs.Run) (*population, error) {
	p := &population{people: make([]human, 0, r.Total), at: make([]place, 0, r.Total)}
	var readErr error
	err := parallel.Chunks(s.workers, readRows(ctx, q, r, &readErr), s.openRows, func(b batch) error {
		p.add(b)
		return b.err
	})
	if err := errors.Join(readErr, err); err != nil {
		p.wipe()
		return nil, err
	}
	return p, nil
}

// openRows opens the numbers of a page of persons.
func (s *Service) openRows(rows []sealedRow) (b batch) {
	b = batch{people: make([]human, 0, len(rows)), from: make([]uint32, 0, len(rows)), page: make([]byte, 0, 140*len(rows))}
	for i := range rows {
		b.err = errors.Join(b.err, s.openRow(&rows[i], &b))
	}
	return b
}

func (s *Service) openRow(row *sealedRow, b *batch) error {
	list := [values][]byte{
		2: []byte(row.name), 3: []byte(row.birth), 4: []byte(person.Sex(row.sex).String()), 6: []byte(row.area.Dotted()),
		8: []byte(row.birthPlace), 9: []byte(row.address),
	}
	opened := [4]int{0, 1, 5, 7}
	for i, field := range []struct {
		purpose seal.Purpose
		sealed  []byte
	}{{seal.NIK, row.nik}, {seal.KK, row.kk}, {seal.Mother, row.mother}, {seal.Phone, row.phone}} {
		if len(field.sealed) == 0 {
			continue
		}
		plain, err := s.keys.Open(field.purpose, field.sealed)
		if err != nil {
			return fmt.Errorf("open person %s: %w", row.id, err)
		}
		list[opened[i]] = plain
	}
	b.put(row.human, &list)
	for _, i := range opened {
		clear(list[i])
	}
	return nil
}

const rowColumns = `p.kabkota, p.id, p.area_code, p.nik_state, p.nik_hash, p.match_status, p.name, p.birth_date, p.birth_place, p.sex, p.nik,
	f.no_kk, f.address, p.mother_name, p.phone`

// readRows yields the rows in pages along the key.
func readRows(ctx context.Context, q sqldb.Querier, r runs.Run, failed *error) iter.Seq[[]sealedRow] {
	from, to := r.Area.Range()
	return func(yield func([]sealedRow) bool) {
		after := sqldb.ID{15: 1}
		for {
			rows, err := sqldb.Collect(ctx, q, `
				SELECT `+rowColumns+`
				FROM person p
				JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
				WHERE p.kabkota = $1 AND p.id > $2 AND p.state = 1 AND p.area_code >= $3 AND p.area_code < $4
				ORDER BY p.id LIMIT $5`, []any{int64(r.Tenant), after, int64(from), int64(to), readSize}, scanRow)
			if err != nil {
				*failed = fmt.Errorf("read persons: %w", err)
				return
			}
			if len(rows) == 0 || !yield(rows) || len(rows) < readSize {
				return
			}
			after = rows[len(rows)-1].id
		}
	}
}

func scanRow(r sqldb.Row) (sealedRow, error) {
	var row sealedRow
	var tenant, at, match int64
	var hash sqldb.Hash
	err := r.Scan(&tenant, &row.id, &at, &row.nikState, &hash, &match, &row.name, &row.birth, &row.birthPlace, &row.sex, &row.nik, &row.kk,
		&row.address, &row.mother, &row.phone)
	row.tenant, row.area = area.Tenant(tenant), area.Code(at)
	if !hash.IsZero() {
		row.claim = binary.BigEndian.Uint64(hash[:8])
		if civilmatch.Status(match) == civilmatch.Matched {
			row.entity = row.claim
		}
	}
	return row, err
}

// readGuests adds the persons outside the run's area, of this district or another, who stand in pairs with somebody of it
// that wait and have no weight of this model.
func (s *Service) readGuests(ctx context.Context, q sqldb.Querier, p *population, pairs map[sides]known) error {
	at := p.rows()
	wanted := map[area.Tenant][]sqldb.ID{}
	for _, who := range slices.SortedFunc(maps.Keys(pairs), compareSides) {
		k := pairs[who]
		if k.state != Open || k.weighed {
			continue
		}
		for i := range who {
			_, here := at[who[i]]
			_, other := at[who[1-i]]
			if !here && other && !slices.Contains(wanted[k.tenants[i]], who[i]) {
				wanted[k.tenants[i]] = append(wanted[k.tenants[i]], who[i])
			}
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(wanted)) {
		for some := range slices.Chunk(wanted[tenant], 400) {
			a := sqldb.NewArgs(q)
			query := `SELECT ` + rowColumns + ` FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
				WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.state = 1 AND p.id IN ` + sqldb.In(a, some) + ` ORDER BY p.id`
			rows, err := sqldb.Collect(ctx, q, query, a.Values, scanRow)
			if err != nil {
				return fmt.Errorf("read persons of pairs: %w", err)
			}
			for i := range rows {
				rows[i].guest = true
			}
			b := s.openRows(rows)
			p.add(b)
			if b.err != nil {
				return b.err
			}
		}
	}
	return nil
}
