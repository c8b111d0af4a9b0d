package cli

import (
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/svg"
)

// ChartLink draws a model and what it makes of a file.
type ChartLink struct {
	linkInput
	Other   string `arg:"" optional:"" name:"id2" help:"With --explain: the id of the other row."`
	Out     string `required:"" type:"outfile" placeholder:"CHART.html" help:"File to write: one page with SVG pictures, nothing from elsewhere."`
	Explain string `placeholder:"ID1 ID2" help:"Draw the waterfall of these two rows, too; then the page has their values."`
}

// Help gives an example.
func (ChartLink) Help() string {
	return "Example: tepat link chart data.csv --out grafik.html --explain 949 16042. It has the weights of the model, expected precision and recall by bar, and the waterfall of a pair."
}

// Run draws.
func (l ChartLink) Run(c *Call) error { return mapped.Reading(func() error { return l.run(c) }) }

func (l ChartLink) run(c *Call) (err error) {
	if (l.Explain == "") != (l.Other == "") {
		return fail.Invalid("linkage.explain_two")
	}
	if err := writable([]string{l.Out}, []string{l.Left, l.Reference, l.Model}); err != nil {
		return err
	}
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	bars, err := o.expected()
	if err != nil {
		return err
	}
	page := chartPage{c: c}
	page.begin(o.model)
	page.weights(o.model.Weights())
	page.thresholds(bars)
	if l.Explain != "" {
		fall, err := o.waterfall(l.Explain, l.Other)
		if err != nil {
			return err
		}
		page.waterfall(fall, l.Explain, l.Other)
	}
	page.WriteString("</main></body></html>\n")
	if err := o.changed(); err != nil {
		return err
	}
	if err := files.Write(l.Out, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, page.String()); return err }); err != nil {
		return err
	}
	c.result(map[string]any{"file": l.Out, "expected": bars, "model": o.model.Version()}, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("linkage.said.chart", "file", l.Out))
	})
	return nil
}

func (o *opened) expected() ([]linkage.Expected, error) {
	if o.tables[1] != nil {
		links, err := o.engine.Link()
		return o.engine.ExpectedLinks(&links), err
	}
	found, err := o.engine.Dedupe()
	return o.engine.ExpectedDoubles(&found), err
}

// chartPage is the page under way.
type chartPage struct {
	strings.Builder
	c *Call
}

func (p *chartPage) begin(m *linkage.Model) {
	title := html.EscapeString(p.c.say.Text("linkage.chart.title"))
	p.WriteString(`<!doctype html><html lang="` + p.c.Lang + `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>` + title + `</title><style>`)
	p.WriteString(`body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#17232b;background:#fff}main{max-width:42rem;margin:0 auto;padding:1rem}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}th,td{text-align:right;padding:.2rem .5rem;border-bottom:1px solid #c5ced1}th:first-child,td:first-child{text-align:left}`)
	p.WriteString(svg.Stylesheet() + `</style></head><body><main><h1>` + title + `</h1>`)
	p.line("<p>", m.Version(), "</p>")
	if m.Unverified() {
		p.line("<p>", p.c.say.Text("linkage.said.unverified"), "</p>")
	}
}

// line writes text between two tags.
func (p *chartPage) line(open, text, shut string) {
	p.WriteString(open + html.EscapeString(text) + shut)
}

// bits writes a weight with its sign.
func bits(v float64) string { return fmt.Sprintf("%+.1f", v) }

func (p *chartPage) weights(list []linkage.LevelWeight) {
	say := p.c.say
	p.line("<h2>", say.Text("linkage.chart.weights"), "</h2>")
	swings := make([]svg.Swing, len(list))
	for i, l := range list {
		swings[i] = svg.Swing{Group: l.Comparison, Name: l.Level, To: l.Bits, Text: bits(l.Bits)}
	}
	p.WriteString(svg.Swings(svg.Figure{ID: "w", Title: say.Text("linkage.chart.weights"), Desc: say.Text("linkage.chart.weights_desc")}, swings))
}

func (p *chartPage) thresholds(list []linkage.Expected) {
	say := p.c.say
	p.line("<h2>", say.Text("linkage.chart.thresholds"), "</h2>")
	precision, recall := svg.Series{Name: say.Text("linkage.said.precision")}, svg.Series{Name: say.Text("linkage.said.recall")}
	var labels []string
	percent := func(v float64) string { return fmt.Sprintf("%.0f%%", v) }
	for _, x := range list {
		labels = append(labels, fmt.Sprintf("%.0f", x.Bits))
		precision.Points = append(precision.Points, svg.Datum{Name: labels[len(labels)-1], Value: 100 * x.Precision, Text: percent(100 * x.Precision)})
		recall.Points = append(recall.Points, svg.Datum{Name: labels[len(labels)-1], Value: 100 * x.Recall, Text: percent(100 * x.Recall)})
	}
	p.WriteString(svg.Lines(svg.Figure{ID: "t", Title: say.Text("linkage.chart.thresholds"), Desc: say.Text("linkage.chart.thresholds_desc")}, labels, []svg.Series{precision, recall}, percent))
	p.WriteString("<table><thead><tr>")
	for _, key := range []string{"linkage.said.bar", "linkage.said.found", "linkage.said.precision", "linkage.said.recall"} {
		p.line("<th>", say.Text(key), "</th>")
	}
	p.WriteString("</tr></thead><tbody>")
	for _, x := range list {
		fmt.Fprintf(p, "<tr><td>%.0f</td><td>%d</td><td>%.4f</td><td>%.4f</td></tr>", x.Bits, x.Found, x.Precision, x.Recall)
	}
	p.WriteString("</tbody></table>")
}

func (p *chartPage) waterfall(fall linkage.Waterfall, one, two string) {
	say := p.c.say
	title := say.Text("linkage.chart.waterfall", "one", one, "two", two)
	p.line("<h2>", title, "</h2>")
	swings := make([]svg.Swing, len(fall.Bars))
	for i, b := range fall.Bars {
		name := p.c.barName(b)
		if b.A != "" || b.B != "" {
			name += ": " + b.A + " | " + b.B
		}
		swings[i] = svg.Swing{Name: name, From: b.Running - b.Bits, To: b.Running, Text: bits(b.Bits)}
	}
	p.WriteString(svg.Swings(svg.Figure{ID: "f", Title: title, Desc: say.Text("linkage.chart.waterfall_desc")}, swings))
	p.line("<p>", say.Text("linkage.why.sum", "bits", fmt.Sprintf("%.2f", fall.Bits), "probability", fmt.Sprintf("%.6f", fall.Probability)), "</p>")
}
