package tabular

import (
	"bytes"
	"encoding/binary"
	"io"

	"tepat/internal/kit/fail"
)

// oleMagic begins a compound file (Microsoft, [MS-CFB]): the old .xls, and every workbook that is
// locked with a password.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// refuseOLE tells a locked workbook from an old one by the names in the directory of the compound
// file: the officer has to do different things.
func refuseOLE(src io.ReaderAt, size int64) error {
	const name = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	if bytes.Contains(oleDirectory(src, size), []byte(name)) {
		return fail.Invalid("tabular.format.encrypted")
	}
	return fail.Invalid("tabular.format.xls")
}

// compound is a compound file, read sector by sector.
type compound struct {
	src    io.ReaderAt
	size   int64
	sector int64
	header [512]byte
}

// read gives a sector, as far as the file has it.
func (c *compound) read(number uint32) []byte {
	at := (int64(number) + 1) * c.sector
	if at >= c.size {
		return nil
	}
	b := make([]byte, c.sector)
	n, _ := c.src.ReadAt(b, at)
	return b[:n]
}

// next gives the sector that follows in a chain; ok is false where the tables named in the header do
// not tell.
func (c *compound) next(number uint32) (following uint32, ok bool) {
	const tables = 109
	perTable := uint32(c.sector / 4)
	table := number / perTable
	if table >= tables {
		return 0, false
	}
	t := c.read(binary.LittleEndian.Uint32(c.header[76+4*table:]))
	at := int64(number%perTable) * 4
	if int64(len(t)) < at+4 {
		return 0, false
	}
	return binary.LittleEndian.Uint32(t[at:]), true
}

// oleDirectory reads the directory, a chain of sectors, or as much of it as can be followed.
func oleDirectory(src io.ReaderAt, size int64) []byte {
	const longest = 64 // sectors; a locked workbook has a handful of entries
	c := &compound{src: src, size: size}
	if n, _ := src.ReadAt(c.header[:], 0); n < len(c.header) {
		return nil
	}
	shift := binary.LittleEndian.Uint16(c.header[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	c.sector = int64(1) << shift
	var directory []byte
	number, ok := binary.LittleEndian.Uint32(c.header[48:]), true
	for range longest {
		b := c.read(number)
		if b == nil {
			break
		}
		directory = append(directory, b...)
		if number, ok = c.next(number); !ok {
			break
		}
	}
	return directory
}
