package layout_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tepat/data/layouts"
	"tepat/internal/domain/layout"
	"tepat/internal/kit/tabular"
)

// The samples in data/layouts are written by this test with -update, from people who do not exist:
// there is no subdistrict 81.71.99.
var update = flag.Bool("update", false, "write the samples in data/layouts anew")

const notice = "DATA CONTOH SINTETIS"

// people are two families, in canonical form.
var people = []map[layout.Field]string{
	{
		layout.RowID: "1", layout.RegistryID: "817199000000000001", layout.NoKK: "8171991203150001", layout.NIK: "8171990708800001", layout.Name: "YOHANES PATTIASINA",
		layout.Sex: "L", layout.BirthPlace: "AMBON", layout.BirthDate: "1980-08-07", layout.MotherName: "MARIA LATUHERU", layout.FatherName: "PAULUS PATTIASINA",
		layout.Relation: "kepala_keluarga", layout.Address: "JL. CENGKEH, NO. 5", layout.RT: "003", layout.RW: "007", layout.Village: "NEGERI CONTOH",
		layout.Subdistrict: "KECAMATAN CONTOH", layout.Regency: "KOTA AMBON", layout.Province: "MALUKU", layout.AreaCode: "8171992001", layout.Phone: "081200000001",
	},
	{
		layout.RowID: "2", layout.RegistryID: "817199000000000001", layout.NoKK: "8171991203150001", layout.NIK: "8171995905830002", layout.Name: "CHRISTINA SAHETAPY",
		layout.Sex: "P", layout.BirthPlace: "MASOHI", layout.BirthDate: "1983-05-19", layout.MotherName: "SARAH TUTUPOLY", layout.FatherName: "DANIEL SAHETAPY",
		layout.Relation: "istri", layout.Address: "JL. CENGKEH, NO. 5", layout.RT: "003", layout.RW: "007", layout.Village: "NEGERI CONTOH",
		layout.Subdistrict: "KECAMATAN CONTOH", layout.Regency: "KOTA AMBON", layout.Province: "MALUKU", layout.AreaCode: "8171992001",
	},
	{
		layout.RowID: "3", layout.RegistryID: "817199000000000002", layout.NoKK: "8171990101200002", layout.NIK: "8171994107550003", layout.Name: "SALMA",
		layout.Sex: "P", layout.BirthPlace: "AMBON", layout.BirthDate: "1955", layout.MotherName: "HALIMAH",
		layout.Relation: "kepala_keluarga", layout.Address: "GG. PALA; BELAKANG MASJID", layout.RT: "001", layout.RW: "002", layout.Village: "NEGERI CONTOH",
		layout.Subdistrict: "KECAMATAN CONTOH", layout.Regency: "KOTA AMBON", layout.Province: "MALUKU", layout.AreaCode: "8171992001",
	},
}

// more are the fields that only one layout has, by person.
var more = map[string][]map[layout.Field]string{
	"dtsen-deciles": {
		{layout.Decile: "1", layout.Vintage: "2025-Q3"}, nil, {layout.Decile: "", layout.Vintage: "2025-Q3"},
	},
	"dukcapil-match": {
		{layout.Status: "alive", layout.Match: "yes", layout.AsOf: "2025-08-18"},
		{layout.Status: "alive", layout.Match: "no", layout.MatchNote: "Nama tidak sesuai", layout.AsOf: "2025-08-18"},
		{layout.Status: "dead", layout.Match: "no", layout.MatchNote: "Meninggal", layout.AsOf: "2025-08-18"},
	},
	"bpjs-pbi": {
		{layout.CardNo: "0009990000011", layout.Status: "active", layout.Period: "2025-08", layout.Programme: "pbi_jk"},
		{layout.CardNo: "0009990000022", layout.Status: "active", layout.Period: "2025-08", layout.Programme: "pbi_jk"},
		{layout.CardNo: "0009990000033", layout.Status: "inactive", layout.Period: "2025-08", layout.Programme: "pbi_jk"},
	},
}

// sampleFiles are the layouts and how their samples are written.
var sampleFiles = map[string]struct {
	file string
	csv  tabular.CSVOptions
}{
	"siks-ng-bnba":      {file: "siks-ng-bnba.xlsx"},
	"dtsen-deciles":     {file: "dtsen-deciles.xlsx"},
	"dukcapil-match":    {file: "dukcapil-match.csv", csv: tabular.CSVOptions{Separator: '|'}},
	"bpjs-pbi":          {file: "bpjs-pbi.csv", csv: tabular.CSVOptions{Separator: ';', Mark: true, CRLF: true}},
	"opensid-residents": {file: "opensid-residents.csv"},
}

func ready(t testing.TB) []*layout.Mapping {
	t.Helper()
	list, err := layout.Load(layouts.Files)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// rowsOf are the people of one layout's sample; a decile list has one row a family.
func rowsOf(name string) []map[layout.Field]string {
	var rows []map[layout.Field]string
	for i, p := range people {
		row := make(map[layout.Field]string)
		for f, v := range p {
			row[f] = v
		}
		if extra := more[name]; extra != nil {
			if extra[i] == nil {
				continue
			}
			for f, v := range extra[i] {
				row[f] = v
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func sample(t testing.TB, m *layout.Mapping) []byte {
	t.Helper()
	var b bytes.Buffer
	e := m.Exporter(nil)
	how := sampleFiles[m.Name]
	var w tabular.Writer
	if strings.HasSuffix(how.file, ".xlsx") {
		x := tabular.NewXLSXWriter(&b)
		if err := x.Sheet(tabular.SheetOptions{Name: "Data", Notes: []string{notice}, Columns: e.Columns()}); err != nil {
			t.Fatal(err)
		}
		w = x
	} else {
		w = tabular.NewCSVWriter(&b, how.csv)
		if err := w.Write(tabular.Text(notice)); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(e.Titles(nil)...); err != nil {
			t.Fatal(err)
		}
	}
	var rec layout.Record
	for _, row := range rowsOf(m.Name) {
		rec.Reset()
		for f, v := range row {
			rec.SetText(f, v)
		}
		if err := w.Write(e.Append(nil, &rec)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryReadyMappingReadsItsSampleAndWritesItBack(t *testing.T) {
	t.Parallel()
	mappings := ready(t)
	if len(mappings) != len(sampleFiles) {
		t.Fatalf("%d mappings, %d samples", len(mappings), len(sampleFiles))
	}
	for _, m := range mappings {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			if !m.Unverified || m.Basis == "" || m.Title.ID == "" || m.Title.EN == "" || m.Agency == "" || m.ValidFrom.Text() == "" {
				t.Errorf("says too little of itself: %+v", m)
			}
			file := sampleFiles[m.Name].file
			written := sample(t, m)
			if *update {
				if err := os.WriteFile(filepath.Join("..", "..", "..", "data", "layouts", "samples", file), written, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			kept, err := layouts.Samples.ReadFile("samples/" + file)
			if err != nil {
				t.Fatal(err)
			}
			if !*update && !bytes.Equal(kept, written) {
				t.Error("the mapping does not write its sample; run go test -update if that is meant")
			}
			checkSample(t, mappings, m, kept)
		})
	}
}

func checkSample(t *testing.T, all []*layout.Mapping, m *layout.Mapping, data []byte) {
	src, err := tabular.Open(bytes.NewReader(data), int64(len(data)), tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := layout.Open(src, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := r.Binding()
	if got := layout.Recognise(all, "", b.Headings()); got != m {
		t.Errorf("recognised as %+v", got)
	}
	if len(b.Unknown())+len(b.Repeated())+len(b.Missing()) > 0 || r.Skipped() != 1 {
		t.Errorf("unknown %v, repeated %v, missing %v, skipped %d", b.Unknown(), b.Repeated(), b.Missing(), r.Skipped())
	}
	var got, want []map[string]string
	for _, row := range rowsOf(m.Name) {
		expected := make(map[string]string)
		for _, f := range b.Fields() {
			if v := row[f]; v != "" {
				expected[f.String()] = v
			}
		}
		for f, v := range map[layout.Field]string{layout.Source: sourceOf[m.Name]} {
			if v != "" {
				expected[f.String()] = v
			}
		}
		want = append(want, expected)
	}
	var rec layout.Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil || len(rec.Problems) > 0 {
			t.Fatalf("%v %v", err, rec.Problems)
		}
		found := make(map[string]string)
		for f := range layout.Fields {
			if v := rec.Text(f); v != "" {
				found[f.String()] = v
			}
		}
		got = append(got, found)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%v\nwant\n%v", got, want)
	}
}

var sourceOf = map[string]string{"siks-ng-bnba": "SIKS-NG", "dtsen-deciles": "DTSEN", "bpjs-pbi": "BPJS Kesehatan", "opensid-residents": "OpenSID"}
