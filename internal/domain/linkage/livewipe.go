package linkage

// Wipe clears what a finder remembers of rows: opened pages, values and words. It cannot be used any more.
func (f *Finder) Wipe() {
	f.pages.wipe()
	f.desk.wipe()
	if f.content.desk != nil {
		f.content.desk.wipe()
	}
	clear(f.cand[:cap(f.cand)])
	clear(f.ids[:cap(f.ids)])
	clear(f.found[:cap(f.found)])
	clear(f.held[:cap(f.held)])
	if f.beside != nil {
		f.beside.group = noDigitsValue
	}
	f.index = nil
}

func (r *pageReader) wipe() {
	for _, s := range r.slots {
		clear(s.room[:cap(s.room)])
	}
	clear(r.scratch[:cap(r.scratch)])
	r.slots = nil
}

func (d *desk) wipe() {
	clear(d.rows)
	for _, t := range d.tables {
		if t != nil {
			clear(t.texts.arena[:cap(t.texts.arena)])
			clear(t.names[:cap(t.names)])
		}
	}
	for i := range d.reader.raws {
		arena := d.reader.raws[i].arena
		clear(arena[:cap(arena)])
	}
	for _, b := range [][]byte{d.words.text, d.words.ids.arena, d.words.raws.arena, d.room, d.reader.text[0], d.reader.text[1], d.reader.room.folded} {
		clear(b[:cap(b)])
	}
}

// Wipe clears what the index holds in memory: the rows put since it was built. Neither it nor its finders can be used any more;
// wipe those too. An index that was opened from a file leaves its bytes to the caller.
func (x *Index) Wipe() {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.guard.Lock()
	defer x.guard.Unlock()
	for _, r := range x.delta.records {
		clear(r)
	}
	x.delta.records = nil
	if x.writer != nil {
		x.writer.group.wipe()
		x.writer.Wipe()
		x.writer = nil
	}
	if b, ok := x.base.store.(plainBytes); ok {
		clear(b)
	}
}
