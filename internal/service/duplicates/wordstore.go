package duplicates

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const wordColumns = `kabkota, id, pair_id, sees_left, sees_right, reason, note, said_by, said_at, answer, answer_note, answered_by, answered_at`

func (s *Service) scanWord(row sqldb.Row) (w Word, err error) {
	var tenant, left, right, said, answered int64
	var note, reply []byte
	err = row.Scan(&tenant, &w.ID, &w.PairID, &left, &right, &w.Reason, &note, &w.SaidBy, &said, &w.Answer, &reply, &w.AnsweredBy, &answered)
	if err != nil {
		return w, err
	}
	w.Tenant, w.SeesLeft, w.SeesRight, w.SaidAt, w.AnsweredAt = area.Tenant(tenant), left == 1, right == 1, instant(said), instant(answered)
	if w.Note, err = s.openNote(note); err == nil {
		w.AnswerNote, err = s.openNote(reply)
	}
	if err != nil {
		return w, fmt.Errorf("open word %s: %w", w.ID, err)
	}
	return w, nil
}

// openNote opens a sealed note; none is empty.
func (s *Service) openNote(sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.keys.Open(notePurpose, sealed)
	return string(plain), err
}

// sealNote seals a note; an empty one is NULL.
func (s *Service) sealNote(note string) any {
	if note == "" {
		return nil
	}
	return s.keys.Seal(nil, notePurpose, []byte(note))
}

// wordIn reads a word; duplicates.unknown when there is none.
func (s *Service) wordIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Word, error) {
	w, err := s.scanWord(q.QueryRow(ctx, `SELECT `+wordColumns+` FROM pair_word WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(w, err, "read word", fail.NotFound("duplicates.unknown"))
}

// wordsIn reads what was said of a pair, the newest first.
func (s *Service) wordsIn(ctx context.Context, q sqldb.Querier, p Pair) ([]Word, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+wordColumns+` FROM pair_word WHERE kabkota = $1 AND pair_id = $2
		ORDER BY said_at DESC, id DESC LIMIT $3`, []any{int64(p.Tenant), p.ID, int64(mostWords)}, s.scanWord)
	if err != nil {
		return nil, fmt.Errorf("read words of pair: %w", err)
	}
	return list, nil
}

func (s *Service) insertWord(ctx context.Context, tx *act.Tx, w Word) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO pair_word (`+wordColumns+`, act_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', NULL, NULL, 0, $10)`,
		int64(w.Tenant), w.ID, w.PairID, flag(w.SeesLeft), flag(w.SeesRight), w.Reason, s.sealNote(w.Note), w.SaidBy, micros(w.SaidAt), tx.Act)
	if err != nil {
		return fmt.Errorf("keep word: %w", err)
	}
	return nil
}

// changeWord keeps the answer to a word; one that was answered meanwhile is a conflict.
func (s *Service) changeWord(ctx context.Context, tx *act.Tx, w Word) error {
	n, err := tx.Exec(ctx, `
		UPDATE pair_word SET answer = $1, answer_note = $2, answered_by = $3, answered_at = $4, act_id = $5
		WHERE kabkota = $6 AND id = $7 AND answer = ''`,
		string(w.Answer), s.sealNote(w.AnswerNote), w.AnsweredBy, micros(w.AnsweredAt), tx.Act, int64(w.Tenant), w.ID)
	if err != nil {
		return fmt.Errorf("change word: %w", err)
	}
	if n == 0 {
		return fail.Conflict("duplicates.changed")
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
