package person_test

import (
	"encoding/json"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

func TestParseSex(t *testing.T) {
	t.Parallel()
	tests := map[string]person.Sex{
		"L": person.Male, "l": person.Male, "1": person.Male, "Laki-laki": person.Male, "LAKI - LAKI": person.Male, "Pria": person.Male,
		"P": person.Female, "p": person.Female, "2": person.Female, "Perempuan": person.Female, "WANITA": person.Female,
	}
	for text, want := range tests {
		if got, err := person.ParseSex(text); err != nil || got != want {
			t.Errorf("ParseSex(%q) = %s, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "X", "3", "LP"} {
		if _, err := person.ParseSex(bad); fail.CodeOf(err) != "sex.unknown" {
			t.Errorf("ParseSex(%q): %v", bad, err)
		}
	}
}

func TestParseRelation(t *testing.T) {
	t.Parallel()
	tests := map[string]person.Relation{
		"1": person.Head, "01": person.Head, "Kepala Keluarga": person.Head, "kepala_keluarga": person.Head,
		"2": person.Husband, "3": person.Wife, "ISTERI": person.Wife, "4": person.Child, "Anak": person.Child,
		"5": person.ChildInLaw, "6": person.Grandchild, "7": person.Parent, "Orangtua": person.Parent,
		"8": person.ParentInLaw, "9": person.OtherKin, "famili lain": person.OtherKin, "10": person.Servant, "11": person.OtherRelation,
	}
	for text, want := range tests {
		if got, err := person.ParseRelation(text); err != nil || got != want {
			t.Errorf("ParseRelation(%q) = %s, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "0", "12", "111", "tetangga", "istri/suami"} {
		if _, err := person.ParseRelation(bad); fail.CodeOf(err) != "relation.unknown" {
			t.Errorf("ParseRelation(%q): %v", bad, err)
		}
	}
}

func TestParseMaritalStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]person.MaritalStatus{
		"1": person.NeverMarried, "Belum Kawin": person.NeverMarried, "belum_kawin": person.NeverMarried,
		"2": person.Married, "KAWIN BELUM TERCATAT": person.Married, "3": person.Divorced, "Cerai Hidup": person.Divorced,
		"4": person.Widowed, "CERAI MATI": person.Widowed,
	}
	for text, want := range tests {
		if got, err := person.ParseMaritalStatus(text); err != nil || got != want {
			t.Errorf("ParseMaritalStatus(%q) = %s, %v", text, got, err)
		}
	}
	if _, err := person.ParseMaritalStatus("5"); fail.CodeOf(err) != "marital.unknown" {
		t.Errorf("status 5: %v", err)
	}
}

func TestCodesAreWordsInJSON(t *testing.T) {
	t.Parallel()
	type all struct {
		Sex      person.Sex
		Relation person.Relation
		Marital  person.MaritalStatus
		None     person.Relation
	}
	text := `{"Sex":"P","Relation":"istri","Marital":"kawin","None":""}`
	var v all
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if back, err := json.Marshal(v); err != nil || string(back) != text {
		t.Errorf("%s, %v", back, err)
	}
	for r := person.Head; r <= person.OtherRelation; r++ {
		if back, err := person.ParseRelation(r.String()); err != nil || back != r {
			t.Errorf("%s reads back as %s, %v", r, back, err)
		}
	}
	for m := person.NeverMarried; m <= person.Widowed; m++ {
		if back, err := person.ParseMaritalStatus(m.String()); err != nil || back != m {
			t.Errorf("%s reads back as %s, %v", m, back, err)
		}
	}
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	const want = "+6281234563456"
	for _, text := range []string{
		"081234563456", "0812-3456-3456", "+62 812 3456 3456", "6281234563456", "81234563456", "(0812) 3456.3456", "'081234563456", "+62 0812 3456 3456",
	} {
		if got, err := person.ParsePhone(text); err != nil || got.Plain() != want {
			t.Errorf("ParsePhone(%q) = %s, %v", text, got.Plain(), err)
		}
	}
	if got, err := person.ParsePhone("0911-345678"); err != nil || got.Plain() != "+62911345678" {
		t.Errorf("a landline in Ambon: %s, %v", got.Plain(), err)
	}
	tests := []struct{ name, text, code string }{
		{"nothing", " ", "phone.empty"},
		{"a word", "tidak ada", "phone.characters"},
		{"two numbers", "0812345634 dan 56", "phone.characters"},
		{"another country", "+60 12 345 6789", "phone.country"},
		{"too short", "0812345", "phone.length"},
		{"too long", "08123456789012345", "phone.length"},
		{"an emergency number", "110", "phone.length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := person.ParsePhone(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("ParsePhone(%q): %v, want %s", tt.text, err, tt.code)
			}
		})
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{"081234563456", "+62", "62", "0", "+", "628", "++62812345678"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := person.ParsePhone(text)
		if err != nil {
			return
		}
		if back, err := person.ParsePhone(p.Plain()); err != nil || back != p {
			t.Errorf("ParsePhone(%q) = %s, which reads as %s, %v", text, p.Plain(), back.Plain(), err)
		}
		_ = p.String()
	})
}
