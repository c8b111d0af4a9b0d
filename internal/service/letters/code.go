package letters

import (
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/spoken"
)

// A code is three letters that tell the tenant, so that it is found in one district, and
// nine from chance: 45 bits, which nobody guesses through a page that is limited.
const (
	tenantLetters = 3
	randomLetters = 9
	codeLetters   = tenantLetters + randomLetters
	maxTenant     = 1<<(5*tenantLetters) - 1
)

// newCode makes a code from nine bytes of chance.
func newCode(tenant area.Tenant, chance [randomLetters]byte) string {
	values := make([]byte, 0, codeLetters)
	for i := range tenantLetters {
		values = append(values, byte(int(tenant)>>(5*(tenantLetters-1-i))&31))
	}
	return spoken.Write(append(values, chance[:]...))
}

// ParseCode reads a code as people type it, with whose district it is of. Error: letter.code.
func ParseCode(s string) (code string, tenant area.Tenant, err error) {
	values, ok := spoken.Read(s, codeLetters)
	if !ok {
		return "", 0, fail.Invalid("letter.code").On("code")
	}
	for _, v := range values[:tenantLetters] {
		tenant = tenant<<5 | area.Tenant(v)
	}
	return spoken.Write(values), tenant, nil
}
