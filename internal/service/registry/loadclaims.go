package registry

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// claims are the NIKs a first load has claimed and not yet written to nik_index. Keyed
// hashes come in no order, so each chunk would touch every page of the index; kept back
// and written sorted, a page is touched once. A kill loses them: RebuildClaims makes them
// again from the persons.
type claims struct {
	held   map[sqldb.Hash]claim // of committed chunks
	fresh  map[sqldb.Hash]claim // of the transaction under way, or changed by it
	tx     *sqldb.Tx
	spilt  bool   // the transaction under way writes them to nik_index
	inside filter // what nik_index holds already
	others bool   // others wrote to nik_index: the filter says nothing
	most   int    // how many are kept back
}

type claim struct {
	person, family sqldb.ID
	tenant         int32
	tag            [TagSize]byte
	tagged         bool
	contested      bool
}

// mostClaims bounds the memory of a load: 64 bytes each, and as much again for the map.
const mostClaims = 1 << 19

// BeginLoadIn keeps back the claims of the loads that follow, until EndLoadIn. The registry must
// be empty, and no other process may write to the database.
func (s *Service) BeginLoadIn(tx *sqldb.Tx) {
	tx.Committed(func() {
		s.claims = &claims{held: map[sqldb.Hash]claim{}, fresh: map[sqldb.Hash]claim{}, most: mostClaims}
	})
}

// EndLoadIn writes what was kept back.
func (s *Service) EndLoadIn(ctx context.Context, tx *sqldb.Tx) error {
	if s.claims == nil {
		return nil
	}
	s.claims.in(tx)
	if err := s.claims.spill(ctx, tx); err != nil {
		return err
	}
	tx.Committed(func() { s.claims = nil })
	return nil
}

// in begins a transaction, unless it is under way; what one that was given up claimed is forgotten.
func (c *claims) in(tx *sqldb.Tx) {
	if c.tx == tx {
		return
	}
	clear(c.fresh)
	c.tx, c.spilt = tx, false
	tx.Committed(func() {
		if c.spilt {
			clear(c.held)
		} else {
			maps.Copy(c.held, c.fresh)
		}
		clear(c.fresh)
		c.tx = nil
	})
}

// find gives the holders among the hashes that are kept back, and the hashes that nik_index
// may hold.
func (c *claims) find(hashes []sqldb.Hash) (found map[sqldb.Hash]HolderOf, rest []sqldb.Hash) {
	found = map[sqldb.Hash]HolderOf{}
	for _, h := range hashes {
		if k, ok := c.get(h); ok {
			found[h] = k.holder(h)
		} else if c.others || c.inside.may(h) {
			rest = append(rest, h)
		}
	}
	return found, rest
}

func (c *claims) get(h sqldb.Hash) (claim, bool) {
	if c.spilt {
		return claim{}, false
	}
	k, ok := c.fresh[h]
	if !ok {
		k, ok = c.held[h]
	}
	return k, ok
}

func (k claim) holder(h sqldb.Hash) HolderOf {
	return HolderOf{Hash: h, Tenant: area.Tenant(k.tenant), PersonID: k.person, FamilyID: k.family, Contested: k.contested, Tags: k.tags()}
}

func (k *claim) tags() []byte {
	if !k.tagged {
		return []byte{}
	}
	return k.tag[:]
}

// contest marks the holder of a NIK that is kept back; false when it is not.
func (c *claims) contest(h sqldb.Hash) bool {
	k, ok := c.get(h)
	if ok {
		k.contested = true
		c.fresh[h] = k
	}
	return ok
}

// spill writes all claims to nik_index, sorted.
func (c *claims) spill(ctx context.Context, tx *sqldb.Tx) error {
	if c.spilt {
		return nil
	}
	order := make([]sqldb.Hash, 0, len(c.held)+len(c.fresh))
	for h := range c.held {
		order = append(order, h)
	}
	for h := range c.fresh {
		if _, both := c.held[h]; !both {
			order = append(order, h)
		}
	}
	slices.SortFunc(order, func(a, b sqldb.Hash) int { return bytes.Compare(a[:], b[:]) })
	in := sqldb.Insert{
		Table: "nik_index", Columns: []string{"nik_hash", "kabkota", "person_id", "family_id", "contested", "check_tags"},
		Fixed: []sqldb.Fixed{{Column: "listed", Value: int64(1)}, {Column: "programmes", Value: ""}},
	}
	if _, err := tx.Bulk(ctx, in, len(order), func(i int, v []any) {
		k, _ := c.get(order[i])
		v[0], v[1], v[2], v[3], v[4], v[5] = order[i], int64(k.tenant), k.person, k.family, k.contested, k.tags()
	}); err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	for _, h := range order {
		c.inside.add(h)
	}
	c.spilt = true
	return nil
}

// filter knows of hashes for sure that they were not added, and of few of the others wrongly
// that they were: a bit for the first bits of each.
type filter struct{ bits []uint64 }

const filterBits = 26 // 8 MiB; wrong of one in seventy after a million hashes

func (f *filter) add(h sqldb.Hash) {
	if f.bits == nil {
		f.bits = make([]uint64, 1<<filterBits/64)
	}
	at := binary.BigEndian.Uint64(h[:8]) >> (64 - filterBits)
	f.bits[at/64] |= 1 << (at % 64)
}

func (f *filter) may(h sqldb.Hash) bool {
	if f.bits == nil {
		return false
	}
	at := binary.BigEndian.Uint64(h[:8]) >> (64 - filterBits)
	return f.bits[at/64]&(1<<(at%64)) != 0
}

// claimedIn gives the holders of the hashes, kept back or written.
func (l *load) claimedIn(ctx context.Context, hashes []sqldb.Hash) (map[sqldb.Hash]HolderOf, error) {
	c := l.s.claims
	if c == nil {
		return l.s.HoldersIn(ctx, l.tx, hashes)
	}
	c.in(l.tx.Tx)
	found, rest := c.find(hashes)
	written, err := l.s.HoldersIn(ctx, l.tx, rest)
	maps.Copy(found, written)
	return found, err
}

// keepBack keeps the claims of new persons back; when they are many, all are written.
func (l *load) keepBack(ctx context.Context, rows []*Incoming) error {
	c := l.s.claims
	if c.spilt {
		c.others = true // the transaction has written them already: these go the usual way
		return l.writeClaims(ctx, rows)
	}
	for _, r := range rows {
		c.fresh[r.nikHash] = claim{
			person: r.id, family: l.families[r.group].id, tenant: int32(l.tenant), tag: r.tag, tagged: !r.KK.IsZero(),
		}
	}
	if len(c.held)+len(c.fresh) < c.most {
		return nil
	}
	return c.spill(ctx, l.tx.Tx)
}

// settle writes what is kept back before somebody else reads or writes nik_index.
func (l *load) settle(ctx context.Context) error {
	c := l.s.claims
	if c == nil {
		return nil
	}
	c.others = true
	return c.spill(ctx, l.tx.Tx)
}

const rebuildRows = 10000

// RebuildClaims writes the claims a killed load had kept back: whoever came first holds her
// NIK, as the load decided. It may run again; what is written already stays.
func (s *Service) RebuildClaims(ctx context.Context) error {
	var tenant int64
	var last sqldb.ID
	last[15] = 1
	for more := true; more; {
		err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) (err error) {
			var list []rebuilt
			if list, err = s.unclaimedIn(ctx, tx, tenant, last); err != nil {
				return err
			}
			if more = len(list) == rebuildRows; more {
				tenant, last = list[len(list)-1].tenant, list[len(list)-1].person
			}
			return insertRebuilt(ctx, tx, list)
		})
		if err != nil {
			return fmt.Errorf("rebuild claims: %w", err)
		}
	}
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		// -- national: after a killed load, whichever districts it filled (kabkota, nik_hash)
		_, err := tx.Exec(ctx, `UPDATE nik_index SET contested = 1 WHERE contested = 0
			AND nik_hash IN (SELECT nik_hash FROM person WHERE kabkota > 0 AND nik_state = $1)`, int64(Contested))
		return err
	})
	if err != nil {
		return fmt.Errorf("mark contested: %w", err)
	}
	return nil
}

type rebuilt struct {
	tenant         int64
	hash           sqldb.Hash
	person, family sqldb.ID
	tags           []byte
}

// unclaimedIn reads the next holders, with the tags of the public check worked out anew.
func (s *Service) unclaimedIn(ctx context.Context, tx *sqldb.Tx, tenant int64, last sqldb.ID) ([]rebuilt, error) {
	// -- national: after a killed load, whichever districts it filled (kabkota)
	return sqldb.Collect(ctx, tx, `
		SELECT p.kabkota, p.id, p.family_id, p.nik_hash, p.nik, f.no_kk
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE (p.kabkota, p.id) > ($1, $2) AND p.nik_state = $3
		ORDER BY p.kabkota, p.id LIMIT $4`, []any{tenant, last, int64(Holder), rebuildRows}, func(r sqldb.Row) (rebuilt, error) {
		var b rebuilt
		var nik, kk []byte
		if err := r.Scan(&b.tenant, &b.person, &b.family, &b.hash, &nik, &kk); err != nil {
			return b, err
		}
		p := Person{NIKState: Holder}
		if err := s.openPerson(&p, "", nik, nil, nil); err != nil {
			return b, fmt.Errorf("open person %s: %w", b.person, err)
		}
		number, err := s.openKK(kk)
		if err != nil {
			return b, fmt.Errorf("open family %s: %w", b.family, err)
		}
		b.tags = []byte{}
		if !number.IsZero() {
			tag := s.CheckTag(p.NIK, number.Last6())
			b.tags = tag[:]
		}
		return b, nil
	})
}

func insertRebuilt(ctx context.Context, tx *sqldb.Tx, list []rebuilt) error {
	slices.SortFunc(list, func(a, b rebuilt) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	in := sqldb.Insert{
		Table: "nik_index", Columns: []string{"nik_hash", "kabkota", "person_id", "family_id", "check_tags"},
		Fixed: []sqldb.Fixed{
			{Column: "contested", Value: int64(0)}, {Column: "listed", Value: int64(1)}, {Column: "programmes", Value: ""},
		},
		OnConflict: "(nik_hash) DO NOTHING",
	}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		b := &list[i]
		v[0], v[1], v[2], v[3], v[4] = b.hash, b.tenant, b.person, b.family, b.tags
	})
	return err
}
