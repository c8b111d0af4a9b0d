package svg

import "math"

// Series is one line; its points belong to the labels of the axis in order, and a missing
// point breaks the line.
type Series struct {
	Name   string
	Points []Datum
}

const (
	lineLeft  = 52 // room for the numbers of the axis
	lineRight = 10
)

// Lines draws up to three series over the same labels, from zero, told apart by dashes and
// by lightness. format writes the numbers of the axis.
func Lines(f Figure, labels []string, series []Series, format func(float64) string) string {
	var all []Datum
	for _, s := range series {
		all = append(all, s.Points...)
	}
	most, step := ticks(largest(all))
	keys := lineKeys(series)
	_, legendHeight := arrange(keys, width)
	top := legendHeight + 10
	p := open(f, width, int(top)+plotHeight+lineStep+6)
	p.lineLegend(keys)
	for i := range int(math.Round(most/step)) + 1 {
		v := float64(i) * step
		y := top + plotHeight*(1-v/most)
		p.raw(`<path class="grid" d="M`, num(lineLeft), " ", num(y), `h`, num(width-lineLeft), `"/>`)
		p.text("small", lineLeft-6, y+4, "end", format(v))
	}
	p.lineLabels(labels, top+plotHeight+16)
	for i, s := range series {
		p.line(lineClass(i), s, len(labels), top, most)
	}
	return p.close()
}

func lineClass(i int) string { return "l" + string(rune('0'+i%3)) }

func lineKeys(series []Series) (keys []key) {
	for i, s := range series {
		keys = append(keys, key{lineClass(i), s.Name})
	}
	return keys
}

// lineLegend shows a piece of each line, because its dashes are what tells it apart.
func (p *picture) lineLegend(keys []key) {
	spots, _ := arrange(keys, width)
	for i, k := range keys {
		p.raw(`<path class="`, k.class, `" d="M`, num(spots[i].x), " ", num(spots[i].y+7), `h`, num(swatch), `"/>`)
		p.text("", spots[i].x+swatch+6, spots[i].y+swatch-2, "start", k.words)
	}
}

// place gives the horizontal place of the i-th of n labels.
func place(i, n int) float64 {
	const room = width - lineLeft - lineRight
	if n < 2 {
		return lineLeft + room/2
	}
	return lineLeft + room*float64(i)/float64(n-1)
}

// lineLabels writes as many labels as have room, always at even steps from the first.
func (p *picture) lineLabels(labels []string, y float64) {
	widest := 1.0
	for _, l := range labels {
		widest = max(widest, span(l)+8)
	}
	every := 1
	for len(labels)/every > 1 && float64(len(labels)-1)/float64(every)*widest > width-lineLeft-lineRight {
		every++
	}
	for i := 0; i < len(labels); i += every {
		if i == len(labels)-1 && i > 0 { // the last one would stick out
			p.text("small", width, y, "end", labels[i])
			continue
		}
		p.text("small", place(i, len(labels)), y, "middle", labels[i])
	}
}

func (p *picture) line(class string, s Series, n int, top, most float64) {
	p.raw(`<path class="`, class, `" d="`)
	pen := "M"
	for i, d := range s.Points {
		if d.missing() {
			pen = "M"
			continue
		}
		p.raw(pen, num(place(i, n)), " ", num(top+plotHeight*(1-share(d.Value, most))))
		pen = "L"
	}
	p.raw(`"/><g class="`, class, `">`)
	for i, d := range s.Points {
		if d.missing() {
			continue
		}
		p.raw(`<circle cx="`, num(place(i, n)), `" cy="`, num(top+plotHeight*(1-share(d.Value, most))), `" r="3"`)
		p.tip("circle", s.Name+", "+p.figure.label(d))
	}
	p.endGroup()
}

// ticks gives a round top for an axis from zero and the step between its lines: three to
// six steps of 1, 2 or 5 times a power of ten.
func ticks(most float64) (top, step float64) {
	if !(most > 1e-300) || most > 1e300 { // beyond, powers of ten run out of numbers
		return 1, 1
	}
	power := math.Pow(10, math.Floor(math.Log10(most)))
	for _, m := range []float64{0.2, 0.5, 1, 2} {
		if step = m * power; most/step <= 5 {
			break
		}
	}
	return math.Ceil(most/step-1e-9) * step, step
}
