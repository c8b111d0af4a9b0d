package tabular

import (
	"fmt"
	"math"
	"time"
)

// Spreadsheets count days. In the usual system day 1 is 1900-01-01, and day 60 is 1900-02-29, which
// never was: a fault kept since Lotus 1-2-3 (ECMA-376 part 1, 18.17.4.1). The other system, of old
// Macs, counts from 1904-01-01 as day 0.
const (
	lotusDay   = 60
	lastSerial = 2958465 // 9999-12-31
	offset1904 = 1462
	daySeconds = 24 * 60 * 60
	epochDays  = 25569 // 1970-01-01
)

// serialOf gives the day number; ok is false for a day that does not exist or cannot be counted.
func serialOf(year, month, day int) (serial int64, ok bool) {
	if year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return 0, false
	}
	serial = t.Unix()/daySeconds + epochDays // midnight: nothing is rounded
	if serial <= lotusDay {
		serial--
	}
	return serial, true
}

func isoDay(year, month, day int) string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }

// appendSerialDay appends the day as YYYY-MM-DD.
func appendSerialDay(dst []byte, serial int64) []byte {
	if serial < lotusDay {
		serial++
	}
	return time.Unix((serial-epochDays)*daySeconds, 0).UTC().AppendFormat(dst, time.DateOnly)
}

// appendMoment appends the date, time or both that a number stands for; ok is false when it stands
// for none.
func appendMoment(dst []byte, serial float64, from1904 bool) (out []byte, ok bool) {
	if from1904 {
		serial += offset1904
	}
	if !(serial >= 0 && serial < lastSerial+1) { // also refuses NaN
		return dst, false
	}
	day := int64(serial)
	seconds := int64(math.Round((serial - float64(day)) * daySeconds))
	if seconds == daySeconds {
		day, seconds = day+1, 0
	}
	switch {
	case day == lotusDay || day > lastSerial || day == 0 && seconds == 0:
		return dst, false
	case day == 0:
		return appendClock(dst, seconds), true
	}
	dst = appendSerialDay(dst, day)
	if seconds != 0 {
		dst = appendClock(append(dst, 'T'), seconds)
	}
	return dst, true
}

func appendClock(dst []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(dst, time.TimeOnly)
}
