package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// wakingDriver is River's SQLite driver with the calls that PostgreSQL gives by NOTIFY, made
// inside the process. Without them River would have to look for jobs many times a second, at a
// millisecond each.
//
// A call is made while the transaction that holds the job is still open. That is right on SQLite:
// the look it sets off waits for the one connection, which is free after the commit.
type wakingDriver struct {
	*riversqlite.Driver
	calls chan struct{}
}

func newWakingDriver(db *sql.DB) *wakingDriver {
	return &wakingDriver{riversqlite.New(db), make(chan struct{}, 1)}
}

// wake calls the worker; a call that was not heard yet is enough.
func (d *wakingDriver) wake() {
	select {
	case d.calls <- struct{}{}:
	default:
	}
}

// SupportsListener implements riverdriver.Driver.
func (d *wakingDriver) SupportsListener() bool { return true }

// GetListener implements riverdriver.Driver.
func (d *wakingDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return listener{d.calls}
}

// listener hears the calls as notifications of new jobs.
type listener struct{ calls <-chan struct{} }

// WaitForNotification implements riverdriver.Listener.
func (l listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-l.calls:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	payload, err := json.Marshal(map[string]string{"queue": river.QueueDefault})
	if err != nil {
		return nil, fmt.Errorf("call a worker: %w", err)
	}
	return &riverdriver.Notification{Topic: "river_insert", Payload: string(payload)}, nil
}

// The rest of riverdriver.Listener has nothing to do without a connection.

// Close implements riverdriver.Listener.
func (listener) Close(context.Context) error { return nil }

// Connect implements riverdriver.Listener.
func (listener) Connect(context.Context) error { return nil }

// Listen implements riverdriver.Listener.
func (listener) Listen(context.Context, string) error { return nil }

// Ping implements riverdriver.Listener.
func (listener) Ping(context.Context) error { return nil }

// Schema implements riverdriver.Listener.
func (listener) Schema() string { return "" }

// SetAfterConnectExec implements riverdriver.Listener.
func (listener) SetAfterConnectExec(string) {}

// Unlisten implements riverdriver.Listener.
func (listener) Unlisten(context.Context, string) error { return nil }
