package cli

import (
	"io"

	data "tepat/data/linkage"
)

// ModelLink prints a model.
type ModelLink struct {
	Name string `arg:"" optional:"" default:"identity" enum:"febrl,historical,identity" help:"febrl, historical or identity."`
}

// Help gives an example.
func (ModelLink) Help() string {
	return "Example: tepat link model febrl > model.yaml. The model of Indonesian identity is identity; febrl is for persons with addresses as the sets of FEBRL have them, historical for persons of long ago with names, dates and places. Change a copy and give it to --model; docs/linkage.md tells what each line means."
}

// Run prints it.
func (m ModelLink) Run(c *Call) error {
	model, err := linkInput{Model: m.Name}.model()
	if err != nil {
		return err
	}
	text := data.Model(m.Name)
	c.result(map[string]any{"name": m.Name, "version": model.Version(), "text": string(text)}, func(w io.Writer) { _, _ = w.Write(text) })
	return nil
}
