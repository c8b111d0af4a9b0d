package linkage_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// TestAsksOfDoubtfulPairs: of two rows in doubt the waterfall says what they are to the head, and adds up to the weight of the search.
// Of rows that are sure nothing is asked, nor where one side does not say it, or the list has no such column.
func TestAsksOfDoubtfulPairs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ one, two, cardTwo, want string }{
		{"KEPALA KELUARGA", "KEPALA", "8171010203030000", "role_heads_card"}, {"1", "Kepala Keluarga", "8171010203030001", ""},
		{"ISTRI", "ISTRI/SUAMI", "8171010203030000", "role_spouses_card"}, {"2", "istri", "", "role_spouses"}, // two heads of two cards tell nothing, and there is no bar
		{"ANAK", "Anak Kandung", "8171010203030000", "role_children_card"}, {"ANAK", "ANAK", "8171010203030001", "role_children"},
		{"ISTRI", "KEPALA KELUARGA", "8171010203030000", "role_couple_card"}, {"KEPALA KELUARGA", "ISTRI", "", "role_couple"},
		{"ANAK", "KEPALA KELUARGA", "8171010203030000", "role_head_child_card"}, {"KEPALA KELUARGA", "ANAK", "8171010203030001", "role_head_child"},
		{"ANAK", "ISTRI", "8171010203030000", "role_spouse_child_card"}, {"ISTRI", "ANAK", "8171010203030001", "role_spouse_child"},
		{"CUCU", "CUCU", "8171010203030001", "role_same"}, {"CUCU", "ANAK", "8171010203030000", ""},
		{"", "ANAK", "8171010203030000", ""}, {"ANAK", "-", "8171010203030000", ""}, {"", "", "", ""}, {"ANAK", "ANAK", "none", "role_children"}, // two without a card are not of one
	} {
		if got := askedRole(t, "hub_keluarga", c.one, c.two, c.cardTwo, "PETRUS"); got != c.want {
			t.Errorf("%s and %s of card %q: %q, want %q", c.one, c.two, c.cardTwo, got, c.want)
		}
	}
	if got := askedRole(t, "catatan", "ANAK", "ANAK", "8171010203030001", "PETRUS"); got != "" {
		t.Errorf("%s of a column nobody knows", got)
	}
	if got := askedRole(t, "hub_keluarga", "ANAK", "ANAK", "8171010203030000", "YAKOMINA"); got != "" {
		t.Errorf("%s of a pair that is sure", got)
	}
}

// askedRole gives what the waterfall of two rows says of their roles: of a woman and one of another given name, doubtful unless it is hers.
func askedRole(t *testing.T, title, one, two, card, given string) string {
	t.Helper()
	return askedOf(t, title, func(int) string { return "ANAK" }, one, two, card, given)
}

// askedAmong is askedRole of two on one card, in a list whose other rows have these roles.
func askedAmong(t *testing.T, others func(i int) string, one, two string) string {
	t.Helper()
	return askedOf(t, "hub_keluarga", others, one, two, "8171010203030000", "PETRUS")
}

func askedOf(t *testing.T, title string, others func(i int) string, one, two, card, given string) (told string) {
	t.Helper()
	s := crowd()
	s.header = append(append([]string{}, s.header...), title)
	for i := range s.rows {
		s.rows[i] = append(s.rows[i], others(i))
	}
	first := "8171010203030000"
	if card == "none" {
		first, card = "", ""
	}
	s.add(append(person("a", "", first, "YAKOMINA SAHERTIAN", "1980-04-12", "P", "HALIMAH TUASALAMONY", "8171011006"), one)...)
	s.add(append(person("b", "", card, given+" SAHERTIAN", "1980-04-12", "P", "HALIMAH TUASALAMONY", "8171011006"), two)...)
	e := prepare(t, identity(t), s, nil, engine.Options{Alone: true})
	n := len(s.rows)
	w, sum := e.Explain(n-2, n-1), 0.0
	for _, b := range w.Bars {
		if sum += b.Bits; b.Comparison == "doubt" && strings.HasPrefix(b.Level, "role_") {
			told = b.Level
		}
	}
	for _, x := range doubles(t, e).Edges {
		if int(x.A)+int(x.B) == 2*n-3 && math.Abs(engine.Bits(x.Weight)-w.Bits) > 0.01 {
			t.Errorf("%.2f in the search, %.2f explained", engine.Bits(x.Weight), w.Bits)
		}
	}
	if math.Abs(sum-w.Bits) > 0.01 {
		t.Errorf("bars add up to %.2f of %.2f: %s", sum, w.Bits, fmt.Sprint(w.Bars))
	}
	return told
}

// TestADateLent: the NIK of who has no birth date may carry the other's; who has neither lends none.
func TestADateLent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		nik, birth, other, otherNIK string
		want                        bool
	}{
		{"8171015204800003", "", "1980-04-12", "", true}, {"8171015204800003", "-", "12/04/1980", "9171015204800044", true},
		{"8171015204800003", "", "1980-04-13", "", false}, {"", "", "1980-04-12", "8171015204800003", false},
		{"8171015204800003", "1980-04-12", "1980-04-13", "", false}, {"8171015204800003", "", "", "", false},
	} {
		for _, turned := range []bool{false, true} {
			s := crowd()
			rows := [][]string{person("a", c.nik, "", "YAKOMINA SAHERTIAN", c.birth, "P", "HALIMA TUASALAMONY", "8171011006"), person("b", c.otherNIK, "", "YAKOMINA SAHERTIAN", c.other, "P", "HALIMAH TUASELA", "8171021002")}
			if turned {
				rows[0], rows[1] = rows[1], rows[0]
			}
			s.add(rows[0]...)
			s.add(rows[1]...)
			e, told := prepare(t, identity(t), s, nil, engine.Options{Alone: true}), false
			for _, b := range e.Explain(400, 401).Bars {
				told = told || b.Level == "lent_carried"
			}
			if told != c.want {
				t.Errorf("%v: lent is %v", c, told)
			}
		}
	}
}

// TestNumbersOfRolesMeanWhatTheirCodingSays: 3 and 4 are wife and child where children have the 4, as the civil registry counts, and 3 a
// child where hardly anybody is a 4; of a list that has too few of them nobody can tell.
func TestNumbersOfRolesMeanWhatTheirCodingSays(t *testing.T) {
	t.Parallel()
	civil := func(i int) string { return []string{"1", "3", "4", "4"}[i%4] }
	survey := func(i int) string { return []string{"1", "2", "3", "3", "3"}[i%5] }
	for _, c := range []struct {
		others         func(i int) string
		one, two, want string
	}{
		{civil, "3", "3", "role_spouses_card"}, {civil, "4", "04", "role_children_card"}, {civil, "1", "4", "role_head_child_card"}, {civil, "3", "ISTRI", "role_spouses_card"},
		{survey, "3", "3", "role_children_card"}, {survey, "4", "4", "role_same"}, {survey, "2", "3", "role_spouse_child_card"},
		{func(i int) string { return []string{"ANAK", "3", "4"}[max(i-382, 0)%3] }, "3", "3", "role_same"},
	} {
		if got := askedAmong(t, c.others, c.one, c.two); got != c.want {
			t.Errorf("%s and %s: %q, want %q", c.one, c.two, got, c.want)
		}
	}
}
