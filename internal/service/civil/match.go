package civil

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// MatchKind is the run that compares every active person of a tenant with the civil
// registry. It writes only what changed.
func (s *Service) MatchKind() runs.Kind {
	return runs.Kind{Name: "match", Counts: runs.Persons, Start: access.RunMatch, View: s.previewMatch, Prepare: s.prepareMatch, Finish: s.finishMatch}
}

// Persons a chunk: of a registry at hand, and of one that is asked over the network, so
// that a chunk stays shorter than a job may take.
const (
	localChunk  = 20000
	remoteChunk = 1000
)

// MatchSettings narrow a match run.
type MatchSettings struct {
	// Unanswered takes only persons nobody has answered for yet: what a run left behind
	// when the service failed. The others stay as they are.
	Unanswered bool `json:"unanswered,omitempty"`
}

func (s *Service) previewMatch(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	var settings MatchSettings
	if err := r.Decode(&settings); err != nil {
		return runs.Preview{}, err
	}
	from, to := r.Area.Range()
	var persons int64
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM person
		WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3 AND match_status <= $4`,
		int64(r.Tenant), int64(from), int64(to), settings.highest()).Scan(&persons)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("count persons: %w", err)
	}
	return runs.Preview{Total: persons, Figures: runs.Tally{"persons": persons}}, nil
}

// highest gives the last status the run looks at: the two that say nobody answered come first.
func (m MatchSettings) highest() int64 {
	if m.Unanswered {
		return int64(civilmatch.ServiceFailed)
	}
	return math.MaxUint8
}

// outcome is one person whose status changes.
type outcome struct {
	id, family    sqldb.ID
	version       int64
	before        civilmatch.Status
	beforeDiffers civilmatch.Fields
	now           civilmatch.Status
	differs       civilmatch.Fields
}

// prepareMatch reads a chunk of persons and compares them. A registry elsewhere is asked
// after the reading transaction has ended, never inside it.
func (s *Service) prepareMatch(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var settings MatchSettings
	var after sqldb.ID
	if err := errors.Join(after.UnmarshalText([]byte(cursor)), r.Decode(&settings)); err != nil {
		return runs.Chunk{}, err
	}
	var batch []candidate
	var answers []civilmatch.Answer
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if batch, err = s.readBatch(ctx, tx, r, settings, after); err != nil || !s.civil.Local() {
			return err
		}
		answers, err = s.answers(ctx, tx, batch)
		return err
	})
	if err == nil && !s.civil.Local() {
		answers, err = s.answers(ctx, s.acts.DB().Direct(), batch)
	}
	if err != nil {
		return runs.Chunk{}, err
	}
	changed, tally, err := s.compare(batch, answers)
	if err != nil {
		return runs.Chunk{}, err
	}
	if n := len(batch); n > 0 {
		after = batch[n-1].id
	}
	if len(batch) < s.chunk {
		s.dropFile(r.ID)
	}
	chunk := runs.Chunk{Next: after.String(), Last: len(batch) < s.chunk, Units: int64(len(batch))}
	claimed := contested(batch)
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		kept, err := s.keepOutcomes(ctx, tx, r, changed, tally)
		if err != nil {
			return nil, err
		}
		return kept, note(kept, "marked", func() (int64, error) { return s.reg.MarkClaimedIn(ctx, tx, claimed) })
	}
	return chunk, nil
}

// contested gives the NIKs of a batch that another person holds.
func contested(batch []candidate) (out []sqldb.Hash) {
	for i := range batch {
		if batch[i].nikState == registry.Contested {
			out = append(out, batch[i].nikHash)
		}
	}
	return out
}

// finishMatch takes the mark of a contested NIK from who holds it alone now and is padan.
func (s *Service) finishMatch(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	tally := runs.Tally{}
	return tally, note(tally, "unmarked", func() (int64, error) { return s.reg.ClearMarksIn(ctx, tx, r.Tenant, r.Area) })
}

// note adds to a tally what f did, if anything.
func note(tally runs.Tally, figure string, f func() (int64, error)) error {
	n, err := f()
	if n > 0 {
		tally[figure] += n
	}
	return err
}

// candidate is a person as the match reads her.
type candidate struct {
	id, family    sqldb.ID
	version       int64
	nik           []byte
	nikHash       sqldb.Hash
	nikState      registry.NIKState
	name, birth   string
	sex           int64
	kkHash        sqldb.Hash
	kk            []byte // sealed; only where the registry is not the imported file
	before        int64
	beforeDiffers int64
	answer        civilmatch.Answer // of the imported file
}

const candidateColumns = `p.id, p.family_id, p.version, p.nik, p.nik_hash, p.nik_state, p.name_norm, p.birth_date, p.sex,
			p.match_status, p.match_fields`

// readBatch reads the next persons and, where the civil registry is the imported file,
// her civil record beside her: numbers are compared by their keyed hashes.
func (s *Service) readBatch(ctx context.Context, tx *sqldb.Tx, r runs.Run, m MatchSettings, after sqldb.ID) ([]candidate, error) {
	if after.IsZero() {
		after[15] = 1
	}
	file, err := s.fileInMemory(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	if file != nil {
		return s.readLarge(ctx, tx, r, m, after, file)
	}
	columns, join, scan := `, f.no_kk`, ``, scanPlain
	if _, ok := s.civil.(File); ok {
		columns = `, f.kk_hash, coalesce(c.status, -1), coalesce(c.name_norm, ''), coalesce(c.birth_date, ''), coalesce(c.sex, 0), c.kk_hash`
		join, scan = `LEFT JOIN civil_record c ON c.nik_hash = p.nik_hash`, scanBeside
	}
	from, to := r.Area.Range()
	batch, err := sqldb.Collect(ctx, tx, `
		SELECT `+candidateColumns+columns+`
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		`+join+`
		WHERE p.kabkota = $1 AND p.id > $2 AND p.state = 1 AND p.area_code >= $3 AND p.area_code < $4 AND p.match_status <= $5
		ORDER BY p.id LIMIT $6`, []any{int64(r.Tenant), after, int64(from), int64(to), m.highest(), s.chunk}, scan)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	return batch, nil
}

func (c *candidate) fields() []any {
	return []any{&c.id, &c.family, &c.version, &c.nik, &c.nikHash, &c.nikState, &c.name, &c.birth, &c.sex, &c.before, &c.beforeDiffers}
}

func scanPlain(r sqldb.Row) (candidate, error) {
	var c candidate
	err := r.Scan(append(c.fields(), &c.kk)...)
	return c, err
}

// scanBeside reads a person with her row of the imported file, and compares the two.
func scanBeside(r sqldb.Row) (candidate, error) {
	var c candidate
	var status, civilSex int64
	var civilName, civilBirth string
	var civilKK sqldb.Hash
	err := r.Scan(append(c.fields(), &c.kkHash, &status, &civilName, &civilBirth, &civilSex, &civilKK)...)
	if err != nil {
		return c, err
	}
	if status < 0 {
		c.answer = civilmatch.Answer{Outcome: civilmatch.NotFound}
		return c, nil
	}
	c.answer = yesNo(civilmatch.State(status),
		given{civilName != "", civilName == c.name}, given{civilBirth != "", civilBirth == c.birth},
		given{civilSex != 0, civilSex == c.sex}, given{!civilKK.IsZero(), civilKK == c.kkHash})
	return c, nil
}

// compare gives the persons whose status changes and counts all. Whoever got no answer
// is counted and stays as she was: a failure says nothing about her.
func (s *Service) compare(batch []candidate, answers []civilmatch.Answer) ([]outcome, runs.Tally, error) {
	var changed []outcome
	tally := runs.Tally{}
	for i := range batch {
		c := &batch[i]
		record, err := s.record(c)
		if err != nil {
			return nil, nil, fmt.Errorf("open person %s: %w", c.id, err)
		}
		result := civilmatch.Compare(s.rules, &record, &answers[i])
		tally[result.Status.Code()]++
		tally["persons"]++
		if !silent(result.Status) && (int64(result.Status) != c.before || int64(result.Differs) != c.beforeDiffers) {
			changed = append(changed, outcome{
				c.id, c.family, c.version, civilmatch.Status(c.before), civilmatch.Fields(c.beforeDiffers), result.Status, result.Differs,
			})
		}
	}
	return changed, tally, nil
}

// silent tells a status that means nobody answered.
func silent(s civilmatch.Status) bool {
	return s == civilmatch.Pending || s == civilmatch.ServiceFailed
}

func (s *Service) record(c *candidate) (civilmatch.Record, error) {
	out := civilmatch.Record{
		NIKInvalid: c.nikState == registry.BadNIK, NIKShared: c.nikState == registry.Contested,
		Name: person.Name(c.name), Sex: person.Sex(c.sex),
	}
	var err error
	if c.nikState == registry.Holder || c.nikState == registry.Contested {
		if out.NIK, err = opened(s.keys, seal.NIK, c.nik, person.ParseNIK); err != nil {
			return out, err
		}
	}
	if len(c.kk) > 0 {
		if out.KK, err = opened(s.keys, seal.KK, c.kk, person.ParseKK); err != nil {
			return out, err
		}
	}
	if c.birth != "" {
		out.BirthDate, err = period.ParseDate(c.birth)
	}
	return out, err
}

// opened opens a sealed number and reads it.
func opened[T any](keys *seal.Keyring, purpose seal.Purpose, sealed []byte, parse func(string) (T, error)) (out T, err error) {
	plain, err := keys.Open(purpose, sealed)
	if err != nil {
		return out, err
	}
	return parse(string(plain))
}

// answers takes what was read beside the persons, or asks.
func (s *Service) answers(ctx context.Context, q sqldb.Querier, batch []candidate) ([]civilmatch.Answer, error) {
	out := make([]civilmatch.Answer, len(batch))
	if file, ok := s.civil.(File); ok {
		for i := range batch {
			out[i] = reduced(batch[i].answer, file.mode)
		}
		return out, nil
	}
	questions := make([]Question, len(batch))
	for i := range batch {
		record, err := s.record(&batch[i])
		if err != nil {
			return nil, fmt.Errorf("open person %s: %w", batch[i].id, err)
		}
		questions[i] = Question{Hash: batch[i].nikHash, Record: record}
	}
	out, err := s.civil.Ask(ctx, q, questions)
	if err != nil {
		return nil, fmt.Errorf("ask civil registry: %w", err)
	}
	return out, nil
}
