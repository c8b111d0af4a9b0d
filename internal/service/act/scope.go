package act

import (
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
)

// Where renders a scope as a condition on the tenant and area columns, such as
// "p.kabkota" and "p.area_code": tenants AND half-open code ranges. An empty scope
// renders a condition that is never true.
func Where(s access.Scope, tenantColumn, areaColumn string, args *sqldb.Args) string {
	if s.Empty() {
		return "1 = 0"
	}
	var parts []string
	if tenants := s.Tenants(); len(tenants) > 0 {
		values := make([]int64, len(tenants))
		for i, t := range tenants {
			values[i] = int64(t)
		}
		parts = append(parts, tenantColumn+" IN "+sqldb.In(args, values))
	}
	if !s.Nation() {
		var ranges []string
		for _, r := range s.Ranges() {
			ranges = append(ranges, "("+areaColumn+" >= "+args.P(int64(r.From))+" AND "+areaColumn+" < "+args.P(int64(r.To))+")")
		}
		parts = append(parts, "("+strings.Join(ranges, " OR ")+")")
	}
	if len(parts) == 0 { // the nation, all tenants
		return tenantColumn + " > 0"
	}
	return strings.Join(parts, " AND ")
}
