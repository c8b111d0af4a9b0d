package civil

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// MatchKind is the run that compares every active person of a tenant with the civil
// registry. It writes only what changed.
func (s *Service) MatchKind() runs.Kind {
	return runs.Kind{Name: "match", Start: access.RunMatch, View: s.previewMatch, Prepare: s.prepareMatch}
}

const matchChunk = 20000

func (s *Service) previewMatch(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	var persons int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM person WHERE kabkota = $1 AND state = 1`, int64(r.Tenant)).Scan(&persons)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("count persons: %w", err)
	}
	return runs.Preview{Total: persons, Figures: runs.Tally{"persons": persons}}, nil
}

// outcome is one person whose status changes.
type outcome struct {
	id, family  sqldb.ID
	version     int64
	before, now civilmatch.Status
	differs     civilmatch.Fields
}

func (s *Service) prepareMatch(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, err
	}
	var changed []outcome
	tally := runs.Tally{}
	var last sqldb.ID
	n := 0
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		batch, err := s.readBatch(ctx, tx, r.Tenant, after)
		if err != nil {
			return fmt.Errorf("read persons: %w", err)
		}
		if n = len(batch); n > 0 {
			last = batch[n-1].id
		}
		changed, err = s.compare(ctx, tx, batch, tally)
		return err
	})
	if err != nil {
		return runs.Chunk{}, err
	}
	chunk := runs.Chunk{Next: last.String(), Last: n < matchChunk, Units: int64(n)}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return tally, s.keepOutcomes(ctx, tx, r, changed)
	}
	return chunk, nil
}

// candidate is a person as the match reads her.
type candidate struct {
	id, family    sqldb.ID
	version       int64
	nik           []byte
	nikHash       sqldb.Hash
	nikState      int64
	name, birth   string
	sex           int64
	kkHash        sqldb.Hash
	before        int64
	beforeDiffers int64
	answer        civilmatch.Answer
	civilName     string
}

// readBatch reads persons and, where the civil registry is an imported file, her civil
// record beside her: numbers are compared by their keyed hashes, so nothing is opened.
func (s *Service) readBatch(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, after sqldb.ID) ([]candidate, error) {
	if after.IsZero() {
		after[15] = 1
	}
	return sqldb.Collect(ctx, tx, `
		SELECT p.id, p.family_id, p.version, p.nik, p.nik_hash, p.nik_state, p.name_norm, p.birth_date, p.sex, f.kk_hash,
			p.match_status, p.match_fields, coalesce(c.status, -1), coalesce(c.name_norm, ''), coalesce(c.birth_date, ''), coalesce(c.sex, 0), c.kk_hash
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		LEFT JOIN civil_record c ON c.nik_hash = p.nik_hash
		WHERE p.kabkota = $1 AND p.id > $2 AND p.state = 1
		ORDER BY p.id LIMIT $3`, []any{int64(tenant), after, matchChunk}, scanCandidate)
}

func scanCandidate(r sqldb.Row) (candidate, error) {
	var c candidate
	var status, civilSex int64
	var civilBirth string
	var civilKK sqldb.Hash
	err := r.Scan(&c.id, &c.family, &c.version, &c.nik, &c.nikHash, &c.nikState, &c.name, &c.birth, &c.sex, &c.kkHash,
		&c.before, &c.beforeDiffers, &status, &c.civilName, &civilBirth, &civilSex, &civilKK)
	if err != nil {
		return c, err
	}
	if status < 0 {
		c.answer = civilmatch.Answer{Outcome: civilmatch.NotFound}
		return c, nil
	}
	a := civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.YesNo, State: civilmatch.State(status)}
	put := func(field civilmatch.Fields, given, same bool) {
		if given {
			a.Asked |= field
			if same {
				a.Same |= field
			}
		}
	}
	put(civilmatch.Name, c.civilName != "", c.civilName == c.name)
	put(civilmatch.BirthDate, civilBirth != "", civilBirth == c.birth)
	put(civilmatch.Sex, civilSex != 0, civilSex == c.sex)
	put(civilmatch.KK, !civilKK.IsZero(), civilKK == c.kkHash)
	c.answer = a
	return c, nil
}

// compare gives the persons whose status changes and counts all.
func (s *Service) compare(ctx context.Context, tx *sqldb.Tx, batch []candidate, tally runs.Tally) ([]outcome, error) {
	answers, err := s.answers(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	var changed []outcome
	for i := range batch {
		c := &batch[i]
		record, err := s.record(c)
		if err != nil {
			return nil, fmt.Errorf("open person %s: %w", c.id, err)
		}
		result := civilmatch.Compare(s.rules, &record, &answers[i])
		tally[result.Status.Code()]++
		tally["persons"]++
		if int64(result.Status) != c.before || int64(result.Differs) != c.beforeDiffers {
			changed = append(changed, outcome{c.id, c.family, c.version, civilmatch.Status(c.before), result.Status, result.Differs})
		}
	}
	tally["changed"] += int64(len(changed))
	return changed, nil
}

func (s *Service) record(c *candidate) (civilmatch.Record, error) {
	out := civilmatch.Record{NIKInvalid: c.nikState == 3, NIKShared: c.nikState == 2, Name: person.Name(c.name), Sex: person.Sex(c.sex)}
	if c.nikState == 1 || c.nikState == 2 {
		plain, err := s.keys.Open(seal.NIK, c.nik)
		if err != nil {
			return out, err
		}
		if out.NIK, err = person.ParseNIK(string(plain)); err != nil {
			return out, err
		}
	}
	if c.birth != "" {
		birth, err := period.ParseDate(c.birth)
		if err != nil {
			return out, err
		}
		out.BirthDate = birth
	}
	return out, nil
}

// answers takes what was read beside the persons, or asks a registry elsewhere.
func (s *Service) answers(ctx context.Context, tx *sqldb.Tx, batch []candidate) ([]civilmatch.Answer, error) {
	out := make([]civilmatch.Answer, len(batch))
	if file, ok := s.civil.(File); ok {
		for i := range batch {
			out[i] = batch[i].answer
			if file.mode == civilmatch.FoundOnly {
				out[i].Asked, out[i].Same = 0, 0
			}
		}
		return out, nil
	}
	questions := make([]Question, len(batch))
	for i := range batch {
		record, err := s.record(&batch[i])
		if err != nil {
			return nil, err
		}
		questions[i] = Question{Hash: batch[i].nikHash, Record: record}
	}
	return s.civil.Ask(ctx, tx, questions)
}

// keepOutcomes writes the changed statuses, the counts of the families, and an item
// for everybody who does not match or no longer does.
func (s *Service) keepOutcomes(ctx context.Context, tx *act.Tx, r runs.Run, changed []outcome) error {
	n, err := tx.ExecEach(ctx, `
		UPDATE person SET match_status = $1, match_fields = $2, matched_at = $3
		WHERE kabkota = $4 AND id = $5 AND version = $6`, 6, len(changed), func(i int, v []any) {
		o := &changed[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(o.now), int64(o.differs), tx.Micros(), int64(r.Tenant), o.id, o.version
	})
	if err != nil {
		return fmt.Errorf("keep statuses: %w", err)
	}
	if n != int64(len(changed)) {
		// Somebody changed a person between our look and now: the chunk is prepared again.
		return errMoved
	}
	if err := recountFamilies(ctx, tx, r.Tenant, changed); err != nil {
		return err
	}
	var items []runs.Item
	for _, o := range changed {
		if o.now.Group() == civilmatch.NotMatching || o.before.Group() == civilmatch.NotMatching {
			items = append(items, runs.Item{Subject: o.id, Outcome: o.now.Code(), Code: o.before.Code(), Facts: `{"differs":"` + o.differs.String() + `"}`})
		}
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return err
}

func recountFamilies(ctx context.Context, tx *act.Tx, tenant area.Tenant, changed []outcome) error {
	delta := map[sqldb.ID]int64{}
	var order []sqldb.ID
	for _, o := range changed {
		d := int64(0)
		if o.now.Group() == civilmatch.NotMatching {
			d++
		}
		if o.before.Group() == civilmatch.NotMatching {
			d--
		}
		if d == 0 {
			continue
		}
		if _, seen := delta[o.family]; !seen {
			order = append(order, o.family)
		}
		delta[o.family] += d
	}
	_, err := tx.ExecEach(ctx, `UPDATE family SET unmatched = unmatched + $1 WHERE kabkota = $2 AND id = $3`, 3, len(order), func(i int, v []any) {
		v[0], v[1], v[2] = delta[order[i]], int64(tenant), order[i]
	})
	if err != nil {
		return fmt.Errorf("count families: %w", err)
	}
	return nil
}
