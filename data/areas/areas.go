// Package areas embeds the areas of Indonesia: 38 provinces, 514 districts, 7,285 subdistricts and
// 83,762 villages with their codes, local kinds and time zones. README.md gives source and licence.
//
// The package knows nothing of the program: codes are numbers and dates are texts (YYYY-MM-DD).
// service/areas makes values of package area of them.
package areas

import (
	_ "embed" // the data files
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

//go:embed areas.tsv.zst
var packed []byte

// Row is one area.
type Row struct {
	Code      int64  // the Kemendagri code padded with zeros to ten digits
	Name      string // with "Kabupaten" or "Kota" for districts
	LocalKind string // the word for its kind used there: "negeri", "kampung", "distrik", "kecamatan"
	Zone      string // WIB, WITA or WIT
	BPS       string // the code of Statistics Indonesia; empty when not known
	ValidFrom string // empty when it held before the data begins
	ValidTo   string // the first day it no longer holds; empty while it holds
}

// All gives the areas that hold on the day (YYYY-MM-DD; "" is the newest state), in the order of
// their codes, so that each comes after the one it lies in. LocalKind and Zone are those of that
// day. When the embedded data cannot be read, one error comes instead of the rest.
func All(day string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		text, err := unpack()
		if err != nil {
			yield(Row{}, err)
			return
		}
		local, err := localKindsOn(day)
		if err != nil {
			yield(Row{}, err)
			return
		}
		zones, err := zonesOn(day)
		if err != nil {
			yield(Row{}, err)
			return
		}
		for line := range strings.Lines(text) {
			row, err := parseRow(strings.TrimSuffix(line, "\n"))
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !holds(row.ValidFrom, row.ValidTo, day) {
				continue
			}
			row.LocalKind, row.Zone = local.of(row.Code), zones.of(row.Code)
			if !yield(row, nil) {
				return
			}
		}
	}
}

func unpack() (string, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return "", fmt.Errorf("areas: %w", err)
	}
	defer decoder.Close()
	text, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return "", fmt.Errorf("areas: unpack: %w", err)
	}
	return string(text), nil
}

// parseRow reads code, name, BPS code, valid_from, valid_to; trailing empty columns are left out.
func parseRow(line string) (Row, error) {
	digits, rest, _ := strings.Cut(line, "\t")
	name, rest, _ := strings.Cut(rest, "\t")
	bps, rest, _ := strings.Cut(rest, "\t")
	from, to, _ := strings.Cut(rest, "\t")
	code, err := pad(digits)
	if err != nil {
		return Row{}, err
	}
	return Row{Code: code, Name: name, BPS: bps, ValidFrom: from, ValidTo: to}, nil
}

// pad gives the number of a code without dots, or with, filled with zeros to ten digits.
func pad(code string) (int64, error) {
	digits := strings.ReplaceAll(code, ".", "")
	if len(digits) > 10 {
		return 0, fmt.Errorf("areas: code %q has too many digits", code)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("areas: code %q: %w", code, err)
	}
	for range 10 - len(digits) {
		n *= 10
	}
	return n, nil
}

// holds reports whether the day lies from from on and before to; empty bounds are open, and the
// empty day is the newest state, which nothing that has ended belongs to.
func holds(from, to, day string) bool {
	if day == "" {
		return to == ""
	}
	return from <= day && (to == "" || day < to)
}
