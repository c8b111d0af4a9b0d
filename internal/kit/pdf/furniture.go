package pdf

import (
	"bytes"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

// Letterhead is the kop of an office: the levels of government above it, its own name, its
// address, and the arms of the region where the office has given them.
type Letterhead struct {
	Above   []string // "PEMERINTAH KABUPATEN ASAHAN", "KECAMATAN AIR JOMAN"
	Office  string   // "DESA SEI KAMAH"
	Address string
	Arms    []byte // PNG; nil means none
}

// Letterhead sets the kop with its double rule.
func (d *Document) Letterhead(l Letterhead) {
	const armsWidth = 20.0
	top := d.y
	text := Style{Align: Center, Size: d.size + 1, Tight: true}
	if l.Arms != nil {
		d.arms(l.Arms, marginLeft, top, armsWidth)
		text.Indent, text.Width = armsWidth+2, d.room()-armsWidth-2
	}
	for _, line := range l.Above {
		d.Write(text, Plain(line))
	}
	text.Weight, text.Size = Bold, d.size+4
	d.Write(text, Plain(l.Office))
	if l.Address != "" {
		text.Weight, text.Size = Regular, d.size-2
		d.Write(text, Plain(l.Address))
	}
	if l.Arms != nil {
		d.y = max(d.y, top+armsWidth+2)
	}
	d.Space(1.6)
	d.f.SetDrawColor(0, 0, 0)
	d.f.SetLineWidth(0.8)
	d.f.Line(marginLeft, d.y, d.width-marginRight, d.y)
	d.f.SetLineWidth(0.25)
	d.f.Line(marginLeft, d.y+1, d.width-marginRight, d.y+1)
	d.Space(7)
}

// arms puts a picture into a square. A picture that cannot be read spoils the document;
// Bytes reports it.
func (d *Document) arms(png []byte, x, y, side float64) {
	options := fpdf.ImageOptions{ImageType: "PNG"}
	info := d.f.RegisterImageOptionsReader("arms", options, bytes.NewReader(png))
	if info == nil || info.Width() <= 0 || info.Height() <= 0 {
		return
	}
	w, h := side, side
	if ratio := info.Width() / info.Height(); ratio < 1 {
		w = side * ratio
	} else {
		h = side / ratio
	}
	d.f.ImageOptions("arms", x+(side-w)/2, y+(side-h)/2, w, h, false, options, 0, "")
}

// Signature is the place where one person signs.
type Signature struct {
	Place string // "Teladan, 21 November 2026"; empty where another signature gives it
	Role  string // "Kepala Dinas Sosial,"
	Body  string // in the place of the hand: "Ditandatangani secara elektronik", or empty
	Name  string
	Note  string // rank or NIP, where there is one
}

const handHeight = 20.0

// SignatureHeight gives the height Signatures needs at most.
func (d *Document) SignatureHeight() float64 {
	return handHeight + 5*Style{Size: d.size, Tight: true}.step()
}

// Signatures sets up to three signatures side by side; a single one stands on the right.
func (d *Document) Signatures(signatures ...Signature) {
	s := Style{Size: d.size, Align: Center, Tight: true, Width: d.room() / float64(max(2, len(signatures)))}
	d.Need(d.SignatureHeight())
	top, bottom := d.y, d.y
	for i, sign := range signatures {
		s.Indent = s.Width * float64(i)
		if len(signatures) == 1 {
			s.Indent = s.Width
		}
		d.y = top
		d.Write(s, strings.TrimPrefix(Plain(sign.Place)+"\n"+Plain(sign.Role), "\n"))
		d.hand(sign.Body, s)
		d.Write(s, "**"+Plain(sign.Name)+"**\n"+Plain(sign.Note))
		bottom = max(bottom, d.y)
	}
	d.y = bottom
	d.Space(2)
}

// hand leaves room for the hand, or frames the words that stand in its place.
func (d *Document) hand(body string, s Style) {
	if body == "" {
		d.y += handHeight
		return
	}
	const frame, inset = 10.0, 6.0
	small := Style{Family: Sans, Size: 8, Tight: true, Align: Center}
	x, width := marginLeft+s.Indent+inset, s.Width-2*inset
	lines := d.lines(small, body, width-4)
	d.f.SetDrawColor(120, 120, 120)
	d.f.SetLineWidth(0.2)
	d.f.Rect(x, d.y+1.5, width, frame, "D")
	d.drawLines(small, lines, x+2, d.y+1.5+(frame-float64(len(lines))*small.step())/2, width-4)
	d.y += frame + 3
}

// Box frames a text that must not be overlooked.
func (d *Document) Box(text string) {
	const pad = 2.6
	s := Style{Size: d.size, Indent: pad, Width: d.room() - 2*pad}
	lines := d.lines(s, text, s.Width)
	height := float64(len(lines))*s.step() + 2*pad
	d.Need(height)
	d.f.SetDrawColor(0, 0, 0)
	d.f.SetLineWidth(0.5)
	d.f.Rect(marginLeft, d.y, d.room(), height, "D")
	d.drawLines(s, lines, marginLeft+pad, d.y+pad, s.Width)
	d.y += height
	d.Space(3)
}

// Slip is the strip at the foot of a letter that its owner cuts off and keeps.
type Slip struct {
	Hint   string // along the dashed line
	Number string // set large
	Lines  []string
	Scan   string // content of the QR code
}

const slipHeight = 33.0

// Slip sets the strip at the foot of the page, on a new page when the text has come too far.
func (d *Document) Slip(s Slip) {
	d.Need(slipHeight)
	top := d.limit - slipHeight
	d.f.SetDrawColor(0, 0, 0)
	d.f.SetLineWidth(0.3)
	d.f.SetDashPattern([]float64{2, 1.6}, 0)
	d.f.Line(marginLeft-15, top, d.width-marginRight+10, top)
	d.f.SetDashPattern(nil, 0)
	hint := Style{Family: Sans, Size: 7.5, Tight: true}
	d.drawLines(hint, d.lines(hint, s.Hint, d.room()), marginLeft, top+0.6, d.room())
	const side = 24.0
	d.drawQR(s.Scan, marginLeft, top+7, side)
	x, width := marginLeft+side+5, d.room()-side-5
	number := Style{Family: Sans, Weight: Bold, Size: 24, Tight: true}
	d.drawLines(number, d.lines(number, s.Number, width), x, top+6, width)
	small := Style{Size: d.size - 1, Tight: true}
	y := top + 6 + number.step() + 0.5
	for _, text := range s.Lines {
		lines := d.lines(small, text, width)
		d.drawLines(small, lines, x, y, width)
		y += float64(len(lines)) * small.step()
	}
	d.y = d.limit
}

// drawQR draws a QR code as filled rectangles, one for each run of dark modules in a row.
// Level M reads with 15% of it damaged, by a fold or a stamp.
func (d *Document) drawQR(content string, x, y, side float64) {
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		d.f.SetError(err)
		return
	}
	module := side / float64(code.Size)
	d.f.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for start := 0; start < code.Size; start++ {
			run := 0
			for start+run < code.Size && code.Black(start+run, row) {
				run++
			}
			if run > 0 {
				d.f.Rect(x+float64(start)*module, y+float64(row)*module, float64(run)*module, module, "F")
				start += run
			}
		}
	}
}
