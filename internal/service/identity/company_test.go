package identity_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// again registers a member of a family once more, on another card; how changes what is written of her.
func (h *house) again(k, n int, rowID string, how func(*registry.Incoming)) registry.Person {
	h.t.Helper()
	row := h.member(k, n)
	row.RowID, row.KK, row.Relation = rowID, h.member(301, 0).KK, person.Child
	how(&row)
	h.reg.Ready(&row, []byte(rowID))
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{row})
		return err
	})
	return h.named(rowID)
}

// doubtful leaves of a row what does not tell by itself whether she is one with somebody.
func doubtful(row *registry.Incoming) {
	row.NIK, row.MotherName, row.BirthPlace = person.NIK{}, "ELISABETH SAPULETTE", "TUAL"
}

// TestWhoComesIsCompanyToOthers: a doubtful pair on two cards becomes one when a brother stands on both, though neither of the two was
// written: the groups follow, and the queue is told of the pair.
func TestWhoComesIsCompanyToOthers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		told := map[[2]identity.Who]bool{}
		h.s.Tell(func(_ context.Context, list []identity.Found) error {
			for _, f := range list {
				told[[2]identity.Who{f.Left, f.Right}], told[[2]identity.Who{f.Right, f.Left}] = true, true
			}
			return nil
		})
		h.load(0, 60)
		one := h.find(3, 1)
		two := h.again(3, 1, "doubtful", doubtful)
		h.again(3, 0, "somebody else of the card", func(r *registry.Incoming) {
			r.NIK, r.Name, r.BirthDate, r.MotherName = person.NIK{}, "ZAKARIAS RUMAHLATU", h.date("1951-02-03"), "DORKAS SAPULETTE"
		})
		h.follow()
		pair := [2]identity.Who{idOf(one), idOf(two)}
		if got := h.rows(); !got[two.ID].IsZero() || told[pair] {
			t.Fatalf("nobody they have in common came along, and they are one: %v, told %v", got, told[pair])
		}
		h.again(3, 2, "the brother", func(r *registry.Incoming) { r.NIK = person.NIK{} })
		h.follow()
		if got := h.rows(); got[two.ID].IsZero() || got[two.ID] != got[one.ID] {
			t.Errorf("the brother came along, and they are two: %v", got)
		}
		if !told[pair] {
			t.Error("nobody is told of the pair")
		}
		if found := h.alike(h.s, h.asked(3, 1))[0]; !slices.ContainsFunc(found, func(a identity.Alike) bool {
			return a.Who == pair[1] && slices.Contains(a.Agreed, "company.apart_others")
		}) {
			t.Errorf("who fills in a form is told of %+v", found)
		}
		was := h.rows()
		h.must(h.s.Rebuild(t.Context()))
		if got := h.rows(); !reflect.DeepEqual(got, was) {
			t.Errorf("a search over everybody groups %v, who followed %v", got, was)
		}
	})
}

// TestWhatSheIsToTheHeadTells: of a doubtful pair, a child who is written down as a child of another card is less likely one, and as the
// wife there more; of somebody who is surely one it tells nothing. Both engines keep it.
func TestWhatSheIsToTheHeadTells(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 60)
		h.follow()
		bits := func(a identity.Asked, as person.Relation) float64 {
			a.Relation = as
			found := h.alike(h.s, a)[0]
			at := slices.IndexFunc(found, func(a identity.Alike) bool { return a.Who == idOf(h.find(3, 1)) })
			if at < 0 {
				t.Fatalf("%s is not found: %+v", as, found)
			}
			return found[at].Bits
		}
		sure, doubt := h.asked(3, 1), h.asked(3, 1)
		doubt.NIK, doubt.KK, doubt.BirthPlace, doubt.Address = person.NIK{}, h.member(301, 0).KK, "TUAL", ""
		doubt.BirthDate = h.date(fmt.Sprint(doubt.BirthDate.Text()[:5], "01-01"))
		if child, unknown, wife := bits(doubt, person.Child), bits(doubt, person.UnknownRelation), bits(doubt, person.Wife); child >= unknown || unknown >= wife {
			t.Errorf("a child again %.2f, not said %.2f, a wife elsewhere %.2f", child, unknown, wife)
		}
		if child, wife := bits(sure, person.Child), bits(sure, person.Wife); child != wife {
			t.Errorf("surely she, as a child %.2f and as a wife %.2f", child, wife)
		}
	})
}

// TestAFamilyIsAskedForTogether: who is written down with her brother is told of the row she is doubtful with, where the brother stands beside
// it; without him she is not. Nobody of the card she is written on is in the registry yet.
func TestAFamilyIsAskedForTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 60)
	h.follow()
	sister, brother := h.asked(3, 1), h.asked(3, 2)
	card := h.member(301, 0).KK
	sister.NIK, sister.KK, sister.MotherName, sister.BirthPlace = person.NIK{}, card, "ELISABETH SAPULETTE", "TUAL"
	brother.NIK, brother.KK = person.NIK{}, card
	stranger := identity.Asked{KK: card, Name: "ZAKARIAS RUMAHLATU", BirthDate: h.date("1951-02-03"), MotherName: "DORKAS SAPULETTE", Area: sister.Area}
	likely := func(asked ...identity.Asked) bool {
		return slices.ContainsFunc(h.alike(h.s, asked...)[0], func(a identity.Alike) bool { return a.Who == idOf(h.find(3, 1)) && !a.Twin })
	}
	if !likely(sister, brother) {
		t.Error("her brother comes along, and nobody is told that she is registered")
	}
	if likely(sister, stranger) {
		t.Error("somebody else comes along, and she is likely")
	}
}
