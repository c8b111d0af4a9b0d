package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Family is a kind of letter: Serif for running text, Sans for dense tables and small print.
type Family uint8

// The two families.
const (
	Serif Family = iota
	Sans
)

// Weight is the style of a piece of text.
type Weight uint8

// The weights; Sans has no italic and shows it upright.
const (
	Regular Weight = iota
	Bold
	Italic
)

// Align is where lines stand in their width.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Center
	Right
)

// Style is how a block of text is set.
type Style struct {
	Family Family
	Weight Weight  // of text outside marks
	Size   float64 // in points; 0 means that of running text
	Align  Align
	Indent float64 // from the left margin
	Width  float64 // of the lines; 0 means up to the right margin
	After  float64 // gap below the block
	Tight  bool    // smaller line height, for lists and heads
}

// font picks a font. Each is loaded when first used: loading and embedding one costs more
// than setting a page.
func (d *Document) font(family Family, weight Weight, size float64) {
	name, style, file := "serif", "", serifRegular
	switch {
	case family == Sans && weight == Bold:
		name, style, file = "sans", "B", sansBold
	case family == Sans:
		name, file = "sans", sansRegular
	case weight == Bold:
		style, file = "B", serifBold
	case weight == Italic:
		style, file = "I", serifItalic
	}
	if !d.loaded[name+style] {
		d.f.AddUTF8FontFromBytes(name, style, file)
		d.loaded[name+style] = true
	}
	d.f.SetFont(name, style, size)
}

// clean makes text printable: composed letters, no control characters, nothing beyond the
// first plane, which the fonts do not hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > 0xFFFF:
			return unicode.ReplacementChar
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// Plain takes the bold marks out of a text that comes from outside, such as a name, before
// it is put into a sentence with marks.
func Plain(s string) string { return strings.ReplaceAll(s, "**", "") }

// piece is a stretch of one word in one weight.
type piece struct {
	text   string
	weight Weight
	width  float64
	gap    float64 // blank before it; 0 within a word
}

// line is what stands between two breaks.
type line struct {
	pieces []piece
	width  float64
}

// lines breaks a text into lines of a width. Two stars switch bold on and off; a line feed
// breaks; a word longer than the width is broken anywhere.
func (d *Document) lines(s Style, text string, width float64) []line {
	var out []line
	for _, paragraph := range strings.Split(text, "\n") {
		out = append(out, d.fill(d.words(s, paragraph), width)...)
	}
	return out
}

// words cuts a text into words, each one or more pieces.
func (d *Document) words(s Style, text string) (words [][]piece) {
	var word []piece
	end := func() {
		if len(word) > 0 {
			words, word = append(words, word), nil
		}
	}
	for i, run := range strings.Split(text, "**") {
		weight := s.Weight
		if i%2 == 1 {
			weight = Bold
		}
		d.font(s.Family, weight, s.Size)
		gap := d.f.GetStringWidth(" ")
		for j, part := range strings.Split(clean(run), " ") {
			if j > 0 {
				end()
			}
			if part == "" {
				continue
			}
			p := piece{text: part, weight: weight, width: d.f.GetStringWidth(part)}
			if len(word) == 0 {
				p.gap = gap
			}
			word = append(word, p)
		}
	}
	end()
	return words
}

// fill puts words into lines, each as full as it gets.
func (d *Document) fill(words [][]piece, width float64) []line {
	lines := []line{{}}
	for len(words) > 0 {
		word := words[0]
		last := &lines[len(lines)-1]
		need := wordWidth(word)
		gap := word[0].gap
		if len(last.pieces) == 0 {
			gap = 0
		}
		switch {
		case last.width+gap+need <= width+1e-6:
			last.add(word, gap)
			words = words[1:]
		case len(last.pieces) > 0:
			lines = append(lines, line{})
		default: // alone on its line and still too long
			words = append(d.chop(word, width), words[1:]...)
		}
	}
	return lines
}

func wordWidth(word []piece) (sum float64) {
	for _, p := range word {
		sum += p.width
	}
	return sum
}

func (l *line) add(word []piece, gap float64) {
	for i, p := range word {
		p.gap = 0
		if i == 0 {
			p.gap = gap
		}
		l.pieces = append(l.pieces, p)
		l.width += p.gap + p.width
	}
}

// chop breaks a word that is wider than a line in two. The widths of its letters are taken
// in proportion, which is close enough for what is a number or a web address.
func (d *Document) chop(word []piece, width float64) [][]piece {
	first := word[0]
	if first.width <= width && len(word) > 1 {
		return [][]piece{word[:1], word[1:]}
	}
	letters := []rune(first.text)
	if len(letters) < 2 { // a single letter wider than the line: let it stand out
		first.width = min(first.width, width)
		return append([][]piece{{first}}, rest(word)...)
	}
	keep := min(max(1, int(float64(len(letters))*width/first.width*0.95)), len(letters)-1)
	share := first.width / float64(len(letters))
	head, tail := first, first
	head.text, head.width = string(letters[:keep]), min(width, share*float64(keep))
	tail.text, tail.width, tail.gap = string(letters[keep:]), share*float64(len(letters)-keep), 0
	return [][]piece{{head}, append([]piece{tail}, word[1:]...)}
}

func rest(word []piece) [][]piece {
	if len(word) == 1 {
		return nil
	}
	return [][]piece{word[1:]}
}

// step gives the distance from line to line.
func (s Style) step() float64 {
	if s.Tight {
		return s.Size * mmPerPoint * 1.25
	}
	return s.Size * mmPerPoint * leading
}

// drawLines sets lines with their top at y.
func (d *Document) drawLines(s Style, lines []line, x, y, width float64) {
	base := y + s.step()/2 + s.Size*mmPerPoint*0.34 // the middle of small letters on the middle of the line
	for _, l := range lines {
		at := x
		switch s.Align {
		case Center:
			at += (width - l.width) / 2
		case Right:
			at += width - l.width
		}
		for _, p := range l.joined() {
			at += p.gap
			d.font(s.Family, p.weight, s.Size)
			d.f.Text(at, base, p.text)
			at += p.width
		}
		base += s.step()
	}
}

// joined puts pieces of one weight back into one text, so that the file holds whole phrases
// with their blanks and not single words.
func (l line) joined() (out []piece) {
	for _, p := range l.pieces {
		if n := len(out); n > 0 && out[n-1].weight == p.weight {
			blank := ""
			if p.gap > 0 {
				blank = " "
			}
			out[n-1].text += blank + p.text
			out[n-1].width += p.gap + p.width
			continue
		}
		if p.gap > 0 { // the blank belongs to the text as well
			p.text = " " + p.text
			p.width += p.gap
			p.gap = 0
		}
		out = append(out, p)
	}
	return out
}

// Write sets a block of text; words between pairs of stars are bold. A block may run over
// the page, but leaves no line of a short one alone.
func (d *Document) Write(s Style, text string) {
	if s.Size == 0 {
		s.Size = d.size
	}
	if s.Width == 0 {
		s.Width = d.room() - s.Indent
	}
	lines := d.lines(s, text, s.Width)
	if len(lines) <= 3 {
		d.Need(float64(len(lines)) * s.step())
	}
	for len(lines) > 0 {
		d.Need(s.step())
		n := min(len(lines), max(1, int((d.limit-d.y+1e-6)/s.step())))
		d.drawLines(s, lines[:n], marginLeft+s.Indent, d.y, s.Width)
		d.y += float64(n) * s.step()
		lines = lines[n:]
	}
	d.Space(s.After)
}

// Paragraph sets running text.
func (d *Document) Paragraph(text string) { d.Write(Style{After: 2.6}, text) }

// Title sets a centred line in bold.
func (d *Document) Title(text string) {
	d.Write(Style{Weight: Bold, Size: d.size + 1, Align: Center}, text)
}

// Items sets a list with its marks ("1.", "–") hanging left of the text.
func (d *Document) Items(mark func(i int) string, items []string) {
	const hang = 7
	for i, item := range items {
		s := Style{Size: d.size, Indent: hang, Width: d.room() - hang, After: 0.8}
		lines := d.lines(s, item, s.Width)
		d.Need(min(float64(len(lines)), 3) * s.step())
		m := Style{Size: d.size}
		d.drawLines(m, d.lines(m, mark(i), hang), marginLeft, d.y, hang)
		d.Write(s, item)
	}
	d.Space(1.8)
}

// Field is a name and its value.
type Field struct{ Name, Value string }

// Fields sets names with their values behind a colon in one column.
func (d *Document) Fields(fields []Field, nameWidth float64) {
	for _, f := range fields {
		d.field(f, nameWidth, d.room())
	}
	d.Space(2.6)
}

func (d *Document) field(f Field, nameWidth, width float64) {
	s := Style{Size: d.size}
	valueWidth := width - nameWidth - 4
	names, values := d.lines(s, f.Name, nameWidth), d.lines(s, f.Value, valueWidth)
	height := float64(max(len(names), len(values))) * s.step()
	d.Need(height)
	d.drawLines(s, names, marginLeft, d.y, nameWidth)
	d.drawLines(s, d.lines(s, ":", 4), marginLeft+nameWidth, d.y, 4)
	d.drawLines(s, values, marginLeft+nameWidth+4, d.y, valueWidth)
	d.y += height
}

// Head sets what stands between letterhead and text of a letter: fields on the left, the
// lines of date and addressee on the right.
func (d *Document) Head(fields []Field, nameWidth float64, right string) {
	top, half := d.y, d.room()*0.55
	for _, f := range fields {
		d.field(f, nameWidth, half-4)
	}
	left := d.y
	d.y = top
	d.Write(Style{Indent: half}, right)
	d.y = max(d.y, left)
	d.Space(4)
}
