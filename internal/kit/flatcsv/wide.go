package flatcsv

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wide tells UTF-16 by its mark, or without one by every other byte of the beginning being zero, and gives the order of its bytes;
// nil for any other text.
func wide(data []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	head := data[:min(len(data), 64)]
	var zero [2]int
	for i, b := range head {
		if b == 0 {
			zero[i%2]++
		}
	}
	switch {
	case len(head) < 8:
	case zero[1] == len(head)/2 && zero[0] == 0:
		return binary.LittleEndian
	case zero[0] == len(head)/2 && zero[1] == 0:
		return binary.BigEndian
	}
	return nil
}

// narrow turns UTF-16 into UTF-8. Half of a pair, and what is cut off in the middle, become the letter for none.
func narrow(data []byte, order binary.ByteOrder) []byte {
	text := make([]byte, 0, len(data)/2+len(data)/16)
	for ; len(data) >= 2; data = data[2:] {
		r := rune(order.Uint16(data))
		if utf16.IsSurrogate(r) {
			low := rune(utf8.RuneError)
			if len(data) >= 4 {
				low = rune(order.Uint16(data[2:]))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				data = data[2:]
			}
		}
		text = utf8.AppendRune(text, r)
	}
	if len(data) > 0 {
		text = utf8.AppendRune(text, utf8.RuneError)
	}
	return text
}
