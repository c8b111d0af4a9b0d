package i18n_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
)

func load(t testing.TB, files map[string]string) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func sample(t testing.TB) *i18n.Catalogue {
	return load(t, map[string]string{
		"nik.yaml": `
error.nik.length: {id: "NIK harus 16 angka. Anda mengetik {digits} angka.", en: "A NIK has 16 digits. You typed {digits}."}
error.internal: {id: "Maaf, ada gangguan.", en: "Sorry, something went wrong."}
error.unworded: {id: "Kode {code}.", en: "Code {code}."}
`,
		"pay.yaml": `
pay.sum: {id: "{families} keluarga, {sum:rupiah}, {share:percent} pada {on:date} ({on:short}) {at:time}, tahun {year:raw}", en: "{families} families, {sum:rupiah}, {share:percent} on {on:date} ({on:short}) {at:time}, year {year:raw}"}
pay.brace: {id: "{{kurung} tetap", en: "{{braces} stay"}
due.late: {id: "Lewat {days} hari", en: "{days} days late"}
due.today: {id: "Hari ini", en: "Today"}
due.tomorrow: {id: "Besok", en: "Tomorrow"}
due.ahead: {id: "{days} hari lagi", en: "In {days} days"}
`,
		"empty.yaml": "# nothing to say yet\n",
	})
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"missing language", map[string]string{"a.yaml": `x.y: {id: "ada"}`}, "x.y: language en is missing"},
		{"empty sentence", map[string]string{"a.yaml": `x.y: {id: "ada", en: "  "}`}, "language en is missing"},
		{"unknown language", map[string]string{"a.yaml": `x.y: {id: "ada", en: "there", nl: "er"}`}, `language "nl"`},
		{"language twice", map[string]string{"a.yaml": "x.y:\n  id: a\n  id: b\n  en: c\n"}, "a.yaml"},
		{"key twice in a fragment", map[string]string{"a.yaml": "x.y: {id: a, en: a}\nx.y: {id: b, en: b}\n"}, "x.y"},
		{"key twice across fragments", map[string]string{"a.yaml": "x.y: {id: a, en: a}", "b.yaml": "x.y: {id: b, en: b}"}, "already defined in a.yaml:1"},
		{"placeholders differ", map[string]string{"a.yaml": `x.y: {id: "{a} {b}", en: "{a}"}`}, "placeholders differ"},
		{"unclosed brace", map[string]string{"a.yaml": `x.y: {id: "{a", en: "{a}"}`}, "unclosed brace"},
		{"unknown format", map[string]string{"a.yaml": `x.y: {id: "{a:dollar}", en: "{a:dollar}"}`}, "unknown placeholder {a:dollar}"},
		{"not a mapping", map[string]string{"a.yaml": "- x\n- y\n"}, "a fragment is a mapping"},
		{"a bare sentence", map[string]string{"a.yaml": "x.y: ada"}, "want {id"},
		{"no YAML", map[string]string{"a.yaml": "x: [y"}, "a.yaml"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := i18n.Load(folder(c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Load gives %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestLoadReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := i18n.Load(folder(map[string]string{"a.yaml": "x.a: {id: a}\nx.b: {en: b}\n", "b.yaml": "x.c: {id: c}\n"}))
	if err == nil || strings.Count(err.Error(), "is missing") != 3 {
		t.Errorf("want three faults, got %v", err)
	}
}

func TestTextFillsFacts(t *testing.T) {
	t.Parallel()
	c := sample(t)
	at := time.Date(2026, time.November, 21, 14, 30, 0, 0, time.FixedZone("", 7*3600))
	facts := []any{"families", 34146, "sum", int64(1500000), "share", 0.125, "on", at, "at", at, "year", 2026}
	for lang, want := range map[i18n.Lang]string{
		i18n.Indonesian: "34.146 keluarga, Rp1.500.000, 12,5% pada 21 November 2026 (21 Nov 2026) pukul 14.30 WIB, tahun 2026",
		i18n.English:    "34,146 families, Rp1,500,000, 12.5% on 21 November 2026 (21 Nov 2026) 14:30 WIB, year 2026",
	} {
		if got := c.Printer(lang).Text("pay.sum", facts...); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	p := c.Printer(i18n.Indonesian)
	if got, want := p.Text("pay.brace"), "{kurung} tetap"; got != want {
		t.Errorf("braces: %q, want %q", got, want)
	}
	if got, want := p.Text("error.nik.length"), "NIK harus 16 angka. Anda mengetik {digits} angka."; got != want {
		t.Errorf("a fact not given: %q, want it visible: %q", got, want)
	}
}

func TestGapsStayVisible(t *testing.T) {
	t.Parallel()
	if got := sample(t).Printer(i18n.English).Text("no.such.key"); got != "no.such.key" {
		t.Errorf("an unknown key reads %q", got)
	}
	if got := (i18n.Printer{}).Text("x.y"); got != "x.y" {
		t.Errorf("the zero Printer reads %q", got)
	}
	if got := i18n.From(context.Background()).Text("x.y"); got != "x.y" {
		t.Errorf("a context without a printer reads %q", got)
	}
}

func TestErrorsAreWorded(t *testing.T) {
	t.Parallel()
	p := sample(t).Printer(i18n.Indonesian)
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"with facts, wrapped", fmt.Errorf("row: %w", fail.Invalid("nik.length", "digits", 15).On("nik")), "NIK harus 16 angka. Anda mengetik 15 angka."},
		{"a code without words names itself", fail.Conflict("x.new"), "Kode x.new."},
		{"a plain error shows nothing of itself", errors.New("pq: secret"), "Maaf, ada gangguan."},
	}
	for _, c := range cases {
		if got := p.Error(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	id, en := i18n.Printer{Lang: i18n.Indonesian}, i18n.Printer{Lang: i18n.English}
	cases := []struct{ name, got, want string }{
		{"thousands", id.Number(132243), "132.243"},
		{"thousands in English", en.Number(132243), "132,243"},
		{"small", id.Number(999), "999"},
		{"exactly a thousand", id.Number(1000), "1.000"},
		{"negative", id.Number(-14497), "−14.497"},
		{"smallest", id.Number(math.MinInt64), "−9.223.372.036.854.775.808"},
		{"decimal", id.Decimal(12.5, 1), "12,5"},
		{"large decimal", id.Decimal(132243.75, 2), "132.243,75"},
		{"negative decimal", id.Decimal(-0.5, 1), "−0,5"},
		{"no minus zero", id.Decimal(-0.04, 1), "0,0"},
		{"percent", id.Percent(0.125), "12,5%"},
		{"percent in English", en.Percent(0.125), "12.5%"},
		{"all", id.Percent(1), "100%"},
		{"none", id.Percent(0), "0%"},
		{"almost none is not none", id.Percent(0.00001), "<0,1%"},
		{"almost all is not all", id.Percent(0.9999), ">99,9%"},
		{"just below the rounding", id.Percent(0.9994), "99,9%"},
		{"no whole", id.Share(5, 0), "–"},
		{"share", id.Share(5500, 100739), "5,5%"},
		{"rupiah", id.Rupiah(1500000), "Rp1.500.000"},
		{"owed", id.Rupiah(-200000), "−Rp200.000"},
		{"rupiah in a letter", id.RupiahLetter(1500000), "Rp1.500.000,00"},
		{"billions", id.RupiahShort(12_600_000_000), "Rp12,6 miliar"},
		{"billions in English", en.RupiahShort(12_600_000_000), "Rp12.6 billion"},
		{"millions", id.RupiahShort(2_400_000), "Rp2,4 juta"},
		{"trillions owed", id.RupiahShort(-1_000_000_000_000), "−Rp1,0 triliun"},
		{"small amounts in full", id.RupiahShort(200000), "Rp200.000"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestNumberGroupsEveryThreeDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		text := strings.TrimPrefix(i18n.Printer{}.Number(n), "−")
		if got := strings.ReplaceAll(text, ".", ""); got != strings.TrimPrefix(fmt.Sprint(n), "-") {
			t.Fatalf("%d reads %q", n, text)
		}
		for i, part := range strings.Split(text, ".") {
			if len(part) > 3 || (i > 0 && len(part) != 3) {
				t.Fatalf("%d is grouped as %q", n, text)
			}
		}
	})
}

func TestDates(t *testing.T) {
	t.Parallel()
	id, en := i18n.Printer{Lang: i18n.Indonesian}, i18n.Printer{Lang: i18n.English}
	wit := time.FixedZone("", 9*3600)
	at := time.Date(2026, time.August, 7, 9, 5, 0, 0, wit)
	cases := []struct{ name, got, want string }{
		{"in full", id.Date(at), "7 Agustus 2026"},
		{"in a table", id.DateShort(at), "7 Agu 2026"},
		{"in English", en.DateShort(at), "7 Aug 2026"},
		{"time of day", id.Clock(at), "pukul 09.05 WIT"},
		{"time of day in English", en.Clock(at), "09:05 WIT"},
		{"moment", id.Moment(at), "7 Agustus 2026 pukul 09.05 WIT"},
		{"moment in English", en.Moment(at), "7 August 2026, 09:05 WIT"},
		{"moment in a table", id.MomentShort(at), "7 Agu 2026 09.05 WIT"},
		{"in the middle zone", id.Clock(at.In(time.FixedZone("", 8*3600))), "pukul 08.05 WITA"},
		{"in the western zone", id.Clock(at.In(time.FixedZone("", 7*3600))), "pukul 07.05 WIB"},
		{"universal time", id.Clock(at.UTC()), "pukul 00.05 UTC"},
		{"another zone", i18n.ZoneName(at.In(time.FixedZone("", -(3*3600 + 1800)))), "UTC-03.30"},
		{"stored day", id.DateText("1985-03-27"), "27 Maret 1985"},
		{"stored month", id.DateText("1985-03"), "Maret 1985"},
		{"stored year", id.DateText("1985"), "1985"},
		{"stored day in a table", id.DateTextShort("1985-05-01"), "1 Mei 1985"},
		{"no date", id.DateText("1985-13-01"), "1985-13-01"},
		{"weekday", id.Weekday(time.Friday), "Jumat"},
		{"month", en.MonthName(time.May), "May"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestDueCountsCalendarDays(t *testing.T) {
	t.Parallel()
	p := sample(t).Printer(i18n.Indonesian)
	evening := time.Date(2026, time.November, 21, 23, 0, 0, 0, time.UTC)
	cases := []struct {
		name string
		days int
		want string
	}{
		{"two days late", -2, "Lewat 2 hari"},
		{"today", 0, "Hari ini"},
		{"tomorrow", 1, "Besok"},
		{"in twelve days", 12, "12 hari lagi"},
	}
	for _, c := range cases {
		morning := time.Date(2026, time.November, 21+c.days, 1, 0, 0, 0, time.UTC)
		if got := p.Due(morning, evening); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFactTypes(t *testing.T) {
	t.Parallel()
	type rupiah int64
	p := load(t, map[string]string{"a.yaml": `x.y: {id: "{v}", en: "{v}"}` + "\n" + `x.r: {id: "{v:rupiah}", en: "{v:rupiah}"}`}).Printer(i18n.Indonesian)
	cases := []struct {
		name string
		key  string
		in   any
		want string
	}{
		{"text", "x.y", "Batu Merah", "Batu Merah"},
		{"unsigned", "x.y", uint32(34146), "34.146"},
		{"named integer", "x.y", rupiah(2000), "2.000"},
		{"named integer as rupiah", "x.r", rupiah(2000), "Rp2.000"},
		{"float with as many decimals as it has", "x.y", 2.95, "2,95"},
		{"whole float", "x.y", 3.0, "3"},
		{"stringer", "x.y", time.Friday, "Friday"},
		{"text where an amount is wanted", "x.r", "belum ada", "belum ada"},
		{"truth", "x.y", true, "true"},
	}
	for _, c := range cases {
		if got := p.Text(c.key, "v", c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"{a}", "{{", "{a:rupiah} {b", "}{", "{:}", "a{b}c{b}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := strings.ReplaceAll(s, "'", "''")
		c, err := i18n.Load(folder(map[string]string{"a.yaml": fmt.Sprintf("x.y: {id: '%s', en: '%s'}", quoted, quoted)}))
		if err != nil {
			return
		}
		var facts []any
		for _, name := range c.Facts("x.y") {
			facts = append(facts, name, "#")
		}
		_ = c.Printer(i18n.English).Text("x.y", facts...)
	})
}

func BenchmarkText(b *testing.B) {
	p := sample(b).Printer(i18n.Indonesian)
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Text("error.nik.length", "digits", 15)
	}
}
