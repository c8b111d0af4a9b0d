package linkage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// A live index is one run of bytes:
//
//	records   the values of each row in canonical form, one after the other, each from a multiple of eight bytes, and
//	          within one page if it fits; the place of a row is where its record begins, in units of eight bytes
//	tables    one a key, one of ids, one of cards where the model asks for company, one of the words of names, one a column
//	          of texts, one a crowded number:
//	          a directory over the top bits of a hash, then entries in the order of the hash
//	head      what lies where, of which model and columns, with prior and shares (JSON)
//	end       place and length of the head, sixteen bytes
//
// Nothing is built when it is opened: it is read where it is touched. Texts and words stand in it by what they hold,
// not by numbers, so that whoever reads a row needs nothing but the row.

// liveFormat is the version of the layout.
const liveFormat = 2

// liveHead is the head of an index.
type liveHead struct {
	Format     int           `json:"format"`
	Model      string        `json:"model"`
	Names      string        `json:"names"` // digest of the name tables
	Headers    [2][]string   `json:"headers"`
	Reference  bool          `json:"reference"`       // of rows somebody may be linked to; else of rows that may be one
	Asked      bool          `json:"asked,omitempty"` // the records have what is asked about doubtful pairs alone
	ID         string        `json:"id,omitempty"`    // title of the ids; empty where they are numbers of rows
	Rows       int           `json:"rows"`
	Prior      float64       `json:"prior_bits"`
	Candidates int           `json:"candidates"`
	NewWord    int32         `json:"new_word"`  // rarity of a word no row has
	NewValue   []int32       `json:"new_value"` // by column: share of a value no row has
	Records    liveSection   `json:"records"`   // Count is in bytes
	Keys       []liveSection `json:"keys"`      // value of the key, place
	IDs        []liveSection `json:"ids"`       // upper half of the hash of the id, place
	Cards      []liveSection `json:"cards"`     // upper half of the hash of a household's number, place; of rows that have one
	Words      []liveSection `json:"words"`     // hash; rarity and count
	Values     []liveSection `json:"values"`    // by column: hash of the text; share and crowd term
	Crowds     []liveSection `json:"crowds"`    // by comparison: hash of the number; crowd term
}

// liveSection is a table of the index: 2^Bits+1 directory words of 32 bits at From, then the entries.
type liveSection struct {
	From  int64 `json:"from"`
	Bits  uint  `json:"bits"`
	Count int64 `json:"count"`
	Width int64 `json:"width"` // bytes an entry

	directory []uint32 // read when the index is opened
}

const (
	mostBits   = 26
	pairWidth  = 8  // value of a key and place, 32 bits each
	valueWidth = 16 // hash and two terms
	endWidth   = 16
	placeUnit  = 8
	// A key's entry whose place is one of the highest 256 is a mark: what was done about a value that stands on too many
	// rows, as in key.over.
	firstMark = 1<<32 - 256
)

// bucketSize is how many bytes of entries a directory word stands for, at most, about: half a page. Directories are kept
// in memory, so that an entry is found in one page.
const bucketSize = 256

// directoryBits gives the size of the directory of a table.
func directoryBits(entries, width int) uint {
	bits := uint(0)
	for bits < mostBits && entries*width>>bits > bucketSize {
		bits++
	}
	return bits
}

func (s *liveSection) entries() int64 { return s.From + 4*(1<<s.Bits+1) }

// end gives the place behind the section.
func (s *liveSection) end() int64 { return s.entries() + s.Count*s.Width }

// digest tells name tables apart.
func (n *Names) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", *n)) // maps are printed in the order of their keys
	return hex.EncodeToString(sum[:12])
}

// termed tells which terms of a column's values a record carries.
type termed struct{ share, crowd bool }

// terms gives, for each column of the plan, which terms its comparisons ask for.
func (p *plan) terms() []termed {
	list := make([]termed, len(p.columns))
	for i := range p.comparisons {
		c := &p.comparisons[i]
		q := c.file.Frequency
		if q == nil || !c.column.kind.tabled() {
			continue
		}
		for k := range p.columns {
			if &p.columns[k] == c.column {
				list[k].share = list[k].share || q.Kind == "share" && c.column.kind != kindName
				list[k].crowd = list[k].crowd || q.Kind == "crowd" || c.within != nil
			}
		}
	}
	return list
}

// rarityOf gives the rarity of a word of so many names of all that there are, as data.count does.
func rarityOf(count, named int) int32 {
	return fixed(math.Log2(min((float64(count)+guessShare*guessWorth)/(float64(named)+guessWorth), 1)))
}

// wordBreak parts the words of a name in a record; no word holds it.
const wordBreak = 0

// appendRecord writes a row of packed values in the form of an index: length of what follows, id, columns, crowd terms.
func (d *data) appendRecord(out []byte, terms []termed, id []byte, r []uint32) []byte {
	from := len(out)
	out = append(out, 0, 0, 0, 0)
	out = appendBytes(out, id)
	for i := range d.plan.columns {
		c := &d.plan.columns[i]
		switch {
		case c.kind == kindDigits:
			out = binary.LittleEndian.AppendUint64(out, digitsAt(r, c.word))
		case !c.kind.tabled():
			out = binary.LittleEndian.AppendUint32(out, r[c.word])
		default:
			out = d.appendValue(out, terms[i], d.tables[i], r[c.word])
		}
	}
	for i := range d.plan.comparisons {
		if at := d.plan.comparisons[i].crowd; at > 0 {
			out = binary.LittleEndian.AppendUint32(out, r[at])
		}
	}
	binary.LittleEndian.PutUint32(out[from:], uint32(len(out)-from-4))
	return out
}

func appendBytes(out, b []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(b))), b...)
}

// appendValue writes a text, or the words of a name, and the terms that go with it.
func (d *data) appendValue(out []byte, terms termed, t *table, v uint32) []byte {
	if v == 0 {
		return append(out, 0)
	}
	var room [256]byte
	out = appendBytes(out, d.plainValue(room[:0], t, v))
	if terms.share {
		out = binary.LittleEndian.AppendUint32(out, uint32(t.share[v]))
	}
	if terms.crowd {
		out = binary.LittleEndian.AppendUint32(out, uint32(t.crowdOf(v)))
	}
	return out
}

// plainValue gives the text of a value as it lies in its table, or the words of a name in the room, with a break between them.
func (d *data) plainValue(room []byte, t *table, v uint32) []byte {
	if len(t.names) <= 1 {
		return t.texts.text(v)
	}
	for i, id := range t.names[v].list() {
		if i > 0 {
			room = append(room, wordBreak)
		}
		room = append(room, d.words.of(d.words.words[id].text)...)
	}
	return room
}

func (t *table) crowdOf(v uint32) int32 {
	if t.crowd == nil {
		return 0
	}
	return t.crowd[v]
}

// recordReader takes a record of an index apart. What is cut short reads as nothing.
type recordReader struct{ rest []byte }

func (r *recordReader) number(width int) uint64 {
	if len(r.rest) < width {
		r.rest = nil
		return 0
	}
	var v uint64
	for i := range width {
		v |= uint64(r.rest[i]) << (8 * i)
	}
	r.rest = r.rest[width:]
	return v
}

func (r *recordReader) bytes() []byte {
	n, used := binary.Uvarint(r.rest)
	if used <= 0 || n > uint64(len(r.rest)-used) {
		r.rest = nil
		return nil
	}
	b := r.rest[used : used+int(n)]
	r.rest = r.rest[used+int(n):]
	return b
}
