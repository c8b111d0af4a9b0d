package proposal

import (
	"fmt"
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
)

// Series is the letter a number begins with.
type Series byte

// The series.
const (
	SeriesProposal  Series = 'U' // usulan
	SeriesObjection Series = 'S' // sanggah
	SeriesGrievance Series = 'A' // aduan
)

// Number writes the number a citizen is given: U-2026-04180. The serial counts from 1 in each
// district and year; it has five digits and grows beyond them.
func Number(s Series, year, serial int) string { return fmt.Sprintf("%c-%04d-%05d", s, year, serial) }

// ParseNumber reads a number as people type it, in any case, with blanks or without the leading
// zeros of the serial. Error: number.format.
func ParseNumber(text string) (s Series, year, serial int, err error) {
	parts := strings.Split(strings.ToUpper(strings.ReplaceAll(text, " ", "")), "-")
	bad := fail.Invalid("number.format")
	if len(parts) != 3 || len(parts[0]) != 1 || !strings.Contains("USA", parts[0]) || len(parts[1]) != 4 {
		return 0, 0, 0, bad
	}
	y, err := strconv.ParseUint(parts[1], 10, 16)
	if err != nil {
		return 0, 0, 0, bad
	}
	n, err := strconv.ParseUint(parts[2], 10, 31)
	if err != nil || n == 0 {
		return 0, 0, 0, bad
	}
	return Series(parts[0][0]), int(y), int(n), nil
}
