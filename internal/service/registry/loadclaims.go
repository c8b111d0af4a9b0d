package registry

import (
	"bytes"
	"cmp"
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
	list      pile
	sure      int    // so many of the list are of committed transactions
	contested []int  // those that the transaction under way found contested
	spilt     bool   // the transaction under way has written all of them
	inside    filter // what nik_index holds already
	others    bool   // others write to nik_index: the filter says nothing
	most      int
}

type claim struct {
	hash           sqldb.Hash
	person, family sqldb.ID
	tenant         int32
	tag            [TagSize]byte
	tagged         bool
	contested      bool
}

// mostClaims bounds the memory of a load: about 70 bytes each. A district of a million is written at once,
// and what comes later goes between.
const mostClaims = 1 << 20

func (k *claim) tags() []byte {
	if !k.tagged {
		return []byte{}
	}
	return k.tag[:]
}

// forget takes back what a transaction that was given up did.
func (c *claims) forget() {
	for _, i := range c.contested {
		c.list.at(i).contested = false
	}
	c.list.cut(c.sure)
	c.contested, c.spilt = c.contested[:0], false
}

// keep makes sure of what the transaction did, as it is committed.
func (c *claims) keep() {
	if c.spilt {
		c.list.cut(0)
	}
	c.sure, c.contested, c.spilt = c.list.n, c.contested[:0], false
}

// find gives the holders among the hashes that are kept back, and the hashes that nik_index
// may hold.
func (c *claims) find(hashes []sqldb.Hash) (found map[sqldb.Hash]HolderOf, rest []sqldb.Hash) {
	found = map[sqldb.Hash]HolderOf{}
	for _, h := range hashes {
		if i, ok := c.list.find(h); ok && !c.spilt {
			k := c.list.at(i)
			found[h] = HolderOf{Hash: h, Tenant: area.Tenant(k.tenant), PersonID: k.person, FamilyID: k.family, Contested: k.contested, Tags: k.tags()}
		} else if c.others || c.inside.may(h) {
			rest = append(rest, h)
		}
	}
	return found, rest
}

// contest marks the holder of a NIK that is kept back; false when it is not.
func (c *claims) contest(h sqldb.Hash) bool {
	i, ok := c.list.find(h)
	if !ok || c.spilt {
		return false
	}
	if k := c.list.at(i); !k.contested {
		k.contested = true
		c.contested = append(c.contested, i)
	}
	return true
}

// spill writes all claims to nik_index, sorted.
func (c *claims) spill(ctx context.Context, tx *sqldb.Tx) error {
	if c.spilt {
		return nil
	}
	in := sqldb.Insert{
		Table: "nik_index", Columns: []string{"nik_hash", "kabkota", "person_id", "family_id", "contested", "check_tags"},
		Fixed: []sqldb.Fixed{{Column: "listed", Value: int64(1)}, {Column: "programmes", Value: ""}},
	}
	order, ready := c.sorted()
	sure := 0
	_, err := tx.BulkCells(ctx, in, len(order), func(i int, v *sqldb.Cells) {
		for i >= sure {
			sure = <-ready
		}
		k := c.list.at(int(order[i].i))
		v.ID(k.hash)
		v.Int(int64(k.tenant))
		v.ID(k.person)
		v.ID(k.family)
		v.Int(flag(k.contested))
		v.Bytes(k.tags())
	})
	for range ready { // who sorts reads the list
	}
	if err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	for i := range c.list.n {
		c.inside.add(c.list.at(i).hash)
	}
	c.spilt = true
	return nil
}

// place is where a claim stands in the list, with the beginning of its hash.
type place struct {
	prefix uint64
	i      int32
}

// Claims are dealt out by the first bits of their hashes, which are even, into so many parts, and so many parts are
// told ready at a time.
const (
	partBits   = 12
	partsAhead = 32
)

// sorted gives the places of all claims by their hashes: on the other core, ahead of who writes them. ready tells up to
// where they are sorted, and is closed at the end.
func (c *claims) sorted() (order []place, ready <-chan int) {
	ends := make([]int, 1<<partBits+1) // of each part its beginning, and then its end
	for i := range c.list.n {
		ends[binary.BigEndian.Uint16(c.list.at(i).hash[:])>>(16-partBits)+1]++
	}
	for part := range 1 << partBits {
		ends[part+1] += ends[part]
	}
	order = make([]place, c.list.n)
	for i := range order {
		prefix := binary.BigEndian.Uint64(c.list.at(i).hash[:8])
		part := prefix >> (64 - partBits)
		order[ends[part]] = place{prefix, int32(i)}
		ends[part]++
	}
	told := make(chan int, 1<<partBits/partsAhead)
	go func() {
		defer close(told)
		begin := 0
		for part := range 1 << partBits {
			slices.SortFunc(order[begin:ends[part]], c.compare)
			if begin = ends[part]; part%partsAhead == partsAhead-1 {
				told <- begin
			}
		}
	}()
	return order, told
}

func (c *claims) compare(a, b place) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	return bytes.Compare(c.list.at(int(a.i)).hash[:], c.list.at(int(b.i)).hash[:])
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
	var found map[sqldb.Hash]HolderOf
	rest := hashes
	if l.first != nil {
		found, rest = l.first.claims.find(hashes)
	}
	slices.SortFunc(rest, func(a, b sqldb.Hash) int { return bytes.Compare(a[:], b[:]) }) // the pages of nik_index in their order
	written, err := l.s.HoldersIn(ctx, l.tx, rest)
	if found == nil {
		return written, err
	}
	maps.Copy(found, written)
	return found, err
}

// keepBack keeps the claims of new persons back; when they are many, all are written.
func (l *load) keepBack(ctx context.Context, rows []*Incoming) error {
	c := &l.first.claims
	if c.spilt {
		c.others = true // the transaction has written them already: these go the usual way
		return l.writeClaims(ctx, rows)
	}
	for _, r := range rows {
		c.list.add(claim{
			hash: r.nikHash, person: r.id, family: r.home.id, tenant: int32(l.tenant), tag: r.tag, tagged: !r.KK.IsZero(),
		})
	}
	if c.list.n < c.most {
		return nil
	}
	return c.spill(ctx, l.tx.Tx)
}

// settle writes what is kept back before somebody else reads or writes nik_index.
func (l *load) settle(ctx context.Context) error {
	if l.first == nil {
		return nil
	}
	l.first.claims.others = true
	return l.first.claims.spill(ctx, l.tx.Tx)
}
