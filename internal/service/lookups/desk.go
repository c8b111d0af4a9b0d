package lookups

import (
	"context"
	"fmt"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
)

// Places gives the date at an area; service/areas does.
type Places = letters.Places

// Desk answers staff at the counter: the KTP lies before them and the purpose is noted.
type Desk struct {
	acts       *act.Acts
	reg        *registry.Service
	programmes *programmes.Service
	letters    *letters.Service
	places     Places
}

// NewDesk makes the desk.
func NewDesk(acts *act.Acts, reg *registry.Service, lists *programmes.Service, register *letters.Service, places Places) *Desk {
	return &Desk{acts, reg, lists, register, places}
}

// Found is what a look-up tells.
type Found struct {
	// Registered tells that somebody holds the NIK and is active in the registry.
	Registered bool
	// Elsewhere is the village of a person outside the asker's area; nothing else is told of her.
	Elsewhere  area.Code
	Person     registry.Person
	Family     registry.Family
	Members    []registry.Person
	Enrolments []programmes.Enrolment
}

// LookUp finds the holder of a NIK. The purpose is kept with the audit entry, also when
// nobody is found. Errors: lookup.purpose, access.denied.
func (d *Desk) LookUp(ctx context.Context, who access.Actor, nik person.NIK, purpose string) (f Found, err error) {
	if strings.TrimSpace(purpose) == "" {
		return f, fail.Invalid("lookup.purpose").On("purpose")
	}
	err = d.acts.View(ctx, who, "lookup.desk", purpose, func(tx *act.Tx) error {
		f, err = d.lookUpIn(ctx, tx, nik)
		return err
	})
	return f, err
}

func (d *Desk) lookUpIn(ctx context.Context, tx *act.Tx, nik person.NIK) (f Found, err error) {
	scope, err := tx.AllowList(access.LookUp)
	if err != nil {
		return f, err
	}
	hash := d.reg.NIKHash(nik)
	holders, err := d.reg.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return f, fmt.Errorf("look up: %w", err)
	}
	holder, held := holders[hash]
	entry := audit.OfReader(tx.Who, map[string]any{"found": held})
	if !held {
		return f, tx.Record(ctx, entry)
	}
	p, err := d.reg.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	if err != nil {
		return f, err
	}
	entry.Subject = p.ID
	if !scope.Contains(p.Area) {
		f.Elsewhere = p.Area
		return f, tx.Record(ctx, entry)
	}
	if err := tx.Allow(access.LookUp, p.Tenant, p.Area); err != nil {
		return f, err
	}
	entry.Tenant, entry.Area = p.Tenant, p.Area
	if err := d.fillIn(ctx, tx, p, &f); err != nil {
		return f, err
	}
	return f, tx.Record(ctx, entry)
}

func (d *Desk) fillIn(ctx context.Context, tx *act.Tx, p registry.Person, f *Found) (err error) {
	f.Registered, f.Person = p.State == registry.Active, p
	if f.Family, err = d.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID); err != nil {
		return err
	}
	if f.Members, err = d.reg.MembersIn(ctx, tx, p.Tenant, p.FamilyID); err != nil {
		return fmt.Errorf("look up members: %w", err)
	}
	family, err := d.programmes.OfFamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil {
		return err
	}
	f.Enrolments = family
	return nil
}

// letterDays is how long a registration letter holds: office practice, no rule was found.
const letterDays = 30

// RegistrationFacts are what a registration letter says, beside what is read when it is printed.
type RegistrationFacts struct {
	Registered bool     `json:"registered"`
	Decile     int64    `json:"decile"`
	Vintage    string   `json:"vintage"`
	Official   bool     `json:"official"`
	Programmes []string `json:"programmes"`
	Purpose    string   `json:"purpose"`
}

// Issue gives the holder of a NIK the letter that says whether she is in the registry.
// Errors: lookup.purpose, lookup.elsewhere, lookup.nobody, access.denied.
func (d *Desk) Issue(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (l letters.Letter, err error) {
	if strings.TrimSpace(purpose) == "" {
		return l, fail.Invalid("lookup.purpose").On("purpose")
	}
	err = d.acts.Write(ctx, who, "lookup.letter", func(tx *act.Tx) error {
		p, err := d.reg.PersonIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.IssueLetter, tenant, p.Area); err != nil {
			return err
		}
		var f Found
		if err := d.fillIn(ctx, tx, p, &f); err != nil {
			return err
		}
		l, err = d.letters.IssueIn(ctx, tx, letters.New{Tenant: tenant, Kind: letters.Registration, Subject: id, Area: p.Area,
			Facts: factsOf(f, purpose), Expires: d.places.LocalDate(p.Area, tx.Now).AddDays(letterDays)})
		if err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.Area, Subject: id, Facts: map[string]any{"letter": l.Number, "purpose": purpose}})
	})
	return l, err
}

func factsOf(f Found, purpose string) RegistrationFacts {
	out := RegistrationFacts{Registered: f.Registered, Decile: f.Family.Decile, Vintage: f.Family.DecileVintage, Official: f.Family.DecileSource == registry.Official, Purpose: purpose}
	for _, e := range f.Enrolments {
		if e.State == programmes.Enrolled {
			out.Programmes = append(out.Programmes, string(e.Programme))
		}
	}
	return out
}

// Letter reads a registration letter with whom it is about, to print it.
func (d *Desk) Letter(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (l letters.Letter, f Found, err error) {
	if l, err = d.letters.Show(ctx, who, tenant, id, "print"); err != nil {
		return l, f, err
	}
	err = d.acts.View(ctx, who, "lookup.print", "", func(tx *act.Tx) error {
		p, err := d.reg.PersonIn(ctx, tx, tenant, l.Subject)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.IssueLetter, tenant, p.Area); err != nil {
			return err
		}
		if err := d.fillIn(ctx, tx, p, &f); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.Area, Subject: p.ID, Facts: map[string]any{"letter": l.Number}})
	})
	return l, f, err
}

// Today gives the date at an area, by which pages show until when a letter holds.
func (d *Desk) Today(at area.Code) period.Date { return d.places.LocalDate(at, d.acts.Now()) }
