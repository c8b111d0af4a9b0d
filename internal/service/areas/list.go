package areas

import (
	"errors"
	"io"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// List is a newer list of areas as it was read.
type List struct {
	rows   []listRow
	levels map[area.Level]bool // the levels it speaks of
	Bad    []BadRow            // rows that could not be read, at most badRows
	BadAll int
}

// Rows gives how many rows were read.
func (l List) Rows() int { return len(l.rows) }

// BadRow is a row of a list that could not be read.
type BadRow struct {
	Line int
	Err  error
}

type listRow struct {
	line int
	code area.Code
	name string
	bps  string
	old  []area.Code
	own  Own
}

const (
	badRows = 100
	// maxListRows is more than the nation has areas.
	maxListRows = 200_000
)

// listColumns are the columns of a list, each with the headers it is known by.
var listColumns = map[string][]string{
	"code": {"code", "kode", "kode_wilayah", "kode_kemendagri", "area_code"},
	"name": {"name", "nama", "nama_wilayah"},
	"bps":  {"bps_code", "kode_bps", "bps"},
	"old":  {"old_code", "kode_lama", "kode_asal"},
	"law":  {"decree", "legal_basis", "dasar_hukum", "keputusan"},
	"from": {"valid_from", "berlaku", "berlaku_mulai", "tanggal"},
}

// ReadList reads a list of areas: a header with code and name and, as far as there are such columns, the code of Statistics
// Indonesia, the codes an area had before (several with a semicolon between), the decree and its first day. Errors:
// area.list_header (fact column), area.list_long (fact max), area.list_empty; errors of single rows are in the result.
func ReadList(rows tabular.Reader) (List, error) {
	l := List{levels: map[area.Level]bool{}}
	head, err := rows.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return l, fail.Invalid("area.list_empty").On("file")
		}
		return l, err
	}
	at, err := listHeader(head)
	if err != nil {
		return l, err
	}
	seen := map[area.Code]bool{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *tabular.RowError
		if errors.As(err, &bad) {
			l.refuse(bad.Line, err)
			continue
		}
		if err != nil {
			return l, err
		}
		one, err := readListRow(row, at)
		if err == nil && seen[one.code] {
			err = fail.Invalid("area.list_twice", "area", one.code.Dotted())
		}
		if err != nil {
			l.refuse(row.Line, err)
			continue
		}
		seen[one.code], l.levels[one.code.Level()] = true, true
		if l.rows = append(l.rows, one); len(l.rows) > maxListRows {
			return l, fail.Invalid("area.list_long", "max", maxListRows).On("file")
		}
	}
	if len(l.rows) == 0 && l.BadAll == 0 {
		return l, fail.Invalid("area.list_empty").On("file")
	}
	slices.SortFunc(l.rows, func(a, b listRow) int { return int(a.code - b.code) })
	return l, nil
}

func (l *List) refuse(line int, err error) {
	if l.BadAll++; len(l.Bad) < badRows {
		l.Bad = append(l.Bad, BadRow{line, err})
	}
}

// listHeader finds the columns of a list.
func listHeader(head tabular.Row) (map[string]int, error) {
	at := map[string]int{}
	for i, cell := range head.Strings() {
		header := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(cell)), " ", "_")
		for column, known := range listColumns {
			if _, twice := at[column]; !twice && slices.Contains(known, header) {
				at[column] = i
			}
		}
	}
	for _, column := range []string{"code", "name"} {
		if _, ok := at[column]; !ok {
			return nil, fail.Invalid("area.list_header", "column", column).On("file")
		}
	}
	return at, nil
}

func readListRow(row tabular.Row, at map[string]int) (one listRow, err error) {
	cell := func(column string) string {
		i, ok := at[column]
		if !ok {
			return ""
		}
		return strings.Join(strings.Fields(string(row.Cell(i))), " ")
	}
	one = listRow{line: row.Line, name: cell("name"), bps: cell("bps"), own: Own{Basis: cell("law")}}
	if one.code, err = area.Parse(cell("code")); err != nil {
		return one, err
	}
	if one.code == area.Nation || one.name == "" {
		return one, fail.Invalid("area.place_name")
	}
	if one.bps != "" && strings.Trim(one.bps, "0123456789") != "" {
		return one, fail.Invalid("area.list_bps")
	}
	for _, text := range strings.FieldsFunc(cell("old"), func(r rune) bool { return r == ';' || r == ',' }) {
		old, err := area.Parse(text)
		if err != nil {
			return one, err
		}
		if old.Level() != one.code.Level() {
			return one, fail.Invalid("area.move_level", "area", one.code.Dotted())
		}
		if old != one.code {
			one.old = append(one.old, old)
		}
	}
	if text := cell("from"); text != "" {
		if one.own.On, err = period.ParseDate(text); err != nil || !one.own.On.IsFull() {
			return one, fail.Invalid("area.decree_date")
		}
	}
	return one, nil
}
