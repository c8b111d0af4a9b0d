package tabular_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// part is one file of a hand-made workbook.
type part struct{ name, content string }

const (
	rootRels = `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	oneSheet = `<workbook xmlns:r="x"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`
	bookRels = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/>` +
		`<Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>`
)

// book makes a workbook of one sheet from the inside of its sheetData.
func book(rows string, more ...part) string {
	parts := []part{
		{"_rels/.rels", rootRels},
		{"xl/workbook.xml", oneSheet},
		{"xl/_rels/workbook.xml.rels", bookRels},
		{"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`},
	}
	for _, p := range more {
		replaced := false
		for i := range parts {
			if parts[i].name == p.name {
				parts[i], replaced = p, true
			}
		}
		if !replaced {
			parts = append(parts, p)
		}
	}
	return archive(parts...)
}

func archive(parts ...part) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func openError(data string, o tabular.Options) error {
	r, err := tabular.Open(strings.NewReader(data), int64(len(data)), o)
	if err == nil {
		_ = r.Close()
	}
	return err
}

func TestCellsOfEveryKind(t *testing.T) {
	t.Parallel()
	const (
		number, damaged = tabular.FlagNumber, tabular.FlagNumber | tabular.FlagDamaged
		date, fault     = tabular.FlagDate, tabular.FlagFault
	)
	shared := part{"xl/sharedStrings.xml", `<sst><si><t>SITI</t></si><si><r><t>NUR </t></r><r><rPr><b/></rPr><t>HASANAH</t></r><rPh><t>no</t></rPh></si><si/><si><t xml:space="preserve"> a&amp;b&#10;_x000D_&lt;</t></si></sst>`}
	styles := part{"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy;@"/><numFmt numFmtId="171" formatCode="000"/>` +
		`<numFmt numFmtId="172" formatCode="[Red]&quot;dym&quot;0.00\d"/><numFmt numFmtId="173" formatCode="[h]:mm"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/><xf numFmtId="173"/><xf numFmtId="22"/></cellXfs></styleSheet>`}
	cases := []struct {
		name, cell, want string
		flag             tabular.Flag
	}{
		{"shared text", `<c r="A1" t="s"><v>0</v></c>`, "SITI", 0},
		{"shared text in pieces", `<c r="A1" t="s"><v>1</v></c>`, "NUR HASANAH", 0},
		{"shared text with entities", `<c r="A1" t="s"><v>3</v></c>`, " a&b\n\r<", 0},
		{"text in place", `<c r="A1" t="inlineStr"><is><t>AMINAH</t></is></c>`, "AMINAH", 0},
		{"text in place, in pieces", `<c r="A1" t="inlineStr"><is><r><t>A</t></r><r><t>B</t></r><rPh><t>x</t></rPh></is></c>`, "AB", 0},
		{"CDATA", `<c r="A1" t="inlineStr"><is><t><![CDATA[<b>&amp;]]></t></is></c>`, "<b>&amp;", 0},
		{"comment inside", `<c r="A1"><!-- <v>9</v> --><v>7</v></c>`, "7", number},
		{"prefix of the name space", `<x:c r="A1"><x:v>7</x:v></x:c>`, "7", number},
		{"whole number", `<c r="A1"><v>12</v></c>`, "12", number},
		{"negative number", `<c r="A1"><v>-12</v></c>`, "-12", number},
		{"fifteen digits", `<c r="A1"><v>123456789012345</v></c>`, "123456789012345", number},
		{"NIK as number", `<c r="A1"><v>3271011203900001</v></c>`, "3271011203900001", damaged},
		{"NIK with exponent", `<c r="A1"><v>3.2710112039000E+15</v></c>`, "3271011203900000", damaged},
		{"NIK of seventeen digits with exponent", `<c r="A1"><v>9.1710112039000012E15</v></c>`, "9171011203900000", damaged},
		{"small number with exponent", `<c r="A1"><v>1.5E-3</v></c>`, "0.0015", number},
		{"noise of binary arithmetic", `<c r="A1"><v>16.100000000000001</v></c>`, "16.1", number},
		{"whole number written as fraction", `<c r="A1"><v>450.0</v></c>`, "450", number},
		{"no number at all", `<c r="A1"><v>abc</v></c>`, "abc", number | fault},
		{"leading zeros shown", `<c r="A1" s="3"><v>7</v></c>`, "007", number},
		{"date", `<c r="A1" s="1"><v>33000</v></c>`, "1990-05-07", date},
		{"date in a format of its own", `<c r="A1" s="2"><v>33000</v></c>`, "1990-05-07", date},
		{"first day", `<c r="A1" s="1"><v>1</v></c>`, "1900-01-01", date},
		{"day before the one that never was", `<c r="A1" s="1"><v>59</v></c>`, "1900-02-28", date},
		{"day that never was", `<c r="A1" s="1"><v>60</v></c>`, "60", number},
		{"day after it", `<c r="A1" s="1"><v>61</v></c>`, "1900-03-01", date},
		{"last day", `<c r="A1" s="1"><v>2958465</v></c>`, "9999-12-31", date},
		{"day too late", `<c r="A1" s="1"><v>2958466</v></c>`, "2958466", number},
		{"negative day", `<c r="A1" s="1"><v>-1</v></c>`, "-1", number},
		{"date and time", `<c r="A1" s="6"><v>33000.75</v></c>`, "1990-05-07T18:00:00", date},
		{"time rounds to the next day", `<c r="A1" s="6"><v>33000.999999</v></c>`, "1990-05-08", date},
		{"time", `<c r="A1" s="5"><v>0.5</v></c>`, "12:00:00", date},
		{"format with a quoted d is no date", `<c r="A1" s="4"><v>5</v></c>`, "5", number},
		{"unknown style", `<c r="A1" s="99"><v>5</v></c>`, "5", number},
		{"true", `<c r="A1" t="b"><v>1</v></c>`, "TRUE", 0},
		{"false", `<c r="A1" t="b"><v>0</v></c>`, "FALSE", 0},
		{"error", `<c r="A1" t="e"><v>#N/A</v></c>`, "#N/A", fault},
		{"formula with a number", `<c r="A1"><f>1+1</f><v>2</v></c>`, "2", number | tabular.FlagFormula},
		{"formula with a text", `<c r="A1" t="str"><f>A2&amp;"x"</f><v>ab</v></c>`, "ab", tabular.FlagFormula},
		{"ISO date", `<c r="A1" t="d"><v>1990-05-07</v></c>`, "1990-05-07", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := book(`<row r="1">`+c.cell+`<c r="B1" t="inlineStr"><is><t>end</t></is></c></row>`, shared, styles)
			row, err := open(t, data, tabular.Options{}).Next()
			if err != nil || string(row.Cell(0)) != c.want || row.Flag(0) != c.flag || string(row.Cell(1)) != "end" {
				t.Errorf("cells %q flag %b, want %q %b, err %v", row.Strings(), row.Flag(0), c.want, c.flag, err)
			}
		})
	}
}

func TestDatesFrom1904(t *testing.T) {
	t.Parallel()
	data := book(`<row><c s="1"><v>31538</v></c></row>`,
		part{"xl/styles.xml", `<s><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></s>`},
		part{"xl/workbook.xml", strings.Replace(oneSheet, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)})
	row, err := open(t, data, tabular.Options{}).Next()
	if err != nil || string(row.Cell(0)) != "1990-05-07" {
		t.Errorf("%q %v", row.Strings(), err)
	}
}

func TestPlacesOfCells(t *testing.T) {
	t.Parallel()
	cell := func(ref, v string) string { return `<c r="` + ref + `" t="str"><v>` + v + `</v></c>` }
	rows := `<row r="2">` + cell("B2", "b") + cell("D2", "d") + `</row>` +
		`<row r="3"/><row r="4"><c r="A4"/></row>` + // rows without anything
		`<row><c t="str"><v>x</v></c><c t="str"><v>y</v></c></row>` + // no references
		`<row r="9">` + cell("ab9", "far") + `</row>` +
		`<row r="9">` + cell("A9", "again") + `</row>` + // a row number a second time
		`<row r="12">` + cell("A12", "last") + `<c r="XFD12" s="1"/></row>` // a style far out is no cell
	gotRows, lines, bad := read(t, open(t, book(rows), tabular.Options{}))
	far := make([]string, 28)
	far[27] = "far"
	want := [][]string{{"", "b", "", "d"}, {"x", "y"}, far, {"again"}, {"last"}}
	if !reflect.DeepEqual(gotRows, want) || !reflect.DeepEqual(lines, []int{2, 5, 9, 10, 12}) || bad != nil {
		t.Errorf("rows %q lines %v errors %v", gotRows, lines, bad)
	}
}

func TestBadRowsOfASheet(t *testing.T) {
	t.Parallel()
	good := `<row><c t="str"><v>ok</v></c></row>`
	cases := []struct{ name, row, want string }{
		{"text that is not there", `<row><c/><c t="s"><v>5</v></c></row>`, "2.2 tabular.cell.string"},
		{"text number that is none", `<row><c t="s"><v>-1</v></c></row>`, "2.1 tabular.cell.string"},
		{"reference that is none", `<row><c r="7"><v>1</v></c></row>`, "2.1 tabular.cell.place"},
		{"column no sheet has", `<row><c r="ZZZZ2"><v>1</v></c></row>`, "2.1 tabular.cell.place"},
		{"too many columns", `<row><c r="A2"><v>1</v></c><c r="Z2"><v>1</v></c></row>`, "2.11 tabular.columns.many"},
		{"too long", `<row><c t="str"><v>` + strings.Repeat("x", 5000) + `</v></c></row>`, "2.0 tabular.line.long"},
		{"too long in many cells", `<row>` + strings.Repeat(`<c t="str"><v>`+strings.Repeat("x", 400)+`</v></c>`, 9) + `</row>`, "2.0 tabular.line.long"},
		{"not UTF-8", "<row><c/><c t=\"str\"><v>a\xe9</v></c></row>", "2.2 tabular.encoding"},
		{"NUL", "<row><c t=\"str\"><v>a\x00</v></c></row>", "2.1 tabular.nul"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := tabular.Options{Limits: tabular.Limits{Line: 3000, Columns: 10}}
			rows, lines, bad := read(t, open(t, book(good+c.row+good), o))
			if len(rows) != 2 || !reflect.DeepEqual(lines, []int{1, 3}) || !reflect.DeepEqual(bad, []string{c.want}) {
				t.Errorf("rows %q lines %v errors %v", rows, lines, bad)
			}
		})
	}
}

// sheets makes a workbook with those sheets; a name that begins with "-" is hidden.
func sheets(content map[string]string, names ...string) string {
	list, rels := "", ""
	parts := []part{{"_rels/.rels", rootRels}}
	for i, name := range names {
		n := strconv.Itoa(i + 1)
		state := ""
		if strings.HasPrefix(name, "-") {
			state = ` state="hidden"`
		}
		list += `<sheet name="` + strings.TrimPrefix(name, "-") + `" sheetId="` + n + `" r:id="rId` + n + `"` + state + `/>`
		rels += `<Relationship Id="rId` + n + `" Type="http://x/worksheet" Target="worksheets/sheet` + n + `.xml"/>`
		parts = append(parts, part{"xl/worksheets/sheet" + n + ".xml", `<worksheet><sheetData>` + content[name] + `</sheetData></worksheet>`})
	}
	return archive(append(parts,
		part{"xl/workbook.xml", `<workbook xmlns:r="x"><sheets>` + list + `</sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", `<Relationships>` + rels + `</Relationships>`})...)
}

func TestSheetIsChosen(t *testing.T) {
	t.Parallel()
	row := func(s string) string { return `<row><c t="str"><v>` + s + `</v></c></row>` }
	content := map[string]string{"-Codes": row("hidden"), "BNBA": row("list"), "Other &amp; more": row("other"), "Empty": `<row><c s="1"/></row>`}
	all := sheets(content, "-Codes", "Empty", "BNBA", "Other &amp; more")
	cases := []struct{ name, data, sheet, want string }{
		{"first that holds anything", all, "", "list"},
		{"by name", all, "other & MORE ", "other"},
		{"hidden by name", all, "Codes", "hidden"},
		{"hidden when no other holds anything", sheets(content, "Empty", "-Codes"), "", "hidden"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := open(t, c.data, tabular.Options{Sheet: c.sheet}).Next()
			if err != nil || string(got.Cell(0)) != c.want {
				t.Errorf("%q %v", got.Strings(), err)
			}
		})
	}
	r := open(t, all, tabular.Options{})
	if got := r.Info(); got.Sheet != "BNBA" || !reflect.DeepEqual(got.Sheets, []string{"Codes", "Empty", "BNBA", "Other & more"}) {
		t.Errorf("info %+v", got)
	}
	err := openError(all, tabular.Options{Sheet: "None"})
	if e, ok := fail.As(err); !ok || e.Code != "tabular.sheet.missing" || e.Facts[1].Value != "Codes, Empty, BNBA, Other & more" {
		t.Errorf("missing sheet: %v", err)
	}
	if err := openError(sheets(content, "Empty"), tabular.Options{}); fail.CodeOf(err) != "tabular.empty" {
		t.Errorf("empty workbook: %v", err)
	}
	named := open(t, sheets(content, "Empty"), tabular.Options{Sheet: "Empty"})
	if _, err := named.Next(); err != io.EOF {
		t.Errorf("empty sheet by name: %v", err)
	}
}

func TestArchivesThatAreNoWorkbook(t *testing.T) {
	t.Parallel()
	rels := func(target string) part {
		return part{"_rels/.rels", `<Relationships><Relationship Id="r" Type="x/officeDocument" Target="` + target + `"/></Relationships>`}
	}
	cases := []struct{ name, data, want string }{
		{"list in a ZIP", archive(part{"list.csv", "a,b\n"}), "tabular.format.zip"},
		{"nothing in it", archive(), "tabular.format.zip"},
		{"OpenDocument", archive(part{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, part{"content.xml", "<x/>"}), "tabular.format.ods"},
		{"Word", archive(rels("word/document.xml"), part{"word/document.xml", "<x/>"}), "tabular.format.unknown"},
		{"binary workbook", archive(rels("xl/workbook.bin"), part{"xl/workbook.bin", "x"}), "tabular.format.xlsb"},
		{"only a chart", archive(rels("xl/workbook.xml"), part{"xl/workbook.xml", oneSheet}, part{"xl/_rels/workbook.xml.rels", strings.Replace(bookRels, "/worksheet\"", "/chartsheet\"", 1)}), "tabular.empty"},
		{"no sheets", archive(rels("xl/workbook.xml"), part{"xl/workbook.xml", "<workbook/>"}), "tabular.empty"},
		{"sheet without its part", archive(part{"_rels/.rels", rootRels}, part{"xl/workbook.xml", oneSheet}, part{"xl/_rels/workbook.xml.rels", bookRels}), "tabular.corrupt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := openError(c.data, tabular.Options{}); fail.CodeOf(err) != c.want {
				t.Errorf("err %v", err)
			}
		})
	}
}

func TestDamagedWorkbooks(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&rows, `<row r="%d"><c t="str"><v>SITI %d</v></c></row>`, i+1, i*7919)
	}
	good := book(rows.String())
	if err := openError(good[:len(good)/2], tabular.Options{}); fail.CodeOf(err) != "tabular.cut.file" {
		t.Errorf("cut archive: %v", err)
	}
	at := strings.Index(good, "sheet1.xml") + 5000 // inside the packed rows
	got, _, bad := read(t, open(t, good[:at]+"\xff\xff\xff\xff\xff\xff\xff\xff"+good[at+8:], tabular.Options{}))
	if len(bad) != 1 || len(got) == 5000 || !strings.HasPrefix(bad[0], "tabular.c") {
		t.Errorf("changed bytes: %d rows, errors %v", len(got), bad)
	}
	cases := []struct{ name, sheet, want string }{
		{"rows break off", `<worksheet><sheetData><row><c t="str"><v>a</v></c></row><row><c><v>1`, "tabular.cut"},
		{"rows do not end", `<worksheet><sheetData><row><c t="str"><v>a</v></c></row>`, "tabular.cut"},
		{"breaks off in a tag", `<worksheet><sheetData><row><c t="str"><v>a</v></c></row><row r="`, "tabular.cut"},
		{"endless tag", `<worksheet><sheetData><row><c t="str"><v>a</v></c></row><c ` + strings.Repeat(" ", 4<<20) + `>`, "tabular.corrupt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _, bad := read(t, open(t, book("", part{"xl/worksheets/sheet1.xml", c.sheet}), tabular.Options{}))
			if len(got) != 1 || !reflect.DeepEqual(bad, []string{c.want}) {
				t.Errorf("%d rows, errors %v", len(got), bad)
			}
		})
	}
}

func TestChecksumOfASheetIsLookedAt(t *testing.T) {
	t.Parallel()
	content := `<worksheet><sheetData><row><c t="str"><v>a</v></c></row></sheetData></worksheet>`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range []part{{"_rels/.rels", rootRels}, {"xl/workbook.xml", oneSheet}, {"xl/_rels/workbook.xml.rels", bookRels}, {"xl/worksheets/sheet1.xml", content}} {
		sum := crc32.ChecksumIEEE([]byte(p.content))
		if p.content == content {
			sum++
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: p.name, CRC32: sum, CompressedSize64: uint64(len(p.content)), UncompressedSize64: uint64(len(p.content))})
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	rows, _, bad := read(t, open(t, b.String(), tabular.Options{}))
	if len(rows) != 1 || !reflect.DeepEqual(bad, []string{"tabular.corrupt"}) {
		t.Errorf("rows %q, errors %v", rows, bad)
	}
}

// bomb packs a sheet that unpacks to gigabytes of blanks inside the given tags.
func bomb(t *testing.T, name, before, after string, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range []part{{"_rels/.rels", rootRels}, {"xl/workbook.xml", oneSheet}, {"xl/_rels/workbook.xml.rels", bookRels}} {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, p.content)
	}
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, before)
	blanks := strings.Repeat("<row/>", 1<<17)
	for done := 0; done < size; done += len(blanks) {
		_, _ = io.WriteString(w, blanks)
	}
	_, _ = io.WriteString(w, after)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestABombThatSaysSoIsRefusedUnread has real rows before the limit: they would be read and looked at, for a minute and a half
// of a file of 4 GB, before its end was seen to be too far.
func TestABombThatSaysSoIsRefusedUnread(t *testing.T) {
	rows := `<worksheet><sheetData>` + strings.Repeat(`<row><c t="inlineStr"><is><t>name</t></is></c></row>`, 100)
	data := bomb(t, "xl/worksheets/sheet1.xml", rows, `</sheetData></worksheet>`, 80<<20)
	for name, limits := range map[string]tabular.Limits{"by its size": {Ratio: 1 << 20, Unpacked: 70 << 20}, "by its ratio": {}} {
		if err := openError(data, tabular.Options{Limits: limits}); fail.CodeOf(err) != "tabular.bomb" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZIPBombsAreRefused(t *testing.T) {
	sheet := bomb(t, "xl/worksheets/sheet1.xml", `<worksheet><sheetData>`, `</sheetData></worksheet>`, 80<<20)
	texts := bomb(t, "xl/sharedStrings.xml", `<sst>`, `</sst>`, 80<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, data := range map[string]string{"sheet": sheet, "texts": texts} {
		if len(data) > 2<<20 {
			t.Fatalf("%s: %d bytes are no bomb", name, len(data))
		}
		if err := openError(data, tabular.Options{}); fail.CodeOf(err) != "tabular.bomb" {
			t.Errorf("%s, by its ratio: %v", name, err)
		}
		o := tabular.Options{Limits: tabular.Limits{Ratio: 1 << 20, Unpacked: 10 << 20}}
		if err := openError(data, o); fail.CodeOf(err) != "tabular.bomb" {
			t.Errorf("%s, by its size: %v", name, err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
		t.Errorf("allocated %d bytes", used)
	}
	many := make([]part, 200)
	for i := range many {
		many[i].name = fmt.Sprint("x", i)
	}
	o := tabular.Options{Limits: tabular.Limits{Entries: 100}}
	if err := openError(archive(many...), o); fail.CodeOf(err) != "tabular.entries" {
		t.Errorf("many entries: %v", err)
	}
}

func TestDirectoryThatClaimsTooMuchIsRefusedUnread(t *testing.T) {
	t.Parallel()
	data := []byte(book(`<row><c><v>1</v></c></row>`))
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(data[end+10:], 60_000)
	if err := openError(string(data), tabular.Options{}); fail.CodeOf(err) != "tabular.entries" {
		t.Errorf("60,000 entries claimed: %v", err)
	}
	binary.LittleEndian.PutUint16(data[end+10:], 0xffff) // says that another record has the number
	if err := openError(string(data), tabular.Options{}); fail.CodeOf(err) != "tabular.corrupt" {
		t.Errorf("no other record: %v", err)
	}
}

func TestLargeDirectoryHasItsNumberElsewhere(t *testing.T) {
	t.Parallel()
	many := make([]part, 1<<16) // from here on ZIP64
	for i := range many {
		many[i].name = strconv.Itoa(i)
	}
	data := archive(many...)
	if err := openError(data, tabular.Options{}); fail.CodeOf(err) != "tabular.entries" {
		t.Errorf("more than the limit: %v", err)
	}
	if err := openError(data, tabular.Options{Limits: tabular.Limits{Entries: 1 << 17}}); fail.CodeOf(err) != "tabular.format.zip" {
		t.Errorf("less than the limit: %v", err)
	}
}

func TestEntitiesAreNotExpanded(t *testing.T) {
	t.Parallel()
	sheet := `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;&amp;&#65;&#x42;&#xD800;&#0;</v></c></row></sheetData></worksheet>`
	row, err := open(t, book("", part{"xl/worksheets/sheet1.xml", sheet}), tabular.Options{}).Next()
	if fail.CodeOf(err) == "tabular.nul" { // &#0; is a NUL, however it is written
		return
	}
	t.Errorf("%q %v", row.Strings(), err)
}

func TestSharedTextsGoToDiskPastTheLimit(t *testing.T) {
	t.Parallel()
	const n = 40_000
	var texts, rows strings.Builder
	for i := range n {
		fmt.Fprintf(&texts, `<si><t>SITI AMINAH BINTI HASAN %d %s</t></si>`, i, strings.Repeat("x", i%97))
		at := i * 7919 % n // asked for in no order
		fmt.Fprintf(&rows, `<row><c t="s"><v>%d</v></c></row>`, at)
	}
	data := book(rows.String(), part{"xl/sharedStrings.xml", `<sst>` + texts.String() + `</sst>`})
	dir := t.TempDir()
	inMemory, _, _ := read(t, open(t, data, tabular.Options{TempDir: dir}))
	r := open(t, data, tabular.Options{TempDir: dir, Limits: tabular.Limits{Strings: 100_000}})
	onDisk, _, bad := read(t, r)
	if len(onDisk) != n || bad != nil || !reflect.DeepEqual(onDisk, inMemory) {
		t.Errorf("%d rows, errors %v", len(onDisk), bad)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v %v", left, err)
	}
	o := tabular.Options{TempDir: dir + "/none", Limits: tabular.Limits{Strings: 1000}}
	if err := openError(data, o); fail.CodeOf(err) != "files.missing" {
		t.Errorf("no folder: %v", err)
	}
}

func TestPositionAndProgressInAWorkbook(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for i := range 300 {
		fmt.Fprintf(&rows, `<row r="%d"><c t="str"><v>SITI %d</v></c></row>`, 2*i+2, i*7919)
	}
	data := book(`<row r="1"><c t="s"><v>1</v></c></row>` + rows.String())
	for _, after := range []int{0, 1, 2, 150, 301} {
		r := open(t, data, tabular.Options{})
		for range after {
			_, _ = r.Next()
		}
		want, wantLines, wantBad := read(t, r)
		r = open(t, data, tabular.Options{})
		for range after {
			_, _ = r.Next()
		}
		got, lines, bad := read(t, open(t, data, tabular.Options{From: r.Position()}))
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(lines, wantLines) || !reflect.DeepEqual(bad, wantBad) {
			t.Errorf("after %d: from %+v %d rows %v, want %d rows %v", after, r.Position(), len(got), bad, len(want), wantBad)
		}
		if used, total := r.Progress(); used <= 0 || used > total || total != int64(len(data)) {
			t.Errorf("progress %d of %d", used, total)
		}
	}
}

func TestWorkbooksOfExcelize(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	born := time.Date(1990, 5, 7, 0, 0, 0, 0, time.UTC)
	for cell, v := range map[string]any{
		"A1": "NIK", "B1": "Nama", "C1": "Lahir", "D1": "Jumlah", "A2": "3271014705900001", "B2": "SITI <AMINAH>", "C2": born, "D2": 1500000, "E2": true, "F2": 0.1 + 0.2,
	} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellStyle("Sheet1", "C2", "C2", style); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellFormula("Sheet1", "G2", "D2*2"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	rows, _, bad := read(t, open(t, b.String(), tabular.Options{}))
	want := [][]string{{"NIK", "Nama", "Lahir", "Jumlah"}, {"3271014705900001", "SITI <AMINAH>", "1990-05-07", "1500000", "TRUE", "0.3", ""}}
	if !reflect.DeepEqual(rows, want) || bad != nil {
		t.Errorf("rows %q, errors %v", rows, bad)
	}
}

func TestWorkbookInUTF16(t *testing.T) {
	t.Parallel()
	sheet := wide(`<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData><row><c t="str"><v>Café</v></c></row></sheetData></worksheet>`, false, true)
	row, err := open(t, book("", part{"xl/worksheets/sheet1.xml", sheet}), tabular.Options{}).Next()
	if err != nil || string(row.Cell(0)) != "Café" {
		t.Errorf("%q %v", row.Strings(), err)
	}
}

func FuzzXLSXSheet(f *testing.F) {
	for _, seed := range []string{
		`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`, `<row><c s="1"><v>1.5E+15</v></c><c t="inlineStr"><is><t>a</t></is></c></row>`,
		`<row><c t="str"><f>a</f><v>&#65;&lt;<![CDATA[x]]></v></c></row>`, `<!-- x --><?x?><row a='>'/>`, `<row><c><v>-0.0001e-5</v></c></row>`,
	} {
		f.Add(seed, `<xf numFmtId="14"/>`, `<si><t>a</t></si>`)
	}
	f.Fuzz(func(t *testing.T, rows, styles, texts string) {
		data := book(rows, part{"xl/styles.xml", `<cellXfs><xf/>` + styles + `</cellXfs>`}, part{"xl/sharedStrings.xml", texts})
		exercise(t, data)
	})
}

func FuzzXLSXFile(f *testing.F) {
	f.Add([]byte(book(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`, part{"xl/sharedStrings.xml", `<si><t>a</t></si>`})))
	f.Add([]byte(sheets(map[string]string{"a": `<row/>`}, "a", "-b")))
	f.Fuzz(func(t *testing.T, data []byte) { exercise(t, string(data)) })
}

// exercise reads whatever it is given to its end: it must neither panic nor run on.
func exercise(t *testing.T, data string) {
	o := tabular.Options{TempDir: t.TempDir(), Limits: tabular.Limits{Line: 500, Columns: 10, Strings: 50, Unpacked: 1 << 20}}
	r, err := tabular.Open(strings.NewReader(data), int64(len(data)), o)
	if err != nil {
		if fail.CodeOf(err) == "" {
			t.Fatalf("error without a code: %v", err)
		}
		return
	}
	defer r.Close()
	rows, lines, _ := read(t, r)
	last := 0
	for i, line := range lines {
		if line <= last || len(rows[i]) > 10 {
			t.Fatalf("line %d after %d, %d cells", line, last, len(rows[i]))
		}
		last = line
	}
	if used, total := r.Progress(); used > total {
		t.Fatalf("used %d of %d", used, total)
	}
}
