package app

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// rawWords lists what a page of a run shows as the code it is kept by.
func rawWords(page *browser.Page) string {
	return browser.Eval[string](page, `[...document.querySelectorAll('main dt, main h1, main td, main th')].map(e => e.textContent.trim()).filter(t => /^[a-z]+([_.][a-z0-9]+)*$/.test(t) || /^[A-Z]+(_[A-Z]+)+$/.test(t) || /^\d\d\.\d\d\.\d\d/.test(t)).join('; ')`)
}

// TestRunsSpeakInWords opens every run of a town that was screened, listed, frozen and paid, in both languages.
func TestRunsSpeakInWords(t *testing.T) {
	t.Parallel()
	b := screened(t)
	c := b.entitled(t)
	b.ordered(t, c)
	chromium := browser.Start(t)
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	b.upload(t, officer, c, b.bankFile(t, c))
	officer.Go(b.url + stageAt(c))
	officer.Follow("section[aria-labelledby=close] button")
	b.contradicts(t)
	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/pekerjaan")
	paths := strings.Fields(browser.Eval[string](head, `[...document.querySelectorAll('main tbody a')].map(a => a.getAttribute('href')).join(' ')`))
	if len(paths) < 8 {
		t.Fatalf("only %d runs", len(paths))
	}
	for _, path := range paths {
		for _, lang := range []string{"id", "en"} {
			head.Go(b.url + path + "?lang=" + lang)
			if raw := rawWords(head); raw != "" {
				t.Errorf("%s in %s: %s", head.Text("h1"), lang, raw)
			}
		}
	}
	run := b.latestRun(t, "import.deciles")
	head.Go(b.url + "/pekerjaan/" + itoa(run.Tenant) + "-" + run.ID.String() + "?lang=id")
	if head.Count("section[aria-labelledby=bertentangan] tbody tr") != 1 || !strings.Contains(head.Text("section[aria-labelledby=bertentangan]"), "Baris 4") {
		t.Errorf("the contradicting row is not told: %s", head.Text("main"))
	}
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.AgencyHead, view.r)
		for name, kind := range map[string]string{"desil": "import.deciles", "bayar": "pay", "tutup": "pay.close", "susun": "enrol", "saring": "screen"} {
			r := b.latestRun(t, kind)
			reader.Go(b.url + "/pekerjaan/" + itoa(r.Tenant) + "-" + r.ID.String())
			reader.FitForUse()
			picture(reader, "kata-"+view.name+"-"+name)
		}
	}
}

// contradicts imports the deciles once more with one other decile.
func (b *town) contradicts(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(b.DataDir), "files", "deciles.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, name := range strings.Split(lines[0], ",") {
		if strings.TrimSpace(name) != "decile" {
			continue
		}
		cells := strings.Split(lines[3], ",")
		n, err := strconv.Atoi(strings.TrimSpace(cells[i]))
		if err != nil {
			t.Fatal(err)
		}
		cells[i] = strconv.Itoa(n%10 + 1)
		lines[3] = strings.Join(cells, ",")
	}
	path := writeFile(t, "again.csv", strings.Join(lines, "\n")+"\n")
	set, err := b.Exchange.Describe(exchange.Deciles, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	b.worked(t, access.ProgrammeManager, runs.NewRun{Kind: "import.deciles", Settings: set, Inputs: set.SHA256, Total: set.Size})
}
