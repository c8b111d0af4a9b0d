package linkage

import "bytes"

// numbersApart takes the dots out of a text, parts numbers from letters and drops the zeros they begin with: RT.003/RW.02 and
// RT 3 RW 2 are one.
func numbersApart(out, in []byte) []byte {
	from := len(out)
	for i, c := range in {
		digit, before := isDigit(c), len(out) > from && out[len(out)-1] != ' '
		switch {
		case c == '.' || c == ' ':
			if before {
				out = append(out, ' ')
			}
			continue
		case before && digit != isDigit(out[len(out)-1]):
			out, before = append(out, ' '), false
		}
		if c == '0' && !before && i+1 < len(in) && isDigit(in[i+1]) {
			continue
		}
		out = append(out, c)
	}
	return trimSpace(out, from)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// wordsReplaced gives a cleaner that writes words in the form that stands for all, and leaves out those that stand for none.
func wordsReplaced(forms map[string]string) func(out, in []byte) []byte {
	table := make(map[string][]byte, len(forms))
	for word, form := range forms {
		table[string(fold(nil, []byte(word)))] = fold(nil, []byte(form))
	}
	return func(out, in []byte) []byte {
		from := len(out)
		for word := range bytes.SplitSeq(in, []byte{' '}) {
			if form, known := table[string(word)]; known {
				word = form
			}
			if len(word) > 0 {
				out = append(append(out, word...), ' ')
			}
		}
		return trimSpace(out, from)
	}
}
