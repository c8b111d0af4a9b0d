package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/progress"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// typed runs a command line in this process, as a person would type it.
func typed(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	var out, bad bytes.Buffer
	env := environment("test", catalogue, os.Stdout, os.Stderr)
	env.Stdout, env.Stderr, env.Board = &out, &bad, func(progress.Words) cli.Board { return progress.Quiet(io.Discard) }
	code = cli.Main(t.Context(), env, args)
	return code, out.String(), bad.String()
}

func everyCommand(t *testing.T) []cli.Command {
	t.Helper()
	all, err := cli.Commands()
	if err != nil || len(all) < 40 {
		t.Fatalf("%d commands, %v", len(all), err)
	}
	return all
}

// TestEveryCommandHelps asks each command of the tree for help, and gives it a flag it has not.
func TestEveryCommandHelps(t *testing.T) {
	t.Parallel()
	for _, one := range everyCommand(t) {
		t.Run(one.Path, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(one.Path)
			code, out, _ := typed(t, append(words, "--help")...)
			if code != cli.ExitDone || !strings.Contains(out, "Contoh: ") || !strings.Contains(out, "tepat "+one.Path) || !strings.Contains(out, "--json") {
				t.Errorf("help: exit %d\n%s", code, out)
			}
			code, out, bad := typed(t, append(words, "--no-such-flag")...)
			if code != cli.ExitUsage || out != "" || !strings.Contains(bad, "--no-such-flag") || !strings.Contains(bad, "Contoh: ") {
				t.Errorf("an unknown flag: exit %d, %q\n%s", code, out, bad)
			}
		})
	}
}

// TestTheManualNamesEveryCommand holds docs/operate/commands.md to the tree.
func TestTheManualNamesEveryCommand(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/operate/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range everyCommand(t) {
		if !strings.Contains(string(manual), "`"+one.Path) {
			t.Errorf("docs/operate/commands.md says nothing of `%s`", one.Path)
		}
	}
}

// clerk walks a small training installation by commands alone.
type clerk struct {
	t    *testing.T
	p    place
	dir  string
	seen map[string]bool
}

// do runs a command as somebody and gives the one object it prints.
func (o *clerk) do(want int, who string, args ...string) map[string]any {
	o.t.Helper()
	o.note(args)
	args = append(args, "--db", o.p.db, "--keys", o.p.keys)
	if who != "" {
		args = append(args, "--as", who)
	}
	return tepat(o.t, want, args...)
}

// note remembers which command of the tree was run.
func (o *clerk) note(args []string) {
	for n := min(len(args), 2); n > 0; n-- {
		o.seen[strings.Join(args[:n], " ")] = true
	}
}

// approved runs a step that a second person approves, and approves it as the head.
func (o *clerk) approved(who string, args ...string) map[string]any {
	o.t.Helper()
	made := o.do(cli.ExitAwaiting, who, args...)
	if made["state"] != "awaiting" {
		o.t.Fatalf("%v: %v", args, made)
	}
	done := o.do(cli.ExitDone, "kadis", "run", "approve", made["run"].(string))
	if done["state"] != "done" {
		o.t.Fatalf("approved %v: %v", args, done)
	}
	return done
}

func (o *clerk) file(name string) string { return filepath.Join(o.p.files, name) }

func (o *clerk) users() {
	t := o.t
	made := o.do(cli.ExitAwaiting, "admin", "user", "add", "rahma.contoh", "Rahma Contoh", "--role", "verifier")
	if !temporary.MatchString(made["password"].(string)) {
		t.Errorf("user add: %v", made)
	}
	if list := o.do(0, "kadis", "user", "requests")["requests"].([]any); len(list) != 1 {
		t.Errorf("requests: %v", list)
	}
	o.do(1, "admin", "user", "approve", made["request"].(string)) // whoever asked may not grant
	o.do(0, "kadis", "user", "approve", made["request"].(string))
	for _, decision := range []struct{ who, what string }{{"kadis", "refuse"}, {"admin", "withdraw"}} {
		asked := o.do(cli.ExitAwaiting, "admin", "user", "ask", "rahma.contoh", "--role", "payment_officer")
		o.do(0, decision.who, "user", decision.what, asked["request"].(string))
	}
	for _, step := range []struct{ who, what, state string }{
		{"admin", "show", "active"}, {"admin", "suspend", "suspended"}, {"kadis", "resume", "active"},
	} {
		if got := o.do(0, step.who, "user", step.what, "rahma.contoh"); got["state"] != step.state || len(got["roles"].([]any)) != 1 {
			t.Errorf("user %s: %v", step.what, got)
		}
	}
	if again := o.do(0, "admin", "user", "reset", "rahma.contoh"); again["password"] == made["password"] {
		t.Error("the password is the old one")
	}
	if no := o.do(1, "kadis", "user", "drop-factor", "rahma.contoh"); no["error"] != "account.no_factor" {
		t.Errorf("drop-factor: %v", no)
	}
	o.do(0, "admin", "user", "end", "rahma.contoh", "--role", "verifier")
	if list := o.do(0, "admin", "user", "list", "--search", "rahma")["users"].([]any); len(list) != 1 {
		t.Errorf("user list: %v", list)
	}
	if no := o.do(1, "operator", "user", "list"); no["error"] != "access.denied" {
		t.Errorf("an operator lists users: %v", no)
	}
	if no := o.do(cli.ExitUsage, "", "user", "list"); no["error"] != "cli.as" {
		t.Errorf("nobody lists users: %v", no)
	}
}

func (o *clerk) places() {
	if got := o.do(0, "", "config", "show"); got["engine"] == "" || got["level"] != "district" || strings.Contains(got["database"].(string), "password=tepat") {
		o.t.Errorf("config: %v", got)
	}
	if got := o.do(0, "", "area", "list")["areas"].([]any); len(got) != 5 {
		o.t.Errorf("%d subdistricts in Ambon", len(got))
	}
	if got := o.do(0, "", "area", "show", "81.71.01.1006")["area"].(map[string]any); got["writes"] != true || got["zone"] != "WIT" {
		o.t.Errorf("area show: %v", got)
	}
	if got := o.do(0, "", "area", "find", "BATUMERAH", "--within", "81.71")["areas"].([]any); len(got) != 1 || got[0].(map[string]any)["code"] != "81.71.02.2003" {
		o.t.Errorf("area find: %v", got)
	}
	outlines := filepath.Join(o.dir, "batas.geojson")
	shape := `{"type":"Polygon","coordinates":[[[128.1,-3.7],[128.2,-3.7],[128.2,-3.6],[128.1,-3.7]]]}`
	features := `{"type":"Feature","properties":{"kode":"81.71.01"},"geometry":` + shape + `},{"type":"Feature","properties":{"kode":"12.09"},"geometry":` + shape + `}`
	if err := os.WriteFile(outlines, []byte(`{"type":"FeatureCollection","features":[`+features+`]}`), 0o600); err != nil {
		o.t.Fatal(err)
	}
	got := o.do(cli.ExitRejected, "admin", "area", "boundaries", outlines, "--source", "BIG, data terbuka", "--as-of", "2023")
	if refused := got["refused"].([]any); got["kept"] != 1.0 || len(refused) != 1 || refused[0].(map[string]any)["error"] != "boundaries.not_yours" {
		o.t.Errorf("area boundaries: %v", got)
	}
	if no := o.do(cli.ExitUsage, "", "area", "find", "Atlantis"); no["error"] != "area.name_unknown" {
		o.t.Errorf("area find: %v", no)
	}
}

// registry fills the registry: import, match, dedupe, deciles, evidence, score.
func (o *clerk) registry() {
	t := o.t
	dry := o.do(0, "verifikator", "import", "families", o.file("registry.csv"), "--dry-run")
	if dry["state"] != "cancelled" || dry["figures"].(map[string]any)["rows"] == nil {
		t.Errorf("dry run: %v", dry)
	}
	o.do(0, "verifikator", "import", "families", o.file("registry.csv"))
	o.alike()
	o.do(0, "verifikator", "import", "civil", o.file("civil.csv"))
	o.do(0, "program", "import", "deciles", o.file("deciles.csv"))
	bad := filepath.Join(o.dir, "bad.csv")
	if err := os.WriteFile(bad, []byte("nik,kind,value,as_of,source\n123,dead,,2024-01-01,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := o.do(cli.ExitRejected, "verifikator", "import", "evidence", bad, "--rejects", filepath.Join(o.dir, "rejects.csv")); got["figures"].(map[string]any)["rejected"] != 1.0 {
		t.Errorf("a bad row: %v", got)
	}
	if _, err := os.Stat(filepath.Join(o.dir, "rejects.csv")); err != nil {
		t.Error(err)
	}
	o.do(0, "verifikator", "match")
	o.do(0, "verifikator", "suggest")
	o.do(0, "verifikator", "dedupe")
	scored := o.approved("analis", "score", "--area", "81.71")
	if got := o.do(0, "verifikator", "run", "show", scored["run"].(string)); got["state"] != "done" {
		t.Errorf("run show: %v", got)
	}
	made := o.do(cli.ExitAwaiting, "analis", "score")
	if got := o.do(0, "analis", "run", "cancel", made["run"].(string)); got["state"] != "cancelled" {
		t.Errorf("run cancel: %v", got)
	}
	made = o.do(cli.ExitAwaiting, "analis", "score")
	if got := o.do(0, "kadis", "run", "refuse", made["run"].(string), "--reason", "Desil belum lengkap"); got["state"] != "refused" {
		t.Errorf("run refuse: %v", got)
	}
	o.do(0, "analis", "run", "resume", scored["run"].(string)) // done: nothing is left
	o.ranked(scored["run"].(string))
	if list := o.do(0, "verifikator", "run", "list", "--kind", "score")["runs"].([]any); len(list) != 4 || list[0].(map[string]any)["unit"] != "families" {
		t.Errorf("%d runs of score: %v", len(list), list)
	}
	if no := o.do(1, "operator", "dedupe"); no["error"] != "access.denied" {
		t.Errorf("an operator dedupes: %v", no)
	}
}

// ranked takes the first scoring back, ranks everybody again, and asks for one family.
func (o *clerk) ranked(scored string) {
	t := o.t
	if no := o.do(1, "analis", "rank", "--family", "8171-"+sqldb.NewID().String()); no["error"] != "registry.no_family" {
		t.Errorf("a family that is none: %v", no)
	}
	if undone := o.do(0, "kadis", "run", "undo", scored); undone["state"] != "undone" {
		t.Errorf("a scoring taken back: %v", undone)
	}
	o.approved("analis", "rank")
	if got := o.do(0, "analis", "rank", "--changed"); got["looked"] != 0.0 {
		t.Errorf("after a ranking nobody's answers are newer: %v", got)
	}
	if no := o.do(cli.ExitUsage, "analis", "rank", "--changed", "--family", "8171-"+sqldb.NewID().String()); no["error"] != "cli.rank_both" {
		t.Errorf("one family and all of them: %v", no)
	}
	answers := filepath.Join(o.dir, "answers.csv")
	if err := os.WriteFile(answers, []byte("proposal,decision,decree,decided_on\nU-2024-00001,ditetapkan,80/HUK,2024-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := o.do(cli.ExitRejected, "verifikator", "import", "answers", answers)
	if refused := got["refused"].([]any); len(refused) != 1 || refused[0].(map[string]any)["code"] != "answer_file.unknown" {
		t.Errorf("an answer to no proposal: %v", got)
	}
}

func (o *clerk) decisions() {
	t := o.t
	screened := o.approved("verifikator", "screen", "--as-of", "2024-10-01", "--all-local")
	o.approved("verifikator", "screen", "verify", "--document", "BA-1", "--criteria", "all")
	removed := o.approved("verifikator", "screen", "remove", "--effective")
	if undone := o.do(0, "kadis", "run", "undo", removed["run"].(string)); undone["state"] != "undone" {
		t.Errorf("undo: %v", undone)
	}
	if screened["kind"] != "screen" {
		t.Errorf("screen: %v", screened)
	}
	if no := o.do(1, "kementerian", "determine", "--number", "1/HUK", "--signed-by", "Menteri Sosial"); no["error"] == "" {
		t.Errorf("determine with nothing endorsed: %v", no)
	}
	enrolled := o.approved("program", "enrol", "--programme", "pkh", "--as-of", "2024-10-01", "--quota", "20")
	list := enrolled["id"].(string)
	if got := o.do(0, "program", "enrol", "lists")["lists"].([]any); len(got) != 1 || got[0].(map[string]any)["enrolled"] != 20.0 {
		t.Errorf("lists: %v", got)
	}
	o.do(0, "kadis", "enrol", "freeze", list, "--number", "400/1", "--signed-by", "Wali Kota Ambon", "--on", "2024-10-02")
	out := filepath.Join(o.dir, "list.xlsx")
	if got := o.do(0, "program", "export", "list", list, "--out", out, "--state", "enrolled"); got["rows"] != 20.0 {
		t.Errorf("export list: %v", got)
	}
}

func (o *clerk) payments() {
	t := o.t
	opened := o.do(0, "penyaluran", "pay", "open", "--programme", "pkh")
	name := opened["stage"].(string)
	o.approved("penyaluran", "pay", "compute", name)
	shown := o.do(0, "penyaluran", "pay", "show", name)
	sum := shown["sums"].(map[string]any)["payable"].(map[string]any)
	if sum["rows"] != 20.0 {
		t.Errorf("payable: %v", shown)
	}
	amount, err := json.Marshal(sum["amount"])
	if err != nil {
		t.Fatal(err)
	}
	o.approved("penyaluran", "pay", "order", name, "--number", "SP2D-1", "--amount", string(amount))
	out := filepath.Join(o.dir, "bank.csv")
	if got := o.do(0, "penyaluran", "export", "payments", name, "--out", out, "--full", "--purpose", "penyaluran"); got["rows"] != 20.0 {
		t.Errorf("export payments: %v", got)
	}
	results := o.simulate(opened["id"].(string))
	o.refusedResult(name, results)
	o.do(0, "penyaluran", "pay", "results", name, results)
	if no := o.do(cli.ExitUsage, "penyaluran", "pay", "return", name, "--on", "2100-01-01"); no["error"] != "payments.return_date" {
		t.Errorf("return: %v", no)
	}
	o.approved("penyaluran", "pay", "close", name)
	if got := o.do(0, "penyaluran", "pay", "list")["stages"].([]any); len(got) != 1 || got[0].(map[string]any)["state"] != "closed" {
		t.Errorf("stages: %v", got)
	}
	if no := o.do(1, "penyaluran", "pay", "show", "pkh/1999"); no["error"] != "cli.stage" {
		t.Errorf("an unknown stage: %v", no)
	}
}

// refusedResult reads the first row of the bank's file with another amount: it is told with its line and reason.
func (o *clerk) refusedResult(stage, results string) {
	t := o.t
	t.Helper()
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(text), "\n", 3)
	cells := strings.Split(lines[1], ",")
	cells[3] = "1"
	wrong := filepath.Join(o.dir, "wrong.csv")
	if err := os.WriteFile(wrong, []byte(lines[0]+"\n"+strings.Join(cells, ",")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := o.do(cli.ExitRejected, "penyaluran", "pay", "results", stage, wrong)
	told, _ := got["refused"].([]any)
	if len(told) != 1 {
		t.Fatalf("a result of another amount: %v", got)
	}
	if one := told[0].(map[string]any); one["line"] != 2.0 || one["code"] != "payments.result_amount" || one["reason"] == "" {
		t.Errorf("it is told as %v", one)
	}
}

// simulate writes what the bank of a training installation answers.
func (o *clerk) simulate(stage string) string {
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
	defer h.Close()
	who, err := h.Accounts.LoadByLogin(t.Context(), "penyaluran")
	if err != nil {
		t.Fatal(err)
	}
	id, err := sqldb.ParseID(stage)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.dir, "results.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := h.Payments.WriteSimulated(context.WithoutCancel(t.Context()), who, h.Bank, h.Places.TenantOf(ambon), id, 1, file); err != nil {
		t.Fatal(err)
	}
	return path
}

func (o *clerk) figures() {
	t := o.t
	if got := o.do(0, "", "report", "refresh"); got["districts"] != 1.0 || got["rows"] == 0.0 {
		t.Errorf("refresh: %v", got)
	}
	board := o.do(0, "kadis", "report", "dashboard")
	if board["area"] != "81.71" || len(board["figures"].([]any)) < 10 {
		t.Errorf("dashboard: %v", board)
	}
	if got := o.do(0, "kadis", "report", "recap", "--out", filepath.Join(o.dir, "recap.xlsx")); got["rows"] == 0.0 {
		t.Errorf("recap: %v", got)
	}
	if no := o.do(1, "kadis", "report", "close", "2100-01"); no["error"] == "" {
		t.Errorf("a month to come is closed: %v", no)
	}
	out := filepath.Join(o.dir, "families.csv")
	if got := o.do(0, "verifikator", "export", "families", "--out", out); got["families"] == 0.0 {
		t.Errorf("export: %v", got)
	}
	labels := filepath.Join(o.dir, "label.csv")
	if got := o.do(0, "verifikator", "export", "labels", "--out", labels); got["rows"] != 0.0 { // nobody has decided a pair here
		t.Errorf("export labels: %v", got)
	}
	if no := o.do(1, "operator", "export", "labels", "--out", labels); no["error"] != "access.denied" {
		t.Errorf("an operator takes labels away: %v", no)
	}
	if no := o.do(cli.ExitUsage, "verifikator", "export", "families", "--out", out, "--reveal"); no["error"] != "export.purpose" {
		t.Errorf("numbers without a purpose: %v", no)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of families: %v, %v", info, err)
	}
}

func (o *clerk) keeping() {
	t := o.t
	for _, words := range []string{"migrate", "doctor", "audit seal", "audit verify"} {
		o.do(0, "", strings.Fields(words)...)
	}
	if no := o.do(1, "", "db", "distribute"); no["error"] != map[bool]string{true: "cli.distribute_plain", false: "cli.distribute_sqlite"}[strings.HasPrefix(o.p.db, "postgres")] {
		t.Errorf("a database on one machine: %v", no)
	}
	if strings.HasPrefix(o.p.db, "postgres") {
		if got := o.do(0, "", "db", "distribute", "--dry-run"); len(got["statements"].([]any)) < 30 || len(got["obstacles"].([]any)) != 0 {
			t.Errorf("a plan: %v", got)
		}
	}
	backup := filepath.Join(o.dir, "backup.tepat")
	whole := o.do(0, "", "backup", backup)
	for _, one := range []struct{ command, db string }{{"restore", filepath.Join(o.dir, "restored.db")}, {"db copy", filepath.Join(o.dir, "copied.db")}} {
		o.note(strings.Fields(one.command))
		args := []string{"restore", backup, "--db", one.db}
		if one.command == "db copy" {
			args = []string{"db", "copy", "--db", o.p.db, "--to", one.db}
		}
		if got := tepat(t, 0, args...); got["rows"] != whole["rows"] {
			t.Errorf("%s: %v rows of %v", one.command, got["rows"], whole["rows"])
		}
	}
	o.note([]string{"synth"})
	tepat(t, 0, "synth", "--area", "81.71", "--families", "5", "--out", filepath.Join(o.dir, "synth"))
	o.note([]string{"install"})
	made := tepat(t, 0, "install", "--db", filepath.Join(o.dir, "new", "tepat.db"), "--keys", filepath.Join(o.dir, "new-keys"), "--name", "Dinas Contoh", "--area", "81.71", "--admin", "rahma=Rahma Contoh", "--head", "yusuf=Yusuf Contoh")
	if len(made["accounts"].([]any)) != 2 {
		t.Errorf("install: %v", made)
	}
}

// TestEveryCommandWorks does a district's work by commands, each a process of its own, on both
// engines: every command that does not serve prints one object and ends with the code it should.
func TestEveryCommandWorks(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") },
		"postgres": func(t *testing.T) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := &clerk{t: t, p: newPlace(t, open(t), 300), dir: t.TempDir(), seen: map[string]bool{}}
			o.places()
			o.users()
			o.areaList()
			o.registry()
			o.decisions()
			o.payments()
			o.figures()
			o.keeping()
			elsewhere := []string{"demo", "serve", "work", "key export", "key import", "key rotate", "key reseal", "civil simulate", "link files", "link train", "link evaluate", "link model", "link chart"} // in tests of their own
			for _, one := range everyCommand(t) {
				group := map[string]string{"screen find": "screen", "enrol make": "enrol"}[one.Path] // what a group does by itself
				if !o.seen[group] && !o.seen[one.Path] && !slices.Contains(elsewhere, one.Path) {
					t.Errorf("%s was not run", one.Path)
				}
			}
		})
	}
}
