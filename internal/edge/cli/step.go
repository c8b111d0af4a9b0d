package cli

import (
	"encoding/json"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// where is the district a step works in: by default the one the installation writes for.
type where struct {
	Area string `placeholder:"CODE" help:"Area the step works in, such as 81.71; by default the installation's own."`
}

// of gives the storage and the area. Error: cli.area where the area is above a district.
func (w where) of(h *House) (tenant area.Tenant, at area.Code, err error) {
	at = h.Home.Home()
	if w.Area != "" {
		if at, err = area.Parse(w.Area); err != nil {
			return 0, 0, err
		}
		if _, err = h.Places.Tree().Must(at); err != nil {
			return 0, 0, err
		}
	}
	if tenant = h.Places.TenantOf(at); tenant == 0 {
		return 0, 0, fail.Invalid("cli.area", "area", at.Dotted())
	}
	return tenant, at, nil
}

// day reads a full date; an empty one is today at the area. Errors: those of period.ParseDate, cli.full_date.
func (h *House) day(text string, at area.Code) (period.Date, error) {
	if text == "" {
		return h.Places.LocalDate(at, h.Acts.Now()), nil
	}
	on, err := period.ParseDate(text)
	if err == nil && !on.IsFull() {
		err = fail.Invalid("cli.full_date")
	}
	return on, err
}

// step makes a run of a kind in the command's area, works it as far as it may, and prints it.
func (c *Call) step(w where, kind string, settings func(h *House, who access.Actor, tenant area.Tenant, at area.Code) (any, error)) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, at, err := w.of(h)
		if err != nil {
			return err
		}
		set, err := settings(h, who, tenant, at)
		if err != nil {
			return err
		}
		r, err := c.drive(h, who, runs.NewRun{Kind: kind, Tenant: tenant, Area: at, Settings: set})
		return c.printDriven(h, r, "", err)
	})
}

// printDriven prints a run that was worked, or one that waits for the second person: with
// its preview, so that she knows what she is asked.
func (c *Call) printDriven(h *House, r runs.Run, rejects string, err error) error {
	if fail.KindOf(err) != fail.KindAwaiting || r.ID.IsZero() {
		if err != nil {
			return err
		}
		return c.printRun(h, r, rejects)
	}
	var p runs.Preview
	if e := json.Unmarshal(r.Preview, &p); e != nil {
		return fmt.Errorf("read preview of run %s: %w", r.Number, e)
	}
	r.Tally, r.Total = p.Figures, p.Total
	if e := c.printRun(h, r, rejects); e != nil {
		return e
	}
	fmt.Fprintln(c.Stderr, "tepat: "+c.say.Error(err))
	c.code = ExitAwaiting
	return nil
}

// idOf reads an id that a person copied from a list.
func idOf(text, what string) (sqldb.ID, error) {
	id, err := sqldb.ParseID(text)
	if err != nil {
		return id, fail.Invalid("cli.id", "what", what)
	}
	return id, nil
}

// decree are the flags of a decree that a step rests on.
type decree struct {
	Number   string `required:"" help:"Number of the decree."`
	On       string `placeholder:"DATE" help:"Date of the decree, YYYY-MM-DD; by default today."`
	SignedBy string `required:"" placeholder:"OFFICE" help:"Office that signs it, such as \"Wali Kota Ambon\"."`
	About    string `help:"What it is about."`
}
