package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// runView is a run as it is printed.
type runView struct {
	Run      string     `json:"run"`
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	State    runs.State `json:"state"`
	Area     string     `json:"area"`
	Done     int64      `json:"done"`
	Total    int64      `json:"total"`
	Unit     runs.Unit  `json:"unit"` // what both count
	Figures  runs.Tally `json:"figures"`
	Failure  string     `json:"failure,omitempty"`
	Rejects  string     `json:"rejects,omitempty"`
	Seconds  float64    `json:"seconds"`
	Rejected bool       `json:"-"`

	Taught []linkage.Lesson `json:"taught,omitempty"` // what the list of a search for duplicates told of two records
}

func viewOf(h *House, r runs.Run) runView {
	state := r.State
	if r.Halted() {
		state = "halted"
	}
	v := runView{Run: r.Number, ID: r.ID.String(), Kind: r.Kind, State: state, Area: r.Area.Dotted(), Done: r.Finished, Total: r.Total, Unit: h.Runs.Counts(r.Kind), Figures: r.Tally, Failure: r.Failure}
	if !r.StartedAt.IsZero() && !r.EndedAt.IsZero() {
		v.Seconds = r.EndedAt.Sub(r.StartedAt).Seconds()
	}
	v.Rejected = r.Tally["rejected"] > 0
	return v
}

func (v runView) lines(c *Call) func(io.Writer) {
	return func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s  %s\n", v.Run, c.word("run.kind.", v.Kind), c.say.Text("run.state."+string(v.State)))
		for _, k := range slices.Sorted(maps.Keys(v.Figures)) {
			fmt.Fprintf(w, "  %-52s %14s\n", c.figure(k), c.say.Number(v.Figures[k]))
		}
		for _, line := range c.taught(v.Taught) {
			fmt.Fprintf(w, "  %s\n", line)
		}
		switch {
		case v.Rejects != "" && v.Rejected:
			fmt.Fprintf(w, "  %s\n", c.say.Text("cli.rejects", "file", v.Rejects))
		case v.Rejects != "":
			fmt.Fprintf(w, "  %s\n", c.say.Text("cli.noted", "file", v.Rejects))
		}
	}
}

// figure gives the words of a run's figure, or its name where there are none.
func (c *Call) figure(name string) string {
	if key := "civilmatch.status." + name; !c.say.Has("run.figure."+name) && c.say.Has(key) {
		return c.say.Text(key)
	}
	if c.say.Has(name) {
		return c.say.Text(name)
	}
	state, amount := strings.CutSuffix(name, "_amount")
	if key := "paymentsweb.final." + strings.ToUpper(state); !c.say.Has("run.figure."+name) && c.say.Has(key) {
		if amount {
			return c.say.Text("run.figure_of.amount", "what", c.say.Text(key))
		}
		return c.say.Text(key)
	}
	if group, id, ok := strings.Cut(name, "."); ok && c.criteria != nil {
		for _, one := range c.criteria.Criteria() {
			if one.ID == id {
				return c.word("cli.figure.", group) + ": " + one.Label.In(c.say.Lang.String())
			}
		}
	}
	return c.word("run.figure.", name)
}

// word gives the words of a name under a key of the catalogue, or the name itself.
func (c *Call) word(prefix, name string) string {
	if c.say.Has(prefix + name) {
		return c.say.Text(prefix + name)
	}
	return name
}

// drive takes a new run through preview and submission, and works it unless it waits for approval.
func (c *Call) drive(h *House, who access.Actor, n runs.NewRun) (runs.Run, error) {
	c.driven = time.Now()
	r, err := h.Runs.Create(c, who, n)
	if err != nil {
		return r, err
	}
	if r, err = h.Runs.Look(c, who, r.Tenant, r.ID); err != nil {
		return r, c.dropped(h, who, r, err)
	}
	if r, err = h.Runs.Submit(c, who, r.Tenant, r.ID); err != nil {
		return r, err
	}
	if r.State == runs.Awaiting {
		return r, fail.Awaiting("run.awaiting", "number", r.Number)
	}
	return c.work(h, r.Tenant, r.ID, n.Kind)
}

// dropped cancels a run whose settings cannot be: it would only lie among the others.
func (c *Call) dropped(h *House, who access.Actor, r runs.Run, cause error) error {
	if kind := fail.KindOf(cause); r.ID.IsZero() || kind == fail.KindUnavailable || c.Err() != nil {
		return cause
	}
	if _, err := h.Runs.Cancel(c, who, r.Tenant, r.ID); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (c *Call) work(h *House, tenant area.Tenant, id sqldb.ID, name string) (runs.Run, error) {
	meter := c.board.Meter(c.word("run.kind.", name), c.say.Text("unit."+string(h.Runs.Counts(name))))
	defer meter.Done()
	r, err := h.Runs.Drive(c.steady, tenant, id, meter)
	if err != nil && c.steady.Err() != nil {
		err = fail.Unavailable("cli.stopped", "number", r.Number)
	}
	return r, err
}

// written gives the name of a file of rejects, "" where nothing had to be told.
func written(rejects string) string {
	if about, err := os.Stat(rejects); err != nil || about.Size() == 0 {
		return ""
	}
	return rejects
}

func (c *Call) printRun(h *House, r runs.Run, rejects string) error {
	v := viewOf(h, r)
	if !c.driven.IsZero() && r.State.Ended() { // what was looked at before anything was written counts too
		v.Seconds = time.Since(c.driven).Seconds()
	}
	v.Rejects = written(rejects)
	if r.Kind == identity.SearchKind {
		taught, err := h.Duplicates.Lessons(c, r.Tenant, r.ID)
		if err != nil {
			return err
		}
		v.Taught = taught
	}
	if v.Rejected {
		c.code = ExitRejected
	}
	c.result(v, v.lines(c))
	return nil
}

// ListRuns lists runs.
type ListRuns struct {
	Kind  string `help:"Only runs of this kind."`
	Limit int    `default:"20" help:"How many."`
}

// Help gives an example.
func (ListRuns) Help() string {
	return "Example: tepat run list --as verifikator --kind match"
}

// Run lists the newest runs.
func (l ListRuns) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		list, err := h.Runs.List(c, who, runs.Filter{Kind: l.Kind, Limit: l.Limit})
		if err != nil {
			return err
		}
		views := make([]runView, len(list))
		for i, r := range list {
			views[i] = viewOf(h, r)
		}
		c.result(map[string]any{"runs": views}, func(w io.Writer) {
			c.none(w, len(views))
			for i, v := range views {
				fmt.Fprintf(w, "%s  %-36s %-22s %s  %s\n", v.Run, c.word("run.kind.", v.Kind), c.say.Text("run.state."+string(v.State)), list[i].CreatedAt.Local().Format(time.DateTime), v.ID)
			}
		})
		return nil
	})
}

type oneRun struct {
	ID string `arg:"" name:"run" help:"Number or id of the run, such as R-2024-00012."`
}

// find reads the run a person named by number or id.
func (o oneRun) find(c *Call, h *House, who access.Actor) (runs.Run, error) {
	tenant, _ := h.tenant()
	if id, err := sqldb.ParseID(o.ID); err == nil {
		return h.Runs.Show(c, who, tenant, id)
	}
	list, err := h.Runs.List(c, who, runs.Filter{Limit: 200})
	if err != nil {
		return runs.Run{}, err
	}
	for _, r := range list {
		if r.Number == o.ID {
			return r, nil
		}
	}
	return runs.Run{}, fail.NotFound("run.unknown")
}

func (o oneRun) do(c *Call, f func(h *House, who access.Actor, r runs.Run) (runs.Run, error)) error {
	return c.with(func(h *House, who access.Actor) error {
		r, err := o.find(c, h, who)
		if err == nil {
			r, err = f(h, who, r)
		}
		if err != nil {
			return err
		}
		return c.printRun(h, r, "")
	})
}

// ShowRun shows a run.
type ShowRun struct{ oneRun }

// Help gives an example.
func (ShowRun) Help() string {
	return "Example: tepat run show R-2024-00012 --as verifikator"
}

// Run shows it.
func (s ShowRun) Run(c *Call) error {
	return s.do(c, func(_ *House, _ access.Actor, r runs.Run) (runs.Run, error) { return r, nil })
}

// ApproveRun approves a run and works it.
type ApproveRun struct {
	oneRun
	Digest string `help:"The digest you looked at; refused when the run has another."`
}

// Help gives an example.
func (ApproveRun) Help() string {
	return "Example: tepat run approve R-2024-00012 --as kadis. Whoever made the run may not."
}

// Run approves it.
func (a ApproveRun) Run(c *Call) error {
	return a.do(c, func(h *House, who access.Actor, r runs.Run) (runs.Run, error) {
		if a.Digest != "" && a.Digest != r.Digest {
			return r, fail.Conflict("run.changed", "number", r.Number)
		}
		if _, err := h.Runs.Approve(c, who, r.Tenant, r.ID); err != nil {
			return r, err
		}
		return c.work(h, r.Tenant, r.ID, r.Kind)
	})
}

// RefuseRun refuses a run that waits for a second person.
type RefuseRun struct {
	oneRun
	Reason string `required:"" help:"Why, in plain words; no names and no numbers of people."`
}

// Help gives an example.
func (RefuseRun) Help() string {
	return "Example: tepat run refuse R-2024-00012 --as kadis --reason 'Dua kelurahan belum diperiksa'. Whoever made the run is told why on its page."
}

// Run refuses it.
func (f RefuseRun) Run(c *Call) error {
	return f.do(c, func(h *House, who access.Actor, r runs.Run) (runs.Run, error) {
		return h.Runs.Refuse(c, who, r.Tenant, r.ID, f.Reason)
	})
}

// ResumeRun goes on with a run.
type ResumeRun struct{ oneRun }

// Help gives an example.
func (ResumeRun) Help() string {
	return "Example: tepat run resume R-2024-00012 --as verifikator. It goes on where the last commit stopped."
}

// Run resumes it; one that has halted goes on in the name of who resumes it.
func (s ResumeRun) Run(c *Call) error {
	return s.do(c, func(h *House, who access.Actor, r runs.Run) (runs.Run, error) {
		if r.Halted() {
			if _, err := h.Runs.TakeOver(c, who, r.Tenant, r.ID); err != nil {
				return r, err
			}
		}
		return c.work(h, r.Tenant, r.ID, r.Kind)
	})
}

// CancelRun stops a run.
type CancelRun struct{ oneRun }

// Help gives an example.
func (CancelRun) Help() string {
	return "Example: tepat run cancel R-2024-00012 --as verifikator. What was applied stays, and can be undone."
}

// Run cancels it.
func (s CancelRun) Run(c *Call) error {
	return s.do(c, func(h *House, who access.Actor, r runs.Run) (runs.Run, error) {
		return h.Runs.Cancel(c, who, r.Tenant, r.ID)
	})
}

// UndoRun takes a run back.
type UndoRun struct{ oneRun }

// Help gives an example.
func (UndoRun) Help() string {
	return "Example: tepat run undo R-2024-00012 --as kadis"
}

// Run undoes it.
func (s UndoRun) Run(c *Call) error {
	return s.do(c, func(h *House, who access.Actor, r runs.Run) (runs.Run, error) {
		if _, err := h.Runs.Undo(c, who, r.Tenant, r.ID); err != nil {
			return r, err
		}
		return c.work(h, r.Tenant, r.ID, r.Kind)
	})
}
