package insight_test

import (
	"testing"

	"tepat/data/linkage"
	"tepat/data/repair"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/areas"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
)

// TestKindsOfNamesAreToldApart holds the kinds on names as they are folded.
func TestKindsOfNamesAreToldApart(t *testing.T) {
	t.Parallel()
	groups, err := insight.ParseNameGroups(linkage.Names, repair.Clans)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"SUPARMI": "mononym", "MUHAMMAD": "mononym", "MOCH ARIF": "muhammad", "MUHAMMAD SIREGAR": "muhammad", "I WAYAN SUDIRA": "balinese", "NI LUH AYU": "balinese",
		"KETUT SUARNA": "balinese", "IDA ROYANI": "other", "MARIA PATTINAMA": "clan", "SITORUS BUDI": "other", "BUDI SANTOSO": "other",
	} {
		if got := groups.KindOf(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, broken := range [][2]string{{"families: {", "clans: [A]"}, {"families: []\norder_words: [WAYAN]", "clans: [A]"}, {string(linkage.Names), "clans: []"}, {string(linkage.Names), "clans: {"}} {
		if _, err := insight.ParseNameGroups([]byte(broken[0]), []byte(broken[1])); err == nil {
			t.Errorf("%.20q and %.20q are taken", broken[0], broken[1])
		}
	}
}

// TestQualityIsCounted: of those who do not match by age, cause and what the search gave; only suggestions that are up to
// date count, and groups of double records by how many persons they join.
func TestQualityIsCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		groups, err := insight.ParseNameGroups(linkage.Names, repair.Clans)
		must(t, err)
		places, err := areas.Open(t.Context(), h.acts, schema.Tables())
		must(t, err)
		h.Service = insight.New(insight.Parts{Acts: h.acts, Places: places, Names: groups})
		h.families(1, 6, 1, benteng)
		day := int64(24 * 3600 * 1_000_000)
		now := h.clock.Now().UnixMicro()
		h.exec(`UPDATE person SET match_status = 15, matched_at = $1`, now)
		ids, err := sqldb.Collect(t.Context(), db.Direct(), `SELECT id FROM person ORDER BY id`, nil, func(r sqldb.Row) (id sqldb.ID, err error) { return id, r.Scan(&id) })
		must(t, err)
		for i, wrong := range []struct {
			age         int64
			outcome     int64
			probability float64
			gap         float64
			version     int64
		}{{1, 3, 0.995, 20, 1}, {20, 3, 0.95, 5, 1}, {60, 1, 0, -1, 1}, {100, 3, 0.99, 12, 99}} {
			h.exec(`UPDATE person SET match_status = 7, matched_at = $1, name_norm = $2 WHERE id = $3`, now-wrong.age*day, []string{"SUPARMI", "MOCH ALI", "MARIA PATTINAMA", "BUDI SANTOSO"}[i], ids[i])
			h.put("match_suggestion", []string{"kabkota", "person_id", "person_version", "family_version", "basis", "rank", "cause", "outcome", "taken", "probability", "weight", "gap",
				"document", "model", "civil_at", "recorded_at", "run_id", "act_id"}, 1, func(_ int, v []any) {
				copy(v, []any{int64(testkit.AmbonTenant), ids[i], wrong.version, int64(1), sqldb.NewID(), int64(1), "name_spelling", wrong.outcome, int64(0), wrong.probability, 1.0, wrong.gap,
					[]byte{1}, "m", int64(5), now, sqldb.NewID(), sqldb.NewID()})
			})
		}
		h.put("civil_record", []string{"nik_hash", "kabkota", "nik", "name", "name_norm", "sex", "birth_place", "birth_date", "relation", "area_code", "status", "as_of", "recorded_at"}, 1, func(_ int, v []any) {
			copy(v, []any{sqldb.NewID(), int64(8171), []byte{1}, "A", "A", int64(1), "", "", int64(1), int64(benteng), int64(0), "2024", int64(5)})
		})
		for _, pair := range [][2]int{{0, 1}, {1, 2}, {3, 4}} {
			h.put("link_pair", []string{"kabkota", "id", "version", "left_id", "right_id", "right_kabkota", "area_code", "kind", "weight", "probability", "reasons", "state", "decided_at", "recorded_at", "act_id"}, 1, func(_ int, v []any) {
				copy(v, []any{int64(8171), sqldb.NewID(), int64(1), ids[pair[0]], ids[pair[1]], int64(8171), int64(benteng), "fuzzy", 1.0, 0.9, "{}", "open", int64(0), now, sqldb.NewID()})
			})
		}
		_, err = h.RefreshAll(t.Context())
		must(t, err)
		q, err := h.Quality(t.Context(), h.operator, insight.View{Area: benteng})
		must(t, err)
		got := map[string]insight.Value{}
		for _, table := range q.Tables {
			for _, l := range table.Lines {
				got[l.Key] = l.Values[0]
				if table.Key == "sought" || table.Key == "pairs" {
					got["right."+l.Key] = l.Values[1]
				}
			}
		}
		for key, want := range map[string]insight.Value{
			"mismatch_age.0_7": {N: 1, Of: 4}, "mismatch_age.8_30": {N: 1, Of: 4}, "mismatch_age.31_90": {N: 1, Of: 4}, "mismatch_age.over_90": {N: 1, Of: 4},
			"sought.sure": {N: 1, Of: 4}, "sought.found": {N: 1, Of: 4}, "sought.nobody": {N: 1, Of: 4}, "sought.none": {N: 1, Of: 4},
			"cause.name_spelling": {N: 3, Of: 4}, "cause.none": {N: 1, Of: 4}, "cluster.2": {N: 1, Of: 2}, "cluster.3": {N: 1, Of: 2},
			"name.mononym": {N: 1, Of: 1}, "name.muhammad": {N: 1, Of: 1}, "name.clan": {N: 1, Of: 1}, "name.other": {N: 1, Of: 3},
			"right.sought.nobody": {None: true},
			"pair_age.0_7":        {N: 3, Of: 3}, "pair_age.over_90": {Of: 3}, "right.pair_age.0_7": {N: 2, Of: 3}, "right.pair_age.over_90": {None: true},
		} {
			if got[key] != want {
				t.Errorf("%s is %+v, want %+v", key, got[key], want)
			}
		}
		if _, err := h.Quality(t.Context(), h.operator, insight.View{Area: testkit.Ambon}); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an operator reads the whole district: %v", err)
		}
	})
}

// countQuality counts, row by row, what is kept of the quality of records nobody has looked for.
func (h house) countQuality(out tally) {
	h.t.Helper()
	must(h.t, sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT area_code, match_status, matched_at FROM person WHERE kabkota = 8171 AND state = 1`, nil, func(r sqldb.Row) error {
		var at, status, since int64
		err := r.Scan(&at, &status, &since)
		if civilmatch.Status(status).Group() == civilmatch.NotMatching {
			out.add(at, "sought.none", 1)
			days := (h.clock.Now().UnixMicro() - since) / (24 * 3600 * 1_000_000)
			switch {
			case days < 7:
				out.add(at, "mismatch_age.0_7", 1)
			case days < 30:
				out.add(at, "mismatch_age.8_30", 1)
			case days < 90:
				out.add(at, "mismatch_age.31_90", 1)
			default:
				out.add(at, "mismatch_age.over_90", 1)
			}
		}
		return err
	}))
	must(h.t, sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT area_code FROM link_pair WHERE kabkota = 8171 AND state = 'open' AND left_id IN (SELECT id FROM person WHERE state = 1)`, nil, func(r sqldb.Row) error {
		var at int64
		err := r.Scan(&at)
		out.add(at, "cluster.2", 1) // no two pairs of this test share a person
		out.add(at, "pair_age.over_90", 1)
		out.add(at, "pair_weighed.over_90", 1)
		out.add(at, "pair_belief.over_90", 900_000)
		return err
	}))
}
