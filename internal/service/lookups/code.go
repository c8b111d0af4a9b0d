package lookups

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/spoken"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
)

// AccessCode is a code on paper with which one person opens her own pages. The code itself is not kept.
type AccessCode struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Person    sqldb.ID
	Area      area.Code
	Letter    sqldb.ID // the paper
	Number    string   // of the paper: S-2026-00012
	Purpose   string
	IssuedAt  time.Time
	IssuedBy  sqldb.ID
	ExpiresOn period.Date // the last local date on which it opens anything
	UsedAt    time.Time   // zero: never
	Uses      int64
	EndedAt   time.Time // zero: not taken back
	EndedWhy  EndedWhy

	hash sqldb.Hash
}

// EndedWhy says why a code was taken back; its words are lookups.code_ended.<why>.
type EndedWhy string

// The reasons.
const (
	Revoked  EndedWhy = "revoked"  // by an officer
	Replaced EndedWhy = "replaced" // by a newer code
	ByOwner  EndedWhy = "own"      // by the person herself
)

// LiveOn reports whether the code opens anything on a local date.
func (c AccessCode) LiveOn(day period.Date) bool {
	return c.EndedAt.IsZero() && !c.ExpiresOn.Before(day)
}

// codeDays is how long a code opens anything: office practice, no rule was found. It is long enough for the stages of a
// quarter, and short enough that a paper that is lost does not lie about for years.
const codeDays = 90

// CodeTries is how many wrong codes may be typed for a NIK in a day, as it stands on the paper.
func CodeTries() int { return DefaultLimits().PerNIK }

const (
	codePurpose = seal.Purpose("access code")
	// codeLetters from chance are 40 bits: at five tries a day nobody guesses one.
	codeLetters = 8
)

func newAccessCode() string {
	var chance [codeLetters]byte
	rand.Read(chance[:]) // never fails (crypto/rand)
	return spoken.Write(chance[:])
}

// parseAccessCode reads a code as people type it, and gives it as it is written. Error: access_code.form.
func parseAccessCode(typed string) (string, error) {
	values, ok := spoken.Read(typed, codeLetters)
	if !ok {
		return "", fail.Invalid("access_code.form", "letters", codeLetters).On("code")
	}
	return spoken.Write(values), nil
}

// hashOf binds a code to its person, so that the same code given to two tells nothing.
func (o *Own) hashOf(person sqldb.ID, code string) sqldb.Hash {
	return o.Keys.Blind(codePurpose, append(person[:], code...))
}

// IssueCode gives a person whose KTP lies before the officer a code; codes she had end. The code is given once and kept
// nowhere. Errors: lookup.purpose, access_code.nobody when she is not active or her NIK is not hers alone, access.denied.
func (o *Own) IssueCode(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (c AccessCode, code string, err error) {
	if strings.TrimSpace(purpose) == "" {
		return c, "", fail.Invalid("lookup.purpose").On("purpose")
	}
	code = newAccessCode()
	err = o.Acts.Write(ctx, who, "lookup.code", func(tx *act.Tx) error {
		p, err := o.Registry.PersonIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.LookUp, tenant, p.Area); err != nil {
			return err
		}
		if p.State != registry.Active || p.NIKState != registry.Holder {
			return fail.Conflict("access_code.nobody")
		}
		until := o.Places.LocalDate(p.Area, tx.Now).AddDays(codeDays)
		paper, err := o.Letters.IssueIn(ctx, tx, letters.New{Tenant: tenant, Kind: letters.Access, Subject: id, Area: p.Area, Facts: map[string]any{}, Expires: until})
		if err != nil {
			return err
		}
		// Behind the number, which one act at a time takes in a district: a code issued a moment ago is seen, and ends.
		if err := o.endIn(ctx, tx, tenant, id, Replaced); err != nil {
			return err
		}
		c = AccessCode{Tenant: tenant, ID: tx.NewID(), Person: id, Area: p.Area, Letter: paper.ID, Number: paper.Number, Purpose: purpose, IssuedAt: tx.Now, IssuedBy: who.ID,
			ExpiresOn: until, hash: o.hashOf(id, code)}
		if err := insertCode(ctx, tx, c); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.Area, Subject: id, Facts: map[string]any{"letter": c.Number, "purpose": purpose}})
	})
	return c, code, err
}

// RevokeCode takes a code back: it opens nothing any more, and who is in by it is out. Errors: access_code.missing,
// access_code.over when it was taken back before.
func (o *Own) RevokeCode(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) error {
	return o.Acts.Write(ctx, who, "lookup.code_revoke", func(tx *act.Tx) error {
		c, err := codeByID(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.LookUp, tenant, c.Area); err != nil {
			return err
		}
		if !c.EndedAt.IsZero() {
			return fail.Conflict("access_code.over")
		}
		if err := o.endIn(ctx, tx, tenant, c.Person, Revoked); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: c.Area, Subject: c.Person, Facts: map[string]any{"letter": c.Number}})
	})
}

// Code shows an officer what is known of a code, with whose it is. Error: access_code.missing.
func (o *Own) Code(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (c AccessCode, p registry.Person, err error) {
	err = o.Acts.View(ctx, who, "lookup.code_show", "", func(tx *act.Tx) error {
		if c, err = codeByID(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.LookUp, tenant, c.Area); err != nil {
			return err
		}
		if p, err = o.Registry.PersonIn(ctx, tx, tenant, c.Person); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: c.Area, Subject: c.Person, Facts: map[string]any{"letter": c.Number}})
	})
	return c, p, err
}

// CodesOf gives the codes of some persons, the newest first, to who may give codes there; nobody's data stands in them.
func (o *Own) CodesOf(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, persons []sqldb.ID) ([]AccessCode, error) {
	if err := who.Allow(access.LookUp, tenant, at); err != nil || len(persons) == 0 {
		return nil, err
	}
	return codesOf(ctx, o.Acts.DB().Direct(), tenant, persons)
}

// endIn ends the codes of a person that are not ended, and takes their papers back.
func (o *Own) endIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, person sqldb.ID, why EndedWhy) error {
	list, err := codesOf(ctx, tx, tenant, []sqldb.ID{person})
	if err != nil {
		return err
	}
	var papers []sqldb.ID
	for _, c := range list {
		if c.EndedAt.IsZero() {
			papers = append(papers, c.Letter)
		}
	}
	if err := endCodes(ctx, tx, tenant, person, why); err != nil {
		return err
	}
	return o.Letters.RevokeIn(ctx, tx, tenant, papers)
}

// Opened is who is in by which code.
type Opened struct {
	Tenant       area.Tenant
	Person, Code sqldb.ID
}

// citizen is the role the log gives a person who looks at her own record.
const citizen access.Role = "citizen"

func (in Opened) actor() access.Actor {
	return access.Actor{ID: in.Person, Login: string(citizen)}
}

// Enter opens a person's own pages to who types her NIK and her code. Errors: access_code.form, check.limited, and
// access_code.unknown alike for a NIK nobody has, a code that is not hers, and one that is over.
func (o *Own) Enter(ctx context.Context, nik person.NIK, typed string) (in Opened, err error) {
	code, err := parseAccessCode(typed)
	if err != nil {
		return in, err
	}
	if in, err = o.guess(ctx, nik, code, o.Acts.Now()); err != nil {
		return in, err
	}
	err = o.Acts.Write(ctx, in.actor(), "self.enter", func(tx *act.Tx) error {
		c, err := o.liveIn(ctx, tx, in)
		if err != nil {
			return err
		}
		if err := useCode(ctx, tx, c); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: in.Tenant, Area: c.Area, Subject: in.Person, Facts: map[string]any{"letter": c.Number}})
	})
	return in, err
}

// guess is one try. Tries for the same NIK wait for each other: of many at once no more are answered than of as many in a row.
func (o *Own) guess(ctx context.Context, nik person.NIK, code string, now time.Time) (Opened, error) {
	hash := o.Registry.NIKHash(nik)
	turn := &o.turns[hash[0]]
	turn.Lock()
	defer turn.Unlock()
	if err := o.budgets.Allow(hash, nik, now); err != nil {
		return Opened{}, err
	}
	in, err := o.find(ctx, hash, code, now)
	if fail.CodeOf(err) == "access_code.unknown" {
		o.budgets.Miss(hash, nik, now)
	}
	return in, err
}

// find looks a code up. The rows of somebody are read also where nobody is found, so that the time tells little.
func (o *Own) find(ctx context.Context, hash sqldb.Hash, code string, now time.Time) (in Opened, err error) {
	q := o.Acts.DB().Direct()
	holders, err := o.Registry.HoldersIn(ctx, q, []sqldb.Hash{hash})
	if err != nil {
		return in, fmt.Errorf("find holder: %w", err)
	}
	holder := holders[hash]
	list, err := codesOf(ctx, q, holder.Tenant, []sqldb.ID{holder.PersonID})
	if err != nil {
		return in, err
	}
	want := o.hashOf(holder.PersonID, code)
	at := slices.IndexFunc(list, func(c AccessCode) bool {
		return subtle.ConstantTimeCompare(c.hash[:], want[:]) == 1 && c.LiveOn(o.Places.LocalDate(c.Area, now))
	})
	if at < 0 {
		return in, fail.Forbidden("access_code.unknown")
	}
	return Opened{list[at].Tenant, list[at].Person, list[at].ID}, nil
}

// liveIn asks, at every page, whether the code a person is in by still holds. Error: access_code.closed.
func (o *Own) liveIn(ctx context.Context, tx *act.Tx, in Opened) (AccessCode, error) {
	if err := tx.AllowOwn(in.Person, citizen); err != nil {
		return AccessCode{}, err
	}
	c, err := codeByID(ctx, tx, in.Tenant, in.Code)
	if code := fail.CodeOf(err); err != nil && code != "access_code.missing" {
		return c, err
	}
	if err != nil || c.Person != in.Person || !c.LiveOn(o.Places.LocalDate(c.Area, tx.Now)) {
		return c, fail.Unauthorized("access_code.closed")
	}
	return c, nil
}

// EndOwn takes the code back with which a person is in: she needs it no more, or lost the paper. Error: access_code.closed.
func (o *Own) EndOwn(ctx context.Context, in Opened) error {
	return o.Acts.Write(ctx, in.actor(), "self.end", func(tx *act.Tx) error {
		c, err := o.liveIn(ctx, tx, in)
		if err != nil {
			return err
		}
		if err := o.endIn(ctx, tx, in.Tenant, in.Person, ByOwner); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: in.Tenant, Area: c.Area, Subject: in.Person, Facts: map[string]any{"letter": c.Number}})
	})
}
