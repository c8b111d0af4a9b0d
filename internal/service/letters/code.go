package letters

import (
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

// alphabet is Crockford's base 32: no I, L, O, U, which are misread or misspoken.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A code is three letters that tell the tenant, so that it is found in one district, and
// nine from chance: 45 bits, which nobody guesses through a page that is limited.
const (
	tenantLetters = 3
	randomLetters = 9
	codeLetters   = tenantLetters + randomLetters
	group         = 4
	maxTenant     = 1<<(5*tenantLetters) - 1
)

// newCode makes a code from nine bytes of chance.
func newCode(tenant area.Tenant, chance [randomLetters]byte) string {
	var plain [codeLetters]byte
	for i := range tenantLetters {
		plain[i] = alphabet[int(tenant)>>(5*(tenantLetters-1-i))&31]
	}
	for i, b := range chance {
		plain[tenantLetters+i] = alphabet[b&31]
	}
	return spaced(plain[:])
}

func spaced(plain []byte) string {
	var b strings.Builder
	for i, c := range plain {
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// ParseCode reads a code as people type it: in small letters, without hyphens, with O for
// 0 and I or L for 1. Error: letter.code.
func ParseCode(s string) (code string, tenant area.Tenant, err error) {
	var plain []byte
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '-', '.':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		at := strings.IndexRune(alphabet, r)
		if at < 0 || len(plain) == codeLetters {
			return "", 0, fail.Invalid("letter.code").On("code")
		}
		if len(plain) < tenantLetters {
			tenant = tenant<<5 | area.Tenant(at)
		}
		plain = append(plain, alphabet[at])
	}
	if len(plain) != codeLetters {
		return "", 0, fail.Invalid("letter.code").On("code")
	}
	return spaced(plain), tenant, nil
}
