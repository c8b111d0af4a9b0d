package svg

const (
	plotHeight = 160
	plotTop    = 24
)

// Columns draws one upright column a datum with its value above and its name below, for a
// few ordered classes such as the ten deciles. axis names what the columns are.
func Columns(f Figure, data []Datum, axis string) string {
	p := open(f, width, plotTop+plotHeight+2*lineStep+6)
	p.hatch()
	if len(data) > 0 {
		p.columns(data)
	}
	p.raw(`<path class="axis" d="M0 `, num(plotTop+plotHeight), `h`, num(width), `"/>`)
	p.text("soft", width/2, plotTop+plotHeight+2*lineStep, "middle", axis)
	return p.close()
}

func (p *picture) columns(data []Datum) {
	most := largest(data)
	step := width / float64(len(data))
	for i, d := range data {
		x := float64(i) * step
		p.text("", x+step/2, plotTop+plotHeight+16, "middle", fit(d.Name, step))
		if d.missing() {
			p.rect(none, x+2, plotTop, step-4, plotHeight, p.figure.label(d))
			continue
		}
		h := share(d.Value, most) * plotHeight
		p.rect("q3", x+2, plotTop+plotHeight-h, step-4, h, p.figure.label(d))
		p.text("small", x+step/2, plotTop+plotHeight-h-5, "middle", d.Text)
	}
}
