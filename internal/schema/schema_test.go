package schema_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
)

func TestBulkIndexesAreThoseOfTheTablesALoadFills(t *testing.T) {
	t.Parallel()
	list, err := schema.BulkIndexes()
	if err != nil || len(list) < 8 {
		t.Fatalf("indexes = %v, %v", list, err)
	}
	seen := map[string]bool{}
	for _, i := range list {
		if strings.Contains(i.Statement, "UNIQUE") {
			t.Errorf("%s must stay during a load", i.Name)
		}
		if seen[i.Name] {
			t.Errorf("%s is there twice: the older would be built", i.Name)
		}
		seen[i.Name] = true
		if i.Name == "family_name" && !strings.Contains(i.Statement, "state") {
			t.Errorf("%s, the last migration has the state in it", i.Statement)
		}
	}
}

// TestEveryStatementNamesItsTenant reads the SQL in the services: a statement over a
// tenant's table names kabkota, one over the NIK tables nik_hash, unless it says
// "-- national:" and why.
func TestEveryStatementNamesItsTenant(t *testing.T) {
	t.Parallel()
	tables := map[string]sqldb.Table{}
	for _, table := range schema.Tables() {
		tables[table.Name] = table
	}
	used := regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)`)
	files, err := filepath.Glob("../service/*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no services: %v", err)
	}
	checked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(text), "\nfunc ") {
			for _, m := range used.FindAllStringSubmatch(function, -1) {
				table, ours := tables[strings.ToLower(m[1])]
				column := table.Column()
				if !ours || column == "" {
					continue
				}
				checked++
				if !strings.Contains(function, column) && !strings.Contains(function, "-- national:") && !strings.Contains(strings.ToLower(function), "columns") {
					name, _, _ := strings.Cut(function, "(")
					t.Errorf("%s: %s: a statement over %s names no %s", filepath.Base(filepath.Dir(file)), name, table.Name, column)
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d statements were checked", checked)
	}
}

// TestMigrationsNeverChange holds the hash of every migration that has been released.
func TestMigrationsNeverChange(t *testing.T) {
	t.Parallel()
	held, err := os.ReadFile("migrations.sum")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(held)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			want[name] = sum
		}
	}
	names, err := fs.Glob(schema.Files(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schema.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if got := hex.EncodeToString(sum[:]); want[name] != got {
			t.Errorf("%s is %s, migrations.sum says %q: a released migration never changes; a new one is added with (cd internal/schema/migrations && sha256sum *.sql > ../migrations.sum)", name, got, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s was removed", name)
	}
}

func TestTheDataDictionaryIsInStep(t *testing.T) {
	t.Parallel()
	want, err := schema.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/data-dictionary.md")
	if err != nil || string(got) != want {
		t.Errorf("docs/data-dictionary.md is not what the migrations say (%v): go run ./internal/schema/dictionary", err)
	}
}
