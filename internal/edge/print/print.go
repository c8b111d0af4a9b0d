// Package print composes the letters and lists that leave the office on paper. It takes
// plain values, not records: who may print what, and with which number, is decided before.
//
// The words are in the catalogue fragment letter.yaml. A document's digest covers what it
// says, not when it was printed: the same letter printed twice has one digest and one code.
package print

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tepat/internal/kit/i18n"
	"tepat/internal/kit/pdf"
	"tepat/internal/kit/spoken"
)

// Office is the office that issues a document.
type Office struct {
	Above   []string `json:"above"` // levels of government above it, in capitals
	Name    string   `json:"name"`  // in capitals, as in the letterhead
	Address string   `json:"address"`
	Place   string   `json:"place"` // where it signs, such as "Kisaran"
	Phone   string   `json:"phone"`
	Arms    []byte   `json:"-"` // PNG of the region's arms; nil means none
}

// Signer is the official who signs.
type Signer struct {
	Role       string `json:"role"`
	Name       string `json:"name"`
	Note       string `json:"note"`       // rank or NIP, may be empty
	Electronic bool   `json:"electronic"` // signed electronically: a frame says so in place of the hand
}

// Issue is what every document has: who issues it, its number, and how it is checked.
type Issue struct {
	Office Office `json:"office"`
	Number string `json:"number"` // number of the letter in the office's register
	// Code is the short code the register knows the letter by; empty prints one made of the content.
	Code   string    `json:"code,omitempty"`
	Issued time.Time `json:"issued"` // in the zone of the office
	Signer Signer    `json:"signer"`

	CheckURL string `json:"check_url"` // page on which a code is looked up, without scheme or query

	Training  bool `json:"training"`  // watermark LATIHAN
	Synthetic bool `json:"synthetic"` // DATA CONTOH SINTETIS on every page

	Printed   time.Time `json:"-"` // in the zone of the office
	PrintedBy string    `json:"-"`
}

// Printed is a finished document.
type Printed struct {
	PDF    []byte
	Digest [sha256.Size]byte // of what the document says, see Package print
	Code   string            // short code, such as SK-7K4M-92QF, made from the digest
	Pages  int
}

// Press sets documents in the words of one language. Official letters are Indonesian; the
// English ones help an officer explain them.
type Press struct{ words i18n.Printer }

// New makes a press.
func New(words i18n.Printer) Press { return Press{words} }

// sheet is one document being composed.
type sheet struct {
	*pdf.Document
	press Press
	issue Issue
	out   Printed
}

// look is what differs between kinds of documents before their text.
type look struct {
	kind      string // prefix of the code and of the digest: "KEL", "SK", ...
	title     string // key of the title in the catalogue
	size      float64
	landscape bool
	noScan    bool // the document has its own QR code
	several   bool // further letters follow in the same file
	working   bool // a paper to work with: it stands in no register, so there is nothing to check
}

// begin works out the digest of what a document says, and its code.
func (s *sheet) begin(l look, issue Issue, content any) error {
	s.issue = issue
	said, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("print: digest: %w", err)
	}
	s.out.Digest = sha256.Sum256(append([]byte("tepat "+l.kind+"\n"), said...))
	if s.out.Code = issue.Code; s.out.Code == "" {
		s.out.Code = Code(l.kind, s.out.Digest)
	}
	return nil
}

// turn begins the next of several letters that are printed as one file: each has its own code, letterhead and pages.
func (s *sheet) turn(l look, issue Issue, content any) error {
	if err := s.begin(l, issue, content); err != nil {
		return err
	}
	f := s.footer(l)
	f.Page = s.pageAlone
	s.Turn(f)
	s.head()
	return nil
}

// pageAlone numbers the pages of one letter of several, whose number of pages is not known when its foot is set.
func (s *sheet) pageAlone(page int, _ string) string {
	return s.press.words.Text("letter.page_alone", "page", page)
}

func (s *sheet) head() {
	head := s.issue.Office
	s.Letterhead(pdf.Letterhead{Above: head.Above, Office: head.Name, Address: head.Address, Arms: head.Arms})
}

// open starts a document: digest, code, letterhead.
func (p Press) open(l look, issue Issue, content any) (*sheet, error) {
	s := &sheet{press: p}
	if err := s.begin(l, issue, content); err != nil {
		return nil, err
	}
	o := pdf.Options{
		Title: strings.TrimSpace(p.words.Text(l.title) + " " + issue.Number), Author: issue.Office.Name,
		Created: issue.Printed, Landscape: l.landscape, Size: l.size, Footer: s.footer(l),
	}
	if issue.Training {
		o.Watermark = append(o.Watermark, p.words.Text("letter.training"))
	}
	if issue.Synthetic {
		o.Watermark = append(o.Watermark, p.words.Text("letter.synthetic"))
		o.Notice = p.words.Text("letter.synthetic")
	}
	if l.several {
		o.Footer.Page = s.pageAlone
	}
	s.Document = pdf.New(o)
	s.head()
	return s, nil
}

func (s *sheet) footer(l look) pdf.Footer {
	words, check := s.press.words, "letter.check"
	if l.noScan {
		check = "letter.check_by_code"
	}
	f := pdf.Footer{
		Code: s.out.Code,
		Lines: []string{
			words.Text(check, "url", s.issue.CheckURL),
			words.Text("letter.digest", "digest", hex.EncodeToString(s.out.Digest[:])),
			words.Text("letter.printed", "at", words.Moment(s.issue.Printed), "by", s.issue.PrintedBy),
		},
		Page: func(page int, pages string) string { return words.Text("letter.page", "page", page, "pages", pages) },
	}
	switch {
	case l.working:
		f.Lines = f.Lines[1:]
	case !l.noScan:
		f.Scan = s.link()
	}
	return f
}

// link is what the QR code of the footer holds. The code goes into the fragment, which a
// browser does not send, so that no proxy log on the way keeps it.
func (s *sheet) link() string { return "https://" + s.issue.CheckURL + "#" + s.out.Code }

// finish ends the document.
func (s *sheet) finish() (Printed, error) {
	s.out.Pages = s.Pages()
	var err error
	if s.out.PDF, err = s.Bytes(); err != nil {
		return Printed{}, fmt.Errorf("print: %w", err)
	}
	return s.out, nil
}

// say gives a sentence of the catalogue; text facts lose their bold marks, because only the
// catalogue may set bold.
func (s *sheet) say(key string, facts ...any) string {
	for i := 1; i < len(facts); i += 2 {
		if text, ok := facts[i].(string); ok {
			facts[i] = pdf.Plain(text)
		}
	}
	return s.press.words.Text(key, facts...)
}

// about sets what stands between letterhead and text: number and subject on the left, place,
// date and addressee on the right.
func (s *sheet) about(subject string, to ...string) {
	right := []string{s.placeAndDate(), "", s.say("letter.to")}
	for _, line := range to {
		if line != "" {
			right = append(right, pdf.Plain(line))
		}
	}
	s.Head([]pdf.Field{
		{Name: s.say("letter.number"), Value: pdf.Plain(s.issue.Number)},
		{Name: s.say("letter.subject"), Value: "**" + subject + "**"},
	}, 16, strings.Join(right, "\n"))
}

func (s *sheet) placeAndDate() string {
	return pdf.Plain(s.issue.Office.Place) + ", " + s.press.words.Date(s.issue.Issued)
}

// section sets a small heading and keeps it with the text below.
func (s *sheet) section(key string) {
	s.Need(18)
	s.Write(pdf.Style{Weight: pdf.Bold, After: 0.6}, s.say(key))
}

// sign sets the signature of the office. A letter has place and date in its head, other
// documents here.
func (s *sheet) sign(place string) {
	signer := s.issue.Signer
	body := ""
	if signer.Electronic {
		body = s.say("letter.signed_electronically")
	}
	s.Signatures(pdf.Signature{Place: place, Role: signer.Role + ",", Body: body, Name: signer.Name, Note: signer.Note})
}

// Code gives the short code of a document: a prefix that tells its kind and eight letters
// from its digest. 40 bits are enough to find it; who checks compares the digest too.
func Code(kind string, digest [sha256.Size]byte) string {
	var values [8]byte
	bits := uint64(0)
	for _, b := range digest[:5] {
		bits = bits<<8 | uint64(b)
	}
	for i := range values {
		values[i] = byte(bits >> (35 - 5*i) & 31)
	}
	return kind + "-" + spoken.Write(values[:])
}

// maskNIK hides the middle of a sixteen-digit number, where the date of birth stands.
func maskNIK(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) != 16 {
		return number // masked already, or no number
	}
	return digits[:4] + " .... .... " + digits[12:]
}
