package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	data "tepat/data/linkage"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/flatcsv"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/parallel"
)

// linkInput is the files a linkage works on; it needs no database.
type linkInput struct {
	Left        string `arg:"" type:"infile" help:"CSV file whose rows are looked up, or looked through for duplicates."`
	Reference   string `type:"infile" placeholder:"RIGHT.csv" help:"CSV file each row is looked up in; without it, duplicates are looked for."`
	Model       string `type:"model" placeholder:"M.yaml" help:"Model: a file, or one of identity (the default: Indonesian identity), febrl and historical."`
	ID          string `name:"id" placeholder:"COL" help:"Column of the ids; by default one the model names, else the number of the row."`
	ReferenceID string `name:"reference-id" placeholder:"COL" help:"Column of the ids of the reference."`
	Workers     int    `default:"0" help:"Processors to use; by default all. The result is the same."`
}

// opened is the files and what compares them.
type opened struct {
	engine *linkage.Engine
	model  *linkage.Model
	tables [2]*flatcsv.Table
	names  [2]string
	maps   [2]*mapped.File
	begun  time.Time
	input  linkInput
	frugal func() // undoes beFrugal; nil for nothing
}

// frugalGarbage is how much the heap may grow while files are compared, in percent, before memory is collected. What it holds is nearly all
// numbers, which cost no time to look through, so that collecting often is cheap (docs/measurements.md). GOGC overrides it.
const frugalGarbage = 15

// beFrugal holds the heap near what is in use until the files are given back.
func (o *opened) beFrugal() {
	if os.Getenv("GOGC") == "" {
		was := debug.SetGCPercent(frugalGarbage)
		o.frugal = func() { debug.SetGCPercent(was) }
	}
}

// open reads the files and the model. Close what it gives.
func (in linkInput) open(c *Call) (o *opened, err error) {
	o = &opened{input: in, begun: time.Now(), names: [2]string{in.Left, in.Reference}}
	o.beFrugal()
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	if o.model, err = in.model(); err != nil {
		return o, err
	}
	if err := o.readAll(); err != nil {
		return o, err
	}
	return o, o.prepare(c, in)
}

// titled gives the title of a column named as it stands in a file, with what stands in brackets behind it.
func (o *opened) titled(i int, name string) string {
	if o.tables[i] == nil {
		return name
	}
	return o.tables[i].Titled(name)
}

// prepare reads the rows by the model.
func (o *opened) prepare(c *Call, in linkInput) (err error) {
	workers := in.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	options := linkage.Options{Workers: workers, ID: o.titled(0, in.ID), ReferenceID: o.titled(1, in.ReferenceID), Meter: func(stage string) linkage.Meter {
		unit := map[string]string{"read": "unit.rows", "compare": "unit.pairs"}[stage]
		return c.board.Meter(c.say.Text("linkage.stage."+stage), c.say.Text(unit))
	}, Stop: c.stopped}
	var reference linkage.Source
	if o.tables[1] != nil {
		reference = o.tables[1]
	}
	o.engine, err = linkage.Prepare(o.model, o.tables[0], reference, options)
	return err
}

// readAll reads the files side by side.
func (o *opened) readAll() error {
	var errs [2]error
	var all []func()
	for i, path := range o.names {
		if path != "" {
			all = append(all, func() { errs[i] = o.read(i, path) })
		}
	}
	parallel.Each(len(all), all...)
	return errors.Join(errs[0], errs[1])
}

func (o *opened) read(i int, path string) error {
	m, err := mapped.Open(path)
	if err != nil {
		return err
	}
	o.maps[i] = m
	o.tables[i], err = flatcsv.Parse(m.Bytes())
	return err
}

// stopped says that the command was interrupted.
func (c *Call) stopped() error {
	if c.Err() != nil {
		return fail.Unavailable("linkage.stopped")
	}
	return nil
}

// changed tells whether somebody wrote to a file since it was opened.
func (o *opened) changed() error {
	for _, m := range o.maps {
		if m != nil {
			if err := m.Changed(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close gives the files back.
func (o *opened) Close() (err error) {
	if o.frugal != nil {
		o.frugal()
	}
	for _, m := range o.maps {
		if m != nil {
			err = errors.Join(err, m.Close())
		}
	}
	return err
}

// model reads the model; name tables it asks for may lie beside it.
func (in linkInput) model() (*linkage.Model, error) {
	if in.Model == "" {
		return in.parse(data.Identity)
	}
	text := data.Model(in.Model)
	if text == nil {
		var err error
		if text, err = os.ReadFile(in.Model); err != nil {
			return nil, files.Explain(err)
		}
	}
	return in.parse(text)
}

func (in linkInput) parse(text []byte) (*linkage.Model, error) {
	return linkage.ParseModel(text, func(name string) []byte {
		if given := data.Tables(name); given != nil {
			return given
		}
		beside, err := os.ReadFile(filepath.Join(filepath.Dir(in.Model), filepath.Base(name)))
		if err != nil {
			return nil // the model's error says that there are none
		}
		return beside
	})
}

// Link links two files, or finds the duplicates of one.
type Link struct {
	linkInput
	Other    string `arg:"" optional:"" name:"id2" help:"With --explain: the id of the other row."`
	Out      string `type:"outfile" placeholder:"OUT.csv" help:"File to write: with a reference one row for each of LEFT, without it the pairs."`
	Clusters string `type:"outfile" placeholder:"C.csv" help:"File of the clusters, without a reference: each row with its cluster."`
	Unique   bool   `help:"Write nothing when a row has no id, or one that another row of its file has."`
	Explain  string `placeholder:"ID1 ID2" help:"Say how the weight of two rows comes about, and write nothing. With a reference the second id is one of it."`
}

// Help gives an example.
func (Link) Help() string {
	return "Example: tepat link data.csv --reference dukcapil.csv --out hasil.csv. Without --reference it finds duplicates: tepat link data.csv --out pasangan.csv --clusters kelompok.csv. It needs no database. With --unique it stops when ids do not tell rows apart. docs/linkage.md says how to write a model for other data."
}

// Run links.
func (l Link) Run(c *Call) error { return mapped.Reading(func() error { return l.run(c) }) }

func (l Link) run(c *Call) (err error) {
	switch {
	case (l.Explain == "") != (l.Other == ""):
		return fail.Invalid("linkage.explain_two")
	case l.Explain == "" && l.Out == "":
		return fail.Invalid("linkage.out")
	case l.Clusters != "" && l.Reference != "":
		return fail.Invalid("linkage.clusters")
	case l.Explain != "" && l.Explain == l.Other && l.Reference == "":
		return fail.Invalid("linkage.explain_same")
	}
	if l.Explain == "" {
		if err := writable([]string{l.Out, l.Clusters}, []string{l.Left, l.Reference, l.Model}); err != nil {
			return err
		}
	}
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if l.Unique {
		if err := o.unique(); err != nil {
			return err
		}
	}
	switch {
	case l.Explain != "":
		return o.explain(c, l.Explain, l.Other)
	case l.Reference != "":
		return l.toReference(c, o)
	}
	return l.doubles(c, o)
}

func (l Link) toReference(c *Call, o *opened) error {
	links, err := o.engine.Link()
	if err != nil {
		return err
	}
	if err := files.Write(l.Out, 0o600, func(w io.Writer) error { return errors.Join(o.engine.WriteLinks(w, &links), o.changed()) }); err != nil {
		return err
	}
	none := len(links.Matches) - links.Linked - links.Review
	result := map[string]any{
		"rows": len(links.Matches), "linked": links.Linked, "review": links.Review, "none": none, "report": links.Report, "remarks": o.odd(), "ids": o.ids(), "stand_ins": o.standIns(), "recognised": o.recognised(),
		"file": l.Out, "seconds": time.Since(o.begun).Seconds(),
	}
	c.result(result, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("linkage.said.linked", "linked", links.Linked, "review", links.Review, "none", none, "rows", len(links.Matches), "compared", links.Report.Compared))
		o.remarks(c, w, links.Report)
	})
	return nil
}

func (l Link) doubles(c *Call, o *opened) error {
	found, err := o.engine.Dedupe()
	if err != nil {
		return err
	}
	if err := l.writeDoubles(o, &found); err != nil {
		return err
	}
	rows := o.tables[0].Rows()
	result := map[string]any{
		"rows": rows, "pairs": len(found.Edges), "linked": found.Linked, "refused": found.Refused, "apart": found.Apart,
		"clusters": len(found.Clusters), "report": found.Report, "remarks": o.odd(), "ids": o.ids(), "stand_ins": o.standIns(), "recognised": o.recognised(), "file": l.Out, "seconds": time.Since(o.begun).Seconds(),
	}
	c.result(result, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("linkage.said.doubles", "pairs", len(found.Edges), "clusters", len(found.Clusters), "rows", rows, "compared", found.Report.Compared))
		o.remarks(c, w, found.Report)
	})
	return nil
}

// writeDoubles puts both files at their places when both are whole.
func (l Link) writeDoubles(o *opened, found *linkage.Doubles) error {
	pairs, err := files.Create(l.Out, 0o600)
	if err != nil {
		return err
	}
	defer pairs.Discard()
	if err := o.engine.WriteEdges(pairs, found); err != nil {
		return err
	}
	if l.Clusters != "" {
		if err := files.Write(l.Clusters, 0o600, func(w io.Writer) error {
			return errors.Join(o.engine.WriteClusters(w, found), o.changed())
		}); err != nil {
			return err
		}
	} else if err := o.changed(); err != nil {
		return err
	}
	return pairs.Commit()
}

// tellingBits is how much a lesson moves a pair that is worth a line.
const tellingBits = 0.5

// taught says what a list taught a search, a line for each lesson that moves a pair.
func (c *Call) taught(list []linkage.Lesson) (lines []string) {
	for _, l := range list {
		if l.Column == linkage.GuardColumn {
			lines = append(lines, c.say.Text("linkage.said.guard", "pairs", l.Pairs, "bits", fmt.Sprintf("%.1f", l.Same)))
			continue
		}
		if max(math.Abs(l.Same), math.Abs(l.Differ)) < tellingBits {
			continue
		}
		kind := c.say.Text("linkage.said.taught.other")
		if l.Household {
			kind = c.say.Text("linkage.said.taught.household")
		}
		lines = append(lines, c.say.Text("linkage.said.taught", "column", strings.TrimSpace(l.Title), "kind", kind, "same", fmt.Sprintf("%+.1f", l.Same), "differ", fmt.Sprintf("%+.1f", l.Differ), "pairs", l.Pairs))
	}
	return lines
}

// remarks says what the reader of the figures must know.
func (o *opened) remarks(c *Call, w io.Writer, r linkage.Report) {
	o.readings(c, w)
	o.tell(c, w)
	if len(r.Missing) > 0 {
		fmt.Fprintln(w, c.say.Text("linkage.said.missing", "columns", strings.Join(r.Missing, ", ")))
	}
	if r.Equal > 0 {
		fmt.Fprintln(w, c.say.Text("linkage.said.equal", "rows", r.Equal))
	}
	for _, line := range c.taught(r.Taught) {
		fmt.Fprintln(w, line)
	}
	if r.Thinned {
		fmt.Fprintln(w, c.say.Text("linkage.said.thinned"))
	}
	for _, k := range r.Keys {
		if k.Refined > 0 || k.Windowed > 0 {
			fmt.Fprintln(w, c.say.Text("linkage.said.refined", "key", k.Key, "refined", k.Refined, "windowed", k.Windowed, "unmet", k.Unmet))
		}
	}
	if o.model.Unverified() {
		fmt.Fprintln(w, c.say.Text("linkage.said.unverified"))
	}
}

// unique refuses files whose rows cannot be told apart by their ids: what is written about one would be written about
// another. Errors: linkage.ids_empty (facts line, file), linkage.ids_twice (facts rows, line, file).
func (o *opened) unique() error {
	for side, t := range o.tables {
		if t == nil {
			continue
		}
		if row, empty := o.engine.Row("", side); empty {
			return fail.Invalid("linkage.ids_empty", "line", t.Line(row-side*o.tables[0].Rows()), "file", o.names[side])
		}
	}
	for _, r := range o.engine.Oddities() {
		if r.Kind == linkage.OddID {
			return fail.Invalid("linkage.ids_twice", "rows", r.Rows, "line", o.tables[r.Table].Line(r.Row), "file", o.names[r.Table])
		}
	}
	return nil
}

// explain prints the waterfall of two rows.
func (o *opened) explain(c *Call, one, two string) error {
	fall, err := o.waterfall(one, two)
	if err != nil {
		return err
	}
	c.result(fall, func(w io.Writer) {
		c.printWaterfall(w, fall)
		for _, r := range o.odd() {
			if r.Kind == linkage.OddID { // the first row of an id is the one explained
				fmt.Fprintln(w, c.say.Text("linkage.odd.id", "rows", r.Rows, "line", r.Line, "file", r.File))
			}
		}
	})
	return nil
}

// waterfall explains two rows by their ids; with a reference the second is one of it.
func (o *opened) waterfall(one, two string) (fall linkage.Waterfall, err error) {
	side := 0
	if o.tables[1] != nil {
		side = 1
	}
	i, ok := o.engine.Row(one, 0)
	if !ok {
		return fall, fail.NotFound("linkage.row_unknown", "id", one)
	}
	j, ok := o.engine.Row(two, side)
	if !ok {
		return fall, fail.NotFound("linkage.row_unknown", "id", two)
	}
	return o.engine.Explain(i, j), nil
}

// barName says in words what a bar of a waterfall stands for.
func (c *Call) barName(b linkage.Bar) string {
	switch b.Comparison {
	case "prior":
		return c.say.Text("linkage.prior")
	case "relatives":
		return c.say.Text("linkage.relatives", "level", c.levelName(b))
	}
	return c.levelName(b)
}

// levelName says a level of the model of Indonesian identity in words, and one of another model as that writes it.
func (c *Call) levelName(b linkage.Bar) string {
	if b.Level == "missing" && c.say.Has("linkage."+b.Comparison) {
		return c.say.Text("linkage."+b.Comparison) + " – " + c.say.Text("linkage.missing")
	}
	if key := "linkage." + b.Comparison + "." + b.Level; c.say.Has(key) {
		return c.say.Text(key)
	}
	if b.Comparison == "relatives" {
		return b.Level
	}
	return b.Comparison + " = " + b.Level
}

func (c *Call) printWaterfall(w io.Writer, fall linkage.Waterfall) {
	for _, b := range fall.Bars {
		values := ""
		if b.A != "" || b.B != "" {
			values = "  " + b.A + " | " + b.B
		}
		fmt.Fprintf(w, "%+8.2f  %8.2f  %-52s%s\n", b.Bits, b.Running, c.barName(b), values)
	}
	fmt.Fprintln(w, c.say.Text("linkage.why.sum", "bits", fmt.Sprintf("%.2f", fall.Bits), "probability", fmt.Sprintf("%.6f", fall.Probability)))
	if fall.Missing > 0 {
		fmt.Fprintln(w, c.say.Text("linkage.why.missing", "bits", fmt.Sprintf("%.2f", fall.Missing), "change", strings.Join(fall.Change, ", ")))
	}
	if fall.Key == "" {
		fmt.Fprintln(w, c.say.Text("linkage.why.apart"))
		return
	}
	fmt.Fprintln(w, c.say.Text("linkage.why.together", "key", fall.Key))
}
