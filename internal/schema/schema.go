// Package schema holds the migrations and the table manifest.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"tepat/internal/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Files gives the migrations.
func Files() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Tables gives the manifest: every table of ours, in an order in which rows can be copied.
func Tables() []sqldb.Table {
	local := func(name string, carry bool, key ...string) sqldb.Table {
		return sqldb.Table{Name: name, Kind: sqldb.Local, Key: key, Copy: carry}
	}
	reference := func(name string, key ...string) sqldb.Table {
		return sqldb.Table{Name: name, Kind: sqldb.Reference, Key: key, Copy: true}
	}
	tenant := func(name string, moves, personal bool, key ...string) sqldb.Table {
		return sqldb.Table{Name: name, Kind: sqldb.Tenant, Moves: moves, Personal: personal, Copy: true, Key: append([]string{"kabkota"}, key...)}
	}
	nik := func(name string) sqldb.Table {
		return sqldb.Table{Name: name, Kind: sqldb.NIK, Personal: true, Copy: true, Key: []string{"nik_hash"}}
	}
	const moves, stays, personal, plain = true, false, true, false
	return []sqldb.Table{
		reference("installation", "id"),
		reference("tenant", "kabkota"),
		reference("area", "code"),
		reference("area_alias", "old_code", "new_code"),
		reference("area_change", "id"),
		reference("area_move", "change_id", "seq"),
		reference("area_boundary", "code"),
		local("account", true, "id"),
		local("account_grant", true, "account_id", "role", "area_code", "valid_from"),
		local("grant_request", true, "id"),
		local("session", false, "token"),
		local("sign_in_failure", false, "key"),
		local("check_count", true, "minute", "outcome"),
		local("civil_quota", true, "registry", "day"),
		tenant("audit_entry", stays, plain, "id"),
		tenant("audit_seal", stays, plain, "seq"),
		tenant("audit_leaf", stays, plain, "entry_id"),
		tenant("change", stays, plain, "seq"),
		tenant("run", stays, plain, "id"),
		tenant("run_item", stays, plain, "run_id", "subject_id"),
		tenant("run_lesson", stays, plain, "run_id", "column_name", "household"),
		tenant("counter", stays, plain, "name"),
		tenant("family", moves, personal, "id"),
		tenant("person", moves, personal, "id"),
		tenant("family_history", moves, personal, "id", "version"),
		tenant("person_history", moves, personal, "id", "version"),
		tenant("nik_freed", moves, personal, "person_id", "nik_hash"),
		tenant("match_suggestion", moves, personal, "person_id"),
		tenant("membership", moves, personal, "person_id", "family_id", "valid_from"),
		tenant("answers", moves, personal, "subject_id", "form"),
		tenant("answers_history", moves, personal, "subject_id", "form", "recorded_from"),
		tenant("decile", moves, personal, "family_id", "vintage", "source"),
		tenant("rank_due", moves, personal, "family_id"),
		tenant("evidence", moves, personal, "id"),
		tenant("finding", moves, personal, "id"),
		tenant("finding_event", moves, personal, "finding_id", "seq"),
		tenant("link_pair", stays, personal, "id"),
		tenant("merge", stays, personal, "id"),
		tenant("pair_word", stays, personal, "id"),
		tenant("alike_due", stays, personal, "person_id"),
		tenant("entity_member", stays, personal, "person_id"),
		tenant("entity_event", stays, personal, "id"),
		tenant("family_visit", stays, personal, "id"),
		tenant("visit_withdrawal", stays, personal, "visit_id"),
		tenant("letter", stays, personal, "id"),
		tenant("access_code", stays, personal, "id"),
		tenant("unusual_look", stays, plain, "id"),
		tenant("office_hours", stays, plain, "id"),
		tenant("source_record", moves, personal, "source", "row_id"),
		tenant("decree", stays, plain, "id"),
		tenant("proposal", stays, personal, "id"),
		tenant("proposal_event", stays, personal, "proposal_id", "seq"),
		tenant("proposal_document", stays, personal, "proposal_id", "version"),
		tenant("proposal_draft", stays, personal, "id"),
		tenant("case_key", stays, personal, "hash", "case_id"),
		tenant("paper", stays, personal, "id"),
		tenant("paper_part", stays, personal, "digest", "part"),
		tenant("programme_quota", stays, plain, "programme", "valid_from", "version"),
		tenant("programme_list", stays, plain, "id"),
		tenant("enrolment", moves, personal, "id"),
		tenant("enrolment_change", moves, personal, "id"),
		tenant("pay_cycle", stays, plain, "id"),
		tenant("payment", stays, personal, "id"),
		tenant("payment_event", stays, personal, "payment_id", "seq"),
		tenant("pay_finding", stays, personal, "id"),
		tenant("grievance", stays, personal, "id"),
		tenant("grievance_event", stays, personal, "grievance_id", "seq"),
		tenant("rollup", stays, plain, "period", "area_code", "metric"),
		nik("nik_index"),
		nik("civil_record"),
		nik("civil_answer"),
	}
}

// bulkTables says which: those of the tables a first import fills.
var bulkTables = []string{"ON family (", "ON person ("}

// unordered are those of them whose keys come in no order; the keys of the others rise with
// the rows of a file sorted by area, or they hold few rows.
var unordered = []string{"family_kk", "person_name"}

// BulkIndexes gives the secondary indexes that a bulk load into empty tables builds
// afterwards, as the last migration that speaks of each makes it.
func BulkIndexes() ([]sqldb.Index, error) {
	names, err := fs.Glob(Files(), "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []sqldb.Index
	for _, name := range names {
		text, err := fs.ReadFile(Files(), name)
		if err != nil {
			return nil, fmt.Errorf("read indexes: %w", err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			statement, ok := strings.CutSuffix(strings.TrimSpace(line), ";")
			if !ok {
				continue
			}
			if index, dropped := strings.CutPrefix(statement, "DROP INDEX "); dropped {
				out = slices.DeleteFunc(out, func(i sqldb.Index) bool { return i.Name == index })
				continue
			}
			if name, fill, filled := fillOf(statement); filled {
				for i := range out {
					if out[i].Name == name {
						out[i].Fill = fill
					}
				}
				continue
			}
			rest, create := strings.CutPrefix(statement, "CREATE INDEX ")
			if !create || !slices.ContainsFunc(bulkTables, func(t string) bool { return strings.Contains(rest, t) }) {
				continue
			}
			index, _, _ := strings.Cut(rest, " ")
			out = append(out, sqldb.Index{Name: index, Statement: statement, Ordered: !slices.Contains(unordered, index)})
		}
	}
	return out, nil
}

// fillOf reads how much of a page PostgreSQL is told to fill of an index.
func fillOf(statement string) (index string, fill int, ok bool) {
	_, err := fmt.Sscanf(statement, "ALTER INDEX %s SET (fillfactor = %d)", &index, &fill)
	return index, fill, err == nil
}
