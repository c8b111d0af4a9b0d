package doubles

import "math"

// tokenID is the place of a word in a dictionary; zero is no word.
type tokenID uint32

// token is a canonical word with what is worked out once for all names that hold it.
type token struct {
	text  string
	sound string
	key   uint64 // hash of the sound key, for blocks
	short string // without the prefix everyday speech drops, or ""
	known bool   // stands for a family of spellings: it never matches another family by sound
	order bool   // a birth-order word or particle, which blocks nothing
	count int
	log2  float32 // log2 of the share of names that hold it
}

// dictionary turns words into tokens, each distinct word once. It is filled by one worker, then read by all.
type dictionary struct {
	names  *Names
	raw    [2]map[string]tokenID // by word as written; 1 holds words of names in old spelling
	ids    map[string]tokenID    // by canonical word
	tokens []token
	words  []string // scratch
	fields int      // name fields counted
}

func newDictionary(names *Names) *dictionary {
	d := &dictionary{names: names, ids: map[string]tokenID{}, tokens: make([]token, 1)}
	d.raw[0], d.raw[1] = map[string]tokenID{}, map[string]tokenID{}
	return d
}

// maxTokens is how many words of a name count; Permendagri 73/2022 limits new names to 60 letters.
const maxTokens = 6

// nameForm is the comparable form of one name.
type nameForm struct {
	ids       [maxTokens]tokenID
	n         int8
	signature uint64 // of the sounds of all words, in any order; 0 for no name
}

func (f *nameForm) words() []tokenID { return f.ids[:f.n] }

// form reads a name, counting its words.
func (d *dictionary) form(name string) (f nameForm) {
	words, old := d.names.words(name, d.words)
	if words == nil {
		return f
	}
	d.words = words
	words, _ = d.names.dropTitles(words)
	words, _ = d.names.cutPatronym(words)
	d.fields++
	for _, w := range words {
		if int(f.n) == maxTokens {
			break
		}
		id := d.lookup(w, old)
		d.tokens[id].count++
		f.ids[f.n] = id
		f.n++
	}
	f.signature = d.signature(f.words())
	return f
}

func (d *dictionary) lookup(word string, old bool) tokenID {
	context := 0
	if old {
		context = 1
	}
	if id, ok := d.raw[context][word]; ok {
		return id
	}
	canonical := d.names.canonical(word, old)
	id, ok := d.ids[canonical]
	if !ok {
		id = tokenID(len(d.tokens))
		sound := d.names.SoundKey(canonical)
		d.tokens = append(d.tokens, token{
			text: canonical, sound: sound, key: hashText(sound), short: d.names.short(canonical),
			known: d.names.known[canonical], order: d.names.orderWords[canonical] || d.names.particles[canonical],
		})
		d.ids[canonical] = id
	}
	d.raw[context][word] = id
	return id
}

// signature adds the hashes of the sounds, so that the order of the words does not matter.
func (d *dictionary) signature(ids []tokenID) uint64 {
	var sum uint64
	for _, id := range ids {
		sum += mix(d.tokens[id].key)
	}
	return mix(sum) | 1
}

// weigh sets each word's share of the population: the counts made here, or those of a larger population
// when given, pulled towards the model's guess for words seldom counted.
func (d *dictionary) weigh(s frequencySettings, larger *Frequencies) {
	for i := range d.tokens {
		t := &d.tokens[i]
		count, fields := t.count, d.fields
		if larger != nil {
			count, fields = larger.counts[t.text], larger.fields
			t.count = count
		}
		share := (float64(count) + s.PriorShare*s.PriorStrength) / (float64(fields) + s.PriorStrength)
		t.log2 = float32(math.Log2(min(share, 1)))
	}
}

// Frequencies is how often each word stands in the names of a population.
type Frequencies struct {
	counts map[string]int
	fields int
}

// CountNames counts the words of the names and mothers' names of records, for Model.WithFrequencies.
func CountNames(records []Record, names *Names) *Frequencies {
	d := newDictionary(names)
	for i := range records {
		d.form(records[i].Name)
		d.form(records[i].Mother)
	}
	f := &Frequencies{counts: make(map[string]int, len(d.tokens)), fields: d.fields}
	for _, t := range d.tokens[1:] {
		f.counts[t.text] = t.count
	}
	return f
}

// hashText is FNV-1a with a final mix; it is the same on every machine and in every run.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the finaliser of splitmix64: every input bit reaches every output bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// blend hashes a list of values, in order.
func blend(values ...uint64) uint64 {
	h := uint64(len(values))
	for _, v := range values {
		h = mix(h ^ v)
	}
	return h
}
