// Package pagefile keeps one long run of bytes as a file of small pages, each sealed by itself, so that any part can be
// read without the rest, and nothing that was changed, cut off or put elsewhere is ever taken for what was written.
//
// A file is a head, the pages and a tail. The key of a file is derived from the caller's and a random salt in the
// head, so no two files share one; each page is sealed by AES-256-GCM under it with its own number as nonce. The tail
// holds the length, sealed too: a file that ends early, or goes on behind its end, does not open. ADR 0017 says why.
// The bytes may be those of a mapped file that is cut off, or whose disk goes away, while it is in use.
package pagefile

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tepat/internal/kit/mapped"
)

// Size is the number of plain bytes a page holds.
const Size = 512

const (
	tagSize   = 16
	nonceSize = 12
	saltSize  = 32
	headSize  = len(magic) + saltSize
	tailPlain = 8
	tailSize  = tailPlain + tagSize
	magic     = "TEPAT PAGES 1\n\x00\x00"
	// KeySize is the length in bytes of the caller's key.
	KeySize = 32
	// Room is the capacity Page needs of the buffer it is given.
	Room = Size + tagSize
)

// The purposes of a nonce: its last four bytes.
const (
	forPage = iota
	forTail
)

// The faults of a file. Both mean that it cannot be used and has to be made again.
var (
	ErrTorn    = errors.New("pagefile: not a file of pages, cut off, or sealed with another key")
	ErrDamaged = errors.New("pagefile: a page is not what was written")
)

var errKey = fmt.Errorf("pagefile: the key has not %d bytes", KeySize)

func cipherOf(key, salt []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, errKey
	}
	sub, err := hkdf.Key(sha256.New, key, salt, "tepat pagefile", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key of a file: %w", err)
	}
	block, err := aes.NewCipher(sub)
	if err != nil {
		return nil, fmt.Errorf("cipher of a file: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("mode of a file: %w", err)
	}
	return aead, nil
}

func nonce(room *[nonceSize]byte, number uint64, purpose uint32) []byte {
	binary.LittleEndian.PutUint64(room[:], number)
	binary.LittleEndian.PutUint32(room[8:], purpose)
	return room[:]
}

// Writer seals what is written to it, page by page. Close it, or the file will not open.
type Writer struct {
	out   io.Writer
	aead  cipher.AEAD
	plain []byte
	room  []byte
	pages uint64
	size  uint64
	err   error
}

// NewWriter begins a file under a key of 32 secret bytes. Errors: a key of another length, and those of out.
func NewWriter(out io.Writer, key []byte) (*Writer, error) {
	head := make([]byte, headSize)
	copy(head, magic)
	rand.Read(head[len(magic):]) // never fails: it ends the process when the system has no randomness
	aead, err := cipherOf(key, head[len(magic):])
	if err != nil {
		return nil, err
	}
	if _, err := out.Write(head); err != nil {
		return nil, err
	}
	return &Writer{out: out, aead: aead, plain: make([]byte, 0, Size), room: make([]byte, 0, Room)}, nil
}

// Write takes bytes into the file. Errors: those of the writer below.
func (w *Writer) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 && w.err == nil {
		part := min(len(b), Size-len(w.plain))
		w.plain = append(w.plain, b[:part]...)
		b = b[part:]
		if len(w.plain) == Size {
			w.flush()
		}
	}
	if w.err != nil {
		return 0, w.err
	}
	w.size += uint64(n)
	return n, nil
}

func (w *Writer) flush() {
	w.put(w.plain, w.pages, forPage)
	w.pages++
	w.plain = w.plain[:0]
}

func (w *Writer) put(plain []byte, number uint64, purpose uint32) {
	var room [nonceSize]byte
	w.room = w.aead.Seal(w.room[:0], nonce(&room, number, purpose), plain, nil)
	_, w.err = w.out.Write(w.room)
}

// Close writes the last page and the tail. It does not close the writer below.
func (w *Writer) Close() error {
	if w.err == nil && len(w.plain) > 0 {
		w.flush()
	}
	if w.err == nil {
		w.put(binary.LittleEndian.AppendUint64(nil, w.size), w.pages, forTail)
	}
	clear(w.plain[:cap(w.plain)])
	return w.err
}

// File is a file of pages. It is safe for concurrent use, and good as long as its bytes are.
type File struct {
	text []byte
	aead cipher.AEAD
	size int64
}

// Open takes the bytes of a whole file. It opens the tail only: a page is held to what was written when it is read.
// Errors: ErrTorn, or a key of another length.
func Open(b, key []byte) (f *File, err error) {
	if mapped.Reading(func() error { f, err = open(b, key); return nil }) != nil {
		return nil, ErrTorn
	}
	return f, err
}

func open(b, key []byte) (*File, error) {
	if len(b) < headSize+tailSize || !bytes.Equal(b[:len(magic)], []byte(magic)) {
		return nil, ErrTorn
	}
	aead, err := cipherOf(key, b[len(magic):headSize])
	if err != nil {
		return nil, err
	}
	body := len(b) - headSize - tailSize
	number := uint64((body + Room - 1) / Room)
	var room [nonceSize]byte
	var plain [tailPlain]byte
	tail, err := aead.Open(plain[:0], nonce(&room, number, forTail), b[len(b)-tailSize:], nil)
	if err != nil {
		return nil, ErrTorn
	}
	size := binary.LittleEndian.Uint64(tail)
	if uint64(body) != size+number*tagSize || (size+Size-1)/Size != number {
		return nil, ErrTorn
	}
	return &File{text: b[headSize : len(b)-tailSize], aead: aead, size: int64(size)}, nil
}

// Len gives the number of plain bytes.
func (f *File) Len() int64 { return f.size }

// Page opens a page, counted from 0, into the room of into, which needs a capacity of Room. Errors: ErrDamaged, also
// for a page behind the end, and one that cannot be read any more.
func (f *File) Page(n int64, into []byte) (plain []byte, err error) {
	if n < 0 || n > (f.size-1)/Size {
		return nil, ErrDamaged
	}
	var room [nonceSize]byte
	if mapped.Reading(func() error {
		plain, err = f.aead.Open(into[:0], nonce(&room, uint64(n), forPage), f.sealed(n), nil)
		return err
	}) != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// sealed gives the bytes of a page as they lie in the file.
func (f *File) sealed(n int64) []byte {
	from := n * Room
	return f.text[from:min(from+Room, int64(len(f.text)))]
}

// Ahead brings the bytes of a page near, so that those of many pages come at the same time instead of one page after the
// other. The number it gives means nothing.
func (f *File) Ahead(n int64) (sum byte) {
	if n < 0 || n > (f.size-1)/Size {
		return 0
	}
	const line = 64
	_ = mapped.Reading(func() error { // whoever reads the page is told
		sealed := f.sealed(n)
		for i := 0; i < len(sealed); i += line {
			sum += sealed[i]
		}
		return nil
	})
	return sum
}
