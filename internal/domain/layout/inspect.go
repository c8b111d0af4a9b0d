package layout

// Inspection gathers, over the rows of a dry run, what no single row shows: that two columns were
// swapped. The zero Inspection is ready.
type Inspection struct {
	rows    int
	inNIK   int // rows whose birth date stands in the NIK
	inKK    int // rows whose birth date stands in the No. KK
	compare int
}

// See looks at one record. The digits 7 to 12 of a NIK are the birth date, for women with 40 added to
// the day; those of a No. KK are the day it was issued.
func (s *Inspection) See(rec *Record) {
	s.rows++
	nik, kk, born := rec.values[NIK], rec.values[NoKK], rec.values[BirthDate]
	if len(nik) != 16 || len(kk) != 16 || len(born) != 10 || !digits(nik) || !digits(kk) {
		return
	}
	s.compare++
	if holdsDate(nik, born) {
		s.inNIK++
	}
	if holdsDate(kk, born) {
		s.inKK++
	}
}

// Rows gives how many records were looked at.
func (s *Inspection) Rows() int { return s.rows }

// Swapped reports whether NIK and No. KK are most likely in each other's column: a published data set
// showed exactly that. It needs a few rows to say so.
func (s *Inspection) Swapped() bool {
	const few = 5
	return s.compare >= few && s.inKK*2 > s.compare && s.inKK > 4*s.inNIK
}

func holdsDate(id, born []byte) bool {
	day := number(id[6:8])
	if day > 40 {
		day -= 40
	}
	return day == number(born[8:]) && string(id[8:10]) == string(born[5:7]) && string(id[10:12]) == string(born[2:4])
}
