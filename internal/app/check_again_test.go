package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/exchange"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestWhoProvesToLiveIsAskedAboutByTheWorker goes the whole way over a network, under an agreement of yes and no: the civil registry says
// of somebody that she died, she is taken off, it mends its record, a proposal with a document brings her back, and the background asks.
// The first question finds nobody there; until the answer comes she stays dead to it, and then she matches. Settings come by the environment, so no parallel.
func TestWhoProvesToLiveIsAskedAboutByTheWorker(t *testing.T) {
	for engine, db := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") },
		"postgres": func(t *testing.T) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			l := newFarOffice(t, db(t))
			her := l.leavesDead(t)
			l.works(t)
			l.dead.Store(nil)                                                                         // the civil registry has mended its record
			l.altered(t, `DELETE FROM civil_answer WHERE nik_hash = $1`, l.Registry.NIKHash(her.NIK)) // what it said before is held no longer
			endorsed, asked := l.endorsed(t, her), l.audited(t, "civil.recheck")
			l.down.Store(1)
			l.determined(t, endorsed)
			l.until(t, "the worker asks", func() bool { return l.refused.Load() > 0 })
			if now := l.personOf(t, her.ID); now.State != registry.Active || now.Match != civilmatch.Dead || l.audited(t, "civil.recheck") != asked {
				t.Errorf("while nobody answers she is in state %d and %v to the civil registry", now.State, now.Match)
			}
			l.down.Store(0)
			l.until(t, "the answer is kept", func() bool { return l.audited(t, "civil.recheck") > asked })
			now := l.personOf(t, her.ID)
			if now.Match != civilmatch.Matched || now.NIKState != registry.Holder || now.MatchedAt.IsZero() {
				t.Errorf("answered, she is %v to the civil registry, her NIK in state %d", now.Match, now.NIKState)
			}
			if n := l.number(t, `SELECT count(*) FROM audit_entry WHERE kabkota > 0 AND act = 'civil.recheck' AND actor_id = $1`, sqldb.ID(l.actor(t, access.Operator).ID)); n != 1 {
				t.Errorf("%d of the questions are in the name of who filed for her", n)
			}
			if n := l.number(t, `SELECT unmatched FROM family WHERE kabkota > 0 AND id = $1`, her.FamilyID); n != 0 {
				t.Errorf("%d of her family do not match", n)
			}
		})
	}
}

// farOffice is a town whose civil registry is asked over a network.
type farOffice struct {
	*town
	dead    atomic.Pointer[person.NIK] // of whom it says that she died
	down    atomic.Int32               // it refuses while this is not zero
	refused atomic.Int32
}

func newFarOffice(t *testing.T, db string) *farOffice {
	t.Helper()
	l := &farOffice{}
	source := func(ctx context.Context, nik person.NIK) (civilmatch.Answer, error) {
		a, err := civil.FileSource(l.DB, l.Keys, l.Registry)(ctx, nik)
		if dead := l.dead.Load(); dead != nil && *dead == nik {
			a.State = civilmatch.IsDead
		}
		return a, err
	}
	server := httptest.NewServer(civil.NewSimulator(civil.SimulatorOptions{
		Source: source, Agreements: []civil.Agreement{{Key: "latihan", Mode: civilmatch.YesNo}}, Fault: func(int64) civil.Fault {
			if l.down.Load() == 0 {
				return civil.Fault{}
			}
			l.refused.Add(1)
			return civil.Fault{Status: http.StatusBadRequest}
		},
	}))
	t.Cleanup(server.Close)
	dir, home := t.TempDir(), ambonOffice()
	writeSettings(t, dir, fmt.Sprintf("civil:\n  registry: http\n  url: %s\n  institution: dinsos-ambon\n  key: latihan\n  mode: yes_no\n", server.URL))
	t.Setenv("TEPAT_CONFIG", filepath.Join(dir, "tepat.yaml"))
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{DB: db, Keys: filepath.Join(dir, "keys"), Version: "test", New: &home, Clock: clock}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := referenceData()
	if err != nil {
		t.Fatal(err)
	}
	l.town = &town{house: &house{House: *h, ref: ref, catalogue: catalogue, log: logger(8, os.Stderr), version: "test"}, people: map[access.Role]accounts.DemoAccount{}}
	t.Cleanup(func() { l.shut(t) })
	files := filepath.Join(dir, "files")
	inhabited(t, files, 40, 7)
	l.staff(t, l.firstVillage(t, files))
	l.importFile(t, exchange.Families, filepath.Join(files, "registry.csv"))
	l.importFile(t, exchange.Civil, filepath.Join(files, "civil.csv"))
	return l
}

// works starts the workers of the installation, and ends them with the test.
func (l *farOffice) works(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- l.Work(ctx, func() { close(ready) })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
}

// leavesDead gives somebody of whom the civil registry said that she died, and who was taken off for it.
func (l *farOffice) leavesDead(t *testing.T) registry.Person {
	t.Helper()
	l.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
	card, _ := l.familyIn(t, l.people[access.Operator].Area)
	her := card.Members[len(card.Members)-1]
	l.dead.Store(&her.NIK)
	if _, err := l.Civil.Recheck(t.Context(), l.actor(t, access.Verifier), her.Tenant, her.ID); err != nil {
		t.Fatal(err)
	}
	err := l.Acts.Write(t.Context(), l.actor(t, access.Verifier), "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RepairMatch, her.Tenant, her.Area); err != nil {
			return err
		}
		if _, err := l.Registry.EndPersonIn(t.Context(), tx, her.Tenant, her.ID, registry.Died, "dead"); err != nil {
			return err
		}
		return tx.Record(t.Context(), audit.Entry{Tenant: her.Tenant, Area: her.Area})
	})
	if err != nil {
		t.Fatal(err)
	}
	if now := l.personOf(t, her.ID); now.State != registry.Died || now.Match != civilmatch.Dead {
		t.Fatalf("she is in state %d and %v to the civil registry", now.State, now.Match)
	}
	return her
}

// endorsed files for her who lives, and takes it up to the signature.
func (l *farOffice) endorsed(t *testing.T, her registry.Person) proposals.Row {
	t.Helper()
	in := proposals.Filing{Request: sqldb.NewID(), Kind: proposal.Reactivation, Tenant: her.Tenant, Family: her.FamilyID, Person: her.ID, Reason: proposals.StillAlive,
		Evidence: proposals.Paper{Name: "KTP dan surat kepala desa"}}
	operator := l.actor(t, access.Operator)
	filed, err := l.Proposals.File(t.Context(), operator, in)
	if len(filed.Alike) > 0 {
		in.Seen = identity.Seen(filed.Alike)
		filed, err = l.Proposals.File(t.Context(), operator, in)
	}
	if err != nil {
		t.Fatal(err)
	}
	row := filed.Row
	for row.State != proposal.Endorsed {
		row = l.next(t, row)
	}
	return row
}

// next takes a proposal one step on.
func (l *farOffice) next(t *testing.T, row proposals.Row) proposals.Row {
	t.Helper()
	d := proposals.One(row)
	d.Paper = proposals.Paper{Name: "Berita acara"}
	var after []proposals.Row
	var err error
	switch row.State {
	case proposal.MatchPending: // the background asks whom nobody answered for when she was filed
		if _, err := l.Proposals.CheckPending(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		v, err := l.Proposals.Open(t.Context(), l.actor(t, access.Verifier), row.Tenant, row.ID, "uji")
		if err != nil {
			t.Fatal(err)
		}
		if v.State == row.State {
			t.Fatal("the civil registry is asked, and the proposal still waits for it")
		}
		return v.Row
	case proposal.Submitted, proposal.Matched:
		after, err = l.Proposals.List(t.Context(), l.actor(t, access.Operator), d)
	case proposal.InitialList:
		after, err = l.Proposals.Deliberate(t.Context(), l.actor(t, access.VillageHead), d)
	case proposal.Deliberated:
		after, err = l.Proposals.Verify(t.Context(), l.actor(t, access.Verifier), d)
	case proposal.DistrictVerified:
		after, err = l.Proposals.Approve(t.Context(), l.actor(t, access.AgencyHead), d)
	case proposal.AgencyApproved:
		signer := l.actor(t, access.Signer)
		waits, err := l.Proposals.AwaitRatification(t.Context(), signer, ambon)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = l.Proposals.Ratify(t.Context(), signer, proposals.Ratifying{Area: ambon, Number: "470/1", SignedBy: "Wali Kota Ambon", About: "Pengesahan usulan", Digest: waits.Digest, Paper: "pengesahan.pdf"}); err != nil {
			t.Fatal(err)
		}
		row.State = proposal.Endorsed
		return row
	default:
		t.Fatalf("no step leads on from %s", row.State)
	}
	if err != nil {
		t.Fatal(err)
	}
	return after[0]
}

// determined has the ministry determine it, by the worker.
func (l *farOffice) determined(t *testing.T, row proposals.Row) {
	t.Helper()
	who := l.actor(t, access.Ministry)
	set := proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/" + row.Number, SignedBy: "Menteri Sosial", On: l.Places.LocalDate(ambon, l.Acts.Now())}}
	r, err := l.Runs.Create(t.Context(), who, runs.NewRun{Kind: "determine", Tenant: row.Tenant, Area: ambon, Settings: set})
	if err == nil {
		r, err = l.Runs.Look(t.Context(), who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = l.Runs.Submit(t.Context(), who, r.Tenant, r.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.until(t, "the run is done", func() bool {
		if r, err = l.Runs.Show(t.Context(), who, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		return r.State.Ended()
	})
	if r.State != runs.Done || r.Tally["established"] != 1 {
		t.Fatalf("the run is %s: %v %s", r.State, r.Tally, r.Failure)
	}
}

func (l *farOffice) personOf(t *testing.T, id sqldb.ID) registry.Person {
	t.Helper()
	p, err := l.Registry.PersonIn(t.Context(), l.DB.Direct(), l.Places.TenantOf(ambon), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for what the background must make true.
func (l *farOffice) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}
