package programmes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Decree is the signed decision that puts a list in force. Several lists may stand on one decree.
type Decree struct {
	ID       sqldb.ID    `json:"id,omitzero"`
	Number   string      `json:"number"`
	On       period.Date `json:"on"`
	SignedBy string      `json:"signed_by"` // the office that signs, such as "Bupati Asahan"
	About    string      `json:"about"`
}

// longestNumber bounds the number of a decree, in bytes.
const longestNumber = 120

// Problems names everything that is wrong with a decree: it needs a number, a full date that has come, and a signer.
// Errors: decree.number, decree.date, decree.signed_by.
func (d Decree) Problems(today period.Date) (out []error) {
	if strings.TrimSpace(d.Number) == "" || len(d.Number) > longestNumber {
		out = append(out, fail.Invalid("decree.number").On("number"))
	}
	if !d.On.IsFull() || d.On.After(today) {
		out = append(out, fail.Invalid("decree.date").On("date"))
	}
	if strings.TrimSpace(d.SignedBy) == "" {
		out = append(out, fail.Invalid("decree.signed_by").On("signed_by"))
	}
	return out
}

// check gives the first of the problems.
func (d Decree) check(today period.Date) error {
	if problems := d.Problems(today); len(problems) > 0 {
		return problems[0]
	}
	return nil
}

const decreeColumns = `id, number, decided_on, signed_by, about`

func scanDecree(r sqldb.Row) (d Decree, err error) {
	var on string
	if err = r.Scan(&d.ID, &d.Number, &on, &d.SignedBy, &d.About); err != nil {
		return d, err
	}
	d.On, err = period.ParseDate(on)
	return d, err
}

// decreeByID reads a decree; the zero Decree when the list has none.
func decreeByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Decree, error) {
	if id.IsZero() {
		return Decree{}, nil
	}
	d, err := scanDecree(q.QueryRow(ctx, `SELECT `+decreeColumns+` FROM decree WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	if err != nil {
		return d, fmt.Errorf("read decree: %w", err)
	}
	return d, nil
}

// keepDecree keeps a decree, or takes the one that is on record under its number when date and signer
// are the same. Error: decree.number_taken when they are not.
func keepDecree(ctx context.Context, tx *act.Tx, tenant area.Tenant, d Decree) (Decree, error) {
	held, err := scanDecree(tx.QueryRow(ctx, `SELECT `+decreeColumns+` FROM decree WHERE kabkota = $1 AND kind = 'programme' AND number = $2`, int64(tenant), d.Number))
	found, err := sqldb.Found(err)
	if err != nil {
		return d, fmt.Errorf("read decree: %w", err)
	}
	if found {
		if held.On != d.On || held.SignedBy != d.SignedBy {
			return d, fail.Conflict("decree.number_taken", "number", d.Number).On("number")
		}
		return held, nil
	}
	d.ID = tx.NewID()
	n, err := tx.Exec(ctx, `
		INSERT INTO decree (kabkota, id, number, kind, about, decided_on, signed_by, digest, recorded_at, act_id)
		VALUES ($1, $2, $3, 'programme', $4, $5, $6, '', $7, $8)
		ON CONFLICT (kabkota, kind, number) DO NOTHING`,
		int64(tenant), d.ID, d.Number, d.About, d.On.Text(), d.SignedBy, tx.Micros(), tx.Act)
	if err != nil {
		return d, fmt.Errorf("keep decree: %w", err)
	}
	if n == 0 {
		return d, fail.Unavailable("programme.race") // kept by somebody else at the same moment: look again
	}
	return d, nil
}

// sealDecree sets the digest of a decree: that of its list, or of several the SHA-256 over their
// digests, sorted, a line each.
func sealDecree(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID) error {
	digests, err := sqldb.Collect(ctx, tx, `SELECT digest FROM programme_list WHERE kabkota = $1 AND decree_id = $2`, []any{int64(tenant), id}, func(r sqldb.Row) (d string, err error) {
		err = r.Scan(&d)
		return d, err
	})
	if err != nil {
		return fmt.Errorf("read digests of decree: %w", err)
	}
	digest := strings.Join(digests, "")
	if len(digests) > 1 {
		slices.Sort(digests)
		sum := sha256.Sum256([]byte(strings.Join(digests, "\n") + "\n"))
		digest = hex.EncodeToString(sum[:])
	}
	if _, err := tx.Exec(ctx, `UPDATE decree SET digest = $1 WHERE kabkota = $2 AND id = $3`, digest, int64(tenant), id); err != nil {
		return fmt.Errorf("set digest of decree: %w", err)
	}
	return nil
}
