package duplicates

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/doubles"
	"tepat/internal/domain/person"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// The engine looks at everybody at once: this file reads the registry's rows by the hundred
// thousand, opens their numbers in memory and makes linkage records of them. It writes nothing.

// population is everybody of a district, as the engine compares them.
type population struct {
	records []doubles.Record
	people  []human
}

// human is what the run keeps of a person beside her record.
type human struct {
	id       sqldb.ID
	area     area.Code
	nikState registry.NIKState
	nikHash  sqldb.Hash
	matched  bool // padan: the civil registry knows her under this NIK
}

// sealedRow is a person as read, her numbers still sealed.
type sealedRow struct {
	human
	name, birth            string
	sex                    int64
	nik, kk, mother, phone []byte
}

const readSize = 5000

// readPopulation reads the active persons of a run's area.
func (s *Service) readPopulation(ctx context.Context, q sqldb.Querier, r runs.Run) (*population, error) {
	type batch struct {
		records []doubles.Record
		people  []human
		err     error
	}
	p := &population{records: make([]doubles.Record, 0, r.Total), people: make([]human, 0, r.Total)}
	var readErr error
	open := func(rows []sealedRow) (b batch) {
		b.records, b.people = make([]doubles.Record, len(rows)), make([]human, len(rows))
		for i := range rows {
			record, err := s.record(&rows[i])
			b.err = errors.Join(b.err, err)
			b.records[i], b.people[i] = record, rows[i].human
		}
		return b
	}
	err := parallel.Chunks(s.workers, readRows(ctx, q, r, &readErr), open, func(b batch) error {
		p.records, p.people = append(p.records, b.records...), append(p.people, b.people...)
		return b.err
	})
	if err := errors.Join(readErr, err); err != nil {
		return nil, err
	}
	return p, nil
}

// readRows yields the rows in pages along the key.
func readRows(ctx context.Context, q sqldb.Querier, r runs.Run, failed *error) iter.Seq[[]sealedRow] {
	from, to := r.Area.Range()
	return func(yield func([]sealedRow) bool) {
		after := sqldb.ID{15: 1}
		for {
			rows, err := sqldb.Collect(ctx, q, `
				SELECT p.id, p.area_code, p.nik_state, p.nik_hash, p.match_status, p.name, p.birth_date, p.sex, p.nik, f.no_kk, p.mother_name, p.phone
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
	var at, match int64
	err := r.Scan(&row.id, &at, &row.nikState, &row.nikHash, &match, &row.name, &row.birth, &row.sex, &row.nik, &row.kk, &row.mother, &row.phone)
	row.area, row.matched = area.Code(at), civilmatch.Status(match) == civilmatch.Matched
	return row, err
}

func (s *Service) record(row *sealedRow) (doubles.Record, error) {
	out := doubles.Record{
		ID: string(row.id[:]), Name: row.name, Birth: row.birth, Sex: person.Sex(row.sex).String(), Area: row.area.Dotted(),
	}
	if row.matched && !row.nikHash.IsZero() {
		out.Person = string(row.nikHash[:])
	}
	for _, field := range []struct {
		purpose seal.Purpose
		sealed  []byte
		to      *string
	}{{seal.NIK, row.nik, &out.NIK}, {seal.KK, row.kk, &out.KK}, {seal.Mother, row.mother, &out.Mother}, {seal.Phone, row.phone, &out.Phone}} {
		if len(field.sealed) == 0 {
			continue
		}
		plain, err := s.keys.Open(field.purpose, field.sealed)
		if err != nil {
			return out, fmt.Errorf("open person %s: %w", row.id, err)
		}
		*field.to = string(plain)
	}
	return out, nil
}

// recordOf makes the record of one person, for a pair no run has weighed.
func recordOf(p registry.Person, kk person.KK) doubles.Record {
	out := doubles.Record{
		ID: p.ID.String(), NIK: p.RawNIK, KK: kk.Plain(), Name: p.Name, Mother: p.MotherName, Birth: p.BirthDate.Text(), Sex: p.Sex.String(),
		Area: p.Area.Dotted(), Phone: p.Phone.Plain(),
	}
	if !p.NIK.IsZero() {
		out.NIK = p.NIK.Plain()
	}
	return out
}
