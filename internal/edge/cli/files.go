package cli

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/fail"
	"tepat/internal/service/exchange"
	"tepat/internal/service/population"
	"tepat/internal/service/runs"
)

// Import imports one file.
type Import struct {
	where
	Subject string `arg:"" enum:"families,civil,evidence,deciles,answers" help:"What the file is about: families, civil, evidence, deciles, or answers: what the ministry decided about proposals."`
	File    string `arg:"" type:"infile" help:"A CSV or XLSX file."`
	Map     string `help:"A ready mapping's name or a mapping file."`
	Source  string `help:"Source of rows that name none."`
	AsOf    string `help:"Date of rows that name none: YYYY, YYYY-MM or YYYY-MM-DD."`
	DryRun  bool   `help:"Read and check the whole file; change nothing."`
	Rejects string `type:"outfile" help:"File for the rejected rows; by default beside the file."`
	Alike   string `type:"outfile" placeholder:"FILE" help:"With --dry-run, of families: write a CSV file of all rows whose persons are possibly registered already."`
}

// Help gives an example.
func (Import) Help() string {
	return "Example: tepat import families data.csv --as rahma. Running it again changes nothing. Exit code 3: done, but some rows were rejected.\n" +
		"Before it: tepat import families data.csv --dry-run --alike registered.csv --as rahma\n" +
		"A file of answers has a row a proposal, named by its number, a NIK or a No. KK: decision, decree, decided_on, and a reason where it was refused."
}

// Run imports.
func (i Import) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		if i.DryRun {
			return i.try(c, h, who)
		}
		r, rejects, err := i.start(c, h, who)
		if err == nil && i.Subject == string(exchange.Answers) {
			return c.printTaken(h, r, rejects)
		}
		return c.printDriven(h, r, rejects, err)
	})
}

func (i Import) start(c *Call, h *House, who access.Actor) (runs.Run, string, error) {
	if i.Alike != "" {
		return runs.Run{}, "", fail.Invalid("cli.alike_dry")
	}
	n, rejects, err := i.newRun(h)
	if err != nil {
		return runs.Run{}, rejects, err
	}
	r, err := c.importRun(h, who, n)
	if err == nil {
		c.alikeQueued(r)
	}
	return r, rejects, err
}

// newRun gives the run of an import, and where its bad rows are told.
func (i Import) newRun(h *House) (n runs.NewRun, rejects string, err error) {
	if rejects = i.Rejects; rejects == "" {
		rejects = i.File + ".rejects.csv"
	}
	set, err := h.Exchange.Describe(exchange.Subject(i.Subject), i.File, rejects)
	if err != nil {
		return n, "", err
	}
	set.Layout, set.Source, set.AsOf, set.Whole = i.Map, i.Source, i.AsOf, i.DryRun
	tenant, at, err := i.of(h)
	return runs.NewRun{Kind: "import." + i.Subject, Tenant: tenant, Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size}, rejects, err
}

// importRun drives an import. A first one fills the tables without their indexes, unless
// the database is being served: there somebody may look something up.
func (c *Call) importRun(h *House, who access.Actor, n runs.NewRun) (r runs.Run, err error) {
	if n.Kind == "import.families" && c.handed == nil {
		loading, err := h.Exchange.BeginLoad(c)
		if err != nil {
			return r, err
		}
		if loading {
			defer func() {
				if e := h.Exchange.EndLoad(c); err == nil {
					err = e
				}
			}()
		}
	}
	return c.drive(h, who, n)
}

// Synth writes a synthetic population.
type Synth struct {
	Scenario string `help:"One of the five scenarios."`
	Area     string `help:"An area code, with --families."`
	Families int    `help:"Number of families, with --area."`
	AsOf     string `default:"2024-10-01" help:"Date, with --area."`
	Seed     uint64 `default:"1" help:"The same seed makes the same people."`
	Round    int    `default:"1" help:"2 and later: a later file in which some families answer differently."`
	Plain    bool   `help:"Leave the questionnaire out."`
	Out      string `required:"" type:"outfile" help:"Folder to write."`
}

// Help gives an example.
func (Synth) Help() string {
	return "Example: tepat synth --scenario ambon --out ambon. Nobody in these files is real."
}

// Run generates.
func (s Synth) Run(c *Call) error {
	scenario, err := s.scenario()
	if err != nil {
		return err
	}
	world, err := population.World()
	if err != nil {
		return err
	}
	start := time.Now()
	counts, err := population.Write(world, synth.Config{Scenario: scenario, Seed: s.Seed, Round: s.Round, NoItems: s.Plain}, runtime.NumCPU(), s.Out)
	if err != nil {
		return err
	}
	c.result(map[string]any{"files": counts, "seconds": time.Since(start).Seconds()}, func(w io.Writer) {
		for name, n := range counts {
			fmt.Fprintf(w, "  %-28s %12s\n", name, c.say.Number(int64(n)))
		}
	})
	return nil
}

func (s Synth) scenario() (synth.Scenario, error) {
	if s.Scenario != "" {
		return population.Scenario(s.Scenario)
	}
	if s.Area == "" || s.Families <= 0 {
		return synth.Scenario{}, fail.Invalid("cli.synth")
	}
	at, err := area.Parse(s.Area)
	if err != nil {
		return synth.Scenario{}, err
	}
	asOf, err := period.ParseDate(s.AsOf)
	if err != nil {
		return synth.Scenario{}, err
	}
	return population.OfArea(at, s.Families, asOf)
}
