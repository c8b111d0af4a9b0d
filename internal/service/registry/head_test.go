package registry_test

import (
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestAFamilyIsCalledByItsHead: lists, letters and payment files name a family by its head, so the name follows when hers is mended or
// somebody becomes the head; a member's does not.
func TestAFamilyIsCalledByItsHead(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		head, member := row(t, 1, 1), row(t, 1, 2)
		head.Relation, member.Relation = person.Head, person.Wife
		h.load(head, member)
		one := func(name string) registry.Person {
			t.Helper()
			var id sqldb.ID
			if err := db.Direct().QueryRow(t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND name = $1`, name).Scan(&id); err != nil {
				t.Fatal(err)
			}
			return h.stateOf(id)
		}
		change := func(p registry.Person) {
			t.Helper()
			h.write(func(tx *act.Tx) error {
				_, err := h.s.ChangePersonIn(t.Context(), tx, p)
				return err
			})
		}
		called := func() string {
			t.Helper()
			f, err := h.s.FamilyIn(t.Context(), db.Direct(), testkit.AmbonTenant, one(member.Name).FamilyID)
			if err != nil || f.Version != 1 {
				t.Fatalf("version %d of the family: %v", f.Version, err)
			}
			return f.HeadName
		}
		p := one(head.Name)
		p.Name = "SITI RUMAKAT"
		if change(p); called() != p.Name {
			t.Errorf("the head is %s, the family %s", p.Name, called())
		}
		p.Version, p.State = p.Version+1, registry.Died
		change(p)
		next := one(member.Name)
		next.Relation = person.Head
		if change(next); called() != next.Name {
			t.Errorf("the new head is %s, the family %s", next.Name, called())
		}
		third := row(t, 1, 3)
		third.Relation = person.Child
		h.load(third)
		child := one(third.Name)
		child.Name = "NAMA LAIN"
		if change(child); called() != next.Name {
			t.Errorf("a child's name is the family's: %s", called())
		}
	})
}
