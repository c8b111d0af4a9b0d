package installation

import (
	"context"
	"fmt"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Empty takes a training installation out of a PostgreSQL database, with everybody in it, so that another one can be made there. Any
// other installation is refused, and looked at in the transaction that empties, so that none can come between. Errors:
// installation.not_training, installation.missing.
func Empty(ctx context.Context, db *sqldb.DB, tables []sqldb.Table) error {
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		home, err := find(ctx, tx)
		if err != nil {
			return err
		}
		if !home.Training {
			return fail.Forbidden("installation.not_training", "name", home.Name)
		}
		return sqldb.Clear(ctx, tx, tables)
	})
	if err != nil {
		return fmt.Errorf("empty installation: %w", err)
	}
	return nil
}
