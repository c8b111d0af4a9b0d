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
		checks := []check{{"database", true, h.DB.Dialect().String()}, {"keys", true, h.Keys.Fingerprint()}}
		version, err := h.DB.SchemaVersion(c)
		checks = append(checks, finding("schema", err, fmt.Sprint(version)))
		proof, err := h.Sealer.Verify(c, h.Acts.Now())
		checks = append(checks, finding("audit", err, fmt.Sprintf("%d", proof.Entries)))
		checks = append(checks, finding("areas", nil, fmt.Sprint(h.Places.Tree().Len())))
		broken, err := h.Registry.Drift(c, h.DB.Direct())
		if err == nil && broken > 0 {
			err = fail.Conflict("cli.drift", "rows", broken)
		}
		checks = append(checks, finding("nik_index", err, ""))
		checks = append(checks, alike(c, h))
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
				fmt.Fprintf(w, "  %s  %-12s %s\n", mark, one.Name, one.Note)
			}
		})
		if wrong > 0 {
			c.code = ExitFailed
		}
		return nil
	})
}

// alike tells how the index of who is alike stands. That there is none is nothing wrong: it is built when it is asked for.
func alike(c *Call, h *House) check {
	stands, err := h.Identity.Stands(c, h.DB.Direct())
	switch {
	case err != nil:
		return finding("alike", err, "")
	case !stands.Ready:
		return finding("alike", nil, c.say.Text("cli.alike.none"))
	}
	return finding("alike", nil, c.say.Text("cli.alike.ready", "persons", stands.Persons, "behind", stands.Behind, "model", stands.Model))
}

func finding(name string, err error, note string) check {
	if err != nil {
		return check{name, false, err.Error()}
	}
	return check{name, true, note}
}
