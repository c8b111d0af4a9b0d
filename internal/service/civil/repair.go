package civil

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

var errMoved = fail.Unavailable("civil.moved")

// QueueFilter narrows the repair queue.
type QueueFilter struct {
	Area   area.Code
	Status civilmatch.Status // Pending: every status that does not match
	// After continues the list behind this person, by area and id.
	AfterArea area.Code
	AfterID   sqldb.ID
	Limit     int
}

// Mismatch is a line of the repair queue.
type Mismatch struct {
	Tenant   area.Tenant
	PersonID sqldb.ID
	FamilyID sqldb.ID
	Name     string
	HeadName string
	NIK      person.NIK
	RawNIK   string
	Area     area.Code
	Status   civilmatch.Status
	Differs  civilmatch.Fields
	Paid     bool
}

// Queue lists persons who do not match, by area; it is recorded as every list.
func (s *Service) Queue(ctx context.Context, who access.Actor, f QueueFilter) (out []Mismatch, err error) {
	err = s.acts.View(ctx, who, "civil.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		statuses := notMatching()
		if f.Status != civilmatch.Pending {
			statuses = []civilmatch.Status{f.Status}
		}
		limit := min(max(f.Limit, 1), 200)
		for _, status := range statuses {
			some, err := s.queueOf(ctx, tx, scope.Within(f.Area), status, f, limit)
			if err != nil {
				return fmt.Errorf("list mismatches: %w", err)
			}
			out = append(out, some...)
		}
		slices.SortFunc(out, func(a, b Mismatch) int {
			return cmp.Or(cmp.Compare(a.Area, b.Area), slices.Compare(a.PersonID[:], b.PersonID[:]))
		})
		out = out[:min(limit, len(out))]
		home, tenants := who.Home()
		e := audit.Entry{Area: home, Facts: map[string]any{"shown": len(out)}}
		if len(tenants) == 1 {
			e.Tenant = tenants[0]
		}
		return tx.Record(ctx, e)
	})
	return out, err
}

func notMatching() []civilmatch.Status {
	return slices.DeleteFunc(civilmatch.Statuses(), func(s civilmatch.Status) bool { return s.Group() != civilmatch.NotMatching })
}

// queueOf reads one status along its index, so that a page costs the same at any size.
func (s *Service) queueOf(ctx context.Context, tx *act.Tx, scope access.Scope, status civilmatch.Status, f QueueFilter, limit int) ([]Mismatch, error) {
	a := sqldb.NewArgs(tx)
	query := `
		SELECT p.kabkota, p.id, p.family_id, p.name, f.head_name, p.nik, p.nik_state, p.area_code, p.match_fields
		FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE p.match_status = ` + a.P(int64(status)) + ` AND ` + act.Where(scope, "p.kabkota", "p.area_code", a) + ` AND p.state = 1`
	if !f.AfterID.IsZero() {
		query += ` AND (p.area_code, p.id) > (` + a.P(int64(f.AfterArea)) + `, ` + a.P(f.AfterID) + `)`
	}
	query += ` ORDER BY p.area_code, p.id LIMIT ` + a.P(int64(limit))
	return sqldb.Collect(ctx, tx, query, a.Values, func(r sqldb.Row) (Mismatch, error) {
		m := Mismatch{Status: status}
		var tenant, areaCode, fields int64
		var nikState registry.NIKState
		var sealed []byte
		if err := r.Scan(&tenant, &m.PersonID, &m.FamilyID, &m.Name, &m.HeadName, &sealed, &nikState, &areaCode, &fields); err != nil {
			return m, err
		}
		m.Tenant, m.Area, m.Differs = area.Tenant(tenant), area.Code(areaCode), civilmatch.Fields(fields)
		return m, s.openNIK(&m, sealed, nikState)
	})
}

func (s *Service) openNIK(m *Mismatch, sealed []byte, state registry.NIKState) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.keys.Open("nik", sealed)
	if err != nil {
		return err
	}
	if state == registry.BadNIK {
		m.RawNIK = string(plain)
		return nil
	}
	m.NIK, err = person.ParseNIK(string(plain))
	return err
}

// Bench is the repair page of one person: ours beside theirs, as far as the mode allows.
type Bench struct {
	Person      registry.Person
	Family      registry.Family
	Mode        civilmatch.Mode
	Answer      civilmatch.Answer
	Result      civilmatch.Result
	Suggestions []civilmatch.Suggestion
	Repair      civilmatch.Repair
}

// Open shows the repair page of a person. It asks the civil registry again when that needs no network.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (b Bench, err error) {
	err = s.acts.View(ctx, who, "civil.open", "", func(tx *act.Tx) error {
		if b.Person, err = s.reg.PersonIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, b.Person.Area); err != nil {
			return err
		}
		if b.Family, err = s.reg.FamilyIn(ctx, tx, tenant, b.Person.FamilyID); err != nil {
			return err
		}
		if err := s.judge(ctx, tx, &b); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: b.Person.Area, Subject: id})
	})
	return b, err
}

func (s *Service) judge(ctx context.Context, q sqldb.Querier, b *Bench) error {
	b.Mode = s.civil.Mode()
	record := ourRecord(b.Person, b.Family.KK)
	b.Result = civilmatch.Result{Status: b.Person.Match, Differs: b.Person.MatchFields}
	if s.civil.Local() {
		answers, err := s.civil.Ask(ctx, q, []Question{{Hash: s.reg.NIKHash(b.Person.NIK), Record: record}})
		if err != nil {
			return fmt.Errorf("ask civil registry: %w", err)
		}
		b.Answer = answers[0]
		b.Result = civilmatch.Compare(s.rules, &record, &b.Answer)
		b.Suggestions = b.Result.Suggestions(&b.Answer)
	}
	b.Repair = civilmatch.RepairOf(b.Result.Status)
	return nil
}
