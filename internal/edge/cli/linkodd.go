package cli

import (
	"fmt"
	"io"

	"tepat/internal/domain/linkage"
)

// readings says how the files were read where their titles left it open.
func (o *opened) readings(c *Call, w io.Writer) {
	for side, option := range []string{"--id", "--reference-id"} {
		if o.tables[side] == nil {
			continue
		}
		if column := o.engine.IDColumn(side); column != "" {
			fmt.Fprintln(w, c.say.Text("linkage.said.id", "column", column, "file", o.names[side]))
		} else {
			fmt.Fprintln(w, c.say.Text("linkage.said.numbered", "option", option, "file", o.names[side]))
		}
	}
	for _, s := range o.standIns() {
		fmt.Fprintln(w, c.say.Text("linkage.said.stand_in", "title", s.Title, "column", s.Column, "file", s.File))
	}
	for _, s := range o.recognised() {
		fmt.Fprintln(w, c.say.Text("linkage.said.recognised", "title", s.Title, "column", s.Column, "file", s.File))
	}
	for _, d := range o.engine.MonthFirst() {
		fmt.Fprintln(w, c.say.Text("linkage.said.month_first", "column", d.Column, "file", o.names[d.Table]))
	}
}

// standIn is a column that was read as another for want of one: the head's NIK and name in a list of heads.
type standIn struct {
	File   string `json:"file"`
	Column string `json:"column"` // of the model
	Title  string `json:"title"`  // in the file
}

func (o *opened) standIns() []standIn {
	return o.otherwise(o.engine.StandIns())
}

// recognised gives the columns no title tells that were read for what stands in them.
func (o *opened) recognised() []standIn {
	return o.otherwise(o.engine.Recognised())
}

func (o *opened) otherwise(columns []linkage.StandIn) []standIn {
	list := []standIn{}
	for _, s := range columns {
		list = append(list, standIn{o.names[s.Table], s.Column, s.Title})
	}
	return list
}

// ids gives the titles the ids were read from, file by file; empty for the number of the row.
func (o *opened) ids() []string {
	list := []string{o.engine.IDColumn(0)}
	if o.tables[1] != nil {
		list = append(list, o.engine.IDColumn(1))
	}
	return list
}

// oddRows is a kind of rows that are not as rows should be: how many, and where the first is.
type oddRows struct {
	Kind string `json:"kind"`
	File string `json:"file"`
	Rows int    `json:"rows"`
	Line int    `json:"line"` // of the file
}

// odd gives what both the files and the rows in them have that they should not.
func (o *opened) odd() []oddRows {
	list := []oddRows{}
	for i, t := range o.tables {
		if t == nil {
			continue
		}
		for _, r := range t.Remarks() {
			list = append(list, oddRows{r.Kind, o.names[i], r.Rows, r.Line})
		}
	}
	for side := range o.tables {
		if r := o.nameless(side); r.Rows > 0 {
			list = append(list, r)
		}
	}
	for _, r := range o.engine.Oddities() {
		list = append(list, oddRows{r.Kind, o.names[r.Table], r.Rows, o.tables[r.Table].Line(r.Row)})
	}
	return list
}

// nameless counts the rows of a file that have no id: what is written about them can be read of any of them.
func (o *opened) nameless(side int) (odd oddRows) {
	if o.tables[side] == nil {
		return odd
	}
	row, found := o.engine.Row("", side)
	if !found {
		return odd
	}
	from := side * o.tables[0].Rows()
	odd = oddRows{Kind: "no_id", File: o.names[side], Line: o.tables[side].Line(row - from)}
	for ; row < from+o.tables[side].Rows(); row++ {
		if len(o.engine.ID(row)) == 0 {
			odd.Rows++
		}
	}
	return odd
}

// tell says it in words.
func (o *opened) tell(c *Call, w io.Writer) {
	if name, found, all := o.better(); name != "" {
		fmt.Fprintln(w, c.say.Text("linkage.said.other_model", "model", name, "found", found, "all", all))
	}
	for _, r := range o.odd() {
		fmt.Fprintln(w, c.say.Text("linkage.odd."+r.Kind, "rows", r.Rows, "line", r.Line, "file", r.File))
	}
}
