package payments

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/kit/sqldb"
)

// Owed is what a stage would pay by the list and the registry as they stand now: what whoever approves the run
// looks at. Listed is all of it; Excluded is the part that would not be paid.
type Owed struct {
	Cycle            Cycle
	Listed, Excluded Sum
	Villages         []OwedVillage
	Amounts          []OwedAmount
}

// OwedVillage is the part of a village.
type OwedVillage struct {
	Area             area.Code
	Listed, Excluded Sum
}

// OwedAmount counts the rows of one amount, excluded ones too.
type OwedAmount struct {
	Amount money.Rupiah
	Rows   int64
}

// Owed works a stage out by village and by amount, and keeps nothing. It gives sums, no persons, to who runs or
// approves payments in the district; it is no act. Errors: as of a run of kind pay.
func (s *Service) Owed(ctx context.Context, who access.Actor, tenant area.Tenant, cycle sqldb.ID) (out Owed, err error) {
	district, err := s.district(tenant)
	if err != nil {
		return out, err
	}
	if err := who.Allow(access.RunPayment, tenant, district); err != nil {
		if err = who.Allow(access.ApprovePayment, tenant, district); err != nil {
			return out, err
		}
	}
	villages, amounts := map[area.Code]*OwedVillage{}, map[money.Rupiah]int64{}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		p, err := s.planOf(ctx, tx, tenant, cycle)
		if err != nil {
			return err
		}
		out.Cycle = p.cycle
		return s.eachEntitled(ctx, tx, p, func(e *entitlement) {
			v := villages[e.area]
			if v == nil {
				v = &OwedVillage{Area: e.area}
				villages[e.area] = v
			}
			one := Sum{1, e.amount}
			v.Listed.add(one)
			out.Listed.add(one)
			if e.excluded != "" {
				v.Excluded.add(one)
				out.Excluded.add(one)
			}
			amounts[e.amount]++
		})
	})
	for _, code := range slices.Sorted(maps.Keys(villages)) {
		out.Villages = append(out.Villages, *villages[code])
	}
	for amount, rows := range amounts {
		out.Amounts = append(out.Amounts, OwedAmount{amount, rows})
	}
	slices.SortFunc(out.Amounts, func(a, b OwedAmount) int { return cmp.Compare(a.Amount, b.Amount) })
	return out, err
}
