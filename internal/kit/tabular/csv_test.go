package tabular_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"pgregory.net/rapid"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// read gives all rows and, in their order, all errors as "line.column code"; the last is the one
// that ended the file, if it was not its end.
func read(t testing.TB, r tabular.Reader) (rows [][]string, lines []int, bad []string) {
	t.Helper()
	for range 1_000_000 {
		row, err := r.Next()
		if err == io.EOF {
			return rows, lines, bad
		}
		if wrong := (*tabular.RowError)(nil); errors.As(err, &wrong) {
			if fail.CodeOf(err) != wrong.Code {
				t.Errorf("code %q, wrapped %q", wrong.Code, fail.CodeOf(err))
			}
			bad = append(bad, fmt.Sprintf("%d.%d %s", wrong.Line, wrong.Column, wrong.Code))
			continue
		}
		if err != nil {
			return rows, lines, append(bad, fail.CodeOf(err))
		}
		rows = append(rows, row.Strings())
		lines = append(lines, row.Line)
	}
	t.Fatal("the file does not end")
	return nil, nil, nil
}

func open(t testing.TB, data string, o tabular.Options) tabular.Reader {
	t.Helper()
	r, err := tabular.Open(strings.NewReader(data), int64(len(data)), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestSeparatorAndLineEndsAreFoundOut(t *testing.T) {
	t.Parallel()
	want := [][]string{{"nik", "name", "address"}, {"1", "Siti", "Jl. Mawar, No. 5"}, {"2", "Budi", "Gg. Melati; RT 2"}}
	cases := []struct{ name, data string }{
		{"comma", "nik,name,address\n1,Siti,\"Jl. Mawar, No. 5\"\n2,Budi,Gg. Melati; RT 2\n"},
		{"semicolon, commas in every address", "nik;name;address\n1;Siti;Jl. Mawar, No. 5\n2;Budi;\"Gg. Melati; RT 2\"\n"},
		{"tab", "nik\tname\taddress\n1\tSiti\tJl. Mawar, No. 5\n2\tBudi\tGg. Melati; RT 2\n"},
		{"pipe", "nik|name|address\n1|Siti|Jl. Mawar, No. 5\n2|Budi|Gg. Melati; RT 2\n"},
		{"CRLF", "nik;name;address\r\n1;Siti;Jl. Mawar, No. 5\r\n2;Budi;\"Gg. Melati; RT 2\"\r\n"},
		{"CR of old Macs", "nik;name;address\r1;Siti;Jl. Mawar, No. 5\r2;Budi;\"Gg. Melati; RT 2\"\r"},
		{"no last line end", "nik\tname\taddress\n1\tSiti\tJl. Mawar, No. 5\n2\tBudi\tGg. Melati; RT 2"},
		{"blank lines", "nik\tname\taddress\n\n1\tSiti\tJl. Mawar, No. 5\n\t\t\n2\tBudi\tGg. Melati; RT 2\n\n"},
		{"end mark of DOS", "nik\tname\taddress\n1\tSiti\tJl. Mawar, No. 5\n2\tBudi\tGg. Melati; RT 2\n\x1a"},
		{"UTF-8 mark", "\xef\xbb\xbfnik\tname\taddress\n1\tSiti\tJl. Mawar, No. 5\n2\tBudi\tGg. Melati; RT 2\n"},
		{"all quoted", "\"nik\",\"name\",\"address\"\n\"1\",\"Siti\",\"Jl. Mawar, No. 5\"\n\"2\",\"Budi\",\"Gg. Melati; RT 2\"\n"},
		{"blanks around quotes", "nik,name,address\n1,Siti, \"Jl. Mawar, No. 5\" \n2,Budi,\"Gg. Melati; RT 2\" \r\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, _, bad := read(t, open(t, c.data, tabular.Options{}))
			if !reflect.DeepEqual(rows, want) || bad != nil {
				t.Errorf("rows %q, errors %v", rows, bad)
			}
		})
	}
}

func TestLineOfExcelNamesTheSeparator(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"sep=;\r\na;b,c,d\r\n1;2,3,4\r\n", "\xef\xbb\xbfSEP=;\na;b,c,d\n1;2,3,4\n", "\"sep=;\"\na;b,c,d\n1;2,3,4\n"} {
		r := open(t, data, tabular.Options{})
		rows, lines, bad := read(t, r)
		if want := [][]string{{"a", "b,c,d"}, {"1", "2,3,4"}}; !reflect.DeepEqual(rows, want) || bad != nil {
			t.Errorf("%q: rows %q, errors %v", data, rows, bad)
		}
		if !reflect.DeepEqual(lines, []int{2, 3}) || r.Info().Separator != ';' {
			t.Errorf("%q: lines %v, info %+v", data, lines, r.Info())
		}
	}
}

func TestGivenSeparatorWins(t *testing.T) {
	t.Parallel()
	rows, _, _ := read(t, open(t, "a,b;c\n", tabular.Options{Separator: ';'}))
	if !reflect.DeepEqual(rows, [][]string{{"a,b", "c"}}) {
		t.Errorf("rows %q", rows)
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, data string
		want       [][]string
		lines      []int
		bad        []string
	}{
		{"doubled quote", "a,\"b \"\"c\"\"\"\n", [][]string{{"a", `b "c"`}}, []int{1}, nil},
		{"line end inside", "a,\"b\nc\"\nd,e\n", [][]string{{"a", "b\nc"}, {"d", "e"}}, []int{1, 3}, nil},
		{"CRLF inside", "a,\"b\r\nc\"\r\nd,e\r\n", [][]string{{"a", "b\r\nc"}, {"d", "e"}}, []int{1, 3}, nil},
		{"empty quoted cells", "\"\",\"\"\nx,\"\"\n", [][]string{{"x", ""}}, []int{2}, nil},
		{"quote inside a bare cell is a letter", "5\" pipe,b\n", [][]string{{`5" pipe`, "b"}}, []int{1}, nil},
		{"text after the quote spoils one row", "a,\"b\"c,d\ne,f\n", [][]string{{"e", "f"}}, []int{2}, []string{"1.2 tabular.quote"}},
		{"open quote spoils one row", "a,\"b\nc,d\ne,f\n", [][]string{{"c", "d"}, {"e", "f"}}, []int{2, 3}, []string{"1.2 tabular.quote.open"}},
		{"open quote in the last row", "a,b\nc,\"d", [][]string{{"a", "b"}}, []int{1}, []string{"tabular.cut"}},
		{"quoted last row without line end", "a,b\n\"c\",\"d\"", [][]string{{"a", "b"}, {"c", "d"}}, []int{1, 2}, nil},
		{"cut before the last quoted cell", "a,b\n\"c\"", [][]string{{"a", "b"}}, []int{1}, []string{"2.1 tabular.cut"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, lines, bad := read(t, open(t, c.data, tabular.Options{Separator: ','}))
			if !reflect.DeepEqual(rows, c.want) || !reflect.DeepEqual(lines, c.lines) || !reflect.DeepEqual(bad, c.bad) {
				t.Errorf("rows %q lines %v errors %v", rows, lines, bad)
			}
		})
	}
}

func wide(s string, big bool, mark bool) string {
	var b []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func TestEncodingsAreFoundOut(t *testing.T) {
	t.Parallel()
	const text = "name;village\nSITI 😀;Fakfak – Café\nZoë;\"Né\"\n"
	latin := "name;village\nSITI;Fakfak \x96 Caf\xe9\nZo\xeb;\"N\xe9\"\n"
	want := [][]string{{"name", "village"}, {"SITI 😀", "Fakfak – Café"}, {"Zoë", "Né"}}
	wantLatin := [][]string{{"name", "village"}, {"SITI", "Fakfak – Café"}, {"Zoë", "Né"}}
	cases := []struct {
		name, data string
		encoding   tabular.Encoding
		want       [][]string
	}{
		{"UTF-8", text, tabular.UTF8, want},
		{"UTF-8 with mark", "\xef\xbb\xbf" + text, tabular.UTF8, want},
		{"UTF-16 LE with mark", wide(text, false, true), tabular.UTF16LE, want},
		{"UTF-16 BE with mark", wide(text, true, true), tabular.UTF16BE, want},
		{"UTF-16 LE without mark", wide(text, false, false), tabular.UTF16LE, want},
		{"UTF-16 BE without mark", wide(text, true, false), tabular.UTF16BE, want},
		{"Windows-1252", latin, tabular.Windows1252, wantLatin},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := open(t, c.data, tabular.Options{})
			rows, _, bad := read(t, r)
			if !reflect.DeepEqual(rows, c.want) || bad != nil || r.Info().Encoding != c.encoding {
				t.Errorf("%s: rows %q, errors %v", r.Info().Encoding, rows, bad)
			}
		})
	}
}

func TestEncodingThatShowsLate(t *testing.T) {
	t.Parallel()
	ascii := strings.Repeat("SITI;AMINAH\n", 30_000) // longer than what is looked at first
	r := open(t, ascii+"Zo\xeb;\"N\xe9, \"\"x\"\"\"\nSITI;Caf\xe9", tabular.Options{})
	rows, _, bad := read(t, r)
	if want := [][]string{{"Zoë", `Né, "x"`}, {"SITI", "Café"}}; !reflect.DeepEqual(rows[30_000:], want) || bad != nil {
		t.Errorf("rows %q, errors %v", rows[30_000:], bad)
	}
	if r.Info().Encoding != tabular.Windows1252 {
		t.Errorf("encoding %s", r.Info().Encoding)
	}
}

func TestBadBytesSpoilOneRow(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, data string
		rows       int
		bad        []string
	}{
		{"NUL", "é,b,c\nd,e\x00,f\ng,h,i\n", 2, []string{"2.2 tabular.nul"}},
		{"NUL in quotes", "é,b,c\nd,\"e\x00\",f\ng,h,i\n", 2, []string{"2.2 tabular.nul"}},
		{"two NULs", "a,b\nc,\x00\nd,\x00\ne,f\n", 2, []string{"2.2 tabular.nul", "3.2 tabular.nul"}},
		{"not UTF-8 in a UTF-8 file", "é,b,c\nd,e\xe9,f\ng,h,i\n", 2, []string{"2.2 tabular.encoding"}},
		{"not UTF-8, first in the file", "d,e\xe9,f\né,ü,ö\ng,h,i\n", 2, []string{"1.2 tabular.encoding"}},
		{"not UTF-8 in quotes", "é,b,c\nd,f,\"e\xe9\"\ng,h,i\n", 2, []string{"2.3 tabular.encoding"}},
		{"byte without meaning in Windows-1252", "\xe9,b\nc,\x81\nd,e\n", 2, []string{"2.2 tabular.encoding"}},
		{"and in quotes", "\xe9,b\n\"c\",\"\x81\"\nd,e\n", 2, []string{"2.2 tabular.encoding"}},
		{"half of a pair in UTF-16", "\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8,\x00b\x00\n\x00c\x00,\x00d\x00\n\x00", 2, []string{"2.1 tabular.encoding"}},
		{"UTF-16 cut inside a letter", "\xff\xfea\x00,\x00b\x00\n\x00c\x00,", 1, []string{"2.1 tabular.cut", "tabular.cut"}},
		{"UTF-8 cut inside a letter", "é,b\nc,d\nc,\xc3", 2, []string{"3.2 tabular.cut"}},
		{"cut before the last cells", "a,b,c\nd,e,f\ng,h", 2, []string{"3.2 tabular.cut"}},
		{"short rows with a line end are good", "a,b,c\nd,e\ng\n", 3, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, _, bad := read(t, open(t, c.data, tabular.Options{Separator: ','}))
			if len(rows) != c.rows || !reflect.DeepEqual(bad, c.bad) {
				t.Errorf("rows %q, errors %v", rows, bad)
			}
		})
	}
}

func TestLimitsSpoilOneRow(t *testing.T) {
	t.Parallel()
	o := tabular.Options{Separator: ',', Limits: tabular.Limits{Line: 1000, Columns: 3}}
	long := strings.Repeat("x", 1001)
	cases := []struct {
		name, data string
		bad        []string
	}{
		{"long line", "a,b\n" + long + "\nc,d\n", []string{"2.0 tabular.line.long"}},
		{"very long line", "a,b\n" + strings.Repeat(long, 2000) + "\nc,d\n", []string{"2.0 tabular.line.long"}},
		{"long first line", long + "\na,b\nc,d\n", []string{"1.0 tabular.line.long"}},
		{"long last line", "a,b\nc,d\n" + strings.Repeat(long, 2000), []string{"3.0 tabular.line.long"}},
		{"long quoted cell", "a,b\n\"" + long + "\"\nc,d\n", []string{"2.0 tabular.line.long"}},
		{"long line behind a quote", "a,b\n\"x\"," + long + "\nc,d\n", []string{"2.0 tabular.line.long"}},
		{"long line that a quote opens in", "a,b\n\"x," + long + "\nc,d\n", []string{"2.0 tabular.line.long"}},
		{"many columns", "a,b\n,,,,\nw,x,y,z\nc,d\n", []string{"2.4 tabular.columns.many", "3.4 tabular.columns.many"}},
		{"many columns in quotes", "a,b\n\"w\",x,y,\"z\"\nc,d\n", []string{"2.4 tabular.columns.many"}},
		{"many columns and doubled quotes", "a,b\n\"w\"\"\",x,y,\"z\"\nc,d\n", []string{"2.4 tabular.columns.many"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, _, bad := read(t, open(t, c.data, o))
			if want := [][]string{{"a", "b"}, {"c", "d"}}; !reflect.DeepEqual(rows, want) || !reflect.DeepEqual(bad, c.bad) {
				t.Errorf("%d rows, errors %v", len(rows), bad)
			}
		})
	}
}

func TestOpenQuoteInALargeFileSpoilsOneRow(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("1,SITI,KISARAN\n", 200_000) // more than the limit of a line behind the quote
	rows, _, bad := read(t, open(t, "a,b,c\n1,\"SITI,KISARAN\n"+lines, tabular.Options{}))
	if len(rows) != 200_001 || !reflect.DeepEqual(bad, []string{"2.2 tabular.quote.open"}) {
		t.Errorf("%d rows, errors %v", len(rows), bad)
	}
}

// endless gives head, then size bytes of filler, then tail.
type endless struct {
	head, tail string
	size       int64
	fill       byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.size > 0 {
		n := int(min(int64(len(p)), e.size))
		p[0] = e.fill
		for done := 1; done < n; done *= 2 { // doubling: two gigabytes must not take seconds
			copy(p[done:n], p[:done])
		}
		e.size -= int64(n)
		return n, nil
	}
	if len(e.tail) > 0 {
		n := copy(p, e.tail)
		e.tail = e.tail[n:]
		return n, nil
	}
	return 0, io.EOF
}

func TestLineOfTwoGigabytesIsPassedOverInLittleMemory(t *testing.T) {
	for _, fill := range []byte{'x', '"', ','} {
		src := &endless{head: "a,b\n1,", size: 2 << 30, fill: fill, tail: "\nc,d\n"}
		if fill != 'x' {
			src.size = 64 << 20
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := tabular.NewCSV(src, tabular.Options{Separator: ','})
		if err != nil {
			t.Fatal(err)
		}
		rows, lines, bad := read(t, r)
		runtime.ReadMemStats(&after)
		if want := [][]string{{"a", "b"}, {"c", "d"}}; !reflect.DeepEqual(rows, want) || !reflect.DeepEqual(lines, []int{1, 3}) {
			t.Errorf("%q: rows %q, lines %v", fill, rows, lines)
		}
		if len(bad) != 1 || !strings.HasPrefix(bad[0], "2.") {
			t.Errorf("%q: errors %v", fill, bad)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%q: allocated %d bytes", fill, used)
		}
	}
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	src := &endless{size: 1 << 24, tail: "\n", fill: '\n'}
	src.head = "a,b\n" + strings.Repeat("1,SITI\n", 1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := tabular.NewCSV(src, tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, _, bad := read(t, r)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; len(rows) != 1001 || bad != nil || used > 4<<20 {
		t.Errorf("%d rows, errors %v, allocated %d bytes", len(rows), bad, used)
	}
}

func TestReadingErrorEndsTheFileAfterTheGoodRows(t *testing.T) {
	t.Parallel()
	broken := errors.New("network share is gone")
	src := io.MultiReader(strings.NewReader("a,b\nc,d\ne"), iotest.ErrReader(broken))
	r, err := tabular.NewCSV(src, tabular.Options{})
	if !errors.Is(err, broken) { // found while looking at the first bytes
		t.Fatalf("open: %v %v", r, err)
	}
	src = io.MultiReader(strings.NewReader(strings.Repeat("a,b\n", 100_000)), iotest.ErrReader(broken))
	if r, err = tabular.NewCSV(src, tabular.Options{}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for err == nil {
		_, err = r.Next()
		n++
	}
	if !errors.Is(err, broken) || n != 100_001 {
		t.Errorf("%v after %d rows", err, n)
	}
}

func TestReadingGoesOnFromAnyPosition(t *testing.T) {
	t.Parallel()
	plain := "sep=;\nid;name\n1;SITI\n\n2;\"A\nB\"\nbad\"quote;\"x\"y\n3;CAF\xc9\n4;d\n"
	big := "id;name\n" + strings.Repeat("1;SITI AMINAH\n", 50_000) + "2;\xc9\n3;d\n"
	for name, data := range map[string]string{"plain": plain, "big": big, "wide": wide(strings.ToValidUTF8(plain, "é"), false, true)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest, lines, bad := read(t, open(t, data, tabular.Options{}))
			r := open(t, data, tabular.Options{})
			for i := 0; ; i++ {
				if i < 8 || i%9973 == 0 {
					saved, err := json.Marshal(r.Position())
					if err != nil {
						t.Fatal(err)
					}
					var p tabular.Position
					if err := json.Unmarshal(saved, &p); err != nil {
						t.Fatal(err)
					}
					again := open(t, data, tabular.Options{From: p})
					if i%2 == 1 { // from a stream, which cannot seek
						if again, err = tabular.NewCSV(io.MultiReader(strings.NewReader(data)), tabular.Options{From: p}); err != nil {
							t.Fatal(err)
						}
					}
					gotRows, gotLines, gotBad := read(t, again)
					if !reflect.DeepEqual(gotRows, rest) || !reflect.DeepEqual(gotLines, lines) || !reflect.DeepEqual(gotBad, bad) {
						t.Fatalf("from %+v: %d rows, errors %v; want %d rows, errors %v", p, len(gotRows), gotBad, len(rest), bad)
					}
				}
				_, err := r.Next()
				if err == io.EOF {
					break
				}
				if wrong := (*tabular.RowError)(nil); errors.As(err, &wrong) {
					bad = bad[1:]
					if len(bad) == 0 {
						bad = nil
					}
					continue
				}
				rest, lines = rest[1:], lines[1:]
				if len(rest) == 0 {
					rest, lines = nil, nil
				}
			}
		})
	}
}

func TestPositionBehindTheEndIsTold(t *testing.T) {
	t.Parallel()
	const data = "a,b\nc,d\n"
	o := tabular.Options{From: tabular.Position{Line: 900, Offset: 1 << 30}}
	if err := openError(data, o); fail.CodeOf(err) != "tabular.cut" {
		t.Errorf("file: %v", err)
	}
	if _, err := tabular.NewCSV(io.MultiReader(strings.NewReader(data)), o); fail.CodeOf(err) != "tabular.cut" {
		t.Errorf("stream: %v", err)
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	t.Parallel()
	for _, data := range []string{strings.Repeat("1;SITI\n", 100_000), wide(strings.Repeat("1;SITI\n", 100_000), true, true)} {
		r := open(t, data, tabular.Options{})
		last := int64(-1)
		for i := 0; ; i++ {
			used, total := r.Progress()
			if used < last || used > total || total != int64(len(data)) {
				t.Fatalf("row %d: %d of %d after %d", i, used, total, last)
			}
			if i == 50_000 && (used < total*45/100 || used > total*55/100) {
				t.Errorf("in the middle: %d of %d", used, total)
			}
			last = used
			if _, err := r.Next(); err != nil {
				break
			}
		}
		if used, total := r.Progress(); used != total {
			t.Errorf("at the end: %d of %d", used, total)
		}
	}
}

func TestFilesThatAreNoTableAreToldApart(t *testing.T) {
	t.Parallel()
	old := func(name string) string { // a compound file with one directory entry
		b := make([]byte, 2048)
		copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
		b[30] = 9 // sectors of 512 bytes; the directory is in sector 1, the table in sector 0
		b[48], b[512+4] = 1, 2
		copy(b[1024+512:], wide(name, false, false))
		copy(b[512+8:], "\xfe\xff\xff\xff")
		return string(b)
	}
	cases := []struct{ name, data, want string }{
		{"nothing", "", "tabular.empty"},
		{"only blanks", "\n \r\n\t\n", "tabular.empty"},
		{"only a mark", "\xef\xbb\xbf", "tabular.empty"},
		{"only a wide mark", "\xff\xfe", "tabular.empty"},
		{"old Excel", old("Workbook"), "tabular.format.xls"},
		{"locked Excel", old("EncryptedPackage"), "tabular.format.encrypted"},
		{"cut old Excel", old("EncryptedPackage")[:100], "tabular.format.xls"},
		{"HTML named .xls", "\r\n<TABLE border=1><tr><td>NIK</td></tr></table>", "tabular.format.html"},
		{"HTML page", "\xef\xbb\xbf<!DOCTYPE HTML><html></html>", "tabular.format.html"},
		{"XHTML", "<?xml version='1.0'?><html></html>", "tabular.format.html"},
		{"Excel 2003 XML", "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook>", "tabular.format.xml"},
		{"PDF", "%PDF-1.7\n...", "tabular.format.unknown"},
		{"picture", "\xff\xd8\xff\xe0", "tabular.format.unknown"},
		{"gzip", "\x1f\x8b\x08", "tabular.format.zip"},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "tabular.format.unknown"},
		{"anything binary", strings.Repeat("\x01\x02\x03\x80abc", 100), "tabular.format.unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := tabular.Open(strings.NewReader(c.data), int64(len(c.data)), tabular.Options{})
			if fail.CodeOf(err) != c.want {
				t.Errorf("err %v", err)
			}
		})
	}
}

func TestOpenFileDoesNotBelieveTheName(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list.xlsx")
	if err := os.WriteFile(path, []byte("a;b\n1;2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := tabular.OpenFile(path, tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, _, _ := read(t, r)
	if r.Info().Format != tabular.CSV || len(rows) != 2 {
		t.Errorf("%+v, rows %q", r.Info(), rows)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := tabular.OpenFile(path+"x", tabular.Options{}); fail.CodeOf(err) != "files.missing" {
		t.Errorf("missing file: %v", err)
	}
}

func TestClonedRowOutlivesTheNext(t *testing.T) {
	t.Parallel()
	r := open(t, "a,b\nc,d\n", tabular.Options{})
	first, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	kept := first.Clone()
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %+v %#v", kept, kept, kept); strings.Contains(got, "97") || strings.Contains(got, "a,") {
		t.Errorf("a row prints what it holds: %s", got)
	}
	if got := kept.Strings(); !reflect.DeepEqual(got, []string{"a", "b"}) || kept.Cell(2) != nil || kept.Flag(0) != 0 {
		t.Errorf("kept %q", got)
	}
}

func TestRowsAgreeWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching("[a-z é\"\n,;|=]{0,12}")
		want := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 30).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		kept := want[:0:0]
		for _, row := range want {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			if strings.Trim(strings.Join(row, ""), " ") != "" {
				kept = append(kept, row)
			}
		}
		w.Flush()
		if len(kept) == 0 {
			return
		}
		r, err := tabular.NewCSV(iotest.OneByteReader(&b), tabular.Options{Separator: ','})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		err = tabular.All(r, func(row tabular.Row) error {
			s := row.Strings()
			for i := range s {
				s[i] = strings.ReplaceAll(s[i], "\r\n", "\n")
			}
			got = append(got, s)
			return nil
		}, func(e *tabular.RowError) error { return e })
		if err != nil || !reflect.DeepEqual(got, kept) {
			t.Fatalf("got %q, want %q, err %v", got, kept, err)
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "sep=;\na;b", "\xff\xfea\x00", "\"a\"\"b\",c\r\n\"x\ny\",z", "a,\"b\nc", "\x00,\xe9\n", "é,\"\xe9\"\n", "a\rb\rc",
	} {
		f.Add([]byte(seed), byte(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, separator byte) {
		o := tabular.Options{Separator: separator, Limits: tabular.Limits{Line: 300, Columns: 10}}
		r, err := tabular.NewCSV(bytes.NewReader(data), o)
		if err != nil {
			if fail.CodeOf(err) == "" {
				t.Fatalf("error without a code: %v", err)
			}
			return
		}
		last := 0
		for range len(data) + 2 {
			row, err := r.Next()
			if err == io.EOF {
				if used, _ := r.Progress(); used > int64(len(data)) {
					t.Fatalf("used %d of %d", used, len(data))
				}
				return
			}
			if wrong := (*tabular.RowError)(nil); errors.As(err, &wrong) {
				row.Line = wrong.Line
			} else if err != nil {
				return
			}
			if row.Line <= last || len(row.Cells) > 10 {
				t.Fatalf("line %d after %d, %d cells", row.Line, last, len(row.Cells))
			}
			last = row.Line
		}
		t.Fatal("the file does not end")
	})
}
