package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// archive is the ZIP file a workbook is, with limits on what it may unpack to.
type archive struct {
	zip      *zip.Reader
	src      *countingReaderAt
	limits   Limits
	unpacked int64 // bytes of all parts read so far
}

// freely is what a part may unpack to before its ratio is looked at: small parts of office programs
// are packed very tightly.
const freely = 64 << 20

func openArchive(src io.ReaderAt, size int64, limits Limits) (*archive, error) {
	if err := checkDirectory(src, size, limits.Entries); err != nil {
		return nil, err
	}
	counted := &countingReaderAt{src: src}
	z, err := zip.NewReader(counted, size)
	if err != nil {
		return nil, archiveError(err)
	}
	if len(z.File) > limits.Entries {
		return nil, fail.Invalid("tabular.entries", "limit", limits.Entries)
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	return &archive{zip: z, src: counted, limits: limits}, nil
}

// checkDirectory looks at the end of the archive before the directory is taken into memory: it
// refuses one that was cut off, and one too large.
func checkDirectory(src io.ReaderAt, size int64, entries int) error {
	const (
		endSize   = 22
		longest   = 1<<16 + endSize // the end record may have a comment behind it
		entrySize = 46 + 256        // with a name longer than any real one
	)
	tail := make([]byte, min(size, longest))
	if _, err := src.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return files.Explain(err)
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < endSize {
		return errCutFile()
	}
	length := int64(binary.LittleEndian.Uint32(tail[i+12:]))
	begin := int64(binary.LittleEndian.Uint32(tail[i+16:]))
	count := int64(binary.LittleEndian.Uint16(tail[i+10:]))
	at := size - int64(len(tail)) + int64(i)
	if length == 1<<32-1 || begin == 1<<32-1 || count == 1<<16-1 {
		if length, count = directory64(src, tail[:i], at); length < 0 {
			return fail.Invalid("tabular.corrupt")
		}
	}
	if count > int64(entries) || length > int64(entries)*entrySize || length > at {
		return fail.Invalid("tabular.entries", "limit", entries)
	}
	return nil
}

// directory64 gives length and entries of the directory of a ZIP64 file, from the record its
// locator points to; length is negative when there is none.
func directory64(src io.ReaderAt, before []byte, end int64) (length, count int64) {
	const locator, record = 20, 56
	if len(before) < locator {
		return -1, 0
	}
	l := before[len(before)-locator:]
	if !bytes.HasPrefix(l, []byte("PK\x06\x07")) {
		return -1, 0
	}
	at := binary.LittleEndian.Uint64(l[8:])
	if at > uint64(end) {
		return -1, 0
	}
	r := make([]byte, record)
	if n, _ := src.ReadAt(r, int64(at)); n < record || !bytes.HasPrefix(r, []byte("PK\x06\x06")) {
		return -1, 0
	}
	count = int64(binary.LittleEndian.Uint64(r[32:]))
	length = int64(binary.LittleEndian.Uint64(r[40:]))
	if count < 0 {
		return -1, 0
	}
	return length, count
}

// find gives the part of that name, whatever its case: some programs are careless.
func (a *archive) find(name string) *zip.File {
	name = strings.TrimPrefix(path.Clean(name), "/")
	for _, f := range a.zip.File {
		if strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			return f
		}
	}
	return nil
}

// open unpacks a part as it is read.
func (a *archive) open(f *zip.File) (io.ReadCloser, error) {
	if f.Flags&1 != 0 {
		return nil, fail.Invalid("tabular.format.encrypted")
	}
	r, err := f.Open()
	if err != nil {
		return nil, archiveError(err)
	}
	packed := max(int64(min(f.CompressedSize64, 1<<62)), 1)
	if a.limits.beyond(int64(min(f.UncompressedSize64, 1<<62)), packed) {
		return nil, errors.Join(fail.Invalid("tabular.bomb"), r.Close())
	}
	return &partReader{archive: a, src: r, packed: packed}, nil
}

// beyond tells whether a part that unpacks to so many bytes is made to harm. The directory of an archive says so before anything
// is read; one that lies is stopped on the way.
func (l Limits) beyond(unpacked, packed int64) bool {
	return unpacked > l.Unpacked || unpacked > freely && unpacked/packed > l.Ratio
}

// partReader stops a part that unpacks to more than the limits.
type partReader struct {
	archive *archive
	src     io.ReadCloser
	packed  int64
	n       int64
}

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.n += int64(n)
	p.archive.unpacked += int64(n)
	if p.archive.unpacked > p.archive.limits.Unpacked || p.archive.limits.beyond(p.n, p.packed) {
		return 0, fail.Invalid("tabular.bomb")
	}
	if err != nil && err != io.EOF {
		err = archiveError(err)
	}
	return n, err
}

func (p *partReader) Close() error { return p.src.Close() }

// archiveError turns an error of unpacking into one a person can act on: whatever is not an error of
// the system comes from a file that is not as it should be.
func archiveError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutFile().Because(err)
	}
	if err = files.Explain(err); fail.CodeOf(err) != "" {
		return err
	}
	return errCorrupt(err)
}

// countingReaderAt knows how much of a file was read, for showing progress.
type countingReaderAt struct {
	src io.ReaderAt
	n   int64
}

func (c *countingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.src.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}
