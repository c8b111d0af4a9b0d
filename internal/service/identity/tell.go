package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Resembling is somebody alike, with what the actor may know of her. Everybody learns the village and since when she
// is registered; who she is and in what she agrees only who may read the registry where she lives, for it would say
// something of her values.
type Resembling struct {
	Alike
	Area  area.Code
	Since period.Date
	// Family, Name and NIK (printed masked) are empty outside the actor's area.
	Family sqldb.ID
	Name   string
	NIK    person.NIK
	// Pair is the open pair of the two in the queue of duplicates, kept by the district PairKeeper; zero when they
	// stand in none, or the actor may not see her.
	Pair       sqldb.ID
	PairKeeper area.Tenant
}

// TellIn is AlikeIn with what the actor may know of those found. Whoever is gone by now is left out.
func (s *Service) TellIn(ctx context.Context, tx *act.Tx, asked []Asked) (told [][]Resembling, reach Reach, err error) {
	found, reach, err := s.AlikeIn(ctx, tx, asked)
	if err != nil || !reach.Ready {
		return make([][]Resembling, len(asked)), reach, err
	}
	told = make([][]Resembling, len(asked))
	for i, few := range found {
		if told[i], err = s.tellIn(ctx, tx, few); err != nil {
			return nil, reach, err
		}
		if err := pairsIn(ctx, tx, asked[i].Who, told[i]); err != nil {
			return nil, reach, err
		}
	}
	return told, reach, nil
}

func (s *Service) tellIn(ctx context.Context, tx *act.Tx, few []Alike) (told []Resembling, err error) {
	for _, one := range few {
		p, err := s.reg.PersonIn(ctx, tx, one.Tenant, one.ID)
		if fail.CodeOf(err) == "registry.no_person" || err == nil && p.State != registry.Active {
			continue
		}
		if err != nil {
			return nil, err
		}
		f, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
		if err != nil {
			return nil, err
		}
		r := Resembling{Alike: one, Area: p.Area}
		if err := r.Since.UnmarshalText([]byte(f.Since)); err != nil {
			return nil, fmt.Errorf("read date of registration: %w", err)
		}
		if tx.Who.Allow(access.ReadRegistry, p.Tenant, p.Area) == nil {
			r.Family, r.Name, r.NIK = p.FamilyID, p.Name, p.NIK
		} else {
			r.Agreed = nil
		}
		told = append(told, r)
	}
	return told, nil
}

// pairsIn names the open pairs in which a person stands with those told of, as far as they may be seen.
func pairsIn(ctx context.Context, q sqldb.Querier, who Who, told []Resembling) error {
	if who.ID.IsZero() || len(told) == 0 {
		return nil
	}
	others := make([]Who, len(told))
	for i := range told {
		others[i] = told[i].Who
	}
	pairs, err := decidedIn(ctx, q, who, others)
	if err != nil {
		return err
	}
	for i := range told {
		if p, there := pairs[told[i].Who]; there && p.state == pairOpen && !told[i].Family.IsZero() {
			told[i].Pair, told[i].PairKeeper = p.id, p.keeper
		}
	}
	return nil
}

// Seen gives a digest of whom a notice told of. Who goes on in spite of it gives it back, so that she has seen them and
// nobody else; empty when nobody was told of.
func Seen(told []Resembling) string {
	if len(told) == 0 {
		return ""
	}
	keys := make([]string, len(told))
	for i := range told {
		keys[i] = string(told[i].appendKey(nil))
	}
	slices.Sort(keys)
	h := sha256.New()
	for _, k := range keys {
		h.Write([]byte(k))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Show tells what the actor may know of people told of by a preview, in their order; whoever is gone by now is left out. It
// asks for a permission she needs somewhere, and is recorded with how many were shown.
func (s *Service) Show(ctx context.Context, who access.Actor, need access.Permission, people []Who) (told []Resembling, err error) {
	err = s.acts.View(ctx, who, "identity.show", "", func(tx *act.Tx) error {
		if _, err := tx.AllowList(need); err != nil {
			return err
		}
		if told, err = s.ShowIn(ctx, tx, people); err != nil {
			return err
		}
		return tx.Record(ctx, audit.OfReader(who, map[string]any{"shown": len(told), "ids": Seen(told)}))
	})
	return told, err
}

// ShowIn is Show within an act that asks and records for itself.
func (s *Service) ShowIn(ctx context.Context, tx *act.Tx, people []Who) ([]Resembling, error) {
	few := make([]Alike, len(people))
	for i, w := range people {
		few[i] = Alike{Who: w}
	}
	return s.tellIn(ctx, tx, few)
}
