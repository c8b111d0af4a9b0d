package app

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
)

// TestEveryFactOfTheLogHasWords reads the sources of the services for what they record of their acts: each fact has words
// of its own in the audit log, in both languages.
func TestEveryFactOfTheLogHasWords(t *testing.T) {
	t.Parallel()
	facts := map[string]string{}
	err := filepath.WalkDir("../service", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		return factsOf(path, facts)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{"shown", "letter", "role", "seed", "tally", "reason"} {
		if facts[known] == "" {
			t.Errorf("the fact %q is not found in the sources: the reading of them is at fault", known)
		}
	}
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []i18n.Lang{i18n.Indonesian, i18n.English} {
		p := catalogue.Printer(lang)
		for fact, path := range facts {
			if !p.Has("auditweb.fact." + fact) {
				t.Errorf("%s records the fact %q: add its words, auditweb.fact.%s, to web/messages/adminweb.yaml", path, fact, fact)
			}
		}
	}
}

// factsOf notes the names of the facts that a file records: the keys of maps that are made for an entry or named facts.
func factsOf(path string, into map[string]string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	note := func(e ast.Expr) {
		if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if name, err := strconv.Unquote(text.Value); err == nil {
				into[name] = path
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if ofAny(n.Type) {
				for _, one := range n.Elts {
					if pair, ok := one.(*ast.KeyValueExpr); ok {
						note(pair.Key)
					}
				}
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if at, ok := left.(*ast.IndexExpr); ok {
					if name, ok := at.X.(*ast.Ident); ok && name.Name == "facts" {
						note(at.Index)
					}
				}
			}
		}
		return true
	})
	return nil
}

// ofAny tells whether a type is map[string]any, which facts are and little else.
func ofAny(e ast.Expr) bool {
	m, ok := e.(*ast.MapType)
	if !ok {
		return false
	}
	value, ok := m.Value.(*ast.Ident)
	return ok && slices.Contains([]string{"any"}, value.Name)
}

var (
	shortened = regexp.MustCompile(`(?s)<code>.*?</code>`)
	said      = regexp.MustCompile(`(?s)<dd>(.*?)</dd>`)
	// asKept is what the log keeps and nobody reads: dates of machines, digests, ids, codes in small and in capital letters.
	asKept = regexp.MustCompile(`\b[0-9]{4}-(0[1-9]|1[0-2]|Q[1-4])(-[0-9]{2})?\b|\b[0-9a-f]{24,}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-|\b[a-z]+_[a-z_]+\b|\b[A-Z]{2,}_[A-Z_]+\b|\bmap\[`)
	code   = regexp.MustCompile(`^([a-z]+|[A-Z]{4,})$`)
)

// logSpeaks opens three entries of every act the walk left in the log: no code, date or digest
// stands there as it is kept, a digest is whole behind its beginning, and no number of a person is shown in full.
func (w *walk) logSpeaks(t *testing.T) {
	t.Helper()
	type entry struct{ path, act, facts string }
	entries, err := sqldb.Collect(t.Context(), w.DB.Direct(), `SELECT kabkota, id, act, facts FROM audit_entry WHERE kabkota = $1 AND facts <> '{}' ORDER BY id`,
		[]any{int64(w.Places.TenantOf(ambon))}, func(r sqldb.Row) (e entry, err error) {
			var tenant int64
			var id sqldb.ID
			err = r.Scan(&tenant, &id, &e.act, &e.facts)
			e.path = "/audit/" + itoa(area.Tenant(tenant)) + "-" + id.String()
			return e, err
		})
	if err != nil || len(entries) < 80 {
		t.Fatalf("%d entries: %v", len(entries), err)
	}
	auditor := w.session(t, access.Auditor).String() // the walk ended all others
	seen := map[string]int{}
	for _, e := range entries {
		if seen[e.act]++; seen[e.act] > 3 {
			continue
		}
		got := w.knock(t, door{route: "GET /audit/{id}", path: e.path}, plainClient(), "Cookie", auditor)
		if got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", e.path, got.status, got.words())
		}
		var facts map[string]any
		if err := json.Unmarshal([]byte(e.facts), &facts); err != nil {
			t.Fatal(err)
		}
		for _, one := range said.FindAllStringSubmatch(got.body[strings.Index(got.body, `</dl>`):], -1) {
			text := strings.TrimSpace(tag.ReplaceAllString(shortened.ReplaceAllString(one[1], ""), ""))
			raw := code.MatchString(text) && slices.ContainsFunc(slices.Collect(maps.Values(facts)), func(v any) bool { return v == text })
			if asKept.MatchString(text) || raw {
				t.Errorf("%s %s: the log says %q", e.act, e.facts, text)
			}
		}
		for _, v := range facts {
			if text, ok := v.(string); ok && digestLike.MatchString(text) && !strings.Contains(got.body, "<code>"+text+"</code>") {
				t.Errorf("%s: the digest %s is not there as a whole", e.act, text)
			}
		}
	}
}

var digestLike = regexp.MustCompile(`^[0-9a-f]{24,}$`)
