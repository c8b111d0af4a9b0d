package questionnaire

import (
	"strconv"
	"strings"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Parse reads a cell of a file: a number, a code ("1", "01", "1. Milik sendiri"), the words of a
// code in either language, an amount in rupiah, or a date as officers write it. For a multi item
// it also reads codes with plus signs or commas between them ("1+4"). Errors: answer.empty,
// answer.number, answer.words (fact item) and those of Check.
func (it Item) Parse(cell string) (Value, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return Value{}, fail.Invalid("answer.empty", "item", it.Number)
	}
	v, err := it.read(cell)
	if err != nil {
		return Value{}, err.On(it.Key)
	}
	if err := it.Check(v); err != nil {
		return Value{}, err.On(it.Key)
	}
	return v, nil
}

func (it Item) read(cell string) (Value, *fail.Error) {
	switch it.Kind {
	case KindCode:
		return it.readCode(cell)
	case KindMulti:
		return it.readSum(cell)
	case KindRupiah:
		amount, err := money.Parse(cell)
		if err != nil {
			return Value{}, fail.Invalid("answer.number", "item", it.Number).Because(err)
		}
		return Number(int64(amount)), nil
	case KindDate:
		d, err := period.ParseWritten(cell)
		if err != nil {
			return Value{}, fail.Invalid("answer.date", "item", it.Number).Because(err)
		}
		return Text(d.Text()), nil
	case KindText:
		return Text(cell), nil
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return Value{}, fail.Invalid("answer.number", "item", it.Number)
	}
	return Number(n), nil
}

// readCode reads the words of a code, a code, or a code followed by its words. Words come first:
// "900 VA" is not code 900.
func (it Item) readCode(cell string) (Value, *fail.Error) {
	words := fold(cell)
	for _, c := range it.Codes {
		if words == fold(c.Label.ID) || words == fold(c.Label.EN) {
			return Number(c.Code), nil
		}
	}
	rest := strings.TrimLeft(cell, "0123456789")
	if rest == "" || strings.ContainsRune(". )-:", rune(rest[0])) {
		if n, err := strconv.ParseInt(cell[:len(cell)-len(rest)], 10, 32); err == nil {
			return Number(n), nil
		}
	}
	return Value{}, fail.Invalid("answer.words", "item", it.Number)
}

// readSum reads a sum of powers of two; every part may be written once.
func (it Item) readSum(cell string) (Value, *fail.Error) {
	sum := int64(0)
	parts := strings.FieldsFunc(cell, func(r rune) bool { return r == '+' || r == ',' || r == ';' })
	for _, part := range parts {
		v, err := it.readCode(strings.TrimSpace(part))
		if err != nil {
			return Value{}, err
		}
		if len(parts) > 1 && sum&v.number != 0 {
			return Value{}, fail.Invalid("answer.sum", "item", it.Number, "value", v.number)
		}
		sum += v.number
	}
	return Number(sum), nil
}

// Words gives the answer in words: the label of a code, the labels of a sum, or the value itself.
func (it Item) Words(v Value, language string) string {
	if c, ok := it.codes[v.number]; ok && !v.words && len(it.Codes) > 0 {
		return c.Label.In(language)
	}
	if it.Kind != KindMulti {
		return v.Text()
	}
	var words []string
	for _, c := range it.Codes {
		if power(c.Code) && v.number&c.Code != 0 {
			words = append(words, c.Label.In(language))
		}
	}
	return strings.Join(words, ", ")
}

// power reports whether n is a power of two.
func power(n int64) bool { return n > 0 && n&(n-1) == 0 }
