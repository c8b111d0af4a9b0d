package civil

import (
	"context"
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

// QueueFilter narrows the count of the repair queue.
type QueueFilter struct {
	Area   area.Code
	Status civilmatch.Status // Pending: every status that does not match
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

// Shown is the audit entry of a page of the queue: how many, and a digest of their ids.
func Shown(who access.Actor, list []Mismatch) audit.Entry {
	return audit.OfReader(who, audit.Shown(list, func(m *Mismatch) sqldb.ID { return m.PersonID }))
}

func notMatching() []civilmatch.Status {
	return slices.DeleteFunc(civilmatch.Statuses(), func(s civilmatch.Status) bool { return s.Group() != civilmatch.NotMatching })
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
		// What agreed is not kept: only of what differed something is known.
		b.Result = civilmatch.Result{Status: b.Person.Match, Differs: b.Person.MatchFields, Unchecked: ^b.Person.MatchFields}
	}
	b.Suggestions = b.Result.Suggestions(&b.Answer)
	b.Repair = civilmatch.RepairOf(b.Result.Status)
}
