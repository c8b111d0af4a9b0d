package files

import (
	"path/filepath"
	"strings"
	"unicode"
)

// maxName is the longest file name every file system takes, in bytes.
const maxName = 200

// device reports whether Windows would open a device under that name, whatever its extension.
func device(part string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(part), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if !strings.HasPrefix(base, "COM") && !strings.HasPrefix(base, "LPT") {
		return false
	}
	number := base[3:]
	return len(number) == 1 && number[0] >= '0' && number[0] <= '9' || number == "¹" || number == "²" || number == "³"
}

// Name makes a plain file name of any text, such as the name of an uploaded file: folders are cut
// off, what some system refuses becomes "-", and every run of twelve or more digits becomes "x",
// because officers name files after a NIK or a No. KK and those must not stay in a file name. An
// empty rest becomes "berkas".
func Name(raw string) string {
	raw = strings.ToValidUTF8(raw, "-")
	raw = raw[strings.LastIndexAny(raw, `/\`)+1:]
	raw = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`:*?"<>|`, r) {
			return '-'
		}
		return r
	}, raw)
	raw = shorten(maskDigits(raw))
	raw = strings.Trim(raw, " .-")
	if raw == "" || device(raw) {
		return strings.Trim("berkas-"+raw, "-")
	}
	return raw
}

// maskDigits replaces long runs of digits, also when spaces, dots or dashes group them.
func maskDigits(s string) string {
	const long = 12
	var b strings.Builder
	for i := 0; i < len(s); {
		end, digits := run(s[i:])
		switch {
		case digits >= long:
			b.WriteByte('x')
		case end > 0:
			b.WriteString(s[i : i+end])
		default:
			end = 1
			b.WriteByte(s[i])
		}
		i += end
	}
	return b.String()
}

// run measures the group of digits that s begins with: its length in bytes and its digits.
func run(s string) (end, digits int) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
			end = i + 1
		case digits > 0 && strings.IndexByte(" .-_", s[i]) >= 0:
			continue
		default:
			return end, digits
		}
	}
	return end, digits
}

// shorten cuts the middle of a name that is too long, so that the extension stays.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := filepath.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	return strings.ToValidUTF8(name[:maxName-len(ext)], "") + ext
}
