package proposals

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

// Alikes finds who of the registry may be the people of a form although no number tells; identity.Service does.
type Alikes interface {
	TellIn(ctx context.Context, tx *act.Tx, asked []identity.Asked) (told [][]identity.Resembling, reach identity.Reach, err error)
	AlikeIn(ctx context.Context, q sqldb.Querier, asked []identity.Asked) (found [][]identity.Alike, reach identity.Reach, err error)
}

// alikeIn adds the families in which somebody is alike to a member of the form. Families told already are left out,
// and so is the family the proposal is about. How the values agree is told only of families the actor may see: it
// would say something of the others.
func (s *Service) alikeIn(ctx context.Context, tx *act.Tx, village area.Code, d Document, own *Row, told map[sqldb.ID]bool, found []Held) (held []Held, err error) {
	if s.alikes == nil || len(d.Members) == 0 {
		return found, nil
	}
	list, reach, err := s.alikes.AlikeIn(ctx, tx, asked(village, d, s.places.TenantOf(village)))
	if err != nil {
		return nil, fmt.Errorf("find who is alike: %w", err)
	}
	if !reach.Ready {
		return append(found, Held{Unready: true}), nil
	}
	if reach.Missing > 0 {
		defer func() { held = append(held, Held{Missing: reach.Missing}) }()
	}
	for _, h := range found {
		told[h.Family] = true
	}
	for i, few := range list {
		for _, one := range few {
			p, err := s.reg.PersonIn(ctx, tx, one.Tenant, one.ID)
			if fail.CodeOf(err) == "registry.no_person" || err == nil && (p.State != registry.Active || told[p.FamilyID] || own != nil && p.FamilyID == own.Registered) {
				continue // gone since, or told
			}
			if err != nil {
				return nil, err
			}
			h, err := s.holderIn(ctx, tx, tx.Who, registry.HolderOf{Tenant: p.Tenant, FamilyID: p.FamilyID})
			if err != nil {
				return nil, err
			}
			told[p.FamilyID] = true
			h.Member, h.Alike, h.Twin = i, true, one.Twin
			if tx.Who.Allow(access.ReadRegistry, p.Tenant, p.Area) == nil {
				h.Agreed = one.Agreed
			}
			found = append(found, h)
		}
	}
	return found, nil
}

// asked are the people of a form as the engine compares them. Who stands in the registry is herself, so that whom somebody
// found to be another person is not told again.
func asked(village area.Code, d Document, tenant area.Tenant) []identity.Asked {
	out := make([]identity.Asked, len(d.Members))
	for i, m := range d.Members {
		who := identity.Who{Tenant: tenant, ID: m.Person}
		if m.Person.IsZero() {
			who = identity.Who{}
		}
		out[i] = identity.Asked{
			Who: who,
			NIK: m.NIK, KK: d.KK, Name: m.Name.Plain(), BirthDate: m.BirthDate, BirthPlace: m.BirthPlace, Sex: m.Sex, MotherName: m.MotherName.Plain(),
			Area: village, Address: d.Address, Phone: d.Phone, Relation: m.Relation,
		}
	}
	return out
}
