package installation

import (
	"context"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

func count(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM installation`).Scan(&n)
	return n, err
}

func insert(ctx context.Context, tx *sqldb.Tx, i Installation) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO installation (id, name, level, training, areas, loading, created_at)
		VALUES ($1, $2, $3, $4, $5, 0, $6)`,
		i.ID, i.Name, string(i.Level), flag(i.Training), join(i.Areas), i.Created.UnixMicro())
	return err
}

func find(ctx context.Context, q sqldb.Querier) (Installation, error) {
	var i Installation
	var level, areas string
	var training, loading, created int64
	err := q.QueryRow(ctx, `
		SELECT id, name, level, training, areas, loading, created_at
		FROM installation ORDER BY id LIMIT 1`).Scan(&i.ID, &i.Name, &level, &training, &areas, &loading, &created)
	if found, err := sqldb.Found(err); err != nil || !found {
		if err == nil {
			err = fail.NotFound("installation.missing")
		}
		return i, err
	}
	i.Level, i.Training, i.Loading, i.Created = Level(level), training == 1, loading == 1, time.UnixMicro(created).UTC()
	i.Areas, err = split(areas)
	return i, err
}

func setLoading(ctx context.Context, tx *sqldb.Tx, on bool) (int64, error) {
	return tx.Exec(ctx, `UPDATE installation SET loading = $1`, flag(on))
}

// hold writes the one row as it is: another transaction that does so waits for this one.
func hold(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE installation SET loading = loading`)
	return err
}

func setAreas(ctx context.Context, tx *sqldb.Tx, areas []area.Code) error {
	_, err := tx.Exec(ctx, `UPDATE installation SET areas = $1`, join(areas))
	return err
}

func join(areas []area.Code) string {
	parts := make([]string, len(areas))
	for i, a := range areas {
		parts[i] = a.Dotted()
	}
	return strings.Join(parts, ",")
}

func split(s string) ([]area.Code, error) {
	var out []area.Code
	for part := range strings.SplitSeq(s, ",") {
		code, err := area.Parse(part)
		if err != nil {
			return nil, err
		}
		out = append(out, code)
	}
	return out, nil
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
