package sqldb

import "tepat/internal/kit/fail"

// Told gives an error of the database that a person can act on its code: db.full when the
// disk is full, db.gone when the database does not answer. Both may pass: what was not
// committed is not there, and the same work can be done again. What DB's own methods give has
// been told; Told is for those who use the pool beneath it.
func Told(err error) error {
	switch {
	case err == nil || fail.CodeOf(err) != "":
		return err
	case IsFull(err):
		return fail.Unavailable("db.full").Because(err)
	case IsGone(err):
		return fail.Unavailable("db.gone").Because(err)
	}
	return err
}

// toldRow is a row whose error has been told.
type toldRow struct{ Row }

func (r toldRow) Scan(dest ...any) error { return Told(r.Row.Scan(dest...)) }
