// Package runs keeps the bulk operations: frozen settings, a preview, an approval by
// a second person where it changes people's lives, application in chunks that a
// kill cannot double, and an undo where the law allows.
package runs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// State is where a run stands.
type State string

// The states. Draft and Previewed wait for their maker, Awaiting for the second
// person, Approved and Running for the machine.
const (
	Draft     State = "draft"
	Previewed State = "previewed"
	Awaiting  State = "awaiting"
	Approved  State = "approved"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Refused   State = "refused"
	Undoing   State = "undoing"
	Undone    State = "undone"
)

// Ended reports whether nothing more will happen by itself.
func (s State) Ended() bool {
	return s == Done || s == Failed || s == Cancelled || s == Refused || s == Undone
}

// Tally counts what a run did, by name.
type Tally map[string]int64

// Add adds another tally to it.
func (t Tally) Add(other Tally) {
	for k, n := range other {
		t[k] += n
	}
}

// Run is one bulk operation.
type Run struct {
	Tenant     area.Tenant
	ID         sqldb.ID
	Number     string
	Kind       string
	State      State
	Area       area.Code
	Settings   json.RawMessage
	Digest     string
	Preview    json.RawMessage
	Cursor     string
	Tally      Tally
	Total      int64
	Finished   int64 // units of work finished
	Chunks     int64
	Failure    string
	CreatedBy  sqldb.ID
	ApprovedBy sqldb.ID
	RefusedBy  sqldb.ID // the second person who said no; zero: nobody did
	Refusal    string   // and why, in her words
	ActsBy     sqldb.ID // who took it over when it had halted; zero: its maker
	CreatedAt  time.Time
	ApprovedAt time.Time
	StartedAt  time.Time
	EndedAt    time.Time
	Version    int64
}

// Actor gives the person a run acts for: its maker, or who took it over.
func (r Run) Actor() sqldb.ID {
	if r.ActsBy.IsZero() {
		return r.CreatedBy
	}
	return r.ActsBy
}

// haltedCode is the failure of a run that is not over.
const haltedCode = "run.halted"

// Halted reports whether a run stands still since whom it acts for may not act any more. It goes on where it stood when somebody
// takes it over; where it has not begun the way back it can also be stopped for good.
func (r Run) Halted() bool { return r.Failure == haltedCode && !r.State.Ended() }

// Decode reads the frozen settings into v.
func (r Run) Decode(v any) error {
	if err := json.Unmarshal(r.Settings, v); err != nil {
		return fmt.Errorf("read settings of run %s: %w", r.Number, err)
	}
	return nil
}

// Preview is what a run would do, shown before anybody approves it.
type Preview struct {
	Figures Tally `json:"figures"`
	// Samples are a few rows, masked, as label and value pairs.
	Samples []Sample `json:"samples,omitempty"`
	// Alike names lines of a file whose persons may be in the registry already: the label is the line, the subject who may be she.
	Alike []Sample `json:"alike,omitempty"`
	// Model names the model of linkage a search compares people with; empty for kinds that have none.
	Model string `json:"model,omitempty"`
	// Total is the number of units of work expected.
	Total int64 `json:"total"`
}

// Sample is one masked example.
type Sample struct {
	Tenant  area.Tenant `json:"tenant,omitempty"` // of the subject, where she may live in another district
	Subject sqldb.ID    `json:"subject"`
	Label   string      `json:"label"`
	Outcome string      `json:"outcome"`
}

// Chunk is the next piece of a run, computed outside any transaction.
type Chunk struct {
	// Next is the cursor after this chunk.
	Next string
	// Last tells that no chunk follows.
	Last bool
	// Units of work in it.
	Units int64
	// Apply writes it, in the transaction that also moves the cursor.
	Apply func(ctx context.Context, tx *act.Tx) (Tally, error)
}

// Unit is what the units of work of a run are; a key of the catalogue under unit.
type Unit string

// The units.
const (
	Rows      Unit = "rows"
	Persons   Unit = "persons"
	Families  Unit = "families"
	Findings  Unit = "findings"
	Proposals Unit = "proposals"
	Bytes     Unit = "bytes" // of the file that is read
)

// Kind is how runs of a kind are worked. Prepare may run one chunk ahead of Apply,
// so it must not read what Apply of the chunk before writes.
type Kind struct {
	Name string
	// Counts is what its units of work are.
	Counts Unit
	// Start is the permission to make and apply such a run.
	Start access.Permission
	// Approve is the second person's permission, empty when none is needed.
	Approve access.Permission
	// View reads what the run would do; it writes nothing.
	View func(ctx context.Context, tx *act.Tx, r Run) (Preview, error)
	// Prepare computes the chunk that begins at the cursor ("" at the start).
	Prepare func(ctx context.Context, r Run, cursor string) (Chunk, error)
	// Finish runs after the last chunk, in its own act; may be nil.
	Finish func(ctx context.Context, tx *act.Tx, r Run) (Tally, error)
	// Undo computes the chunk of the way back; nil when there is none.
	Undo func(ctx context.Context, r Run, cursor string) (Chunk, error)
	// Undoable says why a run cannot be taken back now, before its state changes; may be nil. Without it a run that
	// cannot be taken back would be left as failed.
	Undoable func(ctx context.Context, tx *act.Tx, r Run) error
}

var errState = wrongState(Run{})

func wrongState(r Run) error {
	return fail.Conflict("run.state", "number", r.Number, "state", string(r.State))
}
