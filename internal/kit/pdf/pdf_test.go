package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func options() Options {
	return Options{
		Title: "Contoh", Author: "Kantor Contoh", Created: time.Date(2026, 11, 21, 5, 30, 0, 0, time.UTC),
		Footer: Footer{
			Code: "XX-0000-0000", Lines: []string{"satu", "dua"}, Scan: "https://tepat.contoh.id/periksa#XX-0000-0000",
			Page: func(page int, pages string) string { return fmt.Sprintf("Halaman %d dari %s", page, pages) },
		},
	}
}

// read gives the text of a document page by page. pdftotext is one of the programs
// `make test` installs.
func read(t *testing.T, d *Document) []string {
	t.Helper()
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "d.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (package poppler-utils): %v", err)
	}
	pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
	for i := range pages {
		pages[i] = regexp.MustCompile(`\s+`).ReplaceAllString(pages[i], " ")
	}
	return pages
}

func TestTextComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Indonesian":             "Rp1.500.000,00 – “tepat” sasaran, 12,5% dari 34.146 keluarga (±2)",
		"names with marks":       "Ôhoiwutun, Nguyễn Thị Hương, Šarūnas, Æþelstan, Ma'ruf, D’Souza, al-Fauzī",
		"backslash and parens":   `a\b (c) [d] {e}`,
		"decomposed letters":     "Jose\u0301",
		"a zero width joiner":    "a\u200db",
		"beyond the first plane": "x😀y",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := New(options())
			d.Paragraph(text)
			if got := read(t, d)[0]; !strings.Contains(got, clean(text)) {
				t.Errorf("%q is not in %q", clean(text), got)
			}
		})
	}
	if got := clean("Jose\u0301 \u200d\x00😀\tx"); got != "José � x" {
		t.Errorf("clean = %q", got)
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	make := func() []byte {
		o := options()
		o.Watermark, o.Notice = []string{"LATIHAN"}, "DATA CONTOH"
		d := New(o)
		d.Paragraph("Satu **dua** tiga")
		d.Table(Table{Columns: []Column{{Head: "A"}, {Head: "B", Width: 30}}, Rows: []Row{{Cells: []string{"x", "y"}}}})
		b, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := make()
	for range 5 {
		if !bytes.Equal(make(), first) {
			t.Fatal("bytes differ")
		}
	}
	if !bytes.Contains(first, []byte("D:20261121053000")) {
		t.Error("the date of creation is not the given one")
	}
}

func TestADocumentWithoutADateIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}).Bytes(); err == nil {
		t.Error("the clock was taken")
	}
}

func TestLinesFitTheirWidthAndLoseNoLetter(t *testing.T) {
	t.Parallel()
	d := New(options())
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[A-Za-zé.]{1,12}(\*\*)? ?|[0-9]{30,80} `), 0, 30).Draw(t, "words"), "")
		width := rapid.Float64Range(8, 160).Draw(t, "width")
		s := Style{Size: 11}
		var got strings.Builder
		for _, l := range d.lines(s, text, width) {
			if l.width > width+0.01 {
				t.Fatalf("a line of %g mm in %g mm", l.width, width)
			}
			for _, p := range l.pieces {
				got.WriteString(p.text)
			}
		}
		want := strings.NewReplacer(" ", "", "**", "").Replace(text)
		if got.String() != want {
			t.Fatalf("set %q, want %q", got.String(), want)
		}
	})
}

func TestStarsSwitchBold(t *testing.T) {
	t.Parallel()
	d := New(options())
	var got []string
	for _, l := range d.lines(Style{Size: 11}, "awal **tebal sekali**, akhir", 500) {
		for _, p := range l.joined() {
			got = append(got, fmt.Sprintf("%d:%s", p.weight, p.text))
		}
	}
	if want := "0:awal|1: tebal sekali|0:, akhir"; strings.Join(got, "|") != want {
		t.Errorf("pieces %q, want %q", strings.Join(got, "|"), want)
	}
	if Plain("a**b****") != "ab" {
		t.Errorf("Plain = %q", Plain("a**b****"))
	}
}

func TestALongTableRepeatsItsHeadAndCarriesItsSum(t *testing.T) {
	t.Parallel()
	d := New(options())
	table := Table{
		Columns: []Column{{Head: "Nomor", Width: 30, Align: Right}, {Head: "Isi"}},
		Carry:   func(rows int) []string { return []string{"", fmt.Sprintf("sampai baris %d.", rows)} },
		Tail:    d.SignatureHeight(),
	}
	const n = 120
	for i := range n {
		table.Rows = append(table.Rows, Row{Cells: []string{fmt.Sprint(i + 1), fmt.Sprintf("isi-%d.", i+1)}})
	}
	d.Table(table)
	d.Signatures(Signature{Role: "Kepala,", Name: "Nama Contoh"})
	pages := read(t, d)
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if strings.Count(page, "Nomor Isi") != 1 || !strings.Contains(page, fmt.Sprintf("Halaman %d dari %d", i+1, len(pages))) {
			t.Errorf("page %d: %s", i+1, page)
		}
		rows := regexp.MustCompile(`isi-(\d+)\.`).FindAllStringSubmatch(page, -1)
		last := rows[len(rows)-1][1]
		if carried := strings.Contains(page, "sampai baris "+last+"."); carried != (i < len(pages)-1) {
			t.Errorf("page %d ends with row %s: %s", i+1, last, page)
		}
	}
	all := strings.Join(pages, " ")
	for i := range n {
		if strings.Count(all, fmt.Sprintf(" isi-%d.", i+1)) != 1 {
			t.Errorf("row %d is not there once", i+1)
		}
	}
	if end := pages[len(pages)-1]; !strings.Contains(end, "Nama Contoh") || strings.Count(end, "isi-") < 3 {
		t.Errorf("the signature stands alone: %s", end)
	}
}

func TestAGroupHeadStaysWithItsFirstRow(t *testing.T) {
	t.Parallel()
	for before := 30; before < 45; before++ {
		d := New(options())
		table := Table{Columns: []Column{{Head: "Isi"}}}
		for range before {
			table.Rows = append(table.Rows, Row{Cells: []string{"baris"}})
		}
		table.Rows = append(table.Rows, Row{Kind: GroupRow, Cells: []string{"Kelompok"}}, Row{Cells: []string{"pertama"}})
		d.Table(table)
		for _, page := range read(t, d) {
			if strings.Contains(page, "Kelompok") != strings.Contains(page, "pertama") {
				t.Fatalf("after %d rows the group stands alone: %s", before, page)
			}
		}
	}
}

func TestLongTextRunsOverPages(t *testing.T) {
	t.Parallel()
	d := New(options())
	d.Paragraph(strings.Repeat("kata ", 3000))
	pages := read(t, d)
	if len(pages) < 3 || strings.Count(strings.Join(pages, " "), "kata") != 3000 {
		t.Errorf("%d pages, %d words", len(pages), strings.Count(strings.Join(pages, " "), "kata"))
	}
}

func TestThePageCountIsFilledIn(t *testing.T) {
	t.Parallel()
	o := options()
	o.Footer = Footer{Page: func(_ int, pages string) string { return "dari " + pages }}
	d := New(o)
	for range 8 {
		d.NewPage()
	}
	if first := read(t, d)[0]; !strings.Contains(first, "dari 9") {
		t.Errorf("text: %q", first)
	}
}

func TestArms(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 30))); err != nil {
		t.Fatal(err)
	}
	d := New(options())
	d.Letterhead(Letterhead{Above: []string{"PEMERINTAH"}, Office: "KANTOR", Arms: b.Bytes()})
	if text := read(t, d)[0]; !strings.Contains(text, "PEMERINTAH KANTOR") {
		t.Errorf("text: %s", text)
	}
	d = New(options())
	d.Letterhead(Letterhead{Office: "KANTOR", Arms: []byte("not a picture")})
	if _, err := d.Bytes(); err == nil {
		t.Error("a broken picture passes")
	}
}

func TestTheSlipStandsAtTheFootOfItsPage(t *testing.T) {
	t.Parallel()
	d := New(options())
	d.Space(1000)
	d.Slip(Slip{Hint: "Gunting", Number: "P-2026-00001", Lines: []string{"baris"}, Scan: "https://contoh.id"})
	if pages := read(t, d); len(pages) != 2 || !strings.Contains(pages[1], "P-2026-00001") {
		t.Errorf("pages: %q", pages)
	}
}

func TestAQRCodeThatHoldsTooMuchIsAnError(t *testing.T) {
	t.Parallel()
	o := options()
	o.Footer.Scan = strings.Repeat("x", 5000)
	if _, err := New(o).Bytes(); err == nil {
		t.Error("no error")
	}
}

// TestSeveralDocumentsOfOneFileHaveTheirOwnFeet: each foot stands on its own pages, and pages are counted anew.
func TestSeveralDocumentsOfOneFileHaveTheirOwnFeet(t *testing.T) {
	t.Parallel()
	foot := func(code string) Footer {
		return Footer{Code: code, Page: func(page int, _ string) string { return fmt.Sprintf("Halaman %d", page) }}
	}
	o := options()
	o.Footer = foot("SATU")
	d := New(o)
	d.Paragraph("Surat pertama")
	d.NewPage()
	d.Paragraph("lanjutannya")
	d.Turn(foot("DUA"))
	d.Paragraph("Surat kedua")
	pages := read(t, d)
	if len(pages) != 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, want := range [][]string{{"Surat pertama", "SATU", "Halaman 1"}, {"lanjutannya", "SATU", "Halaman 2"}, {"Surat kedua", "DUA", "Halaman 1"}} {
		for _, text := range want {
			if !strings.Contains(pages[i], text) {
				t.Errorf("page %d lacks %q: %s", i+1, text, pages[i])
			}
		}
	}
}
