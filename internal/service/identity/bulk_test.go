package identity_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// look asks for one, and gives whom the index knows of and how far it reaches.
func (h *house) look(of *identity.Service, a identity.Asked) (found []identity.Alike, reach identity.Reach) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(tx *sqldb.Tx) error {
		all, r, err := of.AlikeIn(h.t.Context(), tx, []identity.Asked{a})
		found, reach = all[0], r
		return err
	}))
	return found, reach
}

// knows tells whether somebody is found first under her own values.
func (h *house) knows(k, n int) bool {
	h.t.Helper()
	found, _ := h.look(h.s, h.asked(k, n))
	return len(found) > 0 && found[0].Who == idOf(h.find(k, n))
}

// TestWhatIsKnownAnswersWhileManyAreBroughtIn: so many are written at once that the index has to be made anew. Until then whom
// it knows of is told, with how many it does not know of; then everybody is, and those written are asked about.
func TestWhatIsKnownAnswersWhileManyAreBroughtIn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.s.SetBounds(10, 5, 20)
		h.load(0, 20)
		if found, reach := h.look(h.s, h.asked(3, 1)); reach.Ready || len(found) != 0 {
			t.Fatalf("nothing is built, and it tells %+v, %+v", found, reach)
		}
		h.follow()
		if !h.knows(3, 1) {
			t.Fatal("she is not found")
		}
		h.load(20, 26) // 18 persons: who asks without a server beside her waits for them
		if _, reach := h.look(h.s, h.asked(3, 1)); reach != (identity.Reach{Ready: true}) || !h.knows(23, 2) {
			t.Fatalf("few were written, and it reaches %+v", reach)
		}
		h.load(26, 36)
		moved := h.find(3, 1)
		h.change(moved.ID, func(p *registry.Person) { p.Name = "ZAKARIAS RUMAHLATU" })
		for range 2 {
			if found, reach := h.look(h.s, h.asked(3, 1)); !reach.Ready || reach.Missing < 20 || len(found) == 0 || found[0].Who != idOf(moved) {
				t.Fatalf("of whom it knows it tells %+v, %+v", found, reach)
			}
		}
		if found, reach := h.look(h.s, h.asked(30, 2)); reach.Missing < 20 || slices.ContainsFunc(found, func(a identity.Alike) bool { return a.Who == idOf(h.find(30, 2)) }) {
			t.Fatalf("of whom it does not know it tells %+v, %+v", found, reach)
		}
		was, err := h.s.Standing(t.Context())
		h.must(err)
		var told []identity.Found
		h.s.Tell(func(_ context.Context, found []identity.Found) error { told = append(told, found...); return nil })
		h.copyOf(30, 1, "copy")
		h.follow()
		stands, err := h.s.Standing(t.Context())
		h.must(err)
		if stands.Missing != 0 || stands.Behind > 1 /* the log of groups is a change too */ || stands.Persons != 109 || !stands.Built.After(was.Built) || stands.Building != "" {
			t.Errorf("made anew it stands at %+v", stands)
		}
		if _, reach := h.look(h.s, h.asked(30, 2)); reach != (identity.Reach{Ready: true}) || !h.knows(30, 2) {
			t.Errorf("made anew it reaches %+v", reach)
		}
		if !slices.ContainsFunc(told, func(f identity.Found) bool {
			return f.Left == idOf(h.named("copy")) || f.Right == idOf(h.named("copy"))
		}) {
			t.Error("of those written at once nobody is asked about")
		}
	})
}

// TestWhoAsksDoesNotWaitForMany: beside a server that keeps the index nobody waits for more than a few; Keep, woken, brings the
// others in one by one, and the index is not made anew for them.
func TestWhoAsksDoesNotWaitForMany(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.s.SetBounds(10, 5, 400)
		h.load(0, 150)
		h.follow()
		before, err := h.s.Standing(t.Context())
		h.must(err)
		ctx, stop := context.WithCancel(t.Context())
		var keeping sync.WaitGroup
		keeping.Go(func() { h.s.Keep(ctx, time.Hour, func(err error) { t.Error(err) }) })
		for h.load(150, 156); ; {
			found, reach := h.look(h.s, h.asked(152, 1))
			if reach == (identity.Reach{Ready: true}) {
				if len(found) == 0 || found[0].Who != idOf(h.find(152, 1)) {
					t.Errorf("it knows all and tells %+v", found)
				}
				break
			}
			if !reach.Ready {
				t.Fatal("it does not answer meanwhile")
			}
		}
		stop()
		keeping.Wait()
		after, err := h.s.Standing(t.Context())
		if h.must(err); after.Built != before.Built || after.Persons != 468 || after.Behind != 0 {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

// TestAProcessKilledWhileItBuildsLeavesAnIndexThatIsRight kills a process that makes the index anew at any moment. The file is the
// one that stood there or the next one; who opens it tells what one built from the database tells.
func TestAProcessKilledWhileItBuildsLeavesAnIndexThatIsRight(t *testing.T) {
	if dir := os.Getenv("TEPAT_BUILD_IN"); dir != "" {
		buildForEver(t, dir)
		return
	}
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	dir := t.TempDir()
	keys, err := seal.Create(filepath.Join(dir, "keys"), h.clock.Now())
	h.must(err)
	h.keys, h.path = keys, filepath.Join(dir, "alike.index")
	h.reg = registry.New(h.acts, keys)
	h.load(0, 40)
	copied := filepath.Join(dir, "tepat.db")
	_, err = h.db.WriterSQL().ExecContext(t.Context(), `VACUUM INTO ?`, copied) // the process to be killed has a database of its own
	h.must(err)
	var asked []identity.Asked
	for k := range 40 {
		asked = append(asked, h.asked(k, k%3))
	}
	want := h.alike(h.process(""), asked...)
	whole := 0
	for n := range 15 {
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "TEPAT_BUILD_IN="+dir)
		out, err := cmd.StdoutPipe()
		h.must(err)
		h.must(cmd.Start())
		_, _ = out.Read(make([]byte, 1)) // it says when it begins
		<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
		h.must(cmd.Process.Kill())
		_ = cmd.Wait()
		s := h.process(h.path)
		stands, err := s.Stands(t.Context(), h.db.Direct())
		if h.must(err); stands.Ready {
			whole++
		}
		if got := h.alike(s, asked...); !reflect.DeepEqual(got, want) {
			t.Fatalf("kill %d: it tells %+v, want %+v", n, got, want)
		}
		if n%2 == 0 {
			h.must(os.RemoveAll(h.path))
		}
	}
	t.Logf("%d of 15 kills left an index", whole)
}

func buildForEver(t *testing.T, dir string) {
	keys, err := seal.Load(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(dir, "tepat.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	acts := act.New(db, testkit.NewClock().Now, nil)
	s := identity.New(identity.Parts{Acts: acts, Keys: keys, Registry: registry.New(acts, keys), Model: model(t), Path: filepath.Join(dir, "alike.index")})
	fmt.Println("begun")
	for {
		if err := s.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
