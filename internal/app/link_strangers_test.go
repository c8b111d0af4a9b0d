package app

import (
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"tepat/internal/edge/cli"
)

// stranger is a person of the files of TestLinkReadsFilesOfStrangers.
type stranger struct {
	nik, first, last, mother string
	born                     time.Time
	woman                    bool
}

func (s stranger) name() string { return s.first + " " + s.last }

func (s stranger) sex(man, woman string) string {
	if s.woman {
		return woman
	}
	return man
}

func strangers() (list []stranger) {
	first := []string{"BUDI", "SITI", "AGUS", "DEWI", "HENDRA", "RINA", "YOHANES", "FATIMAH", "WAYAN", "RUTH", "EKO", "LESTARI"}
	last := []string{"SANTOSO", "WIJAYA", "LATUHERU", "NASUTION", "HIDAYAT"}
	for i := range 12 {
		s := stranger{first: first[i], last: last[i%5], mother: first[(i+5)%12] + " " + last[(i+2)%5], born: time.Date(1951+3*i, time.Month(1+i), 14+i, 0, 0, 0, 0, time.UTC), woman: i%2 == 1}
		day := s.born.Day()
		if s.woman {
			day += 40
		}
		s.nik = fmt.Sprintf("320101%02d%02d%02d%04d", day, s.born.Month(), s.born.Year()%100, 3+i)
		list = append(list, s)
	}
	return list
}

// TestLinkReadsFilesOfStrangers walks the command with files as offices and programs of all kinds write them, without any option:
// each row finds its person, by the number, the name and the date, under the ids of both files.
func TestLinkReadsFilesOfStrangers(t *testing.T) {
	t.Parallel()
	dir, people := t.TempDir(), strangers()
	reference := "civil_id,nik,full_name,birth_date,sex,mother_name\n"
	for i, s := range people {
		reference += fmt.Sprintf("C%02d,%s,%s,%s,%s,%s\n", i, s.nik, s.name(), s.born.Format("2006-01-02"), s.sex("L", "P"), s.mother)
	}
	civil := filepath.Join(dir, "civil.csv")
	if err := os.WriteFile(civil, []byte(reference), 0o600); err != nil {
		t.Fatal(err)
	}
	utf16le := func(text string) string {
		b := []byte("\xff\xfe")
		for _, u := range utf16.Encode([]rune(text)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		separator, header string
		row               func(i int, s stranger) []string
		encode            func(string) string
		said              string
	}{
		"English, the name in parts": {",", "Record ID,First name,Last name,ID number,Date of birth,Sex", func(i int, s stranger) []string {
			return []string{fmt.Sprint("R", i), s.first, s.last, s.nik, s.born.Format("02/01/2006"), s.sex("Male", "Female")}
		}, nil, "column Record ID"},
		"dots, semicolons, a mark, an apostrophe before the number, short dates": {";", "No.;N.I.K;Nama.Lengkap;Tgl.Lahir;L/P", func(i int, s stranger) []string {
			return []string{fmt.Sprint(i + 1), "'" + s.nik, s.name(), s.born.Format("2-1-06"), s.sex("L", "P")}
		}, func(text string) string { return "\ufeff" + text }, "column No."},
		"DTKS, tabs, upper case": {"\t", "IDDTKS\tNIK\tNAMA\tTGL_LAHIR\tJNSKEL\tNMGADIS_IBU", func(i int, s stranger) []string {
			return []string{fmt.Sprint("D", i), s.nik, s.name(), s.born.Format("20060102"), s.sex("1", "2"), s.mother}
		}, nil, "column IDDTKS"},
		"numbers as formulas, days of a spreadsheet": {",", "NO,NIK,NAMA PENERIMA,TANGGAL LAHIR", func(i int, s stranger) []string {
			day := int(s.born.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
			return []string{fmt.Sprint(i + 1), `="` + s.nik + `"`, s.name(), fmt.Sprint(day)}
		}, nil, "column NO"},
		"numbers as formulas with apostrophes, place and date in one": {";", "ID Semesta;NIK;Nama Pengurus;Tempat/Tgl Lahir", func(i int, s stranger) []string {
			return []string{fmt.Sprint("S", i), "='" + s.nik + "'", s.name(), "BOGOR, " + s.born.Format("02-01-2006")}
		}, nil, "column ID Semesta"},
		"rounded numbers": {",", "no_peserta,nik,nama_peserta_pkh,tgl_lahir,nama_ibu", func(i int, s stranger) []string {
			return []string{fmt.Sprint("N", i), "3.20101E+15", s.name(), s.born.Format("2006-01-02"), s.mother}
		}, nil, "12 rows hold a number the spreadsheet rounded (such as 3.20101E+15), the first at line 2"},
		"Unicode text of a spreadsheet": {"\t", "Nomor\tNo KTP\tNama Warga\tTgl Lhr", func(i int, s stranger) []string {
			return []string{fmt.Sprint(i + 1), s.nik, s.name(), s.born.Format("2/1/2006")}
		}, utf16le, "column Nomor"},
		"underscores, bars, times": {"|", "person id|given_name|surname|national_no|dob|gender", func(i int, s stranger) []string {
			return []string{fmt.Sprint("X", i), s.first, s.last, s.nik, s.born.Format("2006-01-02T15:04:05"), s.sex("m", "f")}
		}, nil, "column person id"},
		"month first, numbers in fours": {",", "NIK,Name,DOB,M/F", func(_ int, s stranger) []string {
			return []string{s.nik[:4] + "." + s.nik[4:8] + "." + s.nik[8:12] + "." + s.nik[12:], s.name(), s.born.Format("1/2/2006"), s.sex("M", "F")}
		}, nil, "column DOB are written month first"},
		"heads of families, no id": {",", "nama_kepala_keluarga,tanggal_lahir,jenis_kelamin,nomor_identitas", func(_ int, s stranger) []string {
			return []string{s.name(), s.born.Format("02.01.2006"), s.sex("Laki-laki", "Perempuan"), s.nik}
		}, nil, "add --id COLUMN"},
		"heads with their numbers": {",", "id,NIK Kepala Keluarga,Nama Kepala Keluarga,Tanggal Lahir", func(i int, s stranger) []string {
			return []string{fmt.Sprint("K", i), s.nik, s.name(), s.born.Format("02.01.2006")}
		}, nil, "The column NIK Kepala Keluarga is read as the row's own nik, for there is no other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			b.WriteString(c.header + "\r\n")
			for i, s := range people {
				b.WriteString(strings.Join(c.row(i, s), c.separator) + "\r\n")
			}
			text := b.String()
			if c.encode != nil {
				text = c.encode(text)
			}
			dir := t.TempDir()
			in, to := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
			if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, bad := typed(t, "link", in, "--reference", civil, "--out", to, "--lang", "en")
			if code != cli.ExitDone || !strings.Contains(out, "12 rows linked") || !strings.Contains(out, c.said) || !strings.Contains(out, "column civil_id") {
				t.Fatalf("%s %s", out, bad)
			}
			found, err := os.Open(to)
			if err != nil {
				t.Fatal(err)
			}
			defer found.Close()
			rows, err := csv.NewReader(found).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rows[1:] {
				if r[1] != fmt.Sprintf("C%02d", i) || !strings.Contains(r[7], "birth=exact") || !strings.Contains(r[7], "name=exact") {
					t.Errorf("row %d: %v", i, r)
				}
				if strings.Contains(r[7], "nik=exact") == strings.Contains(name, "rounded") {
					t.Errorf("row %d: %v", i, r)
				}
			}
		})
	}
}
