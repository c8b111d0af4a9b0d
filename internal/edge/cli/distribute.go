package cli

import (
	"fmt"
	"io"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Distribute says how a database is spread over several machines, and whether it can be.
type Distribute struct {
	DryRun bool `help:"Print the statements, in their order; needs no Citus."`
	Check  bool `help:"Look for what would keep the tables from being spread; exit code 1 when there is something."`
}

// Help says what it is for, and gives an example.
func (Distribute) Help() string {
	return "A nation's database is PostgreSQL with Citus. A district and a province need none: this command tells so, and changes nothing.\n" +
		"Example: tepat db distribute --db postgres://localhost/tepat --dry-run"
}

type distributionView struct {
	Engine     string            `json:"engine"`
	Citus      string            `json:"citus,omitempty"`
	Tables     []sqldb.Placement `json:"tables"`
	Statements []string          `json:"statements,omitempty"`
	Obstacles  []sqldb.Obstacle  `json:"obstacles"`
}

// Run tells. Errors: cli.distribute_sqlite, cli.distribute_plain, cli.distribute_obstacles (fact count).
func (d Distribute) Run(c *Call) error {
	return c.bare(func(db *sqldb.DB) (err error) {
		if db.Dialect() != sqldb.Postgres {
			return fail.Unavailable("cli.distribute_sqlite")
		}
		v := distributionView{Engine: db.Dialect().String(), Tables: sqldb.Placements(c.Tables), Obstacles: []sqldb.Obstacle{}}
		if v.Citus, err = sqldb.Citus(c, db); err != nil {
			return err
		}
		found, err := sqldb.Obstacles(c, db, v.Tables)
		if err != nil {
			return err
		}
		v.Obstacles = append(v.Obstacles, found...)
		if d.DryRun {
			for _, p := range v.Tables {
				if s := p.Statement(); s != "" {
					v.Statements = append(v.Statements, s)
				}
			}
		}
		switch {
		case !d.DryRun && !d.Check && v.Citus == "":
			return fail.Unavailable("cli.distribute_plain")
		case !d.DryRun && !d.Check:
			return fail.Unavailable("cli.distribute_by_hand", "version", v.Citus)
		}
		c.result(v, func(w io.Writer) {
			for _, s := range v.Statements {
				fmt.Fprintln(w, s)
			}
			for _, o := range v.Obstacles {
				fmt.Fprintf(w, "%s: %s %s\n", o.Table, o.What, o.Name)
			}
			c.none(w, len(v.Statements)+len(v.Obstacles))
		})
		if len(v.Obstacles) > 0 {
			c.code = ExitFailed
		}
		return nil
	})
}
