package cli

import (
	"fmt"
	"io"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/insight"
)

// view is what a report looks at.
type view struct {
	Area  string `placeholder:"CODE" help:"Area; by default the actor's own."`
	Month string `placeholder:"YYYY-MM" help:"A closed month; by default the figures of now."`
}

func (v view) of(who access.Actor) (out insight.View, err error) {
	out.Period = v.Month
	if v.Area != "" {
		out.Area, err = area.Parse(v.Area)
		return out, err
	}
	out.Area, _ = who.Home()
	return out, nil
}

// Dashboard shows an area in figures.
type Dashboard struct{ view }

// Help gives an example.
func (Dashboard) Help() string {
	return "Example: tepat report dashboard --as kadis --area 81.71.01. Every figure has its date and what it is a part of."
}

type figureView struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value *int64 `json:"value"` // null when it is not known
	Of    int64  `json:"of,omitempty"`
}

// Run shows it.
func (d Dashboard) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		v, err := d.of(who)
		if err != nil {
			return err
		}
		board, err := h.Insight.Dashboard(c, who, v)
		if err != nil {
			return err
		}
		zone := h.Places.Tree().Zone(board.Area).Location()
		views := make([]figureView, len(board.Figures))
		for i, f := range board.Figures {
			views[i] = figureView{Key: f.Key, Label: f.Words.Say(c.say), Of: f.Value.Of}
			if !f.Value.None {
				views[i].Value = &f.Value.N
			}
		}
		out := map[string]any{"area": board.Area.Dotted(), "name": board.Title, "period": board.Period, "as_of": instant(board.AsOf), "figures": views}
		c.result(out, func(w io.Writer) {
			fmt.Fprintf(w, "%s, %s\n%s\n", board.Title, board.Name(c.say), c.countedAt(board, zone))
			for _, f := range board.Figures {
				fmt.Fprintf(w, "  %-52s %16s\n", f.Words.Say(c.say), valueText(c.say, f.Kind, f.Value, zone))
			}
		})
		return nil
	})
}

// instant gives a time as JSON writes it; null while there is none.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *Call) countedAt(d insight.Dashboard, zone *time.Location) string {
	if d.AsOf.IsZero() {
		return c.say.Text("insight.never_counted")
	}
	return c.say.Text("insight.as_of", "at", c.say.Moment(d.AsOf.In(zone)))
}

func valueText(p i18n.Printer, kind insight.Kind, v insight.Value, zone *time.Location) string {
	switch {
	case v.None:
		return "–"
	case kind == insight.Rupiah:
		return p.Rupiah(v.N)
	case kind == insight.Share:
		return p.Share(v.N, v.Of)
	case kind == insight.Moment && v.N > 0:
		return p.MomentShort(time.UnixMicro(v.N).In(zone))
	case kind == insight.Moment:
		return "–"
	}
	return p.Number(v.N)
}

// Recap writes the monthly recap.
type Recap struct {
	view
	Out string `required:"" short:"o" type:"outfile" placeholder:"FILE" help:"Workbook to write (.xlsx)."`
}

// Help gives an example.
func (Recap) Help() string {
	return "Example: tepat report recap --as kadis --month 2024-09 --out rekap-2024-09.xlsx"
}

// Run writes it.
func (r Recap) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		v, err := r.of(who)
		if err != nil {
			return err
		}
		return outFile{r.Out}.write(c, "cli.written", func(w io.Writer) (map[string]any, error) {
			sheet := tabular.NewXLSXWriter(w)
			rows, err := h.Insight.WriteRecap(c, who, v, sheet, c.say, c.notes(h)...)
			if err != nil {
				return nil, err
			}
			return map[string]any{"rows": rows, "area": v.Area.Dotted()}, sheet.Close()
		})
	})
}

// Recount counts the figures of every district anew.
type Recount struct{}

// Help gives an example.
func (Recount) Help() string {
	return "Example: tepat report refresh. A serving installation does it by itself; use it before a report on one that does not."
}

// Run counts. It changes no data and shows none, so that nobody need be named.
func (Recount) Run(c *Call) error {
	return c.open(func(h *House) error {
		done, err := h.Insight.RefreshAll(c)
		if err != nil {
			return err
		}
		rows, changed := 0, 0
		for _, d := range done {
			rows, changed = rows+d.Rows, changed+d.Changed
		}
		c.result(map[string]any{"districts": len(done), "rows": rows, "changed": changed}, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.refreshed", "rows", rows, "changed", changed))
		})
		return nil
	})
}

// CloseMonth freezes the figures of a month.
type CloseMonth struct {
	where
	Month string `arg:"" help:"Month, YYYY-MM; its last day must be past."`
}

// Help gives an example.
func (CloseMonth) Help() string {
	return "Example: tepat report close 2024-09 --as kadis. The figures of a closed month never change again."
}

// Run closes it.
func (m CloseMonth) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		month, err := period.ParseMonth(m.Month)
		if err != nil {
			return err
		}
		tenant, _, err := m.of(h)
		if err != nil {
			return err
		}
		closed, err := h.Insight.CloseMonth(c, who, tenant, month)
		if err != nil {
			return err
		}
		out := map[string]any{"month": closed.Month.Text(), "as_of": instant(closed.AsOf), "rows": closed.Rows, "digest": closed.Digest}
		c.result(out, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.closed", "month", c.say.DateText(closed.Month.Text()), "rows", closed.Rows))
			fmt.Fprintln(w, "  "+closed.Digest)
		})
		return nil
	})
}
