package screening_test

import (
	"fmt"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/person"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/population"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

const (
	bengkulu       = area.Code(1771000000)
	bengkuluTenant = area.Tenant(1771)
	loadChunk      = 10000
)

// filler puts a synthetic population into the registry, as an import does.
type filler struct {
	h        *house
	rows     []registry.Incoming
	evidence []screening.EvidenceRow
	asOf     synth.Scenario
}

func (f *filler) Registry(r *synth.RegistryRow) error {
	in := registry.Incoming{
		Source: r.Source, SourceDate: fmt.Sprint(r.Year), RowID: fmt.Sprintf("%07d", r.RowID), HouseholdID: r.HouseholdID, RegistryID: r.RegistryID, Name: r.Name,
		Sex: r.Sex, BirthPlace: r.BirthPlace, BirthDate: r.BirthDate, MotherName: r.MotherName, Relation: r.Relation, Area: r.Area, VillageID: int64(r.Area),
	}
	in.KK, _ = person.ParseKK(r.NoKK)
	var err error
	if in.NIK, err = person.ParseNIK(r.NIK); err != nil {
		in.RawNIK = r.NIK
	}
	f.h.reg.Ready(&in, fmt.Appendf(nil, "%d", r.RowID))
	f.rows = append(f.rows, in)
	if len(f.rows) == loadChunk {
		return f.flush()
	}
	return nil
}

func (f *filler) Civil(*synth.CivilRow) error     { return nil }
func (f *filler) Truth(*synth.TruthRow) error     { return nil }
func (f *filler) Decile(*synth.DecileRow) error   { return nil }
func (f *filler) Request(*synth.RequestRow) error { return nil }

func (f *filler) Evidence(r *synth.EvidenceRow) error {
	row, err := f.h.s.Evidence(r.NIK, evidence.Statement{Kind: r.Kind, Value: r.Value, AsOf: r.AsOf.Text(), Source: r.Source}, f.asOf.AsOf)
	if err != nil {
		return err
	}
	f.h.s.Ready(&row)
	f.evidence = append(f.evidence, row)
	return nil
}

func (f *filler) flush() error {
	rows := f.rows
	f.rows = nil
	return f.write(func(tx *act.Tx) error {
		_, err := f.h.reg.LoadIn(f.h.t.Context(), tx, bengkuluTenant, rows)
		return err
	})
}

func (f *filler) write(work func(*act.Tx) error) error {
	return f.h.acts.Write(f.h.t.Context(), f.h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunScreening, bengkuluTenant, bengkulu); err != nil {
			return err
		}
		if err := work(tx); err != nil {
			return err
		}
		return tx.Record(f.h.t.Context(), audit.Entry{Tenant: bengkuluTenant, Area: bengkulu})
	})
}

// newBengkulu fills a SQLite database with the scenario; the clock stands at its day.
func newBengkulu(t testing.TB) (*house, synth.Scenario) {
	t.Helper()
	h := newHouse(t, testkit.SQLite(t))
	s, err := population.Scenario("bengkulu")
	h.must(err)
	h.must(h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenant (kabkota, area_code, zone, seq, sealed_seq) VALUES ($1, $2, 'WIB', 0, 0)`, int64(bengkuluTenant), int64(bengkulu))
		return err
	}))
	grant := func(role access.Role) []access.Grant {
		return []access.Grant{{Role: role, Area: bengkulu, Tenants: []area.Tenant{bengkuluTenant}}}
	}
	h.who.Grants, h.head.Grants = grant(access.Verifier), grant(access.AgencyHead)
	h.clock.Move(time.Date(2024, 5, 31, 5, 0, 0, 0, time.UTC).Sub(h.clock.Now()))
	h.parts.Training = true
	h.s = screening.New(h.parts)
	h.runs = runs.New(h.acts, h.load, nil, h.s.Kinds()...)
	world, err := population.World()
	h.must(err)
	f := &filler{h: h, asOf: s}
	h.must(world.Generate(synth.Config{Scenario: s, Seed: 7, NoItems: true}, 2, f))
	h.must(f.flush())
	h.must(f.write(func(tx *act.Tx) error {
		_, err := h.s.LoadEvidenceIn(t.Context(), tx, bengkuluTenant, f.evidence)
		return err
	}))
	return h, s
}

func (h *house) inBengkulu(kind string, settings any) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.runs.Create(ctx, h.who, runs.NewRun{Kind: kind, Tenant: bengkuluTenant, Area: bengkulu, Settings: settings})
	h.must(err)
	_, err = h.runs.Look(ctx, h.who, bengkuluTenant, r.ID)
	h.must(err)
	_, err = h.runs.Submit(ctx, h.who, bengkuluTenant, r.ID)
	h.must(err)
	_, err = h.runs.Approve(ctx, h.head, bengkuluTenant, r.ID)
	h.must(err)
	r, err = h.runs.Drive(ctx, bengkuluTenant, r.ID, nil)
	h.must(err)
	return r
}

// local are the criteria that Kota Bengkulu is known to have used.
func local() []string {
	return []string{"local_wage", "local_cpns", "local_good_house", "local_vehicle", "local_power"}
}

// TestBengkuluEndsIn14497Removed runs the whole scenario: what is found is what the press
// reported, and it goes back without a trace.
func TestBengkuluEndsIn14497Removed(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 127,384 persons")
	}
	t.Parallel()
	h, s := newBengkulu(t)
	began := time.Now()
	step := func(name string) {
		t.Logf("%s: %s", name, time.Since(began).Round(time.Millisecond))
		began = time.Now()
	}
	screened := h.inBengkulu("screen", screening.ScreenSettings{AsOf: s.AsOf, Local: local()})
	step("screen")
	want, _ := s.Figure("removed")
	if got := figures(t, screened)["persons"]; got != int64(want.Value) {
		t.Errorf("the preview promises %d persons, want %d", got, want.Value)
	}
	var criteria []string
	for _, c := range h.parts.Library.Criteria() {
		criteria = append(criteria, c.ID)
	}
	h.inBengkulu("verify", screening.VerifySettings{Criteria: criteria, Document: "BA-VERVAL-1/2024"})
	step("verify")
	removed := h.inBengkulu("remove", screening.RemoveSettings{AsOf: s.AsOf, Effective: true})
	step("remove")
	if got := removed.Tally["persons"]; got != int64(want.Value) {
		t.Errorf("the run removed %d persons, want %d: %v", got, want.Value, removed.Tally)
	}
	now, err := h.s.RemovedIn(t.Context(), h.db.Direct(), bengkuluTenant, bengkulu)
	h.must(err)
	if now.Persons != int64(want.Value) {
		t.Errorf("counted from the findings %d persons, want %d: %v", now.Persons, want.Value, now.ByCriterion)
	}
	sum := int64(0)
	for figure, n := range removed.Tally {
		if len(figure) > 8 && figure[:8] == "persons." {
			sum += n
		}
	}
	if sum != int64(want.Value) {
		t.Errorf("the criteria add up to %d", sum)
	}
	_, err = h.runs.Undo(t.Context(), h.head, bengkuluTenant, removed.ID)
	h.must(err)
	_, err = h.runs.Drive(t.Context(), bengkuluTenant, removed.ID, nil)
	h.must(err)
	step("undo")
	if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 1771 AND state <> 1`); n != 0 {
		t.Errorf("%d persons are not back", n)
	}
}

// BenchmarkScreen previews a screening of 127,384 persons, on whom there are 28,000 statements.
func BenchmarkScreen(b *testing.B) {
	h, s := newBengkulu(b)
	r, err := h.runs.Create(b.Context(), h.who, runs.NewRun{Kind: "screen", Tenant: bengkuluTenant, Area: bengkulu, Settings: screening.ScreenSettings{AsOf: s.AsOf, Local: local()}})
	h.must(err)
	for b.Loop() {
		_, err := h.runs.Look(b.Context(), h.who, bengkuluTenant, r.ID)
		h.must(err)
	}
	persons, _ := s.Figure("persons")
	b.ReportMetric(float64(persons.Value*b.N)/b.Elapsed().Seconds(), "persons/s")
}
