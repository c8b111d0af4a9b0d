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
		"header alone":              {"a,b\n", []string{"a", "b"}, nil},
		"a quote that never closes": {"a,b\n1,\"2\n3,4\n", []string{"a", "b"}, [][]string{{"1", "\"2"}, {"3", "4"}}},
		"one before other quotes":   {"a,b\n\"1,2\n\"3\",4\n5,6\n", []string{"a", "b"}, [][]string{{"\"1", "2"}, {"3", "4"}, {"5", "6"}}},
		"one at the end of a row":   {"a,b\n\"1\",\"2\n\"3\",\"4\"\n", []string{"a", "b"}, [][]string{{"1", "\"2"}, {"3", "4"}}},
		"one in the last row":       {"a,b\n1,2\n3,\"", []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "\""}}},
		"doubled quotes behind it":  {"a,b\n\"1,2\n\"\",4\n", []string{"a", "b"}, [][]string{{"\"1", "2"}, {"", "4"}}},
		"a note above the titles":   {"DATA CONTOH SINTETIS\na,b,c\n1,2,3\n", []string{"a", "b", "c"}, [][]string{{"1", "2", "3"}}},
		"notes and a line between":  {"Dinas Sosial\nper hari ini\n\na;b;c\n1;2;3\n", []string{"a", "b", "c"}, [][]string{{"1", "2", "3"}}},
		"one column with a comma":   {"a\n1,5\n2\n", []string{"a"}, [][]string{{"1", "5"}, {"2"}}},
		"a quoted note with commas": {"\"A, B, C\"\na,b,c\n1,2,3\n", []string{"a", "b", "c"}, [][]string{{"1", "2", "3"}}},
		"text behind the quotes":    {"a,b\n\"1\"x,2\n", []string{"a", "b"}, [][]string{{"1x", "2"}}},
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
		"": "flatcsv.empty", "\n\r\n": "flatcsv.empty", "\xff\xfe": "flatcsv.empty", "\xff\xfe\n\x00": "flatcsv.empty", "PK\x03\x04...": "flatcsv.binary",
		"%PDF-1.4\n%\xe2\xe3": "flatcsv.binary", "\x89PNG\r\n": "flatcsv.binary", "\xff\xd8\xff\xe0JFIF\n": "flatcsv.binary", "\x7fELF\x02\x01\n": "flatcsv.binary", "MZ\x90\x00\x03,a\nb,c\n": "flatcsv.binary",
	} {
		if _, err := flatcsv.Parse([]byte(text)); fail.CodeOf(err) != code {
			t.Errorf("%q gives %v, want %s", text, err, code)
		}
	}
}

// TestRemarks holds every kind of remark to its rows and to the line of the first.
func TestRemarks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		rows int
		want []flatcsv.Remark
	}{
		"nothing to say":      {"a,b\n1,\"2\"\n", 1, nil},
		"not UTF-8":           {"a,b\n1,\xff\n2,3\n\xc3,4\n", 3, []flatcsv.Remark{{Kind: flatcsv.Invalid, Rows: 2, Line: 2}}},
		"bytes of zero":       {"a,b\n1,2\n2,\x003\n\x00,4\n", 3, []flatcsv.Remark{{Kind: flatcsv.NUL, Rows: 2, Line: 3}}},
		"quotes left open":    {"a,b\n\n1,\"2\n3,4\n\"5,6\n7,8\n", 4, []flatcsv.Remark{{Kind: flatcsv.Quote, Rows: 2, Line: 3}}},
		"breaks in a field":   {"a,b\n1,2\n3,\"4\n4\"\n5,6\n", 3, []flatcsv.Remark{{Kind: flatcsv.Breaks, Rows: 1, Line: 3}}},
		"as many as may be":   {"a,b\n1,\"" + strings.Repeat("\n", 100) + "\"\n", 1, []flatcsv.Remark{{Kind: flatcsv.Breaks, Rows: 1, Line: 2}}},
		"old Macs":            {"a,b\r1,2\r3,\"4\r", 2, []flatcsv.Remark{{Kind: flatcsv.Quote, Rows: 1, Line: 3}}},
		"notes":               {"X\nY\na,b,c\n1,2,3\n", 1, []flatcsv.Remark{{Kind: flatcsv.Notes, Rows: 2, Line: 1}}},
		"a break in the last": {"a,b\n1,\"2\n2\"", 1, []flatcsv.Remark{{Kind: flatcsv.Breaks, Rows: 1, Line: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, err := flatcsv.Parse([]byte(c.text))
			if err != nil || table.Rows() != c.rows || !reflect.DeepEqual(table.Remarks(), c.want) {
				t.Errorf("%v: %d rows, %+v, want %d, %+v", err, table.Rows(), table.Remarks(), c.rows, c.want)
			}
		})
	}
}

// TestAStrayQuoteLosesNoRow puts one quote too many at the beginning of each field of a file in turn, some
// of whose rows are quoted rightly: all other rows stay as they are.
func TestAStrayQuoteLosesNoRow(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 300 {
		line := "A" + strings.Repeat("x", i%7) + ",JL. PATTIMURA,81"
		if i%40 == 0 {
			line = "\"A, B\",\"JL. \"\"X\"\"\nRT 1\",\"81\""
		}
		lines = append(lines, line)
	}
	_, want := rowsOf(t, "a,b,c\n"+strings.Join(lines, "\n"))
	for i := range lines {
		if i%40 == 0 {
			continue
		}
		for field := range 3 {
			parts := strings.Split(lines[i], ",")
			parts[field] = `"` + parts[field]
			damaged := append([]string(nil), lines...)
			damaged[i] = strings.Join(parts, ",")
			_, got := rowsOf(t, "a,b,c\n"+strings.Join(damaged, "\n"))
			if len(got) != len(want) || !reflect.DeepEqual(got[i], parts) {
				t.Fatalf("row %d field %d: %d rows of %d", i, field, len(got), len(want))
			}
			got[i] = want[i]
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("row %d field %d: another row changed", i, field)
			}
		}
	}
}

// TestQuotesFarApart reads two stray quotes far apart as two, not as one field of all rows between.
func TestQuotesFarApart(t *testing.T) {
	t.Parallel()
	text := "a,b\n\"1,2\n" + strings.Repeat("3,4\n", 101) + "5\",6\n"
	table, err := flatcsv.Parse([]byte(text))
	if err != nil || table.Rows() != 103 || len(table.Remarks()) != 1 || table.Line(102) != 104 {
		t.Errorf("%v: %d rows, %+v", err, table.Rows(), table.Remarks())
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
		if err != nil || len(want) == 0 || strings.ContainsAny(text, ";\t|\r") || strings.Count(text, "\n") > 100 || strings.HasPrefix(text, "\xef\xbb\xbf") || strings.Contains(strings.ToLower(text), "sep=") {
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
