package floors_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tepat/internal/floors"
)

func TestTheModuleKeepsItsFloors(t *testing.T) {
	t.Parallel()
	module := os.DirFS("../..")
	breaches, err := floors.Check("tepat", module, floors.Plan(), floors.Narrow())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

// tower is a small plan with one of each kind of floor.
func tower() []floors.Floor {
	return []floors.Floor{
		{Name: "kit", Packages: []string{"kit/a", "kit/b"}},
		{Name: "data", Packages: []string{"data/..."}},
		{Name: "domain", May: []string{"kit"}, Pure: true, Packages: []string{"domain/x", "domain/y"}},
		{Name: "schema", Packages: []string{"schema"}},
		{Name: "service", May: []string{"kit", "domain"}, Packages: []string{"service/s", "service/t"}},
		{Name: "edge", May: []string{"kit", "domain", "service"}, Packages: []string{"edge/public"}},
		{Name: "testkit", TestOnly: true, May: []string{"kit", "domain", "service"}, Packages: []string{"testkit"}},
	}
}

func narrow() map[string]floors.Reach {
	return map[string]floors.Reach{"edge/public": {Floor: "service", Only: []string{"service/s"}}}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const imports = "package p\nimport _ "
	cases := map[string]struct {
		file, source string
		want         string // part of the one breach, empty for none
	}{
		"down a floor":                {"domain/x/x.go", imports + `"m/kit/b"`, ""},
		"up a floor":                  {"kit/a/a.go", imports + `"m/domain/x"`, "kit/a (kit) may not import m/domain/x"},
		"earlier in the floor":        {"kit/b/b.go", imports + `"m/kit/a"`, ""},
		"later in the floor":          {"kit/a/a.go", imports + `"m/kit/b"`, "may not import"},
		"later, in a test":            {"kit/a/a_test.go", imports + `"m/kit/b"`, ""},
		"up, in a test":               {"kit/a/a_test.go", imports + `"m/service/s"`, "may not import"},
		"a floor not named":           {"service/s/s.go", imports + `"m/data/names"`, "may not import"},
		"data, in a test":             {"domain/x/x_test.go", imports + `"m/data/names"`, ""},
		"schema, in a test":           {"service/s/s_test.go", imports + `"m/schema"`, ""},
		"schema, not in a test":       {"service/s/s.go", imports + `"m/schema"`, "may not import"},
		"within a tree":               {"data/a/a.go", imports + `"m/data/b/c"`, ""},
		"testkit, in a test":          {"domain/x/x_test.go", imports + `"m/testkit"`, ""},
		"testkit, not in a test":      {"service/t/t.go", imports + `"m/testkit"`, "may not import"},
		"an unlisted package":         {"kit/util/u.go", "package util", "kit/util: not in the floor plan"},
		"an unlisted import":          {"kit/b/b.go", imports + `"m/kit/c"`, "kit/c: not in the floor plan"},
		"context in domain":           {"domain/x/x.go", imports + `"context"`, "imports context"},
		"os in domain":                {"domain/x/x.go", imports + `"os"`, "imports os"},
		"os/exec in domain":           {"domain/x/x.go", imports + `"os/exec"`, "imports os/exec"},
		"net/http in domain":          {"domain/x/x.go", imports + `"net/http"`, "imports net/http"},
		"database/sql in domain":      {"domain/x/x.go", imports + `"database/sql"`, "imports database/sql"},
		"os in a test of domain":      {"domain/x/x_test.go", imports + `"os"`, ""},
		"os in kit":                   {"kit/a/a.go", imports + `"os"`, ""},
		"time as a value":             {"domain/x/x.go", "package x\nimport \"time\"\nvar _ time.Time", ""},
		"the clock":                   {"domain/x/x.go", "package x\nimport \"time\"\nfunc f() { _ = time.Now() }", "time.Now"},
		"the clock as a value":        {"domain/x/x.go", "package x\nimport \"time\"\nvar now = time.Now", "time.Now"},
		"the clock renamed":           {"domain/x/x.go", "package x\nimport t \"time\"\nfunc f() { t.Sleep(1) }", "time.Sleep"},
		"the clock by a dot":          {"domain/x/x.go", "package x\nimport . \"time\"\nvar now = Now", "time.Now"},
		"a field named like it":       {"domain/x/x.go", "package x\nimport \"time\"\nvar _ time.Time\nfunc f(s struct{ Now int }) int { return s.Now }", ""},
		"a go statement":              {"domain/x/x.go", "package x\nfunc f() { go f() }", "a go statement"},
		"a go statement in a closure": {"domain/x/x.go", "package x\nvar f = func() { go func() {}() }", "a go statement"},
		"a go statement in service":   {"service/s/s.go", "package s\nfunc f() { go f() }", ""},
		"a file behind a build tag":   {"domain/x/x_windows.go", "//go:build windows\n\n" + imports + `"os"`, "imports os"},
		"an init function":            {"service/s/s.go", "package s\nfunc init() {}", "an init function"},
		"a method called init":        {"service/s/s.go", "package s\ntype t int\nfunc (t) init() {}", ""},
		"the public edge, its three":  {"edge/public/p.go", imports + `"m/service/s"`, ""},
		"the public edge, another":    {"edge/public/p.go", imports + `"m/service/t"`, "may reach only service/s"},
		"files kept for tests":        {"kit/a/testdata/bad.go", imports + `"m/service/s"`, ""},
		"a hidden folder":             {".cache/bad.go", "package util", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			module := fstest.MapFS{c.file: {Data: []byte(c.source)}}
			got, err := floors.Check("m", module, tower(), narrow())
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && len(got) != 0 {
				t.Errorf("breaches %q, want none", got)
			}
			want := strings.ReplaceAll(c.want, "m/", "")
			if c.want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
				t.Errorf("breaches %q, want one with %q", got, want)
			}
		})
	}
}

func TestABrokenFileIsReported(t *testing.T) {
	t.Parallel()
	module := fstest.MapFS{"kit/a/a.go": {Data: []byte("package")}}
	if _, err := floors.Check("m", module, tower(), nil); err == nil {
		t.Error("a file that does not parse passes")
	}
}

func TestThePlanIsSound(t *testing.T) {
	t.Parallel()
	var names, packages []string
	banned := []string{"util", "utils", "common", "helper", "helpers", "manager", "base", "types", "misc"}
	for _, floor := range floors.Plan() {
		for _, lower := range floor.May {
			if !slices.Contains(names, lower) {
				t.Errorf("floor %s names %s, which is not below it", floor.Name, lower)
			}
		}
		names = append(names, floor.Name)
		for _, p := range floor.Packages {
			if slices.Contains(packages, p) {
				t.Errorf("%s is listed twice", p)
			}
			if slices.Contains(banned, path.Base(p)) {
				t.Errorf("%s: name a package by the noun it is about", p)
			}
			packages = append(packages, p)
		}
	}
	for p, reach := range floors.Narrow() {
		for _, q := range append([]string{p}, reach.Only...) {
			if !slices.Contains(packages, q) {
				t.Errorf("%s is not in the plan", q)
			}
		}
	}
}
