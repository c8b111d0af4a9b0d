package duplicates_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func civilMending(p registry.Person, nik person.NIK) civil.Mending {
	return civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, NIK: &nik, Document: "ktp"}
}

func txChange(h *house, side duplicates.Ref, f func(*registry.Person)) func(*act.Tx) error {
	return func(tx *act.Tx) error {
		p, err := h.reg.PersonIn(h.t.Context(), tx, side.Tenant, side.ID)
		if err != nil {
			return err
		}
		f(&p)
		_, err = h.reg.ChangePersonIn(h.t.Context(), tx, p)
		return err
	}
}

// pairOf gives a pair as it stands.
func (h *house) pairOf(r duplicates.Ref) duplicates.Pair {
	h.t.Helper()
	b, err := h.dup.Open(h.t.Context(), h.who, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return b.Pair
}

// image is everything a merge and its undo must bring back: persons and families but for
// their versions and times, and who holds which NIK.
type image struct {
	Persons  map[sqldb.ID]registry.Person
	Families map[sqldb.ID]registry.Family
	NIKs     []string
}

func (h *house) image() image {
	h.t.Helper()
	ctx, q := h.t.Context(), h.db.Direct()
	out := image{Persons: map[sqldb.ID]registry.Person{}, Families: map[sqldb.ID]registry.Family{}}
	for _, tenant := range []area.Tenant{testkit.AmbonTenant, TualTenant} {
		ids := func(table string) []sqldb.ID {
			list, err := sqldb.Collect(ctx, q, `SELECT id FROM `+table+` WHERE kabkota = $1`, []any{int64(tenant)}, func(r sqldb.Row) (id sqldb.ID, err error) {
				err = r.Scan(&id)
				return id, err
			})
			if err != nil {
				h.t.Fatal(err)
			}
			return list
		}
		persons, err1 := h.reg.PersonsIn(ctx, q, tenant, ids("person"))
		families, err2 := h.reg.FamiliesIn(ctx, q, tenant, ids("family"))
		if err := errors.Join(err1, err2); err != nil {
			h.t.Fatal(err)
		}
		for _, p := range persons {
			p.Version, p.RecordedAt = 0, time.Time{}
			out.Persons[p.ID] = p
		}
		for _, f := range families {
			f.Version, f.RecordedAt = 0, time.Time{}
			if slices.ContainsFunc(persons, func(p registry.Person) bool {
				return p.FamilyID == f.ID && p.State == registry.Active && p.Relation == person.Head && p.Name == f.HeadName
			}) {
				f.HeadName = "a head's" // of two heads either may be who a family is called by
			}
			out.Families[f.ID] = f
		}
	}
	var err error
	out.NIKs, err = sqldb.Collect(ctx, q, `
		SELECT nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes FROM nik_index
		WHERE nik_hash IS NOT NULL ORDER BY nik_hash`, nil, func(r sqldb.Row) (string, error) {
		var hash sqldb.Hash
		var who, family sqldb.ID
		var tenant, contested, listed int64
		var tags []byte
		var programmes string
		err := r.Scan(&hash, &tenant, &who, &family, &contested, &tags, &listed, &programmes)
		return fmt.Sprintf("%x %d %s %s %d %x %d %q", hash, tenant, who, family, contested, tags, listed, programmes), err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) same(what string, want, got image) {
	h.t.Helper()
	for id, p := range want.Persons {
		if got.Persons[id] != p {
			h.t.Errorf("%s: person\n%#v\nwas\n%#v", what, got.Persons[id], p)
		}
	}
	for id, f := range want.Families {
		if got.Families[id] != f {
			h.t.Errorf("%s: family %+v was %+v", what, got.Families[id], f)
		}
	}
	if !reflect.DeepEqual(got.NIKs, want.NIKs) {
		h.t.Errorf("%s: NIKs\n%s\nwere\n%s", what, strings.Join(got.NIKs, "\n"), strings.Join(want.NIKs, "\n"))
	}
}

// listed gives a NIK what the public check shows.
func (h *house) listed(nik person.NIK, programmes string) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		n, err := tx.Exec(h.t.Context(), `UPDATE nik_index SET programmes = $1 WHERE nik_hash = $2`, programmes, h.reg.NIKHash(nik))
		if err == nil && n != 1 {
			h.t.Errorf("%d rows of the NIK", n)
		}
		return err
	})
}

// holder gives who holds a NIK and what the public check shows for it.
func (h *house) holder(nik person.NIK) (id sqldb.ID, contested int64, cards int, programmes string) {
	h.t.Helper()
	var tags []byte
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id, contested, check_tags, programmes FROM nik_index WHERE nik_hash = $1`, h.reg.NIKHash(nik)).
		Scan(&id, &contested, &tags, &programmes)
	if found, err := sqldb.Found(err); err != nil || !found {
		return sqldb.ID{}, 0, 0, ""
	}
	return id, contested, len(tags) / registry.TagSize, programmes
}

func phone(t testing.TB, s string) person.Phone {
	t.Helper()
	p, err := person.ParsePhone(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
