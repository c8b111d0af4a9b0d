package duplicates_test

import (
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// called gives the name a family is called by.
func (h *house) called(p registry.Person) string {
	h.t.Helper()
	f, err := h.reg.FamilyIn(h.t.Context(), h.db.Direct(), p.Tenant, p.FamilyID)
	if err != nil {
		h.t.Fatal(err)
	}
	return f.HeadName
}

// TestAFamilyIsCalledByItsHeadAfterAMerge: lists, letters and payment files name a family by its head, so the name follows a merge that
// gives her another one or takes the one away it was called by; the undo brings back what it was, and leaves what was mended since.
func TestAFamilyIsCalledByItsHeadAfterAMerge(t *testing.T) {
	t.Parallel()
	wife := func(r *registry.Incoming) { r.Relation = person.Wife }
	for name, c := range map[string]struct {
		set   func(k, m *registry.Incoming)
		stale string // what her family was called before, where not by her
		take  []duplicates.Field
		since func(h *house, kept registry.Person) // what happens between the merge and its undo
		want  func(k, m registry.Incoming, before string) (merged, undone string)
	}{
		"the head takes the other's name": {
			take: []duplicates.Field{duplicates.Name},
			want: func(_, m registry.Incoming, before string) (string, string) { return m.Name, before },
		},
		"the head keeps her name": {
			want: func(_, _ registry.Incoming, before string) (string, string) { return before, before },
		},
		"no head": {
			set: func(k, _ *registry.Incoming) { wife(k) }, take: []duplicates.Field{duplicates.Name},
			want: func(_, _ registry.Incoming, before string) (string, string) { return before, before },
		},
		"called by a name nobody has": {
			stale: "NAMA LAMA", take: []duplicates.Field{duplicates.Name},
			want: func(_, m registry.Incoming, _ string) (string, string) { return m.Name, "NAMA LAMA" },
		},
		"two heads of one family, called by who goes": {
			set: func(k, m *registry.Incoming) { m.KK = k.KK }, stale: "m",
			want: func(k, m registry.Incoming, _ string) (string, string) { return k.Name, m.Name },
		},
		"her name mended since": {
			take: []duplicates.Field{duplicates.Name},
			since: func(h *house, kept registry.Person) {
				h.write(txChange(h, duplicates.Ref{Tenant: kept.Tenant, ID: kept.ID}, func(p *registry.Person) { p.Name = "NAMA YANG BENAR" }))
			},
			want: func(_, m registry.Incoming, _ string) (string, string) { return m.Name, "NAMA YANG BENAR" },
		},
		"another head since": {
			take: []duplicates.Field{duplicates.Name},
			since: func(h *house, kept registry.Person) {
				h.write(txChange(h, duplicates.Ref{Tenant: kept.Tenant, ID: kept.ID}, func(p *registry.Person) { p.Relation = person.Parent }))
				next := row(h.t, 3)
				next.KK, next.Relation = row(h.t, 1).KK, person.Child
				h.load(testkit.AmbonTenant, next)
				p := h.find("3")
				h.write(txChange(h, duplicates.Ref{Tenant: p.Tenant, ID: p.ID}, func(p *registry.Person) { p.Relation = person.Head }))
			},
			want: func(_, m registry.Incoming, _ string) (string, string) { return m.Name, row(t, 3).Name },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				k, m := row(t, 1), row(t, 2)
				if c.set != nil {
					c.set(&k, &m)
				}
				h.load(testkit.AmbonTenant, k)
				h.load(testkit.AmbonTenant, m)
				kept, merged := h.find("1"), h.find("2")
				stale := c.stale
				if stale == "m" {
					stale = merged.Name
				}
				if stale != "" {
					h.write(func(tx *act.Tx) error {
						_, err := tx.Exec(t.Context(), `UPDATE family SET head_name = $1 WHERE kabkota = $2 AND id = $3`, stale, int64(kept.Tenant), kept.FamilyID)
						return err
					})
				}
				afterMerge, afterUndo := c.want(k, m, h.called(kept))
				done, err := h.merge(h.who, h.pairOf(h.pair(kept, merged)), kept.ID, c.take...)
				if err != nil {
					t.Fatal(err)
				}
				if got := h.called(kept); got != afterMerge {
					t.Errorf("after the merge the family is called %s, want %s", got, afterMerge)
				}
				if c.since != nil {
					c.since(h, kept)
				}
				if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: done.Tenant, ID: done.ID}); err != nil {
					t.Fatal(err)
				}
				if got := h.called(kept); got != afterUndo {
					t.Errorf("after the undo the family is called %s, want %s", got, afterUndo)
				}
				h.check("after the undo")
			})
		})
	}
}
