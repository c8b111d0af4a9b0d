package exchange

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
)

// BeginLoad prepares an empty registry for its first import: the indexes are dropped,
// to be built afterwards, and the installation is marked as loading, so that a kill
// makes the next start build them. It does nothing when the registry holds anybody.
// Only a process that owns the database may call it.
func (s *Service) BeginLoad(ctx context.Context) (bool, error) {
	db := s.acts.DB()
	empty := false
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		var one int64
		// -- national: is anybody there at all? (every tenant, kabkota)
		found, err := sqldb.Found(tx.QueryRow(ctx, `SELECT 1 FROM person WHERE kabkota >= 0 LIMIT 1`).Scan(&one))
		if empty = !found && err == nil; !empty {
			return err
		}
		for _, i := range s.indexes {
			if i.Name == registry.KKIndex {
				if !db.Alone() {
					continue // the load looks families up by it
				}
				s.reg.BeginLoadIn(tx, i)
			}
			if db.Dialect().KeepsIndex(i) {
				continue
			}
			if _, err := tx.Exec(ctx, "DROP INDEX IF EXISTS "+i.Name); err != nil {
				return err
			}
		}
		return installation.SetLoading(ctx, tx, true)
	})
	if err != nil {
		return false, fmt.Errorf("begin load: %w", err)
	}
	if empty {
		err = db.Relaxed(ctx, true)
	}
	return empty, err
}

// Mend ends a load that was killed, at the start of an installation still marked: what the
// load had kept back is made again, then the load is ended.
func (s *Service) Mend(ctx context.Context) error {
	if s.acts.DB().Alone() {
		if err := s.reg.RebuildClaims(ctx); err != nil {
			return err
		}
	}
	return s.EndLoad(ctx)
}

// EndLoad writes what the load kept back, builds the indexes again and takes the mark away,
// after an import that began with BeginLoad.
func (s *Service) EndLoad(ctx context.Context) error {
	db := s.acts.DB()
	if err := db.Relaxed(ctx, true); err != nil { // still, or after a kill
		return err
	}
	if err := db.Write(ctx, func(tx *sqldb.Tx) error { return s.reg.EndLoadIn(ctx, tx) }); err != nil {
		return fmt.Errorf("end load: %w", err)
	}
	debug.FreeOSMemory() // the indexes are built in SQLite's memory, and need what the load took
	if err := db.SortInFiles(ctx, true); err != nil {
		return err
	}
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, i := range s.indexes {
			if _, err := tx.Exec(ctx, i.On(db.Dialect())); err != nil {
				return fmt.Errorf("build index %s: %w", i.Name, err)
			}
		}
		return installation.SetLoading(ctx, tx, false)
	})
	if err = errors.Join(err, db.SortInFiles(ctx, false)); err != nil {
		return fmt.Errorf("end load: %w", err)
	}
	if err := db.Relaxed(ctx, false); err != nil {
		return err
	}
	return db.Analyze(ctx) // its commit brings to the disk what was relaxed before
}
