package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/files"
	"tepat/internal/kit/mapped"
)

// TrainLink fits a model to a file.
type TrainLink struct {
	linkInput
	Out    string `required:"" type:"outfile" placeholder:"NEW.yaml" help:"File for the fitted model; comments and order of the old one stay."`
	Labels string `type:"infile" placeholder:"LABELS.csv" help:"Pairs reviewers decided, which tepat export labels writes; those held for one count for m."`
}

// Help gives an example.
func (TrainLink) Help() string {
	return "Example: tepat link train data.csv --model model.yaml --out model-baru.yaml. It needs no labels: u is counted on random pairs, m and the prior are fitted by EM on the pairs the keys bring together. The same rows give the same model. With --labels the pairs people held for one count beside those of the file."
}

// Run fits.
func (l TrainLink) Run(c *Call) error { return mapped.Reading(func() error { return l.run(c) }) }

func (l TrainLink) run(c *Call) (err error) {
	if err := writable([]string{l.Out}, []string{l.Left, l.Reference, l.Labels}); err != nil {
		return err
	}
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if err := l.labels(o); err != nil {
		return err
	}
	fit, err := o.engine.Train()
	if err = errors.Join(err, o.changed()); err != nil {
		return err
	}
	if err := files.Write(l.Out, 0o600, func(w io.Writer) error { _, err := w.Write(fit.Text); return err }); err != nil {
		return err
	}
	c.result(map[string]any{"file": l.Out, "training": fit}, func(w io.Writer) { c.printTraining(w, fit, l.Out) })
	return nil
}

// labels reads the file of labels, where one is given.
func (l TrainLink) labels(o *opened) error {
	if l.Labels == "" {
		return nil
	}
	text, err := os.ReadFile(l.Labels)
	if err != nil {
		return files.Explain(err)
	}
	list, err := o.model.ParseLabels(text)
	if err != nil {
		return err
	}
	o.engine.Learn(list)
	return nil
}

func (c *Call) printTraining(w io.Writer, fit linkage.Training, file string) {
	fmt.Fprintf(w, "%-40s %10s %10s %8s %8s\n", "", "m", "u", "bit", "")
	for _, l := range fit.Levels {
		fmt.Fprintf(w, "%-40s %10.3g %10.3g %+8.2f %+8.2f\n", l.Comparison+" = "+l.Level, l.M, l.U, l.Bits, l.Before)
	}
	fmt.Fprintln(w, c.say.Text("linkage.said.trained", "file", file, "rounds", fit.Rounds, "pairs", int64(fit.Matches)))
	if r := fit.Labels; r.Same+r.Different > 0 {
		fmt.Fprintln(w, c.say.Text("linkage.said.labels", "same", r.Same, "right", r.Right, "different", r.Different, "wrong", r.Wrong))
	}
}
