package civilmatch_test

import (
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

func nik(t testing.TB, text string) person.NIK {
	t.Helper()
	n, err := person.ParseNIK(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func kk(t testing.TB, text string) person.KK {
	t.Helper()
	n, err := person.ParseKK(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pair gives a record of ours and the civil record of the same person; both agree in everything.
func pair(t testing.TB) (civilmatch.Record, civilmatch.Answer) {
	t.Helper()
	card := kk(t, "8171010107050003")
	born := period.On(1985, 7, 1)
	ours := civilmatch.Record{
		NIK: nik(t, "8171014107850231"), KK: card, Name: "SITI AMINAH", Sex: person.Female, BirthDate: born,
		BirthPlace: "AMBON", MotherName: "RUKIAH", Village: 8171012001,
	}
	civil := civilmatch.CivilRecord{
		KK: card, Name: "SITI AMINAH", Sex: person.Female, BirthDate: born,
		BirthPlace: "AMBON", MotherName: "RUKIAH", Village: 8171012001,
	}
	return ours, civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, Civil: civil}
}

// One case for each row of the table of section 4, and for what decides between them.
func TestStatuses(t *testing.T) {
	t.Parallel()
	type change func(*civilmatch.Record, *civilmatch.Answer)
	tests := []struct {
		name   string
		change change
		want   civilmatch.Status
		fields civilmatch.Fields
	}{
		{"padan: the NIK exists and the compared fields are equal", func(*civilmatch.Record, *civilmatch.Answer) {}, civilmatch.Matched, 0},
		{"padan: letter case, blanks and punctuation of the name do not count", func(r *civilmatch.Record, _ *civilmatch.Answer) {
			r.Name = " Siti  Aminah."
		}, civilmatch.Matched, 0},
		{"NIK not found", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			*a = civilmatch.Answer{Outcome: civilmatch.NotFound}
		}, civilmatch.NIKNotFound, 0},
		{"NIK empty", func(r *civilmatch.Record, a *civilmatch.Answer) {
			r.NIK, *a = person.NIK{}, civilmatch.Answer{}
		}, civilmatch.NIKEmpty, 0},
		{"NIK invalid", func(r *civilmatch.Record, a *civilmatch.Answer) {
			r.NIK, r.NIKInvalid, *a = person.NIK{}, true, civilmatch.Answer{}
		}, civilmatch.NIKInvalid, 0},
		{"name differs: a nickname", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Name = "MINAH" }, civilmatch.NameDiffers, civilmatch.Name},
		{"name differs: one letter", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Name = "SITI AMINA" }, civilmatch.NameDiffers, civilmatch.Name},
		{"name differs: a title", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Name = "HJ SITI AMINAH" }, civilmatch.NameDiffers, civilmatch.Name},
		{"name differs: an abbreviation", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Name = "ST AMINAH" }, civilmatch.NameDiffers, civilmatch.Name},
		{"birth date differs", func(r *civilmatch.Record, _ *civilmatch.Answer) {
			r.BirthDate = period.On(1985, 1, 7)
		}, civilmatch.BirthDateDiffers, civilmatch.BirthDate},
		{"birth date differs: ours is partial", func(r *civilmatch.Record, _ *civilmatch.Answer) {
			r.BirthDate, _ = period.NewDate(1985, 0, 0)
		}, civilmatch.BirthDateDiffers, civilmatch.BirthDate},
		{"sex differs", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Sex = person.Male }, civilmatch.SexDiffers, civilmatch.Sex},
		{"sex differs: ours is unknown", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.Sex = person.UnknownSex }, civilmatch.SexDiffers, civilmatch.Sex},
		{"No. KK differs: old", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			a.Civil.KK = kk(t, "8171010101200007")
		}, civilmatch.KKDiffers, civilmatch.KK},
		{"No. KK differs: ours is empty", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.KK = person.KK{} }, civilmatch.KKDiffers, civilmatch.KK},
		{"NIK anomaly", func(_ *civilmatch.Record, a *civilmatch.Answer) { a.State = civilmatch.IsAnomalous }, civilmatch.NIKAnomaly, 0},
		{"NIK double: one person with two NIKs", func(_ *civilmatch.Record, a *civilmatch.Answer) { a.State = civilmatch.IsDouble }, civilmatch.NIKDouble, 0},
		{"NIK double: one NIK on two of our persons", func(r *civilmatch.Record, _ *civilmatch.Answer) { r.NIKShared = true }, civilmatch.NIKDouble, 0},
		{"dead", func(_ *civilmatch.Record, a *civilmatch.Answer) { a.State = civilmatch.IsDead }, civilmatch.Dead, 0},
		{"moved", func(_ *civilmatch.Record, a *civilmatch.Answer) { a.State = civilmatch.HasMoved }, civilmatch.Moved, 0},
		{"moved comes before the new No. KK of the move", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			a.State, a.Civil.KK = civilmatch.HasMoved, kk(t, "3278010101200007")
		}, civilmatch.Moved, civilmatch.KK},
		{"KTP-el not recorded", func(_ *civilmatch.Record, a *civilmatch.Answer) { a.State = civilmatch.Unrecorded }, civilmatch.NotRecorded, 0},
		{"service failed is never not matched", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			*a = civilmatch.Answer{Outcome: civilmatch.Failed}
		}, civilmatch.ServiceFailed, 0},
		{"not asked yet", func(_ *civilmatch.Record, a *civilmatch.Answer) { *a = civilmatch.Answer{} }, civilmatch.Pending, 0},
		{"the holder of the NIK is dead, but has another name", func(r *civilmatch.Record, a *civilmatch.Answer) {
			r.Name, a.State = "RAHMA YULIANI", civilmatch.IsDead
		}, civilmatch.NameDiffers, civilmatch.Name},
		{"the holder of the NIK is dead, but was born another day", func(r *civilmatch.Record, a *civilmatch.Answer) {
			r.BirthDate, a.State = period.On(1990, 1, 1), civilmatch.IsDead
		}, civilmatch.BirthDateDiffers, civilmatch.BirthDate},
		{"all fields differ: the name is the status", func(r *civilmatch.Record, _ *civilmatch.Answer) {
			r.Name, r.BirthDate, r.Sex, r.KK = "BUDI", period.On(1990, 1, 1), person.Male, person.KK{}
		}, civilmatch.NameDiffers, civilmatch.Name | civilmatch.BirthDate | civilmatch.Sex | civilmatch.KK},
		{"the registry gives no birth date", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			a.Civil.BirthDate = period.Date{}
		}, civilmatch.NIKFound, 0},
		{"the registry gives no No. KK, which is not required", func(_ *civilmatch.Record, a *civilmatch.Answer) {
			a.Civil.KK = person.KK{}
		}, civilmatch.Matched, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ours, answer := pair(t)
			tt.change(&ours, &answer)
			got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer)
			if got.Status != tt.want || got.Differs != tt.fields {
				t.Errorf("%s, differing in %q; want %s, %q", got.Status, got.Differs, tt.want, tt.fields)
			}
		})
	}
}

func TestOtherFieldsOnlyWarn(t *testing.T) {
	t.Parallel()
	ours, answer := pair(t)
	ours.BirthPlace, ours.MotherName, ours.Village = "AMBOINA", "ROKIAH", 8171022001
	got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer)
	want := civilmatch.BirthPlace | civilmatch.MotherName | civilmatch.Village
	if got.Status != civilmatch.Matched || got.Warns != want || got.Differs != 0 {
		t.Errorf("%s, warning of %q", got.Status, got.Warns)
	}
	ours.BirthPlace, ours.MotherName, ours.Village = "", "", 0
	if got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer); got.Warns != 0 {
		t.Errorf("what we do not hold warns: %q", got.Warns)
	}
	ours.Village = answer.Civil.Village.District()
	if got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer); got.Warns != 0 {
		t.Errorf("a village of the district we hold warns: %q", got.Warns)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	all := civilmatch.Name | civilmatch.BirthDate | civilmatch.Sex | civilmatch.KK
	tests := []struct {
		name      string
		answer    civilmatch.Answer
		want      civilmatch.Status
		differs   civilmatch.Fields
		unchecked civilmatch.Fields
	}{
		{"yes to all", civilmatch.Answer{Mode: civilmatch.YesNo, Asked: all, Same: all}, civilmatch.Matched, 0, 0},
		{"no for the name", civilmatch.Answer{Mode: civilmatch.YesNo, Asked: all, Same: all &^ civilmatch.Name}, civilmatch.NameDiffers, civilmatch.Name, 0},
		{"yes, but the sex was not asked", civilmatch.Answer{
			Mode: civilmatch.YesNo, Asked: all &^ civilmatch.Sex, Same: all,
		}, civilmatch.NIKFound, 0, civilmatch.Sex},
		{"yes, and dead", civilmatch.Answer{Mode: civilmatch.YesNo, Asked: all, Same: all, State: civilmatch.IsDead}, civilmatch.Dead, 0, 0},
		{"only found", civilmatch.Answer{Mode: civilmatch.FoundOnly}, civilmatch.NIKFound, 0, all},
		{"only found, and dead: whoever that is", civilmatch.Answer{Mode: civilmatch.FoundOnly, State: civilmatch.IsDead}, civilmatch.NIKFound, 0, all},
		{"only found, and double", civilmatch.Answer{Mode: civilmatch.FoundOnly, State: civilmatch.IsDouble}, civilmatch.NIKDouble, 0, all},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ours, _ := pair(t)
			tt.answer.Outcome = civilmatch.Found
			got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &tt.answer)
			const unasked = civilmatch.BirthPlace | civilmatch.MotherName | civilmatch.Village // no agreement without values tells of them
			if got.Status != tt.want || got.Differs != tt.differs || got.Unchecked != tt.unchecked|unasked || got.State != tt.answer.State {
				t.Errorf("%+v", got)
			}
			if list := got.Suggestions(&tt.answer); list != nil {
				t.Errorf("values nobody gave: %v", list)
			}
		})
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	ours, answer := pair(t)
	ours.Name, ours.BirthPlace = "SITI AMINA", "AMBOINA"
	ours.BirthDate, _ = period.NewDate(1985, 7, 0)
	got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer)
	if got.OtherPerson {
		t.Error("an incomplete birth date makes her another person")
	}
	list := got.Suggestions(&answer)
	if len(list) != 3 || list[0].Name != "SITI AMINAH" || list[1].BirthDate != period.On(1985, 7, 1) || list[2].BirthPlace != "AMBON" {
		t.Errorf("suggestions %+v", list)
	}
	if list[0].Field != civilmatch.Name || list[0].KK != (person.KK{}) {
		t.Errorf("the first suggestion says more than its field: %+v", list[0])
	}
}

func TestNothingIsCopiedFromSomebodyElse(t *testing.T) {
	t.Parallel()
	ours, answer := pair(t)
	ours.Name, ours.BirthDate = "RAHMA YULIANI", period.On(1990, 1, 1)
	got := civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer)
	if !got.OtherPerson || got.Suggestions(&answer) != nil {
		t.Errorf("another person: %v, suggestions %v", got.OtherPerson, got.Suggestions(&answer))
	}
	ours, answer = pair(t)
	ours.Name, ours.NIKShared = "SITI AMINA", true
	got = civilmatch.Compare(civilmatch.DukcapilRules(), &ours, &answer)
	if got.Status != civilmatch.NIKDouble || got.Suggestions(&answer) != nil {
		t.Errorf("a contested NIK suggests %v", got.Suggestions(&answer))
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	rules, err := civilmatch.NewRules(civilmatch.Name|civilmatch.BirthDate, civilmatch.Name, civilmatch.KK)
	if err != nil {
		t.Fatal(err)
	}
	ours, answer := pair(t)
	ours.Sex, ours.KK, answer.Civil.BirthDate = person.Male, person.KK{}, period.Date{}
	got := civilmatch.Compare(rules, &ours, &answer)
	if got.Status != civilmatch.Matched || got.Warns != civilmatch.KK || got.Unchecked != civilmatch.BirthDate {
		t.Errorf("by the agreement's own rules: %+v", got)
	}
	tests := []struct {
		name                   string
		compare, require, warn civilmatch.Fields
	}{
		{"a field without status", civilmatch.Name | civilmatch.MotherName, civilmatch.Name, 0},
		{"required but not compared", civilmatch.Name, civilmatch.Sex, 0},
		{"nothing required", civilmatch.Name, 0, 0},
		{"compared and only warning", civilmatch.Name, civilmatch.Name, civilmatch.Name},
		{"an unknown field", civilmatch.Name, civilmatch.Name, 1 << 12},
	}
	for _, tt := range tests {
		if _, err := civilmatch.NewRules(tt.compare, tt.require, tt.warn); fail.CodeOf(err) != "civilmatch.rules" {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCompareDoesNotAllocate(t *testing.T) {
	ours, answer := pair(t)
	typed := ours
	typed.Name = "Siti Aminah"
	rules := civilmatch.DukcapilRules()
	allocs := testing.AllocsPerRun(100, func() {
		if civilmatch.Compare(rules, &ours, &answer).Status != civilmatch.Matched || civilmatch.Compare(rules, &typed, &answer).Status != civilmatch.Matched {
			t.Fatal("not padan")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkCompare(b *testing.B) {
	rules := civilmatch.DukcapilRules()
	ours, answer := pair(b)
	typed := ours
	typed.Name = "Siti Aminah"
	for name, record := range map[string]*civilmatch.Record{"equal": &ours, "folded": &typed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if civilmatch.Compare(rules, record, &answer).Status != civilmatch.Matched {
					b.Fatal("not padan")
				}
			}
		})
	}
}
