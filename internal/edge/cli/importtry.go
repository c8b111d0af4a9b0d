package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
)

// triedView is a dry run as it is printed.
type triedView struct {
	runView
	Alike string `json:"alike,omitempty"` // the file of rows whose persons may be registered already
}

// try reads and checks a file, lists whose persons may be registered already where that is asked for, and changes nothing.
func (i Import) try(c *Call, h *House, who access.Actor) (err error) {
	if i.Alike != "" && i.Subject != string(exchange.Families) {
		return fail.Invalid("cli.alike_dry")
	}
	n, rejects, err := i.newRun(h)
	if err != nil {
		return err
	}
	if i.Alike != "" {
		dir, remove, err := files.TempDir(filepath.Dir(i.Alike))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		set := n.Settings.(exchange.Settings)
		set.Alike = filepath.Join(dir, "alike")
		n.Settings = set
	}
	r, err := h.Runs.Create(c, who, n)
	if err == nil {
		r, err = h.Runs.Look(c, who, n.Tenant, r.ID)
	}
	if err != nil {
		return err
	}
	v, err := i.tried(c, h, who, r)
	if err != nil {
		return err
	}
	if v.Rejects = written(rejects); v.Rejected {
		c.code = ExitRejected
	}
	c.result(v, v.lines(c))
	return nil
}

// tried writes the list of a dry run, and ends it.
func (i Import) tried(c *Call, h *House, who access.Actor, r runs.Run) (v triedView, err error) {
	figures, err := previewFigures(r)
	if err != nil {
		return v, err
	}
	listed := i.Alike != "" && figures["alike_unready"] == 0
	if listed {
		err = files.Write(i.Alike, 0o600, func(w io.Writer) error {
			_, err := h.Exchange.WriteAlike(c, who, r, w)
			return err
		})
	}
	ended, stop := h.Runs.Cancel(c, who, r.Tenant, r.ID)
	if err = errors.Join(err, stop); err != nil {
		return v, err
	}
	ended.Tally = figures
	if v.runView = viewOf(h, ended); listed {
		v.Alike = i.Alike
	}
	return v, nil
}

func (v triedView) lines(c *Call) func(io.Writer) {
	run := v.runView.lines(c)
	return func(w io.Writer) {
		run(w)
		switch {
		case v.Alike != "":
			fmt.Fprintf(w, "  %s\n", c.say.Text("cli.alike_listed", "file", v.Alike))
		case v.Figures["alike"] > 0:
			fmt.Fprintf(w, "  %s\n", c.say.Text("cli.alike_how", "count", v.Figures["alike"]))
		}
	}
}

// alikeQueued says of an import that has run how many of its first rows were of persons possibly registered already, and where they
// are decided about.
func (c *Call) alikeQueued(r runs.Run) {
	figures, err := previewFigures(r)
	if n := figures["alike"]; err == nil && n > 0 {
		fmt.Fprintln(c.Stderr, "tepat: "+c.say.Text("cli.alike_queued", "count", n, "rows", figures["rows"]))
	}
}
