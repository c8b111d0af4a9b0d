package person

import (
	"fmt"
	"log/slog"

	"tepat/internal/kit/fail"
)

// Phone is an Indonesian phone number in the international form without blanks, +6281234567890.
// It prints masked; the zero Phone is "none".
type Phone struct {
	s string
}

// ParsePhone reads a number as people write it: 0812-3456-7890, +62 812 3456 7890, 62812…, and
// 812… as spreadsheets leave it after dropping the zero. Errors: phone.empty, phone.characters,
// phone.country (another country's number), phone.length (fact digits, after the 0).
func ParsePhone(s string) (Phone, error) {
	digits := make([]byte, 0, 16)
	international := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && len(digits) == 0 && !international:
			international = true
		case c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '\'' || c == '/':
		default:
			return Phone{}, fail.Invalid("phone.characters")
		}
	}
	if len(digits) == 0 {
		return Phone{}, fail.Invalid("phone.empty")
	}
	national, ok := nationalPart(string(digits), international)
	if !ok {
		return Phone{}, fail.Invalid("phone.country")
	}
	// Area code and subscriber: the shortest landlines have 8 digits, the longest mobiles 12.
	if len(national) < 8 || len(national) > 12 || national[0] == '0' || national[0] == '1' {
		return Phone{}, fail.Invalid("phone.length", "digits", len(national))
	}
	return Phone{"+62" + national}, nil
}

func nationalPart(digits string, international bool) (string, bool) {
	hasCountry := len(digits) > 2 && digits[:2] == "62"
	switch {
	case international && !hasCountry:
		return "", false
	case hasCountry && (international || len(digits) > 10 && digits[2] == '8'):
		digits = digits[2:]
	}
	if len(digits) > 0 && digits[0] == '0' { // 0812…, and the common slip +62 0812…
		digits = digits[1:]
	}
	return digits, true
}

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p.s == "" }

// Plain gives the full number, for the sealed path and for calling it.
func (p Phone) Plain() string { return p.s }

// String shows the number masked, "0812-xxxx-3456".
func (p Phone) String() string {
	if p.s == "" {
		return ""
	}
	return "0" + p.s[3:6] + "-xxxx-" + p.s[len(p.s)-4:]
}

// Format prints the number masked whatever the verb.
func (p Phone) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// LogValue logs the number masked.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText always fails with phone.plain, see NIK.MarshalText.
func (p Phone) MarshalText() ([]byte, error) { return nil, fail.Invalid("phone.plain") }
