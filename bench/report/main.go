// Command report puts what `make bench` measured beside what issue 2 asks, in one table and one
// JSON file for other programs.
//
//	go run ./bench/report bench/out
//
// It reads district/sqlite.json, district/postgres.json and publiccheck.json in the folder, says which of them is
// missing, and writes figures.md and figures.json there. It ends with an error when a part was not measured,
// and not when a figure was not reached.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Figure is one line of the table.
type Figure struct {
	What     string `json:"what"`
	Asked    string `json:"asked"`
	Measured string `json:"measured"`
	Reached  bool   `json:"reached"`
	// Load of the machine before, over 1, 5 and 15 minutes.
	Load string `json:"load_before"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: report FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	var figures []Figure
	var missing []error
	for _, engine := range []string{"sqlite", "postgres"} {
		var r district
		if err := read(filepath.Join(dir, "district", engine+".json"), &r); err != nil {
			missing = append(missing, err)
		}
		figures = append(figures, r.figures()...)
	}
	var c check
	if err := read(filepath.Join(dir, "publiccheck.json"), &c); err != nil {
		missing = append(missing, err)
	} else {
		figures = append(figures, c.figures()...)
	}
	text := table(figures)
	fmt.Print(text)
	if err := os.WriteFile(filepath.Join(dir, "figures.md"), []byte(text), 0o644); err != nil {
		return err
	}
	out, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "figures.json"), append(out, '\n'), 0o644), errors.Join(missing...))
}

func read(path string, to any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("not measured: %w", err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// table writes the figures as a table of Markdown, and how many were reached.
func table(figures []Figure) string {
	var b strings.Builder
	b.WriteString("| What | Asked | Measured | Reached | Load before |\n|---|---|---|---|---|\n")
	reached := 0
	for _, f := range figures {
		word := "**no**"
		if f.Reached {
			word = "yes"
			reached++
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.What, f.Asked, f.Measured, word, f.Load)
	}
	fmt.Fprintf(&b, "\n%d of %d reached.\n", reached, len(figures))
	return b.String()
}
