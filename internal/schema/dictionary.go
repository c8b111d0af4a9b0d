package schema

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"tepat/internal/kit/sqldb"
)

// Dictionary writes the data dictionary as Markdown from the migrations: every table in
// the order of the manifest, with its columns and what their comments say.
func Dictionary() (string, error) {
	tables, err := readTables()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# Data dictionary\n\nMade from the migrations by `go run ./internal/schema/dictionary`; a test holds it in step. Types are those of the shared text: " +
		"UUID is a BLOB of 16 bytes in SQLite, instants are microseconds since 1970 UTC, dates are text YYYY[-MM[-DD]], money is whole rupiah. " +
		"\"sealed\" is AES-GCM with the key id in the value, \"hash\" a keyed hash of 16 bytes (docs/operate/keys.md).\n\n")
	for _, t := range Tables() {
		columns, ok := tables[t.Name]
		if !ok {
			return "", fmt.Errorf("no migration makes the table %s", t.Name)
		}
		fmt.Fprintf(&b, "## %s\nKind: %s; key: %s; %s.\n\n| column | type | what it holds |\n|---|---|---|\n", t.Name, kindWord(t.Kind), strings.Join(t.Key, ", "), traits(t))
		for _, c := range columns {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c[0], c[1], strings.ReplaceAll(c[2], "|", "/"))
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

func kindWord(k sqldb.Kind) string {
	return map[sqldb.Kind]string{sqldb.Reference: "reference", sqldb.Tenant: "by tenant", sqldb.NIK: "by NIK", sqldb.Block: "by block", sqldb.Local: "local"}[k]
}

func traits(t sqldb.Table) string {
	out := []string{"moves with a family: no", "personal: no", "copied: no"}
	for i, yes := range []bool{t.Moves, t.Personal, t.Copy} {
		if yes {
			out[i] = strings.Replace(out[i], ": no", ": yes", 1)
		}
	}
	return strings.Join(out, ", ")
}

// readTables reads name, type and comment of every column from the migrations.
func readTables() (map[string][][3]string, error) {
	names, err := fs.Glob(Files(), "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	out := map[string][][3]string{}
	for _, name := range names {
		if strings.HasSuffix(name, ".postgres.sql") {
			continue
		}
		text, err := fs.ReadFile(Files(), name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		readMigration(string(text), out)
	}
	return out, nil
}

func readMigration(text string, out map[string][][3]string) {
	table := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "CREATE TABLE "); ok {
			table, _, _ = strings.Cut(rest, " ")
			continue
		}
		if rest, ok := strings.CutPrefix(line, "ALTER TABLE "); ok {
			name, rest, _ := strings.Cut(rest, " ADD COLUMN ")
			if c, ok := readColumn(rest); ok {
				out[name] = append(out[name], c)
			}
			continue
		}
		if strings.HasPrefix(line, ")") {
			table = ""
		}
		if c, ok := readColumn(line); ok && table != "" {
			out[table] = append(out[table], c)
		}
	}
}

func readColumn(line string) (c [3]string, ok bool) {
	definition, comment, _ := strings.Cut(line, "--")
	definition = strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(definition), ",;"), ",")
	name, kind, ok := strings.Cut(definition, " ")
	if !ok || name != strings.ToLower(name) || name == "" {
		return c, false
	}
	return [3]string{name, strings.TrimSpace(kind), strings.TrimSpace(comment)}, true
}
