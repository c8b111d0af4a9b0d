package cli

import (
	"fmt"
	"io"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/files"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
)

// outFile is where an export goes. It is written whole or not at all.
type outFile struct {
	Out string `required:"" short:"o" type:"outfile" placeholder:"FILE" help:"File to write; .xlsx writes a workbook, anything else CSV."`
}

func (o outFile) xlsx() bool { return strings.HasSuffix(strings.ToLower(o.Out), ".xlsx") }

// write fills the file and says how many rows it has, in the words of the key said. Only its owner may read it: it holds people.
func (o outFile) write(c *Call, said string, fill func(w io.Writer) (map[string]any, error)) error {
	var out map[string]any
	err := files.Write(o.Out, 0o600, func(w io.Writer) (err error) {
		out, err = fill(w)
		return err
	})
	if err != nil {
		return err
	}
	out["file"] = o.Out
	c.result(out, func(w io.Writer) { fmt.Fprintln(w, c.say.Text(said, "rows", out["rows"], "file", o.Out)) })
	return nil
}

// reveal asks for numbers in full.
type reveal struct {
	Reveal  bool   `help:"Write NIK and No. KK in full; needs the permission, and a purpose."`
	Purpose string `help:"What the full numbers are for; it is kept in the audit log."`
}

// notes stand above the titles of a file of a training installation.
func (c *Call) notes(h *House) []string {
	if !h.Home.Training {
		return nil
	}
	return []string{c.say.Text("exportsweb.synthetic")}
}

// within reads an area to narrow an export by; empty is all of the actor's own.
func within(text string) (area.Code, error) {
	if text == "" {
		return area.Nation, nil
	}
	return area.Parse(text)
}

// ExportFamilies writes the families of an area.
type ExportFamilies struct {
	outFile
	reveal
	Area    string `placeholder:"CODE" help:"Only this area; by default all the actor may take away."`
	Layout  string `help:"A ready layout's name; by default the canonical columns."`
	Answers bool   `help:"Write the questionnaire too; only with the canonical columns."`
}

// Help gives an example.
func (ExportFamilies) Help() string {
	return "Example: tepat export families --as verifikator --area 81.71.01 --out nusaniwe.xlsx. Purposes of full numbers: " + strings.Join(exchange.Purposes(), ", ") + "."
}

// Run exports.
func (e ExportFamilies) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		at, err := within(e.Area)
		if err != nil {
			return err
		}
		x := exchange.Export{Area: at, Layout: e.Layout, Format: tabular.CSV, Answers: e.Answers, Reveal: e.Reveal, Purpose: e.Purpose, Notes: c.notes(h)}
		if e.xlsx() {
			x.Format = tabular.XLSX
		}
		return e.write(c, "cli.exported", func(w io.Writer) (map[string]any, error) {
			out, err := h.Exchange.Export(c, who, x, w)
			return map[string]any{"rows": out.Persons, "families": out.Families, "sha256": out.SHA256}, err
		})
	})
}

// ExportLabels writes what reviewers decided of pairs, for training.
type ExportLabels struct {
	Out  string `required:"" short:"o" type:"outfile" placeholder:"FILE" help:"CSV file to write."`
	Area string `placeholder:"CODE" help:"Only this area; by default all the actor may take away."`
}

// Help gives an example.
func (ExportLabels) Help() string {
	return "Example: tepat export labels --as verifikator --out label.csv, then tepat link train data.csv --labels label.csv --out model.yaml. The file says how the values of each decided pair agreed, and holds none of them."
}

// Run exports.
func (e ExportLabels) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		at, err := within(e.Area)
		if err != nil {
			return err
		}
		return outFile{e.Out}.write(c, "cli.exported", func(w io.Writer) (map[string]any, error) {
			n, err := h.Duplicates.Labels(c, who, at, w)
			return map[string]any{"rows": n}, err
		})
	})
}

// ExportList writes a list of beneficiaries.
type ExportList struct {
	where
	outFile
	reveal
	List   string `arg:"" help:"Id of the list, which tepat enrol lists shows."`
	Within string `placeholder:"CODE" help:"Only this area of the list."`
	State  string `enum:",enrolled,waiting,suspended,ended,selected,would_wait" default:"" help:"Only rows that stand so: enrolled, waiting, suspended, ended; of a draft selected, would_wait."`
}

// Help gives an example.
func (ExportList) Help() string {
	return "Example: tepat export list 0192f0c4-… --as program --state enrolled --out penerima-pkh.csv"
}

// Run exports.
func (e ExportList) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, _, err := e.of(h)
		if err != nil {
			return err
		}
		x := programmes.Export{Tenant: tenant, Reveal: e.Reveal, Purpose: e.Purpose, State: listState(e.State)}
		if x.Area, err = within(e.Within); err != nil {
			return err
		}
		if x.List, err = idOf(e.List, "LIST"); err != nil {
			return err
		}
		return e.write(c, "cli.exported", func(w io.Writer) (map[string]any, error) {
			rows, err := c.writeList(h, who, x, e.xlsx(), w)
			return map[string]any{"rows": rows}, err
		})
	})
}

func listState(name string) programmes.State {
	for _, s := range []programmes.State{programmes.Enrolled, programmes.Waiting, programmes.Suspended, programmes.Ended, programmes.Selected, programmes.WouldWait} {
		if s.String() == name {
			return s
		}
	}
	return 0
}

func (c *Call) writeList(h *House, who access.Actor, x programmes.Export, xlsx bool, out io.Writer) (rows int64, err error) {
	keys := []string{"programmesweb.position", "web.status", "web.head", "web.name", "web.nik", "web.no_kk", "web.address", "programmesweb.rt", "programmesweb.rw", "web.village", "web.decile", "programmesweb.amount"}
	w, err := c.table(h, xlsx, "Daftar", keys, out)
	if err != nil {
		return 0, err
	}
	err = h.Programmes.Export(c, who, x, func(r programmes.ExportRow) error {
		rows++
		return w.Write(tabular.Number(r.Position), tabular.Text(c.say.Text("programmes.state."+r.State.String())), tabular.Text(r.Head), tabular.Text(r.Name),
			tabular.Text(r.NIK), tabular.Text(r.KK), tabular.Text(r.Address), tabular.Text(r.RT), tabular.Text(r.RW), tabular.Text(h.Places.Tree().Name(r.Area)),
			tabular.Number(r.Decile), tabular.Rupiah(int64(r.Amount)))
	})
	if err != nil {
		return rows, err
	}
	return rows, w.Close()
}

// table begins a file with titles of the catalogue.
func (c *Call) table(h *House, xlsx bool, name string, keys []string, out io.Writer) (tabular.Writer, error) {
	if xlsx {
		o := tabular.SheetOptions{Name: name, Notes: c.notes(h)}
		for _, key := range keys {
			o.Columns = append(o.Columns, tabular.Column{Title: c.say.Text(key)})
		}
		w := tabular.NewXLSXWriter(out)
		return w, w.Sheet(o)
	}
	titles := make([]tabular.Cell, len(keys))
	for i, key := range keys {
		titles[i] = tabular.Text(c.say.Text(key))
	}
	w := tabular.NewCSVWriter(out, tabular.CSVOptions{Separator: ';', Mark: true})
	return w, w.Write(titles...)
}

// ExportPayments writes the payment list of a stage.
type ExportPayments struct {
	stage
	outFile
	Channel string `help:"Only this channel, such as bank or pos."`
	Within  string `placeholder:"CODE" help:"Only this area of the stage."`
	Full    bool   `help:"NIK and account in full, for the bank or Pos; needs the right to run payments, and a purpose."`
	Purpose string `help:"What the full list is for; it is kept in the audit log."`
}

// Help gives an example.
func (ExportPayments) Help() string {
	return "Example: tepat export payments pkh/2024-Q4 --as penyaluran --full --purpose \"penyaluran tahap 4\" --out bank.csv"
}

// Run exports.
func (e ExportPayments) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		cycle, err := e.find(c, h, who)
		if err != nil {
			return err
		}
		choice := payments.ListChoice{Tenant: cycle.Tenant, Cycle: cycle.ID, Channel: e.Channel, Full: e.Full, Purpose: e.Purpose}
		if choice.Area, err = within(e.Within); err != nil {
			return err
		}
		return e.write(c, "cli.exported", func(w io.Writer) (map[string]any, error) {
			total, err := h.Payments.WriteList(c, who, choice, w, payments.ListFile{XLSX: e.xlsx(), Title: stageTitle(cycle), Notes: c.notes(h)})
			return map[string]any{"rows": total.Rows, "amount": total.Amount}, err
		})
	})
}

// stageTitle names a sheet: a stage's slash may not stand in it.
func stageTitle(c payments.Cycle) string { return strings.ReplaceAll(stageName(c), "/", " ") }
