package papers

import (
	"bytes"
	"encoding/binary"
	"slices"

	"tepat/internal/kit/fail"
)

// Clean takes out of a picture what is not the picture: where and when a telephone took it, whose telephone it is, small
// copies of the picture before it was cut, and whatever lies behind its end. Which way up it is shown stays. A PDF is left
// as it is: what it holds beside pages cannot be told from what belongs to them. Error: papers.broken.
func Clean(f Format, content []byte) ([]byte, error) {
	switch f {
	case JPEG:
		return cleanJPEG(content)
	case PNG:
		return cleanPNG(content)
	}
	return content, nil
}

// The markers of a JPEG (ITU-T T.81, annex B).
const (
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markRST0 = 0xd0
	markRST7 = 0xd7
	markTEM  = 0x01
	markAPP0 = 0xe0 // JFIF
	markAPP1 = 0xe1 // Exif, XMP
	markAPP2 = 0xe2 // colour profile, or further pictures
	markAPPE = 0xee // Adobe: how colours are written
	markAPPF = 0xef
	markCOM  = 0xfe
)

// cleanJPEG goes through the segments and keeps what a decoder needs.
func cleanJPEG(in []byte) ([]byte, error) {
	broken := fail.Invalid("papers.broken")
	out := append(make([]byte, 0, len(in)), 0xff, markSOI)
	for at := 2; ; {
		for at < len(in) && in[at] == 0xff && at+1 < len(in) && in[at+1] == 0xff {
			at++ // fill bytes
		}
		if at+2 > len(in) || in[at] != 0xff {
			return nil, broken
		}
		mark := in[at+1]
		if mark == markEOI {
			return append(out, 0xff, markEOI), nil
		}
		if mark == markTEM || mark >= markRST0 && mark <= markRST7 {
			out, at = append(out, 0xff, mark), at+2
			continue
		}
		if at+4 > len(in) {
			return nil, broken
		}
		end := at + 2 + int(binary.BigEndian.Uint16(in[at+2:]))
		if end < at+4 || end > len(in) {
			return nil, broken
		}
		segment := in[at:end]
		switch {
		case mark == markAPP1:
			out = append(out, upright(segment)...)
		case keptSegment(mark, segment):
			out = append(out, segment...)
		}
		if at = end; mark == markSOS {
			last := scanEnd(in, at)
			out, at = append(out, in[at:last]...), last
		}
	}
}

// keptSegment reports whether a segment belongs to the picture.
func keptSegment(mark byte, segment []byte) bool {
	switch {
	case mark == markCOM:
		return false
	case mark == markAPP2:
		return bytes.HasPrefix(segment[4:], []byte("ICC_PROFILE\x00"))
	case mark == markAPP0:
		return bytes.HasPrefix(segment[4:], []byte("JFIF\x00"))
	}
	return mark < markAPP0 || mark > markAPPF || mark == markAPPE
}

// scanEnd gives where the data of a scan ends: at the next marker that is no restart.
func scanEnd(in []byte, at int) int {
	for ; at+1 < len(in); at++ {
		if in[at] == 0xff && in[at+1] != 0 && in[at+1] != 0xff && (in[at+1] < markRST0 || in[at+1] > markRST7) {
			return at
		}
	}
	return len(in)
}

// orientation is the Exif tag that says which way up a picture is shown (Exif 2.32, 4.6.4).
const orientation = 0x0112

// upright gives, for the Exif segment of a picture that is not shown as it is stored, one that holds that alone.
func upright(segment []byte) []byte {
	body, ok := bytes.CutPrefix(segment[4:], []byte("Exif\x00\x00"))
	if !ok {
		return nil
	}
	way := orientationOf(body)
	if way < 2 || way > 8 {
		return nil
	}
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 3, 0, 0, 0, 1, 0, byte(way), 0, 0, 0, 0, 0, 0) // one SHORT; no further directory
	out := []byte{0xff, markAPP1}
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(tiff)))
	return append(append(out, "Exif\x00\x00"...), tiff...)
}

// orientationOf reads the tag from the first directory; 0 when it is not there.
func orientationOf(tiff []byte) uint16 {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for i := range int64(order.Uint16(tiff[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == orientation {
			return order.Uint16(tiff[entry+8:])
		}
	}
	return 0
}

// pngKept are the chunks beside the critical ones that say how the picture looks (PNG, third edition, chapter 11).
func pngKept(kind string) bool {
	return slices.Contains([]string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "cICP", "pHYs", "bKGD"}, kind)
}

// cleanPNG goes through the chunks and keeps what a decoder needs.
func cleanPNG(in []byte) ([]byte, error) {
	const signature, frame = 8, 12 // a chunk is its length, its kind, its data, its check
	out := append(make([]byte, 0, len(in)), in[:min(signature, len(in))]...)
	for at := signature; at+frame <= len(in); {
		end := int64(at) + frame + int64(binary.BigEndian.Uint32(in[at:]))
		if end > int64(len(in)) {
			break
		}
		kind := string(in[at+4 : at+8])
		if pngKept(kind) {
			out = append(out, in[at:end]...)
		}
		if kind == "IEND" {
			return out, nil
		}
		at = int(end)
	}
	return nil, fail.Invalid("papers.broken")
}
