package schema_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
)

// relation is a table of ours in a statement, under the name it has there.
type relation struct {
	table sqldb.Table
	alias string
}

var (
	readFrom  = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z][a-z0-9_]*))?((?:\s*,\s*[a-z_]+\s+[a-z][a-z0-9_]*)*)`)
	more      = regexp.MustCompile(`([a-z_]+)\s+([a-z][a-z0-9_]*)`)
	notNames  = []string{"where", "on", "join", "left", "inner", "cross", "set", "order", "group", "limit", "values", "select", "union", "as", "using", "having", "returning"}
	verb      = regexp.MustCompile(`(?i)\b(SELECT|UPDATE|DELETE|INSERT)\b`)
	exception = regexp.MustCompile(`-- national:\s*\S.{14,}`)
)

// spreadRelations gives the tables of a statement that a spread database keeps in parts.
func spreadRelations(query string, tables map[string]sqldb.Table) (out []relation) {
	add := func(name, alias string) {
		table, ours := tables[strings.ToLower(name)]
		if slices.Contains(notNames, strings.ToLower(alias)) {
			alias = ""
		}
		if ours && table.Column() != "" {
			out = append(out, relation{table, alias})
		}
	}
	for _, m := range readFrom.FindAllStringSubmatch(query, -1) {
		add(m[1], m[2])
		for _, n := range more.FindAllStringSubmatch(m[3], -1) {
			add(n[1], n[2])
		}
	}
	return out
}

// strayJoin says what in a statement joins tables in a way a spread database refuses or answers by moving rows between machines:
// two tables that are spread by different columns, or one that is not bound by the column it is spread by. It gives "" where the
// statement is right.
func strayJoin(query string, tables map[string]sqldb.Table) string {
	all := spreadRelations(query, tables)
	if len(all) < 2 {
		return ""
	}
	free := 0 // tables without a name of their own before the column: each needs a place where the column stands by itself
	for _, r := range all {
		column := r.table.Column()
		if other := all[0].table; other.Column() != column {
			return fmt.Sprintf("%s is spread by %s and %s by %s", other.Name, other.Column(), r.table.Name, column)
		}
		if strings.Contains(query, r.table.Name+"."+column) || r.alias != "" && regexp.MustCompile(`\b`+r.alias+`\.`+column+`\b`).MatchString(query) {
			continue
		}
		alone := regexp.MustCompile(`(?i)(?:^|[^a-z0-9_.])` + column + `\s*(?:=|IN\b|,)`)
		if free++; r.alias != "" || len(alone.FindAllString(query, -1)) < free {
			return fmt.Sprintf("%s is not bound by its %s", r.table.Name, column)
		}
	}
	return ""
}

// TestStrayJoinsAreFound holds the rule itself: what it refuses, and what it lets be.
func TestStrayJoinsAreFound(t *testing.T) {
	t.Parallel()
	tables := byName()
	for query, want := range map[string]string{
		`SELECT p.name FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id WHERE p.kabkota = $1`:                             "",
		`SELECT p.name FROM person p JOIN family f ON f.id = p.family_id WHERE p.kabkota = $1`:                                                       "family is not bound by its kabkota",
		`SELECT name FROM person WHERE kabkota = $1 AND family_id IN (SELECT id FROM family WHERE kabkota = $1)`:                                     "",
		`SELECT p.name FROM person p, family f WHERE p.kabkota = $1 AND f.id = p.family_id`:                                                          "family is not bound by its kabkota",
		`SELECT p.name FROM nik_index n JOIN person p ON p.kabkota = n.kabkota AND p.id = n.person_id WHERE n.nik_hash = $1`:                         "nik_index is spread by nik_hash and person by kabkota",
		`SELECT n.person_id FROM nik_index n JOIN civil_record c ON c.nik_hash = n.nik_hash`:                                                         "",
		`SELECT n.person_id FROM nik_index n JOIN civil_record c ON c.kabkota = n.kabkota`:                                                           "nik_index is not bound by its nik_hash",
		`SELECT p.name FROM person p JOIN area a ON a.code = p.area_code`:                                                                            "",
		`UPDATE person SET state = 2 WHERE id IN (SELECT person_id FROM membership WHERE kabkota = $1)`:                                              "membership is not bound by its kabkota",
		`INSERT INTO rollup (kabkota, n) SELECT e.kabkota, count(*) FROM audit_entry e JOIN account c ON c.id = e.actor_id GROUP BY e.kabkota`:       "",
		`SELECT 1 FROM finding f WHERE f.kabkota = $1 AND EXISTS (SELECT 1 FROM finding_event v WHERE v.finding_id = f.id)`:                          "finding_event is not bound by its kabkota",
		`SELECT 1 FROM (VALUES ($1)) w JOIN rollup r ON r.kabkota = w.column1`:                                                                       "",
		`SELECT 1 FROM family f JOIN family o ON o.kabkota = f.kabkota AND o.kk_hash = f.kk_hash`:                                                    "",
		`SELECT 1 FROM person p LEFT JOIN match_suggestion s ON s.person_id = p.id WHERE p.kabkota = $1 AND (s.kabkota = p.kabkota OR s.id IS NULL)`: "",
	} {
		if got := strayJoin(query, tables); got != want {
			t.Errorf("%s:\n got %q\nwant %q", query, got, want)
		}
	}
}

func byName() map[string]sqldb.Table {
	tables := map[string]sqldb.Table{}
	for _, table := range schema.Tables() {
		tables[table.Name] = table
	}
	return tables
}

// TestJoinsHoldTogetherWhereRowsAreSpread reads every statement of the services: tables that a spread database keeps in parts are
// joined by the column both are spread by, or the function says "-- national:" and why.
func TestJoinsHoldTogetherWhereRowsAreSpread(t *testing.T) {
	t.Parallel()
	tables, checked := byName(), 0
	folders, err := filepath.Glob("../service/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no services: %v", err)
	}
	for _, folder := range folders {
		for name, s := range statementsOf(t, folder) {
			if len(spreadRelations(s.text, tables)) > 1 {
				checked++
			}
			switch stray := strayJoin(s.text, tables); {
			case stray == "":
			case exception.MatchString(s.function):
				t.Logf("let be: %s: %s; %s", name, stray, exception.FindString(s.function))
			default:
				t.Errorf("%s: %s", name, stray)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d statements join anything: the lint reads too little", checked)
	}
}

// statement is the text of an SQL statement as far as it stands in the source, and the source of its function.
type statement struct{ text, function string }

// statementsOf puts the SQL of a package together: the parts of a text that are added up, and what is added to a variable later.
// What is no literal and no constant is a gap.
func statementsOf(t *testing.T, folder string) map[string]statement {
	t.Helper()
	out := map[string]statement{}
	fset := token.NewFileSet()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	var parsed []*ast.File
	var sources []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(fset, path, source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed, sources = append(parsed, file), append(sources, string(source))
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
				for i, name := range v.Names {
					if text, ok := v.Values[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
						constants[name.Name] = unquoted(text)
					}
				}
			}
			return true
		})
	}
	for i, file := range parsed {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				from, to := fset.Position(f.Pos()).Offset, fset.Position(f.End()).Offset
				if f.Doc != nil {
					from = fset.Position(f.Doc.Pos()).Offset
				}
				for n, text := range textsOf(f.Body, constants) {
					out[fmt.Sprintf("%s %s %d", fset.Position(f.Pos()), f.Name.Name, n)] = statement{text, sources[i][from:to]}
				}
			}
		}
	}
	return out
}

// textsOf gives the texts of a function that hold SQL.
func textsOf(body *ast.BlockStmt, constants map[string]string) (out []string) {
	held := map[string]int{} // variables that hold a text, by its place in out
	var seen []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			name, named := a.Lhs[0].(*ast.Ident)
			if text := joined(a.Rhs[0], constants); named && text != "" {
				seen = append(seen, a.Rhs[0])
				if at, ok := held[name.Name]; ok && a.Tok == token.ADD_ASSIGN {
					out[at] += text
				} else {
					held[name.Name], out = len(out), append(out, text)
				}
			}
			return true
		}
		e, ok := n.(ast.Expr)
		if !ok || slices.ContainsFunc(seen, func(s ast.Node) bool { return s.Pos() <= n.Pos() && n.End() <= s.End() }) {
			return true
		}
		switch e.(type) {
		case *ast.BinaryExpr, *ast.BasicLit:
			if text := joined(e, constants); text != "" {
				seen, out = append(seen, n), append(out, text)
			}
		}
		return true
	})
	return slices.DeleteFunc(out, func(s string) bool { return !verb.MatchString(s) })
}

// joined gives the literal parts of an expression, with gaps for the others; "" where it has no text.
func joined(e ast.Expr, constants map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return unquoted(e)
		}
	case *ast.Ident:
		return constants[e.Name]
	case *ast.ParenExpr:
		return joined(e.X, constants)
	case *ast.BinaryExpr:
		left, right := joined(e.X, constants), joined(e.Y, constants)
		if e.Op == token.ADD && left+right != "" {
			return left + gap(left) + right + gap(right)
		}
	}
	return ""
}

func gap(text string) string {
	if text == "" {
		return "$"
	}
	return ""
}

func unquoted(l *ast.BasicLit) string {
	text, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return text
}
