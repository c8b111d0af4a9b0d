package layout_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"tepat/internal/domain/layout"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

func parse(t testing.TB, text string) *layout.Mapping {
	t.Helper()
	m, err := layout.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// apply reads one row below a header and gives what it filled, or the code of its first problem.
func apply(t testing.TB, m *layout.Mapping, header string, row tabular.Row) (map[string]string, string) {
	t.Helper()
	b := m.Bind(strings.Split(header, "|"), nil)
	var rec layout.Record
	ok := b.Apply(row, &rec)
	if ok != (len(rec.Problems) == 0) {
		t.Errorf("Apply = %v with %d problems", ok, len(rec.Problems))
	}
	if !ok {
		p := rec.Problems[0]
		return nil, fmt.Sprintf("%d %s %s", p.Column, p.Field, p.Err.Code)
	}
	filled := make(map[string]string)
	for f := range layout.Fields {
		if v := rec.Text(f); v != "" {
			filled[f.String()] = v
		}
	}
	return filled, ""
}

func TestHeadingsOfOfficersAreUnderstood(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind    layout.Kind
		heading string
		want    string
	}{
		{layout.Families, "No KK", "no_kk"}, {layout.Families, "No. KK", "no_kk"}, {layout.Families, "NOMOR KARTU KELUARGA", "no_kk"},
		{layout.Families, "nomor_kk", "no_kk"}, {layout.Families, "noKK", "no_kk"}, {layout.Families, "NKK", "no_kk"}, {layout.Families, "Nomor KK (16 digit)*", "no_kk"},
		{layout.Families, "NIK KTP", "nik"}, {layout.Families, "Nomor Induk Kependudukan (NIK)", "nik"},
		{layout.Families, "nama lengkap", "name"}, {layout.Families, "NAMA ANGGOTA KELUARGA", "name"}, {layout.Families, "Full name", "name"},
		{layout.Families, "tgl lahir", "birth_date"}, {layout.Families, "TanggalLahir", "birth_date"}, {layout.Families, "Tanggal Lahir (dd/mm/yyyy)", "birth_date"},
		{layout.Families, "JK", "sex"}, {layout.Families, "Jenis Kelamin (L/P)", "sex"}, {layout.Families, "L/P", "sex"},
		{layout.Families, "Tempat/Tgl. Lahir", "birth_place_date"}, {layout.Families, "TTL", "birth_place_date"}, {layout.Families, "RT/RW", "rt_rw"},
		{layout.Families, "Desa / Kelurahan", "village"}, {layout.Families, "Kecamatan", "subdistrict"}, {layout.Families, "Kab/Kota", "regency"},
		{layout.Families, "IDBDT", "registry_id"}, {layout.Families, "ID DTKS", "registry_id"}, {layout.Families, "Nama Gadis Ibu Kandung", "mother_name"},
		{layout.Families, "SHDK", "relation"}, {layout.Families, "Hub. Keluarga", "relation"}, {layout.Families, "Nomor HP", "phone"}, {layout.Families, "No", "row_number"},
		{layout.Families, "Nama Kepala Keluarga", "name"}, {layout.Families, "NIK Kepala Keluarga", ""}, {layout.Families, "Status", ""}, {layout.Families, "Desil", ""},
		{layout.Civil, "Status Hidup", "status"}, {layout.Civil, "Hasil Padan", "match"}, {layout.Civil, "Keterangan", "match_note"},
		{layout.Evidence, "Jenis", "kind"}, {layout.Evidence, "Nilai", "value"}, {layout.Evidence, "Per Tanggal", "as_of"},
		{layout.Deciles, "Desil Nasional", "decile"}, {layout.Deciles, "Triwulan", "vintage"}, {layout.Deciles, "ID Keluarga DTSEN", "registry_id"},
		{layout.Answers, "Kuesioner", "questionnaire"}, {layout.Answers, "Tanggal Wawancara", "collected_at"},
		{layout.Payments, "Status Penyaluran", "status"}, {layout.Payments, "No. Rekening", "account_no"}, {layout.Payments, "Keterangan", "reason"},
		{layout.Payments, "Nominal (Rp)", "amount"}, {layout.Payments, "Tgl Transaksi", "first_used_at"},
	}
	for _, c := range cases {
		b := layout.Detect(c.kind, []string{c.heading}, nil)
		if got := b.FieldOf(0); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.kind, c.heading, got, c.want)
		}
		if unknown := len(b.Unknown()) == 1; unknown != (c.want == "") {
			t.Errorf("%s: %q unknown %v", c.kind, c.heading, unknown)
		}
	}
}

func TestCanonicalHeadersAreUnderstood(t *testing.T) {
	t.Parallel()
	headers := map[layout.Kind]string{
		layout.Families: synth.Header(synth.RegistryFile), layout.Civil: synth.Header(synth.CivilFile),
		layout.Deciles: synth.Header(synth.DecilesFile), layout.Evidence: synth.Header(synth.EvidenceFile("bkn")),
	}
	for kind, header := range headers {
		b := layout.Detect(kind, strings.Split(header, ","), nil)
		if len(b.Unknown())+len(b.Repeated())+len(b.Missing()) > 0 || b.Err() != nil {
			t.Errorf("%s: unknown %v, repeated %v, missing %v", kind, b.Unknown(), b.Repeated(), b.Missing())
		}
	}
	for _, kind := range layout.Kinds() {
		var header []string
		for _, f := range kind.Columns() {
			header = append(header, f.String())
			if got, ok := layout.FieldNamed(f.String()); !ok || got != f || !kind.Has(f) {
				t.Errorf("%s: field %s is found as %s", kind, f, got)
			}
		}
		b := layout.Detect(kind, header, nil)
		if len(b.Unknown())+len(b.Repeated())+len(b.Missing()) > 0 || !reflect.DeepEqual(len(b.Fields()), len(header)) {
			t.Errorf("%s: own header: unknown %v, repeated %v, missing %v", kind, b.Unknown(), b.Repeated(), b.Missing())
		}
		if parsed, err := layout.ParseKind(string(kind)); parsed != kind || err != nil {
			t.Errorf("ParseKind(%s) = %s, %v", kind, parsed, err)
		}
	}
	if _, err := layout.ParseKind("people"); fail.CodeOf(err) != "layout.kind" {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestBindingTellsWhatIsMissingUnknownAndRepeated(t *testing.T) {
	t.Parallel()
	b := layout.Detect(layout.Families, []string{"Nama", "Nama Lengkap", "Hobi", "", "302", "302", "r999"}, func(s string) bool { return s == "302" })
	if got := b.Unknown(); !reflect.DeepEqual(got, []layout.Heading{{Column: 3, Text: "Hobi"}, {Column: 7, Text: "r999"}}) {
		t.Errorf("unknown %v", got)
	}
	if got := b.Repeated(); !reflect.DeepEqual(got, []layout.Heading{{Column: 2, Text: "Nama Lengkap"}, {Column: 6, Text: "302"}}) {
		t.Errorf("repeated %v", got)
	}
	if got := b.Missing(); !reflect.DeepEqual(got, [][]layout.Field{{layout.NIK, layout.NoKK}}) {
		t.Errorf("missing %v", got)
	}
	if e, ok := fail.As(b.Err()); !ok || e.Code != "layout.column.missing" || e.Facts[0].Value != "nik / no_kk" {
		t.Errorf("err %v", b.Err())
	}
	if !reflect.DeepEqual(b.Items(), []string{"302"}) || b.FieldOf(4) != "302" || b.FieldOf(2) != "" || b.FieldOf(99) != "" {
		t.Errorf("items %v", b.Items())
	}
	var rec layout.Record
	b.Apply(tabular.MakeRow(2, "SITI", "x", "y", "z", "36", "99"), &rec)
	if string(rec.Item(0)) != "36" || rec.Item(1) != nil || rec.Item(-1) != nil {
		t.Errorf("item %q", rec.Item(0))
	}
}

func TestExactNameWinsOverAnAlias(t *testing.T) {
	t.Parallel()
	b := layout.Detect(layout.Families, []string{"nama", "name", "nik"}, nil)
	if b.FieldOf(1) != "name" || b.FieldOf(0) != "" || len(b.Repeated()) != 1 {
		t.Errorf("%q %q repeated %v", b.FieldOf(0), b.FieldOf(1), b.Repeated())
	}
}

func TestCellsBecomeCanonical(t *testing.T) {
	t.Parallel()
	const n, d = tabular.FlagNumber, tabular.FlagNumber | tabular.FlagDamaged
	civil, families, payments, deciles := layout.Automatic(layout.Civil), layout.Automatic(layout.Families), layout.Automatic(layout.Payments), layout.Automatic(layout.Deciles)
	cases := []struct {
		name    string
		m       *layout.Mapping
		heading string
		cell    string
		flag    tabular.Flag
		want    string // value, or "!code"
	}{
		{"blanks are tidied", families, "address", "  JL.  MERDEKA\n\u00a0 5 ", 0, "JL. MERDEKA 5"},
		{"marks nobody sees go", families, "address", "\ufeffJL\u200b 5", 0, "JL 5"},
		{"letters beyond ASCII stay", families, "address", "Café – é", 0, "Café – é"},
		{"dash is nothing", families, "address", " - ", 0, ""},
		{"NULL is nothing", families, "address", "NULL", 0, ""},
		{"NIK with marks", families, "nik", "'3271-0147.0590 0001", 0, "3271014705900001"},
		{"NIK that is none stays for its own check", families, "nik", "32710147059O0001", 0, "32710147059O0001"},
		{"NIK as Excel saves it in CSV", families, "nik", "3.27101E+15", 0, "!layout.damaged"},
		{"NIK as Excel saves it in Indonesian CSV", families, "nik", "3,27101E+15", 0, "!layout.damaged"},
		{"NIK that Excel took for a number", families, "nik", "3271014705900000", d, "!layout.damaged"},
		{"NIK as a number of a careful program", families, "nik", "3271014705900001", d, "3271014705900001"},
		{"NIK of Papua as a number", families, "nik", "9171014705900001", d, "!layout.damaged"},
		{"registry id with lost digits", families, "registry_id", "817199000000000000", d, "!layout.damaged"},
		{"registry id that is a word with an E", families, "registry_id", "1E-A5", 0, "1E-A5"},
		{"short number", families, "row_id", "12", n, "12"},
		{"sex in words", families, "sex", "perempuan", 0, "P"},
		{"sex as code", families, "sex", "1", n, "L"},
		{"sex that is none", families, "sex", "X", 0, "!sex.unknown"},
		{"ISO date", families, "birth_date", "1990-05-07", 0, "1990-05-07"},
		{"date of this century", families, "birth_date", "2012-05-07", 0, "2012-05-07"},
		{"partial date", families, "birth_date", "1990", n, "1990"},
		{"month and year", families, "birth_date", "1990-05", 0, "1990-05"},
		{"day first", families, "birth_date", "03/04/1990", 0, "1990-04-03"},
		{"day first with one digit", families, "birth_date", "3-4-1990", 0, "1990-04-03"},
		{"month by name", families, "birth_date", "17 Agustus 1945", 0, "1945-08-17"},
		{"unknown day and month", families, "birth_date", "00/00/1950", 0, "1950"},
		{"time behind it", families, "birth_date", "07/05/1990 00:00:00", 0, "1990-05-07"},
		{"moment of a workbook", families, "birth_date", "1990-05-07T10:00:00", tabular.FlagDate, "1990-05-07"},
		{"only the other order reads it", families, "birth_date", "12/31/1990", 0, "!layout.date.order"},
		{"no such day", families, "birth_date", "31/02/1990", 0, "!date.day"},
		{"no such day, ISO", families, "birth_date", "1990-02-31", 0, "!date.day"},
		{"two digits of the year", families, "birth_date", "07/05/90", 0, "!date.two_digit_year"},
		{"no date", families, "birth_date", "besok", 0, "!date.format"},
		{"day number of a spreadsheet", families, "birth_date", "29221", 0, "1980-01-01"},
		{"last day before 1 March 1928", families, "birth_date", "10287", 0, "1928-02-29"},
		{"six digits are no day number", families, "birth_date", "292210", 0, "!date.format"},
		{"a day number after 2064", families, "birth_date", "61000", 0, "!date.format"},
		{"area code", families, "area_code", "81.71.01.1001", 0, "81.71.01.1001"},
		{"area code as a whole number", families, "area_code", "8171011001", n, "8171011001"},
		{"area code that became a fraction", families, "area_code", "12.1", n, "!layout.area_number"},
		{"error of a spreadsheet", families, "address", "#REF!", tabular.FlagFault, "!layout.fault"},
		{"formula without a result", families, "address", "", tabular.FlagFormula, "!layout.formula"},
		{"formula with a result", families, "address", "JL. 5", tabular.FlagFormula, "JL. 5"},
		{"decile", deciles, "decile", "3", n, "3"},
		{"decile in words", deciles, "decile", "Desil 3", 0, "3"},
		{"decile that is none", deciles, "decile", "miskin", 0, "!layout.number"},
		{"rupiah, Indonesian", payments, "amount", "Rp1.500.000,00", 0, "1500000"},
		{"rupiah with a blank and a dash", payments, "amount", "Rp. 600.000,-", 0, "600000"},
		{"rupiah, English", payments, "amount", "1,500,000.00", 0, "1500000"},
		{"rupiah, one mark", payments, "amount", "600.000", 0, "600000"},
		{"rupiah of a spreadsheet", payments, "amount", "600000.00", n, "600000"},
		{"fraction of a spreadsheet", payments, "amount", "600.5", n, "!layout.number"},
		{"fraction of a rupiah", payments, "amount", "1.500,25", 0, "!layout.number"},
		{"marks that contradict each other", payments, "amount", "1.50.000", 0, "!layout.number"},
		{"negative amount", payments, "amount", "-200.000", 0, "-200000"},
		{"latitude with a comma", families, "latitude", "-3,6954", 0, "-3.6954"},
		{"latitude", families, "latitude", "-3.6954", n, "-3.6954"},
		{"latitude in words", families, "latitude", "LS 3", 0, "!layout.number"},
		{"latitude that is infinite", families, "latitude", "inf", 0, "!layout.number"},
		{"match found", civil, "match", "SESUAI", 0, "yes"},
		{"match not found", civil, "match", "Tidak Ditemukan", 0, "no"},
		{"match with a reason of its own", civil, "match", "NIK ganda", 0, "NIK ganda"},
		{"word as amount", payments, "amount", "lunas", 0, "!layout.number"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// the other columns fill what every row must have; the first of a field counts
			header, row := c.heading+"|name|no_kk|status|payment_id|nik", tabular.MakeRow(5, c.cell, "SITI", "1", "x", "1", "1").WithFlag(0, c.flag)
			got, problem := apply(t, c.m, header, row)
			if want, bad := strings.CutPrefix(c.want, "!"); bad {
				if problem != "1 "+c.heading+" "+want {
					t.Errorf("problem %q, want %q; %v", problem, want, got)
				}
				return
			}
			if problem != "" || got[c.heading] != c.want {
				t.Errorf("%q, want %q; problem %q", got[c.heading], c.want, problem)
			}
		})
	}
}

func TestCellsThatStandForSeveralFields(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, header, row string
		want              map[string]string
	}{
		{"RT and RW", "RT/RW", "003/007", map[string]string{"rt": "003", "rw": "007"}},
		{"RT and RW in words", "RT/RW", "RT 03 RW. 7", map[string]string{"rt": "03", "rw": "7"}},
		{"RT alone", "RT/RW", "3", map[string]string{"rt": "3"}},
		{"own column wins", "RT|RT/RW", "5|3/7", map[string]string{"rt": "5", "rw": "7"}},
		{"place and date", "TTL", "Ambon, 17-08-1990", map[string]string{"birth_place": "Ambon", "birth_date": "1990-08-17"}},
		{"place with a comma", "TTL", "Kota Ambon, Maluku, 17 Agustus 1990", map[string]string{"birth_place": "Kota Ambon, Maluku", "birth_date": "1990-08-17"}},
		{"no comma", "TTL", "Ambon 1990-08-17", map[string]string{"birth_place": "Ambon", "birth_date": "1990-08-17"}},
		{"date alone", "TTL", "17/08/1990", map[string]string{"birth_date": "1990-08-17"}},
		{"place alone", "TTL", "Ambon", map[string]string{"birth_place": "Ambon"}},
		{"place and nothing", "TTL", "Ambon, -", map[string]string{"birth_place": "Ambon"}},
		{"area code in parts", "KD PROV|KD KAB|KD KEC|KD KEL", "81|71|1|1001", map[string]string{"area_code": "8171011001"}},
		{"parts that hold those before", "KD PROV|KD KAB|KD KEC|KD KEL", "81|8171|817101|8171011001", map[string]string{"area_code": "8171011001"}},
		{"village unknown", "KD PROV|KD KAB|KD KEC|KD KEL", "81|71|01|", map[string]string{"area_code": "817101"}},
		{"BPS code of a subdistrict", "KD PROV|KD KAB|KD KEC|KD KEL", "81|71|010|001", map[string]string{"area_code": "8171"}},
		{"whole code wins", "KD PROV|area_code", "12|81.71", map[string]string{"area_code": "81.71"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			row := tabular.MakeRow(2, append(strings.Split(c.row, "|"), "SITI", "1")...)
			got, problem := apply(t, layout.Automatic(layout.Families), c.header+"|name|no_kk", row)
			delete(got, "name")
			delete(got, "no_kk")
			if problem != "" || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, want %v, problem %q", got, c.want, problem)
			}
		})
	}
	if _, problem := apply(t, layout.Automatic(layout.Families), "TTL|name|nik", tabular.MakeRow(2, "Ambon, 31-02-1990", "SITI", "1")); problem != "1 birth_place_date date.day" {
		t.Errorf("problem %q", problem)
	}
}

func TestRowsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, row, want string }{
		{"something right of the last column", "SITI|1|KISARAN|x", "0  layout.row.wide"},
		{"nothing right of the last column", "SITI|1|KISARAN||", ""},
		{"short row", "SITI|1", ""},
		{"no name", "|1|KISARAN", "1 name layout.value.missing"},
		{"no number at all", "SITI||KISARAN", "2 nik layout.value.missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problem := apply(t, layout.Automatic(layout.Families), "name|nik|address", tabular.MakeRow(7, strings.Split(c.row, "|")...))
			if problem != c.want {
				t.Errorf("problem %q, want %q", problem, c.want)
			}
		})
	}
}

func TestProblemsNameCellAndReason(t *testing.T) {
	t.Parallel()
	b := layout.Detect(layout.Families, []string{"Nama", "NIK", "Tgl Lahir", "JK"}, nil)
	var rec layout.Record
	b.Apply(tabular.MakeRow(9, "SITI", "3.2E+15", "31/02/1990", "?"), &rec)
	if len(rec.Problems) != 3 {
		t.Fatalf("problems %v", rec.Problems)
	}
	p := rec.Problems[1]
	if p.Line != 9 || p.Column != 3 || p.Heading != "Tgl Lahir" || p.Field != layout.BirthDate || p.Error() != "line 9 column 3 (birth_date): date.day" {
		t.Errorf("problem %+v", p)
	}
	if e, ok := fail.As(p); !ok || e.Field != "birth_date" || !errors.Is(p, fail.Invalid("date.day")) {
		t.Errorf("wraps %v", e)
	}
	b.Apply(tabular.MakeRow(10, "SITI", "3271014705900001", "", "P"), &rec)
	if len(rec.Problems) != 0 || rec.Line != 10 || rec.Text(layout.BirthDate) != "" {
		t.Errorf("the row before shows through: %v", rec.Problems)
	}
}

func TestRecordsPrintMasked(t *testing.T) {
	t.Parallel()
	var rec layout.Record
	rec.Line = 4
	rec.SetText(layout.NIK, "3271014705900001")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, &rec); got != "record of line 4" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if got := rec.LogValue().String(); strings.Contains(got, "3271") {
		t.Errorf("logs %q", got)
	}
}

const bank = `
kind: payments
name: bank
dates: ["01/02/06"]
two_digit_years_until: 2025
strict: true
empty: ["tidak ada data di bank"]
constants: {programme: sembako, bank: BRI}
columns:
  row_number: No
  payment_id: "#2"
  nik: [Identitas]
  name: [Nasabah, Nama Nasabah]
  amount: [Jumlah]
  credited_at: [Tanggal]
  status: [Hasil]
  reason: [Sebab]
values:
  status: {"00": paid, Berhasil: paid, "05": failed}
`

func TestMappingFileSaysHowAFileIsRead(t *testing.T) {
	t.Parallel()
	m := parse(t, bank)
	b := m.Bind([]string{"No", "Whatever", "Identitas", "Nama Nasabah", "Jumlah", "Tanggal", "Hasil", "Sebab", "NIK"}, nil)
	if got := b.Unknown(); !reflect.DeepEqual(got, []layout.Heading{{Column: 9, Text: "NIK"}}) { // strict: no built-in names
		t.Errorf("unknown %v", got)
	}
	var rec layout.Record
	b.Apply(tabular.MakeRow(2, "1", "T-1", "3271014705900001", "SITI", "600.000", "12/31/24", "berhasil", "TIDAK ADA DATA di bank"), &rec)
	got := make(map[string]string)
	for _, f := range b.Fields() {
		got[f.String()] = rec.Text(f)
	}
	want := map[string]string{
		"payment_id": "T-1", "nik": "3271014705900001", "name": "SITI", "amount": "600000", "credited_at": "2024-12-31", "status": "paid",
		"reason": "", "programme": "sembako", "bank": "BRI",
	}
	if !reflect.DeepEqual(got, want) || len(rec.Problems) > 0 {
		t.Errorf("%v %v", got, rec.Problems)
	}
}

func TestTwoDigitYearsAreTheLatestTheMappingAllows(t *testing.T) {
	t.Parallel()
	m := parse(t, "kind: families\ndates: [02/01/06]\ntwo_digit_years_until: 2025\ncolumns: {birth_date: Lahir}\n")
	for cell, want := range map[string]string{"07/05/25": "2025-05-07", "07/05/26": "1926-05-07", "07/05/1926": "1926-05-07"} {
		got, problem := apply(t, m, "Lahir|name|nik", tabular.MakeRow(1, cell, "SITI", "1"))
		if got["birth_date"] != want {
			t.Errorf("%s is %s, want %s; %s", cell, got["birth_date"], want, problem)
		}
	}
}

func TestMappingFilesThatAreWrong(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"no YAML", "a: [", "layout.map.syntax"},
		{"unknown key", "kind: families\ncolumnes: {}\n", "layout.map.syntax"},
		{"unknown kind", "kind: people\ncolumns: {nik: a}\n", "layout.map.kind"},
		{"no columns", "kind: families\n", "layout.map.columns"},
		{"empty columns", "kind: families\ncolumns: {}\n", "layout.map.columns"},
		{"field of another kind", "kind: families\ncolumns: {decile: a}\n", "layout.map.field"},
		{"heading for two fields", "kind: families\ncolumns: {nik: [No KK], no_kk: [Nomor KK]}\n", "layout.map.heading"},
		{"no heading", "kind: families\ncolumns: {nik: []}\n", "layout.map.heading"},
		{"bad column number", "kind: families\ncolumns: {nik: ['#0']}\n", "layout.map.heading"},
		{"column number beyond any sheet", "kind: families\ncolumns: {nik: ['#99999999']}\n", "layout.map.heading"},
		{"headings that are no list", "kind: families\ncolumns: {nik: {a: b}}\n", "layout.map.syntax"},
		{"date that is no format", "kind: families\ndates: [dd/mm/yyyy]\ncolumns: {nik: a}\n", "layout.map.date"},
		{"both orders", "kind: families\ndates: [02/01/2006, 01/02/2006]\ncolumns: {nik: a}\n", "layout.map.date"},
		{"two digits without a last year", "kind: families\ndates: [02/01/06]\ncolumns: {nik: a}\n", "layout.map.date"},
		{"constant of another kind", "kind: families\nconstants: {decile: 1}\ncolumns: {nik: a}\n", "layout.map.field"},
		{"constant that is no field", "kind: families\nconstants: {colour: red}\ncolumns: {nik: a}\n", "layout.map.field"},
		{"values of no field", "kind: families\nvalues: {colour: {a: b}}\ncolumns: {nik: a}\n", "layout.map.value"},
		{"values that are no table", "kind: families\nvalues: {sex: [a]}\ncolumns: {nik: a}\n", "layout.map.value"},
		{"header row that is none", "kind: families\nheader_row: first\ncolumns: {nik: a}\n", "layout.map.header_row"},
		{"too many header rows", "kind: families\nheader_rows: 3\ncolumns: {nik: a}\n", "layout.map.header_row"},
		{"too many footer rows", "kind: families\nfooter: {rows: 1000}\ncolumns: {nik: a}\n", "layout.map.footer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := layout.Parse([]byte(c.text)); fail.CodeOf(err) != c.want {
				t.Errorf("err %v", err)
			}
		})
	}
}

// list gives rows of cells parted by "|", a *tabular.RowError for "!".
type list struct {
	rows []string
	line int
}

func (l *list) Next() (tabular.Row, error) {
	if l.line == len(l.rows) {
		return tabular.Row{}, io.EOF
	}
	l.line++
	text := l.rows[l.line-1]
	if text == "!" {
		return tabular.Row{}, &tabular.RowError{Line: l.line, Code: "tabular.nul"}
	}
	return tabular.MakeRow(l.line, strings.Split(text, "|")...), nil
}

func readAll(t testing.TB, r *layout.Reader) (got []string) {
	t.Helper()
	var rec layout.Record
	for {
		err := r.Next(&rec)
		switch {
		case err == io.EOF:
			return got
		case err != nil:
			got = append(got, fail.CodeOf(err))
		case len(rec.Problems) > 0:
			got = append(got, fmt.Sprint(rec.Line, " ", rec.Problems[0].Err.Code))
		default:
			got = append(got, fmt.Sprint(rec.Line, " ", rec.Text(layout.Name)))
		}
	}
}

func TestTableIsFoundAmongWhatSurroundsIt(t *testing.T) {
	t.Parallel()
	plain := "kind: families\ncolumns: {name: Nama, nik: NIK}\n"
	cases := []struct {
		name, mapping string
		rows          []string
		want          []string
		skipped       int
	}{
		{"header first", plain, []string{"Nama|NIK", "SITI|1", "BUDI|2"}, []string{"2 SITI", "3 BUDI"}, 0},
		{"titles above", plain, []string{"DAFTAR PENERIMA", "Desa Contoh|Tahun 2025", "No|Nama|NIK", "1|SITI|1"}, []string{"4 SITI"}, 2},
		{"numbered columns below", plain, []string{"No|Nama|NIK", "(1)|(2)|(3)", "1|SITI|1", "2|BUDI|2"}, []string{"3 SITI", "4 BUDI"}, 1},
		{"header again on each page", plain, []string{"No|Nama|NIK", "1|SITI|1", "No|Nama|NIK", "2|BUDI|2"}, []string{"2 SITI", "4 BUDI"}, 1},
		{"total and signature", plain, []string{"No|Nama|NIK", "1|SITI|1", "Jumlah|2|", "||Ambon, 3 Mei 2025", "||", "|BUDI, S.Sos|"}, []string{"2 SITI"}, 4},
		{"person named Total", plain, []string{"Nama|NIK", "TOTAL SUKSES|1"}, []string{"2 TOTAL SUKSES"}, 0},
		{"row without a number before any total", plain, []string{"Nama|NIK", "SITI|", "BUDI|2"}, []string{"2 layout.value.missing", "3 BUDI"}, 0},
		{"own mark", plain + "footer: {starts_with: [Dicatat]}\n", []string{"Nama|NIK", "SITI|1", "Dicatat oleh|"}, []string{"2 SITI"}, 1},
		{"two rows at the end", plain + "footer: {rows: 2}\n", []string{"Nama|NIK", "SITI|1", "BUDI|2", "x|3", "y|4"}, []string{"2 SITI", "3 BUDI"}, 2},
		{"bad rows keep their place", plain, []string{"!", "Nama|NIK", "!", "SITI|1", "!"}, []string{"tabular.nul", "4 SITI", "tabular.nul"}, 1},
		{"header in a given row", plain + "header_row: 2\n", []string{"Nama|NIK", "Nama|NIK", "SITI|1"}, []string{"3 SITI"}, 1},
		{"no header", "kind: families\nheader_row: none\ncolumns: {name: '#2', nik: '#1'}\n", []string{"1|SITI|x", "2|BUDI"}, []string{"1 SITI", "2 BUDI"}, 0},
		{
			"header of two rows", "kind: families\nheader_rows: 2\ncolumns: {nik: NIK, name: Nama, birth_place: Lahir Tempat, birth_date: Lahir Tanggal}\n",
			[]string{"NIK|Nama|Lahir|", "||Tempat|Tanggal", "1|SITI|Ambon|07/05/1990", "2|BUDI|Ambon|31/02/1990"}, []string{"3 SITI", "4 date.day"}, 0,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := layout.Open(&list{rows: c.rows}, parse(t, c.mapping), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, r); !reflect.DeepEqual(got, c.want) || r.Skipped() != c.skipped {
				t.Errorf("%q, skipped %d; want %q, %d", got, r.Skipped(), c.want, c.skipped)
			}
		})
	}
}

func TestTablesThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	m := layout.Automatic(layout.Families)
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"no header":       {[]string{"SITI|3271014705900001", "BUDI|3271010705900001"}, "layout.header.missing"},
		"nothing":         {nil, "layout.header.missing"},
		"columns missing": {[]string{"Nama|Alamat", "SITI|Ambon"}, "layout.column.missing"},
	} {
		if _, err := layout.Open(&list{rows: c.rows}, m, nil); fail.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := layout.Headings(&list{rows: []string{"Nama|Alamat|?"}}, m, nil)
	if err != nil || fail.CodeOf(b.Err()) != "layout.column.missing" || b.FieldOf(0) != "name" {
		t.Errorf("for mapping by hand: %v %v", b, err)
	}
	broken := errors.New("disk gone")
	if _, err := layout.Open(rowsFunc(func() (tabular.Row, error) { return tabular.Row{}, broken }), m, nil); !errors.Is(err, broken) {
		t.Errorf("broken file: %v", err)
	}
}

type rowsFunc func() (tabular.Row, error)

func (f rowsFunc) Next() (tabular.Row, error) { return f() }

func TestReadyMappingIsRecognised(t *testing.T) {
	t.Parallel()
	all := ready(t)
	header := []string{"NO", "IDSEMESTA", "NO KK", "NIK KTP", "NAMA PENERIMA", "JENKEL", "TMP LAHIR", "TGL LAHIR", "NAMA IBU", "ALAMAT", "RT", "RW", "NM KEL", "NM KEC", "NM KAB", "NM PROV", "BANSOS"}
	if m := layout.Recognise(all, layout.Families, header); m == nil || m.Name != "siks-ng-bnba" {
		t.Errorf("recognised %+v", m)
	}
	if m := layout.Recognise(all, layout.Deciles, header); m != nil {
		t.Errorf("as a decile list: %s", m.Name)
	}
	if m := layout.Recognise(all, "", strings.Split(synth.Header(synth.RegistryFile), ",")); m != nil {
		t.Errorf("a canonical file: %s", m.Name)
	}
}

func TestExportWithoutAMappingIsCanonical(t *testing.T) {
	t.Parallel()
	e := layout.Automatic(layout.Evidence).Exporter([]string{"302"})
	var rec layout.Record
	rec.SetText(layout.NIK, "3271014705900001")
	rec.SetText(layout.AsOf, "2025-05-07")
	rec.SetItems([][]byte{[]byte("36")})
	var titles []string
	for _, c := range e.Columns() {
		titles = append(titles, c.Title)
	}
	if got := strings.Join(titles, ","); got != "nik,kind,value,as_of,source,302" {
		t.Errorf("titles %s", got)
	}
	var b strings.Builder
	w := tabular.NewCSVWriter(&b, tabular.CSVOptions{})
	if err := errors.Join(w.Write(e.Titles(nil)...), w.Write(e.Append(nil, &rec)...), w.Close()); err != nil {
		t.Fatal(err)
	}
	if want := "nik,kind,value,as_of,source,302\n3271014705900001,,,2025-05-07,,36\n"; b.String() != want {
		t.Errorf("written %q", b.String())
	}
}

func TestExportInTheirColumns(t *testing.T) {
	t.Parallel()
	m := parse(t, "kind: families\ndates: [2-1-06]\ntwo_digit_years_until: 2025\ncolumns: {row_number: No, birth_place_date: TTL, rt_rw: RT/RW, code_province: P, code_village: D, sex: JK, '302': [Luas], '303': Lantai, year: Tahun}\n"+
		"values: {sex: {Pria: L, Laki-laki: L}}\n")
	e := m.Exporter([]string{"302"})
	var rec layout.Record
	var b strings.Builder
	w := tabular.NewCSVWriter(&b, tabular.CSVOptions{})
	for range 2 {
		rec.Reset()
		for f, v := range map[layout.Field]string{
			layout.BirthPlace: "AMBON", layout.BirthDate: "1990-05-07", layout.RT: "003", layout.RW: "007", layout.AreaCode: "81.71.99.2001", layout.Sex: "L", layout.Year: "2025",
		} {
			rec.SetText(f, v)
		}
		rec.SetItems([][]byte{[]byte("36")})
		if err := w.Write(e.Append(nil, &rec)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "%d,\"AMBON, 7-5-90\",003/007,81,2001,Pria,36,,2025\n"
	if got := b.String(); got != fmt.Sprintf(want+want, 1, 2) {
		t.Errorf("written %q", got)
	}
	if !reflect.DeepEqual(m.Items(), []string{"302", "303"}) {
		t.Errorf("items %v", m.Items())
	}
}

func TestItemsThatAreNotKnownAreTold(t *testing.T) {
	t.Parallel()
	m := parse(t, "kind: answers\ncolumns: {nik: NIK, '302': [Luas lantai], '999': [Hobi]}\n")
	b := m.Bind([]string{"NIK", "Luas Lantai", "Hobi"}, func(s string) bool { return s == "302" })
	if !reflect.DeepEqual(b.Items(), []string{"302"}) || !reflect.DeepEqual(b.Unknown(), []layout.Heading{{Column: 3, Text: "Hobi"}}) {
		t.Errorf("items %v, unknown %v", b.Items(), b.Unknown())
	}
}

func FuzzApply(f *testing.F) {
	for _, seed := range []string{"1.500.000,-", "Ambon, 17-08-1990", "00/00/1950", "003/007", "'3.2E+15", "\u00a0x\u200b", "-", "Rp"} {
		f.Add(seed, seed, uint8(0))
	}
	families, payments := layout.Automatic(layout.Families), layout.Automatic(layout.Payments)
	a := families.Bind([]string{"TTL", "RT/RW", "NIK", "Tgl Lahir", "JK", "KD PROV", "KD KAB", "Kode Wilayah", "name"}, nil)
	p := payments.Bind([]string{"Jumlah", "Tanggal Salur", "NIK", "Status"}, nil)
	f.Fuzz(func(t *testing.T, x, y string, flag uint8) {
		var rec layout.Record
		row := tabular.MakeRow(1, x, x, x, x, x, x, y, y, y).WithFlag(2, tabular.Flag(flag))
		before := strings.Join(row.Strings(), "\x00")
		for _, b := range []*layout.Binding{a, p} {
			b.Apply(row, &rec)
			if v := rec.Text(layout.BirthDate); v != "" && len(v) != 4 && len(v) != 7 && len(v) != 10 {
				t.Errorf("birth date %q of %q", v, x)
			}
			if v := rec.Text(layout.Amount); strings.Trim(v, "-0123456789") != "" {
				t.Errorf("amount %q of %q", v, x)
			}
			if v := rec.Text(layout.Sex); v != "" && v != "L" && v != "P" {
				t.Errorf("sex %q of %q", v, x)
			}
		}
		if strings.Join(row.Strings(), "\x00") != before {
			t.Error("the row was changed")
		}
	})
}

func BenchmarkApply(b *testing.B) {
	bound := layout.Detect(layout.Families, strings.Split(synth.Header(synth.RegistryFile), ","), nil)
	row := tabular.MakeRow(2, "1", "SIKS-NG", "2025", "H1", "817199000000000001", "8171991203150001", "8171990708800001", "YOHANES PATTIASINA", "L", "AMBON",
		"1980-08-07", "MARIA LATUHERU", "kepala_keluarga", "JL. CENGKEH NO. 5", "003", "007", "NEGERI CONTOH", "KOTA AMBON", "8171992001", "081200000001")
	var rec layout.Record
	b.ReportAllocs()
	for b.Loop() {
		if !bound.Apply(row, &rec) {
			b.Fatal(rec.Problems)
		}
	}
}
