package cli

import (
	"errors"
	"fmt"
	"io"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/files"
)

// TrainLink fits a model to a file.
type TrainLink struct {
	linkInput
	Out string `required:"" type:"outfile" placeholder:"NEW.yaml" help:"File for the fitted model; comments and order of the old one stay."`
}

// Help gives an example.
func (TrainLink) Help() string {
	return "Example: tepat link train data.csv --model model.yaml --out model-baru.yaml. It needs no labels: u is counted on random pairs, m and the prior are fitted by EM on the pairs the keys bring together. The same rows give the same model."
}

// Run fits.
func (l TrainLink) Run(c *Call) (err error) {
	o, err := l.open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	fit, err := o.engine.Train()
	if err != nil {
		return err
	}
	if err := files.Write(l.Out, 0o600, func(w io.Writer) error { _, err := w.Write(fit.Text); return err }); err != nil {
		return err
	}
	c.result(map[string]any{"file": l.Out, "training": fit}, func(w io.Writer) { c.printTraining(w, fit, l.Out) })
	return nil
}

func (c *Call) printTraining(w io.Writer, fit linkage.Training, file string) {
	fmt.Fprintf(w, "%-40s %10s %10s %8s %8s\n", "", "m", "u", "bit", "")
	for _, l := range fit.Levels {
		fmt.Fprintf(w, "%-40s %10.3g %10.3g %+8.2f %+8.2f\n", l.Comparison+" = "+l.Level, l.M, l.U, l.Bits, l.Before)
	}
	fmt.Fprintln(w, c.say.Text("linkage.said.trained", "file", file, "rounds", fit.Rounds, "pairs", int64(fit.Matches)))
}
