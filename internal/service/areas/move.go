package areas

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
)

// sealed are the tables with an area code that is never rewritten: an entry of the audit log says
// what was so on its day, under a seal. Load shows them under abolished codes (Tree.Former).
func sealed(table string) bool { return table == "audit_entry" }

// recode gives one area its new code, in the list and in every row, and gives the number of rows.
func (s *Service) recode(ctx context.Context, tx *act.Tx, c Change, m step) (int64, error) {
	own, bps := c.Decree.ownOf(m)
	by := own.of(c.Decree)
	switch m.kind() {
	case stepFound:
		return 0, s.foundVillage(ctx, tx.Tx, by, m, bps)
	case stepRename:
		return 0, renamePlace(ctx, tx.Tx, m.From, m.Name, bps)
	case stepEnd:
		return 0, s.endEmpty(ctx, tx.Tx, by, m)
	}
	into, merged, err := placeInUse(ctx, tx.Tx, m.To)
	if err != nil {
		return 0, err
	}
	if err := s.relist(ctx, tx.Tx, by, m, bps, merged); err != nil {
		return 0, err
	}
	if !merged {
		err = installation.Recode(ctx, tx.Tx, m.From, m.To)
	}
	if err != nil {
		return 0, err
	}
	lineage := append([]area.Tenant{m.fromTenant}, s.Tree().before[m.fromTenant]...)
	var rows int64
	var owners []string
	for _, t := range s.tables {
		columns, err := columnsOf(ctx, tx.Tx, t.Name)
		if err != nil {
			return rows, err
		}
		r := rewriting{table: t, columns: columns, step: m, lineage: lineage, owners: owners, merged: merged, village: into}
		if t.Moves && r.has("area_code") && r.has("id") {
			owners = append(owners, t.Name)
		}
		n, err := r.run(ctx, tx.Tx)
		if err != nil {
			return rows, fmt.Errorf("rewrite %s: %w", t.Name, err)
		}
		rows += n
	}
	return rows, nil
}

// relist ends the old code in the list, begins the new one, unless it is merged into one that is there, and notes what
// became of the old.
func (s *Service) relist(ctx context.Context, tx *sqldb.Tx, by Decree, m step, bps string, merged bool) error {
	place, err := s.Tree().Must(m.From)
	if err != nil {
		return err
	}
	if merged {
		if err := endPlace(ctx, tx, m.From, by.From); err != nil {
			return err
		}
		return putAlias(ctx, tx, m.Move, by)
	}
	if bps != "" {
		place.BPS = bps
	}
	if m.Name != "" {
		place.Name = m.Name
	}
	place.Code, place.Tenant = m.To, m.toTenant
	if err := endPlace(ctx, tx, m.From, by.From); err != nil {
		return err
	}
	if err := putPlace(ctx, tx, place, by.From); err != nil {
		return err
	}
	if by.Undoes != "" { // the code comes back to where it was: nothing leads away from it any more
		if err := dropAlias(ctx, tx, m.To, m.From); err != nil {
			return err
		}
	}
	if err := putAlias(ctx, tx, m.Move, by); err != nil {
		return err
	}
	if m.From.Level() == area.LevelDistrict {
		return setTenantCode(ctx, tx, m.fromTenant, m.To)
	}
	return nil
}

// rewriting is the change of one table for one area.
type rewriting struct {
	table   sqldb.Table
	columns []string
	step    step
	lineage []area.Tenant // where rows that do not move may lie: the tenant, and those it came from
	owners  []string      // moving tables before this one whose rows have an id and an area: families, persons, findings
	merged  bool          // the new code is another village's, which keeps it
	village int64         // the number of that village
}

func (r rewriting) has(column string) bool { return slices.Contains(r.columns, column) }

// run rewrites what the table holds of the area, with the number of the village it is merged into.
func (r rewriting) run(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	n, err := r.rewrite(ctx, tx)
	if err != nil || n == 0 || !r.merged || !r.has("village_id") {
		return n, err
	}
	args := sqldb.NewArgs(tx)
	query := `UPDATE ` + r.table.Name + ` SET village_id = ` + args.P(r.village) + ` WHERE kabkota = ` + args.P(int64(r.step.toTenant)) +
		` AND area_code = ` + args.P(int64(r.step.To)) + ` AND village_id <> ` + args.P(r.village)
	_, err = tx.Exec(ctx, query, args.Values...)
	return n, err
}

// rewrite rewrites the codes. The manifest lists families and persons before
// what belongs to them, so that their rows have moved by then.
func (r rewriting) rewrite(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	switch {
	case sealed(r.table.Name):
		return 0, nil
	case r.table.Kind == sqldb.Local && r.has("area_code"):
		return r.inPlace(ctx, tx)
	case r.table.Kind == sqldb.NIK:
		return r.numbers(ctx, tx)
	case r.table.Kind != sqldb.Tenant || r.step.fromTenant == 0:
		return 0, nil
	case r.table.Moves && r.step.fromTenant != r.step.toTenant:
		return r.move(ctx, tx)
	case r.has("area_code"):
		return r.inPlace(ctx, tx)
	}
	return 0, nil
}

// inPlace rewrites rows that stay in their tenant. What does not move may still lie in a tenant
// the area was taken out of before.
func (r rewriting) inPlace(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	args := sqldb.NewArgs(tx)
	query := `UPDATE ` + r.table.Name + ` SET area_code = ` + args.P(int64(r.step.To)) + ` WHERE area_code = ` + args.P(int64(r.step.From))
	if r.table.Kind == sqldb.Tenant {
		query += ` AND kabkota IN ` + sqldb.In(args, r.lineage)
	}
	if r.merged && slices.Contains(r.table.Key, "area_code") {
		query += ` AND NOT EXISTS (` + r.twin(args) + `)` // a figure of both villages stays with its own code, as it was
	}
	n, err := tx.Exec(ctx, query, args.Values...)
	if err != nil || !r.has("right_kabkota") || r.step.fromTenant == r.step.toTenant {
		return n, err
	}
	args = sqldb.NewArgs(tx)
	query = `UPDATE ` + r.table.Name + ` SET right_kabkota = ` + args.P(int64(r.step.toTenant)) + ` WHERE right_kabkota = ` + args.P(int64(r.step.fromTenant)) +
		` AND right_id IN (` + r.moved("person", args) + `)` // -- national: the other person of a pair may be anybody's
	_, err = tx.Exec(ctx, query, args.Values...)
	return n, err
}

// twin selects the row that has the new code and else the same key.
func (r rewriting) twin(args *sqldb.Args) string {
	query := `SELECT 1 FROM ` + r.table.Name + ` o WHERE o.area_code = ` + args.P(int64(r.step.To))
	for _, column := range r.table.Key {
		if column != "area_code" {
			query += ` AND o.` + column + ` = ` + r.table.Name + `.` + column
		}
	}
	return query
}

// move copies the rows of the area into the other tenant and deletes them here: a distributed
// database changes no row's tenant in place.
func (r rewriting) move(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	args := sqldb.NewArgs(tx)
	values := make([]string, len(r.columns))
	for i, column := range r.columns {
		switch values[i] = column; column {
		case "kabkota":
			values[i] = `CAST(` + args.P(int64(r.step.toTenant)) + ` AS INTEGER)`
		case "area_code":
			values[i] = `CAST(` + args.P(int64(r.step.To)) + ` AS BIGINT)`
		}
	}
	where, err := r.belongs(args)
	if err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO `+r.table.Name+` (`+strings.Join(r.columns, ", ")+`)
		SELECT `+strings.Join(values, ", ")+` FROM `+r.table.Name+` WHERE `+where, args.Values...)
	if err != nil || n == 0 {
		return n, err
	}
	args = sqldb.NewArgs(tx)
	if where, err = r.belongs(args); err != nil {
		return n, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM `+r.table.Name+` WHERE `+where, args.Values...)
	return n, err
}

// belongs says which rows of the old tenant are the area's: by its code, or by the person or
// family they belong to, who have moved by now.
func (r rewriting) belongs(args *sqldb.Args) (string, error) {
	where := `kabkota = ` + args.P(int64(r.step.fromTenant)) + ` AND `
	owner, history := strings.CutSuffix(r.table.Name, "_history")
	switch {
	case r.has("area_code"):
		return where + `area_code = ` + args.P(int64(r.step.From)), nil
	case history && r.has("id"):
		return where + `id IN (` + r.moved(owner, args) + `)`, nil
	case r.has("subject_id"):
		return where + `(subject_id IN (` + r.moved("person", args) + `) OR subject_id IN (` + r.moved("family", args) + `))`, nil
	}
	for _, owner := range slices.Backward(r.owners) { // the nearest: a membership is the person's, who is the family's
		if r.has(owner + "_id") {
			return where + owner + `_id IN (` + r.moved(owner, args) + `)`, nil
		}
	}
	return "", fmt.Errorf("the table moves, and no column tells whose its rows are")
}

// moved selects the ids that are in the new tenant under the new code.
func (r rewriting) moved(table string, args *sqldb.Args) string {
	return `SELECT id FROM ` + table + ` WHERE kabkota = ` + args.P(int64(r.step.toTenant)) + ` AND area_code = ` + args.P(int64(r.step.To))
}

// numbers rewrites the tables kept by NIK: those with an area code by that, the others by the
// holders who moved.
func (r rewriting) numbers(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	args := sqldb.NewArgs(tx)
	if r.has("area_code") { // -- national: the civil registry's copy has no index by area; a decree is rare
		query := `UPDATE ` + r.table.Name + ` SET area_code = ` + args.P(int64(r.step.To)) + `, kabkota = ` + args.P(int64(r.step.toTenant)) +
			` WHERE area_code = ` + args.P(int64(r.step.From))
		return tx.Exec(ctx, query, args.Values...)
	}
	if r.step.fromTenant == r.step.toTenant || !r.has("kabkota") {
		return 0, nil
	}
	query := `UPDATE ` + r.table.Name + ` SET kabkota = ` + args.P(int64(r.step.toTenant)) + ` WHERE nik_hash IN (
		SELECT nik_hash FROM person WHERE kabkota = ` + args.P(int64(r.step.toTenant)) + ` AND area_code = ` + args.P(int64(r.step.To)) + ` AND nik_state = 1)`
	return tx.Exec(ctx, query, args.Values...)
}
