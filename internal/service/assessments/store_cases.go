package assessments

import (
	"context"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// This file reads the registry's tables itself: an assessment asks few columns of millions of
// rows, and the registry's own reading opens every sealed number.

// span is the families of a page: all between two, or some of them.
type span struct {
	first, last sqldb.ID
	ids         []sqldb.ID
}

// each runs a query with a condition on a column for the families of the span.
func (p span) each(ctx context.Context, tx *sqldb.Tx, query func(a *sqldb.Args, families func(column string) string) string, scan func(sqldb.Row) error) error {
	if p.ids == nil {
		a := sqldb.NewArgs(tx)
		text := query(a, func(column string) string {
			return column + ` >= ` + a.P(p.first) + ` AND ` + column + ` <= ` + a.P(p.last)
		})
		return sqldb.Each(ctx, tx, text, a.Values, scan)
	}
	for some := range slices.Chunk(p.ids, inSize) {
		a := sqldb.NewArgs(tx)
		text := query(a, func(column string) string { return column + ` IN ` + sqldb.In(a, some) })
		if err := sqldb.Each(ctx, tx, text, a.Values, scan); err != nil {
			return err
		}
	}
	return nil
}

func readFamilies(ctx context.Context, tx *sqldb.Tx, of Selection, after sqldb.ID) ([]rawCase, error) {
	from, to := of.Area.Range()
	// Of a whole district, the planner would find all families by their area, for every page, and sort
	// them to take the first: the sign keeps it to the primary key. Of a village it may.
	code := "area_code"
	if of.Area.Level() <= area.LevelDistrict {
		code = "+area_code"
	}
	a := sqldb.NewArgs(tx)
	query := `SELECT id, area_code, since, decile, decile_source, decile_vintage, score FROM family
		WHERE kabkota = ` + a.P(int64(of.Tenant)) + ` AND id > ` + a.P(after)
	if !of.Family.IsZero() {
		query += ` AND id = ` + a.P(of.Family)
	}
	query += ` AND state = 1 AND ` + code + ` >= ` + a.P(int64(from)) + ` AND ` + code + ` < ` + a.P(int64(to)) + ` ORDER BY id LIMIT ` + a.P(int64(pageFamilies))
	page := make([]rawCase, 0, pageFamilies)
	err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
		var c rawCase
		var code int64
		var since string
		err := r.Scan(&c.ID, &code, &since, &c.Rank.Decile, &c.Rank.Source, &c.Rank.Vintage, &c.Score)
		if err != nil {
			return err
		}
		c.Area = area.Code(code)
		c.Since, err = dateOf(since)
		page = append(page, c)
		return err
	})
	return page, err
}

func dateOf(text string) (period.Date, error) {
	if text == "" {
		return period.Date{}, nil
	}
	return period.ParseDate(text)
}

// memberColumns packs the small numbers of a person into one: every column of every row costs.
const memberColumns = `p.family_id, p.id, p.birth_date, p.sex + 4 * p.nik_state + 64 * p.relation + 65536 * p.match_status`

// unpack undoes the packing.
func (m *Member) unpack(packed int64) {
	m.Sex, m.NIK = person.Sex(packed&3), registry.NIKState(packed>>2&15)
	m.Relation, m.Match = person.Relation(packed>>6&1023), civilmatch.Status(packed>>16)
}

// readMembers reads the active members of a page, with the text of their answers.
func readMembers(ctx context.Context, tx *sqldb.Tx, of Selection, within span, page []rawCase) error {
	answers, join := `, ''`, ``
	if of.Facts != NoFacts {
		answers = `, coalesce(a.questionnaire || '|' || a.collected_at || '|' || a.document, '')`
		join = ` LEFT JOIN answers a ON a.kabkota = p.kabkota AND a.subject_id = p.id AND a.form = 'person'`
	}
	at := 0
	return within.each(ctx, tx, func(a *sqldb.Args, families func(string) string) string {
		return `SELECT ` + memberColumns + answers + ` FROM person p` + join +
			` WHERE p.kabkota = ` + a.P(int64(of.Tenant)) + ` AND ` + families("p.family_id") + ` AND p.state = 1 ORDER BY p.family_id`
	}, func(r sqldb.Row) error {
		var m Member
		var family sqldb.ID
		var packed int64
		var born, text string
		err := r.Scan(&family, &m.ID, &born, &packed, &text)
		if err != nil {
			return err
		}
		if at = find(page, at, family); at == len(page) || page[at].ID != family {
			return nil // a family that is not wanted
		}
		m.unpack(packed)
		if m.Born, err = dateOf(born); err != nil {
			return err
		}
		var raw rawAnswers
		raw.version, text, _ = strings.Cut(text, "|")
		m.Asked, raw.document, _ = strings.Cut(text, "|")
		c := &page[at]
		c.Members, c.documents = append(c.Members, m), append(c.documents, raw)
		return nil
	})
}

func readFamilyAnswers(ctx context.Context, tx *sqldb.Tx, of Selection, within span, page []rawCase) error {
	at := 0
	return within.each(ctx, tx, func(a *sqldb.Args, families func(string) string) string {
		return `SELECT subject_id, questionnaire, document FROM answers
			WHERE kabkota = ` + a.P(int64(of.Tenant)) + ` AND ` + families("subject_id") + ` AND form = 'family' ORDER BY subject_id`
	}, func(r sqldb.Row) error {
		var family sqldb.ID
		var raw rawAnswers
		if err := r.Scan(&family, &raw.version, &raw.document); err != nil {
			return err
		}
		if at = find(page, at, family); at < len(page) && page[at].ID == family {
			page[at].answers = raw
		}
		return nil
	})
}

// find gives the place of a family in a page, from a place on: rows come in the page's order.
func find(page []rawCase, from int, family sqldb.ID) int {
	for from < len(page) && slices.Compare(page[from].ID[:], family[:]) < 0 {
		from++
	}
	return from
}
