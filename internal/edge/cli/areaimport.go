package cli

import (
	"fmt"
	"io"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
)

// ImportAreas turns a newer list of areas into a change of areas.
type ImportAreas struct {
	File   string `arg:"" type:"infile" help:"CSV or XLSX with code and name and, where known, bps_code, old_code, decree, valid_from."`
	Within string `placeholder:"CODE" help:"Area it is a complete list of; what is missing there has ended. By default the installation's own, 0 for the nation."`
	Decree string `placeholder:"TEXT" help:"Decree of the changes whose rows name none."`
	Date   string `placeholder:"DATE" help:"First day of the changes whose rows name none."`
	DryRun bool   `help:"Say what would change, and change nothing."`
}

// Help gives an example.
func (ImportAreas) Help() string {
	return "Example: tepat area import wilayah-2026.csv --decree \"Kepmendagri 300.2.2-2430/2025\" --date 2025-07-01 --dry-run --as admin\n" +
		"Without --dry-run the change waits for a second person (exit code 4): tepat area approve. Exit code 3: rows or changes have a problem."
}

// differenceView is a difference as it is printed.
type differenceView struct {
	Kind     string `json:"kind"`
	Code     string `json:"code"`
	To       string `json:"to,omitempty"`
	Name     string `json:"name,omitempty"`
	Was      string `json:"was,omitempty"`
	Below    int    `json:"below,omitempty"`
	Families int64  `json:"families,omitempty"`
	Line     int    `json:"line,omitempty"`
	Decree   string `json:"decree,omitempty"`
	From     string `json:"valid_from,omitempty"`
	Error    string `json:"error,omitempty"`
	Message  string `json:"message,omitempty"`
}

// Run compares and, unless it is a dry run, proposes.
func (i ImportAreas) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		set, err := i.settings(h)
		if err != nil {
			return err
		}
		rows, err := tabular.OpenFile(i.File, tabular.Options{})
		if err != nil {
			return err
		}
		defer rows.Close()
		list, err := areas.ReadList(rows)
		if err != nil {
			return err
		}
		if i.DryRun {
			found, err := h.Places.CompareList(c, who, list, set)
			if err != nil {
				return err
			}
			c.printComparison(h, found, nil)
			return nil
		}
		change, found, err := h.Places.ProposeList(c, who, list, set)
		if fail.CodeOf(err) == "area.list_problems" {
			c.printComparison(h, found, nil)
			return nil
		}
		if err != nil {
			return err
		}
		c.printComparison(h, found, &change)
		return nil
	})
}

func (i ImportAreas) settings(h *House) (set areas.ListSettings, err error) {
	set.Within, set.Basis = h.Home.Home(), i.Decree
	if i.Within != "" {
		if set.Within, err = area.Parse(i.Within); err != nil {
			return set, err
		}
	}
	if i.Date != "" {
		if set.From, err = period.ParseDate(i.Date); err != nil || !set.From.IsFull() {
			return set, fail.Invalid("cli.full_date").On("--date")
		}
	}
	return set, nil
}

func (c *Call) printComparison(h *House, found areas.Comparison, change *areas.Change) {
	views := []differenceView{}
	for _, d := range found.Differences {
		v := differenceView{Kind: d.Kind, Code: d.Code.Dotted(), Name: d.Name, Was: d.Was, Below: d.Below, Families: d.Families, Line: d.Line, Decree: d.Own.Basis, From: d.Own.On.Text()}
		if d.To != area.Nation {
			v.To = d.To.Dotted()
		}
		if d.Err != nil {
			v.Error, v.Message = fail.CodeOf(d.Err), c.say.Error(d.Err)
		}
		views = append(views, v)
	}
	bad := []differenceView{}
	for _, b := range found.Bad {
		bad = append(bad, differenceView{Line: b.Line, Error: fail.CodeOf(b.Err), Message: c.say.Error(b.Err)})
	}
	problems := found.Problems()
	out := map[string]any{"within": found.Within.Dotted(), "rows": found.Rows, "outside": found.Outside, "same": found.Same, "problems": problems, "differences": views, "rejected": bad}
	if change != nil {
		c.code, out["change"] = ExitAwaiting, changeViewOf(*change)
	}
	if problems > 0 {
		c.code = ExitRejected
	}
	c.result(out, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("cli.area_list", "rows", found.Rows, "within", h.Places.Tree().Name(found.Within), "same", found.Same,
			"differences", len(views), "outside", found.Outside, "problems", problems))
		for _, v := range views {
			fmt.Fprintf(w, "  %-12s %-14s %-14s %s%s\n", c.say.Text("areas.difference."+v.Kind), v.Code, v.To, v.Name, c.was(v))
			if v.Message != "" {
				fmt.Fprintf(w, "      ! %s [%s]\n", v.Message, v.Error)
			}
		}
		for _, v := range bad {
			fmt.Fprintf(w, "  %6d  ! %s [%s]\n", v.Line, v.Message, v.Error)
		}
		if change != nil {
			c.sayChange(w, *change)
		}
	})
}

func (c *Call) was(v differenceView) string {
	if v.Was == "" || v.Was == v.Name {
		return ""
	}
	return " < " + v.Was
}

// changeView is a change of areas as it is printed.
type changeView struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Basis string `json:"decree"`
	From  string `json:"valid_from"`
	About string `json:"about"`
	Steps int    `json:"steps"`
	Done  int    `json:"done"`
}

func changeViewOf(c areas.Change) changeView {
	return changeView{c.ID.String(), c.State, c.Decree.Basis, c.Decree.From.Text(), c.Decree.About.Dotted(), c.Steps, c.Done}
}

func (c *Call) sayChange(w io.Writer, one areas.Change) {
	fmt.Fprintln(w, c.say.Text("cli.area_change", "id", one.ID.String(), "state", c.say.Text("cli.area_state."+one.State), "done", one.Done, "steps", one.Steps,
		"basis", one.Decree.Basis, "from", one.Decree.From.Text()))
}

// AreaChanges lists the changes of areas.
type AreaChanges struct{}

// Help gives an example.
func (AreaChanges) Help() string { return "Example: tepat area changes --as admin" }

// Run lists them.
func (AreaChanges) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		list, err := h.Places.Changes(c, who, 100)
		if err != nil {
			return err
		}
		views := []changeView{}
		for _, one := range list {
			views = append(views, changeViewOf(one))
		}
		c.result(map[string]any{"changes": views}, func(w io.Writer) {
			c.none(w, len(views))
			for _, one := range list {
				c.sayChange(w, one)
			}
		})
		return nil
	})
}

// ApproveAreas approves a change of areas and applies it.
type ApproveAreas struct {
	ID string `arg:"" help:"The change, as area changes lists it."`
}

// Help gives an example.
func (ApproveAreas) Help() string {
	return "Example: tepat area approve 0192f0c5-… --as kadis. The same command goes on with a change that was cut."
}

// Run approves, unless that is done, and applies.
func (a ApproveAreas) Run(c *Call) error {
	return c.change(a.ID, func(h *House, who access.Actor, one areas.Change) error {
		if one.State == areas.Awaiting || one.State == areas.Halted {
			if err := h.Places.Approve(c, who, one.ID, h.Accounts); err != nil {
				return err
			}
		}
		if one.Steps == 0 {
			return nil
		}
		meter := c.board.Meter(c.say.Text("auditweb.act.area.change"), c.say.Text("unit.steps"))
		defer meter.Done()
		meter.Total(int64(one.Steps - one.Done))
		return h.Places.Apply(c, who, one.ID, func(int, int) { meter.Add(1) })
	})
}

// WithdrawAreas takes back a change that is not approved.
type WithdrawAreas struct {
	ID string `arg:"" help:"The change."`
}

// Help gives an example.
func (WithdrawAreas) Help() string { return "Example: tepat area withdraw 0192f0c5-… --as admin" }

// Run withdraws.
func (a WithdrawAreas) Run(c *Call) error {
	return c.change(a.ID, func(h *House, who access.Actor, one areas.Change) error { return h.Places.Withdraw(c, who, one.ID) })
}

// UndoAreas proposes the way back from a change.
type UndoAreas struct {
	ID     string `arg:"" help:"The change."`
	Decree string `required:"" placeholder:"TEXT" help:"The document that takes it back."`
}

// Help gives an example.
func (UndoAreas) Help() string {
	return "Example: tepat area undo 0192f0c5-… --decree \"Surat Sekda 12/2026\" --as admin. A second person approves it like every change."
}

// Run proposes.
func (a UndoAreas) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		id, err := idOf(a.ID, "ID")
		if err != nil {
			return err
		}
		one, err := h.Places.Undo(c, who, id, a.Decree, h.Places.LocalDate(h.Home.Home(), h.Acts.Now()))
		if err != nil {
			return err
		}
		c.code = ExitAwaiting
		c.result(map[string]any{"change": changeViewOf(one)}, func(w io.Writer) { c.sayChange(w, one) })
		return nil
	})
}

// change does something to a change and prints what became of it.
func (c *Call) change(text string, do func(*House, access.Actor, areas.Change) error) error {
	return c.with(func(h *House, who access.Actor) error {
		id, err := idOf(text, "ID")
		if err != nil {
			return err
		}
		one, err := h.Places.Change(c, who, id)
		if err != nil {
			return err
		}
		if err := do(h, who, one); err != nil {
			return err
		}
		if one, err = h.Places.Change(c, who, id); err != nil {
			return err
		}
		c.result(map[string]any{"change": changeViewOf(one)}, func(w io.Writer) { c.sayChange(w, one) })
		return nil
	})
}
