package cli

import (
	"errors"
	"fmt"
	"io"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/mapped"
)

// EvaluateLink measures a model on labelled rows.
type EvaluateLink struct {
	linkInput
	Entity          string `required:"" placeholder:"COL" help:"Column that says which person each row really is; rows of one value are one."`
	ReferenceEntity string `placeholder:"COL" help:"The same of the reference; by default its column of that name."`
	Kind            string `placeholder:"COL" help:"Column that marks rows easily taken for another person, as twins and namesakes: how many were."`
}

// Help gives an example.
func (EvaluateLink) Help() string {
	return "Example: tepat link evaluate data.csv --entity person_id. Pairs that no key brings together count as missed. It tells by kind of error and by group of names who is missed, and with --kind how many twins or namesakes were taken for one."
}

// Run measures.
func (l EvaluateLink) Run(c *Call) error { return mapped.Reading(func() error { return l.run(c) }) }

func (l EvaluateLink) run(c *Call) (err error) {
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	other := l.ReferenceEntity
	if other == "" {
		other = l.Entity
	}
	labels, err := o.engine.Labels(o.titled(0, l.Entity), o.titled(1, other))
	if err != nil {
		return err
	}
	var marks []string
	if l.Kind != "" {
		if marks, err = o.engine.Marks(o.titled(0, l.Kind)); err != nil {
			return err
		}
	}
	v, b, err := o.evaluate(&labels, marks)
	if err = errors.Join(err, o.changed()); err != nil {
		return err
	}
	result := struct {
		linkage.Evaluation
		linkage.Breakdown
		Remarks []oddRows `json:"remarks"`
	}{v, b, o.odd()}
	c.result(result, func(w io.Writer) {
		c.printEvaluation(w, v)
		c.printBreakdown(w, b)
		if v.Chosen.True == 0 {
			fmt.Fprintln(w, c.say.Text("linkage.said.no_truth", "column", l.Entity))
		}
		o.tell(c, w)
	})
	return nil
}

func (o *opened) evaluate(labels *linkage.Labels, marks []string) (v linkage.Evaluation, b linkage.Breakdown, err error) {
	if o.tables[1] == nil {
		found, err := o.engine.Dedupe()
		if err != nil {
			return v, b, err
		}
		if v, err = o.engine.EvaluateDoubles(&found, labels); err != nil {
			return v, b, err
		}
		b, err = o.engine.BreakDoubles(&found, labels, marks)
		return v, b, err
	}
	links, err := o.engine.Link()
	if err != nil {
		return v, b, err
	}
	if v, err = o.engine.EvaluateLinks(&links, labels); err != nil {
		return v, b, err
	}
	b, err = o.engine.BreakLinks(&links, labels, marks)
	return v, b, err
}

func (c *Call) printEvaluation(w io.Writer, v linkage.Evaluation) {
	fmt.Fprintf(w, "%20s %12s %12s %12s %12s\n", c.say.Text("linkage.said.bar"), c.say.Text("linkage.said.found"), c.say.Text("linkage.said.precision"), c.say.Text("linkage.said.recall"), "F1")
	line := func(name string, s linkage.Score) {
		fmt.Fprintf(w, "%20s %12d %12.5f %12.5f %12.5f\n", name, s.Found, s.Precision, s.Recall, s.F1)
	}
	for _, s := range v.Bars {
		line(fmt.Sprintf("%.0f", s.Bits), s)
	}
	line(c.say.Text("linkage.said.at"), v.Chosen)
	if v.BCubed.F1 > 0 {
		line(c.say.Text("linkage.said.bcubed"), v.BCubed)
	}
	fmt.Fprintln(w, c.say.Text("linkage.said.unmet", "pairs", v.Unmet))
	fmt.Fprintln(w, c.say.Text("linkage.said.waiting", "rows", v.Waiting))
}

func (c *Call) printBreakdown(w io.Writer, b linkage.Breakdown) {
	slices := func(title string, list []linkage.Slice) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(w, "\n%s\n%10s %10s %10s %10s %10s\n", title, c.say.Text("linkage.said.true"), c.say.Text("linkage.said.found"), c.say.Text("linkage.said.without_key"), c.say.Text("linkage.said.precision"), c.say.Text("linkage.said.recall"))
		for _, s := range list {
			name := s.Name
			switch {
			case name == "":
				name = c.say.Text("linkage.said.no_error")
			case c.say.Has("linkage.group." + name):
				name = c.say.Text("linkage.group." + name)
			}
			fmt.Fprintf(w, "%10d %10d %10d %10.4f %10.4f  %s\n", s.True, s.Found, s.Unmet, s.Precision, s.Recall, name)
		}
	}
	slices(c.say.Text("linkage.said.by_kind"), b.Kinds)
	slices(c.say.Text("linkage.said.by_group"), b.Groups)
	fmt.Fprintf(w, "\n%s\n%10s %10s %10s\n", c.say.Text("linkage.said.by_key"), c.say.Text("linkage.said.meet"), c.say.Text("linkage.said.first"), c.say.Text("linkage.said.alone"))
	for _, k := range b.Keys {
		fmt.Fprintf(w, "%10d %10d %10d  %s\n", k.Meet, k.First, k.Alone, k.Key)
	}
	for _, x := range b.Close {
		fmt.Fprintln(w, c.say.Text("linkage.said.close", "mark", x.Mark, "merged", x.Merged, "rows", x.Rows))
	}
}
