package proposals

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Key is a keyed hash by which a case is found: of a NIK or No. KK in it, or of its number with the
// digits that open its tracking. Service grievances keeps its keys in the same table.
type Key struct {
	Hash sqldb.Hash
	Case sqldb.ID
}

// trackPurpose binds the hash of a number and the digits that belong to it.
const trackPurpose = seal.Purpose("case track")

// TrackHash gives what a case is tracked by: its number together with the last four digits of
// the NIK of who filed it, or the code she was given.
func TrackHash(keys *seal.Keyring, number, secret string) sqldb.Hash {
	return keys.Blind(trackPurpose, []byte(number+"\x00"+secret))
}

// PutKeysIn keeps keys of cases of a tenant.
func PutKeysIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, keys []Key) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.Hash.IsZero() })
	in := sqldb.Insert{Table: "case_key", Columns: []string{"kabkota", "hash", "case_id"}, OnConflict: "(kabkota, hash, case_id) DO NOTHING"}
	_, err := tx.Bulk(ctx, in, len(keys), func(i int, v []any) {
		v[0], v[1], v[2] = int64(tenant), keys[i].Hash, keys[i].Case
	})
	if err != nil {
		return fmt.Errorf("keep keys of cases: %w", err)
	}
	return nil
}

// Found is a case of a tenant.
type Found struct {
	Tenant area.Tenant
	Key
}

// CasesIn finds the cases of tenants by their keys.
func CasesIn(ctx context.Context, q sqldb.Querier, tenants []area.Tenant, hashes []sqldb.Hash) ([]Found, error) {
	in := make([]int64, len(tenants))
	for i, t := range tenants {
		in[i] = int64(t)
	}
	var out []Found
	for some := range slices.Chunk(hashes, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT kabkota, hash, case_id FROM case_key WHERE kabkota IN ` + sqldb.In(a, in) + ` AND hash IN ` + sqldb.In(a, some) + ` ORDER BY case_id`
		found, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (f Found, err error) {
			var tenant int64
			err = r.Scan(&tenant, &f.Hash, &f.Case)
			f.Tenant = area.Tenant(tenant)
			return f, err
		})
		if err != nil {
			return nil, fmt.Errorf("find cases: %w", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// keysOf gives the keys of a proposal: of everybody in it, of the family card, and for tracking.
func (s *Service) keysOf(r *Row, d Document) []Key {
	var keys []Key
	for _, m := range d.Members {
		keys = append(keys, Key{s.reg.NIKHash(m.NIK), r.ID})
	}
	return append(keys, Key{s.reg.KKHash(d.KK), r.ID}, Key{TrackHash(s.keys, r.Number, secretOf(d)), r.ID})
}

// secretOf gives the digits an applicant tracks by: the last four of the head's NIK, or of the
// No. KK where the head has none.
func secretOf(d Document) string {
	head, _ := d.Head()
	for _, number := range []string{head.NIK.Plain(), d.KK.Plain()} {
		if len(number) > secretDigits {
			return number[len(number)-secretDigits:]
		}
	}
	return ""
}

const secretDigits = 4

// openStates lists the states in which somebody still acts on a proposal.
func openStates() []string {
	var out []string
	for _, state := range proposal.States() {
		if state.Open() {
			out = append(out, string(state))
		}
	}
	return out
}
