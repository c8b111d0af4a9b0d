// Package letters keeps the letters that leave the office: their number in the register,
// the code by which anybody can check a paper, what they say as ids and codes, and
// whether they still hold.
//
// No document is kept. A letter is set again from its facts and the registry when it is
// printed (edge/print), so an erased person is erased from her letters too.
package letters

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Kind says what a letter is about. Its words are letters.kind.<kind> of the catalogue.
type Kind string

// The kinds of letters.
const (
	Registration  Kind = "registration"  // whether somebody is in the registry
	Award         Kind = "award"         // determined as recipient
	Refusal       Kind = "refusal"       // a proposal was not determined
	Notice        Kind = "notice"        // a removal that has not come into force
	Removal       Kind = "removal"       // a removal in force
	Payee         Kind = "payee"         // the family is asked for a new payee
	Suspension    Kind = "suspension"    // a place on a list is suspended
	Reinstatement Kind = "reinstatement" // a notice or removal is taken back
	Civil         Kind = "civil"         // to the civil registry office
	Annex         Kind = "annex"         // the list of recipients that belongs to a decree
	Access        Kind = "access"        // a code with which a person opens her own pages
)

// New is what a letter is issued with.
type New struct {
	Tenant  area.Tenant
	Kind    Kind
	Subject sqldb.ID // person, family or proposal it is about
	Area    area.Code
	// Facts are what the letter says, as a JSON object of ids, codes and dates: no names, no
	// numbers of persons. Letter.Decode reads them back.
	Facts any
	// Expires is the last local date on which the letter holds; zero for good.
	Expires period.Date
}

// Letter is a letter in the register.
type Letter struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Number    string // S-2026-00012
	Kind      Kind
	Subject   sqldb.ID
	Area      area.Code
	Facts     json.RawMessage
	Code      string // such as 7ZB4-M92Q-7K4M
	IssuedAt  time.Time
	Expires   period.Date
	RevokedAt time.Time // zero while it was not taken back
}

// Decode reads the facts into v.
func (l Letter) Decode(v any) error { return json.Unmarshal(l.Facts, v) }

// ValidOn reports whether the letter holds on a local date.
func (l Letter) ValidOn(day period.Date) bool {
	return l.RevokedAt.IsZero() && (l.Expires.IsZero() || !l.Expires.Latest().Before(day))
}

// Places gives the date at an area at an instant, and where letters about people of a tenant may lie; service/areas does.
type Places interface {
	LocalDate(at area.Code, now time.Time) period.Date
	// Lineage gives a tenant and those its villages were moved out of: a letter stays in the register that numbered it.
	Lineage(tenant area.Tenant) []area.Tenant
}

// Service keeps letters.
type Service struct {
	acts   *act.Acts
	places Places
	random func([]byte)
}

// NewService makes the service.
func NewService(acts *act.Acts, places Places) *Service {
	return &Service{acts: acts, places: places, random: func(b []byte) { rand.Read(b) }} // never fails (crypto/rand)
}
