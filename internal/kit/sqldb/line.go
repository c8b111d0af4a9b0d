package sqldb

import (
	"context"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// lineError is a connection to PostgreSQL that broke. The driver gives the bare error of the
// network, an "unexpected EOF" for one, which could as well come from a file somebody was reading.
type lineError struct{ err error }

func (e *lineError) Error() string { return "connection to the database: " + e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

// line marks the errors of a connection as such.
type line struct{ net.Conn }

func dialLine(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return line{conn}, nil
	}
}

func (l line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	return n, broken(err)
}

func (l line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	return n, broken(err)
}

// broken leaves deadlines alone: the driver sets them to end a statement that was cancelled.
func broken(err error) error {
	var timeout net.Error
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		return err
	}
	return &lineError{err}
}
