package svg

// none is the class of a missing value.
const none = "qx"

// Scale sorts values into five classes by four fixed breaks, which the legend prints.
type Scale struct {
	Breaks [4]float64                // rising; a class holds its lower break
	Format func(v float64) string    // a break as people read it
	Words  func(i int) (word string) // optional: words for class i instead of its breaks
}

// Class gives the class of a value, 0 to 4.
func (s Scale) Class(v float64) int {
	class := 0
	for _, b := range s.Breaks {
		if v >= b {
			class++
		}
	}
	return class
}

// class gives the CSS class of a datum.
func (s Scale) class(d Datum) string {
	if d.missing() {
		return none
	}
	return ramp(s.Class(d.Value))
}

// ramp names the i-th class of the single ramp, pale to dark.
func ramp(i int) string { return "q" + string(rune('0'+i)) }

// Label gives the legend's words for a class: "< 5%", "5% – 10%", "≥ 20%".
func (s Scale) Label(class int) string {
	switch {
	case s.Words != nil:
		return s.Words(class)
	case class == 0:
		return "< " + s.Format(s.Breaks[0])
	case class == len(s.Breaks):
		return "≥ " + s.Format(s.Breaks[class-1])
	}
	return s.Format(s.Breaks[class-1]) + " – " + s.Format(s.Breaks[class])
}

// key is one entry of a legend.
type key struct{ class, words string }

// keys gives the legend of a scale; the hatch is named only when something is hatched.
func (s Scale) keys(f Figure, data []Datum) (keys []key) {
	for i := range len(s.Breaks) + 1 {
		keys = append(keys, key{ramp(i), s.Label(i)})
	}
	for _, d := range data {
		if d.missing() {
			return append(keys, key{none, f.NoData})
		}
	}
	return keys
}

const (
	swatch    = 14
	legendRow = 22
)

// spot is where a legend entry stands.
type spot struct{ x, y float64 }

// arrange sets legend entries in rows within a width and gives the height they take.
func arrange(keys []key, w float64) (spots []spot, height float64) {
	x, y := 0.0, 0.0
	for _, k := range keys {
		need := swatch + 6 + span(k.words) + 12
		if x > 0 && x+need-12 > w {
			x, y = 0, y+legendRow
		}
		spots = append(spots, spot{x, y})
		x += need
	}
	return spots, y + legendRow
}

// legend draws the entries from a corner.
func (p *picture) legend(keys []key, x, y, w float64) {
	spots, _ := arrange(keys, w)
	for i, k := range keys {
		p.rect(k.class, x+spots[i].x, y+spots[i].y, swatch, swatch, "")
		p.text("", x+spots[i].x+swatch+6, y+spots[i].y+swatch-2, "start", k.words)
	}
}
