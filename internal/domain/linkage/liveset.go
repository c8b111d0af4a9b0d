package linkage

// rowSet is a set of rows with a note each, for one question at a time.
type rowSet struct {
	slots []rowSlot
	round uint32
	count int
}

type rowSlot struct {
	row   rowRef
	round uint32
	note  int32
}

func (s *rowSet) reset() { s.slots, s.round, s.count = make([]rowSlot, 1<<12), 1, 0 }

func (s *rowSet) clear() {
	s.round++
	s.count = 0
	if s.round == 0 || len(s.slots) > 1<<16 {
		s.reset()
	}
}

// add puts a row into the set and gives its slot, and whether it is new.
func (s *rowSet) add(row rowRef) (slot int, fresh bool) {
	if 2*s.count >= len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for i := mix(uint64(row)) & mask; ; i = (i + 1) & mask {
		switch x := &s.slots[i]; {
		case x.round != s.round:
			*x = rowSlot{row, s.round, -1}
			s.count++
			return int(i), true
		case x.row == row:
			return int(i), false
		}
	}
}

func (s *rowSet) note(slot int, note int32)   { s.slots[slot].note = note }
func (s *rowSet) noted(slot int) (note int32) { return s.slots[slot].note }

func (s *rowSet) grow() {
	old, round := s.slots, s.round
	s.slots, s.round, s.count = make([]rowSlot, 2*len(old)), 1, 0
	for _, x := range old {
		if x.round == round {
			at, _ := s.add(x.row)
			s.note(at, x.note)
		}
	}
}
