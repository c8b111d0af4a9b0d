package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
)

// TestLinkSaysWhichColumnsItToldByWhatStandsInThem: a list whose titles tell nothing of number, birth and sex is compared by them all the same,
// and the command says so, in words and in its report.
func TestLinkSaysWhichColumnsItToldByWhatStandsInThem(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	list.WriteString("KODE BARIS,NM PST,KOL 1,KOL 2,KOL 3,TGL INPUT\n")
	for n := range 60 {
		day, month, year, sex := 1+n%28, 1+n%12, 1950+n*7%60, "LAKI-LAKI"
		code := day
		if n%2 == 0 {
			code, sex = day+40, "PEREMPUAN"
		}
		name := fmt.Sprintf("%c%c%cDAH LATU%c%cRU", 'A'+n%26, 'A'+n*7%26, 'A'+n*3%26, 'A'+n%26, 'A'+n*5%26)
		row := fmt.Sprintf("%s,817101%02d%02d%02d%04d,%02d-%02d-%d,%s,2024-01-%02d\n", name, code, month, year%100, n%9+1, day, month, year, sex, n%28+1)
		fmt.Fprintf(&list, "A%d,%s", n, row)
		if n%10 == 0 {
			fmt.Fprintf(&list, "B%d,%s", n, row)
		}
	}
	dir := t.TempDir()
	in, pairs := filepath.Join(dir, "in.csv"), filepath.Join(dir, "pairs.csv")
	if err := os.WriteFile(in, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := []string{"link", in, "--id", "KODE BARIS", "--out", pairs, "--clusters", filepath.Join(dir, "groups.csv"), "--lang", "en"}
	code, out, bad := typed(t, ask...)
	if code != cli.ExitDone {
		t.Fatal(out, bad)
	}
	for _, said := range []string{"KOL 1 is read as nik by what stands in it", "KOL 2 is read as birth", "KOL 3 is read as sex", "6 clusters"} {
		if !strings.Contains(out, said) {
			t.Errorf("%q is not said: %s", said, out)
		}
	}
	if strings.Contains(out, "TGL INPUT is read as birth") {
		t.Errorf("the day of entry is a birth date: %s", out)
	}
	_, out, bad = typed(t, append(ask, "--json")...)
	var report struct {
		Recognised []struct{ File, Column, Title string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Recognised) != 3 || report.Recognised[0].Title != "KOL 1" || report.Recognised[0].Column != "nik" {
		t.Errorf("%+v, %v: %s", report, err, bad)
	}
}
