package svg

import "math"

// Swing is one bar of a chart of gains and losses: it goes from one value to another on an axis all share.
type Swing struct {
	Group    string // a heading above the first bar of its group; empty for none
	Name     string
	From, To float64
	Text     string // what it adds, as printed: "+3,2"
}

// Swings draws one bar a swing, gains darker than losses, with the line of zero. Bars that all begin at zero
// compare weights; bars that begin where the one before ended make a waterfall.
func Swings(f Figure, list []Swing) string {
	low, high := 0.0, 0.0
	headings := 0
	for i, s := range list {
		low, high = math.Min(low, math.Min(s.From, s.To)), math.Max(high, math.Max(s.From, s.To))
		if s.Group != "" && (i == 0 || list[i-1].Group != s.Group) {
			headings++
		}
	}
	if high == low {
		high = low + 1
	}
	at := func(v float64) float64 { return (v - low) / (high - low) * width }
	p := open(f, width, len(list)*swingStep+headings*(lineStep+4)+4)
	y := 0.0
	for i, s := range list {
		if s.Group != "" && (i == 0 || list[i-1].Group != s.Group) {
			p.text("num", 0, y+16, "start", fit(s.Group, width))
			y += lineStep + 4
		}
		p.text("small", 0, y+11, "start", fit(s.Name, width-span(s.Text)-10))
		p.text("small", width, y+11, "end", s.Text)
		class := "q3"
		if s.To < s.From {
			class = "q1"
		}
		from, to := at(math.Min(s.From, s.To)), at(math.Max(s.From, s.To))
		p.rect("track", 0, y+15, width, swingHeight, "")
		p.rect(class, from, y+15, math.Max(to-from, 1), swingHeight, s.Name+": "+s.Text)
		p.raw(`<path class="axis" d="M`, num(at(0)), " ", num(y+14), `v`, num(swingHeight+2), `"/>`)
		y += swingStep
	}
	return p.close()
}

const (
	swingStep   = 30
	swingHeight = 9
)
