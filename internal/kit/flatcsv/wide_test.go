package flatcsv_test

import (
	"encoding/binary"
	"reflect"
	"testing"
	"unicode/utf16"
)

// wideText writes a text as UTF-16.
func wideText(text string, order binary.AppendByteOrder) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// TestUnicodeTextOfSpreadsheets: what a spreadsheet saves as "Unicode text" is UTF-16 with tabs, with its mark or without.
func TestUnicodeTextOfSpreadsheets(t *testing.T) {
	t.Parallel()
	text := "NIK\tNama\r\n3201\tSITI É 😀\r\n3202\t\"A\tB\"\r\n"
	want := [][]string{{"3201", "SITI É 😀"}, {"3202", "A\tB"}}
	for name, c := range map[string]string{
		"little end with mark":    string(wideText("\ufeff"+text, binary.LittleEndian)),
		"big end with mark":       string(wideText("\ufeff"+text, binary.BigEndian)),
		"little end without mark": string(wideText(text[:4]+"XXXXXXXXXXXXXXXX"+text[4:], binary.LittleEndian)),
		"big end without mark":    string(wideText(text[:4]+"XXXXXXXXXXXXXXXX"+text[4:], binary.BigEndian)),
		"cut in half":             string(wideText("\ufeff"+text+"3203\t", binary.LittleEndian)) + "x",
		"half of a pair":          string(wideText("\ufeff"+text+"3203\t", binary.BigEndian)) + "\xd8\x00",
	} {
		header, rows := rowsOf(t, c)
		if len(header) != 2 || header[0] != "NIK" || len(rows) < 2 || !reflect.DeepEqual(rows[:2], want) {
			t.Errorf("%s: %q %q", name, header, rows)
		}
		if len(rows) == 3 && !reflect.DeepEqual(rows[2], []string{"3203", "\ufffd"}) {
			t.Errorf("%s: %q", name, rows[2])
		}
	}
}
