package cli

import (
	"fmt"
	"io"

	"tepat/internal/kit/fail"
)

// Doctor checks the installation.
type Doctor struct{}

// check is one finding of the doctor.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Note string `json:"note,omitempty"`
}

// Help gives an example.
func (Doctor) Help() string { return "Example: tepat doctor. Exit code 1 when something is wrong." }

// Run checks, and fails when something is wrong.
func (Doctor) Run(c *Call) error {
	return c.open(func(h *House) error {
		checks := c.examine(h)
		wrong := 0
		for _, one := range checks {
			if !one.OK {
				wrong++
			}
		}
		c.result(map[string]any{"checks": checks, "wrong": wrong}, func(w io.Writer) {
			for _, one := range checks {
				mark := "ok"
				if !one.OK {
					mark = "!!"
				}
				fmt.Fprintf(w, "  %s  %-28s %s\n", mark, c.say.Text("cli.check."+one.Name), one.Note)
			}
		})
		if wrong > 0 {
			c.code = ExitFailed
		}
		return nil
	})
}

// examine looks at everything in turn; what is wrong in one place hides nothing in another.
func (c *Call) examine(h *House) []check {
	checks := []check{
		{"database", true, h.DB.Dialect().String()},
		c.finding("keys", KeysOutside(c.Keys, c.DB), h.Keys.Fingerprint()),
	}
	version, err := h.DB.SchemaVersion(c)
	checks = append(checks, c.finding("schema", err, fmt.Sprint(version)))
	proof, err := h.Sealer.Verify(c, h.Acts.Now())
	checks = append(checks, c.finding("audit", err, fmt.Sprint(proof.Entries)))
	checks = append(checks, c.finding("areas", nil, fmt.Sprint(h.Places.Tree().Len())))
	broken, err := h.Registry.Drift(c, h.DB.Direct())
	if err == nil && broken > 0 {
		err = fail.Conflict("cli.drift", "rows", broken)
	}
	checks = append(checks, c.finding("nik_index", err, ""))
	return append(checks, c.alike(h))
}

// alike tells how the index of who is alike stands. That there is none is nothing wrong: it is built when it is asked for.
func (c *Call) alike(h *House) check {
	stands, err := h.Identity.Stands(c, h.DB.Direct())
	switch {
	case err != nil:
		return c.finding("alike", err, "")
	case !stands.Ready:
		return c.finding("alike", nil, c.say.Text("cli.alike.none"))
	}
	return c.finding("alike", nil, c.say.Text("cli.alike.ready", "persons", stands.Persons, "behind", stands.Behind, "model", stands.Model))
}

// finding words what was found: what is wrong is told as any error is, with what to do.
func (c *Call) finding(name string, err error, note string) check {
	if err != nil {
		return check{name, false, c.say.Error(err)}
	}
	return check{name, true, note}
}
