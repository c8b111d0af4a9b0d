package runs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/numbers"
)

// Actors loads the person a run acts for, with the grants in force now.
type Actors func(ctx context.Context, id sqldb.ID) (access.Actor, error)

// Service keeps and works runs.
type Service struct {
	acts   *act.Acts
	actors Actors
	kinds  map[string]Kind
	// background enqueues the job that works a run; nil where the caller drives it.
	background func(r Run) any
	hold       *hold // what this process works, shared with Attended
}

// New makes the service for the kinds given. background, when not nil, gives the job
// that works an approved run, or nil when the caller drives it.
func New(acts *act.Acts, actors Actors, background func(r Run) any, kinds ...Kind) *Service {
	s := &Service{acts: acts, actors: actors, background: background, kinds: map[string]Kind{}, hold: &hold{held: map[sqldb.ID]chan struct{}{}}}
	for _, k := range kinds {
		s.kinds[k.Name] = k
	}
	return s
}

func (s *Service) kind(name string) (Kind, error) {
	k, ok := s.kinds[name]
	if !ok {
		return k, fail.NotFound("run.kind", "kind", name)
	}
	return k, nil
}

// Counts tells what the progress of runs of a kind counts; empty of a kind that is not known.
func (s *Service) Counts(kind string) Unit { return s.kinds[kind].Counts }

// NewRun is what a run is made of.
type NewRun struct {
	Kind     string
	Tenant   area.Tenant
	Area     area.Code
	Settings any    // frozen as JSON
	Inputs   string // digest of the files it reads, empty when it reads only the database
	Total    int64
}

// Create freezes the settings of a run.
func (s *Service) Create(ctx context.Context, who access.Actor, n NewRun) (Run, error) {
	k, err := s.kind(n.Kind)
	if err != nil {
		return Run{}, err
	}
	settings, err := json.Marshal(n.Settings)
	if err != nil {
		return Run{}, fmt.Errorf("freeze settings: %w", err)
	}
	sum := sha256.Sum256(append(append([]byte(n.Kind+"\n"+n.Inputs+"\n"), settings...), n.Area.Dotted()...))
	r := Run{Tenant: n.Tenant, Kind: n.Kind, State: Draft, Area: n.Area, Settings: settings, Digest: hex.EncodeToString(sum[:]), Total: n.Total, Version: 1, Tally: Tally{}, Preview: json.RawMessage("{}")}
	err = s.acts.Write(ctx, who, "run.create", func(tx *act.Tx) error {
		if err := tx.Allow(k.Start, n.Tenant, n.Area); err != nil {
			return err
		}
		r.ID, r.CreatedBy, r.CreatedAt = tx.NewID(), who.ID, tx.Now
		if r.Number, err = numbers.NextIn(ctx, tx.Tx, n.Tenant, numbers.Run, tx.Now.Year()); err != nil {
			return err
		}
		if err := insert(ctx, tx, r); err != nil {
			return fmt.Errorf("keep run: %w", err)
		}
		return tx.Record(ctx, entry(r, map[string]any{"kind": r.Kind, "digest": r.Digest}))
	})
	return r, err
}

func entry(r Run, facts map[string]any) audit.Entry {
	return audit.Entry{Tenant: r.Tenant, Area: r.Area, Subject: r.ID, Facts: facts}
}

// change loads a run, checks the permission at its area, lets f change it, and keeps it.
func (s *Service) change(ctx context.Context, who access.Actor, name string, tenant area.Tenant, id sqldb.ID, p func(Kind) access.Permission, f func(*act.Tx, Kind, *Run) error) (r Run, err error) {
	err = s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		if r, err = load(ctx, tx, tenant, id); err != nil {
			return err
		}
		k, err := s.kind(r.Kind)
		if err != nil {
			return err
		}
		if err := tx.Allow(p(k), r.Tenant, r.Area); err != nil {
			return err
		}
		if err := f(tx, k, &r); err != nil {
			return err
		}
		if err := update(ctx, tx.Tx, r); err != nil {
			return err
		}
		r.Version++
		return tx.Record(ctx, entry(r, map[string]any{"state": string(r.State), "digest": r.Digest}))
	})
	return r, err
}

func starter(k Kind) access.Permission { return k.Start }

// Look computes and keeps the preview. A kind that needs no second person is then
// approved; one that does waits for it.
func (s *Service) Look(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	r, err := s.Show(ctx, who, tenant, id)
	if err != nil {
		return r, err
	}
	if r.State != Draft && r.State != Previewed && r.State != Awaiting {
		return r, wrongState(r)
	}
	k, err := s.kind(r.Kind)
	if err != nil {
		return r, err
	}
	preview := Preview{Total: r.Total}
	if k.View != nil {
		err := s.acts.View(ctx, who, "run.preview", "", func(tx *act.Tx) error {
			if err := tx.Allow(k.Start, r.Tenant, r.Area); err != nil {
				return err
			}
			if preview, err = k.View(ctx, tx, r); err != nil {
				return err
			}
			return tx.Record(ctx, entry(r, map[string]any{"figures": preview.Figures}))
		})
		if err != nil {
			return r, err
		}
	}
	text, err := json.Marshal(preview)
	if err != nil {
		return r, fmt.Errorf("keep preview: %w", err)
	}
	return s.change(ctx, who, "run.previewed", tenant, id, starter, func(_ *act.Tx, k Kind, r *Run) error {
		r.Preview, r.Total = text, preview.Total
		r.State = Previewed
		return nil
	})
}

// Submit hands a previewed run to the second person, or to the machine when none is needed.
func (s *Service) Submit(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	return s.change(ctx, who, "run.submit", tenant, id, starter, func(tx *act.Tx, k Kind, r *Run) error {
		if r.State != Previewed {
			return wrongState(*r)
		}
		if k.Approve != "" {
			r.State = Awaiting
			return nil
		}
		return s.approve(ctx, tx, r)
	})
}

// Approve is the second person's yes.
func (s *Service) Approve(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	return s.change(ctx, who, "run.approve", tenant, id, func(k Kind) access.Permission { return k.Approve }, func(tx *act.Tx, _ Kind, r *Run) error {
		if r.State != Awaiting {
			return wrongState(*r)
		}
		if err := access.OtherPerson(r.CreatedBy, who); err != nil {
			return err
		}
		r.ApprovedBy = who.ID
		return s.approve(ctx, tx, r)
	})
}

// mostRefusal bounds the reason of a refusal, in letters.
const mostRefusal = 500

// longNumber is a number of ten digits and more, which may be a NIK, a card's or a telephone's; a date has eight.
var longNumber = regexp.MustCompile(`(?:[0-9][ .-]?){9,}[0-9]`)

// Refuse is the second person's no, with her reason: the run ends, and nothing of it was applied. The reason is kept in clear, so it
// holds no long number. Errors: run.refusal_missing, run.refusal_long (fact limit) and run.refusal_number for the reason, run.state where
// the run does not wait, access.same_person for its maker.
func (s *Service) Refuse(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, reason string) (Run, error) {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, "run.refuse", tenant, id, func(k Kind) access.Permission { return k.Approve }, func(tx *act.Tx, _ Kind, r *Run) error {
		if r.State != Awaiting {
			return wrongState(*r)
		}
		if err := access.OtherPerson(r.CreatedBy, who); err != nil {
			return err
		}
		if err := soundRefusal(reason); err != nil {
			return err
		}
		r.State, r.EndedAt, r.RefusedBy, r.Refusal = Refused, tx.Now, who.ID, reason
		return nil
	})
}

func soundRefusal(reason string) error {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return fail.Invalid("run.refusal_missing").On("reason")
	case n > mostRefusal:
		return fail.Invalid("run.refusal_long", "limit", mostRefusal).On("reason")
	case longNumber.MatchString(reason):
		return fail.Invalid("run.refusal_number").On("reason")
	}
	return nil
}

func (s *Service) approve(ctx context.Context, tx *act.Tx, r *Run) error {
	r.State, r.ApprovedAt = Approved, tx.Now
	return s.hand(ctx, tx, *r)
}

// hand gives a run to the background, where there is one.
func (s *Service) hand(ctx context.Context, tx *act.Tx, r Run) error {
	if s.background == nil {
		return nil
	}
	if job := s.background(r); job != nil {
		return tx.Enqueue(ctx, job)
	}
	return nil
}

// Cancel stops a run that has not ended; what was applied stays, and can be undone.
func (s *Service) Cancel(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	return s.change(ctx, who, "run.cancel", tenant, id, starter, func(tx *act.Tx, _ Kind, r *Run) error {
		if r.State.Ended() || r.State == Undoing {
			return wrongState(*r)
		}
		r.State, r.EndedAt = Cancelled, tx.Now
		return nil
	})
}

// Undo starts the way back of a run that changed something.
func (s *Service) Undo(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	permission := func(k Kind) access.Permission {
		if k.Approve != "" {
			return k.Approve
		}
		return k.Start
	}
	return s.change(ctx, who, "run.undo", tenant, id, permission, func(tx *act.Tx, k Kind, r *Run) error {
		if r.State != Done && r.State != Cancelled && r.State != Failed {
			return wrongState(*r)
		}
		if k.Undo == nil {
			return fail.Conflict("run.no_undo", "number", r.Number)
		}
		if k.Undoable != nil {
			if err := k.Undoable(ctx, tx, *r); err != nil {
				return err
			}
		}
		r.State, r.Cursor, r.Finished = Undoing, "", 0
		return s.hand(ctx, tx, *r)
	})
}

// Show gives one run.
func (s *Service) Show(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	r, err := load(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return r, err
	}
	if err := who.Allow(access.ReadRuns, r.Tenant, r.Area); err != nil {
		return Run{}, err
	}
	return r, nil
}

// Items gives the first items of a run: what was rejected, changed or doubtful, without names.
func (s *Service) Items(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, limit int) ([]Item, error) {
	r, err := s.Show(ctx, who, tenant, id)
	if err != nil {
		return nil, err
	}
	return Items(ctx, s.acts.DB().Direct(), r, sqldb.ID{}, min(max(limit, 1), 200))
}

// List gives the newest runs the actor may see.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) ([]Run, error) {
	scope := who.ScopeOf(access.ReadRuns)
	if scope.Empty() {
		return nil, who.Allow(access.ReadRuns, 0, area.Nation)
	}
	return list(ctx, s.acts.DB().Direct(), scope, f)
}

// MayStart reports whether the actor may make and submit such a run.
func (s *Service) MayStart(r Run, who access.Actor) bool {
	k, ok := s.kinds[r.Kind]
	return ok && who.Allow(k.Start, r.Tenant, r.Area) == nil
}

// MayApprove reports whether the actor's role may approve such a run; that she is
// another person than its maker is asked when she does.
func (s *Service) MayApprove(r Run, who access.Actor) bool {
	k, ok := s.kinds[r.Kind]
	return ok && k.Approve != "" && who.Allow(k.Approve, r.Tenant, r.Area) == nil
}

// MayUndo reports whether the run can be taken back, and by this actor.
func (s *Service) MayUndo(r Run, who access.Actor) bool {
	k, ok := s.kinds[r.Kind]
	if !ok || k.Undo == nil {
		return false
	}
	if k.Approve != "" {
		return who.Allow(k.Approve, r.Tenant, r.Area) == nil
	}
	return who.Allow(k.Start, r.Tenant, r.Area) == nil
}
