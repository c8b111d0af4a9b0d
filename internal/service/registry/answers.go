package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Form says whom a set of answers is about.
type Form string

// The forms.
const (
	FamilyForm Form = "family"
	PersonForm Form = "person"
)

// Answers is one filled form: a JSON object of item name to answer, in the codes of
// its questionnaire version.
type Answers struct {
	Subject       sqldb.ID
	Form          Form
	Questionnaire string
	Source        string
	CollectedAt   string
	Document      string
}

// KeepAnswersIn keeps answers; those they replace go to the history, and answers
// collected earlier than the ones held are dropped. Families whose estimated decile rests on
// the answers before are marked, to be ranked anew.
func (s *Service) KeepAnswersIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Answers) error {
	list = lastOfEach(list)
	ids := make([]sqldb.ID, len(list))
	for i := range list {
		ids[i] = list[i].Subject
	}
	held := map[answersKey]heldAnswers{}
	_, err := inChunks(ids, func(some []sqldb.ID) ([]struct{}, error) {
		a := sqldb.NewArgs(tx)
		query := `SELECT subject_id, form, collected_at, document FROM answers WHERE kabkota = ` + a.P(int64(tenant)) + ` AND subject_id IN ` + sqldb.In(a, some)
		return nil, sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var k answersKey
			var h heldAnswers
			err := r.Scan(&k.subject, &k.form, &h.collected, &h.document)
			held[k] = h
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	newer := list[:0:0]
	var replaced []Answers
	for _, a := range list {
		h, ok := held[answersKey{a.Subject, a.Form}]
		if ok && (h.collected > a.CollectedAt || h.document == a.Document) {
			continue
		}
		if ok {
			replaced = append(replaced, a)
		}
		newer = append(newer, a)
	}
	if err := keepOldAnswers(ctx, tx, tenant, replaced); err != nil {
		return err
	}
	if err := insertAnswers(ctx, tx, tenant, newer, replaceAnswers); err != nil {
		return err
	}
	var families, persons []sqldb.ID
	for _, a := range newer {
		if a.Form == FamilyForm {
			families = append(families, a.Subject)
		} else {
			persons = append(persons, a.Subject)
		}
	}
	return s.markRanksIn(ctx, tx, tenant, families, persons)
}

type answersKey struct {
	subject sqldb.ID
	form    Form
}

type heldAnswers struct{ collected, document string }

// lastOfEach keeps the last set of each subject and form: two in one statement would be an error.
func lastOfEach(list []Answers) []Answers {
	last := make(map[answersKey]int, len(list))
	for i, a := range list {
		last[answersKey{a.Subject, a.Form}] = i
	}
	out := list[:0:0]
	for i, a := range list {
		if last[answersKey{a.Subject, a.Form}] == i {
			out = append(out, a)
		}
	}
	return out
}

func keepOldAnswers(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Answers) error {
	_, err := tx.ExecEach(ctx, `
		INSERT INTO answers_history (kabkota, subject_id, form, recorded_from, recorded_to, questionnaire, source, collected_at, act_id, document)
		SELECT kabkota, subject_id, form, recorded_at, $1, questionnaire, source, collected_at, act_id, document
		FROM answers WHERE kabkota = $2 AND subject_id = $3 AND form = $4
		ON CONFLICT (kabkota, subject_id, form, recorded_from) DO NOTHING`, 4, len(list), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = tx.Micros(), int64(tenant), list[i].Subject, string(list[i].Form)
	})
	if err != nil {
		return fmt.Errorf("keep old answers: %w", err)
	}
	return nil
}

const replaceAnswers = `(kabkota, subject_id, form) DO UPDATE SET questionnaire = excluded.questionnaire, source = excluded.source,
	collected_at = excluded.collected_at, recorded_at = excluded.recorded_at, act_id = excluded.act_id, document = excluded.document`

func insertAnswers(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Answers, onConflict string) error {
	in := sqldb.Insert{
		Table:   "answers",
		Columns: []string{"subject_id", "form", "questionnaire", "source", "collected_at", "document"},
		Fixed: []sqldb.Fixed{
			{Column: "kabkota", Value: int64(tenant)}, {Column: "recorded_at", Value: tx.Micros()}, {Column: "act_id", Value: tx.Act},
		},
		OnConflict: onConflict,
	}
	_, err := tx.BulkCells(ctx, in, len(list), func(i int, v *sqldb.Cells) {
		a := &list[i]
		v.ID(a.Subject)
		for _, text := range [...]string{string(a.Form), a.Questionnaire, a.Source, a.CollectedAt, a.Document} {
			v.Text(text)
		}
	})
	return err
}

// AnswersIn reads the answers of subjects, by subject and form.
func (s *Service) AnswersIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, subjects []sqldb.ID) ([]Answers, error) {
	return inChunks(subjects, func(some []sqldb.ID) ([]Answers, error) {
		a := sqldb.NewArgs(q)
		query := `SELECT subject_id, form, questionnaire, source, collected_at, document FROM answers WHERE kabkota = ` + a.P(int64(tenant)) + ` AND subject_id IN ` + sqldb.In(a, some)
		return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (Answers, error) {
			var out Answers
			err := r.Scan(&out.Subject, &out.Form, &out.Questionnaire, &out.Source, &out.CollectedAt, &out.Document)
			return out, err
		})
	})
}
