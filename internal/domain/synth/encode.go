package synth

import (
	"strconv"
	"strings"
)

// The files of a population. Evidence stands in one file an agency, evidence/<agency>.csv.
const (
	RegistryFile = "registry.csv"
	CivilFile    = "civil.csv"
	TruthFile    = "truth.csv"
	DecilesFile  = "deciles.csv"
	RequestsFile = "requests.csv"
)

// EvidenceFile gives the name of the file with what an agency reports.
func EvidenceFile(agency string) string { return "evidence/" + agency + ".csv" }

// Header gives the first line of a file, without the line's end.
func Header(file string) string {
	switch {
	case file == RegistryFile:
		return registryHeader
	case file == CivilFile:
		return "person_id,nik,no_kk,name,sex,birth_place,birth_date,mother_name,father_name,relation,address,rt,rw,village,regency,area_code,phone,status"
	case file == TruthFile:
		return "row_id,person_id,kind,expected_status,duplicate_of,source"
	case file == DecilesFile:
		return "no_kk,registry_id,decile,vintage,source"
	case file == RequestsFile:
		return "request_id,kind,filed_on,subject,nik,no_kk,name,sex,birth_date,mother_name,address,rt,rw,village,regency,area_code,phone,listed,arrived,source"
	case strings.HasPrefix(file, "evidence/"):
		return "nik,kind,value,as_of,source"
	}
	return ""
}

const registryHeader = "row_id,source,year,household_id,registry_id,no_kk,nik,name,sex,birth_place,birth_date,mother_name,relation,address,rt,rw,village,regency,area_code,phone"

// RegistryHeader gives the first line of registry.csv with the questionnaire's items.
func RegistryHeader() string { return registryHeader + "," + strings.Join(ItemNames(), ",") }

// line appends the cells of one CSV line to a buffer.
type line struct{ b []byte }

func (l *line) text(s string) {
	l.b = appendCell(l.b, s)
	l.b = append(l.b, ',')
}

// raw is text that never needs quotes: identifiers and words of ours.
func (l *line) raw(s string) {
	l.b = append(l.b, s...)
	l.b = append(l.b, ',')
}

func (l *line) number(n int) {
	l.b = strconv.AppendInt(l.b, int64(n), 10)
	l.b = append(l.b, ',')
}

// optional writes nothing for zero.
func (l *line) optional(n int) {
	if n == 0 {
		l.b = append(l.b, ',')
		return
	}
	l.number(n)
}

// appended writes what a value appends of itself.
func (l *line) appended(f func([]byte) []byte) { l.b = append(f(l.b), ',') }

// end turns the last comma into the end of the line.
func (l *line) end() []byte {
	l.b[len(l.b)-1] = '\n'
	return l.b
}

// appendCell quotes a cell that needs it.
func appendCell(dst []byte, s string) []byte {
	if !quoted(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// quoted reports whether a cell needs quotes.
func quoted(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == ',' || c == '"' {
			return true
		}
	}
	return false
}

// AppendCSV appends the row as a line of registry.csv.
func (r *RegistryRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.number(r.RowID)
	l.raw(r.Source)
	l.number(r.Year)
	l.raw(r.HouseholdID)
	l.raw(r.RegistryID)
	l.raw(r.NoKK)
	l.text(r.NIK)
	l.text(r.Name)
	l.raw(r.Sex.String())
	l.text(r.BirthPlace)
	l.appended(r.BirthDate.AppendText)
	l.text(r.MotherName)
	l.raw(r.Relation.String())
	l.text(r.Address)
	l.optional(r.RT)
	l.optional(r.RW)
	l.text(r.Village)
	l.text(r.Regency)
	l.appended(r.Area.AppendDotted)
	l.raw(r.Phone)
	for _, answer := range r.Items {
		if answer != Unanswered {
			l.b = strconv.AppendInt(l.b, int64(answer), 10)
		}
		l.b = append(l.b, ',')
	}
	return l.end()
}

// AppendCSV appends the row as a line of civil.csv.
func (r *CivilRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.raw(r.PersonID)
	l.appended(r.NIK.AppendPlain)
	l.appended(r.NoKK.AppendPlain)
	l.text(r.Name)
	l.raw(r.Sex.String())
	l.text(r.BirthPlace)
	l.appended(r.BirthDate.AppendText)
	l.text(r.MotherName)
	l.text(r.FatherName)
	l.raw(r.Relation.String())
	l.text(r.Address)
	l.optional(r.RT)
	l.optional(r.RW)
	l.text(r.Village)
	l.text(r.Regency)
	l.appended(r.Area.AppendDotted)
	l.raw(r.Phone)
	l.raw(r.Status.String())
	return l.end()
}

// AppendCSV appends the row as a line of truth.csv.
func (r *TruthRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.number(r.RowID)
	l.raw(r.PersonID)
	l.raw(r.Kind.String())
	l.raw(r.Expected.Code())
	l.optional(r.DuplicateOf)
	l.raw(r.Source)
	return l.end()
}

// AppendCSV appends the row as a line of a file of evidence. The source names the data's owner
// behind the mark that it is synthetic.
func (r *EvidenceRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.appended(r.NIK.AppendPlain)
	l.text(r.Kind)
	l.text(r.Value)
	l.appended(r.AsOf.AppendText)
	l.b = append(append(l.b, r.Source...), ':')
	l.text(r.Agency)
	return l.end()
}

// AppendCSV appends the row as a line of deciles.csv.
func (r *DecileRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.appended(r.NoKK.AppendPlain)
	l.raw(r.RegistryID)
	l.number(r.Decile)
	l.raw(r.Vintage)
	l.raw(r.Source)
	return l.end()
}

// AppendCSV appends the row as a line of requests.csv.
func (r *RequestRow) AppendCSV(dst []byte) []byte {
	l := line{dst}
	l.raw(r.RequestID)
	l.text(r.Kind)
	l.appended(r.FiledOn.AppendText)
	l.text(r.Subject)
	l.appended(r.NIK.AppendPlain)
	l.appended(r.NoKK.AppendPlain)
	l.text(r.Name)
	l.raw(r.Sex.String())
	l.appended(r.BirthDate.AppendText)
	l.text(r.MotherName)
	l.text(r.Address)
	l.optional(r.RT)
	l.optional(r.RW)
	l.text(r.Village)
	l.text(r.Regency)
	l.appended(r.Area.AppendDotted)
	l.raw(r.Phone)
	l.raw(strconv.FormatBool(r.Listed))
	l.raw(strconv.FormatBool(r.Arrived))
	l.raw(r.Source)
	return l.end()
}
