package eligibility

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// WageBasis says where a minimum wage comes from and how far it can be trusted.
type WageBasis struct {
	Kind   string    // UMK (the district's own) or UMP (its province's)
	Area   area.Code // of the decree
	Year   int
	Status string // crosschecked, single, conflict or check
	Source string
	Note   string
}

// Wages holds the monthly minimum wages by area and year. It is made by ParseWages and never changes.
type Wages struct {
	rows map[wageKey]wageRow
}

type wageKey struct {
	area area.Code
	year int
}

type wageRow struct {
	amount money.Rupiah
	basis  WageBasis
}

var wageColumns = []string{"code", "name", "kind", "year", "rupiah_per_month", "status", "source", "note"}

// ParseWages reads the table of data/wages. Error: wages.row (facts line, column) for the first row that
// cannot be read, stands twice or names an area of the wrong level.
func ParseWages(text []byte) (*Wages, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = len(wageColumns)
	w := &Wages{rows: map[wageKey]wageRow{}}
	for line := 1; ; line++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail.Invalid("wages.row", "line", line, "column", "").Because(err)
		}
		if line == 1 {
			if strings.Join(record, ",") != strings.Join(wageColumns, ",") {
				return nil, fail.Invalid("wages.row", "line", 1, "column", "code")
			}
			continue
		}
		if column := w.add(record); column != "" {
			return nil, fail.Invalid("wages.row", "line", line, "column", column)
		}
	}
	return w, nil
}

// add takes one row and gives the column that is at fault, or "".
func (w *Wages) add(record []string) string {
	code, err := area.Parse(record[0])
	if err != nil {
		return "code"
	}
	wanted := map[string]area.Level{"UMP": area.LevelProvince, "UMK": area.LevelDistrict}
	if level, ok := wanted[record[2]]; !ok || level != code.Level() {
		return "kind"
	}
	year, err := strconv.Atoi(record[3])
	if err != nil || year < 2000 || year > 2100 {
		return "year"
	}
	amount, ok := readWage(record[4])
	if !ok {
		return "rupiah_per_month"
	}
	switch record[5] {
	case "crosschecked", "single", "conflict", "check":
	default:
		return "status"
	}
	key := wageKey{code, year}
	if _, twice := w.rows[key]; twice {
		return "year"
	}
	w.rows[key] = wageRow{amount, WageBasis{Kind: record[2], Area: code, Year: year, Status: record[5], Source: record[6], Note: record[7]}}
	return ""
}

// readWage reads whole rupiah with or without sen. Sen are rounded up: wages come in whole rupiah, and a
// wage reaches 3,089,218.66 exactly when it reaches 3,089,219.
func readWage(s string) (money.Rupiah, bool) {
	whole, sen, _ := strings.Cut(s, ".")
	amount, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || amount <= 0 || strings.Trim(sen, "0123456789") != "" {
		return 0, false
	}
	if strings.Trim(sen, "0") != "" {
		amount++
	}
	return money.Rupiah(amount), true
}

// At gives the minimum wage in force at an area on a day: the UMK of its district when the table has one
// for the year, else the UMP of its province. ok is false when neither is known; that is no zero wage.
func (w *Wages) At(place area.Code, day period.Date) (amount money.Rupiah, basis WageBasis, ok bool) {
	if place.Level() >= area.LevelDistrict {
		if row, ok := w.rows[wageKey{place.District(), day.Year()}]; ok {
			return row.amount, row.basis, true
		}
	}
	row, ok := w.rows[wageKey{place.Province(), day.Year()}]
	return row.amount, row.basis, ok
}
