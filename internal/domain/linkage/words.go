package linkage

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends s in upper case with letters A-Z, digits and single spaces. Accents, quotes and hyphens
// vanish, so KARO-KARO is KAROKARO and NUR'AINI is NURAINI; a dot is kept, all other signs part words.
// What is no UTF-8 parts words too.
func fold(out, s []byte) []byte {
	from := len(out)
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return foldWide(out[:from], s)
		}
		out = foldSign(out, from, c)
	}
	return trimSpace(out, from)
}

// foldSign appends what stands for a sign of ASCII.
func foldSign(out []byte, from int, c byte) []byte {
	switch sign := signs[c]; {
	case sign == vanishes:
		return out
	case sign != ' ', len(out) > from && out[len(out)-1] != ' ':
		return append(out, sign)
	}
	return out
}

// vanishes stands for signs that nothing stands for.
const vanishes = 0

// signs is what stands for each sign of ASCII: a space for those that part words.
var signs = func() (list [utf8.RuneSelf]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c >= 'a' && c <= 'z':
			list[c] = c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.':
			list[c] = c
		case c == '-', c == '\'', c == '`', c == '"':
			list[c] = vanishes
		default:
			list[c] = ' '
		}
	}
	return list
}()

// foldWide is fold for text beyond ASCII: compatibility forms are taken apart and their marks dropped.
func foldWide(out, s []byte) []byte {
	from := len(out)
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(string(s), " ")) {
		switch {
		case r < utf8.RuneSelf:
			out = foldSign(out, from, byte(r))
		case unicode.IsSpace(r) && len(out) > from && out[len(out)-1] != ' ':
			out = append(out, ' ')
		case unicode.IsLetter(r):
			out = append(out, latin(unicode.ToUpper(r))...)
		}
	}
	return trimSpace(out, from)
}

// latin gives the letters that stand for one that no mark can be taken off; a letter of another script
// stays as its bytes, so that equal names of any script are equal.
func latin(r rune) string {
	switch r {
	case 'Ø':
		return "O"
	case 'Đ', 'Ð':
		return "D"
	case 'Ł':
		return "L"
	case 'Æ':
		return "AE"
	case 'Œ':
		return "OE"
	case 'ẞ', 'ß':
		return "SS"
	case 'Þ':
		return "TH"
	case 'ʼ', 'ʻ', 'ʿ', 'ʾ':
		return ""
	}
	return string(r)
}

func trimSpace(out []byte, from int) []byte {
	if len(out) > from && out[len(out)-1] == ' ' {
		return out[:len(out)-1]
	}
	return out
}

// wordID is the place of a word in a lexicon; zero is no word.
type wordID uint32

// word is a canonical word with what is worked out once for all names that hold it.
type word struct {
	head   uint64 // its first eight bytes
	hash   uint64 // of the word
	sound  uint64 // hash of the sound key
	voice  uint64 // hash of the sounds with all their vowels
	text   span
	short  span   // without the prefix everyday speech drops; empty when there is none
	letter uint32 // the letters A to Z in it, one bit each
	rarity int32  // log2 of the share of names that hold it, in units
	count  int32
	known  bool // stands for a family of spellings: it never matches another family by sound
	weak   bool // a birth-order word or particle, which blocks nothing
}

// look is what of a word tells most often that another is not like it, close together in memory.
type look struct {
	sound  uint32 // half of its hash
	letter uint32
	first  byte
	length uint8 // up to 255
}

// span is a piece of an arena.
type span struct{ from, to uint32 }

// role is what a word does in a name, beside naming somebody.
type role uint8

const (
	titleBefore role = 1 << iota
	titleAfter
	patronymMark
	particle
	orderWord
	oldSpelling // shows a digraph of the spelling before its reform
)

// raw is what is known of a word as it is written.
type raw struct {
	modern, old wordID // canonical; 0 is not yet worked out
	role        role
}

// lexicon turns written words into canonical words, each distinct one once.
type lexicon struct {
	names  *Names
	raws   internTable // of written words
	roles  []raw       // by their place in raws
	ids    internTable // of canonical words; the place is the wordID
	words  []word
	looks  []look // of the words
	text   []byte // arena of texts
	alikes alikes // of the words; empty where nobody made it
}

func newLexicon(names *Names) *lexicon {
	l := &lexicon{names: names, words: make([]word, 1, 1024), looks: make([]look, 1, 1024), roles: make([]raw, 1, 1024)}
	l.raws.reset()
	l.ids.reset()
	return l
}

// of gives the bytes of a span.
func (l *lexicon) of(s span) []byte { return l.text[s.from:s.to] }

// written finds what is known of a word as written.
func (l *lexicon) written(b []byte) *raw {
	id, fresh := l.raws.place(b)
	if fresh {
		l.roles = append(l.roles, raw{role: l.names.roleOf(string(b))})
	}
	return &l.roles[id]
}

// canonical gives the word that stands for a written one.
func (l *lexicon) canonical(b []byte, r *raw, old bool) wordID {
	at := &r.modern
	if old {
		at = &r.old
	}
	if *at == 0 {
		*at = l.intern(l.names.canonical(string(b), old))
	}
	return *at
}

// intern gives the id of a canonical word.
func (l *lexicon) intern(text string) wordID {
	id, fresh := l.ids.place([]byte(text))
	if !fresh {
		return wordID(id)
	}
	w := word{text: l.keep(text), short: l.keep(l.names.short(text)), hash: hashText(text), known: l.names.known[text]}
	w.weak = l.names.orderWords[text] || l.names.particles[text]
	w.sound, w.voice = hashText(l.names.SoundKey(text)), hashText(l.names.voiceKey(text))
	for i := range len(text) {
		if i < 8 {
			w.head |= uint64(text[i]) << (8 * i)
		}
		if c := text[i]; c >= 'A' && c <= 'Z' {
			w.letter |= 1 << (c - 'A')
		}
	}
	l.words = append(l.words, w)
	l.looks = append(l.looks, look{uint32(w.sound >> 32), w.letter, byte(w.head), uint8(min(w.text.to-w.text.from, math.MaxUint8))})
	return wordID(id)
}

func (l *lexicon) keep(text string) span {
	from := uint32(len(l.text))
	l.text = append(l.text, text...)
	return span{from, uint32(len(l.text))}
}

// maxWords is how many words of a name count.
const maxWords = 6

// nameValue is the working form of one name: its canonical words in the order they stand.
type nameValue struct {
	ids    [maxWords]wordID
	letter uint32 // the letters of all its words
	n      uint8
}

// add adds a word.
func (v *nameValue) add(l *lexicon, id wordID) {
	v.ids[v.n] = id
	v.n++
	v.letter |= l.looks[id].letter
}

func (v *nameValue) list() []wordID { return v.ids[:v.n] }

// nameRoom is what reading a name needs and keeps for the next one.
type nameRoom struct {
	folded []byte
	parts  [][]byte
	known  []raw
}

// read gives the working form of a name; a placeholder such as "-" or "IBU" has no words.
func (l *lexicon) read(name []byte, room *nameRoom) (v nameValue) {
	room.folded = fold(room.folded[:0], l.names.beside(name))
	spellOut(room.folded)
	room.parts = l.parts(room)
	if len(room.parts) == 0 || l.names.placeholder(room.parts) {
		return v
	}
	room.known = room.known[:0]
	old := false
	for _, p := range room.parts {
		r := l.written(p)
		old = old || r.role&oldSpelling != 0
		room.known = append(room.known, *r)
	}
	from, to := essential(room.known)
	for i := from; i < to && int(v.n) < maxWords; i++ {
		v.add(l, l.canonical(room.parts[i], l.written(room.parts[i]), old))
	}
	return v
}

// spellOut puts letters for digits that stand within a word of letters: a machine reads 5ITI for SITI.
func spellOut(s []byte) {
	for i, c := range s {
		letter := strings.IndexByte("0158", c)
		if letter < 0 {
			continue
		}
		before := i > 0 && s[i-1] >= 'A' && s[i-1] <= 'Z'
		after := i+1 < len(s) && s[i+1] >= 'A' && s[i+1] <= 'Z'
		if before && after || after && (i == 0 || s[i-1] == ' ') || before && (i+1 == len(s) || s[i+1] == ' ') {
			s[i] = "OISB"[letter]
		}
	}
}

// parts cuts a folded name into words. Dots part words unless they belong to a title: "M.RIZKI" is
// two words, "S.PD" one.
func (l *lexicon) parts(room *nameRoom) [][]byte {
	parts := room.parts[:0]
	for rest := room.folded; len(rest) > 0; {
		chunk := rest
		if n := bytes.IndexByte(rest, ' '); n >= 0 {
			chunk, rest = rest[:n], rest[n+1:]
		} else {
			rest = nil
		}
		if bytes.IndexByte(chunk, '.') < 0 {
			parts = append(parts, chunk)
			continue
		}
		joined := bytes.ReplaceAll(chunk, []byte{'.'}, nil)
		if len(joined) > 0 && l.names.roleOf(string(joined))&(titleBefore|titleAfter) != 0 {
			parts = append(parts, joined)
			continue
		}
		for part := range bytes.SplitSeq(chunk, []byte{'.'}) {
			if len(part) > 0 {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// essential gives the range of the words that name the person: titles, particles and what follows a
// patronym mark are left out. A mark in the first place is part of the name.
func essential(words []raw) (from, to int) {
	to = len(words)
	for to-from > 1 && words[from].role&titleBefore != 0 {
		from++
	}
	if to-from > 2 && words[from].role&particle != 0 && words[from+1].role&orderWord != 0 {
		from++
	}
	for to-from > 1 && words[to-1].role&titleAfter != 0 {
		to--
	}
	for i := from + 1; i < to; i++ {
		if words[i].role&patronymMark != 0 {
			return from, i
		}
	}
	return from, to
}

// roleOf tells what a written word does in a name.
func (n *Names) roleOf(word string) (r role) {
	for _, is := range []struct {
		set  map[string]bool
		role role
	}{{n.before, titleBefore}, {n.after, titleAfter}, {n.patronym, patronymMark}, {n.particles, particle}, {n.orderWords, orderWord}} {
		if is.set[word] {
			r |= is.role
		}
	}
	for _, rule := range n.always {
		if strings.Contains(word, rule.from) {
			r |= oldSpelling
		}
	}
	return r
}

// beside leaves out of a name what stands in brackets or behind a sign that parts the name from what is said beside it.
func (n *Names) beside(name []byte) []byte {
	if n.asides == "" || !bytes.ContainsAny(name, n.asides) {
		return name
	}
	at := bytes.IndexAny(name, n.asides)
	if hasLetters(name[:at]) {
		return name[:at]
	}
	rest := name[at+1:]
	if end := bytes.IndexByte(rest, ')'); name[at] == '(' && end >= 0 {
		rest = rest[end+1:]
	}
	return n.beside(rest)
}

// hasLetters tells whether a text has two letters.
func hasLetters(text []byte) bool {
	letters := 0
	for _, c := range text {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
			letters++
		}
	}
	return letters >= 2
}

func (n *Names) placeholder(parts [][]byte) bool {
	for words := 1; words <= 2 && words < len(parts); words++ {
		if n.unnamed[string(bytes.Join(parts[:words], []byte{' '}))] {
			return true
		}
	}
	if len(parts) > n.longestPlaceholder {
		return false
	}
	return n.placeholders[string(bytes.Join(parts, []byte{' '}))]
}

// canonical gives the spelling that stands for a word. The rules for old spelling in context run only
// when the name shows another digraph of it, because J is mostly today's J: JOKO is not YOKO.
func (n *Names) canonical(word string, old bool) string {
	if !n.keep[word] {
		rules := n.always
		if old {
			rules = n.context
		}
		word = apply(rules, word)
	}
	if head, ok := n.family[word]; ok {
		return head
	}
	return word
}

// SoundKey gives the key under which a canonical word sounds: "RAHMAD" and "RAHMAT" share one. It has
// the sounds of the consonants and of a leading vowel. Without rules of sound it is the Soundex code.
func (n *Names) SoundKey(word string) string {
	if len(n.sound) == 0 {
		if key := soundex([]byte(word), nil); len(key) > 0 {
			return string(key)
		}
		return word
	}
	heard := apply(n.sound, word)
	key := make([]byte, 0, len(heard))
	for i := range len(heard) {
		c := heard[i]
		vowel := strings.IndexByte("AEIOU", c) >= 0
		if len(key) > 0 && (vowel || key[len(key)-1] == c) {
			continue
		}
		key = append(key, c)
	}
	return string(key)
}

// voiceKey gives the sounds of a word with all its vowels: SITI and SYTY share one, RINA and RINI do not.
func (n *Names) voiceKey(word string) string {
	heard := []byte(apply(n.sound, word))
	return string(slices.Compact(heard))
}

// short gives the word without a prefix that everyday speech drops, or "" when there is none.
func (n *Names) short(word string) string {
	for _, p := range n.nickPrefixes {
		if rest, ok := strings.CutPrefix(word, p); ok && len(rest) >= n.nickRest {
			return rest
		}
	}
	return ""
}
