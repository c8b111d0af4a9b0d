package linkage

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/pagefile"
)

// store is where the bytes of an index lie.
type store interface {
	// Len gives the number of bytes.
	Len() int64
	// Page gives a page, in the room of into where it has to be opened; the last may be shorter.
	Page(n int64, into []byte) ([]byte, error)
	// Ahead brings a page near that will be read soon.
	Ahead(n int64) byte
}

// plainBytes is an index in memory.
type plainBytes []byte

func (b plainBytes) Len() int64 { return int64(len(b)) }

func (b plainBytes) Page(n int64, _ []byte) ([]byte, error) {
	from := n * pagefile.Size
	return b[from:min(from+pagefile.Size, int64(len(b)))], nil
}

func (plainBytes) Ahead(int64) byte { return 0 }

// base is an index as it was built; nothing in it changes.
type base struct {
	store
	head liveHead
	end  int64 // of the sections
}

// openBase reads the head and holds every section to the bounds of the file.
func openBase(s store) (*base, error) {
	b := &base{store: s}
	r := newPageReader(b)
	torn := func(err error) error {
		if err == nil {
			return fail.Invalid("linkage.index_unreadable")
		}
		return fail.Invalid("linkage.index_unreadable").Because(err)
	}
	if s.Len() < endWidth {
		return nil, torn(nil)
	}
	end := r.at(s.Len()-endWidth, endWidth)
	at, size := int64(binary.LittleEndian.Uint64(end)), int64(binary.LittleEndian.Uint64(end[8:]))
	if r.err != nil || at < 0 || size < 0 || at > s.Len()-endWidth || size != s.Len()-endWidth-at {
		return nil, torn(r.err)
	}
	text := slices.Clone(r.at(at, int(size)))
	if r.err != nil {
		return nil, torn(r.err)
	}
	if err := json.Unmarshal(text, &b.head); err != nil {
		return nil, torn(err)
	}
	b.end = at
	if !b.sound() || !b.directories(r) {
		return nil, torn(r.err)
	}
	return b, nil
}

// directories reads the directories of all tables, and tells whether they lead nowhere but into their tables.
func (b *base) directories(r *pageReader) bool {
	for _, list := range b.head.tables() {
		for i := range list {
			if list[i].Width > 0 && !list[i].read(r) {
				return false
			}
		}
	}
	return true
}

func (s *liveSection) read(r *pageReader) bool {
	n := 1<<s.Bits + 1
	s.directory = make([]uint32, 0, n)
	last := uint32(0)
	for len(s.directory) < n {
		part := r.at(s.From+4*int64(len(s.directory)), 4*min(n-len(s.directory), pagefile.Size/4))
		for ; len(part) >= 4; part = part[4:] {
			at := binary.LittleEndian.Uint32(part)
			if at < last {
				return false
			}
			s.directory, last = append(s.directory, at), at
		}
		if r.err != nil {
			return false
		}
	}
	return s.directory[0] == 0 && int64(last) == s.Count
}

// tables gives the tables of the index.
func (h *liveHead) tables() [][]liveSection {
	return [][]liveSection{h.Keys, h.IDs, h.Cards, h.Words, h.Values, h.Crowds}
}

// sound tells whether the head says nothing the file cannot hold.
func (b *base) sound() bool {
	h := &b.head
	if h.Format != liveFormat || h.Rows < 0 || h.Candidates < 1 || len(h.Headers[0]) == 0 || h.Reference != (len(h.Headers[1]) > 0) {
		return false
	}
	if len(h.IDs) != 1 || len(h.Words) != 1 || len(h.Cards) > 1 {
		return false
	}
	lists := h.tables()
	for i, width := range []int64{pairWidth, pairWidth, pairWidth, valueWidth, valueWidth, valueWidth} {
		for _, s := range lists[i] {
			if s.Width == 0 && i >= 4 {
				continue // nothing is asked of the column
			}
			if s.Width != width || s.Bits > mostBits || s.From < 0 || s.Count < 0 || s.Count > b.end/width || s.end() > b.end {
				return false
			}
		}
	}
	return h.Records.From == 0 && h.Records.Count >= 0 && h.Records.Count <= b.end && h.Records.Width == 1
}

// pageSlots is how many opened pages a reader keeps.
const pageSlots = 1 << 9

// pageReader reads a base for one goroutine. It keeps the pages opened last, for hot ones are asked for again and again.
// The first error stays, and from then on all reads as zeros.
type pageReader struct {
	base    *base
	plain   []byte // of a base in memory
	slots   []pageSlot
	scratch []byte
	err     error
	opened  int64 // pages opened so far
	near    byte  // keeps ahead from being left out
}

type pageSlot struct {
	page int64 // from 1; 0 for none
	text []byte
	room []byte
}

func newPageReader(b *base) *pageReader {
	r := &pageReader{base: b}
	if p, ok := b.store.(plainBytes); ok {
		r.plain = p
		return r
	}
	r.slots = make([]pageSlot, pageSlots)
	return r
}

// at gives n bytes from a place. They are good until the next call.
func (r *pageReader) at(from int64, n int) []byte {
	if n == 0 || from < 0 || n < 0 || from > r.base.Len()-int64(n) {
		return r.zeros(n)
	}
	if r.plain != nil {
		return r.plain[from : from+int64(n)]
	}
	page, in := from/pagefile.Size, int(from%pagefile.Size)
	if in+n <= pagefile.Size {
		if text := r.page(page); len(text) >= in+n {
			return text[in : in+n]
		}
		return r.zeros(n)
	}
	r.scratch = r.scratch[:0]
	for left := n; left > 0; page, in = page+1, 0 {
		text := r.page(page)
		if len(text) <= in {
			return r.zeros(n)
		}
		part := text[in:min(len(text), in+left)]
		r.scratch = append(r.scratch, part...)
		left -= len(part)
	}
	return r.scratch
}

// ahead brings near what will be read from a place.
func (r *pageReader) ahead(from int64) {
	if r.plain == nil && r.slots[uint64(from/pagefile.Size)%pageSlots].page != from/pagefile.Size+1 {
		r.near += r.base.Ahead(from / pagefile.Size)
	}
}

// zeros stands for what cannot be read; that is an error unless nothing was asked for.
func (r *pageReader) zeros(n int) []byte {
	if n > 0 && r.err == nil {
		r.err = fail.Conflict("linkage.index_damaged")
	}
	n = min(max(n, 0), 1<<20)
	return make([]byte, n)
}

func (r *pageReader) page(page int64) []byte {
	slot := &r.slots[uint64(page)%pageSlots]
	if slot.page == page+1 {
		return slot.text
	}
	if slot.room == nil {
		slot.room = make([]byte, 0, pagefile.Room)
	}
	text, err := r.base.Page(page, slot.room[:0])
	if err != nil {
		slot.page = 0
		if r.err == nil {
			r.err = fail.Conflict("linkage.index_damaged").Because(err)
		}
		return nil
	}
	r.opened++
	slot.page, slot.text = page+1, text
	return text
}

// entry gives an entry of a table of keys.
func (r *pageReader) entry(s *liveSection, i int64) uint64 {
	return binary.LittleEndian.Uint64(r.at(s.entries()+i*pairWidth, pairWidth))
}

// bucket gives the entries whose hash begins like this one.
func (s *liveSection) bucket(hash uint64) (from, to int64) {
	at := hash >> (64 - s.Bits)
	return int64(s.directory[at]), int64(s.directory[at+1])
}

// guess tells where the entries of a value should be: values lie as evenly as hashes do, so it is not far from where they are.
func (s *liveSection) guess(value uint32) (from, to, at int64) {
	from, to = s.bucket(uint64(value) << 32)
	return from, to, from + (to-from)*int64(value<<s.Bits>>8)>>24
}

// run gives the entries of one value of a key.
func (r *pageReader) run(s *liveSection, value uint32) (from, to int64) {
	from, end, guess := s.guess(value)
	from = r.lower(s, from, end, guess, uint64(value))
	return from, r.lower(s, from, end, from, uint64(value)+1)
}

// lower gives the first entry from one to another whose value is not below the given one, looking around a guess first.
func (r *pageReader) lower(s *liveSection, from, to, guess int64, value uint64) int64 {
	if from == to {
		return from
	}
	if step := int64(1); r.entry(s, guess)>>32 < value {
		for from = guess + 1; from < to; step *= 2 {
			probe := min(from+step, to) - 1
			if r.entry(s, probe)>>32 >= value {
				to = probe
				break
			}
			from = probe + 1
		}
	} else {
		for to = guess; from < to; step *= 2 {
			probe := max(to-step, from)
			if r.entry(s, probe)>>32 < value {
				from = probe + 1
				break
			}
			to = probe
		}
	}
	for from < to {
		middle := (from + to) / 2
		if r.entry(s, middle)>>32 < value {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from
}

// terms looks a hash up in a table of terms.
func (r *pageReader) terms(s *liveSection, hash uint64) (one, two int32, found bool) {
	if s.Count == 0 {
		return 0, 0, false
	}
	for from, to := s.bucket(hash); from < to; from++ {
		b := r.at(s.entries()+from*valueWidth, valueWidth)
		switch h := binary.LittleEndian.Uint64(b); {
		case h == hash:
			return int32(binary.LittleEndian.Uint32(b[8:])), int32(binary.LittleEndian.Uint32(b[12:])), true
		case h > hash:
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// record gives the record of a place. It is good until the next read.
func (r *pageReader) record(place uint32) []byte {
	at := int64(place) * placeUnit
	if at > r.base.head.Records.Count-4 {
		return r.zeros(4)[:0]
	}
	n := int64(binary.LittleEndian.Uint32(r.at(at, 4)))
	if at+4+n > r.base.head.Records.Count {
		return r.zeros(4)[:0]
	}
	return r.at(at+4, int(n))
}
