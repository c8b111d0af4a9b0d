package sqldb

import (
	"fmt"
	"strings"
)

// Kind says how a table is spread when the database is distributed, and by which
// column a query must name its rows.
type Kind uint8

// The kinds of table.
const (
	Reference Kind = iota + 1 // a copy on every node; small, written rarely
	Tenant                    // by kabkota, the storage tenant
	NIK                       // by nik_hash
	Block                     // by block_key
	Local                     // on the coordinator only: sessions, accounts, jobs
)

// Table is a line of the manifest: what the copy, the move and the lint know of a table.
type Table struct {
	Name string
	Kind Kind
	// Moves tells whether rows go along when a family moves to another district.
	Moves bool
	// Key lists the primary key in order.
	Key []string
	// Personal tells whether the rows tell something of a person.
	Personal bool
	// Copy tells whether db copy and backup carry the table.
	Copy bool
}

// Column gives the column a query over the table must name, "" when any query may.
func (t Table) Column() string {
	switch t.Kind {
	case Tenant:
		return "kabkota"
	case NIK:
		return "nik_hash"
	case Block:
		return "block_key"
	default:
		return ""
	}
}

// Index is a secondary index.
type Index struct {
	Name, Statement string
	// Ordered tells that the keys of rows that are loaded in their usual order rise, so that
	// each is added at the end.
	Ordered bool
	// Fill is how much of a page PostgreSQL fills when it builds the index, in hundredths; 0 is what it does by itself.
	Fill int
}

// On gives the statement that builds the index on an engine, where it is not there.
func (i Index) On(d Dialect) string {
	statement, where := i.Statement, ""
	if at := strings.Index(statement, " WHERE "); at >= 0 {
		statement, where = statement[:at], statement[at:]
	}
	if d == Postgres && i.Fill > 0 {
		statement += fmt.Sprintf(" WITH (fillfactor = %d)", i.Fill)
	}
	return strings.Replace(statement, " INDEX ", " INDEX IF NOT EXISTS ", 1) + where
}
