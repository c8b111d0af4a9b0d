// Package files writes files so that a crash or a full disk never leaves half of one, makes and
// clears temporary folders, and keeps names that came from outside inside their folder.
//
// Every error of the operating system that a person can act on (disk full, no permission, folder
// missing) becomes a fail.Error with a code of its own; see Explain.
package files

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"tepat/internal/kit/fail"
)

// temporary begins the name of every file and folder that Sweep may remove.
const temporary = ".tepat-tmp-"

// bufferSize is large enough that a bulk export costs few system calls.
const bufferSize = 256 << 10

// errClosed is a use of a file after Commit or Discard.
var errClosed = errors.New("files: used after it was committed or discarded")

// Pending is a file being written beside its final place. It becomes visible, whole, by Commit;
// until then the old file stays. It is not safe for concurrent use.
type Pending struct {
	path string
	file *os.File
	buf  *bufio.Writer
	err  error // the first failure of a write: Commit must not publish a file with a hole
	done bool
}

// Create begins a file that Commit puts at path with the permissions perm. The caller must call
// Commit or Discard; a deferred Discard after Commit does nothing.
// Errors: files.special, those of Explain.
func Create(path string, perm fs.FileMode) (*Pending, error) {
	path, err := place(path)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), temporary+"*.part")
	if err != nil {
		return nil, Explain(err)
	}
	p := &Pending{path: path, file: f, buf: bufio.NewWriterSize(f, bufferSize)}
	if err := f.Chmod(perm); err != nil && runtime.GOOS != "windows" {
		p.Discard()
		return nil, Explain(err)
	}
	return p, nil
}

// place gives where a file really lies, behind its links, and refuses what is there and no file: a device, a pipe or a socket would
// be replaced by the new file for good. Error: files.special.
func place(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return path, nil // there is none yet, or Create says why it cannot be
	}
	if info.Mode()&(fs.ModeDevice|fs.ModeCharDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return "", fail.Invalid("files.special")
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	return path, nil
}

// Write appends to the file. Errors: those of Explain.
func (p *Pending) Write(b []byte) (int, error) {
	if p.err != nil || p.done {
		return 0, cmp.Or(p.err, errClosed)
	}
	n, err := p.buf.Write(b)
	if err != nil {
		p.err = Explain(err)
	}
	return n, p.err
}

// Commit writes everything to the disk and puts the file at its place in one step. After an error
// the old file, if there was one, is untouched and the new one is gone; only when the folder cannot be
// synced at the very end the new file is there already. Errors: those of Explain.
func (p *Pending) Commit() error {
	if p.done {
		return p.err
	}
	if p.err == nil {
		p.err = Explain(p.publish())
	}
	p.Discard()
	return p.err
}

// publish goes in the order that survives a power cut: contents, then name, then folder.
func (p *Pending) publish() error {
	if err := p.buf.Flush(); err != nil {
		return err
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	if err := p.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(p.file.Name(), p.path); err != nil {
		return err
	}
	p.done = true
	return syncDir(filepath.Dir(p.path))
}

// Discard gives the file up: nothing of it stays on the disk. After Commit it does nothing.
func (p *Pending) Discard() {
	if p.done {
		return
	}
	p.done = true
	p.err = cmp.Or(p.err, errClosed)
	_ = p.file.Close() // it may be closed already; what counts is that the name goes
	_ = os.Remove(p.file.Name())
}

// Write puts what fill writes at path, in one step: after an error, of fill or of the disk, the old
// file is untouched. Errors: those of fill as they are, and those of Explain.
func Write(path string, perm fs.FileMode, fill func(io.Writer) error) error {
	p, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer p.Discard()
	if err := fill(p); err != nil {
		return err
	}
	return p.Commit()
}

// syncDir makes the new name survive a power cut. Windows has no such call: it journals names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
