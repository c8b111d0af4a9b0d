package svg

const (
	barStep   = 40 // a line of words and its bar
	barHeight = 14
	barTop    = 20 // from the top of the row to its bar
)

// Bars draws one horizontal bar a datum in the order given, name and value above it. mark,
// when it has a name, is a line across all bars, such as the average of the district.
func Bars(f Figure, data []Datum, mark Datum) string {
	most := max(largest(data), mark.Value)
	top := 0.0
	if mark.Name != "" {
		top = lineStep + 6
	}
	p := open(f, width, int(top)+len(data)*barStep)
	p.hatch()
	for i, d := range data {
		p.bar(d, top+float64(i)*barStep, share(d.Value, most), "q3")
	}
	if mark.Name != "" {
		x := share(mark.Value, most) * width
		p.markLine(x, top, len(data))
		p.markWords(x, f.label(mark))
	}
	return p.close()
}

// markLine crosses each bar, not the words between them; a pale edge keeps it visible on
// dark bars.
func (p *picture) markLine(x, top float64, bars int) {
	var d string
	for i := range bars {
		d += "M" + num(x) + " " + num(top+float64(i)*barStep+barTop-3) + "v" + num(barHeight+6)
	}
	p.raw(`<path class="halo" d="`, d, `"/><path class="mark" d="`, d, `"/>`)
}

// markWords sets the words of a line on the side where they have room.
func (p *picture) markWords(x float64, words string) {
	anchor := "start"
	if x+span(words) > width {
		anchor = "end"
	}
	if anchor == "end" && span(words) > x { // room on neither side
		x, anchor = 0, "start"
	}
	p.text("soft", x, fontSize, anchor, words)
}

// bar draws one row: the value at the right edge, the name cut where it would reach it.
func (p *picture) bar(d Datum, y, part float64, class string) {
	value := p.figure.value(d)
	p.text("", 0, y+14, "start", fit(d.Name, width-span(value)-10))
	p.text("num", width, y+14, "end", value)
	if d.missing() {
		p.rect(none, 0, y+barTop, width, barHeight, p.figure.label(d))
		return
	}
	p.rect("track", 0, y+barTop, width, barHeight, "")
	p.rect(class, 0, y+barTop, part*width, barHeight, p.figure.label(d))
}

// Step is one stage of a funnel.
type Step struct {
	Datum
	Note string // how it follows from the stage before, such as "72% dari tahap sebelumnya"
}

// Funnel draws stages from first to last; each bar is centred, so that what is lost shows
// on both sides.
func Funnel(f Figure, steps []Step) string {
	data := make([]Datum, len(steps))
	for i, s := range steps {
		data[i] = s.Datum
	}
	most := largest(data)
	const step = barStep + lineStep
	p := open(f, width, len(steps)*step)
	p.hatch()
	for i, s := range steps {
		y := float64(i * step)
		value := f.value(s.Datum)
		p.text("", 0, y+14, "start", fit(s.Name, width-span(value)-10))
		p.text("num", width, y+14, "end", value)
		if s.missing() {
			p.rect(none, 0, y+barTop, width, barHeight, f.label(s.Datum))
		} else {
			w := share(s.Value, most) * width
			p.rect("track", 0, y+barTop, width, barHeight, "")
			p.rect("q3", (width-w)/2, y+barTop, w, barHeight, f.label(s.Datum))
		}
		p.text("soft", width/2, y+barTop+barHeight+15, "middle", fit(s.Note, width))
	}
	return p.close()
}

// Stack is one bar made of parts, in the order of the legend. Its own Text stands at the
// right edge, its Value is not used.
type Stack struct {
	Datum
	Parts []Datum
}

// Stacked draws bars whose parts are shares of their own bar: all bars are equally long.
func Stacked(f Figure, stacks []Stack) string { return drawStacks(f, stacks, false) }

// Ageing draws bars as long as their sums, cut by age from youngest to oldest; the oldest
// part is the darkest.
func Ageing(f Figure, stacks []Stack) string { return drawStacks(f, stacks, true) }

func drawStacks(f Figure, stacks []Stack, absolute bool) string {
	sums, most := sumStacks(stacks)
	keys := stackKeys(stacks)
	_, legendHeight := arrange(keys, width)
	p := open(f, width, int(legendHeight)+8+len(stacks)*barStep)
	p.hatch()
	p.legend(keys, 0, 0, width)
	for i, s := range stacks {
		whole := sums[i]
		if absolute {
			whole = most
		}
		p.stack(s, legendHeight+8+float64(i)*barStep, whole)
	}
	return p.close()
}

func sumStacks(stacks []Stack) (sums []float64, most float64) {
	for _, s := range stacks {
		sum := 0.0
		for _, part := range s.Parts {
			if !part.missing() {
				sum += max(part.Value, 0)
			}
		}
		sums, most = append(sums, sum), max(most, sum)
	}
	return sums, most
}

// stackKeys names the parts after the longest stack.
func stackKeys(stacks []Stack) (keys []key) {
	for _, s := range stacks {
		for i := len(keys); i < len(s.Parts); i++ {
			keys = append(keys, key{partClass(i, len(s.Parts)), s.Parts[i].Name})
		}
	}
	return keys
}

// partClass spreads the parts over the ramp, so that neighbours differ in lightness even in
// print: two parts take pale and dark, five all of it.
func partClass(i, n int) string {
	if n <= 1 {
		return ramp(3)
	}
	return ramp(min(4, i*4/(n-1)))
}

func (p *picture) stack(s Stack, y, whole float64) {
	p.text("", 0, y+14, "start", fit(s.Name, width-span(s.Text)-10))
	p.text("num", width, y+14, "end", s.Text)
	p.rect("track", 0, y+barTop, width, barHeight, "")
	x := 0.0
	for i, part := range s.Parts {
		if part.missing() {
			continue
		}
		w := share(part.Value, whole) * width
		p.rect(partClass(i, len(s.Parts)), x, y+barTop, w, barHeight, s.Name+", "+p.figure.label(part))
		x += w
	}
}
