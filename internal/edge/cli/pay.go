package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
)

// OpenStage opens a stage of payment.
type OpenStage struct {
	where
	Programme string `required:"" placeholder:"ID" help:"Programme, such as pkh."`
	Period    string `placeholder:"PERIOD" help:"Stage, such as 2024-Q4, 2024-10 or 2024; by default the one in which the list now in force began."`
	List      string `placeholder:"ID" help:"Open it only if this list is the one in force for the stage; otherwise that one is found."`
	Status    bool   `help:"Keep the status of what the centre pays; needs --period."`
}

// Help says which list is paid, and gives an example.
func (OpenStage) Help() string {
	return "A stage is paid from the list in force on its first day; it may be opened after the next list came into force.\nExample: tepat pay open --as penyaluran --programme pkh --period 2024-Q4"
}

// Run opens it.
func (o OpenStage) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, _, err := o.of(h)
		if err != nil {
			return err
		}
		in, err := o.opening(c, h, who, tenant)
		if err != nil {
			return err
		}
		cycle, err := h.Payments.OpenCycle(c, who, in)
		if err != nil {
			return err
		}
		c.printStages(true, cycle)
		return nil
	})
}

func (o OpenStage) opening(c *Call, h *House, who access.Actor, tenant area.Tenant) (in payments.Opening, err error) {
	in = payments.Opening{Tenant: tenant, Programme: programme.ID(o.Programme), Period: o.Period, Status: o.Status}
	if o.List != "" {
		if in.List, err = idOf(o.List, "--list"); err != nil {
			return in, err
		}
	}
	if in.Period != "" {
		return in, nil
	}
	list, err := h.Programmes.InForce(c, who, tenant, in.Programme)
	if err != nil {
		return in, err
	}
	first := list.Period.First()
	one, err := h.Programmes.Set(first).Programme(in.Programme)
	if err != nil {
		return in, err
	}
	in.Period = payments.PeriodOf(one, first)
	return in, nil
}

// Stages lists the stages of payment of a district.
type Stages struct {
	where
	Programme string `placeholder:"ID" help:"Only of this programme."`
	State     string `enum:",open,instructed,reconciling,closing,closed,cancelled" default:"" help:"Only stages that stand so: open, instructed, reconciling, closing, closed, cancelled."`
}

// Help gives an example.
func (Stages) Help() string { return "Example: tepat pay list --as penyaluran" }

// Run lists them.
func (s Stages) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, _, err := s.of(h)
		if err != nil {
			return err
		}
		list, err := h.Payments.Cycles(c, who, tenant, payments.CycleFilter{Programme: programme.ID(s.Programme), State: payments.CycleState(s.State), Limit: 200})
		if err != nil {
			return err
		}
		c.printStages(false, list...)
		return nil
	})
}

type stageView struct {
	ID        sqldb.ID            `json:"id"`
	Stage     string              `json:"stage"`
	State     payments.CycleState `json:"state"`
	Own       bool                `json:"own_money"`
	Rows      int64               `json:"rows"`
	Amount    int64               `json:"amount"`
	Order     string              `json:"order,omitempty"`
	Disbursed int64               `json:"disbursed"`
}

// stageName is what commands call a stage by: pkh/2024-Q4.
func stageName(c payments.Cycle) string { return string(c.Programme) + "/" + c.Period }

func (c *Call) printStages(one bool, list ...payments.Cycle) {
	views := make([]stageView, len(list))
	for i, s := range list {
		views[i] = stageView{s.ID, stageName(s), s.State, s.OwnMoney, s.Rows, int64(s.Amount), s.Order, int64(s.Disbursed)}
	}
	lines := func(w io.Writer) {
		c.none(w, len(views))
		for _, v := range views {
			fmt.Fprintf(w, "%-24s %-22s %10s %24s  %s\n", v.Stage, c.say.Text("payments.cycle."+string(v.State)), c.say.Number(v.Rows), c.say.Rupiah(v.Amount), v.Order)
		}
	}
	if one {
		c.result(views[0], lines)
		return
	}
	c.result(map[string]any{"stages": views}, lines)
}

// stage names one stage of payment.
type stage struct {
	where
	Stage string `arg:"" help:"Stage, such as pkh/2024-Q4, or its id."`
}

// find gives the stage a person named. Error: cli.stage.
func (s stage) find(c *Call, h *House, who access.Actor) (payments.Cycle, error) {
	tenant, _, err := s.of(h)
	if err != nil {
		return payments.Cycle{}, err
	}
	if id, err := sqldb.ParseID(s.Stage); err == nil {
		return h.Payments.Show(c, who, tenant, id)
	}
	id, _, _ := strings.Cut(s.Stage, "/")
	list, err := h.Payments.Cycles(c, who, tenant, payments.CycleFilter{Programme: programme.ID(id), Limit: 200})
	if err != nil {
		return payments.Cycle{}, err
	}
	for _, one := range list {
		if strings.EqualFold(stageName(one), s.Stage) {
			return one, nil
		}
	}
	return payments.Cycle{}, fail.NotFound("cli.stage", "stage", s.Stage)
}

// run makes a run of a stage and works it as far as it may.
func (s stage) run(c *Call, kind string, settings func(h *House, at area.Code, set payments.StageSettings) (any, error)) error {
	return c.step(s.where, kind, func(h *House, who access.Actor, _ area.Tenant, at area.Code) (any, error) {
		cycle, err := s.find(c, h, who)
		if err != nil {
			return nil, err
		}
		return settings(h, at, payments.StageSettings{Cycle: cycle.ID})
	})
}

func plainStage(_ *House, _ area.Code, set payments.StageSettings) (any, error) { return set, nil }

// ShowStage shows a stage in figures.
type ShowStage struct{ stage }

// Help gives an example.
func (ShowStage) Help() string { return "Example: tepat pay show pkh/2024-Q4 --as penyaluran" }

type sumView struct {
	Rows   int64 `json:"rows"`
	Amount int64 `json:"amount"`
}

func sumOf(s payments.Sum) sumView { return sumView{s.Rows, int64(s.Amount)} }

// Run shows it.
func (s ShowStage) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		cycle, err := s.find(c, h, who)
		if err != nil {
			return err
		}
		r, err := h.Payments.Report(c, who, cycle.Tenant, cycle.ID)
		if err != nil {
			return err
		}
		c.printReport(r)
		return nil
	})
}

func (c *Call) printReport(r payments.Report) {
	sums := map[string]sumView{"listed": sumOf(r.Listed), "payable": sumOf(r.Payable), "answered": sumOf(r.Answered), "open": sumOf(r.Open)}
	final, findings := map[string]sumView{}, map[string]sumView{}
	for state, sum := range r.ByFinal {
		final[strings.ToLower(string(state))] = sumOf(sum)
	}
	for _, f := range r.Findings {
		findings[string(f.Kind)] = sumOf(f.Sum)
	}
	out := map[string]any{"id": r.Cycle.ID, "stage": stageName(r.Cycle), "state": r.Cycle.State, "whole": r.Whole, "sums": sums, "final": final, "findings": findings,
		"order": r.Cycle.Order, "disbursed": r.Cycle.Disbursed, "order_minus_list": r.List, "bank_minus_order": r.Bank}
	c.result(out, func(w io.Writer) {
		line := func(label string, s sumView) {
			fmt.Fprintf(w, "  %-44s %10s %24s\n", label, c.say.Number(s.Rows), c.say.Rupiah(s.Amount))
		}
		fmt.Fprintf(w, "%s  %s\n", stageName(r.Cycle), c.say.Text("payments.cycle."+string(r.Cycle.State)))
		for _, key := range []string{"listed", "payable", "answered", "open"} {
			line(c.say.Text("cli.pay."+key), sums[key])
		}
		for _, key := range slices.Sorted(maps.Keys(final)) {
			line(c.say.Text("insight.pay."+key), final[key])
		}
		for _, key := range slices.Sorted(maps.Keys(findings)) {
			line(c.say.Text("payments.finding."+key), findings[key])
		}
	})
}

// ComputeStage works out what a stage pays.
type ComputeStage struct{ stage }

// Help gives an example.
func (ComputeStage) Help() string {
	return "Example: tepat pay compute pkh/2024-Q4 --as penyaluran. Exit code 4: the head approves with tepat run approve."
}

// Run computes.
func (s ComputeStage) Run(c *Call) error { return s.run(c, "pay", plainStage) }

// OrderStage notes the order that released the money.
type OrderStage struct {
	stage
	Number string `required:"" help:"Number of the order (SP2D)."`
	On     string `placeholder:"DATE" help:"Date of the order, YYYY-MM-DD; by default today."`
	Amount string `required:"" placeholder:"RUPIAH" help:"What it releases; it must be the payable sum."`
}

// Help gives an example.
func (OrderStage) Help() string {
	return "Example: tepat pay order pkh/2024-Q4 --as penyaluran --number SP2D-0412 --amount 15873000000"
}

// Run notes it.
func (s OrderStage) Run(c *Call) error {
	return s.run(c, "pay.instruct", func(h *House, at area.Code, set payments.StageSettings) (any, error) {
		on, err := h.day(s.On, at)
		if err != nil {
			return nil, err
		}
		amount, err := money.Parse(s.Amount)
		return payments.OrderSettings{StageSettings: set, Number: s.Number, On: on, Amount: amount}, err
	})
}

// ReturnStage books what nobody collected in time.
type ReturnStage struct {
	stage
	On string `placeholder:"DATE" help:"Day that counts, YYYY-MM-DD; by default today."`
}

// Help gives an example.
func (ReturnStage) Help() string { return "Example: tepat pay return pkh/2024-Q4 --as penyaluran" }

// Run books it.
func (s ReturnStage) Run(c *Call) error {
	return s.run(c, "pay.return", func(h *House, at area.Code, set payments.StageSettings) (any, error) {
		on, err := h.day(s.On, at)
		return payments.ReturnSettings{StageSettings: set, On: on}, err
	})
}

// CloseStage closes a stage.
type CloseStage struct{ stage }

// Help gives an example.
func (CloseStage) Help() string {
	return "Example: tepat pay close pkh/2024-Q4 --as penyaluran. Every row must be in one final state, and the three sums agree."
}

// Run closes it.
func (s CloseStage) Run(c *Call) error { return s.run(c, "pay.close", plainStage) }

// StageResults reads the bank's result file.
type StageResults struct {
	stage
	File    string `arg:"" type:"infile" help:"The bank's CSV or XLSX file."`
	Rejects string `type:"outfile" placeholder:"FILE" help:"File for the rejected rows; by default beside the file."`
}

// Help gives an example.
func (StageResults) Help() string {
	return "Example: tepat pay results pkh/2024-Q4 hasil-bank.csv --as penyaluran. Reading it again changes nothing."
}

// Run reads it.
func (s StageResults) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, at, err := s.of(h)
		if err != nil {
			return err
		}
		cycle, err := s.find(c, h, who)
		if err != nil {
			return err
		}
		rejects := s.Rejects
		if rejects == "" {
			rejects = s.File + ".rejects.csv"
		}
		set, err := h.Exchange.Describe(exchange.Results, s.File, rejects)
		if err != nil {
			return err
		}
		set.Cycle = cycle.ID
		r, err := c.drive(h, who, runs.NewRun{Kind: "import.results", Tenant: tenant, Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size})
		if err == nil {
			return c.printTaken(h, r, rejects)
		}
		return c.printDriven(h, r, rejects, err)
	})
}
