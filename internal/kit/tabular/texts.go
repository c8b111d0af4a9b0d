package tabular

import "encoding/binary"

// textTable holds the texts that the cells of a workbook share, one after the other. As long as they
// are few they stay in memory; past the limit they move to an encrypted file without a name, of
// which only the pages in use are in memory.
type textTable struct {
	limit int
	dir   string
	count int
	data  []byte   // texts, in memory
	ends  []uint64 // where each ends in data
	disk  *textFile
}

// textFile is a textTable on disk: texts, and the place where each ends, eight bytes each.
type textFile struct {
	data, ends *pageFile
}

const endSize = 8

func newTextTable(limit int, dir string) *textTable { return &textTable{limit: limit, dir: dir} }

// add appends a text; it is copied.
func (t *textTable) add(text []byte) error {
	t.count++
	if t.disk == nil {
		t.data = append(t.data, text...)
		t.ends = append(t.ends, uint64(len(t.data)))
		if len(t.data)+endSize*len(t.ends) <= t.limit {
			return nil
		}
		return t.moveToDisk()
	}
	return t.disk.add(text)
}

func (t *textTable) moveToDisk() error {
	data, err := newPageFile(t.dir)
	if err != nil {
		return err
	}
	ends, err := newPageFile(t.dir)
	if err != nil {
		_ = data.close()
		return err
	}
	t.disk = &textFile{data: data, ends: ends}
	from := uint64(0)
	for _, end := range t.ends {
		if err := t.disk.add(t.data[from:end]); err != nil {
			return err
		}
		from = end
	}
	t.data, t.ends = nil, nil
	return nil
}

func (f *textFile) add(text []byte) error {
	if err := f.data.append(text); err != nil {
		return err
	}
	var end [endSize]byte
	binary.LittleEndian.PutUint64(end[:], uint64(f.data.size))
	return f.ends.append(end[:])
}

// freeze ends the adding.
func (t *textTable) freeze() error {
	if t.disk == nil {
		return nil
	}
	if err := t.disk.data.freeze(); err != nil {
		return err
	}
	return t.disk.ends.freeze()
}

// appendText appends text i to dst; ok is false when there is none of that number.
func (t *textTable) appendText(dst []byte, i int) (out []byte, ok bool, err error) {
	if i < 0 || i >= t.count {
		return dst, false, nil
	}
	if t.disk == nil {
		from := uint64(0)
		if i > 0 {
			from = t.ends[i-1]
		}
		return append(dst, t.data[from:t.ends[i]]...), true, nil
	}
	out, err = t.disk.appendText(dst, i)
	return out, err == nil, err
}

func (f *textFile) appendText(dst []byte, i int) ([]byte, error) {
	var room [2 * endSize]byte
	places := room[:0]
	var err error
	if i == 0 {
		places = append(places, make([]byte, endSize)...)
		places, err = f.ends.appendRange(places, 0, endSize)
	} else {
		places, err = f.ends.appendRange(places, int64(i-1)*endSize, 2*endSize)
	}
	if err != nil {
		return dst, err
	}
	from, to := binary.LittleEndian.Uint64(places), binary.LittleEndian.Uint64(places[endSize:])
	return f.data.appendRange(dst, int64(from), int(to-from))
}

func (t *textTable) close() {
	if t.disk != nil {
		_ = t.disk.data.close()
		_ = t.disk.ends.close()
	}
}
