package registry

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// findFamilies finds the families of new persons, by the hash of their No. KK.
func (l *load) findFamilies(ctx context.Context) error {
	var groups []sqldb.Hash
	for _, row := range l.fresh {
		g := l.families[row.group]
		if g == nil {
			g = &groupOf{}
			l.families[row.group] = g
			groups = append(groups, row.group)
		}
		g.added++
		if g.head == nil || row.Relation == person.Head {
			g.head = row
		}
	}
	_, err := inChunks(groups, func(some []sqldb.Hash) ([]struct{}, error) {
		a := sqldb.NewArgs(l.tx)
		query := `SELECT kk_hash, id FROM family WHERE kabkota = ` + a.P(int64(l.tenant)) + ` AND kk_hash IN ` + sqldb.In(a, some) + ` AND state IN (1, 6)`
		return nil, sqldb.Each(ctx, l.tx, query, a.Values, func(r sqldb.Row) error {
			var hash sqldb.Hash
			var id sqldb.ID
			if err := r.Scan(&hash, &id); err != nil {
				return err
			}
			l.families[hash].id = id
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("find families: %w", err)
	}
	for _, g := range l.families {
		if g.isNew = g.id.IsZero(); g.isNew {
			l.out.Families++
		}
	}
	return nil
}

var familyInsert = sqldb.Insert{Table: "family", Columns: []string{
	"kabkota", "id", "version", "recorded_at", "act_id", "state", "area_code", "village_id", "no_kk", "kk_hash", "registry_id", "household_id",
	"head_name", "address", "rt", "rw", "phone", "persons", "unmatched", "source", "source_date", "since", "decile", "decile_source",
	"decile_vintage", "score",
}}

func (l *load) insertFamilies(ctx context.Context) error {
	// In the order of the file, not of a map: the same file always makes the same rows.
	groups := make([]sqldb.Hash, 0, l.out.Families)
	for _, row := range l.fresh {
		if g := l.families[row.group]; g.isNew && g.id.IsZero() {
			g.id = sqldb.NewID()
			groups = append(groups, row.group)
		}
	}
	now, since := l.tx.Micros(), l.tx.Now.Format("2006-01-02")
	_, err := l.tx.Bulk(ctx, familyInsert, len(groups), func(i int, v []any) {
		g := l.families[groups[i]]
		h := g.head
		var phone any
		if h.phone != nil {
			phone = h.phone
		}
		var kk any
		if sealed := l.s.sealKK(h.KK); sealed != nil {
			kk = sealed
		}
		copy(v, []any{
			int64(l.tenant), g.id, int64(1), now, l.tx.Act, int64(Active), int64(h.Area), h.VillageID, kk, groups[i], h.RegistryID, h.HouseholdID,
			h.Name, h.Address, h.RT, h.RW, phone, g.added, int64(0), h.Source, h.SourceDate, since, int64(0), int64(Unranked), "", nil,
		})
	})
	return err
}

var personInsert = sqldb.Insert{Table: "person", Columns: []string{
	"kabkota", "id", "version", "recorded_at", "act_id", "state", "family_id", "member_since", "area_code", "village_id", "nik", "nik_hash", "nik_state",
	"name", "name_norm", "sex", "birth_place", "birth_date", "mother_name", "relation", "phone", "match_status", "match_fields", "matched_at",
	"source", "source_date", "ended_reason",
}}

func (l *load) insertPersons(ctx context.Context) error {
	now, since := l.tx.Micros(), l.tx.Now.Format("2006-01-02")
	n, err := l.tx.Bulk(ctx, personInsert, len(l.fresh), func(i int, v []any) {
		r := l.fresh[i]
		g := l.families[r.group]
		state := r.nikState()
		if l.disputed[r] {
			state = Contested
		}
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = int64(l.tenant), r.id, int64(1), now, l.tx.Act, int64(Active), g.id, since
		v[8], v[9], v[10], v[11], v[12], v[13] = int64(r.Area), r.VillageID, bytesOrNil(r.nik), r.nikHash, int64(state), r.Name
		v[14], v[15], v[16], v[17], v[18] = r.nameNorm, int64(r.Sex), r.BirthPlace, r.BirthDate.Text(), bytesOrNil(r.mother)
		v[19], v[20], v[21], v[22], v[23] = int64(r.Relation), bytesOrNil(r.phone), int64(0), int64(0), int64(0)
		v[24], v[25], v[26] = r.Source, r.SourceDate, ""
	})
	l.out.Inserted += n
	return err
}

func bytesOrNil(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

var nikInsert = sqldb.Insert{
	Table:      "nik_index",
	Columns:    []string{"nik_hash", "kabkota", "person_id", "family_id", "contested", "check_tags", "listed", "programmes"},
	OnConflict: "(nik_hash) DO NOTHING",
}

// claim claims the NIKs of the new persons, in the order of the hashes, so that two
// loads at the same time do not wait for each other in a circle.
func (l *load) claim(ctx context.Context) error {
	claims := make([]*Incoming, 0, len(l.fresh))
	for _, row := range l.fresh {
		if row.nikState() == Holder && !l.disputed[row] {
			claims = append(claims, row)
		}
	}
	slices.SortFunc(claims, func(a, b *Incoming) int { return slices.Compare(a.nikHash[:], b.nikHash[:]) })
	n, err := l.tx.Bulk(ctx, nikInsert, len(claims), func(i int, v []any) {
		r := claims[i]
		tags := []byte{}
		if !r.KK.IsZero() {
			tags = r.tag[:]
		}
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = r.nikHash, int64(l.tenant), r.id, l.families[r.group].id, int64(0), tags, int64(1), ""
	})
	if err == nil && n < int64(len(claims)) {
		// Another load claimed one of them between our look and now: the chunk runs again and sees it.
		return fail.Unavailable("registry.race")
	}
	return err
}

func (l *load) insertPairs(ctx context.Context) error {
	l.out.Contested += int64(len(l.pairs))
	in := sqldb.Insert{Table: "link_pair", Columns: []string{
		"kabkota", "id", "version", "left_id", "right_id", "right_kabkota", "area_code", "kind", "weight", "probability", "reasons", "state",
		"decided_by", "decided_at", "recorded_at", "act_id",
	}, OnConflict: "(kabkota, left_id, right_id) DO NOTHING"}
	_, err := l.tx.Bulk(ctx, in, len(l.pairs), func(i int, v []any) {
		p := l.pairs[i]
		copy(v, []any{
			int64(l.tenant), sqldb.NewID(), int64(1), p.row.id, p.holder.PersonID, int64(p.holder.Tenant), int64(p.row.Area), "contested", 0.0, 0.0,
			`{"nik":"same"}`, "open", nil, int64(0), l.tx.Micros(), l.tx.Act,
		})
	})
	if err != nil {
		return err
	}
	_, err = l.tx.ExecEach(ctx, `UPDATE nik_index SET contested = 1 WHERE nik_hash = $1`, 1, len(l.pairs), func(i int, args []any) {
		args[0] = l.pairs[i].holder.Hash
	})
	for _, p := range l.pairs {
		l.out.Touched = append(l.out.Touched, Touched{p.row.id, "contested"})
	}
	return err
}

// growFamilies counts new members into families that were there before.
func (l *load) growFamilies(ctx context.Context) error {
	var grown []*groupOf
	for _, row := range l.fresh {
		if g := l.families[row.group]; !g.isNew && !g.touched {
			g.touched = true
			grown = append(grown, g)
		}
	}
	_, err := l.tx.ExecEach(ctx, `UPDATE family SET persons = persons + $1 WHERE kabkota = $2 AND id = $3`, 3, len(grown), func(i int, v []any) {
		v[0], v[1], v[2] = grown[i].added, int64(l.tenant), grown[i].id
	})
	if err != nil {
		return fmt.Errorf("count members: %w", err)
	}
	var headed []*groupOf
	for _, g := range grown {
		if g.head.Relation == person.Head {
			headed = append(headed, g)
		}
	}
	_, err = l.tx.ExecEach(ctx, `UPDATE family SET head_name = $1, address = $2, rt = $3, rw = $4 WHERE kabkota = $5 AND id = $6`, 6, len(headed), func(i int, v []any) {
		h := headed[i].head
		v[0], v[1], v[2], v[3], v[4], v[5] = h.Name, h.Address, h.RT, h.RW, int64(l.tenant), headed[i].id
	})
	if err != nil {
		return fmt.Errorf("name head: %w", err)
	}
	return nil
}

// noteSources keeps by which row a person is known.
func (l *load) noteSources(ctx context.Context) error {
	type note struct {
		row            *Incoming
		person, family sqldb.ID
	}
	notes := make([]note, 0, len(l.fresh)+len(l.joined))
	for _, row := range l.fresh {
		notes = append(notes, note{row, row.id, l.families[row.group].id})
	}
	for _, j := range l.joined {
		p := j.person
		if p.IsZero() {
			p = j.row.id
		}
		notes = append(notes, note{j.row, p, l.known[j.row.RowID].family})
	}
	in := sqldb.Insert{
		Table: "source_record", Columns: []string{"kabkota", "source", "row_id", "person_id", "family_id", "digest"},
		OnConflict: "(kabkota, source, row_id) DO UPDATE SET digest = excluded.digest",
	}
	if len(l.known) == 0 && len(l.joined) == 0 {
		in.OnConflict = ""
	}
	_, err := l.tx.Bulk(ctx, in, len(notes), func(i int, v []any) {
		n := notes[i]
		family := n.family
		if family.IsZero() {
			family = n.person // the same person in another row: her family is found through her
		}
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(l.tenant), n.row.Source, n.row.RowID, n.person, family, n.row.digest
	})
	return err
}
