package suggestions

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// MendKind is the run that takes over the values of the civil registry for those whose suggestion is sure
// enough. A second person approves it. It never changes a NIK or a card, and leaves out everybody whose family
// is enrolled or was ever paid: those need a document in hand.
func (s *Service) MendKind() runs.Kind {
	return runs.Kind{
		Name: "mend", Counts: runs.Persons, Start: access.RepairMatch, Approve: access.ApproveImport, // the second person of what changes people in bulk
		View: s.previewBatch, Prepare: s.prepareBatch, Undo: s.undoBatch,
	}
}

// BatchSettings freeze how sure a suggestion must be.
type BatchSettings struct {
	On          period.Date `json:"on"` // the day whose rule counts
	Probability float64     `json:"probability"`
	GapBits     float64     `json:"gap_bits"`
	Causes      []Cause     `json:"causes"`
	MostCauses  int         `json:"most_causes"`
}

// Batch gives the settings of a batch at an area today. Errors: suggestions.no_rule; civil.no_values where the
// agreement gives no values to take over.
func (s *Service) Batch(at area.Code) (BatchSettings, error) {
	if !s.Civil.Scans() {
		return BatchSettings{}, fail.Conflict("civil.no_values")
	}
	on := s.today(at)
	rule, err := s.Rules.SureOn(on)
	return BatchSettings{On: on, Probability: rule.Probability, GapBits: rule.GapBits, Causes: rule.Causes, MostCauses: rule.MostCauses}, err
}

// Sure gives the rule in force at an area today. Error: suggestions.no_rule.
func (s *Service) Sure(at area.Code) (Sure, error) { return s.Rules.SureOn(s.today(at)) }

// settingsOf reads a run's settings and refuses any that are looser than the rule of their day.
func (s *Service) settingsOf(r runs.Run) (b BatchSettings, err error) {
	if err := r.Decode(&b); err != nil {
		return b, err
	}
	if !s.Civil.Scans() {
		return b, fail.Conflict("civil.no_values")
	}
	rule, err := s.Rules.SureOn(b.On)
	if err != nil {
		return b, err
	}
	looser := b.Probability < rule.Probability || b.GapBits < rule.GapBits || b.MostCauses > rule.MostCauses
	if looser || slices.ContainsFunc(b.Causes, func(c Cause) bool { return !slices.Contains(rule.Causes, c) }) {
		return b, fail.Invalid("suggestions.too_loose", "day", b.On.Text())
	}
	return b, nil
}

// mendable is a person a batch may mend, as her suggestion says.
type mendable struct {
	person, family         sqldb.ID
	version, familyVersion int64
	civil                  sqldb.Hash
	name                   string
	causes                 []Cause
}

// mendables reads the next persons whose suggestion is up to date and sure enough, in the order of their ids.
func (s *Service) mendables(ctx context.Context, q sqldb.Querier, r runs.Run, b BatchSettings, after sqldb.ID, limit int) ([]mendable, sqldb.ID, error) {
	now, err := s.basisIn(ctx, q)
	if err != nil {
		return nil, after, err
	}
	a := sqldb.NewArgs(q)
	from, to := r.Area.Range()
	query := `
		SELECT p.id, p.family_id, p.version, f.version, g.civil_hash, p.name, g.document
		FROM match_suggestion g CROSS JOIN person p CROSS JOIN family f
		WHERE g.kabkota = ` + a.P(int64(r.Tenant)) + ` AND g.person_id > ` + a.P(floored(after)) + ` AND p.kabkota = g.kabkota AND p.id = g.person_id
		AND f.kabkota = p.kabkota AND f.id = p.family_id AND ` + fresh(a, now) + ` AND g.outcome = 3 AND g.taken = 0 AND g.civil_hash = p.nik_hash
		AND g.probability >= ` + a.P(b.Probability) + ` AND (g.gap < 0 OR g.gap >= ` + a.P(b.GapBits) + `) AND g.cause IN ` + sqldb.In(a, texts(b.Causes)) + `
		AND p.nik_state = 1 AND p.state = 1 AND p.match_status IN ` + sqldb.In(a, notMatching()) +
		` AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to)) + ` ORDER BY g.person_id LIMIT ` + a.P(int64(limit))
	list, err := sqldb.Collect(ctx, q, query, a.Values, func(row sqldb.Row) (m mendable, err error) {
		var sealed []byte
		if err := row.Scan(&m.person, &m.family, &m.version, &m.familyVersion, &m.civil, &m.name, &sealed); err != nil {
			return m, err
		}
		d, err := s.opened(sealed)
		m.causes = d.Causes
		return m, err
	})
	if err != nil {
		return nil, after, fmt.Errorf("read sure suggestions: %w", err)
	}
	if n := len(list); n > 0 {
		after = list[n-1].person
	}
	return slices.DeleteFunc(list, func(m mendable) bool { return !b.allows(m.causes) }), after, nil
}

// allows tells that everything wrong is what a batch may mend, and not too much of it.
func (b *BatchSettings) allows(causes []Cause) bool {
	return len(causes) <= b.MostCauses && !slices.ContainsFunc(causes, func(c Cause) bool { return !slices.Contains(b.Causes, c) })
}

func texts(causes []Cause) (out []string) {
	for _, c := range causes {
		out = append(out, string(c))
	}
	return out
}

// floored gives a value below every id, since the zero ID is NULL.
func floored(id sqldb.ID) sqldb.ID {
	if id.IsZero() {
		id[15] = 1
	}
	return id
}

// paidIn gives those of the persons who are enrolled, or whose family is, or who were ever paid. It only reads what
// programmes and payments keep.
func paidIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []mendable) (map[sqldb.ID]bool, error) {
	paid := map[sqldb.ID]bool{}
	for some := range slices.Chunk(list, 400) {
		var persons, families []sqldb.ID
		for _, m := range some {
			persons, families = append(persons, m.person), append(families, m.family)
		}
		for _, one := range []struct {
			query string
			ids   []sqldb.ID
		}{
			{`SELECT DISTINCT family_id FROM enrolment WHERE state IN (1, 3) AND kabkota = $1 AND family_id IN `, families},
			{`SELECT DISTINCT person_id FROM enrolment WHERE state IN (1, 3) AND kabkota = $1 AND person_id IN `, persons},
			{`SELECT DISTINCT family_id FROM payment WHERE kabkota = $1 AND family_id IN `, families},
			{`SELECT DISTINCT person_id FROM payment WHERE kabkota = $1 AND person_id IN `, persons},
		} {
			a := sqldb.NewArgs(q)
			a.P(int64(tenant))
			err := sqldb.Each(ctx, q, one.query+sqldb.In(a, one.ids), a.Values, func(r sqldb.Row) error {
				var id sqldb.ID
				err := r.Scan(&id)
				paid[id] = true
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("read who is paid: %w", err)
			}
		}
	}
	return paid, nil
}

// Samples of a preview, and how many suggestions it reads at a time.
const (
	samplesShown = 8
	previewChunk = 2000
)

func (s *Service) previewBatch(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	b, err := s.settingsOf(r)
	if err != nil {
		return runs.Preview{}, err
	}
	out := runs.Preview{Figures: runs.Tally{"mend": 0}}
	var after sqldb.ID
	for {
		list, next, err := s.mendables(ctx, tx, r, b, after, previewChunk)
		if err != nil {
			return out, err
		}
		paid, err := paidIn(ctx, tx, r.Tenant, list)
		if err != nil {
			return out, err
		}
		withheld, err := s.withheldIn(ctx, tx, r.Tenant, list)
		if err != nil {
			return out, err
		}
		for _, m := range list {
			out.Total++
			if paid[m.person] || paid[m.family] {
				out.Figures["mend_paid"]++
				continue
			}
			if withheld[m.person] {
				out.Figures["mend_shared"]++
				continue
			}
			out.Figures["mend"]++
			out.Figures["suggestions.cause."+string(m.causes[0])]++
			if len(out.Samples) < samplesShown {
				out.Samples = append(out.Samples, runs.Sample{Subject: m.person, Label: person.Name(m.name).String(), Outcome: "suggestions.cause." + string(m.causes[0])})
			}
		}
		if next == after {
			return out, nil
		}
		after = next
	}
}

// prepareBatch reads the next persons; each is looked at again when she is mended, so that nobody is mended by
// a suggestion that is old by then.
func (s *Service) prepareBatch(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, fmt.Errorf("read cursor: %w", err)
	}
	b, err := s.settingsOf(r)
	if err != nil {
		return runs.Chunk{}, err
	}
	list, next, err := s.mendables(ctx, s.Acts.DB().Direct(), r, b, after, s.mending)
	if err != nil {
		return runs.Chunk{}, err
	}
	return runs.Chunk{Next: next.String(), Last: next == after, Units: int64(len(list)), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return s.mendAll(ctx, tx, r, list)
	}}, nil
}

// facts is what an item says of a person who was mended: no value of hers.
type facts struct {
	Version int64    `json:"version"` // hers after it
	Fields  []string `json:"fields"`
}

func (s *Service) mendAll(ctx context.Context, tx *act.Tx, r runs.Run, list []mendable) (runs.Tally, error) {
	paid, err := paidIn(ctx, tx, r.Tenant, list)
	if err != nil {
		return nil, err
	}
	withheld, err := s.withheldIn(ctx, tx, r.Tenant, list)
	if err != nil {
		return nil, err
	}
	tally := runs.Tally{}
	var items []runs.Item
	for _, m := range list {
		item := runs.Item{Subject: m.person, Outcome: "left", Code: "paid", Facts: "{}"}
		switch {
		case paid[m.person] || paid[m.family]:
		case withheld[m.person]:
			item.Code = "shared"
		default:
			if item, err = s.mendOne(ctx, tx, r, m); err != nil {
				return nil, fmt.Errorf("mend person %s: %w", m.person, err)
			}
		}
		switch {
		case item.Outcome == "mended":
			tally["mended"]++
			tally["suggestions.cause."+item.Code]++
		default:
			tally["mend_"+item.Code]++
		}
		items = append(items, item)
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return tally, err
}
