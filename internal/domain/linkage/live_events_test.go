package linkage_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"tepat/internal/kit/fail"

	engine "tepat/internal/domain/linkage"
)

// TestEntities changes an index step by step and holds entities, members and events to what each step does.
func TestEntities(t *testing.T) {
	t.Parallel()
	a := person("", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006")
	slip := person("", "8171011204800003", "8171012307130436", "MATEOS SAHETAPI", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006")
	b := person("", "8171025507910002", "8171020101120001", "NOVITA LATUHERU", "1991-07-15", "P", "RUTH LATUHERU", "8171021002")
	other := person("", "8171030101550009", "", "BENHARD PELUPESSY", "1955-01-01", "L", "MARIA SOPACUA", "8171031003")
	s := crowd()
	x := indexOf(t, prepare(t, identity(t), s, nil, engine.Options{Taught: nothing}))
	type step struct {
		id     string
		fields []string // none drops
		entity string
		rows   []string
		events []engine.Event
	}
	for i, c := range []step{
		{"k1", a, "k1", []string{"k1"}, nil},
		{"k2", slip, "k1", []string{"k1", "k2"}, []engine.Event{{Kind: engine.Joined, ID: "k2", To: "k1"}}},
		{"h", a, "k1", []string{"h", "k1", "k2"}, []engine.Event{{Kind: engine.Joined, ID: "h", To: "k1"}}},
		{"m1", b, "m1", []string{"m1"}, nil},
		{"m2", b, "m1", []string{"m1", "m2"}, []engine.Event{{Kind: engine.Joined, ID: "m2", To: "m1"}}},
		{"h", b, "m1", []string{"h", "m1", "m2"}, []engine.Event{{Kind: engine.Left, ID: "h", From: "k1", To: "m1"}}},
		{"m1", nil, "", nil, []engine.Event{{Kind: engine.Left, ID: "m1", From: "m1"}}},
		{"h", a, "k1", []string{"h", "k1", "k2"}, []engine.Event{{Kind: engine.Left, ID: "h", From: "m1", To: "k1"}}},
		{"m1", a, "k1", []string{"h", "k1", "k2", "m1"}, []engine.Event{{Kind: engine.Joined, ID: "m1", To: "k1"}}},
		{"m1", nil, "", nil, []engine.Event{{Kind: engine.Left, ID: "m1", From: "k1"}}},
		{"k1", nil, "", nil, []engine.Event{{Kind: engine.Left, ID: "k1", From: "k1"}}},
		// m2 is still called m1, after a row that is gone, and h and k2 are called k1 after one that has come back as another.
		{"k1", b, "m1", []string{"k1", "m2"}, []engine.Event{{Kind: engine.Joined, ID: "k1", To: "m1"}}},
		{"k1", other, "k1", []string{"k1"}, []engine.Event{{Kind: engine.Split, From: "k1", To: "h"}, {Kind: engine.Left, ID: "k1", From: "m1", To: "k1"}}},
		{"k2", slip, "h", []string{"h", "k2"}, nil},
	} {
		change, err := engine.Change{}, error(nil)
		if c.fields == nil {
			change, err = x.Drop(c.id)
		} else {
			change, err = x.Put(c.id, asBytes(c.fields))
		}
		if err != nil {
			t.Fatal(err)
		}
		if change.Cluster.Entity != c.entity || !reflect.DeepEqual(change.Cluster.Members, c.rows) || !reflect.DeepEqual(change.Events, c.events) {
			t.Errorf("step %d, %s: %+v", i+1, c.id, change)
			for _, l := range change.Links {
				t.Log(l.ID, engine.Bits(l.Weight))
			}
		}
	}
	// Another index over the same rows goes on with the names.
	y := indexOf(t, prepare(t, identity(t), s, nil, engine.Options{Taught: nothing}))
	for _, put := range []struct {
		id     string
		fields []string
	}{{"h", a}, {"k2", slip}, {"m2", b}, {"k1", other}} { // in this order: a cluster is called after its first row
		if _, err := y.Put(put.id, asBytes(put.fields)); err != nil {
			t.Fatal(err)
		}
	}
	if err := y.Keep(x.Entities()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"h": "h", "k2": "h", "m2": "m1", "k1": "k1"} {
		if c, err := y.Cluster(id); err != nil || c.Entity != want {
			t.Errorf("kept, %s is %s of %v, want %s", id, c.Entity, c.Members, want)
		}
	}
	if _, err := x.Drop("m1"); fail.CodeOf(err) != "linkage.index_no_row" {
		t.Errorf("dropped twice: %v", err)
	}
}

func asBytes(fields []string) (out [][]byte) {
	for _, f := range fields {
		out = append(out, []byte(f))
	}
	return out
}

// TestMergeAndSplit lets a row join two clusters into one, and leave them to be two again.
func TestMergeAndSplit(t *testing.T) {
	t.Parallel()
	s := historical(12, 200)
	x := indexOf(t, prepare(t, modelOf(t, "../../../data/linkage/historical.yaml"), s, nil, engine.Options{Taught: nothing}))
	merged, split := 0, 0
	for i, r := range s.rows {
		before, err := x.Cluster(r[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(before.Members) < 3 {
			continue
		}
		dropped, err := x.Drop(r[0])
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		for _, id := range before.Members {
			if id != r[0] {
				c, err := x.Cluster(id)
				if err != nil {
					t.Fatal(err)
				}
				parts[id] = c.Entity
			}
		}
		put, err := x.Put(r[0], s.Fields(i, nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range dropped.Events {
			if e.Kind == engine.Split || e.Kind == engine.Left && e.ID != r[0] {
				if e.From == before.Entity { // a cluster it is linked to may be parted in another way too
					split++
				}
			}
		}
		for _, e := range put.Events {
			if e.Kind == engine.Merged || e.Kind == engine.Joined && e.ID != r[0] {
				merged++
			}
		}
		if !reflect.DeepEqual(put.Cluster.Members, before.Members) {
			t.Errorf("%s stood with %v, now with %v", r[0], before.Members, put.Cluster.Members)
		}
		entities := map[string]bool{}
		for _, e := range parts {
			entities[e] = true
		}
		together := slices.ContainsFunc(dropped.Events, func(e engine.Event) bool { return e.Kind == engine.Merged || e.Kind == engine.Joined })
		if want := len(entities) - 1; !together && want != len(dropped.Events)-1 {
			t.Errorf("%s: %d parts, events %v", r[0], len(entities), dropped.Events)
		}
	}
	if merged == 0 || split == 0 {
		t.Errorf("%d merged, %d split: the test says little", merged, split)
	}
	t.Log(fmt.Sprint(merged, " merged, ", split, " split"))
}
