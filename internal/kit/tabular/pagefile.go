package tabular

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"tepat/internal/kit/files"
)

const (
	pageSize  = 16 << 10
	pageSlots = 512 // pages kept in memory, 8 MiB
)

// pageFile is a stream of bytes put aside on disk: first appended to, then read anywhere. What lies
// on the disk is encrypted with a key that never leaves the memory, since it is personal data, and
// the file has no name. Nearby bytes are read together and pages in use stay in memory: the texts of
// a sheet are mostly asked for in their order.
type pageFile struct {
	file   *files.Unnamed
	block  cipher.Block
	size   int64
	pages  int64  // written
	page   []byte // being filled
	slots  [pageSlots][]byte
	number [pageSlots]int64 // which page a slot holds, plus one
}

func newPageFile(dir string) (*pageFile, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("tabular: key of a temporary file: %w", err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("tabular: cipher of a temporary file: %w", err)
	}
	f, err := files.TempFile(dir)
	if err != nil {
		return nil, err
	}
	return &pageFile{file: f, block: block, page: make([]byte, 0, pageSize)}, nil
}

// append adds bytes at the end.
func (p *pageFile) append(b []byte) error {
	p.size += int64(len(b))
	for len(b) > 0 {
		n := min(len(b), pageSize-len(p.page))
		p.page = append(p.page, b[:n]...)
		b = b[n:]
		if len(p.page) == pageSize {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeze writes the last page; then the file can be read.
func (p *pageFile) freeze() error {
	if len(p.page) == 0 {
		return nil
	}
	return p.flush()
}

// flush writes the page being filled.
func (p *pageFile) flush() error {
	p.crypt(p.page, p.pages)
	_, err := p.file.WriteAt(p.page, p.pages*pageSize)
	p.pages++
	p.page = p.page[:0]
	return files.Explain(err)
}

// crypt encrypts or decrypts a page. No part of the key stream is used twice: each page has its own
// range of counters.
func (p *pageFile) crypt(page []byte, number int64) {
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(number)*(pageSize/aes.BlockSize))
	cipher.NewCTR(p.block, counter[:]).XORKeyStream(page, page)
}

// appendRange appends n bytes from a place on to dst.
func (p *pageFile) appendRange(dst []byte, from int64, n int) ([]byte, error) {
	for n > 0 {
		page, err := p.read(from / pageSize)
		if err != nil {
			return dst, err
		}
		part := page[from%pageSize:]
		part = part[:min(n, len(part))]
		dst = append(dst, part...)
		from += int64(len(part))
		n -= len(part)
	}
	return dst, nil
}

// read gives a page, from memory when it is there.
func (p *pageFile) read(number int64) ([]byte, error) {
	slot := number % pageSlots
	if p.number[slot] == number+1 {
		return p.slots[slot], nil
	}
	if p.slots[slot] == nil {
		p.slots[slot] = make([]byte, pageSize)
	}
	page := p.slots[slot][:min(pageSize, p.size-number*pageSize)]
	p.number[slot] = 0
	if _, err := p.file.ReadAt(page, number*pageSize); err != nil {
		return nil, files.Explain(err)
	}
	p.crypt(page, number)
	p.slots[slot], p.number[slot] = page[:len(page):pageSize], number+1
	return page, nil
}

func (p *pageFile) close() error { return p.file.Close() }
