package web

import (
	"slices"
	"strings"
	"testing"

	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/web/messages"
)

// TestAPairIsSaidPlainly: several reasons of one kind stand under one title, each bar of the waterfall has a name of its own, and a number
// nobody can use is said to be one wherever it stands.
func TestAPairIsSaidPlainly(t *testing.T) {
	t.Parallel()
	words, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := words.Printer(i18n.Indonesian)
	both := oneNotice(p, "duplicatesweb.second", "duplicates.second.", []string{"aid", "other_area"})
	if len(both) != 1 || !strings.Contains(both[0].Text, p.Text("duplicates.second.aid")) || !strings.Contains(both[0].Text, p.Text("duplicates.second.other_area")) {
		t.Errorf("%v", both)
	}
	if none := oneNotice(p, "duplicatesweb.second", "duplicates.second.", nil); none != nil {
		t.Errorf("%v of nothing", none)
	}
	bars, ids := []duplicates.Bar{
		{Comparison: "nik", Level: "missing"}, {Comparison: "doubt", Level: "levels"}, {Comparison: "doubt", Level: "role_heads"},
		{Comparison: "taught", Level: "source_differs"}, {Comparison: "taught", Level: "entered_same"}, {Comparison: "company", Level: "same_none"},
	}, []string{}
	for _, bar := range bars {
		if slices.Contains(ids, barID(bar)) {
			t.Errorf("two bars %s", barID(bar))
		}
		ids = append(ids, barID(bar))
	}
	damaged := registry.Person{RawNIK: "8,17101E+15"}
	side := duplicates.Side{Visible: true, Person: damaged}
	unusable := p.Text("web.nik_unusable")
	if got := new(Desk).barSide(p, "nik", "", side); got != unusable {
		t.Errorf("the waterfall says %q", got)
	}
	if got := recordWords(p, duplicates.NIK, damaged); got != unusable {
		t.Errorf("the table says %q", got)
	}
}
