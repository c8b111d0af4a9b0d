package screening

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// EvidenceRow is what another office states about the holder of a NIK. Make it with
// Service.Evidence, which checks it.
type EvidenceRow struct {
	NIK    person.NIK
	Kind   evidence.Kind
	Value  evidence.Value
	AsOf   period.Date // the day the statement holds for, possibly partial
	Source string      // the office, and the file or service

	hash sqldb.Hash
}

// Evidence checks one statement about the holder of a NIK, received on a local date.
// Errors: nik.empty, and those of evidence.Catalogue.New (evidence.kind_unknown, evidence.value, …).
func (s *Service) Evidence(nik person.NIK, in evidence.Statement, received period.Date) (EvidenceRow, error) {
	if nik.IsZero() {
		_, err := person.ParseNIK("")
		return EvidenceRow{}, err
	}
	e, err := s.catalogue.New(in, received)
	if err != nil {
		return EvidenceRow{}, err
	}
	return EvidenceRow{NIK: nik, Kind: e.Kind, Value: e.Value, AsOf: e.AsOf, Source: e.Source}, nil
}

// Ready hashes the NIK of a row, outside any transaction.
func (s *Service) Ready(r *EvidenceRow) { r.hash = s.reg.NIKHash(r.NIK) }

// LoadEvidenceIn keeps ready rows and gives how many were new or changed. A row is
// known by NIK, kind, source and day; of two in one list the later counts. A NIK that
// nobody in the tenant holds is kept too: the person may be registered tomorrow.
//
// Whom a statement is about is decided again whenever it is read, by the hash of the
// NIK, so that a repaired or newly contested NIK never leaves evidence on the wrong
// person; person_id is only the way from a person's page to it.
func (s *Service) LoadEvidenceIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []EvidenceRow) (loaded int64, err error) {
	kept := distinctRows(rows)
	hashes := make([]sqldb.Hash, 0, len(kept))
	for _, r := range kept {
		if n := len(hashes); n == 0 || hashes[n-1] != r.hash {
			hashes = append(hashes, r.hash)
		}
	}
	holders, err := s.reg.HoldersIn(ctx, tx, hashes)
	if err != nil {
		return 0, fmt.Errorf("find whom evidence is about: %w", err)
	}
	return insertEvidence(ctx, tx, tenant, kept, holders)
}

// distinctRows sorts rows by their key, in which order they are written fastest, and
// drops all but the last of those with one key.
func distinctRows(rows []EvidenceRow) []*EvidenceRow {
	kept := make([]*EvidenceRow, len(rows))
	for i := range rows {
		kept[i] = &rows[i]
	}
	slices.SortStableFunc(kept, compareRows)
	out := kept[:0]
	for i, r := range kept {
		if i+1 == len(kept) || compareRows(r, kept[i+1]) != 0 {
			out = append(out, r)
		}
	}
	return out
}

func compareRows(a, b *EvidenceRow) int {
	return cmp.Or(slices.Compare(a.hash[:], b.hash[:]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source), a.AsOf.Compare(b.AsOf))
}

func insertEvidence(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []*EvidenceRow, holders map[sqldb.Hash]registry.HolderOf) (int64, error) {
	in := sqldb.Insert{
		Table:   "evidence",
		Columns: []string{"kabkota", "id", "nik_hash", "person_id", "kind", "value", "as_of", "source", "recorded_at", "act_id"},
		OnConflict: `(kabkota, nik_hash, kind, source, as_of) DO UPDATE SET person_id = excluded.person_id, value = excluded.value,
			recorded_at = excluded.recorded_at, act_id = excluded.act_id
			WHERE evidence.value <> excluded.value OR evidence.person_id IS DISTINCT FROM excluded.person_id`,
	}
	return tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		r := rows[i]
		about := sqldb.ID{}
		if h, ok := holders[r.hash]; ok && h.Tenant == tenant {
			about = h.PersonID
		}
		v[0], v[1], v[2], v[3], v[4] = int64(tenant), sqldb.NewID(), r.hash, about, r.Kind.String()
		v[5], v[6], v[7], v[8], v[9] = r.Value.Stored(), r.AsOf.Text(), r.Source, tx.Micros(), tx.Act
	})
}
