package registry

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
)

// change brings persons that are known already up to the newer row.
func (l *load) change(ctx context.Context) error {
	var ids []sqldb.ID
	for _, j := range l.joined {
		if !j.person.IsZero() {
			ids = append(ids, j.person)
		}
	}
	current, err := l.s.PersonsIn(ctx, l.tx, l.tenant, ids)
	if err != nil {
		return fmt.Errorf("read persons: %w", err)
	}
	byID := make(map[sqldb.ID]Person, len(current))
	for _, p := range current {
		byID[p.ID] = p
	}
	var simple []changed
	for _, j := range l.joined {
		before, ok := byID[j.person]
		if !ok {
			continue
		}
		after, outcome := merge(before, j.row)
		if outcome == "updated" && before.NIK == after.NIK && before.NIKState == after.NIKState {
			simple = append(simple, changed{before, after})
		} else if outcome == "updated" {
			if err := l.settle(ctx); err != nil {
				return err
			}
			if after, err = l.s.ChangePersonIn(ctx, l.tx, after); err != nil {
				return err
			}
		}
		byID[j.person] = after
		l.note(j.person, outcome)
	}
	return l.changeMany(ctx, simple)
}

func (l *load) note(id sqldb.ID, outcome string) {
	switch outcome {
	case "updated":
		l.out.Updated++
	case "older":
		l.out.Older++
	default:
		l.out.SamePerson++
	}
	l.out.Touched = append(l.out.Touched, Touched{id, outcome})
}

type changed struct{ before, after Person }

// merge gives the person as the row would have her. An older source changes nothing;
// an empty cell never clears what is known; what is compared with the civil registry
// is compared again when it changed.
func merge(p Person, r *Incoming) (Person, string) {
	if r.SourceDate < p.SourceDate {
		return p, "older"
	}
	before := p
	if !r.NIK.IsZero() {
		p.NIK, p.RawNIK = r.NIK, ""
		if p.NIKState == BadNIK || p.NIKState == NoNIK {
			p.NIKState = Holder
		}
	}
	setText(&p.Name, r.Name)
	setText(&p.BirthPlace, r.BirthPlace)
	setText(&p.MotherName, r.MotherName)
	if r.Sex != person.UnknownSex {
		p.Sex = r.Sex
	}
	if !r.BirthDate.IsZero() {
		p.BirthDate = r.BirthDate
	}
	if r.Relation != person.UnknownRelation {
		p.Relation = r.Relation
	}
	if !r.Phone.IsZero() {
		p.Phone = r.Phone
	}
	if p == before {
		return p, "same_person"
	}
	if p.NIK != before.NIK || !person.FoldEqual(p.Name, before.Name) || p.Sex != before.Sex || p.BirthDate != before.BirthDate {
		p.Match, p.MatchFields = civilmatch.Pending, 0
	}
	p.Source, p.SourceDate = r.Source, r.SourceDate
	return p, "updated"
}

func setText(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// changeMany writes persons whose NIK did not change: history, rows and counts in bulk.
func (l *load) changeMany(ctx context.Context, list []changed) error {
	documents := make([][]byte, len(list))
	for i := range list {
		var err error
		if documents[i], err = l.s.sealPersonDocument(&list[i].before); err != nil {
			return err
		}
	}
	history := sqldb.Insert{Table: "person_history", Columns: []string{"kabkota", "id", "version", "recorded_from", "recorded_to", "act_id", "document"}}
	_, err := l.tx.Bulk(ctx, history, len(list), func(i int, v []any) {
		b := &list[i].before
		v[0], v[1], v[2], v[3], v[4], v[5], v[6] = int64(b.Tenant), b.ID, b.Version, b.RecordedAt.UnixMicro(), l.tx.Micros(), l.tx.Act, documents[i]
	})
	if err != nil {
		return err
	}
	update := sqldb.Update{
		Table: "person", Set: []string{
			"recorded_at", "act_id", "name", "name_norm", "sex", "birth_place", "birth_date", "mother_name", "relation", "phone",
			"match_status", "match_fields", "source", "source_date",
		},
		Add: []string{"version"}, Key: []string{"kabkota", "id", "version"},
	}
	n, err := l.tx.Update(ctx, update, len(list), func(i int, v []any) {
		p := &list[i].after
		copy(v, []any{
			l.tx.Micros(), l.tx.Act, p.Name, fold(p.Name), int64(p.Sex), p.BirthPlace, p.BirthDate.Text(), bytesOrNil(l.s.sealText(motherPurpose, p.MotherName)),
			int64(p.Relation), bytesOrNil(l.s.sealText(phonePurpose, p.Phone.Plain())), int64(p.Match), int64(p.MatchFields), p.Source, p.SourceDate,
			int64(1), int64(p.Tenant), p.ID, p.Version,
		})
	})
	if err != nil {
		return fmt.Errorf("change persons: %w", err)
	}
	if n != int64(len(list)) {
		return fmt.Errorf("changed %d of %d persons", n, len(list))
	}
	for i := range list {
		if err := l.s.recountIn(ctx, l.tx, list[i].before, list[i].after); err != nil {
			return err
		}
	}
	return nil
}

// keepAnswers keeps the questionnaire of the rows; older answers go to the history. Nobody
// new can have any.
func (l *load) keepAnswers(ctx context.Context) error {
	fresh := make([]Answers, 0, len(l.fresh)*3/2)
	var others []Answers
	for _, row := range l.fresh {
		if row.PersonAnswers != "" {
			fresh = append(fresh, row.answers(row.id, PersonForm, row.PersonAnswers))
		}
		if row.FamilyAnswers == "" {
			continue
		}
		g := row.home
		a := row.answers(g.id, FamilyForm, row.FamilyAnswers)
		switch {
		case !g.isNew:
			others = append(others, a)
		case g.answered > 0: // by another head of the family: the last counts
			fresh[g.answered-1] = a
		default:
			fresh = append(fresh, a)
			g.answered = len(fresh)
		}
	}
	for _, j := range l.joined {
		if j.person.IsZero() || !j.known {
			continue
		}
		if j.row.PersonAnswers != "" {
			others = append(others, j.row.answers(j.person, PersonForm, j.row.PersonAnswers))
		}
		if j.row.FamilyAnswers != "" {
			others = append(others, j.row.answers(l.known[j.row.key()].family, FamilyForm, j.row.FamilyAnswers))
		}
	}
	if err := insertAnswers(ctx, l.tx, l.tenant, fresh, ""); err != nil {
		return err
	}
	if err := l.s.markRanksIn(ctx, l.tx, l.tenant, l.joinedFamilies(), nil); err != nil || len(others) == 0 {
		return err
	}
	return l.s.KeepAnswersIn(ctx, l.tx, l.tenant, others)
}

// joinedFamilies gives the families on record that somebody new came into.
func (l *load) joinedFamilies() []sqldb.ID {
	var out []sqldb.ID
	for _, row := range l.fresh {
		if g := row.home; !g.isNew && !slices.Contains(out[max(len(out)-1, 0):], g.id) {
			out = append(out, g.id)
		}
	}
	return out
}

func (in *Incoming) answers(subject sqldb.ID, form Form, document string) Answers {
	return Answers{Subject: subject, Form: form, Questionnaire: in.Questionnaire, Source: in.Source, CollectedAt: in.SourceDate, Document: document}
}
