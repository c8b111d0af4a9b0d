// Package mapped gives the bytes of a file without copying them into the program's memory.
//
// Where the system can, the file is mapped: pages are read when they are first touched and dropped
// when memory is short. Elsewhere, and for what is no plain file, it is read as a whole. The bytes
// may not be written to, and a file that is made shorter while it is mapped ends the program, so
// map only files nobody is writing.
package mapped

import (
	"io"
	"os"

	"tepat/internal/kit/files"
)

// File is an open file as bytes. Close it when nothing refers to its bytes any more.
type File struct {
	bytes []byte
	unmap func() error
}

// Open maps or reads the file of that path. Errors: those of files.Explain.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, files.Explain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, files.Explain(err)
	}
	if size := info.Size(); info.Mode().IsRegular() && size > 0 && size == int64(int(size)) {
		if b, unmap, err := mmap(f, int(size)); err == nil {
			return &File{bytes: b, unmap: unmap}, nil
		}
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, files.Explain(err)
	}
	return &File{bytes: b}, nil
}

// Bytes gives the whole file. The slice must not be written to nor used after Close.
func (f *File) Bytes() []byte { return f.bytes }

// Close gives the memory back. It may be called again.
func (f *File) Close() error {
	if f.unmap == nil {
		f.bytes = nil
		return nil
	}
	unmap := f.unmap
	f.bytes, f.unmap = nil, nil
	return files.Explain(unmap())
}
