package identity_test

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestWhoIsAlikeIsFoundThoughNoNumberIsTheSame(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 40)
		a := h.asked(7, 1)
		a.NIK, a.KK = person.NIK{}, person.KK{}
		a.Name = a.Name[:len(a.Name)-1]
		stranger := identity.Asked{Name: "KOMANG AYU LESTARI", BirthDate: h.date("1999-09-09"), Area: testkit.Village}
		found := h.alike(h.s, a, stranger)
		if len(found[0]) == 0 || found[0][0].Who != idOf(h.find(7, 1)) || found[0][0].Probability < 0.5 || !slices.Contains(found[0][0].Agreed, "birth.exact") {
			t.Errorf("found %+v", found[0])
		}
		if len(found[1]) != 0 {
			t.Errorf("a stranger is like %+v", found[1])
		}
		a.Who = idOf(h.find(7, 1))
		if found := h.alike(h.s, a); slices.ContainsFunc(found[0], func(x identity.Alike) bool { return x.Who == a.Who }) {
			t.Error("she is told as alike to herself")
		}
	})
}

// TestAPersonHeldForATwinIsTold: who got a card of her own in the same house and a number near her old one, and whose name is spelled in
// another way, is told though a twin is the likelier explanation, behind those who are alike; twins of another name are not.
func TestAPersonHeldForATwinIsTold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 40)
		self := idOf(h.find(7, 1))
		again := h.asked(7, 1)
		again.KK = person.KK{}
		nik, err := person.ParseNIK(again.NIK.Plain()[:14] + "25") // for 30: as near as a twin's
		h.must(err)
		again.NIK = nik
		again.Name = again.Name[:len(again.Name)-1]
		twin := again
		twin.Name = "ZAKARIAS " + strings.Fields(again.Name)[len(strings.Fields(again.Name))-1]
		found := h.alike(h.s, again, twin)
		if len(found[0]) != 1 || found[0][0].Who != self || !found[0][0].Twin || !slices.Contains(found[0][0].Agreed, "name.spelling") || !slices.Contains(found[0][0].Agreed, "birth.exact") {
			t.Errorf("of her %+v is told", found[0])
		}
		if len(found[1]) != 0 {
			t.Errorf("of her twin %+v is told", found[1])
		}
	})
}

func TestTheIndexFollowsTheRegistry(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		h.load(0, 30)
		all := func(n int) (out []identity.Asked) {
			for k := range n {
				out = append(out, h.asked(k, 0), h.asked(k, 2))
			}
			return out
		}
		who := func(found [][]identity.Alike) (out [][]identity.Who) {
			for _, few := range found {
				var list []identity.Who
				for _, a := range few {
					list = append(list, a.Who)
				}
				out = append(out, list)
			}
			return out
		}
		follows := func(step string) {
			t.Helper()
			mine := who(h.alike(h.s, all(35)...))
			if anew := who(h.alike(h.process(""), all(35)...)); !reflect.DeepEqual(mine, anew) {
				t.Errorf("%s: it tells %v, built anew it tells %v", step, mine, anew)
			}
		}
		follows("at first")
		h.load(30, 35)
		follows("after a file")
		h.write(func(tx *act.Tx) error {
			p := h.find(3, 0)
			p.Name = "ZAKARIAS RUMAHLATU"
			_, err := h.reg.ChangePersonIn(ctx, tx, p)
			return err
		})
		follows("after a name was changed")
		if found := h.alike(h.s, identity.Asked{Name: "ZAKARIAS RUMAHLATU", NIK: h.member(3, 0).NIK, BirthDate: h.member(3, 0).BirthDate}); len(found[0]) != 1 {
			t.Errorf("under her new name she is %+v", found[0])
		}
		h.write(func(tx *act.Tx) error {
			f, err := h.reg.FamilyIn(ctx, tx, testkit.AmbonTenant, h.find(4, 0).FamilyID)
			if err == nil {
				f.KK, f.Address = h.member(399, 0).KK, "Jl. Baru 1"
				_, err = h.reg.ChangeFamilyIn(ctx, tx, f)
			}
			return err
		})
		follows("after a card was changed")
		h.write(func(tx *act.Tx) error {
			_, err := h.reg.EndPersonIn(ctx, tx, testkit.AmbonTenant, h.find(5, 2).ID, registry.Died, "died")
			return err
		})
		follows("after a death")
		h.write(func(tx *act.Tx) error {
			_, err := h.reg.RestorePersonIn(ctx, tx, testkit.AmbonTenant, h.find(5, 2).ID)
			return err
		})
		follows("after it was no death")
		h.restart()
		follows("after the process was started anew")
	})
}

func TestAFileThatCannotBeUsedIsBuiltAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 20)
	h.must(h.s.Follow(t.Context()))
	whole := h.bytes()
	if stands, err := h.process(h.path).Stands(t.Context(), h.db.Direct()); err != nil || !stands.Ready || stands.Persons != 60 || stands.Behind != 0 || stands.Built.IsZero() {
		t.Errorf("the file says %+v, %v", stands, err)
	}
	want := h.alike(h.s, h.asked(3, 1))
	if len(want[0]) == 0 {
		t.Fatal("nobody is found")
	}
	if bytes.Contains(whole, []byte("LATUCONSINA")) || bytes.Contains(whole, []byte(h.member(3, 1).NIK.Plain())) {
		t.Error("the file tells names or numbers")
	}
	torn := func(name string, content []byte) {
		t.Helper()
		h.must(os.WriteFile(h.path, content, 0o600))
		h.restart()
		if got := h.alike(h.s, h.asked(3, 1)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: it tells %+v", name, got)
		}
	}
	torn("as it was", whole)
	for _, size := range []int{0, 5, 20, 3000, 4096, 5000, len(whole) / 2, len(whole) - 1} {
		torn("cut short", whole[:size])
	}
	for at := 1; at < len(whole); at += len(whole)/60 + 1 {
		changed := bytes.Clone(whole)
		changed[at] ^= 0x10
		torn("a changed byte", changed)
	}
	if now, err := os.Stat(h.path); err != nil || now.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", now, err)
	}
}

// TestAFileCutOffWhileItIsInUseIsBuiltAnew: the same process goes on, and tells what is right.
func TestAFileCutOffWhileItIsInUseIsBuiltAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 20)
	h.must(h.s.Follow(t.Context()))
	asked := []identity.Asked{h.asked(3, 1), h.asked(17, 0), h.asked(11, 2)}
	want, whole := h.alike(h.s, asked...), len(h.bytes())
	for _, size := range []int{whole - 1, whole / 2, 8192, 4096, 100, 0} {
		h.must(os.Truncate(h.path, int64(size)))
		if got := h.alike(h.s, asked...); !reflect.DeepEqual(got, want) {
			t.Errorf("cut to %d of %d bytes: it tells %+v", size, whole, got)
		}
	}
}

func TestTheFileOfAnotherDatabaseIsNotUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 20)
	h.must(h.s.Follow(t.Context()))
	other := newHouse(t, testkit.SQLite(t))
	other.keys = h.keys
	other.acts = act.New(other.db, other.clock.Now, nil)
	other.reg = registry.New(other.acts, other.keys)
	other.load(20, 40)
	other.path = h.path
	other.restart()
	if found := other.alike(other.s, other.asked(3, 1)); len(found[0]) != 0 {
		t.Errorf("it tells people of another database: %+v", found[0])
	}
	if found := other.alike(other.s, other.asked(23, 1)); len(found[0]) == 0 {
		t.Error("it does not tell its own")
	}
}

func TestKeepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 5)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.s.Keep(ctx, time.Millisecond, func(err error) { t.Error(err) })
	}()
	for {
		stands, err := h.s.Stands(t.Context(), h.db.Direct())
		h.must(err)
		if stands.Ready && stands.Persons == 15 && stands.Behind == 0 {
			break
		}
	}
	cancel()
	<-done
}

func TestManyAskWhileTheRegistryChanges(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 20)
		var asking sync.WaitGroup
		stop := make(chan struct{})
		for range 3 {
			asking.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
						_, _, err := h.s.AlikeIn(t.Context(), tx, []identity.Asked{h.asked(n%20, n%3)})
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for k := 20; k < 26; k++ {
			h.load(k, k+1)
			h.must(h.s.Follow(t.Context()))
		}
		close(stop)
		asking.Wait()
		for k := range 26 {
			a := h.asked(k, 1)
			if found := h.alike(h.s, a); len(found[0]) == 0 || found[0][0].Who != idOf(h.find(k, 1)) {
				t.Errorf("family %d: %+v", k, found[0])
			}
		}
	})
}
