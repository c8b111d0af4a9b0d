package civil

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

var errMoved = fail.Unavailable("civil.moved")

// QueueFilter narrows the repair queue.
type QueueFilter struct {
	Area   area.Code
	Status civilmatch.Status // Pending: every status that does not match
	// AfterArea and AfterID continue the list behind this person, by area and id.
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
	Paid     bool // her family is enrolled in a programme: a mismatch stops its next payment
}

// Queue lists persons who do not match, by area; it is recorded as every list. Errors:
// civilmatch.status when the filter names a status that is no mismatch.
func (s *Service) Queue(ctx context.Context, who access.Actor, f QueueFilter) (out []Mismatch, err error) {
	statuses := notMatching()
	if f.Status != civilmatch.Pending {
		if f.Status.Group() != civilmatch.NotMatching {
			return nil, fail.Invalid("civilmatch.status").On("status")
		}
		statuses = []civilmatch.Status{f.Status}
	}
	err = s.acts.View(ctx, who, "civil.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
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
		if err := MarkPaidIn(ctx, tx, out); err != nil {
			return err
		}
		return tx.Record(ctx, Shown(who, out))
	})
	return out, err
}

// Shown is the audit entry of a page of the queue: how many, and a digest of their ids.
func Shown(who access.Actor, list []Mismatch) audit.Entry {
	h := sha256.New()
	for i := range list {
		h.Write(list[i].PersonID[:])
	}
	home, tenants := who.Home()
	e := audit.Entry{Area: home, Facts: map[string]any{"shown": len(list), "ids": hex.EncodeToString(h.Sum(nil)[:16])}}
	if len(tenants) == 1 {
		e.Tenant = tenants[0]
	}
	return e
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
		return m, s.OpenNIK(&m, sealed, nikState)
	})
}

// OpenNIK puts the sealed NIK of a line on it, as what it is.
func (s *Service) OpenNIK(m *Mismatch, sealed []byte, state registry.NIKState) (err error) {
	if len(sealed) == 0 {
		return nil
	}
	if state == registry.BadNIK {
		m.RawNIK, err = opened(s.keys, seal.NIK, sealed, func(text string) (string, error) { return text, nil })
		return err
	}
	m.NIK, err = opened(s.keys, seal.NIK, sealed, person.ParseNIK)
	return err
}

// MarkPaidIn marks the lines whose family is enrolled. It only reads what the programmes
// keep: who loses money by a mismatch is mended first.
func MarkPaidIn(ctx context.Context, tx *act.Tx, list []Mismatch) error {
	families := map[area.Tenant][]sqldb.ID{}
	for i := range list {
		families[list[i].Tenant] = append(families[list[i].Tenant], list[i].FamilyID)
	}
	paid := map[sqldb.ID]bool{}
	for tenant, ids := range families {
		a := sqldb.NewArgs(tx)
		query := `SELECT DISTINCT family_id FROM enrolment WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = 1 AND family_id IN ` + sqldb.In(a, ids)
		err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			paid[id] = true
			return err
		})
		if err != nil {
			return fmt.Errorf("read enrolments: %w", err)
		}
	}
	for i := range list {
		list[i].Paid = paid[list[i].FamilyID]
	}
	return nil
}

// Bench is the repair page of one person: ours beside theirs, as far as the mode allows.
type Bench struct {
	Person      registry.Person
	Family      registry.Family
	Mode        civilmatch.Mode
	Answer      civilmatch.Answer
	AnsweredAt  time.Time // when the answer is an older one; zero when it is of now
	Result      civilmatch.Result
	Suggestions []civilmatch.Suggestion
	Repair      civilmatch.Repair
	// Alike are whom of the registry the person may be, told before a repair is kept.
	Alike []identity.Resembling
}

// Open shows the repair page of a person, compared again as far as that needs no network.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (b Bench, err error) {
	err = s.acts.View(ctx, who, "civil.open", "", func(tx *act.Tx) error {
		if b, err = s.OpenIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: b.Person.Area, Subject: id})
	})
	return b, err
}

// OpenIn is Open inside an act that records it.
func (s *Service) OpenIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID) (b Bench, err error) {
	if b.Person, err = s.reg.PersonIn(ctx, tx, tenant, id); err != nil {
		return b, err
	}
	if err := tx.Allow(access.ReadRegistry, tenant, b.Person.Area); err != nil {
		return b, err
	}
	if b.Family, err = s.reg.FamilyIn(ctx, tx, tenant, b.Person.FamilyID); err != nil {
		return b, err
	}
	heard, err := s.hear(ctx, tx, []Question{s.question(b.Person, b.Family.KK)})
	if err != nil {
		return b, err
	}
	s.judge(&b, heard[0])
	return b, nil
}

// judge puts an answer on the bench; without one the status kept is shown.
func (s *Service) judge(b *Bench, heard Heard) {
	b.Mode, b.Answer, b.AnsweredAt = s.civil.Mode(), heard.Answer, heard.At
	record := ourRecord(b.Person, b.Family.KK)
	b.Result = civilmatch.Compare(s.rules, &record, &b.Answer)
	if silent(b.Result.Status) {
		b.Result = civilmatch.Result{Status: b.Person.Match, Differs: b.Person.MatchFields}
	}
	b.Suggestions = b.Result.Suggestions(&b.Answer)
	b.Repair = civilmatch.RepairOf(b.Result.Status)
}
