package app

import (
	"os"
	"path/filepath"
	"strings"

	"tepat/internal/edge/cli"
)

// areaList applies a newer list of areas and takes it back.
func (o *clerk) areaList() {
	o.t.Helper()
	var rows strings.Builder
	rows.WriteString("code,name\n81.71,KOTA AMBON\n")
	for _, one := range o.do(0, "", "area", "list")["areas"].([]any) {
		place := one.(map[string]any)
		name := place["name"].(string)
		if place["code"] == "81.71.01" {
			name = "Nusaniwe Baru"
		}
		rows.WriteString(place["code"].(string) + "," + name + "\n")
	}
	list := filepath.Join(o.dir, "wilayah.csv")
	if err := os.WriteFile(list, []byte(rows.String()), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if got := o.do(cli.ExitRejected, "admin", "area", "import", list, "--dry-run"); got["problems"] != 1.0 || o.difference(got)["error"] != "area.list_decree" {
		o.t.Errorf("a list without a decree: %v", got)
	}
	by := []string{"area", "import", list, "--decree", "Kepmendagri 1/2023 (contoh)", "--date", "2023-01-02"}
	if got := o.do(0, "admin", append(by, "--dry-run")...); got["same"] != 5.0 || o.difference(got)["kind"] != "renamed" || o.difference(got)["code"] != "81.71.01" {
		o.t.Errorf("dry run: %v", got)
	}
	if no := o.do(1, "operator", by...); no["error"] != "access.denied" {
		o.t.Errorf("an operator: %v", no)
	}
	if no := o.do(cli.ExitUsage, "admin", "area", "import", list, "--date", "2023"); no["error"] != "cli.full_date" {
		o.t.Errorf("half a date: %v", no)
	}
	first := o.changeOf(o.do(cli.ExitAwaiting, "admin", by...))
	o.do(0, "admin", "area", "withdraw", first["id"].(string))
	made := o.changeOf(o.do(cli.ExitAwaiting, "admin", by...))
	if no := o.do(1, "admin", "area", "approve", made["id"].(string)); no["error"] != "access.same_person" {
		o.t.Errorf("one person alone: %v", no)
	}
	if done := o.changeOf(o.do(0, "kadis", "area", "approve", made["id"].(string))); done["state"] != "done" || done["done"] != 1.0 {
		o.t.Errorf("approved: %v", done)
	}
	if got := o.do(0, "", "area", "show", "81.71.01")["area"].(map[string]any); got["name"] != "Nusaniwe Baru" {
		o.t.Errorf("renamed: %v", got)
	}
	if no := o.do(1, "admin", by...); no["error"] != "area.list_same" {
		o.t.Errorf("the same list again: %v", no)
	}
	back := o.changeOf(o.do(cli.ExitAwaiting, "admin", "area", "undo", made["id"].(string), "--decree", "Surat 2/2023"))
	o.do(0, "kadis", "area", "approve", back["id"].(string))
	if got := o.do(0, "", "area", "show", "81.71.01")["area"].(map[string]any); got["name"] != "Nusaniwe" {
		o.t.Errorf("taken back: %v", got)
	}
	if all := o.do(0, "admin", "area", "changes")["changes"].([]any); len(all) != 3 {
		o.t.Errorf("%d changes", len(all))
	}
}

func (o *clerk) difference(got map[string]any) map[string]any {
	o.t.Helper()
	list := got["differences"].([]any)
	if len(list) != 1 {
		o.t.Fatalf("%d differences: %v", len(list), got)
	}
	return list[0].(map[string]any)
}

func (o *clerk) changeOf(got map[string]any) map[string]any {
	o.t.Helper()
	change, ok := got["change"].(map[string]any)
	if !ok {
		o.t.Fatalf("no change: %v", got)
	}
	return change
}
