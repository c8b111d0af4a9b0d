package svg

import (
	"math"
	"strconv"
)

// Point is a place in degrees.
type Point struct{ Lon, Lat float64 }

// Shape is one area of a map: its datum and its boundary rings, holes included.
type Shape struct {
	Datum
	Rings [][]Point
}

// mapWidth is larger than that of charts, so that whole units are fine enough for outlines.
const mapWidth = 800

// Choropleth draws areas from their boundaries, coloured by class. Points are rounded to
// whole units, the same for both sides of a border, so that neighbours keep touching.
// It gives an empty text when no shape has a boundary.
func Choropleth(f Figure, shapes []Shape, scale Scale) string {
	frame, ok := bounds(shapes)
	if !ok {
		return ""
	}
	data := make([]Datum, len(shapes))
	classes := map[string][]int{}
	for i, s := range shapes {
		data[i] = s.Datum
		classes[scale.class(s.Datum)] = append(classes[scale.class(s.Datum)], i)
	}
	keys := scale.keys(f, data)
	height := frame.height()
	_, legendHeight := arrange(keys, mapWidth/2)
	p := open(f, mapWidth, int(height+16+2*legendHeight))
	p.hatch()
	for _, k := range keys {
		if len(classes[k.class]) == 0 {
			continue
		}
		p.group(k.class)
		for _, i := range classes[k.class] {
			p.raw(`<path d="`, frame.path(shapes[i].Rings), `"`)
			p.tip("path", f.label(shapes[i].Datum))
		}
		p.endGroup()
	}
	p.raw(`<g transform="translate(0 `, num(height+16), `) scale(2)">`) // as large as on the charts
	p.legend(keys, 0, 0, mapWidth/2)
	p.endGroup()
	return p.close()
}

// projection maps degrees to user units: plate carrée with the middle parallel true, which
// bends little over Indonesia, a country along the equator.
type projection struct {
	west, north   float64
	scaleX, scale float64
	south         float64
}

func bounds(shapes []Shape) (projection, bool) {
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range shapes {
		for _, ring := range s.Rings {
			for _, p := range ring {
				west, east = min(west, p.Lon), max(east, p.Lon)
				south, north = min(south, p.Lat), max(north, p.Lat)
			}
		}
	}
	if !(west < east) || !(south < north) {
		return projection{}, false
	}
	stretch := math.Cos((south + north) / 2 * math.Pi / 180)
	// A tall area is made narrower, or its picture would fill several screens.
	scale := min((mapWidth-4)/((east-west)*stretch), 1.2*mapWidth/(north-south))
	return projection{west: west, north: north, south: south, scaleX: scale * stretch, scale: scale}, true
}

func (m projection) height() float64 { return math.Ceil((m.north-m.south)*m.scale) + 4 }

type dot struct{ x, y int }

func (m projection) dot(p Point) dot {
	return dot{int(math.Round((p.Lon-m.west)*m.scaleX)) + 2, int(math.Round((m.north-p.Lat)*m.scale)) + 2}
}

// path gives the path of all rings. Rings smaller than a unit are left out, except the
// largest of the area: a small island district keeps a dot to point at.
func (m projection) path(rings [][]Point) string {
	var b []byte
	best, bestArea := []dot(nil), -1
	for _, ring := range rings {
		dots := m.reduce(ring)
		area := doubleArea(dots)
		if area > bestArea {
			best, bestArea = dots, area
		}
		if area >= 2 {
			b = appendRing(b, dots)
		}
	}
	if len(b) == 0 && len(best) > 0 {
		b = appendRing(b, []dot{{best[0].x - 1, best[0].y - 1}, {best[0].x + 1, best[0].y - 1}, {best[0].x + 1, best[0].y + 1}, {best[0].x - 1, best[0].y + 1}})
	}
	return string(b)
}

// reduce rounds a ring and drops repeated points and points on a straight line.
func (m projection) reduce(ring []Point) (dots []dot) {
	for _, p := range ring {
		if math.IsNaN(p.Lon) || math.IsNaN(p.Lat) {
			continue
		}
		d := m.dot(p)
		if n := len(dots); n > 0 && dots[n-1] == d {
			continue
		}
		if n := len(dots); n > 1 && straight(dots[n-2], dots[n-1], d) {
			dots[n-1] = d
			continue
		}
		dots = append(dots, d)
	}
	if n := len(dots); n > 1 && dots[0] == dots[n-1] {
		dots = dots[:n-1] // z closes it
	}
	return dots
}

// straight reports whether b lies between a and c on one line.
func straight(a, b, c dot) bool {
	cross := (b.x-a.x)*(c.y-b.y) - (b.y-a.y)*(c.x-b.x)
	along := (b.x-a.x)*(c.x-b.x) + (b.y-a.y)*(c.y-b.y)
	return cross == 0 && along > 0
}

func doubleArea(dots []dot) (sum int) {
	for i, d := range dots {
		next := dots[(i+1)%len(dots)]
		sum += d.x*next.y - next.x*d.y
	}
	return max(sum, -sum)
}

// appendRing writes a ring with steps from point to point, shorter than positions; a minus
// sign needs no blank before it.
func appendRing(b []byte, dots []dot) []byte {
	b = append(b, 'M')
	b = appendPair(b, dots[0].x, dots[0].y)
	b = append(b, 'l')
	for i := 1; i < len(dots); i++ {
		if i > 1 && dots[i].x >= dots[i-1].x {
			b = append(b, ' ')
		}
		b = appendPair(b, dots[i].x-dots[i-1].x, dots[i].y-dots[i-1].y)
	}
	return append(b, 'z')
}

func appendPair(b []byte, x, y int) []byte {
	b = strconv.AppendInt(b, int64(x), 10)
	if y >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(y), 10)
}
