package audit

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

func insertEntry(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, a Act, e Entry, facts string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO audit_entry (kabkota, id, at, act, act_id, actor_id, role, subject, area_code, purpose, facts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		int64(e.Tenant), id, a.At.UnixMicro(), a.Name, a.ID, sqldb.ID(a.Who.ID), string(a.Role), e.Subject, int64(e.Area), a.Purpose, facts)
	return err
}

func nextSeq(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant) (int64, error) {
	var seq int64
	err := tx.QueryRow(ctx, `UPDATE tenant SET seq = seq + 1 WHERE kabkota = $1 RETURNING seq`, int64(tenant)).Scan(&seq)
	return seq, err
}

func insertChange(ctx context.Context, tx *sqldb.Tx, seq int64, a Act, e Entry) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO change (kabkota, seq, act_id, act, subject, at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(e.Tenant), seq, a.ID, a.Name, e.Subject, a.At.UnixMicro())
	return err
}

type unsealed struct {
	id     sqldb.ID
	digest [32]byte
}

// entriesWithoutLeaf reads entries older than before that no seal covers, oldest first.
func entriesWithoutLeaf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, before time.Time, limit int) ([]unsealed, error) {
	return sqldb.Collect(ctx, q, `
		SELECT e.id, e.at, e.act, e.act_id, e.actor_id, e.role, e.subject, e.area_code, e.purpose, e.facts
		FROM audit_entry e
		LEFT JOIN audit_leaf l ON l.kabkota = e.kabkota AND l.entry_id = e.id
		WHERE e.kabkota = $1 AND e.at < $2 AND l.entry_id IS NULL
		ORDER BY e.id
		LIMIT $3`, []any{int64(tenant), before.UnixMicro(), limit}, scanUnsealed)
}

func entriesOfSeal(ctx context.Context, q sqldb.Querier, tenant area.Tenant, seq int64) ([]unsealed, error) {
	return sqldb.Collect(ctx, q, `
		SELECT e.id, e.at, e.act, e.act_id, e.actor_id, e.role, e.subject, e.area_code, e.purpose, e.facts
		FROM audit_leaf l
		JOIN audit_entry e ON e.kabkota = l.kabkota AND e.id = l.entry_id
		WHERE l.kabkota = $1 AND l.seq = $2
		ORDER BY l.position`, []any{int64(tenant), seq}, scanUnsealed)
}

func scanUnsealed(r sqldb.Row) (unsealed, error) {
	var u unsealed
	var at, areaCode int64
	var act, role, purpose, facts string
	var actID, actor, subject sqldb.ID
	err := r.Scan(&u.id, &at, &act, &actID, &actor, &role, &subject, &areaCode, &purpose, &facts)
	u.digest = leafDigest(u.id, at, act, actID, actor, role, subject, areaCode, purpose, facts)
	return u, err
}

func lastSeal(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (Seal, error) {
	seals, err := sqldb.Collect(ctx, q, `
		SELECT seq, at, leaves, root, previous, signature, key_id
		FROM audit_seal WHERE kabkota = $1 ORDER BY seq DESC LIMIT 1`, []any{int64(tenant)}, scanSeal)
	if err != nil || len(seals) == 0 {
		return Seal{}, err
	}
	return seals[0], nil
}

func sealsAfter(ctx context.Context, q sqldb.Querier, tenant area.Tenant, seq int64, limit int) ([]Seal, error) {
	return sqldb.Collect(ctx, q, `
		SELECT seq, at, leaves, root, previous, signature, key_id
		FROM audit_seal WHERE kabkota = $1 AND seq > $2 ORDER BY seq LIMIT $3`, []any{int64(tenant), seq, limit}, scanSeal)
}

func scanSeal(r sqldb.Row) (Seal, error) {
	var s Seal
	var at int64
	err := r.Scan(&s.Seq, &at, &s.Leaves, &s.Root, &s.Previous, &s.Signature, &s.KeyID)
	s.At = time.UnixMicro(at).UTC()
	return s, err
}

func insertSeal(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, s Seal) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO audit_seal (kabkota, seq, at, leaves, root, previous, signature, key_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		int64(tenant), s.Seq, s.At.UnixMicro(), s.Leaves, s.Root, s.Previous, s.Signature, s.KeyID)
	return err
}

func insertLeaves(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, seq int64, leaves []unsealed) error {
	in := sqldb.Insert{Table: "audit_leaf", Columns: []string{"kabkota", "entry_id", "seq", "position"}}
	_, err := tx.Bulk(ctx, in, len(leaves), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = int64(tenant), leaves[i].id, seq, int64(i)
	})
	return err
}

func tenants(ctx context.Context, q sqldb.Querier) ([]area.Tenant, error) {
	return sqldb.Collect(ctx, q, `SELECT kabkota FROM tenant ORDER BY kabkota`, nil, func(r sqldb.Row) (area.Tenant, error) {
		var t int64
		err := r.Scan(&t)
		return area.Tenant(t), err
	})
}

func countUnsealed(ctx context.Context, q sqldb.Querier, tenant area.Tenant, before time.Time) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `
		SELECT count(*) FROM audit_entry e
		LEFT JOIN audit_leaf l ON l.kabkota = e.kabkota AND l.entry_id = e.id
		WHERE e.kabkota = $1 AND e.at < $2 AND l.entry_id IS NULL`, int64(tenant), before.UnixMicro()).Scan(&n)
	return n, err
}

func countLeaves(ctx context.Context, q sqldb.Querier, tenant area.Tenant, seq int64) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM audit_leaf WHERE kabkota = $1 AND seq = $2`, int64(tenant), seq).Scan(&n)
	return n, err
}
