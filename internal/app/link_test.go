package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
)

// linkFiles writes a registry and a civil file of four people in a folder.
func linkFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"registry.csv": "id;nik;nama;tanggal_lahir;nama_ibu;orang\n" +
			"1;8171011204800003;MATHEOS SAHETAPY;12-04-1980;DORKAS PATTINAMA;p1\n" +
			"2;8171011304800003;MATEOS SAHETAPY;1980-04-12;DORKAS PATTINAMA;p1\n" +
			"3;8171014211840001;\"NOVITA; LATUHERU\";1984-11-02;RUTH LATUHERU;p2\n" +
			"4;;DOMINGGUS WATTIMENA;1977-02-03;PETRONELA;\n",
		"civil.csv": "person_id,nik,name,birth_date,mother_name,orang\n" +
			"p1,8171011204800003,MATHEOS SAHETAPY,1980-04-12,DORKAS PATTINAMA,p1\n" +
			"p2,8171014211840001,NOVITA LATUHERU,1984-11-02,RUTH LATUHERU,p2\n" +
			"p3,8171011505900002,ELIAS PELUPESSY,1990-05-15,MARIA SOPACUA,p3\n",
		"empty.csv":  "",
		"one.csv":    "x\n1\n",
		"model.yaml": "format: 1\nname: x\nversion: \"1\"\ncolumns:\n  - {name: x, type: what}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func object(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func TestLinkToAReference(t *testing.T) {
	t.Parallel()
	dir := linkFiles(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	code, out, bad := typed(t, "link", in("registry.csv"), "--reference", in("civil.csv"), "--out", in("out.csv"), "--json")
	if code != cli.ExitDone {
		t.Fatal(bad)
	}
	if got := object(t, out); got["rows"] != 4.0 || got["linked"] != 3.0 || got["none"] != 1.0 {
		t.Errorf("%v", got)
	}
	text, err := os.ReadFile(in("out.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[1], "1,p1,") || !strings.HasPrefix(lines[2], "2,p1,") || !strings.HasPrefix(lines[3], "3,p2,") || !strings.HasPrefix(lines[4], "4,,") {
		t.Errorf("%s", text)
	}
	if !strings.Contains(lines[2], "nik=one_digit") || !strings.Contains(lines[4], ",none,") {
		t.Errorf("%s", text)
	}
	code, out, bad = typed(t, "link", "evaluate", in("registry.csv"), "--reference", in("civil.csv"), "--entity", "orang", "--json")
	if chosen := object(t, out)["chosen"].(map[string]any); code != cli.ExitDone || chosen["f1"] != 1.0 || chosen["true"] != 3.0 {
		t.Errorf("%s %s", out, bad)
	}
}

func TestLinkFindsDuplicates(t *testing.T) {
	t.Parallel()
	dir := linkFiles(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	code, out, bad := typed(t, "link", in("registry.csv"), "--out", in("pairs.csv"), "--clusters", in("clusters.csv"), "--lang", "en")
	if code != cli.ExitDone || !strings.Contains(out, "1 pairs in 4 rows, 1 clusters") || !strings.Contains(out, "Nobody has measured") {
		t.Fatalf("%s %s", out, bad)
	}
	pairs, err := os.ReadFile(in("pairs.csv"))
	if err != nil || !strings.HasPrefix(string(pairs), "left_id,right_id,weight,probability\n1,2,") {
		t.Errorf("%v %s", err, pairs)
	}
	clusters, err := os.ReadFile(in("clusters.csv"))
	if err != nil || string(clusters) != "id,cluster\n1,1\n2,1\n3,3\n4,4\n" {
		t.Errorf("%v %s", err, clusters)
	}
	code, out, _ = typed(t, "link", in("registry.csv"), "--explain", "1", "2", "--json")
	if got := object(t, out); code != cli.ExitDone || got["key"] == "" || len(got["bars"].([]any)) < 4 {
		t.Errorf("%s", out)
	}
	code, out, _ = typed(t, "link", in("registry.csv"), "--explain", "1", "3", "--lang", "en")
	if code != cli.ExitDone || !strings.Contains(out, "No key brings the two together") || !strings.Contains(out, "Odds before anything") {
		t.Errorf("%s", out)
	}
}

// TestLinkTellsOddRows reads a file with a stray quote, rows of the wrong length, an id twice and a byte of
// zero: no row is lost, and each kind is told with its first line.
func TestLinkTellsOddRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "odd.csv")
	text := "id,nik,nama,tanggal_lahir\n" +
		"1,8171011204800003,MATHEOS SAHETAPY,1980-04-12\n" +
		"2,8171014211840001,\"NOVITA LATUHERU,1984-11-02\n" +
		"3,8171011505900002,ELIAS PELUPESSY\n" +
		"4,8171010302770004,DOMINGGUS WATTIMENA,1977-02-03,x\n" +
		"4,8171012206880002,RUTH\x00 LEIWAKABESSY,1988-06-22\n" +
		"5,8171011204800003,MATHEOS SAHETAPY,1980-04-12\n" +
		",,YAKOB SOPACUA,1951-08-09\n,,DORKAS TUASIKAL,1962-10-11\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"link", path, "--out", filepath.Join(dir, "pairs.csv")}
	code, out, bad := typed(t, append(args, "--json")...)
	got := object(t, out)
	if code != cli.ExitDone || got["rows"] != 8.0 || got["pairs"] != 1.0 {
		t.Fatalf("%s %s", out, bad)
	}
	lines := map[string]float64{}
	for _, r := range got["remarks"].([]any) {
		r := r.(map[string]any)
		lines[r["kind"].(string)] = r["line"].(float64)
	}
	if want := map[string]float64{"quote": 3, "short": 4, "long": 5, "id": 6, "nul": 6, "no_id": 8}; !reflect.DeepEqual(lines, want) {
		t.Errorf("%v, want %v", lines, want)
	}
	if _, out, _ = typed(t, append(args, "--lang", "en")...); !strings.Contains(out, "quote that never closes, the first at line 3") || !strings.Contains(out, "1 rows have an id that a row above has, the first at line 6") || !strings.Contains(out, "2 rows have no id, the first at line 8") {
		t.Errorf("%s", out)
	}
}

// TestLinkIsHeldToUniqueIDs: what is written about an id that stands twice, or nowhere, can be read of either row. With --unique
// nothing is written then, of either file; without it the rows are told, also beside an explanation.
func TestLinkIsHeldToUniqueIDs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	head := "id,nik,nama,tanggal_lahir\n"
	for name, text := range map[string]string{
		"good.csv":  "1,8171011204800003,MATHEOS SAHETAPY,1980-04-12\n2,8171014211840001,NOVITA LATUHERU,1984-11-02\n",
		"twice.csv": "7,8171011204800003,MATHEOS SAHETAPY,1980-04-12\n7,8171014211840001,NOVITA LATUHERU,1984-11-02\n8,,RUTH LEIWAKABESSY,1988-06-22\n",
		"empty.csv": "7,8171011204800003,MATHEOS SAHETAPY,1980-04-12\n,8171014211840001,NOVITA LATUHERU,1984-11-02\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(head+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		args []string
		code string
		line int
	}{
		"good ids":            {[]string{in("good.csv"), "--reference", in("good.csv")}, "", 0},
		"an id twice":         {[]string{in("twice.csv")}, "linkage.ids_twice", 3},
		"twice in the second": {[]string{in("good.csv"), "--reference", in("twice.csv")}, "linkage.ids_twice", 3},
		"a row without one":   {[]string{in("empty.csv")}, "linkage.ids_empty", 3},
		"without one there":   {[]string{in("good.csv"), "--reference", in("empty.csv")}, "linkage.ids_empty", 3},
		"another column":      {[]string{in("twice.csv"), "--id", "nik"}, "linkage.ids_empty", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := filepath.Join(t.TempDir(), "out.csv")
			code, out, _ := typed(t, append([]string{"link", "--json", "--unique", "--out", to}, c.args...)...)
			got := object(t, out)
			_, err := os.Stat(to)
			if c.code == "" {
				if code != cli.ExitDone || err != nil {
					t.Errorf("exit %d, %v, %v", code, got, err)
				}
				return
			}
			if said, _ := got["message"].(string); code == cli.ExitDone || got["error"] != c.code || !strings.Contains(strings.ToLower(said), fmt.Sprintf("baris %d", c.line)) || err == nil {
				t.Errorf("exit %d, %v, %v", code, got, err)
			}
		})
	}
	if code, out, _ := typed(t, "link", in("twice.csv"), "--explain", "7", "8", "--lang", "en"); code != cli.ExitDone || !strings.Contains(out, "an id that a row above has, the first at line 3") {
		t.Errorf("beside an explanation: %s", out)
	}
}

func TestLinkRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	dir := linkFiles(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Symlink(in("registry.csv"), in("link.csv")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(in("registry.csv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if after, err := os.ReadFile(in("registry.csv")); err != nil || string(after) != string(before) {
			t.Errorf("the file that was read is another one now: %v", err)
		}
	})
	for name, c := range map[string]struct {
		args []string
		code string
	}{
		"an empty file":            {[]string{in("empty.csv"), "--out", in("x")}, "flatcsv.empty"},
		"one column":               {[]string{in("one.csv"), "--out", in("x")}, "linkage.column_missing"},
		"a model with a mistake":   {[]string{in("registry.csv"), "--model", in("model.yaml"), "--out", in("x")}, "linkage.model_missing"},
		"nowhere to write":         {[]string{in("registry.csv")}, "linkage.out"},
		"one id to explain":        {[]string{in("registry.csv"), "--explain", "1"}, "linkage.explain_two"},
		"an id that is not there":  {[]string{in("registry.csv"), "--explain", "1", "77"}, "linkage.row_unknown"},
		"no column of ids":         {[]string{in("registry.csv"), "--id", "nomor", "--out", in("x")}, "linkage.id_missing"},
		"clusters of a reference":  {[]string{in("registry.csv"), "--reference", in("civil.csv"), "--out", in("x"), "--clusters", in("y")}, "linkage.clusters"},
		"a column of the labels":   {[]string{"evaluate", in("registry.csv"), "--entity", "nomor"}, "linkage.id_missing"},
		"the file that is read":    {[]string{in("registry.csv"), "--out", in("registry.csv")}, "linkage.out_input"},
		"the reference":            {[]string{in("registry.csv"), "--reference", in("civil.csv"), "--out", in("civil.csv")}, "linkage.out_input"},
		"another name of it":       {[]string{in("registry.csv"), "--out", in("link.csv")}, "linkage.out_input"},
		"groups over the file":     {[]string{in("registry.csv"), "--out", in("x"), "--clusters", in("registry.csv")}, "linkage.out_input"},
		"groups over the pairs":    {[]string{in("registry.csv"), "--out", in("z"), "--clusters", in("z")}, "linkage.out_twice"},
		"a folder":                 {[]string{in("registry.csv"), "--out", dir}, "cli.file_folder"},
		"a model over its rows":    {[]string{"train", in("registry.csv"), "--out", in("registry.csv")}, "linkage.out_input"},
		"a picture over its rows":  {[]string{"chart", in("registry.csv"), "--out", in("registry.csv")}, "linkage.out_input"},
		"a row and itself":         {[]string{in("registry.csv"), "--explain", "1", "1"}, "linkage.explain_same"},
		"a folder that is missing": {[]string{in("registry.csv"), "--out", in("no/such/x")}, "files.missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, _ := typed(t, append([]string{"link", "--json"}, c.args...)...)
			if got := object(t, out); got["error"] != c.code || code == cli.ExitDone {
				t.Errorf("exit %d, %v, want %s", code, got, c.code)
			}
		})
	}
}

// linkTown writes a list of three hundred people, half of whom stand in it twice.
func linkTown(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,nik,nama,tanggal_lahir\n")
	family := strings.Fields("SAHETAPY LATUHERU PELUPESSY WATTIMENA TUASIKAL SOPACUA PATTINAMA LEIWAKABESSY MANUPUTTY SIREGAR")
	given := strings.Fields("MATHEOS NOVITA BENHARD DOMINGGUS HASAN MARIA DORKAS ELIAS RUTH YAKOB")
	for n := range 300 {
		day, month, year := 1+n%28, 1+n%12, 1940+n*7%70
		nik := fmt.Sprintf("817101%02d%02d%02d%04d", day, month, year%100, 1+n*37%400)
		name := given[n%10] + " " + family[(n/10+n/100)%10]
		fmt.Fprintf(&b, "%d,%s,%s,%04d-%02d-%02d\n", n, nik, name, year, month, day)
		if n%2 == 0 {
			fmt.Fprintf(&b, "%d,%s%d%s,%s,%04d-%02d-%02d\n", 1000+n, nik[:3], (n+5)%10, nik[4:], name, year, month, day)
		}
	}
	path := filepath.Join(t.TempDir(), "town.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLinkTrains(t *testing.T) {
	t.Parallel()
	town := linkTown(t)
	model := filepath.Join(filepath.Dir(town), "model.yaml")
	code, out, bad := typed(t, "link", "train", town, "--out", model, "--json")
	if code != cli.ExitDone {
		t.Fatal(bad)
	}
	if fit := object(t, out)["training"].(map[string]any); fit["matches"].(float64) < 120 || fit["matches"].(float64) > 180 {
		t.Errorf("%v matches of 150", fit["matches"])
	}
	code, out, bad = typed(t, "link", town, "--model", model, "--out", filepath.Join(filepath.Dir(town), "pairs.csv"), "--json")
	if got := object(t, out); code != cli.ExitDone || got["clusters"].(float64) < 140 || got["clusters"].(float64) > 150 || !strings.Contains(got["report"].(map[string]any)["model"].(string), "-trained-") {
		t.Errorf("%v %s", got, bad)
	}
	labels := filepath.Join(filepath.Dir(town), "labels.csv")
	if err := os.WriteFile(labels, []byte("label,model,bits,nik,name\nsame,m,12,exact,spelling\nsame,m,0.5,,exact\ndifferent,m,5,exact,different\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, bad = typed(t, "link", "train", town, "--labels", labels, "--out", model, "--lang", "en"); code != cli.ExitDone || !strings.Contains(out, "1 of 2 pairs of one person stood above the bar, and so did 1 of 1") {
		t.Errorf("labels: %s %s", out, bad)
	}
	if code, _, bad = typed(t, "link", "train", town, "--labels", town, "--out", model, "--lang", "en"); code == cli.ExitDone || !strings.Contains(bad, "no column label") {
		t.Errorf("a file that holds no labels: %d %s", code, bad)
	}
	if _, out, _ = typed(t, "link", "train", town, "--out", model, "--lang", "en"); !strings.Contains(out, "The new model is in") || !strings.Contains(out, "nik = exact") {
		t.Errorf("%s", out)
	}
}

func TestLinkDraws(t *testing.T) {
	t.Parallel()
	town := linkTown(t)
	page := filepath.Join(filepath.Dir(town), "page.html")
	if code, out, bad := typed(t, "link", "chart", town, "--out", page, "--explain", "2", "1002", "--lang", "en"); code != cli.ExitDone || !strings.Contains(out, page) {
		t.Fatalf("%s %s", out, bad)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "<svg"); n != 3 {
		t.Errorf("%d pictures", n)
	}
	for _, part := range []string{"Waterfall of 2 and 1002", "BENHARD SAHETAPY | BENHARD SAHETAPY", "nik", "Expected precision and recall", "Nobody has measured"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the page has no %q", part)
		}
	}
	if strings.Contains(string(text), "http://") && !strings.Contains(string(text), `xmlns="http://www.w3.org/2000/svg"`) || strings.Contains(string(text), "<script") {
		t.Error("the page reaches out")
	}
	if code, _, _ := typed(t, "link", "chart", town, "--out", page, "--explain", "2"); code != cli.ExitUsage {
		t.Errorf("one id: exit %d", code)
	}
}

// TestModelsAreThereByName prints each model Tepat has, and links with it by its name as with its file.
func TestModelsAreThereByName(t *testing.T) {
	t.Parallel()
	dir := linkFiles(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"febrl.csv": "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id\n" +
			"r1, mitchell, green, 7, wallaby place, delmar, cleveland, 2119, sa, 19560409, 1804974\n" +
			"r2, mitchel, green, 7, wallaby place, , clevland, 2119, sa, 19560409, 1804974\n",
		"historical.csv": "unique_id,full_name,first_name,surname,dob,birth_place,postcode_fake,gender,occupation\n" +
			"q1,Joan Miller,Joan,Miller,1820-03-04,Bristol,BS1 4DJ,female,writer\n" +
			"q2,Joan Miler,Joan,Miler,1820-03-04,Bristol,BS1 4DJ,,writer\n",
		"identity.csv": "id,nik,nama,tanggal_lahir,nama_ibu\n1,8171011204800003,MATHEOS SAHETAPY,1980-04-12,DORKAS\n2,8171011204800003,MATEOS SAHETAPY,1980-04-12,DORKAS\n",
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, said, _ := typed(t, "link", "evaluate", in("febrl.csv"), "--model", "febrl", "--entity", "rec_id", "--lang", "en"); !strings.Contains(said, "No two rows have the same value in the column rec_id") {
		t.Errorf("rows that are all their own person: %s", said)
	}
	for _, name := range []string{"identity", "febrl", "historical"} { // without a model the command tells which one fits
		if _, said, bad := typed(t, "link", in(name+".csv"), "--out", in("out.csv"), "--lang", "en"); strings.Contains(said+bad, "add --model "+name) != (name != "identity") || strings.Contains(said+bad, "--model identity") {
			t.Errorf("%s without a model: %s %s", name, said, bad)
		}
		code, text, bad := typed(t, "link", "model", name)
		if code != cli.ExitDone || !strings.Contains(text, "\nformat: 1\n") {
			t.Fatalf("%s: exit %d %s", name, code, bad)
		}
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil { // a file of the same name is meant with its folder
			t.Fatal(err)
		}
		var out [2]string
		for i, model := range []string{name, in(name)} {
			if code, _, bad := typed(t, "link", in(name+".csv"), "--model", model, "--out", in("out.csv")); code != cli.ExitDone {
				t.Fatalf("--model %s: exit %d %s", model, code, bad)
			}
			written, err := os.ReadFile(in("out.csv"))
			if err != nil {
				t.Fatal(err)
			}
			out[i] = string(written)
		}
		if strings.Count(out[0], "\n") != 2 || out[0] != out[1] {
			t.Errorf("%s by name and by file:\n%s\n%s", name, out[0], out[1])
		}
	}
	if code, _, bad := typed(t, "link", in("febrl.csv"), "--model", "nosuch", "--out", in("out.csv")); code != cli.ExitUsage || !strings.Contains(bad, "cli.file_missing") {
		t.Errorf("a model that is not there: exit %d %s", code, bad)
	}
}
