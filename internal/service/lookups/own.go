package lookups

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/service/visits"
)

// OwnParts are what the service is made of.
type OwnParts struct {
	Acts       *act.Acts
	Keys       *seal.Keyring
	Registry   *registry.Service
	Programmes *programmes.Service
	Payments   *payments.Service
	Screening  *screening.Service
	Letters    *letters.Service
	Visits     *visits.Service
	Places     Places
}

// Own shows a person what is kept about herself: her family's record, what it receives and why something stopped, and who
// looked. She comes with her NIK and a code on paper (IssueCode). It is safe for concurrent use.
type Own struct {
	OwnParts
	budgets *Budgets
	turns   [256]sync.Mutex // by the first byte of a NIK's keyed hash
}

// NewOwn makes the service, with the budgets of the public check.
func NewOwn(p OwnParts, limits Limits) *Own {
	return &Own{OwnParts: p, budgets: NewBudgets(limits)}
}

// Record is what is kept about a person and her family. Identifiers print masked.
type Record struct {
	Person     registry.Person
	Family     registry.Family
	Members    []registry.Person
	Places     []OwnPlace
	Payments   []payments.Payment
	Findings   []screening.Finding
	Answers    []registry.Answers
	Visits     []visits.Found // that were not withdrawn
	LastChange Change
	Code       AccessCode
}

// OwnPlace is a place on a list, with what was decided about it alone.
type OwnPlace struct {
	programmes.Enrolment
	Changes []programmes.Change
}

// Change tells when a record changed last, and at which office.
type Change struct {
	At time.Time
	// Role and Area are of who changed it; empty and zero where that is not one officer, such as an import.
	Role access.Role
	Area area.Code
	// Source is where the record came from.
	Source string
}

// Look is one time somebody opened or changed a record.
type Look struct {
	ID      sqldb.ID
	At      time.Time
	Act     string // its words are auditweb.act.<act>
	Role    access.Role
	Area    area.Code
	Purpose string
	// Own tells that it was the person herself.
	Own bool
}

// See gives a person her record. It is recorded as her own look. Error: access_code.closed.
func (o *Own) See(ctx context.Context, in Opened) (r Record, err error) {
	err = o.view(ctx, in, "self.open", func(tx *act.Tx, c AccessCode) error {
		r, err = o.recordIn(ctx, tx, in)
		r.Code = c
		return err
	})
	return r, err
}

// view runs f as an act of the person who is in.
func (o *Own) view(ctx context.Context, in Opened, name string, f func(*act.Tx, AccessCode) error) error {
	return o.Acts.View(ctx, in.actor(), name, "", func(tx *act.Tx) error {
		c, err := o.liveIn(ctx, tx, in)
		if err != nil {
			return err
		}
		if err := f(tx, c); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: in.Tenant, Area: c.Area, Subject: in.Person, Facts: map[string]any{"letter": c.Number}})
	})
}

func (o *Own) recordIn(ctx context.Context, tx *act.Tx, in Opened) (r Record, err error) {
	if r.Person, err = o.Registry.PersonIn(ctx, tx, in.Tenant, in.Person); err != nil {
		return r, err
	}
	family := r.Person.FamilyID
	if r.Family, err = o.Registry.FamilyIn(ctx, tx, in.Tenant, family); err != nil {
		return r, err
	}
	if r.Members, err = o.Registry.MembersIn(ctx, tx, in.Tenant, family); err != nil {
		return r, fmt.Errorf("read members: %w", err)
	}
	list, err := o.Programmes.OfFamilyIn(ctx, tx, in.Tenant, family)
	if err != nil {
		return r, err
	}
	for _, e := range list {
		changes, err := o.Programmes.ChangesOfIn(ctx, tx, e)
		if err != nil {
			return r, err
		}
		r.Places = append(r.Places, OwnPlace{e, changes})
	}
	if r.Payments, err = o.Payments.OfFamily(ctx, tx, in.Tenant, family); err != nil {
		return r, err
	}
	if r.Findings, err = o.Screening.OfFamilyIn(ctx, tx, in.Tenant, family); err != nil {
		return r, err
	}
	if r.Answers, err = o.Registry.AnswersIn(ctx, tx, in.Tenant, r.subjects()); err != nil {
		return r, err
	}
	if r.Visits, err = o.Visits.StandingIn(ctx, tx, in.Tenant, family); err != nil {
		return r, err
	}
	r.LastChange, err = o.lastChange(ctx, tx, r)
	return r, err
}

// subjects are whom entries and answers about the family name.
func (r Record) subjects() []sqldb.ID {
	out := []sqldb.ID{r.Family.ID, r.Person.ID}
	for _, m := range r.Members {
		if m.ID != r.Person.ID {
			out = append(out, m.ID)
		}
	}
	return out
}

// Active reports whether the person counts in the registry.
func (r Record) Active() bool { return r.Person.State == registry.Active }

// NameOf names somebody of the family; empty for anybody else.
func (r Record) NameOf(id sqldb.ID) string {
	for _, m := range r.Members {
		if m.ID == id {
			return m.Name
		}
	}
	return ""
}

// changesLooked is how many entries about a family are looked through for its last change.
const changesLooked = 100

// lastChange finds who made the newest of the rows of a family. A row that came in with a file was changed by nobody in
// particular: then its source says where it came from.
func (o *Own) lastChange(ctx context.Context, tx *act.Tx, r Record) (Change, error) {
	last := Change{At: r.Family.RecordedAt, Source: r.Family.Source}
	for _, m := range r.Members {
		if m.RecordedAt.After(last.At) {
			last.At, last.Source = m.RecordedAt, m.Source
		}
	}
	lines, err := audit.About(ctx, tx, r.Family.Tenant, r.subjects(), sqldb.ID{}, changesLooked)
	if err != nil {
		return last, err
	}
	if at := slices.IndexFunc(lines, func(l audit.Line) bool { return l.At.Equal(last.At) && l.Role != citizen }); at >= 0 {
		last.Role, last.Area = lines[at].Role, lines[at].Area
	}
	return last, nil
}

// Looks gives who opened or changed the record of a person and the card she stands on, the newest first; after continues a list.
// Who read the log itself stands in the log about the log, not here. Error: access_code.closed.
func (o *Own) Looks(ctx context.Context, in Opened, after sqldb.ID, limit int) (out []Look, err error) {
	err = o.view(ctx, in, "self.looks", func(tx *act.Tx, _ AccessCode) error {
		p, err := o.Registry.PersonIn(ctx, tx, in.Tenant, in.Person)
		if err != nil {
			return err
		}
		out, err = looksOf(ctx, tx, in, p.FamilyID, after, limit)
		return err
	})
	return out, err
}

// looksOf gives looks at the person and at the card she stands on, but none at another of the family, and what for only where
// it is about her: who asks for protection from somebody of her house must not be told on by these pages.
func looksOf(ctx context.Context, q sqldb.Querier, in Opened, family, after sqldb.ID, limit int) (out []Look, err error) {
	lines, err := audit.About(ctx, q, in.Tenant, []sqldb.ID{in.Person, family}, after, limit)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		one := Look{ID: l.ID, At: l.At, Act: l.Act, Role: l.Role, Area: l.Area, Own: l.Actor == in.Person}
		if l.Subject == in.Person {
			one.Purpose = l.Purpose
		}
		out = append(out, one)
	}
	return out, nil
}

// mostLooks bounds the looks of a file.
const mostLooks = 200

// Download gives a person her record as a JSON file: what See shows, in full, with the answers of the questionnaire and the
// newest looks. Identifiers are masked in it as on paper, so that a lost telephone tells no NIK; words tells what a visit found as her
// page does. Error: access_code.closed.
func (o *Own) Download(ctx context.Context, in Opened, words func(outcome string) string) (file []byte, err error) {
	err = o.view(ctx, in, "self.download", func(tx *act.Tx, _ AccessCode) error {
		r, err := o.recordIn(ctx, tx, in)
		if err != nil {
			return err
		}
		looks, err := looksOf(ctx, tx, in, r.Family.ID, sqldb.ID{}, mostLooks)
		if err != nil {
			return err
		}
		file, err = json.MarshalIndent(fileOf(r, looks, words, tx.Now), "", "  ")
		return err
	})
	return file, err
}
