package duplicates_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/testkit"
)

// TestDecisionsAreLabels: every decided pair is one label with its comparison vector, the model and the weight, of the pairs of a
// run and of those of an import alike; nothing in the file is of a person.
func TestDecisionsAreLabels(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		// The contested pair of the import is decided before any run has weighed it.
		contested := h.queued()[[2]string{"3", "103"}]
		if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: ref(contested), Reason: "documents"}); err != nil {
			t.Fatal(err)
		}
		h.run("dedupe")
		one := h.queued()[[2]string{"1", "101"}]
		if _, err := h.merge(h.who, one, one.Left.ID); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		n, err := h.dup.Labels(t.Context(), h.who, area.Nation, &out)
		if err != nil || n != 2 {
			t.Fatalf("%d labels, %v", n, err)
		}
		m := model(t)
		list, err := m.ParseLabels(out.Bytes())
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		two, same := list[0], list[1]
		if two.Same || two.Levels["nik"] != "exact" || two.Levels["name"] != "different" || two.Model != m.Version() || two.Bits >= m.LinkBits() {
			t.Errorf("the pair found to be two: %+v", two)
		}
		if !same.Same || same.Levels["name"] != "exact" || same.Levels["birth"] != "exact" || same.Levels["nik"] != "" || same.Bits != float64(int64(one.Weight*100+0.5))/100 {
			t.Errorf("the merged pair of weight %f: %+v", one.Weight, same)
		}
		for _, id := range []string{"1", "101", "3", "103"} {
			p := h.find(id)
			for _, secret := range []string{p.Name, p.ID.String(), p.MotherName} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("the file holds %q", secret)
				}
			}
		}
		if got := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'duplicate.labels'`); got != 1 {
			t.Errorf("%d entries of the export", got)
		}
		for name, who := range map[string]access.Actor{"an operator": operator(2, testkit.Village), "nobody": {ID: sqldb.NewID()}} {
			if _, err := h.dup.Labels(t.Context(), who, area.Nation, &out); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s takes labels away: %v", name, err)
			}
		}
		// Of another district there is nothing.
		out.Reset()
		if n, err := h.dup.Labels(t.Context(), tualVerifier(), area.Nation, &out); err != nil || n != 0 {
			t.Errorf("%d labels of another district, %v", n, err)
		}
		// What is taken back is no label any more.
		if _, err := h.dup.Reopen(t.Context(), h.who, ref(contested)); err != nil {
			t.Fatal(err)
		}
		if n, err := h.dup.Labels(t.Context(), h.who, area.Nation, &out); err != nil || n != 1 {
			t.Errorf("%d labels, %v", n, fmt.Sprint(err))
		}
	})
}
