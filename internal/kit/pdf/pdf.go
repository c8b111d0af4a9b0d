// Package pdf sets printed documents: letterhead, running text, fields, tables that run over
// pages, signatures and a footer with a code to check the paper by.
//
// The same input gives the same bytes: dates and identifiers come from the caller, never
// from the clock. Text is real text in embedded fonts, so that it can be searched and read
// aloud. Measures are millimetres, type sizes are points.
package pdf

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

//go:embed fonts/NotoSerif-Regular.ttf
var serifRegular []byte

//go:embed fonts/NotoSerif-Bold.ttf
var serifBold []byte

//go:embed fonts/NotoSerif-Italic.ttf
var serifItalic []byte

//go:embed fonts/NotoSans-Regular.ttf
var sansRegular []byte

//go:embed fonts/NotoSans-Bold.ttf
var sansBold []byte

// The page: A4 with the margins of Indonesian official letters, wide on the binding side.
const (
	pageShort, pageLong = 210.0, 297.0
	marginTop           = 20.0
	marginRight         = 20.0
	marginBottom        = 18.0
	marginLeft          = 25.0
	footerHeight        = 20.0 // above the bottom margin's lower half
	mmPerPoint          = 25.4 / 72
	leading             = 1.42 // line height of running text in type sizes
)

// Options fix everything of a document that is not its text.
type Options struct {
	Title     string    // of the file, shown by readers
	Author    string    // the issuing office
	Created   time.Time // written into the file; must be given, or equal input gives unequal bytes
	Landscape bool
	Size      float64  // of running text, in points; 0 means 11.5
	Watermark []string // large grey words under the text, such as LATIHAN
	Notice    string   // a line at the head of every page, such as DATA CONTOH SINTETIS
	Footer    Footer
}

// Footer stands on every page.
type Footer struct {
	Code  string                              // short code of the document, in bold
	Lines []string                            // small lines: where to check, digest, when printed
	Scan  string                              // content of the QR code; empty means no QR code
	Page  func(page int, pages string) string // "Halaman 1 dari 3"; pages may be a placeholder
}

// Document is a document being set, from top to bottom. It is not safe for concurrent use.
type Document struct {
	f      *fpdf.Fpdf
	o      Options
	size   float64
	width  float64 // of the page
	height float64
	y      float64 // where the next thing goes
	limit  float64 // text ends above it
	before int     // pages of the documents set before this one in the same file
	loaded map[string]bool
}

// pagesMark is replaced with the number of pages when the document is done. It holds every
// digit, because the font embeds only the letters that were set.
const pagesMark = "{0123456789}"

// New starts a document with its first page.
func New(o Options) *Document {
	d := &Document{o: o, size: o.Size, width: pageShort, height: pageLong, loaded: map[string]bool{}}
	if d.size == 0 {
		d.size = 11.5
	}
	orientation := "P"
	if o.Landscape {
		orientation, d.width, d.height = "L", pageLong, pageShort
	}
	d.limit = d.height - marginBottom/2 - footerHeight
	d.f = fpdf.New(orientation, "mm", "A4", "")
	if o.Created.IsZero() { // the library would take the clock
		d.f.SetError(errors.New("the date of creation is not given"))
	}
	d.f.SetCatalogSort(true)
	d.f.SetCreationDate(o.Created.UTC())
	d.f.SetModificationDate(o.Created.UTC())
	d.f.SetProducer("Tepat", true)
	d.f.SetTitle(clean(o.Title), true)
	d.f.SetAuthor(clean(o.Author), true)
	d.f.SetLang("id")
	d.f.SetMargins(marginLeft, marginTop, marginRight)
	d.f.SetAutoPageBreak(false, 0)
	d.f.AliasNbPages(pagesMark)
	d.f.SetHeaderFunc(d.drawHead)
	d.f.SetFooterFunc(d.drawFooter)
	d.NewPage()
	return d
}

// NewPage ends the page.
func (d *Document) NewPage() {
	d.f.AddPage()
	d.y = marginTop
}

// Turn ends the page and begins another document in the same file: with its own footer, and its pages counted anew. The
// placeholder for the number of pages is that of the whole file, so such footers do not use it.
func (d *Document) Turn(f Footer) {
	d.NewPage() // a footer is set when its page ends
	d.o.Footer, d.before = f, d.f.PageNo()-1
}

// Need starts a new page when less than height is left, and reports whether it did.
func (d *Document) Need(height float64) bool {
	if d.y+height <= d.limit {
		return false
	}
	d.NewPage()
	return true
}

// Space leaves a gap; at the foot of a page it may be shorter.
func (d *Document) Space(height float64) { d.y = min(d.y+height, d.limit) }

// Pages gives the number of pages so far.
func (d *Document) Pages() int { return d.f.PageNo() }

// Bytes ends the document and gives the file.
func (d *Document) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return b.Bytes(), nil
}

// room gives the width between the margins.
func (d *Document) room() float64 { return d.width - marginLeft - marginRight }

// drawHead puts the watermark under what follows and the notice above it.
func (d *Document) drawHead() {
	if len(d.o.Watermark) > 0 {
		d.drawWatermark()
	}
	if d.o.Notice == "" {
		return
	}
	d.font(Sans, Bold, 8)
	notice := clean(d.o.Notice)
	w := d.f.GetStringWidth(notice) + 6
	d.f.SetDrawColor(0, 0, 0)
	d.f.SetLineWidth(0.2)
	d.f.Rect((d.width-w)/2, 8, w, 5.4, "D")
	d.f.Text((d.width-w)/2+3, 11.8, notice)
}

// drawWatermark sets the words level: slanted ones would be scattered letter by letter among
// the lines for who has the page read aloud or copies from it.
func (d *Document) drawWatermark() {
	d.f.SetTextColor(226, 226, 226)
	y := d.height / 2
	for i, line := range d.o.Watermark {
		size := 96.0
		if i > 0 {
			size = 30
		}
		d.font(Sans, Bold, size)
		line = clean(line)
		d.f.Text((d.width-d.f.GetStringWidth(line))/2, y, line)
		y += 16
	}
	d.f.SetTextColor(0, 0, 0)
}

// drawFooter puts the QR code and the small lines at the foot. The page number is set from
// its left end, because the width of the total is not known yet.
func (d *Document) drawFooter() {
	foot := d.o.Footer
	top := d.height - marginBottom/2 - footerHeight + 3
	d.f.SetDrawColor(120, 120, 120)
	d.f.SetLineWidth(0.2)
	d.f.Line(marginLeft, top, d.width-marginRight, top)
	x := marginLeft
	if foot.Scan != "" {
		d.drawQR(foot.Scan, marginLeft, top+2, 15)
		x += 18
	}
	y := top + 5
	if foot.Code != "" {
		d.font(Sans, Bold, 8)
		d.f.Text(x, y, clean(foot.Code))
		y += 3.7
	}
	d.font(Sans, Regular, 7)
	for _, line := range foot.Lines {
		d.f.Text(x, y, clean(line))
		y += 3.4
	}
	if foot.Page != nil {
		page := d.f.PageNo() - d.before
		room := d.f.GetStringWidth(clean(foot.Page(page, "999")))
		d.f.Text(d.width-marginRight-room, top+5, clean(foot.Page(page, pagesMark)))
	}
}
