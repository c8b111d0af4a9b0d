package person_test

import (
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

const latuhalat area.Code = 8171012001

// member makes a member with a NIK, or without one for serial zero.
func member(t *testing.T, relation person.Relation, sex person.Sex, born string, serial int) person.Member {
	t.Helper()
	m := person.Member{Relation: relation, Person: person.Person{Name: "JOHN DOE", Sex: sex, BirthDate: date(t, born)}}
	if serial > 0 {
		n, err := person.ComposeNIK(latuhalat, date(t, born), sex, serial)
		if err != nil {
			t.Fatal(err)
		}
		m.NIK = n
	}
	return m
}

func TestNewPerson(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, who, born, code string }{
		{"a full date", "SITI", "1985-07-01", ""},
		{"only a year", "SITI", "1985", ""},
		{"no birth date", "SITI", "", ""},
		{"born today", "SITI", "2026-11-21", ""},
		{"born this year, day unknown", "SITI", "2026", ""},
		{"no name", "", "1985-07-01", "person.name"},
		{"born tomorrow", "SITI", "2026-11-22", "person.birth_date"},
		{"born next year", "SITI", "2027", "person.birth_date"},
		{"older than anybody", "SITI", "1890-01-01", "person.birth_date"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := person.Person{Name: person.Name(tt.who), BirthDate: date(t, tt.born)}
			if _, err := person.NewPerson(p, today); fail.CodeOf(err) != tt.code {
				t.Errorf("NewPerson: %v, want %q", err, tt.code)
			}
		})
	}
}

func TestNewFamily(t *testing.T) {
	t.Parallel()
	head := member(t, person.Head, person.Male, "1980-01-01", 1)
	wife := member(t, person.Wife, person.Female, "1982-01-01", 1)
	child := member(t, person.Child, person.Male, "2010-01-01", 0)
	twin := member(t, person.Child, person.Male, "2010-01-01", 0)
	tests := []struct {
		name, code string
		village    area.Code
		members    []person.Member
	}{
		{"head, wife and children without NIK", "", latuhalat, []person.Member{head, wife, child, twin}},
		{"a woman alone is her own head", "", latuhalat, []person.Member{member(t, person.Head, person.Female, "1950", 0)}},
		{"nobody", "family.empty", latuhalat, nil},
		{"no head", "family.no_head", latuhalat, []person.Member{wife, child}},
		{"two heads", "family.heads", latuhalat, []person.Member{head, member(t, person.Head, person.Female, "1982-01-01", 2)}},
		{"one NIK twice", "family.nik_twice", latuhalat, []person.Member{head, wife, member(t, person.Child, person.Female, "1982-01-01", 1)}},
		{"in a district, not a village", "family.village", latuhalat.District(), []person.Member{head}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := person.NewFamily(person.Family{Village: tt.village, Members: tt.members})
			if fail.CodeOf(err) != tt.code {
				t.Fatalf("NewFamily: %v, want %q", err, tt.code)
			}
			if got, ok := f.Head(); ok != (tt.code == "") || ok && got.Relation != person.Head {
				t.Errorf("head %v, %v", got, ok)
			}
		})
	}
}

func TestFamilyWarnings(t *testing.T) {
	t.Parallel()
	father := member(t, person.Head, person.Male, "1980-01-01", 1)
	mother := member(t, person.Head, person.Female, "1982-01-01", 1)
	wed := func(m person.Member, status person.MaritalStatus) person.Member { m.Marital = status; return m }
	tests := []struct {
		name string
		head person.Member
		who  person.Member
		want string
	}{
		{"a usual wife", father, wed(member(t, person.Wife, person.Female, "1982-01-01", 2), person.Married), ""},
		{"a usual child", father, member(t, person.Child, person.Male, "2010-01-01", 2), ""},
		{"a child of unknown age", father, member(t, person.Child, person.Male, "", 0), ""},
		{"a female husband", mother, member(t, person.Husband, person.Female, "1980-01-01", 2), person.WarnHusbandNotMale},
		{"a husband beside a male head", father, member(t, person.Husband, person.Male, "1980-01-01", 2), person.WarnSpouseOfHeadTwice},
		{"a male wife", father, member(t, person.Wife, person.Male, "1982-01-01", 2), person.WarnWifeNotFemale},
		{"a wife who never married", father, wed(member(t, person.Wife, person.Female, "1982-01-01", 2), person.NeverMarried), person.WarnSpouseNotMarried},
		{"a child older than the head", father, member(t, person.Child, person.Male, "1979-12-31", 2), person.WarnChildOlder},
		{"a child who may be younger", father, member(t, person.Child, person.Male, "1980", 0), ""},
		{"a parent younger than the head", father, member(t, person.Parent, person.Female, "1990", 0), person.WarnParentYounger},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := person.NewFamily(person.Family{Village: latuhalat, Members: []person.Member{tt.head, tt.who}})
			if err != nil {
				t.Fatal(err)
			}
			got := f.Warnings(today)
			if tt.want == "" && len(got) != 0 || tt.want != "" && (len(got) != 1 || got[0] != person.Warning{Member: 1, Code: tt.want}) {
				t.Errorf("warnings %v, want %q", got, tt.want)
			}
		})
	}
	orphan, err := person.NewFamily(person.Family{Village: latuhalat, Members: []person.Member{member(t, person.Head, person.Male, "2012-01-01", 1)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := orphan.Warnings(today); len(got) != 1 || got[0].Code != person.WarnHeadIsChild {
		t.Errorf("a head of fourteen: %v", got)
	}
}

func BenchmarkNewFamily(b *testing.B) {
	members := make([]person.Member, 6)
	for i := range members {
		n, err := person.ComposeNIK(latuhalat, period.On(1980, 1, 1), person.Male, i+1)
		if err != nil {
			b.Fatal(err)
		}
		members[i] = person.Member{Relation: person.Child, Person: person.Person{Name: "JOHN DOE", NIK: n}}
	}
	members[0].Relation = person.Head
	b.ReportAllocs()
	for b.Loop() {
		if _, err := person.NewFamily(person.Family{Village: latuhalat, Members: members}); err != nil {
			b.Fatal(err)
		}
	}
}
