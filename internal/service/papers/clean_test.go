package papers_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"tepat/internal/service/papers"
)

// exif makes a segment as telephones write it: which way up, and where it was.
func exif(order binary.ByteOrder, way uint16) []byte {
	var tiff bytes.Buffer
	head := "MM\x00\x2a"
	if order == binary.ByteOrder(binary.LittleEndian) {
		head = "II\x2a\x00"
	}
	tiff.WriteString(head)
	put := func(v any) { _ = binary.Write(&tiff, order, v) }
	put(uint32(8))
	put(uint16(2))
	put(uint16(0x0112)) // orientation
	put(uint16(3))
	put(uint32(1))
	put(way)
	put(uint16(0))
	put(uint16(0x8825)) // place
	put(uint16(4))
	put(uint32(1))
	put(uint32(38))
	put(uint32(0))
	tiff.WriteString("-3.6954,128.1814 TELEPON SITI")
	return segment(0xe1, append([]byte("Exif\x00\x00"), tiff.Bytes()...))
}

func segment(mark byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(body)+2)), body...)
}

func chunk(kind, body string) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind+body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// same reports whether two files show the same pixels.
func same(t *testing.T, decode func([]byte) (image.Image, error), a, b []byte) bool {
	t.Helper()
	left, err := decode(a)
	if err != nil {
		t.Fatal(err)
	}
	right, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if left.Bounds() != right.Bounds() {
		return false
	}
	for y := range left.Bounds().Dy() {
		for x := range left.Bounds().Dx() {
			if left.At(x, y) != right.At(x, y) {
				return false
			}
		}
	}
	return true
}

func TestAPhotoKeepsItsPictureAndNothingElse(t *testing.T) {
	t.Parallel()
	plain := photo(t, 7)
	decode := func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	for name, order := range map[string]binary.ByteOrder{"big": binary.BigEndian, "little": binary.LittleEndian} {
		for _, way := range []uint16{0, 1, 6, 99} {
			full := append([]byte{0xff, 0xd8}, exif(order, way)...)
			full = append(full, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<GPS>TELEPON SITI</GPS>"))...)
			full = append(full, segment(0xe2, []byte("MPF\x00TELEPON SITI"))...)
			full = append(full, segment(0xed, []byte("Photoshop TELEPON SITI"))...)
			full = append(full, segment(0xfe, []byte("TELEPON SITI"))...)
			full = append(append(full, plain[2:]...), []byte("TELEPON SITI and a film behind it\xff\xd9")...)
			got, err := papers.Clean(papers.JPEG, full)
			if err != nil || !same(t, decode, plain, got) {
				t.Fatalf("%s endian, way %d: %v, or another picture", name, way, err)
			}
			if bytes.Contains(got, []byte("SITI")) || bytes.Contains(got, []byte("128.18")) || bytes.Contains(got, []byte("GPS")) {
				t.Errorf("%s endian, way %d: the place is still there", name, way)
			}
			if turned := bytes.Contains(got, []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")); turned != (way == 6) {
				t.Errorf("%s endian, way %d: turned is %v", name, way, turned)
			}
			again, err := papers.Clean(papers.JPEG, got)
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("%s endian, way %d: cleaned twice it is another file, %v", name, way, err)
			}
		}
	}
}

func TestADrawingKeepsItsPictureAndNothingElse(t *testing.T) {
	t.Parallel()
	plain := drawn(t)
	head := 8 + 25 // the signature and IHDR
	full := append([]byte{}, plain[:head]...)
	for _, kind := range []string{"tEXt", "iTXt", "eXIf", "tIME", "zTXt", "prVt"} {
		full = append(full, chunk(kind, "Author\x00SITI 128.18")...)
	}
	full = append(full, chunk("pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01")...)
	full = append(append(full, plain[head:]...), "SITI behind the end"...)
	got, err := papers.Clean(papers.PNG, full)
	if err != nil || !same(t, func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }, plain, got) {
		t.Fatalf("%v, or another picture", err)
	}
	if bytes.Contains(got, []byte("SITI")) || !bytes.Contains(got, []byte("pHYs")) || len(got) != len(plain)+21 {
		t.Errorf("kept %q", got)
	}
}

// FuzzClean: whatever is sent, cleaning ends, and what it gives can be cleaned again to the same.
func FuzzClean(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xd9"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add(append([]byte{0xff, 0xd8}, exif(binary.BigEndian, 6)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range []papers.Format{papers.JPEG, papers.PNG, papers.PDF} {
			once, err := papers.Clean(format, content)
			if err != nil {
				continue
			}
			twice, err := papers.Clean(format, once)
			if err != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s: %x becomes %x, then %x, %v", format, content, once, twice, err)
			}
		}
	})
}
