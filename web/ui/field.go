package ui

import (
	"context"
	"strings"
)

// Field is one question of a form: what it asks, what was answered, and what is wrong with it.
type Field struct {
	Name         string // form name; the id is the same with dots turned to hyphens
	Label        string
	Hint         string
	Error        string // the sentence of the error summary, word for word
	Value        string
	Optional     bool
	Source       string // where a reused answer comes from: "Dari Dukcapil, 3 Okt 2026"
	Autocomplete string // HTML token; "off" when empty
	Chars        int    // width in characters; 0 is the full width
	MaxLength    int
	Kind         Kind
	LabelHidden  bool // keeps the label for screen readers only
	ReadOnly     bool
	Focus        bool   // takes the keyboard when the page opens: a line of text or a choice, one a page
	Prefix       string // "Rp"
	Suffix       string // "m²"
}

// Kind is what sort of text a field takes; it chooses keyboard and width, never validity.
type Kind string

// The kinds of text fields.
const (
	Text     Kind = ""
	NIK      Kind = "nik"    // 16 digits, grouped in fours by script while typing
	KK       Kind = "kk"     // number of a family card, 16 digits
	Digits   Kind = "digits" // a code made of digits, such as a one-time code
	Count    Kind = "count"  // a whole number
	Email    Kind = "email"
	Phone    Kind = "tel"
	Password Kind = "password"
	Search   Kind = "search"
)

// Option is one choice of a select, radio or checkbox field.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Selected bool
}

// DateParts is a date as it was typed, wrong or not.
type DateParts struct{ Day, Month, Year string }

// ID gives the id of the field's control, which the error summary links to.
func (f Field) ID() string { return FieldID(f.Name) }

// FieldID turns a form name into an HTML id.
func FieldID(name string) string {
	return strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

func (f Field) hintID() string  { return f.ID() + "-hint" }
func (f Field) errorID() string { return f.ID() + "-error" }

// describedBy lists the ids of hint, error and source, for aria-describedby.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.hintID())
	}
	if f.Source != "" {
		ids = append(ids, f.ID()+"-source")
	}
	if f.Error != "" {
		ids = append(ids, f.errorID())
	}
	return strings.Join(ids, " ")
}

func (f Field) groupClass() string {
	if f.Error != "" {
		return "field field-wrong"
	}
	return "field"
}

// label gives the words of the label with "(opsional)" where an answer is not needed.
func (f Field) label(ctx context.Context) string {
	if f.Optional {
		return f.Label + " " + text(ctx, "ui.optional")
	}
	return f.Label
}

func (f Field) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// inputType gives the HTML type. Numbers stay text: type=number drops leading zeros, scrolls
// by accident and shows no paste error (GOV.UK research).
func (f Field) inputType() string {
	switch f.Kind {
	case Email, Phone, Password, Search:
		return string(f.Kind)
	}
	return "text"
}

func (f Field) inputMode() string {
	switch f.Kind {
	case NIK, KK, Digits, Count:
		return "numeric"
	}
	return ""
}

// maxLength allows the spaces people paste into a 16-digit number.
func (f Field) maxLength() int {
	if f.MaxLength > 0 {
		return f.MaxLength
	}
	if f.Kind == NIK || f.Kind == KK {
		return 24
	}
	return 0
}

func (f Field) inputClass() string {
	c := "input"
	switch f.Kind {
	case NIK, KK, Digits:
		c += " input-digits"
	case Count:
		c += " input-count"
	}
	switch {
	case f.Kind == NIK || f.Kind == KK:
		return c + " chars-20"
	case f.Chars == 0:
		return c
	case f.Chars <= 4:
		return c + " chars-4"
	case f.Chars <= 10:
		return c + " chars-10"
	case f.Chars <= 20:
		return c + " chars-20"
	}
	return c + " chars-30"
}
