package linkage_test

import (
	"slices"
	"testing"

	"tepat/internal/kit/fail"

	engine "tepat/internal/domain/linkage"
)

// TestBreakdown holds an evaluation by kinds, groups, keys and marks to what its rows are.
func TestBreakdown(t *testing.T) {
	t.Parallel()
	s := crowd()
	s.header = append(slices.Clone(s.header), "entity", "mark")
	for i := range s.rows {
		s.rows[i] = append(slices.Clone(s.rows[i]), "", "")
	}
	add := func(entity, mark string, p []string) { s.add(append(slices.Clone(p), entity, mark)...) }
	add("1", "", person("a", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"))
	add("1", "", person("b", "8171011204800008", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006"))
	add("2", "", person("c", "8171010101700001", "", "SUPARNO", "1970-01-02", "L", "NGATINI", "8171011006"))
	add("2", "", person("d", "", "", "SUPARNO", "1970-01-02", "L", "NGATINI", "8171011006"))
	add("3", "twin", person("e", "8171015204100001", "8171012307130999", "RINA TUASIKAL", "2010-04-12", "P", "FATIMAH TUASIKAL", "8171011006"))
	add("4", "twin", person("f", "8171015204100002", "8171012307130999", "RINI TUASIKAL", "2010-04-12", "P", "FATIMAH TUASIKAL", "8171011006"))
	add("5", "", person("g", "8171010505550001", "", "YOHANES LATUHERU", "1955-05-05", "L", "", "8171011006"))
	add("5", "", person("h", "3201010606660002", "", "BUNGA MELATI", "1966-06-06", "P", "", "3201011002"))
	e := prepare(t, identity(t), s, nil, engine.Options{})
	labels, err := e.Labels("entity", "")
	if err != nil {
		t.Fatal(err)
	}
	marks, err := e.Marks("Mark")
	if err != nil {
		t.Fatal(err)
	}
	found, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.BreakDoubles(&found, &labels, marks)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]engine.Slice{}
	for _, k := range b.Kinds {
		kinds[k.Name] = k
	}
	if k := kinds["nik=serial_last"]; k.True != 1 || k.Right != 1 || k.Recall != 1 || k.Precision != 1 {
		t.Errorf("a digit of the serial: %+v of %+v", k, b.Kinds)
	}
	if k := kinds["nik=different, birth=each_its_own, name=different, mother=missing"]; k.True != 1 || k.Right != 0 || k.Unmet != 1 {
		t.Errorf("a pair that shares nothing: %+v of %+v", k, b.Kinds)
	}
	groups := map[string]engine.Slice{}
	sum := int64(0)
	for _, g := range b.Groups {
		groups[g.Name], sum = g, sum+g.True
	}
	if groups["mononym"].True != 1 || groups["baptismal"].True != 1 || groups["two_words"].True != 1 || sum != 3 {
		t.Errorf("groups %+v", b.Groups)
	}
	if b.Keys[0].Key != "nik" || b.Keys[0].Meet != 0 || !slices.ContainsFunc(b.Keys, func(k engine.KeyWorth) bool { return k.Key == "birth + sounds(name)" && k.Meet == 2 && k.First == 2 }) {
		t.Errorf("keys %+v", b.Keys)
	}
	if want := []engine.Close{{Mark: "twin", Rows: 2}}; !slices.Equal(b.Close, want) {
		t.Errorf("marks %+v, want %+v", b.Close, want)
	}
	if _, err := e.Marks("nothing"); fail.CodeOf(err) != "linkage.id_missing" {
		t.Errorf("a column that is not there: %v", err)
	}
}

// TestBreakLinks tells of a row linked to another than its own.
func TestBreakLinks(t *testing.T) {
	t.Parallel()
	civil, left := crowd(), &sheet{header: append(slices.Clone(registryHeader), "entity", "mark")}
	civil.header = append(slices.Clone(civil.header), "entity")
	for i := range civil.rows {
		civil.rows[i] = append(slices.Clone(civil.rows[i]), "")
	}
	p := person("p1", "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")
	civil.add(append(slices.Clone(p), "1")...)
	left.add(append(slices.Clone(p), "1", "")...)
	left.add(append(slices.Clone(p), "2", "namesake")...)
	e := prepare(t, identity(t), left, civil, engine.Options{})
	labels, err := e.Labels("entity", "entity")
	if err != nil {
		t.Fatal(err)
	}
	links, err := e.Link()
	if err != nil {
		t.Fatal(err)
	}
	marks, err := e.Marks("mark")
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.BreakLinks(&links, &labels, marks)
	if err != nil {
		t.Fatal(err)
	}
	if k := b.Kinds[0]; k.Name != "" || k.True != 1 || k.Right != 1 || k.Found != 2 || k.Precision != 0.5 {
		t.Errorf("kinds %+v", b.Kinds)
	}
	if want := []engine.Close{{Mark: "namesake", Rows: 1, Merged: 1}}; !slices.Equal(b.Close, want) {
		t.Errorf("marks %+v, want %+v", b.Close, want)
	}
}
