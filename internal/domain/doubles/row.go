package doubles

import (
	"slices"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
)

// row is a record in comparable form.
type row struct {
	source  int // position in the caller's slice
	nik, kk number
	phone   uint64
	birth   birth
	area    area.Code
	sex     byte
	name    nameForm
	mother  nameForm
	person  uint64 // hash of the civil person it is known to be, 0 for unknown
	holders int    // records that show the same NIK
	callers int    // records that show the same telephone
}

// number is an identity number: 15 to 17 digits, or none when n is zero.
type number struct {
	value  uint64
	digits [17]byte
	n      int8
}

// full tells that the number has the sixteen digits it should.
func (n *number) full() bool { return n.n == 16 }

// readNumber keeps the digits of s. Numbers of another length, with letters (a spreadsheet's 3.2E+15)
// or made of one digit only are no number at all.
func readNumber(s string) (n number) {
	same := true
	for i := range len(s) {
		c := s[i]
		if c == ' ' || c == '.' || c == '-' || c == '\'' {
			continue
		}
		if c < '0' || c > '9' || int(n.n) == len(n.digits) {
			return number{}
		}
		n.digits[n.n] = c
		n.n++
		n.value = n.value*10 + uint64(c-'0')
		same = same && c == n.digits[0]
	}
	if n.n < 15 || same {
		return number{}
	}
	return n
}

// birth is a date that may lack its day or month; year zero is unknown.
type birth struct {
	year       int16
	month, day int8
}

func (b birth) full() bool { return b.year != 0 && b.month != 0 && b.day != 0 }

// estimated tells that the date looks filled in by a clerk who knew the year only.
func (b birth) estimated() bool {
	switch [2]int8{b.month, b.day} {
	case [2]int8{1, 1}, [2]int8{12, 31}, [2]int8{7, 1}:
		return true
	}
	return !b.full()
}

func (b birth) key() uint64 {
	return uint64(b.year)*10000 + uint64(b.month)*100 + uint64(b.day)
}

// readBirth reads YYYY-MM-DD, YYYY-MM or YYYY. Impossible months and days are kept: they are often
// swapped, and comparing is all that is done with them.
func readBirth(s string) (b birth) {
	var parts [3]int
	for i, p := range strings.SplitN(strings.TrimSpace(s), "-", 3) {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || (i == 0 && (v < 1800 || v > 2200)) || (i > 0 && v > 31) {
			return b
		}
		parts[i] = v
	}
	if parts[0] == 0 {
		return b
	}
	return birth{year: int16(parts[0]), month: int8(parts[1]), day: int8(parts[2])}
}

// readPhone gives a telephone number in national form without its leading zero, 0 for none.
func readPhone(s string) uint64 {
	var v uint64
	n := 0
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' && n < 15 {
			v = v*10 + uint64(c-'0')
			n++
		}
	}
	text := strings.TrimPrefix(strconv.FormatUint(v, 10), "62")
	if len(text) < 8 {
		return 0
	}
	v, _ = strconv.ParseUint(text, 10, 64)
	return v
}

func readSex(s string) byte {
	switch s {
	case "L", "l":
		return 'L'
	case "P", "p":
		return 'P'
	}
	return 0
}

// prepare turns records into rows ordered by ID, so that nothing depends on the order they came in.
func prepare(records []Record, m *Model) ([]row, *dictionary) {
	order := make([]int, len(records))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := strings.Compare(records[a].ID, records[b].ID); c != 0 {
			return c
		}
		return a - b
	})
	d := newDictionary(m.names)
	rows := make([]row, len(records))
	for i, source := range order {
		rows[i] = read(&records[source], d)
		rows[i].source = source
	}
	d.weigh(m.frequency, m.counted)
	crowds(rows)
	return rows, d
}

func read(r *Record, d *dictionary) row {
	out := row{
		nik: readNumber(r.NIK), kk: readNumber(r.KK), phone: readPhone(r.Phone), birth: readBirth(r.Birth),
		sex: readSex(r.Sex), name: d.form(r.Name), mother: d.form(r.Mother), holders: 1, callers: 1,
	}
	if code, err := area.Parse(r.Area); err == nil {
		out.area = code
	}
	if r.Person != "" {
		out.person = hashText(r.Person) | 1
	}
	return out
}

// crowds counts how many rows show each NIK and each telephone number.
func crowds(rows []row) {
	niks, phones := make(map[uint64]int, len(rows)), map[uint64]int{}
	for i := range rows {
		niks[rows[i].nik.value]++
		phones[rows[i].phone]++
	}
	for i := range rows {
		rows[i].holders, rows[i].callers = niks[rows[i].nik.value], phones[rows[i].phone]
	}
}
