package areas

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// Change is a decree on its way: proposed by one person, approved by another, then applied area
// by area.
type Change struct {
	ID         sqldb.ID
	State      string // awaiting, running, halted, done, withdrawn
	Decree     Decree
	Digest     string // SHA-256 of the decree, hex
	Steps      int    // areas whose code changes
	Done       int
	ProposedBy sqldb.ID
	ProposedAt time.Time
	ApprovedBy sqldb.ID
	ApprovedAt time.Time
}

// The states of a change.
const (
	Awaiting  = "awaiting"
	Running   = "running"
	Halted    = "halted" // whom it was applied for may not any more; another person approves again, and it goes on
	Finished  = "done"
	Withdrawn = "withdrawn"
)

// Open reports whether a change waits, runs or has halted: no other may begin.
func (c Change) Open() bool { return c.State == Awaiting || c.State == Running || c.State == Halted }

// Propose checks a decree and keeps it for a second person to approve. It needs the
// administration of the area the decree is about. Errors: those of checking, and
// area.change_under_way while another change waits, runs or has halted.
func (s *Service) Propose(ctx context.Context, who access.Actor, d Decree) (Change, error) {
	var c Change
	err := s.acts.Write(ctx, who, "area.propose", func(tx *act.Tx) error {
		if err := tx.Allow(access.Administer, s.TenantOf(d.About), d.About); err != nil {
			return err
		}
		// Who proposes at the same moment waits here, and then sees this change.
		if err := installation.HoldIn(ctx, tx.Tx); err != nil {
			return err
		}
		if n, err := countOpenChanges(ctx, tx.Tx); err != nil || n > 0 {
			if err == nil {
				err = fail.Conflict("area.change_under_way")
			}
			return err
		}
		used, err := usedTenants(ctx, tx.Tx)
		if err != nil {
			return err
		}
		steps, err := s.Tree().plan(&d, s.LocalDate(d.About, tx.Now), nextTenant(used))
		if err != nil {
			return err
		}
		if c, err = newChange(tx, d, len(steps)); err != nil {
			return err
		}
		if err := insertChange(ctx, tx.Tx, c, kind(d)); err != nil {
			return err
		}
		if err := insertSteps(ctx, tx.Tx, c.ID, steps); err != nil {
			return err
		}
		return s.record(ctx, tx, c, nil)
	})
	if err != nil {
		return Change{}, fmt.Errorf("propose change of areas: %w", err)
	}
	return c, nil
}

func newChange(tx *act.Tx, d Decree, steps int) (Change, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return Change{}, err
	}
	sum := sha256.Sum256(text)
	return Change{ID: tx.NewID(), State: Awaiting, Decree: d, Digest: hex.EncodeToString(sum[:]), Steps: steps,
		ProposedBy: tx.Who.ID, ProposedAt: tx.Now}, nil
}

func kind(d Decree) string {
	if len(d.Renames)+len(d.Ends) > 0 {
		return "list"
	}
	if len(d.New) > 0 {
		return "split"
	}
	return "recode"
}

// nextTenant gives a new district the number its code makes, unless some district has or had it.
func nextTenant(used map[area.Tenant]bool) func(area.Code) area.Tenant {
	return func(code area.Code) area.Tenant {
		tenant := area.FirstTenant(code)
		for free := firstFreeTenant; used[tenant]; free++ {
			tenant = free
		}
		used[tenant] = true
		return tenant
	}
}

// firstFreeTenant is above every number a code can make.
const firstFreeTenant = area.Tenant(10_000)

func (s *Service) record(ctx context.Context, tx *act.Tx, c Change, facts map[string]any) error {
	about := s.present(c.Decree.About)
	if facts == nil {
		facts = map[string]any{"digest": c.Digest, "steps": c.Steps, "basis": c.Decree.Basis}
	}
	return tx.Record(ctx, audit.Entry{Tenant: s.RecordTenant(about), Area: about, Subject: c.ID, Facts: facts})
}

// present gives the code an area has now when the change under way has moved it already.
func (s *Service) present(code area.Code) area.Code {
	if now, err := s.Tree().Resolve(code, period.Date{}); err == nil {
		return now
	}
	return code
}

// Withdraw takes back a change that is not approved. Errors: area.change_unknown,
// area.change_decided.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, id sqldb.ID) error {
	err := s.acts.Write(ctx, who, "area.withdraw", func(tx *act.Tx) error {
		c, err := changeByID(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.Administer, s.TenantOf(c.Decree.About), c.Decree.About); err != nil {
			return err
		}
		if err := setChangeState(ctx, tx, c, Awaiting, Withdrawn); err != nil {
			return err
		}
		return s.record(ctx, tx, c, nil)
	})
	if err != nil {
		return fmt.Errorf("withdraw change of areas: %w", err)
	}
	return nil
}

// Officers names caretakers for a district that comes into being; service/accounts does.
type Officers interface {
	// CaretakeIn gives everybody who holds a post in a district today the same post in another,
	// until the day, and gives the number of posts.
	CaretakeIn(ctx context.Context, tx *act.Tx, from, to area.Code, today, until period.Date) (int64, error)
}

// Approve sets a change going: the new areas come into being, with their storage and, when the
// decree says so, caretakers. It needs another person than the one who proposed it, who approves
// users or administers the area. Apply does the rest. A change that has halted is approved again,
// by another person than its proposer too, and goes on where it stood.
func (s *Service) Approve(ctx context.Context, who access.Actor, id sqldb.ID, officers Officers) error {
	err := s.acts.Write(ctx, who, "area.approve", func(tx *act.Tx) error {
		c, err := changeByID(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		if err := s.allowApplying(tx, c); err != nil {
			return err
		}
		if err := access.OtherPerson(c.ProposedBy, who); err != nil {
			return err
		}
		if c.State == Halted { // its new areas are there
			if err := setChangeState(ctx, tx, c, Halted, Running); err != nil {
				return err
			}
			return s.record(ctx, tx, c, nil)
		}
		if err := setChangeState(ctx, tx, c, Awaiting, Running); err != nil {
			return err
		}
		if err := s.found(ctx, tx, c, officers); err != nil {
			return err
		}
		if c.Steps == 0 { // new areas alone: nobody's code changes
			if err := setChangeState(ctx, tx, c, Running, Finished); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, c, nil)
	})
	if err != nil {
		return fmt.Errorf("approve change of areas: %w", err)
	}
	return s.reread(ctx)
}

// allowApplying asks for either permission at the area the change is about. Its first step may have
// given that another code: somebody loaded before still has the old one in her grants.
func (s *Service) allowApplying(tx *act.Tx, c Change) error {
	var err error
	for _, about := range []area.Code{s.present(c.Decree.About), c.Decree.About} {
		for _, p := range []access.Permission{access.ApproveUsers, access.Administer} {
			if err = tx.Allow(p, s.TenantOf(about), about); err == nil {
				return nil
			}
		}
	}
	return err
}

// found writes the areas that come into being and, where the installation writes for the area
// they are made of, their tenants.
func (s *Service) found(ctx context.Context, tx *act.Tx, c Change, officers Officers) error {
	tenants, err := newTenants(ctx, tx.Tx, c.ID)
	if err != nil {
		return err
	}
	tree := s.Tree()
	about := c.Decree.About
	for _, n := range c.Decree.New {
		if n.Code.Level() == area.LevelVillage {
			continue // a step of its own, after those that bring what it lies in
		}
		place := Place{Place: area.Place{Code: n.Code, Name: n.Name}, Tenant: tree.TenantOf(n.Code), BPS: n.BPS}
		if tenant, made := tenants[n.Code.District()]; made && n.Code.Level() >= area.LevelDistrict {
			place.Tenant = tenant
		}
		if err := putPlace(ctx, tx.Tx, place, n.Own.of(c.Decree).From); err != nil {
			return err
		}
		if n.Code.Level() != area.LevelDistrict || !tree.Writes(tree.TenantOf(about)) {
			continue
		}
		if err := s.openDistrict(ctx, tx, c, place, tree.Zone(about), officers); err != nil {
			return err
		}
	}
	return nil
}

// openDistrict makes the storage of a new district, lets the installation write for it, and sets
// the officers of the old one over it for the time being.
func (s *Service) openDistrict(ctx context.Context, tx *act.Tx, c Change, p Place, zone area.Zone, officers Officers) error {
	if _, err := insertTenants(ctx, tx.Tx, []tenantRow{{p.Tenant, p.Code, max(zone, area.WIB)}}); err != nil {
		return err
	}
	if err := installation.AddAreas(ctx, tx.Tx, p.Code); err != nil {
		return err
	}
	if c.Decree.Caretakers.IsZero() || c.Decree.About.Level() != area.LevelDistrict {
		return nil
	}
	today := period.DateOf(tx.Now, zone.Location())
	n, err := officers.CaretakeIn(ctx, tx, c.Decree.About, p.Code, today, c.Decree.Caretakers)
	if err != nil {
		return err
	}
	return tx.Record(ctx, audit.Entry{Tenant: p.Tenant, Area: p.Code, Subject: c.ID, Facts: map[string]any{"caretakers": n, "until": c.Decree.Caretakers.Text()}})
}

// Apply does every step of an approved change. It may be called again after a kill and goes on
// where the last commit stopped. progress, when not nil, hears how many steps are done.
func (s *Service) Apply(ctx context.Context, who access.Actor, id sqldb.ID, progress func(done, total int)) error {
	for {
		c, more, err := s.Step(ctx, who, id)
		if err != nil {
			return err
		}
		if progress != nil {
			progress(c.Done, c.Steps)
		}
		if !more {
			return nil
		}
	}
}

// Step changes the code of one area, with all its rows, in one transaction; more tells whether
// there are others. After the last the change is done and every process sees the new areas at its
// next Refresh. Errors: area.change_unknown, area.change_not_running.
func (s *Service) Step(ctx context.Context, who access.Actor, id sqldb.ID) (c Change, more bool, err error) {
	err = s.acts.Write(ctx, who, "area.change", func(tx *act.Tx) error {
		if c, err = changeByID(ctx, tx.Tx, id); err != nil {
			return err
		}
		if c.State != Running {
			return fail.Conflict("area.change_not_running")
		}
		if err := s.allowApplying(tx, c); err != nil {
			return err
		}
		seq, next, err := nextStep(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		rows, err := s.recode(ctx, tx, c, next)
		if err != nil {
			return fmt.Errorf("%s to %s: %w", next.From, next.To, err)
		}
		if err := markStep(ctx, tx.Tx, id, seq); err != nil {
			return err
		}
		if c.Done++; c.Done == c.Steps {
			c.State = Finished
			if err := setChangeState(ctx, tx, c, Running, Finished); err != nil {
				return err
			}
		}
		return s.recordStep(ctx, tx, c, next, rows)
	})
	if err != nil {
		return c, false, fmt.Errorf("change areas: %w", err)
	}
	more = c.State == Running
	if !more || c.Done == 1 { // a district's own step is the first: who acts must be found under its new code
		err = s.reread(ctx)
	}
	return c, more, err
}

// recordStep writes an entry for the district the area was in and, when it went to another, one
// for that.
func (s *Service) recordStep(ctx context.Context, tx *act.Tx, c Change, m step, rows int64) error {
	facts := map[string]any{"from": m.From.Dotted(), "to": m.To.Dotted(), "rows": rows, "digest": c.Digest}
	seen := map[area.Tenant]bool{}
	for _, tenant := range []area.Tenant{m.fromTenant, m.toTenant} {
		if written, err := tenantExists(ctx, tx.Tx, tenant); err != nil {
			return err
		} else if !written {
			tenant = 0
		}
		if seen[tenant] {
			continue
		}
		seen[tenant] = true
		if err := tx.Record(ctx, audit.Entry{Tenant: tenant, Area: m.To, Subject: c.ID, Facts: facts}); err != nil {
			return err
		}
	}
	return nil
}

// Changes gives the changes of areas, the newest first, at most limit, for whoever administers,
// approves or audits anywhere.
func (s *Service) Changes(ctx context.Context, who access.Actor, limit int) ([]Change, error) {
	if !who.Can(access.Administer) && !who.Can(access.ApproveUsers) && !who.Can(access.ReadAudit) {
		return nil, who.Allow(access.Administer, 0, area.Nation)
	}
	out, err := listChanges(ctx, s.acts.DB().Direct(), min(max(limit, 1), 100))
	if err != nil {
		return nil, fmt.Errorf("list changes of areas: %w", err)
	}
	return out, nil
}
