package accounts

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// temporaryLife is how long a password given out by an administrator works.
const temporaryLife = 7 * 24 * time.Hour

// Creation is a new account and the first role asked for it.
type Creation struct {
	Login string
	Name  string
	Grant Grant
}

// Created is a new account and its temporary password, shown once.
type Created struct {
	ID       sqldb.ID
	Request  sqldb.ID // of the first role
	Login    string
	Password Secret
}

// Secret is a text to show once to one person. It prints hidden.
type Secret string

// String hides the text.
func (Secret) String() string { return "[secret]" }

// GoString hides the text.
func (Secret) GoString() string { return "[secret]" }

// Reveal gives the text.
func (s Secret) Reveal() string { return string(s) }

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{2,59}$`)

// check normalises the names and refuses bad ones. Errors: account.login, account.name.
func (c *Creation) check() error {
	c.Login, c.Name = normalLogin(c.Login), strings.Join(strings.Fields(c.Name), " ")
	if !loginForm.MatchString(c.Login) {
		return fail.Invalid("account.login").On("login")
	}
	if n := utf8.RuneCountInString(c.Name); n < 2 || n > 100 {
		return fail.Invalid("account.name").On("name")
	}
	return nil
}

// checkGrant refuses roles that do not fit their area, this installation or the calendar. Errors:
// account.role, area.unknown, account.role_area (fact role), installation.not_our_level,
// account.dates.
func (s *Service) checkGrant(g *Grant, today period.Date) error {
	if g.From.IsZero() || g.From.Before(today) {
		g.From = today
	}
	switch {
	case !g.Role.Valid():
		return fail.Invalid("account.role").On("role")
	case !s.places.Known(g.Area):
		return fail.Invalid("area.unknown", "area", g.Area.Dotted()).On("area")
	case !fits(g.Role, g.Area.Level()):
		return fail.Invalid("account.role_area", "role", string(g.Role)).On("area")
	case !g.From.IsFull() || !g.To.IsZero() && (!g.To.IsFull() || !g.From.Before(g.To)):
		return fail.Invalid("account.dates").On("to")
	case g.Role == access.Ministry:
		return s.home.MustPerform(installation.Determine)
	}
	return nil
}

// fits reports whether a post exists at a level: a village has its head and operators (a district
// may have operators for villages without one), the minister determines for the nation, and every
// other post sits at a district or above.
func fits(r access.Role, l area.Level) bool {
	switch r {
	case access.VillageHead:
		return l == area.LevelVillage
	case access.Operator:
		return l >= area.LevelDistrict
	case access.Ministry:
		return l == area.LevelNation
	}
	return l <= area.LevelDistrict
}

// Create makes an account with a temporary password and asks for its first role, which a second
// person grants. Until then it may sign in and sees nothing. Errors beside those of checking:
// account.login_taken.
func (s *Service) Create(ctx context.Context, who access.Actor, in Creation) (Created, error) {
	if err := in.check(); err != nil {
		return Created{}, err
	}
	if err := s.checkGrant(&in.Grant, s.places.LocalDate(in.Grant.Area, s.acts.Now())); err != nil {
		return Created{}, err
	}
	out := Created{ID: sqldb.NewID(), Request: sqldb.NewID(), Login: in.Login, Password: Secret(temporaryPassword())}
	digest, err := s.hasher.hash(ctx, out.Password.Reveal()) // outside the transaction: it takes long
	if err != nil {
		return Created{}, fmt.Errorf("create account: %w", err)
	}
	err = s.acts.Write(ctx, who, "account.create", func(tx *act.Tx) error {
		if err := s.allow(tx, access.ManageUsers, in.Grant.Area); err != nil {
			return err
		}
		made := newAccount{ID: out.ID, Login: in.Login, Name: in.Name, digest: digest, until: tx.Now.Add(temporaryLife), at: tx.Now}
		if err := insertAccount(ctx, tx.Tx, made); err != nil {
			return taken(err)
		}
		asked := Request{ID: out.Request, Account: out.ID, Grant: in.Grant, RequestedBy: who.ID, RequestedAt: tx.Now}
		if err := insertRequest(ctx, tx.Tx, asked); err != nil {
			return err
		}
		return s.record(ctx, tx, out.ID, in.Grant.Area, grantFacts(in.Grant))
	})
	if err != nil {
		return Created{}, fmt.Errorf("create account: %w", err)
	}
	return out, nil
}

func taken(err error) error {
	if sqldb.IsUnique(err) {
		return fail.Conflict("account.login_taken").On("login").Because(err)
	}
	return err
}

// allow asks for a permission over people's accounts at an area.
func (s *Service) allow(tx *act.Tx, p access.Permission, at area.Code) error {
	return tx.Allow(p, s.places.TenantOf(at), at)
}

func (s *Service) record(ctx context.Context, tx *act.Tx, account sqldb.ID, at area.Code, facts map[string]any) error {
	return tx.Record(ctx, audit.Entry{Tenant: s.places.RecordTenant(at), Area: at, Subject: account, Facts: facts})
}

func grantFacts(g Grant) map[string]any {
	return map[string]any{"role": g.Role, "area": g.Area.Dotted(), "from": g.From.Text(), "to": g.To.Text()}
}
