package tabular

import (
	"fmt"

	"tepat/internal/kit/fail"
)

// RowError is a row that cannot be used. It wraps a fail.Error with the same code.
//
// Codes: tabular.line.long (fact limit, bytes), tabular.columns.many (fact limit), tabular.nul,
// tabular.encoding, tabular.quote (text after a closing quote), tabular.quote.open (a quote that is
// never closed), tabular.cut (the last line ends too early), tabular.cell.string and
// tabular.cell.place (a workbook that contradicts itself).
type RowError struct {
	Line   int    // line of the file, or row of the sheet, where the row begins
	Column int    // number of the cell, the first is 1; 0 when it is about the whole row
	Code   string // stable code
	Limit  int    // what was exceeded, 0 when nothing was
}

// Error gives line, column and code.
func (e *RowError) Error() string {
	return fmt.Sprintf("line %d column %d: %s", e.Line, e.Column, e.Code)
}

// Unwrap gives the fail.Error with the facts line, column and limit.
func (e *RowError) Unwrap() error {
	return fail.Invalid(e.Code, "line", e.Line, "column", e.Column, "limit", e.Limit)
}

// The errors that end a file.
func errCut(line int) error    { return fail.Invalid("tabular.cut", "line", line) }
func errCutFile() *fail.Error  { return fail.Invalid("tabular.cut.file") }
func errEmpty() error          { return fail.Invalid("tabular.empty") }
func errUnknown() error        { return fail.Invalid("tabular.format.unknown") }
func errCorrupt(e error) error { return fail.Invalid("tabular.corrupt").Because(e) }
