package questionnaire

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Validate checks every answer of a subject of the level and gives one error per faulty item, in the
// form's order, each bound to its item; none when all is well. It does not ask for missing answers,
// see Missing. Errors: answer.item_unknown, answer.level, answer.not_asked (fact because: the item
// that decides) and those of Item.Check.
func (v *Version) Validate(level Level, a Answers) []*fail.Error {
	var errs []*fail.Error
	seen := 0
	for i := range v.items {
		it := &v.items[i]
		value, answered := a[it.Key]
		if !answered {
			continue
		}
		seen++
		if err := v.check(it, level, value, a); err != nil {
			errs = append(errs, err.On(it.Key))
		}
	}
	if seen == len(a) {
		return errs
	}
	return append(errs, v.strangers(a)...)
}

func (v *Version) check(it *Item, level Level, value Value, a Answers) *fail.Error {
	if it.Level != level {
		return fail.Invalid("answer.level", "item", it.Number)
	}
	if it.When.over(a) == no {
		return fail.Invalid("answer.not_asked", "item", it.Number, "because", it.When.failing(a))
	}
	return it.Check(value)
}

// failing names the first item whose answer keeps the condition from holding.
func (c Condition) failing(a Answers) string {
	for _, need := range c {
		if v, answered := a[need.Item]; answered && !slices.Contains(need.Codes, v.number) {
			return need.Item
		}
	}
	return ""
}

// strangers reports the answers to items the version does not have, in alphabetical order.
func (v *Version) strangers(a Answers) []*fail.Error {
	var keys []string
	for key := range a {
		if _, ok := v.Item(key); !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var errs []*fail.Error
	for _, key := range keys {
		errs = append(errs, fail.Invalid("answer.item_unknown", "item", key, "version", v.Name).On(key))
	}
	return errs
}

// Missing gives the items of the level that are asked, not optional and not answered, in the form's
// order. An item whose condition hangs on an unanswered item is not counted before that is answered.
func (v *Version) Missing(level Level, a Answers) []Item {
	var out []Item
	for i := range v.items {
		it := &v.items[i]
		if _, answered := a[it.Key]; answered || it.Optional || it.Level != level {
			continue
		}
		if it.When.over(a) == yes {
			out = append(out, *it)
		}
	}
	return out
}

// Check checks one answer by itself. Errors: answer.type, answer.code (fact value), answer.sum
// (fact value), answer.range (facts min, max), answer.digits (fact digits), answer.too_long (fact
// max), answer.text, answer.date.
func (it Item) Check(v Value) *fail.Error {
	if v.words != (it.Kind == KindDate || it.Kind == KindText) {
		return fail.Invalid("answer.type", "item", it.Number)
	}
	switch it.Kind {
	case KindCode:
		if _, ok := it.codes[v.number]; !ok {
			return fail.Invalid("answer.code", "item", it.Number, "value", v.number)
		}
	case KindMulti:
		if _, alone := it.codes[v.number]; !alone && (v.number < 0 || v.number&^it.mask != 0) {
			return fail.Invalid("answer.sum", "item", it.Number, "value", v.number)
		}
	case KindInteger, KindCount, KindRupiah:
		if v.number < it.Min || v.number > it.Max {
			return fail.Invalid("answer.range", "item", it.Number, "min", it.Min, "max", it.Max)
		}
	case KindDate:
		if _, err := period.ParseDate(v.text); err != nil {
			return fail.Invalid("answer.date", "item", it.Number)
		}
	case KindText:
		return it.checkText(v.text)
	}
	return nil
}

func (it Item) checkText(s string) *fail.Error {
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return fail.Invalid("answer.text", "item", it.Number)
	case it.Digits > 0 && (len(s) != it.Digits || strings.Trim(s, "0123456789") != ""):
		return fail.Invalid("answer.digits", "item", it.Number, "digits", it.Digits)
	case it.Max > 0 && int64(utf8.RuneCountInString(s)) > it.Max:
		return fail.Invalid("answer.too_long", "item", it.Number, "max", it.Max)
	}
	return nil
}
