package app

import (
	"slices"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// TestVisitsOutliveASplit: the visits to a family whose village went to another district are read by the offices there, beside those
// made since, and by nobody of the district it left who does not stand in for the new one; no other family's are among them.
func TestVisitsOutliveASplit(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, _ := b.familyIn(t, b.people[access.Operator].Area)
	f, ctx := card.Family, t.Context()
	s := visits.New(b.Acts, b.Keys, b.Registry, b.Places)
	made := func(days int) visits.Visit {
		return visits.Visit{ID: sqldb.NewID(), On: b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-days), By: "Petugas Contoh", Met: "Ina", Outcome: visits.AsRegistered}
	}
	before, after := made(3), made(1)
	if err := s.Note(ctx, b.actor(t, access.Operator), f.Tenant, f.ID, before); err != nil {
		t.Fatal(err)
	}
	b.split(t, f.Area)
	moved, err := b.Registry.FamilyIn(ctx, b.DB.Direct(), splitTenant, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	of := func(n byte, role access.Role, at area.Code, tenant area.Tenant) access.Actor {
		who := testkit.Person(n, role, at)
		who.Grants[0].Tenants = []area.Tenant{tenant}
		return who
	}
	there, old := of(101, access.Verifier, splitCity, splitTenant), of(102, access.Verifier, ambon, f.Tenant)
	if err := s.Note(ctx, there, splitTenant, f.ID, after); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]access.Actor{
		"the district": there, "the village": of(103, access.Operator, moved.Area, splitTenant), "who stands in": b.actor(t, access.Verifier),
	} {
		list, err := s.Of(ctx, who, splitTenant, f.ID, sqldb.ID{})
		if err != nil || !slices.EqualFunc(list, []visits.Visit{after, before}, func(a, b visits.Visit) bool { return a.ID == b.ID }) {
			t.Errorf("%s reads %+v, %v", name, list, err)
		}
	}
	if err := s.Withdraw(ctx, old, splitTenant, f.ID, before.ID, "Keliru"); fail.CodeOf(err) != "access.denied" {
		t.Errorf("the district it left withdraws a visit: %v", err)
	}
	if err := s.Withdraw(ctx, there, splitTenant, f.ID, before.ID, "Keliru"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Of(ctx, there, splitTenant, f.ID, sqldb.ID{}); err != nil || len(list) != 2 || !list[0].Withdrawn.At.IsZero() || list[1].Withdrawn.Reason != "Keliru" {
		t.Errorf("a visit of before the split withdrawn: %+v, %v", list, err)
	}
	for name, who := range map[string]access.Actor{
		"the district it left": old, "another district": of(104, access.Verifier, 8172000000, 8172), "the village as it was called": of(105, access.Operator, f.Area, f.Tenant),
	} {
		if list, err := s.Of(ctx, who, splitTenant, f.ID, sqldb.ID{}); fail.CodeOf(err) != "access.denied" || len(list) > 0 {
			t.Errorf("%s reads %d visits: %v", name, len(list), err)
		}
		if err := s.Note(ctx, who, splitTenant, f.ID, made(0)); fail.CodeOf(err) != "access.denied" {
			t.Errorf("%s notes a visit: %v", name, err)
		}
	}
	if list, err := s.Of(ctx, old, f.Tenant, f.ID, sqldb.ID{}); err == nil {
		t.Errorf("under the district it left it has %d visits", len(list))
	}
	for _, other := range b.others(t, moved.ID) {
		if list, err := s.Of(ctx, there, splitTenant, other, sqldb.ID{}); err != nil || len(list) > 0 {
			t.Errorf("another family has %d visits: %v", len(list), err)
		}
	}
}

// others gives some families of the new city but one.
func (b *town) others(t *testing.T, but sqldb.ID) []sqldb.ID {
	t.Helper()
	list, err := sqldb.Collect(t.Context(), b.DB.Direct(), `SELECT id FROM family WHERE kabkota = $1 AND id <> $2 ORDER BY id LIMIT 3`, []any{int64(splitTenant), but}, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("%d other families: %v", len(list), err)
	}
	return list
}
