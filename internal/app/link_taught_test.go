package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/linkage"
	"tepat/internal/edge/cli"
)

// sittings is a list of doubles written down in two years, whose names have a slip, and of twins written down in one.
func sittings() string {
	syllables := strings.Fields("LA TU PE RI SO MA WAT NAN HU KAI BE DO LI SAP")
	word := func(n int) string {
		return syllables[n%14] + syllables[n/14%14] + syllables[(n*5+3)%14]
	}
	var list strings.Builder
	list.WriteString("id,no_kk,nama,tanggal_lahir,jenis_kelamin,nama_ibu,kode_desa,TAHUN_INPUT\n")
	two := func(kind string, n int, nameA, nameB string, yearA, yearB int) {
		about := fmt.Sprintf("%04d-%02d-%02d,L,%s %s,8171011%03d", 1960+n%50, 1+n%12, 1+n%28, word(n*3+1), word(n*7+2), 1+n%9)
		card := fmt.Sprintf("81710102030%05d", 30000+n)
		fmt.Fprintf(&list, "%s%da,%s,%s,%s,%d\n%s%db,%s,%s,%s,%d\n", kind, n, card, nameA, about, yearA, kind, n, card, nameB, about, yearB)
	}
	for n := range 200 {
		family := word(n + 40)
		two("double", n, "RENDI "+family, "RANDI "+family, 2015, 2020)
		two("twin", 200+n, "YUSUF "+family, "YUNUS MARKUS", 2015, 2015)
	}
	return list.String()
}

// TestLinkTellsWhatAListTeaches: what the list itself shows of a column is said by the list's own title, stands in the report, and in the
// waterfall of a doubtful pair.
func TestLinkTellsWhatAListTeaches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, to := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	if err := os.WriteFile(in, []byte(sittings()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, bad := typed(t, "link", in, "--out", to, "--lang", "en")
	if code != cli.ExitDone || !strings.Contains(out, "Column TAHUN_INPUT, two rows of one card or household: -") {
		t.Fatalf("%s %s", out, bad)
	}
	code, out, bad = typed(t, "link", in, "--out", to, "--json")
	var told struct{ Report linkage.Report }
	if err := json.Unmarshal([]byte(out), &told); code != cli.ExitDone || err != nil {
		t.Fatalf("%v: %s %s", err, out, bad)
	}
	if len(told.Report.Taught) == 0 || told.Report.Taught[0].Title != "TAHUN_INPUT" {
		t.Errorf("the report says %+v: %s", told.Report.Taught, out)
	}
	code, out, bad = typed(t, "link", in, "--explain", "double7a", "double7b")
	if code != cli.ExitDone || !strings.Contains(out, "Satu KK, didata pada tanggal yang berbeda; menurut daftar ini sendiri") {
		t.Errorf("%s %s", out, bad)
	}
}
