package synth

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/data/scenarios"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// memory is a folder that keeps its files.
type memory map[string]*file

type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }

func (m memory) Create(name string) (io.WriteCloser, error) {
	m[name] = &file{}
	return m[name], nil
}

func write(t testing.TB, w *World, cfg Config, workers int) (memory, Counts) {
	t.Helper()
	p, err := w.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m := memory{}
	counts, err := p.Write(workers, m)
	if err != nil {
		t.Fatal(err)
	}
	return m, counts
}

func TestSameForAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	cfg := Config{Scenario: template(t).For(81_71_000000, 4000, template(t).AsOf), Seed: 42}
	want, counts := write(t, w, cfg, 1)
	if counts[RegistryFile] != cfg.Scenario.Population.Persons {
		t.Errorf("%d rows counted", counts[RegistryFile])
	}
	for _, workers := range []int{2, 5} {
		got, _ := write(t, w, cfg, workers)
		for name := range want {
			if !bytes.Equal(got[name].Bytes(), want[name].Bytes()) {
				t.Errorf("%s differs with %d workers", name, workers)
			}
		}
	}
	cfg.Seed++
	other, _ := write(t, w, cfg, 2)
	if bytes.Equal(other[RegistryFile].Bytes(), want[RegistryFile].Bytes()) {
		t.Error("another seed gives the same registry")
	}
}

func TestFilesHoldTheirColumns(t *testing.T) {
	t.Parallel()
	cfg := Config{Scenario: template(t).For(12_09_000000, 3000, template(t).AsOf), Seed: 9}
	files, counts := write(t, newTestWorld(t), cfg, 2)
	for name, f := range files {
		records, err := csv.NewReader(&f.Buffer).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		header := Header(name)
		if name == RegistryFile {
			header = RegistryHeader()
		}
		if got := strings.Join(records[0], ","); got != header {
			t.Errorf("%s: columns %s", name, got)
		}
		if len(records)-1 != counts[name] {
			t.Errorf("%s: %d lines, %d counted", name, len(records)-1, counts[name])
		}
		for i, record := range records[1:] {
			if !strings.Contains(strings.Join(record, ","), "SINTETIS-") {
				t.Fatalf("%s line %d does not say that it is synthetic", name, i+2)
			}
		}
	}
}

func TestLaterRoundChangesAnswersOnly(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	cfg := Config{Scenario: template(t).For(81_71_000000, 3000, template(t).AsOf), Seed: 4}
	first := generate(t, w, cfg)
	cfg.Round = 2
	second := generate(t, w, cfg)
	changed := map[string]bool{}
	for i := range first.Batch.Registry {
		a, b := first.Batch.Registry[i], second.Batch.Registry[i]
		if !slices.Equal(a.Items, b.Items) || a.Phone != b.Phone {
			changed[a.RegistryID] = true
		}
		a.Items, b.Items, a.Phone, b.Phone = nil, nil, "", ""
		if !equalRows(a, b) {
			t.Fatalf("row %d has another person or place: %v, %v", a.RowID, a, b)
		}
	}
	if share := float64(len(changed)) / 3000; share < 0.03 || share > 0.07 {
		t.Errorf("%.3f of the families changed, want about 0.05", share)
	}
	if !slices.Equal(first.Batch.Civil, second.Batch.Civil) || !slices.Equal(first.Batch.Truth, second.Batch.Truth) {
		t.Error("the civil registry or the truth changed")
	}
}

func equalRows(a, b RegistryRow) bool {
	return string(a.AppendCSV(nil)) == string(b.AppendCSV(nil))
}

// TestAnyPopulation makes small populations anywhere and checks that every count of the plan is met
// and every row gets the status its kind must have.
func TestAnyPopulation(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	base := template(t)
	codes := []area.Code{81_71_000000, 12_09_080000, 11_00_000000, 91_03_000000, 32_78_011001, 51_01_000000}
	rapid.Check(t, func(rt *rapid.T) {
		s := base.For(rapid.SampledFrom(codes).Draw(rt, "area"), rapid.IntRange(1, 700).Draw(rt, "families"), base.AsOf)
		k := &keep{asOf: s.AsOf}
		if err := w.Generate(Config{Scenario: s, Seed: rapid.Uint64().Draw(rt, "seed")}, 2, k); err != nil {
			rt.Fatal(err)
		}
		families := map[string]bool{}
		for i := range k.Batch.Registry {
			families[k.Batch.Registry[i].RegistryID] = true
		}
		if len(families) != s.Population.Families || len(k.Batch.Registry) != s.Population.Persons {
			rt.Fatalf("%d families, %d persons of %+v", len(families), len(k.Batch.Registry), s.Population)
		}
		for i, status := range match(t, k) {
			if status != k.Batch.Truth[i].Expected {
				rt.Fatalf("row %d, %s: %s", i+1, k.Batch.Truth[i].Kind, status)
			}
		}
	})
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	base := template(t)
	for name, c := range map[string]struct {
		change func(*Scenario)
		code   string
	}{
		"an area without villages":          {func(s *Scenario) { s.Area = 99_99_000000 }, "synth.area_empty"},
		"more defects than families":        {func(s *Scenario) { s.Defects = map[Kind]int{NIKEmpty: 950} }, "synth.too_small"},
		"more planted than half a block":    {func(s *Scenario) { s.Defects = map[Kind]int{NIKSwapped: 600} }, "synth.too_small"},
		"a million families in one village": {func(s *Scenario) { *s = base.For(32_78_011001, 3_000_000, s.AsOf) }, "synth.too_dense"},
		"no name":                           {func(s *Scenario) { s.Name = "" }, "synth.scenario"},
		"fewer persons than families":       {func(s *Scenario) { s.Population.Persons = 10 }, "synth.scenario"},
		"more than nine persons a family":   {func(s *Scenario) { s.Population.Persons = 9001 }, "synth.scenario"},
		"more households than families":     {func(s *Scenario) { s.Population.Households = 1001 }, "synth.scenario"},
		"half a contested pair":             {func(s *Scenario) { s.Defects = map[Kind]int{NIKContested: 3} }, "synth.scenario"},
		"a partial day":                     {func(s *Scenario) { s.AsOf, _ = period.NewDate(2024, 5, 0) }, "synth.scenario"},
		"no weights of deciles":             {func(s *Scenario) { s.Population.Deciles = [10]int{} }, "synth.scenario"},
		"a vintage that is none":            {func(s *Scenario) { s.Population.Vintage = "2024" }, "synth.scenario"},
		"requests about nothing":            {func(s *Scenario) { s.Requests = []RequestPlan{{Kind: "report"}} }, "synth.scenario"},
		"a second row of no kind":           {func(s *Scenario) { s.Duplicates = []Duplicate{{Kind: Twin, Persons: 1}} }, "synth.scenario"},
		"too many beside the registry":      {func(s *Scenario) { s.Population.Beside = 1000 }, "synth.scenario"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := base.For(81_71_000000, 1000, base.AsOf)
			c.change(&s)
			if _, err := w.New(Config{Scenario: s}); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}

func TestSinkErrorEndsTheWork(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	s := template(t).For(81_71_000000, 2000, template(t).AsOf)
	sink := &stubborn{err: full}
	if err := newTestWorld(t).Generate(Config{Scenario: s}, 2, sink); !errors.Is(err, full) || sink.rows != 1 {
		t.Errorf("error %v after %d rows", err, sink.rows)
	}
}

type stubborn struct {
	keep
	err  error
	rows int
}

func (s *stubborn) Registry(*RegistryRow) error {
	s.rows++
	return s.err
}

// TestTwoVillagesOneFamily checks that a family listed in two villages is the same in both.
func TestTwoVillagesOneFamily(t *testing.T) {
	t.Parallel()
	s := template(t).For(81_71_000000, 3000, template(t).AsOf)
	s.Duplicates = []Duplicate{{Kind: DuplicateAcross, NIK: SecondEmpty, Persons: 60}}
	k := generate(t, newTestWorld(t), Config{Scenario: s, Seed: 77})
	found := 0
	for i := range k.Batch.Truth {
		truth := &k.Batch.Truth[i]
		if truth.Kind != DuplicateAcross {
			continue
		}
		found++
		first, second := &k.Batch.Registry[truth.DuplicateOf-1], &k.Batch.Registry[i]
		if first.Area == second.Area {
			t.Errorf("row %d repeats row %d of the same village", truth.RowID, truth.DuplicateOf)
		}
		if first.Sex != second.Sex || k.Batch.Truth[truth.DuplicateOf-1].PersonID != truth.PersonID {
			t.Errorf("row %d is another person than row %d: %v, %v", truth.RowID, truth.DuplicateOf, truth, k.Batch.Truth[truth.DuplicateOf-1])
		}
		if first.BirthDate != second.BirthDate && first.Name != second.Name {
			t.Logf("both name and date vary: %s %s, %s %s", first.Name, first.BirthDate, second.Name, second.BirthDate)
		}
	}
	if found != 60 {
		t.Errorf("%d second rows, want 60", found)
	}
}

// TestContestedNIKsAreTwoPersons holds what an import relies on: rows that share a NIK share neither
// a word of the name nor the birth date.
func TestContestedNIKsAreTwoPersons(t *testing.T) {
	t.Parallel()
	k := generate(t, newTestWorld(t), Config{Scenario: scenario(t, "ambon"), Seed: 2})
	byNIK := map[string][]*RegistryRow{}
	for i := range k.Batch.Registry {
		if row := &k.Batch.Registry[i]; row.NIK != "" {
			byNIK[row.NIK] = append(byNIK[row.NIK], row)
		}
	}
	pairs := 0
	for _, rows := range byNIK {
		if len(rows) == 1 {
			continue
		}
		pairs++
		a, b := rows[0], rows[1]
		words := strings.Fields(person.Fold(a.Name))
		shared := slices.ContainsFunc(strings.Fields(person.Fold(b.Name)), func(w string) bool { return slices.Contains(words, w) })
		if len(rows) != 2 || shared || a.BirthDate == b.BirthDate || a.RegistryID == b.RegistryID {
			t.Errorf("rows %d and %d of %d with one NIK: %s %s, %s %s", a.RowID, b.RowID, len(rows), a.Name, a.BirthDate, b.Name, b.BirthDate)
		}
	}
	if pairs != 60 {
		t.Errorf("%d contested NIKs, want 60", pairs)
	}
}

func TestScenariosSayWhatTheyPlan(t *testing.T) {
	t.Parallel()
	for _, name := range scenarios.Names() {
		s := scenario(t, name)
		planned := map[string]int{
			"families": s.Population.Families, "persons": s.Population.Persons, "households": s.Population.Households,
			"not_matching": s.NotMatching(), "removed": s.Removed(), "dead": s.Defects[Dead], "moved": s.Defects[Moved],
		}
		for _, d := range s.Duplicates {
			planned["duplicates"] += d.Persons
		}
		for _, q := range s.Quotas {
			planned[q.Programme] = q.Places
		}
		for _, r := range s.Requests {
			planned[map[string]string{"self_proposal": "self_proposals", "complaint": "complaints"}[r.Kind]] = r.Rows
		}
		for _, f := range s.Figures {
			if n, known := planned[f.Key]; known && n != f.Value {
				t.Errorf("%s: figure %s is %d, planned %d", name, f.Key, f.Value, n)
			}
			if f.Source == "" || f.Unit == "" || f.Exact && f.Source != "model" && f.Printed == "" {
				t.Errorf("%s: figure %s lacks source, unit or the printed text", name, f.Key)
			}
		}
	}
	if got := slices.Sorted(maps.Keys(scenario(t, "ambon").Defects)); len(got) < 8 {
		t.Errorf("ambon has %d kinds of defects", len(got))
	}
	if _, ok := scenarios.Text("template"); ok {
		t.Error("the template is no scenario")
	}
}
