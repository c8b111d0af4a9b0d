package civil

import (
	"context"
	"errors"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Known is a row of the imported civil file as record linkage reads it. Its bytes belong to
// whoever reads the file and hold until the next row.
type Known struct {
	Hash       sqldb.Hash // keyed, of the NIK
	NIK, KK    []byte
	Name       []byte
	Sex        person.Sex
	BirthPlace []byte
	BirthDate  []byte
	Mother     []byte
	Area       area.Code
	State      civilmatch.State
}

// Mode is how much the civil registry may tell.
func (s *Service) Mode() civilmatch.Mode { return s.civil.Mode() }

// Scans tells whether the values of the civil registry are at hand and may be compared: the
// imported file, under an agreement that gives values.
func (s *Service) Scans() bool {
	file, imported := s.civil.(File)
	return imported && file.mode == civilmatch.FullValues
}

// Gives says, for a page, what the civil registry lets us do beyond asking for one person: "list" where its people can be
// looked for, "one" where it answers over a network for one number at a time, "no_values" where the agreement gives none,
// "none" where there is no agreement.
func (s *Service) Gives() string {
	_, remote := s.civil.(Remote)
	_, none := s.civil.(None)
	switch {
	case s.Scans():
		return "list"
	case none:
		return "none"
	case remote || !s.civil.Local():
		return "one"
	}
	return "no_values"
}

// NewestIn gives when the newest row of the imported file was kept, in microseconds; zero without rows.
func (s *Service) NewestIn(ctx context.Context, q sqldb.Querier) (at int64, err error) {
	// -- national: the age of the whole file (nik_hash)
	err = q.QueryRow(ctx, `SELECT coalesce(max(recorded_at), 0) FROM civil_record`).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("read age of civil records: %w", err)
	}
	return at, nil
}

// KnownIn reads the imported file row by row, in the order of its keys: all of it, since a person may be
// registered anywhere, or where it has more rows than most, those of the tenant. Errors:
// civil.no_values where Scans says no, civil.too_large (fact limit), and those of each.
func (s *Service) KnownIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, most int, each func(*Known) error) error {
	if !s.Scans() {
		return fail.Conflict("civil.no_values")
	}
	where, args := ``, []any{most + 1}
	large, err := s.moreThan(ctx, q, `SELECT nik_hash FROM civil_record LIMIT $1`, most, args)
	if err == nil && large {
		where, args = `WHERE kabkota = $2`, []any{most + 1, int64(tenant)}
		large, err = s.moreThan(ctx, q, `SELECT nik_hash FROM civil_record `+where+` LIMIT $1`, most, args)
	}
	if err != nil {
		return err
	}
	if large {
		return fail.Conflict("civil.too_large", "limit", most)
	}
	var k Known
	var room sealedRoom
	// -- national: a person may be registered in any district (nik_hash)
	return sqldb.Each(ctx, q, `
		SELECT nik_hash, nik, no_kk, name, sex, birth_place, birth_date, mother_name, area_code, status
		FROM civil_record `+where+` ORDER BY nik_hash LIMIT $1`, args, func(r sqldb.Row) error {
		var nik, kk, mother []byte
		var sex, at, status int64
		if err := r.Scan(&k.Hash, &nik, &kk, &k.Name, &sex, &k.BirthPlace, &k.BirthDate, &mother, &at, &status); err != nil {
			return err
		}
		k.Sex, k.Area, k.State = person.Sex(sex), area.Code(at), civilmatch.State(status)
		var errs [3]error
		k.NIK, errs[0] = room[0].open(s.keys, seal.NIK, nik)
		k.KK, errs[1] = room[1].open(s.keys, seal.KK, kk)
		k.Mother, errs[2] = room[2].open(s.keys, seal.Mother, mother)
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
		return each(&k)
	})
}

// moreThan tells whether a query for most+1 rows finds them all.
func (s *Service) moreThan(ctx context.Context, q sqldb.Querier, query string, most int, args []any) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM (`+query+`) rows_at_most`, args...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("count civil records: %w", err)
	}
	return n > int64(most), nil
}

// sealedRoom is where the sealed values of a row are opened.
type sealedRoom [3]opening

type opening struct{ room []byte }

func (o *opening) open(keys *seal.Keyring, purpose seal.Purpose, sealed []byte) (plain []byte, err error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	o.room, err = keys.OpenTo(o.room[:0], purpose, sealed)
	return o.room, err
}

// RecordsIn gives the civil records of NIKs, by their hashes, where the agreement gives values.
func (s *Service) RecordsIn(ctx context.Context, q sqldb.Querier, hashes []sqldb.Hash) (map[sqldb.Hash]civilmatch.Answer, error) {
	file, _ := s.civil.(File)
	if !s.Scans() {
		return nil, fail.Conflict("civil.no_values")
	}
	found, err := file.read(ctx, q, hashes)
	if err != nil {
		return nil, fmt.Errorf("read civil records: %w", err)
	}
	return found, nil
}

// MendIn keeps what a run mends on a person it has read and locked, and compares her again with what the
// registry tells without network. It gives her as she is then, and the names of the fields that changed.
func (s *Service) MendIn(ctx context.Context, tx *act.Tx, p registry.Person, m Mending) (registry.Person, []string, error) {
	changed, err := s.mendIn(ctx, tx, p, m)
	if err != nil || len(changed) == 0 {
		return p, nil, err
	}
	if p, err = s.reg.PersonIn(ctx, tx, p.Tenant, p.ID); err != nil {
		return p, nil, err
	}
	p, err = s.RematchIn(ctx, tx, p)
	return p, changed, err
}

// LockedIn reads a person whose row nobody else changes until the act ends.
func (s *Service) LockedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID) (registry.Person, error) {
	return s.lockedIn(ctx, tx, tenant, id)
}

// MaskedIn gives the NIK of a civil record, masked; empty when there is none.
func (s *Service) MaskedIn(ctx context.Context, q sqldb.Querier, hash sqldb.Hash) (string, error) {
	var sealed []byte
	found, err := sqldb.Found(q.QueryRow(ctx, `SELECT nik FROM civil_record WHERE nik_hash = $1`, hash).Scan(&sealed))
	if err != nil {
		return "", fmt.Errorf("read civil record: %w", err)
	}
	if !found {
		return "", nil
	}
	nik, err := opened(s.keys, seal.NIK, sealed, person.ParseNIK)
	return nik.String(), err
}
