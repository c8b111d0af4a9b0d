package app

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestLabelsOfADatabaseTrainAModel goes the way of docs/linkage.md by commands, on both engines: a district's pairs are decided,
// their labels and its families are taken out, a model is fitted to the list and the labels, and measured on rows whose person is known.
func TestLabelsOfADatabaseTrainAModel(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") },
		"postgres": func(t *testing.T) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := &clerk{t: t, p: newPlace(t, open(t), 5000), dir: t.TempDir(), seen: map[string]bool{}}
			o.do(0, "verifikator", "import", "families", o.file("registry.csv"))
			o.do(0, "verifikator", "dedupe") // before any match: the civil registry settles nothing
			same, different := o.decideAll()
			labels, rows, model := filepath.Join(o.dir, "label.csv"), filepath.Join(o.dir, "warga.csv"), filepath.Join(o.dir, "model.yaml")
			t.Logf("%d of one person and %d of two were decided", same, different)
			got := o.do(0, "verifikator", "export", "labels", "--out", labels)
			if got["rows"] != float64(same+different) || same == 0 || different == 0 {
				t.Fatalf("%d and %d pairs were decided, and %v are taken out", same, different, got)
			}
			text, err := os.ReadFile(labels)
			if err != nil || strings.Contains(string(text), "81710") {
				t.Errorf("the labels hold numbers: %v\n%s", err, text)
			}
			// What is trained on is the list as it came: of the registry's own people the doubles are merged by now.
			code, out, bad := typed(t, "link", "train", o.file("registry.csv"), "--labels", labels, "--out", model, "--json")
			if code != cli.ExitDone {
				t.Fatalf("train: %s %s", out, bad)
			}
			fit := object(t, out)["training"].(map[string]any)["labels"].(map[string]any)
			if fit["same"] != float64(same) || fit["different"] != float64(different) {
				t.Errorf("the training counts %v, decided were %d and %d", fit, same, different)
			}
			o.do(0, "verifikator", "export", "families", "--reveal", "--purpose", "auditor", "--out", rows)
			if code, out, bad := typed(t, "link", rows, "--model", model, "--out", filepath.Join(o.dir, "pairs.csv"), "--json"); code != cli.ExitDone || object(t, out)["rows"].(float64) < 4000 {
				t.Errorf("what is taken out is not read, whatever stands above its titles: %s %s", out, bad)
			}
			before, after := o.measured(""), o.measured(model)
			// So few pairs as a town of 5,000 families has move the model little.
			if after < before-0.01 || before < 0.7 {
				t.Errorf("F1 %.3f with the trained model, %.3f before", after, before)
			}
			t.Logf("%d of one person, %d of two; F1 %.3f, before %.3f", same, different, after, before)
		})
	}
}

// decideAll decides the pairs of the queue as the truth of the generator has it: who is one person is merged.
func (o *clerk) decideAll() (same, different int) {
	t := o.t
	t.Helper()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{DB: o.p.db, Keys: o.p.keys}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	who, err := h.Accounts.LoadByLogin(t.Context(), "verifikator")
	if err != nil {
		t.Fatal(err)
	}
	is := map[sqldb.ID]string{}
	truth := o.truth()
	err = sqldb.Each(t.Context(), h.DB.Direct(), `SELECT person_id, row_id FROM source_record WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var id sqldb.ID
		var row string
		err := r.Scan(&id, &row)
		is[id] = truth[row]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := sqldb.Collect(t.Context(), h.DB.Direct(), `SELECT l.id FROM link_pair l WHERE l.kabkota = 8171 AND l.state = 'open' ORDER BY l.id`, nil, func(r sqldb.Row) (ref duplicates.Ref, err error) {
		ref.Tenant = 8171
		return ref, r.Scan(&ref.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range pairs {
		b, err := h.Duplicates.Open(t.Context(), who, ref)
		switch {
		case err != nil:
			t.Fatal(err)
		case b.Pair.State != duplicates.Open || b.Sides[0].Person.State != registry.Active || b.Sides[1].Person.State != registry.Active:
			continue // decided with another one
		}
		if is[b.Sides[0].ID] == is[b.Sides[1].ID] {
			same++
			_, err = h.Duplicates.Merge(t.Context(), who, duplicates.Merging{Pair: ref, Keep: b.Sides[0].ID, LeftVersion: b.Sides[0].Person.Version, RightVersion: b.Sides[1].Person.Version})
		} else {
			different++
			_, err = h.Duplicates.Distinct(t.Context(), who, duplicates.Telling{Pair: ref, Reason: "documents"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return same, different
}

// truth gives the person of each row of the generator's file.
func (o *clerk) truth() map[string]string {
	o.t.Helper()
	out := map[string]string{}
	for _, row := range o.csv("truth.csv")[1:] {
		out[row[0]] = row[1]
	}
	return out
}

func (o *clerk) csv(name string) [][]string {
	o.t.Helper()
	f, err := os.Open(o.file(name))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}

// measured gives F1 of a model, or of that of Indonesian identity, on the generator's file with the person of each row.
func (o *clerk) measured(model string) float64 {
	o.t.Helper()
	truth, path := o.truth(), filepath.Join(o.dir, "known.csv")
	rows := o.csv("registry.csv")
	for i := range rows {
		who := "orang_sebenarnya"
		if i > 0 {
			who = truth[rows[i][0]]
		}
		rows[i] = append(rows[i], who)
	}
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		o.t.Fatal(err)
	}
	args := []string{"link", "evaluate", path, "--entity", "orang_sebenarnya", "--json"}
	if model != "" {
		args = append(args, "--model", model)
	}
	code, out, bad := typed(o.t, args...)
	if code != cli.ExitDone {
		o.t.Fatalf("evaluate: %s %s", out, bad)
	}
	at, _ := object(o.t, out)["chosen"].(map[string]any)
	f1, found := at["f1"].(float64)
	if !found {
		o.t.Fatalf("no F1 in %.600s", out)
	}
	return f1
}
