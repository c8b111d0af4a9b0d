package pdf

// Column is one column of a table.
type Column struct {
	Head  string
	Width float64 // 0 means a share of what the others leave
	Align Align
}

// RowKind says how a row is set.
type RowKind uint8

// The kinds of rows.
const (
	PlainRow RowKind = iota
	GroupRow         // one bold cell over the whole width, kept with the row after it
	SumRow           // bold on grey
)

// Row is one row of a table. Cells holds text as in Write; a GroupRow uses only the first.
type Row struct {
	Kind  RowKind
	Cells []string
}

// Table is a table that may run over pages; its head stands on each.
type Table struct {
	Columns []Column
	Rows    []Row
	Size    float64 // in points; 0 means one point below running text
	Family  Family
	// Carry gives the cells of a sum at the foot of every page that is not the last, after
	// the given number of rows. Nil means none.
	Carry func(rows int) []string
	// Tail is the height of what follows and must not stand alone on a page, such as the
	// signature: the last rows go over with it.
	Tail float64
	// Again stands above the head on every further page, such as the place the table is of; the group a page goes on with is
	// named there again too. Empty means neither.
	Again string
	// Least is the height of a row at least, in mm, where somebody writes into it.
	Least float64
}

const (
	cellPadX = 1.6
	cellPadY = 0.9
)

// grid is a table being set.
type grid struct {
	d      *Document
	t      Table
	style  Style
	widths []float64
	carry  float64 // height kept for the carried sum
	group  *Row    // the rows are of
}

// setRow is a row with its lines.
type setRow struct {
	row    Row
	lines  [][]line
	height float64
}

// Table sets a table. A row is never broken over pages.
func (d *Document) Table(t Table) {
	g := &grid{d: d, t: t, style: Style{Family: t.Family, Size: t.Size, Tight: true}}
	if g.style.Size == 0 {
		g.style.Size = d.size - 1
	}
	g.widths = g.shares()
	if t.Carry != nil {
		g.carry = g.style.step() + 2*cellPadY
	}
	head := g.head()
	first := 0.0
	if len(t.Rows) > 0 {
		first = g.set(t.Rows[0]).height
	}
	d.Need(head.height + first + g.carry)
	g.draw(head)
	for i := range t.Rows {
		g.next(i, head)
	}
	d.Space(3)
}

// next sets the i-th row, on a new page where it does not fit.
func (g *grid) next(i int, head setRow) {
	row := g.set(g.t.Rows[i])
	need := row.height
	if row.row.Kind == GroupRow && i+1 < len(g.t.Rows) {
		need += g.set(g.t.Rows[i+1]).height
	}
	if i+1 < len(g.t.Rows) {
		need += g.carry // the last page carries nothing
	}
	if i == max(1, len(g.t.Rows)-3) {
		need = g.ending(i)
	}
	if g.d.y+need > g.d.limit {
		if g.t.Carry != nil {
			g.draw(g.set(Row{Kind: SumRow, Cells: g.t.Carry(i)}))
		}
		g.d.NewPage()
		g.again(row.row.Kind, head)
	}
	if row.row.Kind == GroupRow {
		g.group = &row.row
	}
	g.draw(row)
}

// again heads a further page.
func (g *grid) again(next RowKind, head setRow) {
	if g.t.Again == "" {
		g.draw(head)
		return
	}
	g.d.Write(Style{Family: g.t.Family, Size: g.style.Size, After: 1}, g.t.Again)
	g.draw(head)
	if g.group != nil && next == PlainRow {
		g.draw(g.set(*g.group))
	}
}

// ending gives the height of the rows from i on and of what follows them.
func (g *grid) ending(i int) float64 {
	height := g.t.Tail
	for _, r := range g.t.Rows[i:] {
		height += g.set(r).height
	}
	return height
}

// shares gives the width of each column.
func (g *grid) shares() []float64 {
	left, open := g.d.room(), 0
	widths := make([]float64, len(g.t.Columns))
	for i, c := range g.t.Columns {
		widths[i] = c.Width
		left -= c.Width
		if c.Width == 0 {
			open++
		}
	}
	for i := range widths {
		if widths[i] == 0 {
			widths[i] = left / float64(open)
		}
	}
	return widths
}

func (g *grid) head() setRow {
	cells := make([]string, len(g.t.Columns))
	for i, c := range g.t.Columns {
		cells[i] = "**" + Plain(c.Head) + "**"
	}
	row := g.set(Row{Cells: cells})
	row.row.Kind = SumRow // grey like a sum
	return row
}

// set breaks the cells of a row into lines.
func (g *grid) set(r Row) setRow {
	s := g.style
	if r.Kind != PlainRow {
		s.Weight = Bold
	}
	out := setRow{row: r}
	most := 1
	for i, width := range g.cells(r) {
		text := ""
		if i < len(r.Cells) {
			text = r.Cells[i]
		}
		lines := g.d.lines(s, text, width-2*cellPadX)
		out.lines = append(out.lines, lines)
		most = max(most, len(lines))
	}
	out.height = float64(most)*s.step() + 2*cellPadY
	if r.Kind == PlainRow {
		out.height = max(out.height, g.t.Least)
	}
	return out
}

// cells gives the widths a row is cut into.
func (g *grid) cells(r Row) []float64 {
	if r.Kind != GroupRow {
		return g.widths
	}
	return []float64{g.d.room()}
}

func (g *grid) draw(r setRow) {
	f := g.d.f
	f.SetDrawColor(90, 90, 90)
	f.SetLineWidth(0.2)
	mode := "D"
	if r.row.Kind == SumRow {
		f.SetFillColor(238, 238, 238)
		mode = "FD"
	}
	x := marginLeft
	for i, width := range g.cells(r.row) {
		f.Rect(x, g.d.y, width, r.height, mode)
		s := g.style
		if r.row.Kind != GroupRow {
			s.Align = g.t.Columns[i].Align
		}
		g.d.drawLines(s, r.lines[i], x+cellPadX, g.d.y+cellPadY, width-2*cellPadX)
		x += width
	}
	g.d.y += r.height
}
