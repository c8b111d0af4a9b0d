package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// way is one way by which a person, or what she is known by, is written into the registry.
type way struct {
	says string // how who is alike is told before
	asks string // package.function that asks the live index before; empty where nobody is asked, and says tells why
	test string // package.Test that holds it to that
}

// ways names every function outside of service/registry that writes persons or families, and how it tells before who of
// the registry they may be. A field visit (proposals.Visit) writes nobody: it leaves a report with the proposal.
func ways() map[string]way {
	return map[string]way{
		"exchange.apply": {"the dry run tells the lines whose persons may be registered, and the run waits for it", "exchange.ask", "exchange.TestAPreviewTellsWhomNewPersonsMayBe"},
		"proposals.registerIn": {"the form tells it before it is sent, and the page of the proposal whenever it is opened until it is determined", "proposals.alikeIn",
			"proposals.TestWhoIsAlikeIsToldWithoutANumber"},
		"proposals.reactivateIn":    {"the form is not sent before its filer has seen it", "proposals.returningIn", "proposals.TestAReactivationTellsWhoWasRegisteredMeanwhile"},
		"civil.mendIn":              {"the repair is not kept before who makes it has seen it", "civil.look", "civil.TestARepairIsLookedAtBeforeItIsKept"},
		"civil.renewCardIn":         {"a card alone makes nobody of a person; it is part of a repair", "", ""},
		"suggestions.mendOne":       {"the civil record of her own number is taken over: whoever else has that is a claimant, queued as such", "", ""},
		"suggestions.giveBack":      {"what stood there before comes back", "", ""},
		"screening.restoreIn":       {"the page of the finding tells who decides", "screening.returningIn", "screening.TestWhoDecidesReadsWhoWasRegisteredMeanwhile"},
		"grievances.freeIn":         {"a number is taken away: nobody becomes more like another", "", ""},
		"proposals.setFamilyIn":     {"a state alone", "", ""},
		"duplicates.keepPerson":     {"two records are compared by somebody; the other records of the same person stand on the page", "", ""},
		"duplicates.endEmptyFamily": {"a state alone", "", ""},
		"duplicates.restoreIn":      {"what stood there before comes back, with its pairs", "", ""},
		"duplicates.returnKept":     {"what stood there before comes back, with its pairs", "", ""},
		"duplicates.reviveFamily":   {"a state alone", "", ""},
	}
}

// writers are the methods of the registry that write persons and families.
var writers = []string{"LoadIn", "ChangePersonIn", "ChangeMergedIn", "ChangeFamilyIn", "RestorePersonIn", "MendIn"}

// askers are the methods of service/identity that ask the live index.
var askers = []string{"AlikeIn", "TellIn"}

// bySQL finds statements that change what a person is known by.
var bySQL = regexp.MustCompile(`(?i)(INSERT INTO|UPDATE) (person|family)\b(?: SET (\w+))?`)

// TestEveryWayOfWritingAPersonAsksFirst walks the sources: whoever adds a way has to say here how it asks who is alike before
// it saves, and to point at the test that shows it.
func TestEveryWayOfWritingAPersonAsksFirst(t *testing.T) {
	t.Parallel()
	known, found, asking, tests := ways(), map[string]bool{}, map[string]bool{}, map[string]bool{}
	root := filepath.Join("..", "..", "internal")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := strings.TrimSuffix(file.Name.Name, "_test")
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			name := pkg + "." + f.Name.Name
			if strings.HasSuffix(path, "_test.go") {
				tests[name] = true
				continue
			}
			writes, asks := whatOf(f)
			asking[name] = asking[name] || asks
			if writes && pkg != "registry" && pkg != "migrations" {
				found[name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range found {
		if _, told := known[name]; !told {
			t.Errorf("%s writes persons: say in ways() how it tells who is alike before, and show it in a test", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		w := known[name]
		switch {
		case !found[name]:
			t.Errorf("%s writes nobody any more", name)
		case w.says == "":
			t.Errorf("%s: nothing is said", name)
		case (w.asks == "") != (w.test == ""):
			t.Errorf("%s: who asks has a test", name)
		case w.asks != "" && !asking[w.asks]:
			t.Errorf("%s: %s does not ask who is alike", name, w.asks)
		case w.test != "" && !tests[w.test]:
			t.Errorf("%s: there is no %s", name, w.test)
		}
	}
}

// whatOf tells whether a function writes persons or families, and whether it asks who is alike.
func whatOf(f *ast.FuncDecl) (writes, asks bool) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			asks = asks || slices.Contains(askers, sel.Sel.Name)
			civil, _ := sel.X.(*ast.SelectorExpr) // the civil registry's own records are no persons of ours
			writes = writes || slices.Contains(writers, sel.Sel.Name) && !(sel.Sel.Name == "LoadIn" && civil != nil && civil.Sel.Name == "civil")
		case *ast.BasicLit:
			for _, m := range bySQL.FindAllStringSubmatch(n.Value, -1) {
				// A version set to itself locks a row; the outcome of a match is no value of hers.
				writes = writes || m[3] != "version" && m[3] != "match_status"
			}
		}
		return true
	})
	return writes, asks
}
