package layout

import (
	"strings"
	"unicode"
)

// shorter are the long words of headings and what they are abbreviated to, in this order. They are
// replaced wherever they stand, since headings are often written without blanks.
var shorter = strings.NewReplacer(
	"nomorindukkependudukan", "nik", "nomorinduk", "nik", "nomor", "no", "nmr", "no",
	"kartukeluarga", "kk", "tanggal", "tgl", "jeniskelamin", "jk", "jeniskel", "jk", "jenkel", "jk",
	"kabupaten", "kab", "kecamatan", "kec", "provinsi", "prov", "propinsi", "prov", "kelurahan", "kel",
	"tempat", "tmp", "tmpt", "tmp", "alamat", "almt", "keluarga", "klrg", "rekening", "rek", "peserta", "pst",
)

// fold brings a heading to a form in which it can be compared: small letters and digits only, the
// common long words abbreviated.
func fold(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return shorter.Replace(b.String())
}

// withoutRemarks drops what stands in brackets: "Jenis Kelamin (L/P)", "NIK [16 digit]".
func withoutRemarks(heading string) string {
	var b strings.Builder
	depth := 0
	for _, r := range heading {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// folds gives the forms a heading may be known by, the most exact first.
func folds(heading string) []string {
	full := fold(heading)
	if short := fold(withoutRemarks(heading)); short != full && short != "" {
		return []string{full, short}
	}
	return []string{full}
}
