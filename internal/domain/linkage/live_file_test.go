package linkage_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/pagefile"

	engine "tepat/internal/domain/linkage"
)

func fileKey(n byte) []byte { return bytes.Repeat([]byte{n}, pagefile.KeySize) }

// fileOf writes an index as it lies on disk.
func fileOf(t testing.TB, e *engine.Engine) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := e.WriteIndex(&out, fileKey(1)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestAFileIsTheIndex writes an index and opens it: it gives what the one in memory gives, its file shows nobody, and is
// the same but for what the seal makes of it.
func TestAFileIsTheIndex(t *testing.T) {
	t.Parallel()
	s := residents(41, 200)
	e := prepare(t, identity(t), s, nil, engine.Options{Workers: 2, Taught: nothing})
	file := fileOf(t, e)
	for _, r := range s.rows[:50] {
		for _, v := range r[1:8] {
			if len(v) > 6 && bytes.Contains(file, []byte(v)) {
				t.Fatalf("%q stands in the file", v)
			}
		}
	}
	x, err := engine.OpenIndex(file, identity(t), s.header, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	if x.Rows() != len(s.rows) || x.Changed() != 0 || x.Reference() || x.Model() != identity(t).Version() {
		t.Errorf("%d rows of %d, %d changed, %s", x.Rows(), len(s.rows), x.Changed(), x.Model())
	}
	want, _ := batch(t, e)
	got := map[pair]score{}
	f := x.Finder()
	for i := range s.rows {
		collect(t, got, s.rows[i][0])(f.Find(s.Fields(i, nil), 1000))
	}
	differ(t, "in the file", got, want)
	again(t, e, x, s, want)
}

// TestOtherHeader asks with fields in another order, and without some the index has.
func TestOtherHeader(t *testing.T) {
	t.Parallel()
	s := residents(42, 100)
	e := prepare(t, identity(t), s, nil, engine.Options{Taught: nothing})
	file := fileOf(t, e)
	x, err := engine.OpenIndex(file, identity(t), []string{"Tgl Lahir", "NAMA", "NIK"}, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	r := s.rows[slices.IndexFunc(s.rows, func(r []string) bool {
		return !slices.ContainsFunc(s.rows, func(o []string) bool { return o[0] != r[0] && o[1] == r[1] })
	})]
	got, err := x.Finder().Find([][]byte{[]byte(r[4]), []byte(r[3]), []byte(r[1])}, 3)
	if err != nil || len(got) == 0 || got[0].ID != r[0] {
		t.Fatalf("%s was not found: %v %v", r[0], got, err)
	}
	for _, l := range got[0].Levels {
		if want := slices.Contains([]string{"nik", "name", "birth"}, l.Comparison); want == (l.Level == "missing") {
			t.Errorf("%+v", l)
		}
	}
}

// TestWhatIsNoIndex opens what is none, or another's.
func TestWhatIsNoIndex(t *testing.T) {
	t.Parallel()
	s := crowd()
	m := identity(t)
	file := fileOf(t, prepare(t, m, s, nil, engine.Options{Taught: nothing}))
	var foreign bytes.Buffer
	w, err := pagefile.NewWriter(&foreign, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, `{"format":2,"headers":[["id"]],"candidates":1}`)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file   []byte
		model  *engine.Model
		header []string
		key    []byte
		code   string
	}{
		"nothing":           {nil, m, s.header, fileKey(1), "linkage.index_unreadable"},
		"text":              {[]byte("id,nama\n1,SITI\n"), m, s.header, fileKey(1), "linkage.index_unreadable"},
		"another key":       {file, m, s.header, fileKey(2), "linkage.index_unreadable"},
		"no key":            {file, m, s.header, nil, "linkage.index_unreadable"},
		"cut off":           {file[:len(file)/2], m, s.header, fileKey(1), "linkage.index_unreadable"},
		"other pages":       {foreign.Bytes(), m, s.header, fileKey(1), "linkage.index_unreadable"},
		"another model":     {file, modelOf(t, "../../../data/linkage/febrl.yaml"), s.header, fileKey(1), "linkage.index_model"},
		"no name in header": {file, m, []string{"nik"}, fileKey(1), "linkage.column_missing"},
	} {
		if _, err := engine.OpenIndex(c.file, c.model, c.header, c.key); fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestDamageIsNoticed cuts a file at the end of every page and changes a byte of every page: it does not open, or the
// questions that touch the page fail, and none is ever answered otherwise than before.
func TestDamageIsNoticed(t *testing.T) {
	t.Parallel()
	m := identity(t)
	s := &sheet{header: registryHeader, rows: residents(43, 12).rows}
	for i := range s.rows {
		s.rows[i] = s.rows[i][:len(registryHeader)]
	}
	file := fileOf(t, prepare(t, m, s, nil, engine.Options{Taught: nothing}))
	ask := func(file []byte) (answers []string, opened bool) {
		x, err := engine.OpenIndex(file, m, s.header, fileKey(1))
		if err != nil {
			if code := fail.CodeOf(err); code != "linkage.index_unreadable" {
				t.Fatalf("opening gives %v", err)
			}
			return nil, false
		}
		f := x.Finder()
		for i := range s.rows {
			list, err := f.Find(s.Fields(i, nil), 10)
			if err != nil {
				if code := fail.CodeOf(err); code != "linkage.index_damaged" {
					t.Fatalf("asking gives %v", err)
				}
				answers = append(answers, "damaged")
				continue
			}
			answers = append(answers, fmt.Sprint(list))
		}
		return answers, true
	}
	want, _ := ask(file)
	refused, failed := 0, 0
	for at := 16 + 32; at < len(file); at += pagefile.Room / 2 {
		if _, opened := ask(file[:at]); opened {
			t.Fatalf("cut off at %d of %d it opens", at, len(file))
		}
		changed := bytes.Clone(file)
		changed[at+(at*7)%min(100, len(file)-at)] ^= 0x10
		got, opened := ask(changed)
		if !opened {
			refused++
			continue
		}
		for i, answer := range got {
			switch {
			case answer == "damaged":
				failed++
			case answer != want[i]:
				t.Fatalf("byte %d changed: row %d gives %s, want %s", at, i, answer, want[i])
			}
		}
	}
	if refused == 0 || failed == 0 {
		t.Errorf("%d refused, %d failed: the test says little", refused, failed)
	}
	t.Logf("%d refused, %d questions failed", refused, failed)
}

// plainOf gives what stands in a file.
func plainOf(t testing.TB, file []byte) (text []byte) {
	t.Helper()
	plain, err := pagefile.Open(file, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	for n := int64(0); n*pagefile.Size < plain.Len(); n++ {
		page, err := plain.Page(n, nil)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, page...)
	}
	return text
}

// sealedOf makes a file of what is to stand in it.
func sealedOf(t testing.TB, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pagefile.NewWriter(&out, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestAnEarlierFormatDoesNotOpen: an index of format 1 has no table of cards; it is made anew.
func TestAnEarlierFormatDoesNotOpen(t *testing.T) {
	t.Parallel()
	s, m := crowd(), identity(t)
	text := plainOf(t, fileOf(t, prepare(t, m, s, nil, engine.Options{Taught: nothing})))
	for format, code := range map[string]string{"2": "", "1": "linkage.index_unreadable", "3": "linkage.index_unreadable"} {
		changed := bytes.Replace(text, []byte(`{"format":2,`), []byte(`{"format":`+format+`,`), 1)
		if _, err := engine.OpenIndex(sealedOf(t, changed), m, s.header, fileKey(1)); fail.CodeOf(err) != code {
			t.Errorf("format %s: %v, want %q", format, err, code)
		}
	}
	cards := bytes.Replace(text, []byte(`"cards":[`), []byte(`"cardz":[`), 1)
	if _, err := engine.OpenIndex(sealedOf(t, cards), m, s.header, fileKey(1)); bytes.Equal(cards, text) || fail.CodeOf(err) != "linkage.index_unreadable" {
		t.Errorf("without a table of cards: %v", err)
	}
}

// FuzzOpenIndex opens plain bytes that are sealed with the right key, so that what is held to sense is what stands in them.
func FuzzOpenIndex(f *testing.F) {
	s := &sheet{header: registryHeader, rows: crowd().rows[:20]}
	m := identity(f)
	x := prepare(f, m, s, nil, engine.Options{Taught: nothing})
	file := fileOf(f, x)
	text := plainOf(f, file)
	f.Add(0, []byte{0}, 0)
	f.Add(len(text)-16, []byte{255, 255, 255, 255, 255, 255, 255, 127}, 0)
	f.Add(len(text)/2, []byte{255, 255, 255, 255}, 3)
	f.Add(2, []byte("\xff\xff\x00\x00\xff"), 1)
	f.Fuzz(func(t *testing.T, at int, with []byte, short int) {
		changed := bytes.Clone(text)
		copy(changed[min(max(at, 0), len(changed)):], with)
		changed = changed[:len(changed)-min(max(short, 0), len(changed))]
		x, err := engine.OpenIndex(sealedOf(t, changed), m, s.header, fileKey(1))
		if err != nil {
			return
		}
		finder := x.Finder()
		for i := range 5 {
			_, _ = finder.Find(s.Fields(i, nil), 3)
			_, _ = finder.FindID(s.rows[i][0], 3)
		}
		_, _ = x.Put("new", s.Fields(3, nil))
		_, _ = x.Drop(s.rows[4][0])
	})
}

// TestReferenceAlone links rows to a reference of which an index was made before there were any: as a run with the rows
// does, but for the share the rows themselves have in frequencies.
func TestReferenceAlone(t *testing.T) {
	t.Parallel()
	civil, registry := residents(91, 200), residents(91, 200)
	registry.rows = registry.rows[:40]
	m := identity(t)
	both := prepare(t, m, registry, civil, engine.Options{Taught: nothing})
	want, err := both.Link()
	if err != nil {
		t.Fatal(err)
	}
	alone := prepare(t, m, civil, nil, engine.Options{Taught: nothing})
	before, _ := batch(t, alone)
	var out bytes.Buffer
	if err := alone.WriteReference(&out, fileKey(1)); err != nil {
		t.Fatal(err)
	}
	after, _ := batch(t, alone)
	differ(t, "deduplication after the reference was written", after, before)
	x, err := engine.OpenIndex(out.Bytes(), m, registry.header, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	f := x.Finder()
	for i, w := range want.Matches {
		fields := registry.Fields(i, nil)
		fields[0] = nil
		got, err := f.Find(fields, 4)
		if err != nil || len(got) == 0 {
			t.Fatalf("row %d: %v, %v", i, got, err)
		}
		best := idOrNone(both, len(registry.rows), w.Reference)
		if off := engine.Bits(got[0].Weight - w.Weight); got[0].ID != best || off > 1.5 || off < -1.5 {
			t.Errorf("row %d is %s at %d, in a run %s at %d", i, got[0].ID, got[0].Weight, best, w.Weight)
		}
	}
	if change, err := x.Put("new", registry.Fields(3, nil)); err != nil || len(change.Links) == 0 || change.Events != nil || change.Cluster.Entity != "new" {
		t.Errorf("put into a reference: %+v, %v", change, err)
	}
}

// FuzzAnyRow puts a row of any bytes: it is found again by what it holds if a key takes hold of it, weighs the same from
// both sides, and leaves the index as it was when it is dropped.
func FuzzAnyRow(f *testing.F) {
	m := identity(f)
	s := crowd()
	s.rows = s.rows[:60]
	x := indexOf(f, prepare(f, m, s, nil, engine.Options{Taught: nothing}))
	f.Add("8171011204800003", "SITI\x00AISYAH", "1980-04-12", "IBU")
	f.Add("\xff\xfe", strings.Repeat("Ü ", 400), "00-00-0000", "\x00")
	f.Add("", "ﷺ ﷺ", "31/12/1999", "BIN BIN BIN BIN BIN BIN BIN BIN")
	f.Fuzz(func(t *testing.T, nik, name, birth, mother string) {
		fields := asBytes(person("", nik, "", name, birth, "L", mother, "8171011006"))
		if _, err := x.Put("one", fields); err != nil {
			t.Fatal(err)
		}
		two, err := x.Put("two", fields)
		if err != nil {
			t.Fatal(err)
		}
		finder := x.Finder()
		for _, id := range [2]string{"one", "two"} {
			other := map[string]string{"one": "two", "two": "one"}[id]
			for _, l := range two.Links {
				if l.ID != "one" {
					continue
				}
				list, err := finder.FindID(id, 100)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(list, func(back engine.Likeness) bool { return back.ID == other && back.Weight == l.Weight }) {
					t.Errorf("%s does not find %s: %v", id, other, list)
				}
			}
		}
		for _, id := range [2]string{"one", "two"} {
			if _, err := x.Drop(id); err != nil {
				t.Fatal(err)
			}
		}
		if x.Rows() != len(s.rows) {
			t.Errorf("%d rows are left", x.Rows())
		}
	})
}
