// Package svg draws charts and maps as small SVG texts for pages and prints.
//
// A picture holds geometry in attributes and meaning in classes, never a style attribute,
// so that it lives under a strict content policy and follows the page's light, dark and
// print colours (Stylesheet). Every picture is one image to assistive technology, with a
// title and a description; the page sets the same figures as a table beside it.
package svg

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed svg.css
var stylesheet string

// Stylesheet gives the rules for the classes pictures use. It refers to the page's colour
// tokens and falls back to the light ones.
func Stylesheet() string { return stylesheet }

// Standalone gives a picture with its rules inside, for a file that leaves the page.
func Standalone(picture string) string {
	end := strings.IndexByte(picture, '>')
	return picture[:end+1] + "<style>" + stylesheet + "</style>" + picture[end+1:]
}

// Figure is what every picture has.
type Figure struct {
	ID     string // unique on its page, letters and digits
	Title  string // what is shown, where and when
	Desc   string // what a reader should see in it, in one sentence
	NoData string // the words for a missing value, such as "tidak ada data"
}

// Datum is one value with its name and its text as printed.
type Datum struct {
	Code  string // of the area, where the picture is a map
	Name  string
	Value float64
	Text  string // the value as people read it: "12,5%"
	None  bool   // no value: hatched, and Text is ignored
}

// The measures shared by the pictures, in user units. Pictures are drawn for a width near
// that of a phone, because text cannot grow again when the picture shrinks.
const (
	width    = 420
	fontSize = 13
	lineStep = 18
)

// picture collects the text of one SVG.
type picture struct {
	strings.Builder
	figure Figure
}

// open starts a picture of a size in user units.
func open(f Figure, w, h int) *picture {
	p := &picture{figure: f}
	p.raw(`<svg xmlns="http://www.w3.org/2000/svg" class="fig" viewBox="0 0 `, num(float64(w)), " ", num(float64(h)),
		`" width="`, num(float64(w)), `" height="`, num(float64(h)), `" font-size="`, num(fontSize),
		`" role="img" aria-labelledby="`, f.ID, `-t `, f.ID, `-d"><title id="`, f.ID, `-t">`)
	p.escape(f.Title)
	p.raw(`</title><desc id="`, f.ID, `-d">`)
	p.escape(f.Desc)
	p.raw(`</desc>`)
	return p
}

func (p *picture) close() string {
	p.raw("</svg>")
	return p.String()
}

func (p *picture) raw(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// escape writes text for an element's content or a quoted attribute. Characters that XML
// does not allow are left out.
func (p *picture) escape(s string) {
	for _, r := range s {
		switch {
		case r == '&':
			p.WriteString("&amp;")
		case r == '<':
			p.WriteString("&lt;")
		case r == '>':
			p.WriteString("&gt;")
		case r == '"':
			p.WriteString("&#34;")
		case r < ' ' && r != '\n' && r != '\t', r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
		default:
			p.WriteRune(r)
		}
	}
}

// hatch defines the pattern of missing values, once a picture.
func (p *picture) hatch() {
	p.raw(`<defs><pattern id="`, p.figure.ID, `-h" width="6" height="6" patternUnits="userSpaceOnUse">`,
		`<path class="hb" d="M0 0h6v6h-6z"/><path class="hl" d="M-1 7L7-1M-1 1L1-1M5 7L7 5"/></pattern></defs>`)
}

// group opens a group of one class; the class of missing values carries the hatch.
func (p *picture) group(class string) {
	p.raw(`<g class="`, class, `"`)
	if class == none {
		p.raw(` fill="url(#`, p.figure.ID, `-h)"`)
	}
	p.raw(">")
}

func (p *picture) endGroup() { p.raw("</g>") }

// rect draws a rectangle; tip, when not empty, is its tooltip.
func (p *picture) rect(class string, x, y, w, h float64, tip string) {
	p.raw("<path")
	if class != "" {
		p.raw(` class="`, class, `"`)
	}
	if class == none {
		p.raw(` fill="url(#`, p.figure.ID, `-h)"`)
	}
	p.raw(` d="`, box(x, y, w, h), `"`)
	p.tip("path", tip)
}

// tip ends an open tag, with a tooltip inside when there is one.
func (p *picture) tip(tag, text string) {
	if text == "" {
		p.raw("/>")
		return
	}
	p.raw("><title>")
	p.escape(text)
	p.raw("</title></", tag, ">")
}

// text writes a line; anchor is "start", "middle" or "end".
func (p *picture) text(class string, x, y float64, anchor, s string) {
	p.raw("<text")
	if class != "" {
		p.raw(` class="`, class, `"`)
	}
	p.raw(` x="`, num(x), `" y="`, num(y), `"`)
	if anchor != "start" {
		p.raw(` text-anchor="`, anchor, `"`)
	}
	p.raw(">")
	p.escape(s)
	p.raw("</text>")
}

// box gives the path of a rectangle, the shortest way to write one.
func box(x, y, w, h float64) string {
	return "M" + num(x) + " " + num(y) + "h" + num(w) + "v" + num(h) + "h" + num(-w) + "z"
}

// num writes a coordinate with at most one decimal; what is no number becomes 0.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	v = math.Round(v*10) / 10
	if v == 0 {
		return "0" // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// letter is the mean width of a letter; system fonts differ, so it is generous.
const letter = 0.56 * fontSize

// span estimates the width of a text in user units.
func span(s string) float64 { return letter * float64(utf8.RuneCountInString(s)) }

// fit cuts a text to a width and marks the cut.
func fit(s string, room float64) string {
	if span(s) <= room {
		return s
	}
	keep := int(room/letter) - 1
	if keep < 1 {
		return ""
	}
	return strings.TrimRight(string([]rune(s)[:keep]), " ") + "…"
}

// label gives the tooltip of a datum: its name and its value.
func (f Figure) label(d Datum) string { return d.Name + ": " + f.value(d) }

// value gives the text of a datum, or the words for none.
func (f Figure) value(d Datum) string {
	if d.missing() {
		return f.NoData
	}
	return d.Text
}

// missing reports a datum without a usable value.
func (d Datum) missing() bool { return d.None || math.IsNaN(d.Value) || math.IsInf(d.Value, 0) }

// largest gives the greatest value, 0 when there is none above it.
func largest(data []Datum) (most float64) {
	for _, d := range data {
		if !d.missing() {
			most = max(most, d.Value)
		}
	}
	return most
}

// share gives part/whole, 0 when the whole is nothing.
func share(part, whole float64) float64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return part / whole
}
