package civilmatch

import (
	"strings"

	"tepat/internal/kit/fail"
)

// Fields is a set of fields. The bits are stored and never change their meaning.
type Fields uint16

// The fields that can be compared.
const (
	Name Fields = 1 << iota
	BirthDate
	Sex
	KK
	BirthPlace
	MotherName
	Village
)

var fieldWords = [...]string{"name", "birth_date", "sex", "no_kk", "birth_place", "mother_name", "village"}

// allFields holds every field there is.
const allFields = Fields(1)<<len(fieldWords) - 1

// Has reports whether all the given fields are in the set.
func (f Fields) Has(fields Fields) bool { return f&fields == fields }

// Each gives the fields of the set one by one, in their order.
func (f Fields) Each(yield func(Fields) bool) {
	for bit := Fields(1); bit <= f && bit <= allFields; bit <<= 1 {
		if f&bit != 0 && !yield(bit) {
			return
		}
	}
}

// String gives the words of the fields with commas between them: "name,birth_date".
func (f Fields) String() string {
	var words []string
	for i, word := range fieldWords {
		if f&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, ",")
}

// ParseFields reads what String writes; "" is the empty set. Error: civilmatch.field.
func ParseFields(s string) (Fields, error) {
	var set Fields
	if s == "" {
		return 0, nil
	}
	for word := range strings.SplitSeq(s, ",") {
		bit, ok := fieldOf(strings.TrimSpace(word))
		if !ok {
			return 0, fail.Invalid("civilmatch.field")
		}
		set |= bit
	}
	return set, nil
}

func fieldOf(word string) (Fields, bool) {
	for i, known := range fieldWords {
		if known == word {
			return 1 << i, true
		}
	}
	return 0, false
}
