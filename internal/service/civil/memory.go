package civil

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// The answers held, sealed, and the day's quota: tables civil_answer and civil_quota.

const (
	answerPurpose   = seal.Purpose("civil_answer")
	questionPurpose = seal.Purpose("civil_question")
)

// Held implements Remote. A yes or no holds for the values it was asked about only; values
// and "found" hold whatever we changed since.
func (h *HTTP) Held(ctx context.Context, q sqldb.Querier, questions []Question) ([]Heard, error) {
	heard := make([]Heard, len(questions))
	at := make(map[sqldb.Hash][]int, len(questions))
	for i := range questions {
		if hash := questions[i].Hash; !hash.IsZero() {
			at[hash] = append(at[hash], i)
		}
	}
	now := h.o.Now()
	for some := range slices.Chunk(slices.Collect(maps.Keys(at)), fileChunk) {
		a := sqldb.NewArgs(q)
		query := `SELECT nik_hash, question, outcome, answer, answered_at FROM civil_answer WHERE mode = ` + a.P(int64(h.o.Mode)) +
			` AND answered_at > ` + a.P(now.Add(-h.o.MaxAge).UnixMicro()) + ` AND nik_hash IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var row heldRow
			if err := r.Scan(&row.hash, &row.question, &row.outcome, &row.sealed, &row.at); err != nil {
				return err
			}
			return h.place(row, now, questions, at[row.hash], heard)
		})
		if err != nil {
			return nil, fmt.Errorf("read held answers: %w", err)
		}
	}
	return heard, nil
}

type heldRow struct {
	hash, question sqldb.Hash
	outcome, at    int64
	sealed         []byte
}

// place gives a held answer to the questions it is good for.
func (h *HTTP) place(row heldRow, now time.Time, questions []Question, at []int, heard []Heard) error {
	given := time.UnixMicro(row.at).UTC()
	if civilmatch.Outcome(row.outcome) == civilmatch.NotFound && now.Sub(given) >= h.o.MissAge {
		return nil
	}
	plain, err := h.keys.Open(answerPurpose, row.sealed)
	if err != nil {
		return err
	}
	answer, err := openAnswer(plain, h.o.Mode)
	if err != nil {
		return err
	}
	for _, i := range at {
		if row.question == h.digest(&questions[i]) {
			heard[i] = Heard{Answer: answer, At: given}
		}
	}
	return nil
}

// digest is what a held answer is bound to beside the NIK: in yes-or-no mode the values
// asked about.
func (h *HTTP) digest(q *Question) sqldb.Hash {
	if h.o.Mode != civilmatch.YesNo {
		return sqldb.Hash{}
	}
	r := &q.Record
	text := r.Name.Fold() + "\x00" + r.BirthDate.Text() + "\x00" + r.Sex.String() + "\x00" + r.KK.Plain()
	return h.keys.Blind(questionPurpose, []byte(text))
}

// keep holds the answers of a batch, in a transaction of its own: what was paid for with
// quota survives whatever happens to the run.
func (h *HTTP) keep(ctx context.Context, questions []Question, done asked) error {
	type row struct {
		question *Question
		answer   *civilmatch.Answer
		sealed   []byte
	}
	last := map[sqldb.Hash]row{} // contested persons share a NIK: one row of it a statement
	for i, to := range done.at {
		a := &done.answers[i]
		if a.Outcome != civilmatch.Found && a.Outcome != civilmatch.NotFound {
			continue
		}
		plain, err := sealedAnswer(a)
		if err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
		last[questions[to].Hash] = row{&questions[to], a, h.keys.Seal(nil, answerPurpose, plain)}
	}
	order := slices.SortedFunc(maps.Keys(last), func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	in := sqldb.Insert{
		Table: "civil_answer", Columns: []string{"nik_hash", "mode", "question", "outcome", "answer", "answered_at"},
		OnConflict: `(nik_hash) DO UPDATE SET mode = excluded.mode, question = excluded.question, outcome = excluded.outcome,
			answer = excluded.answer, answered_at = excluded.answered_at`,
	}
	now := h.o.Now().UnixMicro()
	err := h.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Bulk(ctx, in, len(order), func(i int, v []any) {
			r := last[order[i]]
			v[0], v[1], v[2], v[3], v[4], v[5] = order[i], int64(h.o.Mode), h.digest(r.question), int64(r.answer.Outcome), r.sealed, now
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("hold answers: %w", err)
	}
	return nil
}

// Forget deletes answers too old to be used, and gives how many; a job calls it daily.
func (h *HTTP) Forget(ctx context.Context) (n int64, err error) {
	err = h.db.Write(ctx, func(tx *sqldb.Tx) error {
		// -- national: by age, whosever they are (nik_hash)
		n, err = tx.Exec(ctx, `DELETE FROM civil_answer WHERE answered_at <= $1`, h.o.Now().Add(-h.o.MaxAge).UnixMicro())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget answers: %w", err)
	}
	return n, nil
}

// reserve counts NIKs against the day's quota before they are sent, retries included, as
// the other side may count them too. It gives how many of n the day still allows; error:
// civil.quota when none.
func (h *HTTP) reserve(ctx context.Context, n int) (granted int, err error) {
	registry, day := h.agreement(), h.day()
	err = h.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO civil_quota (registry, day, asked) VALUES ($1, $2, 0)
			ON CONFLICT (registry, day) DO UPDATE SET asked = civil_quota.asked`, registry, day) // takes the row
		if err != nil {
			return err
		}
		granted = n
		if h.o.Quota > 0 {
			var asked int64
			if err := tx.QueryRow(ctx, `SELECT asked FROM civil_quota WHERE registry = $1 AND day = $2`, registry, day).Scan(&asked); err != nil {
				return err
			}
			granted = int(max(0, min(int64(n), h.o.Quota-asked)))
		}
		_, err = tx.Exec(ctx, `UPDATE civil_quota SET asked = asked + $1 WHERE registry = $2 AND day = $3`, int64(granted), registry, day)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count quota: %w", err)
	}
	if granted == 0 {
		return 0, fail.Unavailable("civil.quota")
	}
	return granted, nil
}

func (h *HTTP) agreement() string { return h.o.URL + " " + h.o.Institution }

func (h *HTTP) day() string { return h.o.Now().In(h.o.Zone).Format(time.DateOnly) }

// Asked gives how many NIKs were asked about today.
func (h *HTTP) Asked(ctx context.Context) (n int64, err error) {
	err = h.db.Direct().QueryRow(ctx, `SELECT coalesce(max(asked), 0) FROM civil_quota WHERE registry = $1 AND day = $2`, h.agreement(), h.day()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read quota: %w", err)
	}
	return n, nil
}
