package cli

import (
	"errors"
	"fmt"
	"io"

	"tepat/internal/domain/linkage"
)

// EvaluateLink measures a model on labelled rows.
type EvaluateLink struct {
	linkInput
	Entity          string `required:"" placeholder:"COL" help:"Column that says which person each row really is; rows of one value are one."`
	ReferenceEntity string `placeholder:"COL" help:"The same of the reference; by default its column of that name."`
}

// Help gives an example.
func (EvaluateLink) Help() string {
	return "Example: tepat link evaluate data.csv --entity person_id. Pairs that no key brings together count as missed."
}

// Run measures.
func (l EvaluateLink) Run(c *Call) (err error) {
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	other := l.ReferenceEntity
	if other == "" {
		other = l.Entity
	}
	labels, err := o.engine.Labels(l.Entity, other)
	if err != nil {
		return err
	}
	v, err := o.evaluate(&labels)
	if err != nil {
		return err
	}
	result := struct {
		linkage.Evaluation
		Remarks []oddRows `json:"remarks"`
	}{v, o.odd()}
	c.result(result, func(w io.Writer) {
		c.printEvaluation(w, v)
		o.tell(c, w)
	})
	return nil
}

func (o *opened) evaluate(labels *linkage.Labels) (v linkage.Evaluation, err error) {
	if o.tables[1] == nil {
		found, err := o.engine.Dedupe()
		if err != nil {
			return v, err
		}
		return o.engine.EvaluateDoubles(&found, labels)
	}
	links, err := o.engine.Link()
	if err != nil {
		return v, err
	}
	return o.engine.EvaluateLinks(&links, labels)
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
