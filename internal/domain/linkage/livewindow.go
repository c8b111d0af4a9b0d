package linkage

import "cmp"

// liveContent orders rows by what they hold, as the windows of deduplication do.
type liveContent struct{ desk *desk }

// window gives the neighbours of the row that asks among the entries of a block that nothing splits, which lie in the
// order of what their rows hold, and rows that hold the same in that of their ids.
func (c *liveContent) window(f *Finder, s *liveSection, from, to int64) (int64, int64) {
	if c.desk == nil {
		c.desk = newDesk(f.plan, f.pages.base, 1)
		c.desk.pages = f.pages
	}
	content, id := f.data.content(f.record(0)), hashText(f.askID)
	low, high := from, to
	for low < high {
		middle := (low + high) / 2
		if c.compare(f, uint32(f.pages.entry(s, middle)), content, id) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	window := int64(f.plan.model.file.Blocking.Window)
	return max(from, low-window), min(to, low+window+1)
}

// compare tells which comes first, a row of the base or what is asked for.
func (c *liveContent) compare(f *Finder, place uint32, content, id uint64) int {
	f.cand = append(f.cand[:0], f.pages.record(place)...)
	c.desk.clear()
	own := c.desk.lay(f.cand, 0)
	return cmp.Or(cmp.Compare(c.desk.data.content(c.desk.record(0)), content), cmp.Compare(hashText(own), id))
}
