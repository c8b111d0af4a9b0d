package assessments_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// answered gives a family of two persons with every answer the model needs; wealth raises its
// floor area and motorcycles.
func answered(t testing.TB, k, wealth int) []registry.Incoming {
	t.Helper()
	rows := []registry.Incoming{row(t, k, 1, testkit.Village), row(t, k, 2, testkit.Village)}
	for i := range rows {
		rows[i].Questionnaire = "REGSOSEK22-K"
		rows[i].PersonAnswers = `{"presence":1,"sex":2,"worked":1,"work_status":4}`
	}
	rows[0].FamilyAnswers = fmt.Sprintf(`{"dwelling_tenure":1,"floor_area":%d,"floor_material":2,"wall_material":1,"roof_material":2,"drinking_water":2,"lighting":1,`+
		`"power_1":2,"cooking_fuel":4,"toilet":1,"final_disposal":1,"gas_cylinder_count":0,"refrigerator_count":1,"air_conditioner_count":0,`+
		`"water_heater_count":0,"landline_count":0,"flat_tv_count":0,"gold_grams":0,"computer_count":0,"motorcycle_count":%d,"car_count":0,`+
		`"smartphone_count":2,"other_land":2,"other_house":2,"cattle":0,"pigs":0}`, 30+wealth, wealth/50)
	return rows
}

// runners gives the runs of the house, worked by a programme manager and approved by the
// head of the agency.
func (h house) runners() (*runs.Service, access.Actor) {
	head := testkit.Person(9, access.AgencyHead, testkit.Ambon)
	actors := func(_ context.Context, id sqldb.ID) (access.Actor, error) {
		if id == sqldb.ID(head.ID) {
			return head, nil
		}
		return h.who, nil
	}
	return runs.New(h.acts, actors, nil, h.s.ScoreKind()), head
}

// approved makes a run of kind score and takes it to the machine.
func (h house) approved(work *runs.Service, head access.Actor, of string) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := work.Create(ctx, h.who, runs.NewRun{Kind: "score", Tenant: testkit.AmbonTenant, Area: testkit.Ambon,
		Settings: assessments.ScoreSettings{Vintage: vintage(h.t, of)}})
	h.must(err)
	_, err = work.Look(ctx, h.who, r.Tenant, r.ID)
	h.must(err)
	_, err = work.Submit(ctx, h.who, r.Tenant, r.ID)
	h.must(err)
	r, err = work.Approve(ctx, head, r.Tenant, r.ID)
	h.must(err)
	return r
}

func (h house) score(of string) runs.Run {
	h.t.Helper()
	work, head := h.runners()
	r := h.approved(work, head, of)
	r, err := work.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	h.must(err)
	return r
}

// decileOf gives the decile in force of family k, its source and its vintage.
func (h house) decileOf(k int) (decile int64, source registry.DecileSource, of string) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT decile, decile_source, decile_vintage FROM family WHERE kabkota = 8171 AND registry_id = $1`,
		registryID(k)).Scan(&decile, &source, &of))
	return decile, source, of
}

func (h house) familyOf(k int) (id sqldb.ID) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT id FROM family WHERE kabkota = 8171 AND registry_id = $1`, registryID(k)).Scan(&id))
	return id
}

// settle makes ten families with rising wealth, 1 to 10, of whom the third and the eighth have an
// official decile; an eleventh was asked nothing, a twelfth not about its floor.
func (h house) settle() {
	h.t.Helper()
	var rows []registry.Incoming
	for k := 1; k <= 10; k++ {
		rows = append(rows, answered(h.t, k, k*10)...)
	}
	silent := row(h.t, 11, 1, testkit.Village)
	partly := answered(h.t, 12, 10)
	partly[0].FamilyAnswers = strings.Replace(partly[0].FamilyAnswers, `"floor_area":40,`, "", 1)
	h.load(append(append(rows, silent), partly...)...)
	out, err := h.keep(official(h.t, 3, 9, "2024-Q3"), official(h.t, 8, 1, "2024-Q3"))
	h.must(err)
	if out.Loaded != 2 {
		h.t.Fatalf("loaded %+v", out)
	}
}

func TestFamiliesWithoutAnOfficialDecileAreScored(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		r := h.score("2024-Q4")
		for name, want := range map[string]int64{"official": 2, "judged": 10, "unranked": 2, "changed": 10, "decile_1": 1, "decile_10": 1, "decile_3": 0} {
			if r.Tally[name] != want {
				t.Errorf("%s = %d, want %d (%v)", name, r.Tally[name], want, r.Tally)
			}
		}
		for k := 1; k <= 10; k++ {
			decile, source, of := h.decileOf(k)
			wantDecile, wantSource, wantOf := int64(k), registry.ModelMade, "2024-Q4" // equal families: each is one tenth
			switch k {
			case 3:
				wantDecile, wantSource, wantOf = 9, registry.Official, "2024-Q3"
			case 8:
				wantDecile, wantSource, wantOf = 1, registry.Official, "2024-Q3"
			}
			if decile != wantDecile || source != wantSource || of != wantOf {
				t.Errorf("family %d: decile %d of %s by %d, want %d of %s by %d", k, decile, of, source, wantDecile, wantOf, wantSource)
			}
		}
		for k := 11; k <= 12; k++ {
			if decile, source, _ := h.decileOf(k); decile != 0 || source != registry.Unranked {
				t.Errorf("family %d was ranked %d by %d", k, decile, source)
			}
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND source = 2 AND decile = 0 AND explanation LIKE '%"missing":["floor_area"]%'`); n != 1 {
			t.Errorf("%d families with the floor missing are kept, want 1", n)
		}
	})
}

func TestScoringAgainWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		if r := h.score("2024-Q4-r2"); r.Tally["changed"] != 0 || r.Tally["unranked"] != 2 {
			t.Errorf("scoring again changed %v", r.Tally)
		}
		if _, _, of := h.decileOf(5); of != "2024-Q4" {
			t.Errorf("an unchanged family went into vintage %s", of)
		}
		rich := answered(t, 1, 500)
		for i := range rich {
			rich[i].SourceDate = "2024"
		}
		h.load(rich...)
		if r := h.score("2024-Q4-r3"); r.Tally["changed"] == 0 {
			t.Errorf("a family that became rich changed nothing: %v", r.Tally)
		}
		if decile, _, of := h.decileOf(1); decile != 10 || of != "2024-Q4-r3" {
			t.Errorf("the rich family is in decile %d of %s", decile, of)
		}
		story, err := h.s.Explain(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), "")
		h.must(err)
		if len(story.Moves) != 1 || story.Moves[0].From.Decile != 1 || story.Moves[0].To.Decile != 10 {
			t.Fatalf("moves = %+v", story.Moves)
		}
		because := story.Moves[0].Because
		if len(because) != 2 || because[0].Fact != "motorcycles" && because[0].Fact != "floor_area" || because[0].Percent() <= 0 || because[0].Label.EN == "" {
			t.Errorf("because %+v", because)
		}
	})
}

func TestAnOfficialDecileTakesThePlaceOfAnEstimate(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		if _, err := h.keep(official(t, 1, 7, "2024-Q1")); err != nil {
			t.Fatal(err)
		}
		if decile, source, of := h.decileOf(1); decile != 7 || source != registry.Official || of != "2024-Q1" {
			t.Errorf("decile %d of %s by %d; the official one counts, however old", decile, of, source)
		}
		h.score("2025-Q1")
		if decile, source, _ := h.decileOf(1); decile != 7 || source != registry.Official {
			t.Errorf("decile %d by %d after another scoring", decile, source)
		}
		story, err := h.s.Explain(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), "pertanyaan keluarga")
		h.must(err)
		if len(story.Vintages) != 2 || story.Vintages[0].Source != registry.ModelMade || story.Vintages[1].From != "DATA CONTOH" || len(story.Moves) != 0 {
			t.Errorf("story = %+v", story.Vintages)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'assessment.explain' AND purpose = 'pertanyaan keluarga' AND subject = $1`, h.familyOf(1)); n != 1 {
			t.Errorf("%d audit entries of the look", n)
		}
	})
}

func TestAScoringThatWasKilledEndsAsOneThatWasNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		work, head := h.runners()
		r := h.approved(work, head, "2024-Q4")
		assessments.SetScoreChunk(h.s, 3)
		if _, more, err := work.Step(t.Context(), r.Tenant, r.ID); err != nil || !more {
			t.Fatalf("first chunk: more %v, %v", more, err)
		}
		h.s = assessments.Reborn(h.s) // another process, which holds nothing in memory
		work, _ = h.runners()
		r, err := work.Drive(t.Context(), r.Tenant, r.ID, nil)
		h.must(err)
		if r.State != runs.Done || r.Tally["changed"] != 10 || r.Tally["judged"] != 10 {
			t.Errorf("%s with %v", r.State, r.Tally)
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND source = 2`); n != 10 {
			t.Errorf("%d estimates on record, want 10", n)
		}
	})
}

func TestWhatAScoringRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		work, head := h.runners()
		look := func(who access.Actor, settings assessments.ScoreSettings) error {
			r, err := work.Create(t.Context(), who, runs.NewRun{Kind: "score", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: settings})
			if err == nil {
				_, err = work.Look(t.Context(), who, r.Tenant, r.ID)
			}
			return err
		}
		taken := assessments.ScoreSettings{Vintage: vintage(t, "2024-Q4")}
		outside := testkit.Person(4, access.ProgrammeManager, testkit.Nusaniwe)
		for name, c := range map[string]struct {
			who      access.Actor
			settings assessments.ScoreSettings
			code     string
		}{
			"a vintage twice":        {h.who, taken, "assessment.vintage_taken"},
			"no vintage":             {h.who, assessments.ScoreSettings{}, "assessment.no_vintage"},
			"outside the area":       {outside, assessments.ScoreSettings{Vintage: vintage(t, "2025-Q1")}, "access.denied"},
			"who may not assess":     {head, assessments.ScoreSettings{Vintage: vintage(t, "2025-Q1")}, "access.denied"},
			"a free vintage is fine": {h.who, assessments.ScoreSettings{Vintage: vintage(t, "2025-Q1")}, ""},
		} {
			if err := look(c.who, c.settings); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		next, err := h.s.NextVintage(t.Context(), h.who, testkit.AmbonTenant, testkit.Ambon, period.On(2024, 10, 15))
		if err != nil || next.Text() != "2024-Q4-r2" {
			t.Errorf("next vintage %s, %v", next, err)
		}
		if _, err := h.s.Explain(t.Context(), testkit.Person(5, access.Operator, testkit.Neighbour), testkit.AmbonTenant, h.familyOf(1), ""); fail.CodeOf(err) != "access.denied" {
			t.Errorf("the neighbouring village saw the family: %v", err)
		}
	})
}

func TestDecilesAreCountedByArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.load(row(t, 20, 1, testkit.Neighbour))
		list, err := h.s.Distribution(t.Context(), h.who, testkit.AmbonTenant, testkit.Nusaniwe)
		h.must(err)
		if len(list) != 3 || list[0].Area != testkit.Nusaniwe || list[1].Area != testkit.Village || list[2].Area != testkit.Neighbour {
			t.Fatalf("areas %+v", list)
		}
		families, persons := list[0].Total()
		if families != 13 || persons != 24 || list[0].Families[9] != 1 || list[0].Families[0] != 11 || list[0].Official != 2 || list[2].Families[0] != 1 {
			t.Errorf("whole %+v", list[0])
		}
		if _, err := h.s.Distribution(t.Context(), testkit.Person(5, access.Operator, testkit.Neighbour), testkit.AmbonTenant, testkit.Nusaniwe); fail.CodeOf(err) != "access.denied" {
			t.Errorf("a village sees the subdistrict: %v", err)
		}
	})
}

func TestAnswersAreReadTheShortAndTheLongWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ document, want string }{
		"numbers and texts": {`{"sex":2,"note":"x y","floor_area":-3}`, "floor_area=-3 note=x y sex=2"},
		"empty":             {`{}`, ""},
		"blanks":            {`{ "sex": 2 }`, "sex=2"},
		"an escape":         {`{"note":"a\"b"}`, `note=a"b`},
		"cut off":           {`{"sex":2`, "error"},
		"comma at the end":  {`{"sex":2,}`, "error"},
		"fraction":          {`{"sex":2.5}`, "error"},
		"nothing":           {``, "error"},
	} {
		if got := assessments.ReadDocument(t, c.document); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheSampleIsOfTheSizeItSays(t *testing.T) {
	t.Parallel()
	for _, official := range []int64{5, 20000, 40000, 1000000} {
		taken := int64(0)
		for range 200000 {
			if assessments.Sampled(sqldb.NewID(), official) {
				taken++
			}
		}
		want := min(20000*200000/official, 200000)
		if diff := taken - want; diff*diff > 16*want {
			t.Errorf("of %d: %d of 200,000 taken, want about %d", official, taken, want)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	const n = 20000
	for k := 0; k < n; k += 2000 {
		var rows []registry.Incoming
		for i := range 2000 {
			rows = append(rows, answered(b, k+i, (k+i)%300)...)
		}
		h.load(rows...)
	}
	quarters := []string{"2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"}
	for i := range b.N {
		start := time.Now()
		h.score(fmt.Sprintf("%s-r%d", quarters[i%4], i/4+2))
		b.ReportMetric(n/time.Since(start).Seconds(), "families/s")
	}
}
