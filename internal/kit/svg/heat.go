package svg

import (
	"math"
	"strings"
)

// HeatRow is one row of a heat table: its name and a datum for each column.
type HeatRow struct {
	Name  string
	Cells []Datum
}

const (
	heatHead = 136 // width of the row names
	heatTop  = 36  // two lines of column names
	heatRow  = 30
)

// Heat draws a table whose cells are coloured by class and hold their value as text.
func Heat(f Figure, columns []string, rows []HeatRow, scale Scale) string {
	var all []Datum
	for _, r := range rows {
		all = append(all, r.Cells...)
	}
	keys := scale.keys(f, all)
	_, legendHeight := arrange(keys, width)
	tableHeight := float64(heatTop + len(rows)*heatRow)
	p := open(f, width, int(tableHeight+10+legendHeight))
	p.hatch()
	cell := (width - heatHead) / math.Max(1, float64(len(columns)))
	for i, c := range columns {
		p.columnName(c, heatHead+(float64(i)+0.5)*cell, cell)
	}
	for i, r := range rows {
		p.heatRow(r, columns, heatTop+float64(i)*heatRow, cell, scale)
	}
	p.legend(keys, 0, tableHeight+10, width)
	return p.close()
}

// columnName sets a name in at most two lines, broken at a blank.
func (p *picture) columnName(name string, x, room float64) {
	room *= 1.18 // the small letters of column names take less
	first, rest, broken := strings.Cut(name, " ")
	if span(name) <= room || !broken {
		p.text("small", x, 28, "middle", fit(name, room))
		return
	}
	p.text("small", x, 14, "middle", fit(first, room))
	p.text("small", x, 28, "middle", fit(rest, room))
}

func (p *picture) heatRow(r HeatRow, columns []string, y, cell float64, scale Scale) {
	p.text("", 0, y+19, "start", fit(r.Name, heatHead-8))
	for i, d := range r.Cells[:min(len(r.Cells), len(columns))] {
		class := scale.class(d)
		tip := r.Name + ", " + columns[i] + ": " + p.figure.value(d)
		x := heatHead + float64(i)*cell
		p.group(class)
		p.rect("", x+1, y+1, cell-2, heatRow-2, tip)
		if class != none {
			p.raw(`<text x="`, num(x+cell/2), `" y="`, num(y+19), `">`)
			p.escape(d.Text)
			p.raw("</text>")
		}
		p.endGroup()
	}
}
