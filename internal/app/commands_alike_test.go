package app

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tepat/internal/edge/cli"
)

// alike tries the list out under other row ids, cards and without NIKs: the dry run says how many may be registered already and how to
// list them, and lists them where it is asked to; an import itself lists nobody.
func (o *clerk) alike() {
	text, err := os.ReadFile(o.file("registry.csv"))
	if err != nil {
		o.t.Fatal(err)
	}
	rows := csv.NewReader(bytes.NewReader(text))
	all, err := rows.ReadAll()
	if err != nil {
		o.t.Fatal(err)
	}
	for i, title := range all[0] {
		for n, row := range all[1:] {
			switch title {
			case "source":
				row[i] = "LAIN"
			case "row_id":
				row[i] = fmt.Sprint(n + 1)
			case "nik", "no_kk":
				row[i] = ""
			}
		}
	}
	again, list := filepath.Join(o.dir, "again.csv"), filepath.Join(o.dir, "alike.csv")
	file, err := os.Create(again)
	if err == nil {
		err = errors.Join(csv.NewWriter(file).WriteAll(all), file.Close())
	}
	if err != nil {
		o.t.Fatal(err)
	}
	for _, lang := range []string{"id", "en"} {
		_, said, _ := typed(o.t, "import", "families", again, "--dry-run", "--lang", lang, "--as", "verifikator", "--db", o.p.db, "--keys", o.p.keys)
		if !strings.Contains(said, "--alike FILE") {
			o.t.Errorf("%s: a dry run does not say how to list who may be registered already: %s", lang, said)
		}
	}
	got := o.do(0, "verifikator", "import", "families", again, "--dry-run", "--alike", list)
	written, err := os.ReadFile(list)
	if n := strings.Count(string(written), "\n") - 1; err != nil || got["alike"] != list || float64(n) != got["figures"].(map[string]any)["alike"] || n < len(all)/2 {
		o.t.Errorf("%d of %d rows are listed: %v, %v", n, len(all)-1, got, err)
	}
	for _, args := range [][]string{{"families", again}, {"civil", o.file("civil.csv"), "--dry-run"}} {
		if no := o.do(cli.ExitUsage, "verifikator", slices.Concat([]string{"import"}, args, []string{"--alike", list})...); no["error"] != "cli.alike_dry" {
			o.t.Errorf("import %v --alike: %v", args, no)
		}
	}
}
