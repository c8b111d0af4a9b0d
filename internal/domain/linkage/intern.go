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
func (t *internTable) place(b []byte) (id uint32, fresh bool) {
	h := hashText(b)
	mark, mask := uint32(h>>32), uint64(len(t.slots)-1)
	i := h & mask
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

func (t *internTable) grow() {
	t.slots = make([]slot, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for id := uint32(1); id <= uint32(t.size()); id++ {
		h := hashText(t.text(id))
		i := h & mask
		for t.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = slot{uint32(h >> 32), id}
	}
}
