package proposals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// DecreeKind says which decision a decree is.
type DecreeKind string

// The decrees that cover proposals.
const (
	Ratification  DecreeKind = "ratification"  // pengesahan by the bupati or wali kota
	Determination DecreeKind = "determination" // penetapan by the minister
)

// Decree is a signed decision over a list of proposals.
type Decree struct {
	ID       sqldb.ID    `json:"id"`
	Kind     DecreeKind  `json:"kind"`
	Number   string      `json:"number"`
	On       period.Date `json:"on"`
	SignedBy string      `json:"signed_by"` // the office that signs, such as "Wali Kota Ambon"
	About    string      `json:"about"`
	Digest   string      `json:"digest"` // SHA-256 of the list it covers, hex
}

// longestNumber bounds the number of a decree, in bytes.
const longestNumber = 120

// check refuses a decree without number, signer or a full date that has come. Errors:
// decree.number, decree.date, decree.signed_by.
func (d Decree) check(today period.Date) error {
	switch {
	case strings.TrimSpace(d.Number) == "" || len(d.Number) > longestNumber:
		return fail.Invalid("decree.number").On("number")
	case !d.On.IsFull() || d.On.After(today):
		return fail.Invalid("decree.date").On("date")
	case strings.TrimSpace(d.SignedBy) == "":
		return fail.Invalid("decree.signed_by").On("signed_by")
	}
	return nil
}

const decreeColumns = `id, kind, number, decided_on, signed_by, about, digest`

func scanDecree(row sqldb.Row) (d Decree, err error) {
	var on string
	if err = row.Scan(&d.ID, &d.Kind, &d.Number, &on, &d.SignedBy, &d.About, &d.Digest); err != nil {
		return d, err
	}
	return d, d.On.UnmarshalText([]byte(on))
}

// decreeByNumber finds a decree; found is false when there is none of the number.
func decreeByNumber(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kind DecreeKind, number string) (d Decree, found bool, err error) {
	d, err = scanDecree(q.QueryRow(ctx, `SELECT `+decreeColumns+` FROM decree WHERE kabkota = $1 AND kind = $2 AND number = $3`, int64(tenant), string(kind), number))
	if found, err = sqldb.Found(err); err != nil {
		return d, false, fmt.Errorf("read decree: %w", err)
	}
	return d, found, nil
}

// decreeByID reads a decree. Error: decree.unknown.
func decreeByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Decree, error) {
	d, err := scanDecree(q.QueryRow(ctx, `SELECT `+decreeColumns+` FROM decree WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(d, err, "read decree", fail.NotFound("decree.unknown"))
}

// insertDecree keeps a new decree. Error: decree.number_taken (fact number).
func insertDecree(ctx context.Context, tx *act.Tx, tenant area.Tenant, d Decree) error {
	n, err := tx.Exec(ctx, `
		INSERT INTO decree (kabkota, id, number, kind, about, decided_on, signed_by, digest, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (kabkota, kind, number) DO NOTHING`,
		int64(tenant), d.ID, d.Number, string(d.Kind), d.About, d.On.Text(), d.SignedBy, d.Digest, tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep decree: %w", err)
	}
	if n == 0 {
		return fail.Conflict("decree.number_taken", "number", d.Number).On("number")
	}
	return nil
}

// sealDecree sets the digest of a decree whose list is complete now.
func sealDecree(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID, digest string) error {
	_, err := tx.Exec(ctx, `UPDATE decree SET digest = $1 WHERE kabkota = $2 AND id = $3`, digest, int64(tenant), id)
	if err != nil {
		return fmt.Errorf("set digest of decree: %w", err)
	}
	return nil
}

// list is the digest of a decree being made: SHA-256 over one line a proposal, in the order of their
// ids, which follows the order of filing. A line holds number, kind, programme, village,
// state and the SHA-256 of what was filed, so that a changed form is another list.
type list struct {
	hash.Hash
	rows int64
}

func newList() *list { return &list{Hash: sha256.New()} }

func (s *Service) addTo(l *list, r *Row) error {
	d, err := s.open(r.sealed)
	if err != nil {
		return err
	}
	for i := range d.Members { // what the civil registry said is no part of what was filed
		d.Members[i].Match, d.Members[i].Differs = 0, 0
	}
	plain, err := d.plain()
	if err != nil {
		return err
	}
	filed := sha256.Sum256(plain)
	fmt.Fprintf(l, "%s\t%s\t%s\t%s\t%s\t%x\n", r.Number, r.Kind, r.Programme, r.Area.Dotted(), r.State, filed)
	l.rows++
	return nil
}

func (l *list) digest() string { return hex.EncodeToString(l.Sum(nil)) }

// digestIn computes the digest of everything a decree covers, as it stands.
func (s *Service) digestIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, decree sqldb.ID) (string, int64, error) {
	l := newList()
	err := sqldb.Each(ctx, q, `
		SELECT `+rowColumns+` FROM proposal WHERE kabkota = $1 AND decree_id = $2 ORDER BY id`, []any{int64(tenant), decree}, func(row sqldb.Row) error {
		r, err := scanRow(row)
		if err != nil {
			return err
		}
		return s.addTo(l, r)
	})
	if err != nil {
		return "", 0, fmt.Errorf("compute digest of decree: %w", err)
	}
	return l.digest(), l.rows, nil
}
