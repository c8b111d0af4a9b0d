package proposal_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"tepat/data/criteria"
	"tepat/data/holidays"
	formdata "tepat/data/questionnaire"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

func TestTheFifteenReasonsOfTheDecree(t *testing.T) {
	t.Parallel()
	r := rules(t).Reasons
	want := []string{"address_not_found", "person_not_found", "dead", "public_service", "family_of_public_service", "able", "public_pensioner", "certified_teacher",
		"state_income", "refuses_aid", "above_minimum_wage", "company_owner", "health_worker", "village_official", "other_aid"}
	var got []string
	for i, reason := range r.Official(period.On(2024, 5, 1)) {
		got = append(got, reason.Code)
		if reason.Number != i+1 || !strings.Contains(reason.LegalBasis, "73/HUK/2024") {
			t.Errorf("%+v", reason)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if n := len(r.Official(period.On(2023, 12, 31))); n != 0 {
		t.Errorf("%d reasons of the decree before it", n)
	}
}

func TestWhomAReasonHits(t *testing.T) {
	t.Parallel()
	r := rules(t).Reasons
	for code, want := range map[string]proposal.Hits{"dead": proposal.HitsPerson, "died": proposal.HitsPerson, "payee_died": proposal.HitsPayee, "able": proposal.HitsFamily, "address_not_found": proposal.HitsFamily} {
		if reason, err := r.Find(code, today); err != nil || reason.Hits != want {
			t.Errorf("%s hits %s (%v), want %s", code, reason.Hits, err, want)
		}
	}
	for _, use := range []proposal.Use{proposal.UseRefuse, proposal.UseReturn, proposal.UseRemove, proposal.UseDeactivate, proposal.UseReactivate, proposal.UseWithdraw, proposal.UseObject, proposal.UseMatch} {
		if len(r.For(use, today)) == 0 {
			t.Errorf("no reason to %s", use)
		}
	}
}

// Every criterion of the screening ends with a reason that hits the same, on every day it is in force.
func TestScreeningLeadsToAReason(t *testing.T) {
	t.Parallel()
	forms, err := questionnaire.Load(formdata.Files)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := evidence.ParseCatalogue(criteria.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, err := eligibility.NewVocabulary(kinds, forms)
	if err != nil {
		t.Fatal(err)
	}
	library, err := eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	reasons := rules(t).Reasons
	for _, c := range library.Criteria() {
		for _, day := range []period.Date{c.From.Earliest(), c.To.Latest(), today} {
			if day.Before(period.On(2020, 1, 1)) || !c.InForce(day) {
				continue // before anything this registry keeps; the zero date is no end
			}
			reason, err := reasons.ForScreening(c.Reason.Code, day)
			if err != nil || string(reason.Hits) != string(c.Hits) || !slices.Contains(reason.Uses, proposal.UseDeactivate) {
				t.Errorf("criterion %s on %s: reason %q hits %s, the criterion %s; %v", c.ID, day, reason.Code, reason.Hits, c.Hits, err)
			}
		}
	}
	for day, want := range map[period.Date]string{period.On(2023, 6, 1): "died", period.On(2024, 5, 1): "dead"} {
		if reason, _ := reasons.ForScreening("03", day); reason.Code != want {
			t.Errorf("a death on %s: %s, want %s", day, reason.Code, want)
		}
	}
}

func TestCutOff(t *testing.T) {
	t.Parallel()
	r := rules(t)
	tests := []struct {
		name     string
		day, due period.Date
	}{
		{"before the 17th: this month's", period.On(2026, 11, 2), period.On(2026, 11, 17)},
		{"on the 17th: today", period.On(2026, 11, 17), period.On(2026, 11, 17)},
		{"after the 17th: next month's", period.On(2026, 11, 18), period.On(2026, 12, 17)},
		{"the 17th is a Sunday: the Friday before", period.On(2026, 5, 1), period.On(2026, 5, 13)}, // 14 and 15 May are off too
		{"after that Friday: next month's", period.On(2026, 5, 16), period.On(2026, 6, 17)},
		{"Independence Day is the 17th", period.On(2026, 8, 3), period.On(2026, 8, 14)},
		{"the calendar of 2024", period.On(2024, 10, 1), period.On(2024, 10, 22)},
		{"no cut-off before 2021", period.On(2020, 8, 1), period.Date{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := r.Deadlines.CutOff(tt.day, r.Calendar); got != tt.due {
				t.Errorf("%s: %s, want %s", tt.day, got, tt.due)
			}
		})
	}
}

// A cut-off is never past and never more than two months away.
func TestCutOffIsAhead(t *testing.T) {
	t.Parallel()
	r := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		day := period.On(2023, 1, 1).AddDays(rapid.IntRange(0, 1400).Draw(t, "day"))
		due := r.Deadlines.CutOff(day, r.Calendar)
		if due.Before(day) || due.DaysSince(day) > 62 || !r.Calendar.IsWorking(due) {
			t.Fatalf("%s: %s", day, due)
		}
	})
}

func TestDeadlinesCount(t *testing.T) {
	t.Parallel()
	r := rules(t)
	tests := []struct {
		id         string
		start, due period.Date
	}{
		{proposal.AnswerDeadline, period.On(2026, 11, 20), period.On(2026, 12, 21)}, // 30 days end on a Sunday
		{proposal.ObjectionDeadline, period.On(2026, 11, 2), period.On(2026, 11, 16)},
		{"grievance_levy", period.On(2026, 12, 23), period.On(2027, 1, 4)},         // 24 and 25 December and 1 January are off
		{"pbi_reactivation", period.On(2026, 2, 28), period.On(2026, 8, 28)},       // six months
		{proposal.PostingDeadline, period.On(2026, 5, 10), period.On(2026, 5, 17)}, // a list hangs on Sundays too
		{"no such thing", period.On(2026, 1, 1), period.Date{}},
	}
	for _, tt := range tests {
		if got := r.Deadlines.Due(tt.id, tt.start, r.Calendar); got != tt.due {
			t.Errorf("%s from %s: %s, want %s", tt.id, tt.start, got, tt.due)
		}
	}
	if _, err := r.Deadlines.Find("no such thing", today); fail.CodeOf(err) != "deadline.unknown" {
		t.Errorf("got %v", err)
	}
}

func TestRoutesByDate(t *testing.T) {
	t.Parallel()
	if route(t, period.On(2020, 8, 1)).Forward != proposal.Required {
		t.Error("in 2020 the governor passed it on")
	}
	if route(t, period.On(2025, 9, 1)).Forward != proposal.Off {
		t.Error("in 2025 he did not")
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	days, err := proposal.LoadHolidays(holidays.Files)
	if err != nil {
		t.Fatal(err)
	}
	perYear := map[int]int{}
	for _, d := range days {
		perYear[d.On.Year()]++
	}
	for year := 2023; year <= 2026; year++ {
		if perYear[year] < 24 || perYear[year] > 30 {
			t.Errorf("%d has %d days off", year, perYear[year])
		}
	}
	c := rules(t).Calendar
	for day, want := range map[period.Date]bool{
		period.On(2026, 8, 17): false, period.On(2025, 12, 26): false, period.On(2024, 2, 14): false, period.On(2024, 2, 13): true, period.On(2023, 6, 28): false,
	} {
		if c.IsWorking(day) != want {
			t.Errorf("%s: %v", day, !want)
		}
	}
}

func TestDataThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	const head = "legal_basis: x\nvalid_from: \"2020-01-01\"\nreasons:\n"
	tests := []struct {
		name, content, want string
		load                func(fstest.MapFS) error
	}{
		{"a reason without words", head + "  - {code: a, hits: person, uses: [refuse]}\n", "words", loadReasons},
		{"a reason twice", head + "  - {code: a, id: x, en: x, hits: person, uses: [refuse]}\n  - {code: a, id: x, en: x, hits: person, uses: [refuse]}\n", "twice", loadReasons},
		{"a use nobody knows", head + "  - {code: a, id: x, en: x, hits: person, uses: [tease]}\n", "uses", loadReasons},
		{"a reason that hits nobody", head + "  - {code: a, id: x, en: x, hits: dog, uses: [refuse]}\n", "hits", loadReasons},
		{"no legal basis", "valid_from: \"2020-01-01\"\nreasons: []\n", "legal basis", loadReasons},
		{"two lengths", "deadlines:\n  - {id: a, days: 1, months: 1, on_closed: same, valid_from: \"2020-01-01\", legal_basis: x}\n", "exactly one length", loadDeadlines},
		{"two rules on a day", "deadlines:\n  - {id: a, days: 1, on_closed: same, valid_from: \"2020-01-01\", legal_basis: x}\n  - {id: a, days: 2, on_closed: same, valid_from: \"2021-01-01\", legal_basis: x}\n", "two rules", loadDeadlines},
		{"a 31st that not every month has", "deadlines:\n  - {id: a, day_of_month: 31, on_closed: same, valid_from: \"2020-01-01\", legal_basis: x}\n", "every month", loadDeadlines},
		{"a holiday of another year", "year: 2026\nlegal_basis: x\ndays:\n  - {on: \"2025-01-01\", kind: national, name: x}\n", "holiday", loadHolidays},
		{"a holiday twice", "year: 2026\nlegal_basis: x\ndays:\n  - {on: \"2026-01-01\", kind: national, name: x}\n  - {on: \"2026-01-01\", kind: national, name: x}\n", "twice", loadHolidays},
		{"a step that is maybe", "routes:\n  - {field_visit: maybe, subdistrict: \"off\", forward: \"off\", valid_from: \"2020-01-01\", legal_basis: x}\n", "step", loadRoutes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for _, name := range []string{"a.yaml", "deadlines.yaml", "routes.yaml"} {
				files[name] = &fstest.MapFile{Data: []byte(tt.content)}
			}
			if err := tt.load(files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func loadReasons(files fstest.MapFS) error {
	_, err := proposal.LoadReasons(fstest.MapFS{"a.yaml": files["a.yaml"]})
	return err
}

func loadDeadlines(files fstest.MapFS) error {
	_, err := proposal.LoadDeadlines(files)
	return err
}

func loadHolidays(files fstest.MapFS) error {
	_, err := proposal.LoadHolidays(fstest.MapFS{"a.yaml": files["a.yaml"]})
	return err
}

func loadRoutes(files fstest.MapFS) error {
	_, err := proposal.LoadRoutes(files)
	return err
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	if got := proposal.Number(proposal.SeriesProposal, 2026, 4180); got != "U-2026-04180" {
		t.Errorf("got %s", got)
	}
	for text, want := range map[string]int{"U-2026-04180": 4180, "u-2026-4180": 4180, " U - 2026 - 04180 ": 4180, "A-2026-123456": 123456} {
		if _, year, serial, err := proposal.ParseNumber(text); err != nil || year != 2026 || serial != want {
			t.Errorf("%q: %d, %v", text, serial, err)
		}
	}
	for _, text := range []string{"", "U-2026", "X-2026-1", "U-26-1", "U-2026-0", "U-2026-x", "U-2026--1", "U-2026-99999999999"} {
		if _, _, _, err := proposal.ParseNumber(text); fail.CodeOf(err) != "number.format" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("U-2026-04180")
	f.Add("---")
	f.Fuzz(func(t *testing.T, text string) {
		s, year, serial, err := proposal.ParseNumber(text)
		if err != nil {
			return
		}
		if s2, y2, n2, err := proposal.ParseNumber(proposal.Number(s, year, serial)); err != nil || s2 != s || y2 != year || n2 != serial {
			t.Errorf("%q is not read back", text)
		}
	})
}
