package registry

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// FamilyIn reads a family; registry.no_family when there is none.
func (s *Service) FamilyIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Family, error) {
	f, err := s.scanFamily(q.QueryRow(ctx, `SELECT `+familyColumns+` FROM family WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(f, err, "read family", fail.NotFound("registry.no_family"))
}

// PersonIn reads a person; registry.no_person when there is none.
func (s *Service) PersonIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Person, error) {
	p, err := s.scanPerson(q.QueryRow(ctx, `SELECT `+personColumns+` FROM person WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(p, err, "read person", fail.NotFound("registry.no_person"))
}

// MembersIn reads everybody who is or was recorded in a family, the head first.
func (s *Service) MembersIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Person, error) {
	return sqldb.Collect(ctx, q, `
		SELECT `+personColumns+` FROM person
		WHERE kabkota = $1 AND family_id = $2
		ORDER BY state, relation, birth_date, id LIMIT 200`, []any{int64(tenant), family}, s.scanPerson)
}

// PersonsIn reads persons by id, in no order.
func (s *Service) PersonsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID) ([]Person, error) {
	return inChunks(ids, func(some []sqldb.ID) ([]Person, error) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + personColumns + ` FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
		return sqldb.Collect(ctx, q, query, a.Values, s.scanPerson)
	})
}

// FamiliesIn reads families by id, in no order.
func (s *Service) FamiliesIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID) ([]Family, error) {
	return inChunks(ids, func(some []sqldb.ID) ([]Family, error) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + familyColumns + ` FROM family WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
		return sqldb.Collect(ctx, q, query, a.Values, s.scanFamily)
	})
}

const inSize = 400

// inChunks runs a query for so many values at a time that the statement stays short.
func inChunks[K, V any](keys []K, f func([]K) ([]V, error)) ([]V, error) {
	var out []V
	for len(keys) > 0 {
		n := min(inSize, len(keys))
		some, err := f(keys[:n])
		if err != nil {
			return nil, err
		}
		out, keys = append(out, some...), keys[n:]
	}
	return out, nil
}

// HolderOf tells who holds a NIK; found is false when nobody does.
type HolderOf struct {
	Hash      sqldb.Hash
	Tenant    area.Tenant
	PersonID  sqldb.ID
	FamilyID  sqldb.ID
	Contested bool
	Tags      []byte
}

// HoldersIn finds the holders of NIKs by their hashes.
func (s *Service) HoldersIn(ctx context.Context, q sqldb.Querier, hashes []sqldb.Hash) (map[sqldb.Hash]HolderOf, error) {
	found, err := inChunks(hashes, func(some []sqldb.Hash) ([]HolderOf, error) {
		a := sqldb.NewArgs(q)
		query := `SELECT nik_hash, kabkota, person_id, family_id, contested, check_tags FROM nik_index WHERE nik_hash IN ` + sqldb.In(a, some)
		return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (h HolderOf, err error) {
			var tenant, contested int64
			err = r.Scan(&h.Hash, &tenant, &h.PersonID, &h.FamilyID, &contested, &h.Tags)
			h.Tenant, h.Contested = area.Tenant(tenant), contested == 1
			return h, err
		})
	})
	out := make(map[sqldb.Hash]HolderOf, len(found))
	for _, h := range found {
		out[h.Hash] = h
	}
	return out, err
}

func updatePerson(ctx context.Context, tx *act.Tx, s *Service, p *Person) error {
	n, err := tx.Exec(ctx, `
		UPDATE person SET version = version + 1, recorded_at = $1, act_id = $2, state = $3, family_id = $4, member_since = $5,
			area_code = $6, village_id = $7, nik = $8, nik_hash = $9, nik_state = $10, name = $11, name_norm = $12, sex = $13,
			birth_place = $14, birth_date = $15, mother_name = $16, relation = $17, phone = $18, match_status = $19, match_fields = $20,
			matched_at = $21, source = $22, source_date = $23, ended_reason = $24
		WHERE kabkota = $25 AND id = $26 AND version = $27`, append(s.personValues(p, tx.Micros(), tx.Act), int64(p.Tenant), p.ID, p.Version)...)
	if err == nil && n == 0 {
		return fail.Conflict("registry.changed")
	}
	return err
}

func (s *Service) personValues(p *Person, now int64, actID sqldb.ID) []any {
	var matched int64
	if !p.MatchedAt.IsZero() {
		matched = p.MatchedAt.UnixMicro()
	}
	return []any{
		now, actID, int64(p.State), p.FamilyID, p.MemberSince, int64(p.Area), p.VillageID, bytesOrNil(s.sealNIK(p)), s.NIKHash(p.NIK), int64(p.NIKState),
		p.Name, fold(p.Name), int64(p.Sex), p.BirthPlace, p.BirthDate.Text(), bytesOrNil(s.sealText(motherPurpose, p.MotherName)), int64(p.Relation),
		bytesOrNil(s.sealText(phonePurpose, p.Phone.Plain())), int64(p.Match), int64(p.MatchFields), matched, p.Source, p.SourceDate, p.EndedReason,
	}
}

func updateFamily(ctx context.Context, tx *act.Tx, s *Service, f *Family) error {
	n, err := tx.Exec(ctx, `
		UPDATE family SET version = version + 1, recorded_at = $1, act_id = $2, state = $3, area_code = $4, village_id = $5, no_kk = $6,
			kk_hash = $7, registry_id = $8, household_id = $9, head_name = $10, address = $11, rt = $12, rw = $13, phone = $14,
			persons = $15, unmatched = $16, source = $17, source_date = $18, since = $19, decile = $20, decile_source = $21,
			decile_vintage = $22, score = $23
		WHERE kabkota = $24 AND id = $25 AND version = $26`,
		tx.Micros(), tx.Act, int64(f.State), int64(f.Area), f.VillageID, bytesOrNil(s.sealKK(f.KK)), s.KKHash(f.KK), f.RegistryID, f.HouseholdID,
		f.HeadName, f.Address, f.RT, f.RW, bytesOrNil(s.sealText(phonePurpose, f.Phone.Plain())), f.Persons, f.Unmatched, f.Source, f.SourceDate, f.Since,
		f.Decile, int64(f.DecileSource), f.DecileVintage, f.Score, int64(f.Tenant), f.ID, f.Version)
	if err == nil && n == 0 {
		return fail.Conflict("registry.changed")
	}
	return err
}

func insertHistory(ctx context.Context, tx *act.Tx, table string, tenant area.Tenant, id sqldb.ID, version int64, from time.Time, document []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO `+table+` (kabkota, id, version, recorded_from, recorded_to, act_id, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(tenant), id, version, from.UnixMicro(), tx.Micros(), tx.Act, document)
	return err
}

func insertMembership(ctx context.Context, tx *act.Tx, p *Person, until string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO membership (kabkota, person_id, family_id, valid_from, valid_to, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kabkota, person_id, family_id, valid_from) DO UPDATE SET valid_to = excluded.valid_to`,
		int64(p.Tenant), p.ID, p.FamilyID, p.MemberSince, until, tx.Micros(), tx.Act)
	return err
}
