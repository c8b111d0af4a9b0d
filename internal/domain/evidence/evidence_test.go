package evidence_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	data "tepat/data/criteria"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

func catalogue(t testing.TB) *evidence.Catalogue {
	t.Helper()
	c, err := evidence.ParseCatalogue(data.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(t testing.TB, text string) period.Date {
	t.Helper()
	d, err := period.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheKindsAreExactlyThese(t *testing.T) {
	t.Parallel()
	want := strings.Fields(`dead moved asn tni_polri pensioner certified_teacher wage company_owner health_worker village_official
		other_aid refused routine_budget_income able address_not_found person_not_found vehicle_4w pln_va cpns_passed
		owns_good_house gambling orphan school_class`)
	var got []string
	c := catalogue(t)
	for _, k := range evidence.Kinds() {
		got = append(got, k.String())
		if back, err := evidence.ParseKind(k.String()); err != nil || back != k {
			t.Errorf("%s reads back as %v, %v", k, back, err)
		}
		if r := c.Rule(k); r.Kind != k || r.Owner == "" {
			t.Errorf("rule of %s is %+v", k, r)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	good := evidence.Statement{Kind: "wage", Value: "Rp3.531.403", AsOf: "2024-05", Source: "BPJS Ketenagakerjaan", Match: evidence.MatchExactNIK}
	with := func(change func(*evidence.Statement)) evidence.Statement {
		s := good
		change(&s)
		return s
	}
	cases := map[string]struct {
		s      evidence.Statement
		stored string
		code   string
	}{
		"a wage":                        {good, "3531403", ""},
		"a wage without amount":         {with(func(s *evidence.Statement) { s.Value = "" }), "", "evidence.value_missing"},
		"a negative wage":               {with(func(s *evidence.Statement) { s.Value = "-1" }), "", "evidence.value"},
		"a wage in words":               {with(func(s *evidence.Statement) { s.Value = "tiga juta" }), "", "evidence.value"},
		"a death without a day":         {with(func(s *evidence.Statement) { s.Kind, s.Value = "dead", "" }), "", ""},
		"a death with its day":          {with(func(s *evidence.Statement) { s.Kind, s.Value = "dead", "2024-05-03" }), "2024-05-03", ""},
		"a death on no day":             {with(func(s *evidence.Statement) { s.Kind, s.Value = "dead", "kemarin" }), "", "evidence.value"},
		"a civil servant":               {with(func(s *evidence.Statement) { s.Kind, s.Value = "asn", "Ya" }), "ya", ""},
		"not a civil servant":           {with(func(s *evidence.Statement) { s.Kind, s.Value = "asn", "bukan" }), "tidak", ""},
		"perhaps a civil servant":       {with(func(s *evidence.Statement) { s.Kind, s.Value = "asn", "mungkin" }), "", "evidence.value"},
		"two cars":                      {with(func(s *evidence.Statement) { s.Kind, s.Value = "vehicle_4w", "2" }), "2", ""},
		"half a car":                    {with(func(s *evidence.Statement) { s.Kind, s.Value = "vehicle_4w", "0,5" }), "", "evidence.value"},
		"moved to a village":            {with(func(s *evidence.Statement) { s.Kind, s.Value = "moved", "8171011001" }), "81.71.01.1001", ""},
		"moved to nowhere":              {with(func(s *evidence.Statement) { s.Kind, s.Value = "moved", "Jawa" }), "", "evidence.value"},
		"another aid by name":           {with(func(s *evidence.Statement) { s.Kind, s.Value = "other_aid", "BLT daerah" }), "BLT daerah", ""},
		"a kind nobody knows":           {with(func(s *evidence.Statement) { s.Kind = "rich" }), "", "evidence.kind_unknown"},
		"no day":                        {with(func(s *evidence.Statement) { s.AsOf = "" }), "", "evidence.as_of"},
		"a day to come":                 {with(func(s *evidence.Statement) { s.AsOf = "2024-07-01" }), "", "evidence.as_of_future"},
		"this month, which is not over": {with(func(s *evidence.Statement) { s.AsOf = "2024-06" }), "3531403", ""},
		"no source":                     {with(func(s *evidence.Statement) { s.Source = " " }), "", "evidence.source_missing"},
	}
	c := catalogue(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := c.New(tc.s, day(t, "2024-06-15"))
			if fail.CodeOf(err) != tc.code {
				t.Fatalf("error %v, want %q", err, tc.code)
			}
			if err == nil && e.Value.Stored() != tc.stored {
				t.Errorf("stored %q, want %q", e.Value.Stored(), tc.stored)
			}
		})
	}
}

func TestValuesReadBack(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(evidence.Kinds()).Draw(t, "kind")
		text := rapid.SampledFrom([]string{"", "ya", "tidak", "0", "1", "42", "3531403", "2024-05", "81.71", "kata"}).Draw(t, "value")
		received := period.On(2024, 6, 15)
		s := evidence.Statement{Kind: k.String(), Value: text, AsOf: "2024", Source: "s"}
		e, err := c.New(s, received)
		if err != nil {
			return
		}
		s.Value = e.Value.Stored()
		again, err := c.New(s, received)
		if err != nil || again.Value != e.Value {
			t.Fatalf("%s %q is stored as %q and reads back as %q, %v", k, text, e.Value.Stored(), again.Value.Stored(), err)
		}
	})
}

func TestFreshness(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, kind, asOf, day string
		want                  evidence.Freshness
	}{
		{"a young wage", "wage", "2024-03-10", "2024-06-15", evidence.Fresh},
		{"a wage on its last day", "wage", "2024-03-10", "2024-09-10", evidence.Fresh},
		{"a wage a day too old", "wage", "2024-03-10", "2024-09-11", evidence.Stale},
		{"a month counts to its end", "wage", "2024-03", "2024-09-30", evidence.Fresh},
		{"a month that is over", "wage", "2024-03", "2024-10-01", evidence.Stale},
		{"death does not age", "dead", "1999", "2024-06-15", evidence.Fresh},
		{"a statement about the future", "asn", "2024-07", "2024-06-15", evidence.Future},
		{"the judgement looks back", "dead", "2025-01-01", "2024-06-15", evidence.Future},
	}
	c := catalogue(t)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k, err := evidence.ParseKind(tc.kind)
			if err != nil {
				t.Fatal(err)
			}
			e := evidence.Evidence{Kind: k, AsOf: day(t, tc.asOf)}
			if got := c.Freshness(e, day(t, tc.day)); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestLatestDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := make([]evidence.Evidence, rapid.IntRange(0, 6).Draw(t, "n"))
		for i := range list {
			list[i] = evidence.Evidence{
				Kind: rapid.SampledFrom([]evidence.Kind{evidence.Wage, evidence.ASN}).Draw(t, "kind"),
				AsOf: period.On(2024, time.Month(rapid.IntRange(1, 3).Draw(t, "month")), 1), Source: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "source"),
				ReceivedAt: time.Unix(int64(rapid.IntRange(0, 2).Draw(t, "received")), 0),
			}
		}
		turned := slices.Clone(list)
		slices.Reverse(turned)
		e, ok := evidence.Latest(list, evidence.Wage)
		again, ok2 := evidence.Latest(turned, evidence.Wage)
		if ok != ok2 || e != again {
			t.Fatalf("%v and %v", e, again)
		}
		for _, x := range list {
			if x.Kind == evidence.Wage && (!ok || x.AsOf.After(e.AsOf)) {
				t.Fatalf("%v is newer than %v", x, e)
			}
		}
	})
}

func TestEvidencePrintsNoValue(t *testing.T) {
	t.Parallel()
	e, err := catalogue(t).New(evidence.Statement{Kind: "wage", Value: "7654321", AsOf: "2024-05", Source: "s"}, day(t, "2024-06-15"))
	if err != nil {
		t.Fatal(err)
	}
	if amount, ok := e.Value.Rupiah(); !ok || amount != money.Rupiah(7654321) {
		t.Errorf("amount %v, %v", amount, ok)
	}
	text := fmt.Sprintf("%v %+v %#v %v %v %+v %#v", e, e, e, e.LogValue(), e.Value, e.Value, e.Value)
	if strings.Contains(text, "7654321") || strings.Contains(text, "7.654.321") {
		t.Errorf("the value is printed: %s", text)
	}
}

func TestKindSet(t *testing.T) {
	t.Parallel()
	s := evidence.SetOf(evidence.Wage, evidence.Dead, evidence.Gambling)
	if !slices.Equal(s.Kinds(), []evidence.Kind{evidence.Dead, evidence.Wage, evidence.Gambling}) || s.Has(evidence.ASN) {
		t.Errorf("set %v", s.Kinds())
	}
	if s.Meets(evidence.SetOf(evidence.ASN)) || !s.Meets(evidence.SetOf(evidence.ASN, evidence.Dead)) || s.Meets(0) {
		t.Error("sets meet when they should not, or do not when they should")
	}
}

func TestParseCatalogueRefuses(t *testing.T) {
	t.Parallel()
	text := string(data.Kinds)
	cases := map[string]struct{ text, code string }{
		"not YAML":             {"{", "evidence.kinds_syntax"},
		"an unknown kind":      {strings.Replace(text, "kind: dead", "kind: deceased", 1), "evidence.kinds_syntax"},
		"a kind twice":         {strings.Replace(text, "kind: moved", "kind: dead", 1), "evidence.kinds_rule"},
		"a kind missing":       {strings.Join(strings.Split(strings.TrimSpace(text), "\n")[:24], "\n"), "evidence.kinds_rule"},
		"an unknown type":      {strings.Replace(text, "value: rupiah", "value: dollars", 1), "evidence.kinds_rule"},
		"an age below nothing": {strings.Replace(text, "max_age_months: 6", "max_age_months: -6", 1), "evidence.kinds_rule"},
		"no owner":             {strings.Replace(text, `owner: "BKN"`, `owner: ""`, 1), "evidence.kinds_rule"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := evidence.ParseCatalogue([]byte(c.text)); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}

func TestEveryKindHasWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../web/messages/evidence.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]struct{ ID, EN string }
	if err := yaml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	keys := []string{"evidence.fresh", "evidence.stale", "evidence.future", "evidence.match.exact_nik", "evidence.match.reviewed", "evidence.match.doubtful"}
	for _, k := range evidence.Kinds() {
		keys = append(keys, "evidence.kind."+k.String())
		if r := catalogue(t).Rule(k); words["evidence.kind."+k.String()].ID != r.Label.ID {
			t.Errorf("%s is called %q and %q", k, r.Label.ID, words["evidence.kind."+k.String()].ID)
		}
	}
	for _, k := range keys {
		if words[k].ID == "" || words[k].EN == "" {
			t.Errorf("%s has no words", k)
		}
	}
}
