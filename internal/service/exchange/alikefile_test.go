package exchange_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// tried looks at the whole of a file and keeps the list of rows whose persons may be registered already.
func (h *house) tried(name string, table *sheet) (runs.Run, exchange.Settings) {
	h.t.Helper()
	set := h.settings(exchange.Families, h.write(name, table.csv()))
	set.Whole, set.Alike = true, h.dir+"/"+name+".alike"
	r := h.create(h.who, set)
	r, err := h.runs.Look(h.t.Context(), h.who, r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return r, set
}

// alikeRows reads a written list, without its titles.
func alikeRows(t *testing.T, text string) [][]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")), "\n")
	if lines[0] != "line,in_your_area,name,nik,village,area_code,registered_since" {
		t.Fatalf("titles %q", lines[0])
	}
	var out [][]string
	for _, line := range lines[1:] {
		out = append(out, strings.Split(line, ","))
	}
	return out
}

// TestAllRowsThatMayBeRegisteredAreListed: a dry run lists every row whose person may be in the registry already, beyond those its page
// names, in the order of the file; who reads it learns the village of all, and the name and masked NIK in her own area alone.
func TestAllRowsThatMayBeRegisteredAreListed(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		const many = 450 // more than a page of the list, in many pieces of the file
		all := families(many)
		h.imported(h.who, h.settings(exchange.Families, h.write("all.csv", all.csv())))
		h.chunk = 70
		h.reopen()
		rows := make([]int, many)
		for i := range rows {
			rows[i] = i
		}
		r, _ := h.tried("copies.csv", all.copied(rows...))
		found := previewOf(t, r).Figures["alike"]
		if found < many*9/10 || len(previewOf(t, r).Alike) != 50 {
			t.Fatalf("found %d, named %d", found, len(previewOf(t, r).Alike))
		}
		for name, c := range map[string]struct {
			who  access.Actor
			sees bool
		}{"verifier of the city": {h.who, true}, "operator of another village": {testkit.Person(7, access.Operator, benteng), false}} {
			var text bytes.Buffer
			n, err := h.files.WriteAlike(t.Context(), c.who, r, &text)
			list := alikeRows(t, text.String())
			if err != nil || n != found || int64(len(list)) != found {
				t.Fatalf("%s: %d rows, %d in the file, %d found: %v", name, n, len(list), found, err)
			}
			last := 0
			for _, row := range list {
				var line int
				if _, err := fmt.Sscan(row[0], &line); err != nil || line <= last {
					t.Fatalf("%s: line %q after %d: %v", name, row[0], last, err)
				}
				last = line
				was := all.rows[line-2]
				if row[4] != "Kelurahan Wainitu" || row[5] != wainitu.Dotted() || row[6] == "" {
					t.Fatalf("%s: line %d stands in %v", name, line, row[4:])
				}
				if sees := row[1] == "yes" && row[2] == was[5] && strings.Contains(row[3], "•"); sees != c.sees || !sees && row[1]+row[2]+row[3] != "no" {
					t.Fatalf("%s: of line %d she reads %v", name, line, row)
				}
			}
			if plain := all.rows[0][4]; strings.Contains(text.String(), plain) {
				t.Errorf("%s: the file tells the NIK %s", name, plain)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'import.alike' AND facts LIKE '%"sha256"%'`); n != 2 {
			t.Errorf("%d readings in the log", n)
		}
		if _, err := h.files.WriteAlike(t.Context(), testkit.Person(8, access.Analyst, testkit.Ambon), r, &bytes.Buffer{}); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an analyst: %v", err)
		}
	})
}

// TestAListOfWhoMayBeRegisteredIsThatOfTheLastLook: a second dry run writes the list anew, one that finds nobody leaves none, and
// neither does the beginning of a file; when the import has run there is nothing left to look at.
func TestAListOfWhoMayBeRegisteredIsThatOfTheLastLook(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		all := families(20)
		r, set := h.tried("copies.csv", all.copied(3, 5))
		var none bytes.Buffer
		if n, err := h.files.WriteAlike(t.Context(), h.who, r, &none); err != nil || n != 0 || len(alikeRows(t, none.String())) != 0 || set.HasAlike() {
			t.Errorf("of an empty registry: %d rows, %v: %s", n, err, none.String())
		}
		h.imported(h.who, h.settings(exchange.Families, h.write("all.csv", all.csv())))
		for range 2 {
			var err error
			if r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if n, err := h.files.WriteAlike(t.Context(), h.who, r, &text); err != nil || n != 2 || len(alikeRows(t, text.String())) != 2 {
				t.Fatalf("%d rows, %v: %s", n, err, text.String())
			}
		}
		r, err := h.runs.Submit(t.Context(), h.who, r.Tenant, r.ID)
		if err == nil {
			r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.files.WriteAlike(t.Context(), h.who, r, &bytes.Buffer{}); fail.CodeOf(err) != "import.no_alike" {
			t.Errorf("of an import that has run: %v", err)
		}
		if err := os.WriteFile(set.Alike, []byte("2 8171 1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r = h.create(h.who, set)
		if r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); err != nil || set.HasAlike() {
			t.Errorf("a look that finds nobody leaves the list of an earlier one: %v", err)
		}
	})
}
