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

// oleDirectory reads the directory, a chain of sectors, or as much of it as can be followed.
func oleDirectory(src io.ReaderAt, size int64) []byte {
	const (
		headerSize = 512
		longest    = 64 // sectors; a locked workbook has a handful of entries
		tables     = 109
	)
	header := make([]byte, headerSize)
	if n, _ := src.ReadAt(header, 0); n < headerSize {
		return nil
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	sector := int64(1) << shift
	read := func(number uint32) []byte {
		at := (int64(number) + 1) * sector
		if at >= size {
			return nil
		}
		b := make([]byte, sector)
		n, _ := src.ReadAt(b, at)
		return b[:n]
	}
	var directory []byte
	next := binary.LittleEndian.Uint32(header[48:])
	for range longest {
		b := read(next)
		if b == nil {
			break
		}
		directory = append(directory, b...)
		perTable := uint32(sector / 4)
		table := next / perTable
		if table >= tables {
			break
		}
		t := read(binary.LittleEndian.Uint32(header[76+4*table:]))
		at := int64(next%perTable) * 4
		if int64(len(t)) < at+4 {
			break
		}
		next = binary.LittleEndian.Uint32(t[at:])
	}
	return directory
}
