package registry

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
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
		row.home = g
		g.added++
		if g.head == nil || row.Relation == person.Head {
			g.head = row
		}
	}
	if err := l.findCards(ctx, groups, func(group sqldb.Hash, family sqldb.ID) { l.families[group].id = family }); err != nil {
		return fmt.Errorf("find families: %w", err)
	}
	for _, g := range l.families {
		if g.isNew = g.id.IsZero(); g.isNew {
			l.out.Families++
		}
	}
	return nil
}

// findCards tells the families that have some cards.
func (l *load) findCards(ctx context.Context, groups []sqldb.Hash, found func(group sqldb.Hash, family sqldb.ID)) error {
	if l.first != nil && !l.first.cards.indexed {
		for _, hash := range groups {
			found(hash, l.first.cards.find(l.tenant, hash))
		}
		return nil
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
			found(hash, id)
			return nil
		})
	})
	return err
}

func (l *load) familyInsert() sqldb.Insert {
	return sqldb.Insert{Table: "family", Columns: []string{
		"id", "area_code", "village_id", "no_kk", "kk_hash", "registry_id", "household_id", "head_name", "address", "rt", "rw", "phone", "persons",
		"source", "source_date",
	}, Fixed: []sqldb.Fixed{
		{Column: "kabkota", Value: int64(l.tenant)}, {Column: "version", Value: int64(1)}, {Column: "recorded_at", Value: l.tx.Micros()},
		{Column: "act_id", Value: l.tx.Act}, {Column: "state", Value: int64(Active)}, {Column: "unmatched", Value: int64(0)},
		{Column: "since", Value: l.since()}, {Column: "decile", Value: int64(0)}, {Column: "decile_source", Value: int64(Unranked)},
		{Column: "decile_vintage", Value: ""}, {Column: "score", Value: nil},
	}}
}

// since is the day from which what a load inserts is in the registry.
func (l *load) since() string { return l.tx.Now.Format("2006-01-02") }

func (l *load) insertFamilies(ctx context.Context) error {
	// In the order of the file, not of a map: the same file always makes the same rows.
	groups := make([]sqldb.Hash, 0, l.out.Families)
	for _, row := range l.fresh {
		if g := row.home; g.isNew && g.id.IsZero() {
			g.id = sqldb.NewID()
			groups = append(groups, row.group)
		}
	}
	_, err := l.tx.BulkCells(ctx, l.familyInsert(), len(groups), func(i int, v *sqldb.Cells) {
		g := l.families[groups[i]]
		h := g.head
		v.ID(g.id)
		v.Int(int64(h.Area))
		v.Int(h.VillageID)
		v.Bytes(l.s.sealedKK(h))
		v.ID(groups[i])
		for _, text := range [...]string{h.RegistryID, h.HouseholdID, h.Name, h.Address, h.RT, h.RW} {
			v.Text(text)
		}
		v.Bytes(h.phone)
		v.Int(g.added)
		v.Text(h.Source)
		v.Text(h.SourceDate)
	})
	if err != nil || l.first == nil {
		return err
	}
	for _, hash := range groups {
		if err := l.first.cards.add(ctx, l.tx.Tx, l.tenant, hash, l.families[hash].id); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) personInsert() sqldb.Insert {
	return sqldb.Insert{Table: "person", Columns: []string{
		"id", "family_id", "area_code", "village_id", "nik", "nik_hash", "nik_state", "name", "name_norm", "sex", "birth_place", "birth_date",
		"mother_name", "relation", "phone", "source", "source_date",
	}, Fixed: []sqldb.Fixed{
		{Column: "kabkota", Value: int64(l.tenant)}, {Column: "version", Value: int64(1)}, {Column: "recorded_at", Value: l.tx.Micros()},
		{Column: "act_id", Value: l.tx.Act}, {Column: "state", Value: int64(Active)}, {Column: "member_since", Value: l.since()},
		{Column: "match_status", Value: int64(0)}, {Column: "match_fields", Value: int64(0)}, {Column: "matched_at", Value: int64(0)},
		{Column: "ended_reason", Value: ""},
	}}
}

func (l *load) insertPersons(ctx context.Context) error {
	n, err := l.tx.BulkCells(ctx, l.personInsert(), len(l.fresh), func(i int, v *sqldb.Cells) {
		r := l.fresh[i]
		state := r.nikState()
		if l.disputed[r] {
			state = Contested
		}
		v.ID(r.id)
		v.ID(r.home.id)
		v.Int(int64(r.Area))
		v.Int(r.VillageID)
		v.Bytes(r.nik)
		v.ID(r.nikHash)
		v.Int(int64(state))
		v.Text(r.Name)
		v.Text(r.nameNorm)
		v.Int(int64(r.Sex))
		v.Text(r.BirthPlace)
		v.Text(r.BirthDate.Text())
		v.Bytes(r.mother)
		v.Int(int64(r.Relation))
		v.Bytes(r.phone)
		v.Text(r.Source)
		v.Text(r.SourceDate)
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

func nikInsert(tenant area.Tenant) sqldb.Insert {
	return sqldb.Insert{
		Table: "nik_index", Columns: []string{"nik_hash", "person_id", "family_id", "contested", "check_tags"},
		Fixed: []sqldb.Fixed{
			{Column: "kabkota", Value: int64(tenant)}, {Column: "listed", Value: int64(1)}, {Column: "programmes", Value: ""},
		},
	}
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
	if l.first != nil {
		return l.keepBack(ctx, claims)
	}
	return l.writeClaims(ctx, claims)
}

func (l *load) writeClaims(ctx context.Context, claims []*Incoming) error {
	slices.SortFunc(claims, func(a, b *Incoming) int { return bytes.Compare(a.nikHash[:], b.nikHash[:]) })
	_, err := l.tx.BulkCells(ctx, nikInsert(l.tenant), len(claims), func(i int, v *sqldb.Cells) {
		r := claims[i]
		v.ID(r.nikHash)
		v.ID(r.id)
		v.ID(r.home.id)
		v.Int(flag(l.gone[r]))
		if r.KK.IsZero() {
			v.Bytes([]byte{})
		} else {
			v.Bytes(r.tag[:])
		}
	})
	return raced(err)
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
	if err == nil {
		err = l.placePairs(ctx)
	}
	if err != nil {
		return err
	}
	var written []sqldb.Hash
	for _, p := range l.pairs {
		if l.first == nil || !l.first.claims.contest(p.holder.Hash) {
			written = append(written, p.holder.Hash)
		}
	}
	_, err = l.tx.ExecEach(ctx, `UPDATE nik_index SET contested = 1 WHERE nik_hash = $1`, 1, len(written), func(i int, args []any) {
		args[0] = written[i]
	})
	for _, p := range l.pairs {
		l.out.Touched = append(l.out.Touched, Touched{p.row.id, "contested"})
	}
	return err
}

// placePairs notes where the holder of each contested NIK lives, so that her village and district see the pair too. Holders
// of other districts are looked up there first: a database that is spread by district joins none with another.
func (l *load) placePairs(ctx context.Context) error {
	holders := map[area.Tenant][]sqldb.ID{}
	for _, p := range l.pairs {
		holders[p.holder.Tenant] = append(holders[p.holder.Tenant], p.holder.PersonID)
	}
	lives := map[sqldb.ID]int64{}
	for tenant, ids := range holders {
		for some := range slices.Chunk(ids, 500) {
			a := sqldb.NewArgs(l.tx)
			query := `SELECT id, area_code FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
			err := sqldb.Each(ctx, l.tx, query, a.Values, func(r sqldb.Row) error {
				var id sqldb.ID
				var at int64
				err := r.Scan(&id, &at)
				lives[id] = at
				return err
			})
			if err != nil {
				return fmt.Errorf("look up holders of pairs: %w", err)
			}
		}
	}
	placed := slices.DeleteFunc(slices.Clone(l.pairs), func(p contestedPair) bool { return lives[p.holder.PersonID] == 0 })
	_, err := l.tx.ExecEach(ctx, `UPDATE link_pair SET right_area = $1 WHERE kabkota = $2 AND left_id = $3 AND right_id = $4`, 4, len(placed), func(i int, args []any) {
		args[0], args[1], args[2], args[3] = lives[placed[i].holder.PersonID], int64(l.tenant), placed[i].row.id, placed[i].holder.PersonID
	})
	if err != nil {
		return fmt.Errorf("place pairs: %w", err)
	}
	return nil
}

// growFamilies counts new members into families that were there before.
func (l *load) growFamilies(ctx context.Context) error {
	var grown []*groupOf
	for _, row := range l.fresh {
		if g := row.home; !g.isNew && !g.touched {
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

// note is a row by which a person is known.
type note struct {
	row            *Incoming
	person, family sqldb.ID
}

// noteSources keeps by which row a person is known. Rows that are not known yet meet no conflict, and cost less than those
// that may meet one.
func (l *load) noteSources(ctx context.Context) error {
	fresh, known := make([]note, 0, len(l.fresh)+len(l.joined)), make([]note, 0, len(l.joined))
	for _, row := range l.fresh {
		fresh = append(fresh, note{row, row.id, row.home.id})
	}
	for _, j := range l.joined {
		p := j.person
		if p.IsZero() {
			p = j.row.id
		}
		if before, there := l.known[j.row.key()]; there {
			known = append(known, note{j.row, p, before.family})
		} else {
			fresh = append(fresh, note{j.row, p, sqldb.ID{}})
		}
	}
	if err := l.writeNotes(ctx, fresh, ""); err != nil {
		return err
	}
	return l.writeNotes(ctx, known, "(kabkota, source, row_id) DO UPDATE SET digest = excluded.digest")
}

func (l *load) writeNotes(ctx context.Context, notes []note, onConflict string) error {
	in := sqldb.Insert{
		Table: "source_record", Columns: []string{"source", "row_id", "person_id", "family_id", "digest", "other_name"},
		Fixed:      []sqldb.Fixed{{Column: "kabkota", Value: int64(l.tenant)}},
		OnConflict: onConflict,
	}
	_, err := l.tx.BulkCells(ctx, in, len(notes), func(i int, v *sqldb.Cells) {
		n := &notes[i]
		family := n.family
		if family.IsZero() {
			family = n.person // the same person in another row: her family is found through her
		}
		v.Text(n.row.Source)
		v.Text(n.row.RowID)
		v.ID(n.person)
		v.ID(family)
		v.Int(n.row.digest)
		v.Int(flag(l.renamed[n.row]))
	})
	return raced(err)
}

// raced tells an error of a row that another load has written between our look and now as such: the chunk runs again and sees it.
func raced(err error) error {
	if sqldb.IsUnique(err) {
		return fail.Unavailable("registry.race")
	}
	return err
}
