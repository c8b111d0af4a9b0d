package flatcsv_test

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/flatcsv"
)

func rowsOf(t *testing.T, text string) (header []string, rows [][]string) {
	t.Helper()
	table, err := flatcsv.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var fields [][]byte
	for i := range table.Rows() {
		fields = table.Fields(i, fields)
		row := make([]string, len(fields))
		for j, f := range fields {
			row[j] = string(f)
		}
		rows = append(rows, row)
	}
	return table.Header(), rows
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		header []string
		rows   [][]string
	}{
		"plain":                     {"a,b\n1,2\n3,4\n", []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}},
		"no end of the last line":   {"a,b\n1,2", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"windows":                   {"a;b\r\n1;2\r\n", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"old mac":                   {"a,b\r1,2\r", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"tabs":                      {"a\tb\n1\t2\n", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"mark of UTF-8":             {"\xef\xbb\xbfa,b\n1,2\n", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"named separator":           {"sep=;\na,x;b\n1,1;2\n", []string{"a,x", "b"}, [][]string{{"1,1", "2"}}},
		"quotes":                    {"a,b\n\"1,1\",\"2\"\n", []string{"a", "b"}, [][]string{{"1,1", "2"}}},
		"quotes within":             {"a,b\n\"1 \"\"x\"\"\",2\n", []string{"a", "b"}, [][]string{{`1 "x"`, "2"}}},
		"line break within":         {"a,b\n\"1\n1\",2\n3,4\n", []string{"a", "b"}, [][]string{{"1\n1", "2"}, {"3", "4"}}},
		"quote inside a field":      {"a,b\n5\" pipe,2\n3,4\n", []string{"a", "b"}, [][]string{{`5" pipe`, "2"}, {"3", "4"}}},
		"empty fields":              {"a,b,c\n,,\n,x,\n", []string{"a", "b", "c"}, [][]string{{"", "", ""}, {"", "x", ""}}},
		"blank lines":               {"\na,b\n\n1,2\n\n\n3,4\n\n", []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}},
		"short and long rows":       {"a,b\n1\n1,2,3\n", []string{"a", "b"}, [][]string{{"1"}, {"1", "2", "3"}}},
		"long fields":               {"a,b\n" + strings.Repeat("x", 30) + "," + strings.Repeat("y", 17) + "\n", []string{"a", "b"}, [][]string{{strings.Repeat("x", 30), strings.Repeat("y", 17)}}},
		"separators side by side":   {"a,b,c,d\n1,,,,,,,,,,2\n", []string{"a", "b", "c", "d"}, [][]string{{"1", "", "", "", "", "", "", "", "", "", "2"}}},
		"one column":                {"a\n1\n2\n", []string{"a"}, [][]string{{"1"}, {"2"}}},
		"header alone":              {"a,b\n", []string{"a", "b"}, nil},
		"a quote that never closes": {"a,b\n1,\"2\n3,4\n", []string{"a", "b"}, [][]string{{"1", "2\n3,4"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, rows := rowsOf(t, c.text)
			if !reflect.DeepEqual(header, c.header) || !reflect.DeepEqual(rows, c.rows) {
				t.Errorf("%q %q, want %q %q", header, rows, c.header, c.rows)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"": "flatcsv.empty", "\n\r\n": "flatcsv.empty", "\xff\xfea": "flatcsv.encoding", "PK\x03\x04...": "flatcsv.binary",
	} {
		if _, err := flatcsv.Parse([]byte(text)); fail.CodeOf(err) != code {
			t.Errorf("%q gives %v, want %s", text, err, code)
		}
	}
}

func TestInvalidRowsAreCounted(t *testing.T) {
	t.Parallel()
	table, err := flatcsv.Parse([]byte("a,b\n1,\xff\n2,3\n\xc3,4\n"))
	if err != nil || table.Invalid() != 2 || table.Rows() != 3 {
		t.Errorf("%v: %d of %d", err, table.Invalid(), table.Rows())
	}
}

// FuzzParse holds the reader to the standard library's wherever that one reads a file.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"x\"\"y\",\"\n\"\n", "a\n\n", "a,b\r\n1,\r\n", "\"a\",b\n", "a,b\n,,,\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := flatcsv.Parse([]byte(text))
		if err != nil {
			return
		}
		var fields [][]byte
		for i := range table.Rows() {
			fields = table.Fields(i, fields)
			if len(fields) == 0 {
				t.Fatal("a row without fields")
			}
			for j, f := range fields {
				if got := table.Field(i, j); !bytes.Equal(got, f) {
					t.Fatalf("field %d of row %d is %q, alone %q", j, i, f, got)
				}
			}
			if table.Field(i, len(fields)) != nil {
				t.Fatal("a field behind the last")
			}
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil || len(want) == 0 || strings.ContainsAny(text, ";\t|\r") || strings.HasPrefix(text, "\xef\xbb\xbf") || strings.Contains(strings.ToLower(text), "sep=") {
			return
		}
		if table.Rows() != len(want)-1 {
			t.Fatalf("%d rows, want %d", table.Rows(), len(want)-1)
		}
		for i, w := range want[1:] {
			fields = table.Fields(i, fields)
			got := string(bytes.Join(fields, []byte{0}))
			if got != strings.Join(w, "\x00") {
				t.Fatalf("row %d: %q, want %q", i, got, w)
			}
		}
	})
}

func BenchmarkFields(b *testing.B) {
	line := "1,SINTETIS-33,2025,R3301012001000001,3301012001000001,3301011307160001,3301017101920001,NUR KURNIASIH,P,CILACAP,1992-01-31,NGATINI SUMIYATI,kepala_keluarga,JL. PERJUANGAN NO. 123,1,1,Tambakreja,Kabupaten Cilacap,33.01.01.2001,\n"
	data := []byte("h,h,h\n" + strings.Repeat(line, 10000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		table, err := flatcsv.Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		var fields [][]byte
		for i := range table.Rows() {
			fields = table.Fields(i, fields)
		}
	}
}
