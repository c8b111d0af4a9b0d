package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// KKIndex is the index by which a load finds the family of a card.
const KKIndex = "family_kk"

// firstLoad is what a load into an empty registry remembers instead of looking it up in
// the database. Only the writer's transactions touch it, one after the other; what one
// that was given up added is forgotten.
type firstLoad struct {
	tx     *sqldb.Tx
	claims claims
	cards  cards
}

// BeginLoadIn lets the loads that follow remember, until EndLoadIn, the claims they make and
// the families they add: the index on cards may be missing meanwhile, and byKK makes it when
// the families are too many to remember. The registry must be empty, and no other process may
// write to the database.
func (s *Service) BeginLoadIn(tx *sqldb.Tx, byKK sqldb.Index) {
	tx.Committed(func() {
		s.first = &firstLoad{
			claims: claims{most: mostClaims},
			cards:  cards{families: map[card]sqldb.ID{}, most: mostCards, index: byKK},
		}
	})
}

// EndLoadIn writes the claims that were kept back.
func (s *Service) EndLoadIn(ctx context.Context, tx *sqldb.Tx) error {
	if s.first == nil {
		return nil
	}
	s.first.in(tx)
	if err := s.first.claims.spill(ctx, tx); err != nil {
		return err
	}
	tx.Committed(func() { s.first = nil })
	return nil
}

// in begins a transaction, unless it is under way.
func (f *firstLoad) in(tx *sqldb.Tx) {
	if f.tx == tx {
		return
	}
	f.claims.forget()
	f.cards.forget()
	f.tx = tx
	tx.Committed(func() {
		f.claims.keep()
		f.cards.keep()
		f.tx = nil
	})
}

// cards are the families of a first load by their card.
type cards struct {
	families map[card]sqldb.ID
	fresh    []card // of the transaction under way
	most     int
	index    sqldb.Index
	indexed  bool // they were too many: the index is there, and finds them
}

type card struct {
	tenant int32
	hash   sqldb.Hash
}

// mostCards bounds the memory of a load: about 100 bytes each.
const mostCards = 1 << 20

func (c *cards) forget() {
	for _, k := range c.fresh {
		delete(c.families, k)
	}
	c.fresh, c.indexed = c.fresh[:0], c.families == nil
}

func (c *cards) keep() {
	c.fresh = c.fresh[:0]
	if c.indexed {
		c.families = nil
	}
}

// add remembers a new family; when they are too many, the index takes over.
func (c *cards) add(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, hash sqldb.Hash, id sqldb.ID) error {
	if c.indexed {
		return nil
	}
	k := card{int32(tenant), hash}
	c.families[k], c.fresh = id, append(c.fresh, k)
	if len(c.families) < c.most {
		return nil
	}
	if _, err := tx.Exec(ctx, c.index.Statement); err != nil {
		return fmt.Errorf("build index %s: %w", c.index.Name, err)
	}
	c.indexed = true
	return nil
}

func (c *cards) find(tenant area.Tenant, hash sqldb.Hash) sqldb.ID {
	return c.families[card{int32(tenant), hash}]
}
