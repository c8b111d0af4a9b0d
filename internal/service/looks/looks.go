// Package looks puts looks at people's records that are out of the ordinary before an auditor: many in an hour, at night,
// at a family of the reader's own name, by many readers at one record. The rules are dated data (data/watch) and each says
// in words what it found; a find is a question, never proof of a fault.
//
// They are worked out from the audit log, a local day at a time, by a job (Watch); the log itself stays as it is.
package looks

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// Unusual is one find of a rule on one day.
type Unusual struct {
	Tenant  area.Tenant
	ID      sqldb.ID
	Rule    string
	Day     period.Date
	Actor   sqldb.ID // whose looks; zero where many looked
	Subject sqldb.ID // at what; zero where it was many records
	Area    area.Code
	FirstAt time.Time
	LastAt  time.Time
	N       int64 // what was counted
	Bound   int64 // above what: the rule's least, or what the reader's habit makes of it
	SeenAt  time.Time
	SeenBy  sqldb.ID
	// SeenN is what was counted when it was looked into; more have come since where N is above it.
	SeenN int64
	Note  string

	key string
}

// Parts are what the service is made of.
type Parts struct {
	Acts     *act.Acts
	Places   *areas.Service
	Home     installation.Installation
	Rules    Rules
	Calendar period.Calendar
}

// Service watches the log.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// Filter narrows the list. The zero Filter is what nobody has looked into, or what has grown since.
type Filter struct {
	Rule string
	Seen bool // what was looked into, as it stands, instead
	// AfterAt and AfterID continue a list: finds older than these.
	AfterAt time.Time
	AfterID sqldb.ID
	Limit   int
}

const maxList = 200

// List gives finds of the actor's area, the newest first. Reading them is an act, as reading the log is.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (out []Unusual, err error) {
	err = s.Acts.View(ctx, who, "audit.unusual", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadAudit)
		if err != nil {
			return err
		}
		if out, err = list(ctx, tx, scope, f); err != nil {
			return err
		}
		return tx.Record(ctx, audit.OfReader(who, map[string]any{"shown": len(out)}))
	})
	return out, err
}

// Open gives one find. Error: looks.unknown.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (u Unusual, err error) {
	err = s.Acts.View(ctx, who, "audit.unusual_open", "", func(tx *act.Tx) error {
		if u, err = byID(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadAudit, tenant, u.Area); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: u.Area, Subject: id})
	})
	return u, err
}

// longestNote bounds what an auditor notes, in letters.
const longestNote = 2000

// Mark notes that a find was looked into, and what came of it. It may be noted again. Errors: looks.note, looks.too_long,
// looks.unknown, access.same_person for one's own looks.
func (s *Service) Mark(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, note string) (u Unusual, err error) {
	note = strings.TrimSpace(note)
	switch {
	case note == "":
		return u, fail.Invalid("looks.note").On("note")
	case utf8.RuneCountInString(note) > longestNote:
		return u, fail.Invalid("looks.too_long", "max", longestNote).On("note")
	}
	err = s.Acts.Write(ctx, who, "audit.unusual_seen", func(tx *act.Tx) error {
		if u, err = byID(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadAudit, tenant, u.Area); err != nil {
			return err
		}
		if err := access.OtherPerson(u.Actor, who); err != nil {
			return err
		}
		u.SeenAt, u.SeenBy, u.SeenN, u.Note = tx.Now, who.ID, u.N, note
		if err := mark(ctx, tx, u); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: u.Area, Subject: id})
	})
	return u, err
}
