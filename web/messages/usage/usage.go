// Package usage reads the Go source of the module and finds every error code and every message
// key it uses, so that a test can hold them against the catalogue.
package usage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Use is one place where a code or key is used.
type Use struct {
	Key   string   // "nik.length" or "queue.title"
	Facts []string // names of the facts given, where they are written out
	Open  bool     // facts come from elsewhere too, so none can be said to miss
	Kind  string   // of an error: "Invalid", "NotFound", ...; "" for a message
	At    string   // file:line
}

// Found is all that a scan found.
type Found struct {
	Errors   []Use
	Messages []Use
	Parts    []Use    // keys put together while running: Key holds a "*" for what is not known
	Unclear  []string // places whose code could not be followed
}

// codeLike tells codes and keys from other literals.
var codeLike = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// failKinds are the constructors of kit/fail.
var failKinds = []string{"Invalid", "Unauthorized", "Forbidden", "NotFound", "Conflict", "Limited", "Unavailable", "Awaiting", "New"}

// Scan reads every Go file below root except tests.
func Scan(root fs.FS) (Found, error) {
	s := &scanner{fset: token.NewFileSet(), packages: map[string]*source{}, carriers: map[string]carrier{}, passed: map[token.Pos]bool{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		return s.read(root, name)
	})
	if err != nil {
		return Found{}, err
	}
	for _, p := range s.packages {
		s.learn(p)
	}
	for _, name := range sortedKeys(s.packages) {
		s.collect(s.packages[name])
	}
	s.sort()
	return s.found, nil
}

type scanner struct {
	fset     *token.FileSet
	packages map[string]*source
	carriers map[string]carrier // functions that pass a parameter on as a code
	passed   map[token.Pos]bool // where they do
	found    Found
}

// source is one package: its files, and the code-like texts given to each constant, variable
// and field.
type source struct {
	files []*ast.File
	named map[string][]string
	calls map[string][]string // name to the functions it was set from
}

// unnamed collects code-like texts in composite literals without field names.
const unnamed = ""

// carrier says which parameter of a function becomes the code of an error.
type carrier struct {
	index int
	kind  string
}

func (s *scanner) read(root fs.FS, name string) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("usage: %w", err)
	}
	dir := path.Dir(name)
	if s.packages[dir] == nil {
		s.packages[dir] = &source{calls: map[string][]string{}, named: map[string][]string{}}
	}
	s.packages[dir].files = append(s.packages[dir].files, file)
	return nil
}

// learn notes constants, code-like texts by the name they are given to, and carriers.
func (s *scanner) learn(p *source) {
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.ValueSpec:
				for i, name := range x.Names {
					if i < len(x.Values) {
						p.note(name.Name, x.Values[i])
					}
				}
			case *ast.AssignStmt:
				for i, left := range x.Lhs {
					if name, ok := left.(*ast.Ident); ok && i < len(x.Rhs) {
						p.note(name.Name, x.Rhs[i])
					}
				}
			case *ast.KeyValueExpr:
				if name, ok := x.Key.(*ast.Ident); ok {
					p.note(name.Name, x.Value)
				}
			case *ast.CompositeLit:
				for _, e := range x.Elts { // a row of a table written without field names
					p.note(unnamed, e)
				}
			case *ast.FuncDecl:
				s.learnCarrier(x)
				p.noteReturns(x)
			}
			return true
		})
	}
}

func (p *source) note(name string, value ast.Expr) {
	if text, ok := literal(value); ok && codeLike.MatchString(text) {
		p.named[name] = append(p.named[name], text)
	}
	if call, ok := value.(*ast.CallExpr); ok {
		p.calls[name] = append(p.calls[name], calledName(call)+"()")
	}
}

// noteReturns notes the codes a function gives back under its name with "()".
func (p *source) noteReturns(f *ast.FuncDecl) {
	if f.Body == nil {
		return
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, value := range r.Results {
				p.note(f.Name.Name+"()", value)
			}
		}
		return true
	})
}

// under gives the codes noted for a name, by itself or through a function it was set from.
func (p *source) under(name string) []string {
	codes := slices.Clone(p.named[name])
	for _, f := range p.calls[name] {
		codes = append(codes, p.named[f]...)
	}
	return codes
}

// learnCarrier notes a function whose parameter goes on as the code of a fail constructor, such
// as Limiter.Take(key, now, code).
func (s *scanner) learnCarrier(f *ast.FuncDecl) {
	if f.Body == nil {
		return
	}
	index := map[string]int{}
	at := 0
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			index[name.Name] = at
			at++
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		kind, code, _, ok := failCall(n)
		if !ok {
			return true
		}
		if name, isName := code.(*ast.Ident); isName {
			if i, isParam := index[name.Name]; isParam {
				s.carriers[f.Name.Name] = carrier{i, kind}
				s.passed[code.Pos()] = true
			}
		}
		return true
	})
}

// failCall takes a call of a fail constructor apart.
func failCall(n ast.Node) (kind string, code ast.Expr, facts []ast.Expr, ok bool) {
	call, isCall := n.(*ast.CallExpr)
	if !isCall {
		return "", nil, nil, false
	}
	f, isSelector := call.Fun.(*ast.SelectorExpr)
	if !isSelector {
		return "", nil, nil, false
	}
	if pkg, isName := f.X.(*ast.Ident); !isName || pkg.Name != "fail" || !slices.Contains(failKinds, f.Sel.Name) {
		return "", nil, nil, false
	}
	args := call.Args
	if f.Sel.Name == "New" {
		if len(args) == 0 {
			return "", nil, nil, false
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return "", nil, nil, false
	}
	return f.Sel.Name, args[0], args[1:], true
}

func (s *scanner) collect(p *source) {
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if kind, code, facts, ok := failCall(n); ok {
				s.collectError(p, n, kind, code, facts)
			} else if call, ok := n.(*ast.CallExpr); ok {
				s.collectCarried(p, call)
				s.collectMessage(p, call)
			}
			return true
		})
	}
}

func (s *scanner) collectError(p *source, n ast.Node, kind string, code ast.Expr, args []ast.Expr) {
	if s.passed[code.Pos()] { // the callers of this function are read instead
		return
	}
	use := Use{Kind: kind, At: s.at(n)}
	use.Facts, use.Open = factNames(args)
	if call := n.(*ast.CallExpr); call.Ellipsis.IsValid() {
		use.Open = true
	}
	codes, parts := p.resolve(code)
	slices.Sort(codes)
	for _, c := range slices.Compact(codes) {
		u := use
		u.Key = c
		s.found.Errors = append(s.found.Errors, u)
	}
	for _, part := range parts {
		u := use
		u.Key, u.Open = "error."+part, true
		s.found.Parts = append(s.found.Parts, u)
	}
	if len(codes)+len(parts) == 0 {
		s.found.Unclear = append(s.found.Unclear, use.At)
	}
}

// resolve follows a code expression: a literal, a constant, a name or field that got literals
// somewhere in its package, or a concatenation with one known end.
func (p *source) resolve(e ast.Expr) (codes, parts []string) {
	if text, ok := literal(e); ok {
		return []string{text}, nil
	}
	switch x := e.(type) {
	case *ast.Ident:
		return p.under(x.Name), nil
	case *ast.CallExpr:
		return slices.Clone(p.named[calledName(x)+"()"]), nil
	case *ast.SelectorExpr:
		if named := p.under(x.Sel.Name); len(named) > 0 {
			return named, nil
		}
		return slices.Clone(p.named[unnamed]), nil
	case *ast.BinaryExpr:
		if part := pattern(x); strings.Trim(part, "*.") != "" {
			return nil, []string{part}
		}
	}
	return nil, nil
}

// pattern writes a concatenation with a star for each part that is not a literal.
func pattern(e ast.Expr) string {
	if text, ok := literal(e); ok {
		return text
	}
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return strings.ReplaceAll(pattern(b.X)+pattern(b.Y), "**", "*")
	}
	return "*"
}

func (s *scanner) collectCarried(p *source, call *ast.CallExpr) {
	c, ok := s.carriers[calledName(call)]
	if !ok || c.index >= len(call.Args) {
		return
	}
	text, ok := literal(call.Args[c.index])
	if !ok || !codeLike.MatchString(text) {
		return
	}
	s.found.Errors = append(s.found.Errors, Use{Key: text, Kind: c.kind, Open: true, At: s.at(call)})
}

// collectMessage notes printer.Text("key", …) and text(ctx, "key", …).
func (s *scanner) collectMessage(p *source, call *ast.CallExpr) {
	args := call.Args
	switch calledName(call) {
	case "Text":
	case "text":
		if len(args) > 0 {
			args = args[1:]
		}
	default:
		return
	}
	if len(args) == 0 {
		return
	}
	use := Use{At: s.at(call)}
	use.Facts, use.Open = factNames(args[1:])
	use.Open = use.Open || call.Ellipsis.IsValid()
	if text, ok := literal(args[0]); ok {
		if codeLike.MatchString(text) {
			use.Key = text
			s.found.Messages = append(s.found.Messages, use)
		}
		return
	}
	if b, ok := args[0].(*ast.BinaryExpr); ok && b.Op == token.ADD {
		if part := pattern(b); strings.Contains(part, ".") {
			use.Key = part
			s.found.Parts = append(s.found.Parts, use)
		}
	}
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func factNames(args []ast.Expr) (names []string, open bool) {
	for i := 0; i < len(args); i += 2 {
		name, ok := literal(args[i])
		if !ok {
			return names, true
		}
		names = append(names, name)
	}
	return names, false
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

func (s *scanner) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

func (s *scanner) sort() {
	byKey := func(a, b Use) int { return strings.Compare(a.Key+"\x00"+a.At, b.Key+"\x00"+b.At) }
	slices.SortFunc(s.found.Errors, byKey)
	slices.SortFunc(s.found.Messages, byKey)
	slices.SortFunc(s.found.Parts, byKey)
	slices.Sort(s.found.Unclear)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
