package print_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/edge/print"
	"tepat/internal/kit/i18n"
	"tepat/web/messages"
)

func press(t testing.TB) print.Press {
	t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	return print.New(catalogue.Printer(i18n.Indonesian))
}

func wit() *time.Location { return time.FixedZone("WIT", 9*3600) }

func issue() print.Issue {
	return print.Issue{
		Office: print.Office{
			Above: []string{"PEMERINTAH KOTA TELADAN"}, Name: "DINAS SOSIAL",
			Address: "Jalan Contoh Raya Nomor 12, Kode Pos 99999", Place: "Teladan", Phone: "0800-1-000-000",
		},
		Number: "400.9/017/DINSOS/XI/2026", Issued: time.Date(2026, 11, 21, 9, 0, 0, 0, wit()),
		Signer:   print.Signer{Role: "Kepala Dinas Sosial", Name: "Rahma Yuliani Pattiasina", Note: "NIP 000000000000000000", Electronic: true},
		CheckURL: "tepat.contoh.id/periksa", Training: true, Synthetic: true,
		Printed: time.Date(2026, 11, 21, 14, 30, 0, 0, wit()), PrintedBy: "Rahma Yuliani",
	}
}

func award() print.Award {
	return print.Award{
		Issue: issue(), Family: "Ibu Siti Aminah", Address: []string{"RT 003/RW 002, Negeri Contoh", "Kecamatan Sirimau, Kota Teladan"},
		Reference: "P-2026-04180", Programme: "Program Sembako", Amount: 200_000, Every: "per bulan", Period: "Januari–Maret 2027",
		Decree: "Keputusan Wali Kota Teladan Nomor 400 Tahun 2026 tanggal 20 November 2026",
		Bring:  []string{"surat ini", "KTP asli", "Kartu Keluarga asli", "surat kuasa bermeterai, jika diwakili anggota keluarga lain"},
		Where:  "Kantor Pos Teladan, Jalan Pos Nomor 1", When: "Senin, 11 Januari 2027, pukul 08.00–14.00 WIT",
		ObjectUntil: "2026-12-05", TrackURL: "tepat.contoh.id/lacak",
	}
}

func notice(outcome print.Outcome) print.Notice {
	return print.Notice{
		Issue: issue(), Outcome: outcome, Family: "Bapak I Wayan Ôhoiwutun", Address: []string{"RT 001/RW 004, Kelurahan Contoh", "Kota Teladan"},
		Reference: "S-2026-00231", Programme: "Program Keluarga Harapan", Reason: "penghasilan keluarga tercatat di atas upah minimum",
		Evidence: []print.Evidence{
			{What: "Upah bulanan dilaporkan Rp4.120.000, upah minimum Rp3.141.700", Source: "BPJS Ketenagakerjaan", AsOf: "2026-10"},
			{What: "Pekerjaan pada Kartu Keluarga: karyawan swasta", Source: "Dukcapil Kota Teladan", AsOf: "2026-11-02"},
		},
		Effective: "2027-01-01", ObjectUntil: "2026-12-05", ObjectAt: "kantor kelurahan atau loket Dinas Sosial",
		AnswerBy:  "Dinas Sosial menjawab paling lambat 14 hari kerja sesudah sanggahan diterima.",
		Attach:    []string{"slip gaji terakhir atau surat keterangan berhenti bekerja"},
		Meanwhile: "Selama sanggahan diperiksa, bantuan tetap disalurkan.", TrackURL: "tepat.contoh.id/lacak",
	}
}

func registration(registered bool) print.Registration {
	r := print.Registration{
		Issue: issue(), Registered: registered, KK: "8171 .... .... 0007", Address: "RT 003/RW 002, Negeri Contoh, Kecamatan Sirimau",
		Holders: []print.Holder{
			{Name: "SITI AMINAH", NIK: "8171 .... .... 0231", Birth: "1985-07-01", Relation: "kepala keluarga"},
			{Name: "MUHAMMAD RIZKY AL-FAUZI LATUCONSINA", NIK: "8171 .... .... 0004", Birth: "2012-03", Relation: "anak"},
		},
		Decile: 2, Vintage: "Triwulan III 2026", Source: "BPS", AsOf: "2026-11-20",
		Held:    []print.Held{{"Program Sembako", "Januari–Maret 2027", "aktif"}, {"PBI Jaminan Kesehatan", "sejak 1 Januari 2025", "aktif"}},
		Purpose: "pengajuan Kartu Indonesia Pintar", ValidUntil: "2026-12-21",
	}
	if !registered {
		r.Held, r.Decile = nil, 0
	}
	return r
}

func annex(copy print.Copy, villages, rows int) print.Annex {
	a := print.Annex{
		Issue: issue(), Copy: copy, Decree: "Keputusan Wali Kota Teladan Nomor 400 Tahun 2026",
		About: "Penerima Program Sembako Tahun 2027", Units: "keluarga",
	}
	for v := range villages {
		part := print.AnnexVillage{District: "Sirimau", Village: fmt.Sprintf("Negeri Contoh %d", v+1)}
		for i := range rows {
			part.Rows = append(part.Rows, print.AnnexRow{
				Name: fmt.Sprintf("Penerima Contoh %d", i+1), NIK: fmt.Sprintf("81710141078%05d", i), RTRW: "003/002",
				Programme: "Sembako", Amount: 600_000,
			})
		}
		a.Villages = append(a.Villages, part)
	}
	return a
}

// dukcapil is a list of so many villages, two causes each.
func dukcapil(villages, rows int) print.Dukcapil {
	d := print.Dukcapil{Issue: issue(), AsOf: "2026-11-19"}
	for v := range villages {
		part := print.DukcapilVillage{Village: fmt.Sprintf("Negeri Contoh %d, Kec. Sirimau", v+1)}
		for c, cause := range []string{"NIK ganda", "Belum merekam KTP-el"} {
			one := print.DukcapilCause{Cause: cause, Ask: fmt.Sprintf("Mintalah %d", c)}
			for i := range rows {
				one.Rows = append(one.Rows, print.DukcapilRow{Name: fmt.Sprintf("Warga Contoh %d", i+1), NIK: "8171••••••••0001", Head: "Kepala Contoh"})
			}
			part.Causes = append(part.Causes, one)
		}
		d.Villages = append(d.Villages, part)
	}
	return d
}

// papers composes one of each document.
func papers(t testing.TB) map[string]print.Printed {
	t.Helper()
	p := press(t)
	out := map[string]print.Printed{}
	keep := func(name string) func(print.Printed, error) {
		return func(d print.Printed, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = d
		}
	}
	keep("award")(p.Award(award()))
	for _, o := range []print.Outcome{print.Refused, print.Noticed, print.PayeeAsked, print.RemovalPlanned, print.Removed, print.Suspended} {
		keep(string(o))(p.Notice(notice(o)))
	}
	keep("registered")(p.Registration(registration(true)))
	keep("absent")(p.Registration(registration(false)))
	keep("public annex")(p.Annex(annex(print.PublicCopy, 3, 30)))
	keep("sealed annex")(p.Annex(annex(print.SealedCopy, 3, 30)))
	return out
}

// read gives the text of a document as a reader sees it, blanks and line ends made one.
// pdftotext is one of the programs `make test` installs.
func read(t *testing.T, d print.Printed) string {
	t.Helper()
	return strings.Join(append(pagesOf(t, d), ""), " ")
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	first := papers(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for name, d := range papers(t) {
				if !bytes.Equal(d.PDF, first[name].PDF) {
					t.Errorf("%s differs from run to run", name)
				}
			}
		})
	}
	wg.Wait()
}

func TestReprintingKeepsDigestAndCode(t *testing.T) {
	t.Parallel()
	p := press(t)
	a := award()
	first, err := p.Award(a)
	if err != nil {
		t.Fatal(err)
	}
	a.Issue.Printed, a.Issue.PrintedBy = a.Issue.Printed.Add(48*time.Hour), "Petugas Lain"
	again, err := p.Award(a)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest != first.Digest || again.Code != first.Code {
		t.Error("a reprint is another document")
	}
	a.Amount++
	other, err := p.Award(a)
	if err != nil {
		t.Fatal(err)
	}
	if other.Digest == first.Digest || other.Code == first.Code {
		t.Error("another amount is the same document")
	}
	if !regexp.MustCompile(`^KEL-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(first.Code) {
		t.Errorf("code %q", first.Code)
	}
}

func TestEveryDocumentCanBeChecked(t *testing.T) {
	t.Parallel()
	for name, d := range papers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t, d)
			for _, want := range []string{
				d.Code, fmt.Sprintf("SHA-256): %x", d.Digest), "tepat.contoh.id/periksa", "Dicetak 21 November 2026 pukul 14.30 WIT oleh Rahma Yuliani",
				fmt.Sprintf("Halaman 1 dari %d", d.Pages), fmt.Sprintf("Halaman %d dari %d", d.Pages, d.Pages), "LATIHAN", "DATA CONTOH SINTETIS", "DINAS SOSIAL",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in: %s", want, text)
				}
			}
			if bad := regexp.MustCompile(`letter\.|\{|\}|\*\*|�`).FindString(text); bad != "" {
				t.Errorf("%q stands in: %s", bad, text)
			}
		})
	}
}

func TestLettersSayTheOutcomeFirst(t *testing.T) {
	t.Parallel()
	all := papers(t)
	cases := map[string]struct{ first, then string }{
		"award":           {"Keluarga Ibu Siti Aminah ditetapkan menerima Program Sembako, Rp200.000 per bulan, Januari–Maret 2027.", "Anda dapat menyanggah sampai 5 Desember 2026"},
		"refused":         {"Keluarga Bapak I Wayan Ôhoiwutun belum dapat ditetapkan menerima Program Keluarga Harapan, karena penghasilan keluarga tercatat di atas upah minimum.", "Batas waktunya 5 Desember 2026"},
		"removal_planned": {"Keluarga Bapak I Wayan Ôhoiwutun akan dikeluarkan dari daftar Program Keluarga Harapan mulai 1 Januari 2027, karena penghasilan", "menyanggah sebelum keputusan ini berlaku"},
		"removed":         {"Keluarga Bapak I Wayan Ôhoiwutun tidak lagi terdaftar pada Program Keluarga Harapan mulai 1 Januari 2027, karena penghasilan", "diam bukan penolakan"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if all[name].Pages != 1 {
				t.Errorf("%d pages, want one", all[name].Pages)
			}
			// The watermark lies behind the text; take its words out before reading sentences.
			text := strings.NewReplacer("LATIHAN ", "", "DATA CONTOH SINTETIS ", "").Replace(read(t, all[name]))
			at, later := strings.Index(text, c.first), strings.Index(text, c.then)
			if at < 0 || later < at {
				t.Errorf("%q at %d, %q at %d in: %s", c.first, at, c.then, later, text)
			}
		})
	}
}

func TestANoticeAboutOneMemberNamesHer(t *testing.T) {
	t.Parallel()
	n := notice(print.Removed)
	n.Person, n.Reason = "Almarhumah Maria Contoh", "tercatat meninggal"
	d, err := press(t).Notice(n)
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, d); !strings.Contains(text, "Almarhumah Maria Contoh dari keluarga Bapak I Wayan Ôhoiwutun tidak lagi") {
		t.Errorf("text: %s", text)
	}
}

func TestHelpThatIsNoMoneyNamesNoAmount(t *testing.T) {
	t.Parallel()
	a := award()
	a.Amount, a.Bring, a.Programme = 0, nil, "PBI Jaminan Kesehatan"
	d, err := press(t).Award(a)
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, d)
	if strings.Contains(text, "Rp") || strings.Contains(text, "Bawalah") || !strings.Contains(text, "PBI Jaminan Kesehatan, Januari–Maret 2027.") {
		t.Errorf("text: %s", text)
	}
}

func TestRegistrationLetters(t *testing.T) {
	t.Parallel()
	p := press(t)
	cases := map[string]struct {
		change     func(r *print.Registration)
		want, lack []string
	}{
		"registered": {func(*print.Registration) {}, []string{"SURAT KETERANGAN TERDAFTAR", "Desil 2, Triwulan III 2026, sumber BPS", "PBI Jaminan Kesehatan",
			"berlaku sampai 21 Desember 2026", "Mar 2012"}, []string{"TIDAK TERDAFTAR"}},
		"not registered": {func(r *print.Registration) { r.Registered = false }, []string{"SURAT KETERANGAN TIDAK TERDAFTAR", "tidak terdaftar dalam data",
			"belum berarti keluarga tersebut tidak berhak"}, []string{"Desil", "Program Sembako"}},
		"unranked":        {func(r *print.Registration) { r.Decile = 0 }, []string{"Belum ada peringkat"}, []string{"Desil 0"}},
		"in no programme": {func(r *print.Registration) { r.Held = nil }, []string{"belum tercatat sebagai penerima"}, []string{"Masa"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registration(true)
			c.change(&r)
			d, err := p.Registration(r)
			if err != nil {
				t.Fatal(err)
			}
			text := read(t, d)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in: %s", want, text)
				}
			}
			for _, lack := range c.lack {
				if strings.Contains(text, lack) {
					t.Errorf("%q stands in: %s", lack, text)
				}
			}
		})
	}
}

func TestThePublicAnnexMasksEveryNumber(t *testing.T) {
	t.Parallel()
	p := press(t)
	full := regexp.MustCompile(`8171\d{12}`)
	public, err := p.Annex(annex(print.PublicCopy, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	given := annex(print.SealedCopy, 2, 3)
	sealed, err := p.Annex(given)
	if err != nil {
		t.Fatal(err)
	}
	digest := regexp.MustCompile(`SHA-256\): [0-9a-f]{64}`)
	if text := digest.ReplaceAllString(read(t, public), ""); full.MatchString(text) || strings.Count(text, "8171 .... .... 0001") != 2 {
		t.Errorf("public: %s", text)
	}
	if text := digest.ReplaceAllString(read(t, sealed), ""); len(full.FindAllString(text, -1)) != 6 {
		t.Errorf("sealed: %s", text)
	}
	if public.Digest == sealed.Digest {
		t.Error("the copies share a digest")
	}
	if given.Villages[0].Rows[0].NIK != "8171014107800000" {
		t.Error("the caller's rows were changed")
	}
	unknown := annex("", 1, 1)
	d, err := p.Annex(unknown)
	if err != nil {
		t.Fatal(err)
	}
	if full.MatchString(digest.ReplaceAllString(read(t, d), "")) {
		t.Error("a copy of no kind shows the number")
	}
}

func TestTheAnnexAddsUp(t *testing.T) {
	t.Parallel()
	d, err := press(t).Annex(annex(print.PublicCopy, 3, 30))
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, d)
	for _, want := range []string{"Jumlah Negeri Contoh 2 30 keluarga Rp18.000.000,00", "Jumlah seluruhnya 90 keluarga Rp54.000.000,00"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in: %s", want, text)
		}
	}
	carried := regexp.MustCompile(`Jumlah sampai halaman ini (\d+) keluarga Rp([\d.]+),00`).FindAllStringSubmatch(text, -1)
	if heads := strings.Count(text, "Nama NIK RT/RW"); heads != d.Pages || len(carried) != heads-1 || heads < 3 {
		t.Fatalf("%d sums under %d heads on %d pages", len(carried), heads, d.Pages)
	}
	// What a page carries is what stands above it: the last number before the sum.
	for _, c := range carried {
		before, _, _ := strings.Cut(text, c[0])
		numbers := regexp.MustCompile(`(\d+) Penerima Contoh`).FindAllStringSubmatch(before, -1)
		if last := numbers[len(numbers)-1][1]; last != c[1] {
			t.Errorf("carried %s after row %s", c[1], last)
		}
	}
}

func BenchmarkAward(b *testing.B) {
	p, a := press(b), award()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Award(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnnexRow(b *testing.B) {
	p, a := press(b), annex(print.PublicCopy, 20, 500)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Annex(a); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/row")
}

// TestTheListForDukcapilHasASheetAVillage: each village begins a page, everybody stands on it once, with what to ask.
func TestTheListForDukcapilHasASheetAVillage(t *testing.T) {
	t.Parallel()
	one, err := press(t).Dukcapil(dukcapil(1, 40))
	if err != nil {
		t.Fatal(err)
	}
	three, err := press(t).Dukcapil(dukcapil(3, 40))
	if err != nil || three.Pages != 3*one.Pages || one.Pages < 2 {
		t.Fatalf("%d pages of three villages, %d of one, %v", three.Pages, one.Pages, err)
	}
	none, err := press(t).Dukcapil(print.Dukcapil{Issue: issue(), AsOf: "2026-11-19", Villages: []print.DukcapilVillage{{Village: "Negeri Contoh 1"}}})
	if err != nil || none.Pages != 1 || !strings.Contains(read(t, none), "Tidak ada yang harus ke Dukcapil") {
		t.Errorf("a list of nobody: %d pages, %v", none.Pages, err)
	}
	text := read(t, three)
	for want, times := range map[string]int{"Negeri Contoh 2, Kec. Sirimau 80 orang": 1, "Warga Contoh 40 ": 6, "8171••••••••0001": 240, "Periksa keaslian": 0, "Halaman 1 ": 3} {
		if n := strings.Count(text, want); n != times {
			t.Errorf("%q stands %d times, want %d", want, n, times)
		}
	}
}

// TestEverySheetForDukcapilSaysWhatItIs: sheets of one list come apart on a counter, so each names its village and, above the first
// person, the cause and what to ask; a row leaves room for an answer by hand.
func TestEverySheetForDukcapilSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, 11, 12, 13, 40} {
		d, err := press(t).Dukcapil(dukcapil(2, rows))
		if err != nil {
			t.Fatal(err)
		}
		pages := pagesOf(t, d)
		for i, page := range pages {
			village := fmt.Sprintf("Negeri Contoh %d, Kec. Sirimau", 1+2*i/len(pages))
			head, _, _ := strings.Cut(page, "Warga Contoh")
			if !strings.Contains(head, village) || strings.Count(head, "Mintalah") != 1 || strings.Index(head, "Mintalah") < strings.Index(head, "Jawaban Dukcapil") {
				t.Errorf("%d persons a cause, page %d begins %q", rows, i+1, head)
			}
			if n := strings.Count(page, "Warga Contoh"); n > 18 { // of 8 mm on a sheet 210 mm high
				t.Errorf("%d persons on page %d leave no room for a hand", n, i+1)
			}
			if strings.Contains(page, "musnahkan") && !strings.Contains(page, "Warga Contoh") {
				t.Errorf("%d persons a cause, page %d has nobody on it", rows, i+1)
			}
		}
	}
}

// pagesOf gives the text of each page.
func pagesOf(t *testing.T, d print.Printed) (out []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "d.pdf")
	if err := os.WriteFile(file, d.PDF, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (package poppler-utils): %v", err)
	}
	for page := range strings.SplitSeq(strings.TrimSuffix(string(text), "\f"), "\f") {
		out = append(out, strings.Join(strings.Fields(page), " "))
	}
	return out
}
