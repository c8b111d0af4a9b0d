package floors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Check reads every Go file of a module and gives the breaches of the plan, one line each
// with its place, in the order of the files. Build tags are ignored: a file that is left
// out of one build is checked all the same.
func Check(module string, root fs.FS, plan []Floor, narrow map[string]Reach) ([]string, error) {
	c := &checker{module: module, plan: plan, narrow: narrow, fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && skipped(entry.Name()) {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		return c.file(name, source)
	})
	return c.breaches, err
}

// skipped names directories the go tool leaves out of the module.
func skipped(dir string) bool {
	return dir == "testdata" || dir == "vendor" || dir == "node_modules" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

type checker struct {
	module   string
	plan     []Floor
	narrow   map[string]Reach
	fset     *token.FileSet
	unlisted []string // reported once a package, not once a file
	breaches []string
}

// place is where a package stands in the plan.
type place struct {
	floor Floor
	index int // of the line in the floor's list
}

func (c *checker) file(name string, source []byte) error {
	tree, err := parser.ParseFile(c.fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("floors: %w", err)
	}
	pkg, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	at, listed := c.place(pkg)
	if !listed {
		c.reportUnlisted(pkg)
		return nil
	}
	for _, spec := range tree.Imports {
		target, _ := strconv.Unquote(spec.Path.Value) // the parser has checked the quotes
		c.imported(spec.Pos(), pkg, at, target, test)
	}
	if at.floor.Pure && !test {
		c.pure(tree)
	}
	c.noInit(tree)
	return nil
}

func (c *checker) reportUnlisted(pkg string) {
	if slices.Contains(c.unlisted, pkg) {
		return
	}
	c.unlisted = append(c.unlisted, pkg)
	c.breaches = append(c.breaches, pkg+": not in the floor plan; add its line to internal/floors/plan.go at the height where it belongs")
}

func (c *checker) place(pkg string) (place, bool) {
	for _, floor := range c.plan {
		for i, line := range floor.Packages {
			below, tree := strings.CutSuffix(line, "/...")
			if pkg == below || tree && strings.HasPrefix(pkg, below+"/") {
				return place{floor, i}, true
			}
		}
	}
	return place{}, false
}

func (c *checker) imported(pos token.Pos, pkg string, at place, target string, test bool) {
	own, inside := strings.CutPrefix(target, c.module+"/")
	if !inside {
		if at.floor.Pure && !test && impure(target) {
			c.report(pos, "%s imports %s, which the %s floor may not: take the value as a parameter", pkg, target, at.floor.Name)
		}
		return
	}
	to, listed := c.place(own)
	if !listed {
		c.reportUnlisted(own)
		return
	}
	if own != pkg && !allowed(at, to, test) {
		c.report(pos, "%s (%s) may not import %s (%s)", pkg, at.floor.Name, own, to.floor.Name)
	}
	if reach, bound := c.narrow[pkg]; bound && !test && to.floor.Name == reach.Floor && !slices.Contains(reach.Only, own) {
		c.report(pos, "%s may reach only %s of the %s floor, not %s", pkg, strings.Join(reach.Only, ", "), reach.Floor, own)
	}
}

// allowed says whether a package may import another. Tests may also use the test kit, the
// schema, the data and later packages of their own floor; the compiler keeps out cycles.
func allowed(from, to place, test bool) bool {
	switch {
	case to.floor.TestOnly:
		return test || from.floor.Name == to.floor.Name
	case from.floor.Name == to.floor.Name:
		return test || to.index <= from.index
	case test && (to.floor.Name == "schema" || to.floor.Name == "data" || to.floor.Name == "words"):
		return true
	}
	return slices.Contains(from.floor.May, to.floor.Name)
}

// impure tells whether a package of the standard library reaches outside the program.
func impure(target string) bool {
	switch target {
	case "context", "os", "net", "syscall", "io/ioutil", "crypto/rand", "math/rand":
		return true
	}
	for _, below := range []string{"os/", "net/", "database/sql"} {
		if strings.HasPrefix(target, below) {
			return true
		}
	}
	return false
}

// clock lists what of package time reads the clock or waits.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local"}

func (c *checker) pure(tree *ast.File) {
	name := timeName(tree)
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			c.report(n.Pos(), "a go statement in a pure package: goroutines live in kit/parallel")
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && name != "" && id.Name == name && slices.Contains(clock, n.Sel.Name) {
				c.report(n.Pos(), "time.%s in a pure package: take the time as a parameter", n.Sel.Name)
			}
		case *ast.Ident:
			if name == "." && slices.Contains(clock, n.Name) {
				c.report(n.Pos(), "time.%s in a pure package: take the time as a parameter", n.Name)
			}
		}
		return true
	})
}

// timeName gives the name package time goes by in a file, empty when it is not imported.
func timeName(tree *ast.File) string {
	for _, spec := range tree.Imports {
		if spec.Path.Value != `"time"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return "time"
	}
	return ""
}

// noInit refuses init functions: what a program does at start is read in app, top to bottom.
func (c *checker) noInit(tree *ast.File) {
	for _, decl := range tree.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			c.report(f.Pos(), "an init function: build it in app")
		}
	}
}

func (c *checker) report(pos token.Pos, text string, args ...any) {
	c.breaches = append(c.breaches, fmt.Sprintf("%s: ", c.fset.Position(pos))+fmt.Sprintf(text, args...))
}
