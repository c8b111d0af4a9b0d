// Package sqldb runs one SQL text on SQLite and PostgreSQL.
//
// On SQLite one goroutine writes, and commits several callers' work together
// (group commit); readers have a pool of their own. On PostgreSQL the package
// uses pgx natively. A Tx hides which of the two it runs on; what cannot be
// shared is a method of Dialect, never an if in a query.
package sqldb
