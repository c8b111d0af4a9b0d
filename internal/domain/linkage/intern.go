package linkage

import "bytes"

// internTable gives each distinct text a number from 1, in the order they come. It is an open
// addressed table over one arena, because a map of strings costs an allocation a text.
type internTable struct {
	slots []slot
	ends  []uint32 // where text i ends in the arena; 0 ends at 0
	arena []byte
}

type slot struct {
	hash uint32
	id   uint32 // 0 is free
}

func (t *internTable) reset() {
	t.slots = make([]slot, 1<<10)
	t.ends = append(t.ends[:0], 0)
	t.arena = t.arena[:0]
}

// size gives the number of texts.
func (t *internTable) size() int { return len(t.ends) - 1 }

// text gives the bytes of a number.
func (t *internTable) text(id uint32) []byte { return t.arena[t.ends[id-1]:t.ends[id]] }

// place gives the number of a text, and whether it is new.
func (t *internTable) place(b []byte) (id uint32, fresh bool) { return t.placeAt(b, markOf(b)) }

// placeAt is place for a text whose mark is known.
func (t *internTable) placeAt(b []byte, mark uint32) (id uint32, fresh bool) {
	mask := uint32(len(t.slots) - 1)
	i := mark & mask
	for ; t.slots[i].id != 0; i = (i + 1) & mask {
		if s := t.slots[i]; s.hash == mark && bytes.Equal(t.text(s.id), b) {
			return s.id, false
		}
	}
	t.arena = append(t.arena, b...)
	t.ends = append(t.ends, uint32(len(t.arena)))
	id = uint32(t.size())
	t.slots[i] = slot{mark, id}
	if 2*t.size() > len(t.slots) {
		t.grow()
	}
	return id, true
}

// markOf is the half of a text's hash by which it is placed and known again.
func markOf(b []byte) uint32 { return uint32(hashText(b) >> 32) }

// grow doubles the table. The marks say where texts go, so that none is read for it.
func (t *internTable) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := uint32(len(t.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := s.hash & mask
		for t.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
