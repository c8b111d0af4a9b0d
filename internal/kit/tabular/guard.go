package tabular

// A spreadsheet takes a cell of a CSV file that begins with one of these for a formula.
func dangerous(c byte) bool {
	switch c {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// guarded reports whether a text is written with one more apostrophe before it: those a spreadsheet
// would run, and those that already look as if they had been guarded, so that reading takes off
// exactly what writing put on.
func guarded(text string) bool {
	for i := range len(text) {
		if text[i] != '\'' {
			return dangerous(text[i])
		}
	}
	return false
}

// unguard takes the apostrophe off that guarded put on.
func unguard(cell []byte) []byte {
	if len(cell) < 2 || cell[0] != '\'' {
		return cell
	}
	for _, c := range cell[1:] {
		if c != '\'' {
			if dangerous(c) {
				return cell[1:]
			}
			break
		}
	}
	return cell
}
