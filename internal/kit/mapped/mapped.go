// Package mapped gives the bytes of a file without copying them into the program's memory.
//
// Where the system can, the file is mapped: pages are read when they are first touched and dropped
// when memory is short. Elsewhere, and for what is no plain file, it is read as a whole. The bytes
// may not be written to. A file that is made shorter while it is mapped ends the program where its
// bytes are read outside Reading; inside it that is an error, as it is for Changed when a file was
// written to meanwhile.
package mapped

import (
	"errors"
	"io"
	"os"
	"runtime/debug"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// File is an open file as bytes. Close it when nothing refers to its bytes any more.
type File struct {
	bytes []byte
	unmap func() error
	file  *os.File    // of a mapped file, open as long as that
	was   os.FileInfo // when it was mapped
}

// Open maps or reads the file of that path. Errors: those of files.Explain.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, files.Explain(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, files.Explain(errors.Join(err, f.Close()))
	}
	if size := info.Size(); info.Mode().IsRegular() && size > 0 && size == int64(int(size)) {
		if b, unmap, err := mmap(f, int(size)); err == nil {
			return &File{bytes: b, unmap: unmap, file: f, was: info}, nil
		}
	}
	defer f.Close()
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
	return files.Explain(errors.Join(unmap(), f.file.Close()))
}

// Changed tells whether the file was written to since it was opened, which its size and the time of the last write show: what was read
// of it is then of two files. Errors: files.changed, those of files.Explain.
func (f *File) Changed() error {
	if f.unmap == nil {
		return nil
	}
	now, err := f.file.Stat()
	if err != nil {
		return files.Explain(err)
	}
	if now.Size() != f.was.Size() || !now.ModTime().Equal(f.was.ModTime()) {
		return fail.Conflict("files.changed")
	}
	return nil
}

// Reading runs f, which reads the bytes of files and may do so on goroutines of package parallel. Where there are none any more, since a
// file was made shorter or its disk went away, it ends with files.changed instead of ending the program.
func Reading(f func() error) (err error) {
	was := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(was)
		if v := recover(); v != nil {
			if !faulted(v) {
				panic(v)
			}
			err = fail.Conflict("files.changed")
		}
	}()
	return f()
}

// faulted tells of a panic whether memory could not be read.
func faulted(v any) bool {
	err, _ := v.(error)
	var fault interface {
		error
		Addr() uintptr
	}
	return errors.As(err, &fault)
}
