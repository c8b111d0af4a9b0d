package accounts

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// Found makes the first accounts of an installation, with their roles in force at once: there is
// nobody yet to ask for them or to grant them. It needs at least one who manages users and another
// who approves them, and is refused with account.founded once there is any account. The founders
// get temporary passwords.
func (s *Service) Found(ctx context.Context, founders []Creation) ([]Created, error) {
	if err := enoughFounders(founders); err != nil {
		return nil, err
	}
	return s.plant(ctx, "account.found", founders, false, func(ctx context.Context, tx *sqldb.Tx) error {
		n, err := countAccounts(ctx, tx)
		if err == nil && n > 0 {
			err = fail.Conflict("account.founded")
		}
		return err
	})
}

// CheckFounders refuses founders by what can be told before there is an installation: their logins and names, and that two
// of them can make a third. Errors: account.login, account.name, account.two_founders.
func CheckFounders(founders []Creation) error {
	for _, one := range founders {
		if err := one.check(); err != nil {
			return err
		}
	}
	return enoughFounders(founders)
}

// Founded tells whether anybody has an account.
func Founded(ctx context.Context, q sqldb.Querier) (bool, error) {
	n, err := countAccounts(ctx, q)
	if err != nil {
		return false, fmt.Errorf("count accounts: %w", err)
	}
	return n > 0, nil
}

func enoughFounders(founders []Creation) error {
	for i, a := range founders {
		for j, b := range founders {
			if i != j && a.Login != b.Login && a.Grant.Role.Has(access.ManageUsers) && b.Grant.Role.Has(access.ApproveUsers) {
				return nil
			}
		}
	}
	return fail.Invalid("account.two_founders")
}

// demoPost is one account of a training installation.
type demoPost struct {
	login, name string
	role        access.Role
	level       area.Level
}

func demoPosts() []demoPost {
	return []demoPost{
		{"operator", "Operator Latihan", access.Operator, area.LevelVillage},
		{"kades", "Kepala Desa Latihan", access.VillageHead, area.LevelVillage},
		{"verifikator", "Verifikator Latihan", access.Verifier, area.LevelDistrict},
		{"kadis", "Kepala Dinas Latihan", access.AgencyHead, area.LevelDistrict},
		{"penandatangan", "Penanda Tangan Latihan", access.Signer, area.LevelDistrict},
		{"program", "Pengelola Program Latihan", access.ProgrammeManager, area.LevelDistrict},
		{"penyaluran", "Petugas Penyaluran Latihan", access.PaymentOfficer, area.LevelDistrict},
		{"analis", "Analis Latihan", access.Analyst, area.LevelDistrict},
		{"kementerian", "Kementerian Latihan", access.Ministry, area.LevelNation},
		{"auditor", "Auditor Latihan", access.Auditor, area.LevelDistrict},
		{"admin", "Admin Latihan", access.Admin, area.LevelDistrict},
	}
}

// DemoAccount is an account for training with the password to print.
type DemoAccount struct {
	Created
	Role access.Role
	Area area.Code
}

// Demo makes one account per role: operator and village head in the village, the ministry for the
// nation, the others in the village's district. Their passwords last. Called again it gives the
// same accounts new passwords and makes those that are missing. Only a training installation has
// such accounts; others refuse with installation.not_our_level.
func (s *Service) Demo(ctx context.Context, village area.Code) ([]DemoAccount, error) {
	if err := s.home.MustPerform(installation.Demonstrate); err != nil {
		return nil, err
	}
	if village.Level() != area.LevelVillage || !s.places.Known(village) {
		return nil, fail.Invalid("area.unknown", "area", village.Dotted())
	}
	posts := demoPosts()
	in := make([]Creation, len(posts))
	for i, p := range posts {
		in[i] = Creation{Login: p.login, Name: p.name, Grant: Grant{Role: p.role, Area: village.At(p.level)}}
	}
	made, err := s.plant(ctx, "account.demo", in, true, func(context.Context, *sqldb.Tx) error { return nil })
	if err != nil {
		return nil, err
	}
	out := make([]DemoAccount, len(made))
	for i, m := range made {
		out[i] = DemoAccount{Created: m, Role: in[i].Grant.Role, Area: in[i].Grant.Area}
	}
	return out, nil
}

// plant writes accounts with roles in force. The audit entries name each account itself as the
// actor: who has the machine in hand made it.
func (s *Service) plant(ctx context.Context, name string, in []Creation, demo bool, may func(context.Context, *sqldb.Tx) error) ([]Created, error) {
	now := s.acts.Now()
	made := make([]newAccount, len(in))
	out := make([]Created, len(in))
	for i := range in {
		if err := in[i].check(); err != nil {
			return nil, err
		}
		if err := s.checkGrant(&in[i].Grant, s.places.LocalDate(in[i].Grant.Area, now)); err != nil {
			return nil, err
		}
		out[i] = Created{ID: sqldb.NewID(), Login: in[i].Login, Password: Secret(temporaryPassword())}
		digest, err := s.hasher.hash(ctx, out[i].Password.Reveal())
		if err != nil {
			return nil, fmt.Errorf("found accounts: %w", err)
		}
		made[i] = newAccount{ID: out[i].ID, Login: in[i].Login, Name: in[i].Name, digest: digest, demo: demo, at: now}
		if !demo {
			made[i].until = now.Add(temporaryLife)
		}
	}
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		if err := may(ctx, tx); err != nil {
			return err
		}
		for i := range made {
			id, err := s.plantOne(ctx, tx, name, made[i], in[i].Grant)
			if err != nil {
				return err
			}
			out[i].ID = id
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("found accounts: %w", err)
	}
	return out, nil
}

// plantOne writes one account, or gives a demo account that is there a new password.
func (s *Service) plantOne(ctx context.Context, tx *sqldb.Tx, name string, a newAccount, g Grant) (sqldb.ID, error) {
	there, err := accountByLogin(ctx, tx, a.Login)
	if err != nil {
		return a.ID, err
	}
	switch {
	case there.ID.IsZero():
		err = insertAccount(ctx, tx, a)
	case a.demo && there.Demo:
		a.ID = there.ID
		err = setPassword(ctx, tx, a.ID, a.digest, a.until)
	default:
		err = fail.Conflict("account.login_taken").On("login")
	}
	if err != nil {
		return a.ID, err
	}
	grants, err := grantsOf(ctx, tx, a.ID)
	if err != nil {
		return a.ID, err
	}
	if !holds(grants, g) {
		if err := insertGrant(ctx, tx, a.ID, g, sqldb.ID{}); err != nil {
			return a.ID, err
		}
	}
	self := audit.Act{ID: sqldb.NewID(), Name: name, At: a.at, Who: access.Actor{ID: a.ID}, Role: g.Role}
	_, err = audit.Append(ctx, tx, self, audit.Entry{Tenant: s.places.RecordTenant(g.Area), Area: g.Area, Subject: a.ID, Facts: grantFacts(g)})
	return a.ID, err
}

// holds reports whether the grants hold a role in an area on the first day asked for.
func holds(grants []Grant, g Grant) bool {
	for _, have := range grants {
		if have.Role == g.Role && have.Area == g.Area && have.Holds(g.From) {
			return true
		}
	}
	return false
}
