package areas

import (
	"math"
	"strconv"
	"strings"

	"tepat/internal/kit/svg"
)

// unit is the finest step of a stored outline, in degrees: about a metre.
const unit = 1e-5

// outlineBudget is how many bytes the outlines of the areas of one parent may take, of which a page
// shows at most one parent's; compressed it is about a third.
const outlineBudget = 96 << 10

// spot is a point in units of 0.00001 degree.
type spot struct{ x, y int64 }

// simplify lays rings on a grid of so many units and drops what falls together or lies on a line
// along the grid. Both sides of a border fall on the same points, so that neighbours keep touching,
// which simplifying each ring for itself would not give. Rings that vanish are left out, except the
// largest: an area never disappears.
func simplify(rings [][]svg.Point, grid int64) [][]spot {
	var out [][]spot
	var largest []spot
	most := int64(-1)
	for _, ring := range rings {
		spots, size := reduced(ring, grid)
		if size > most {
			largest, most = spots, size
		}
		if size > 0 && len(spots) > 2 {
			out = append(out, spots)
		}
	}
	if len(out) > 0 || len(largest) == 0 {
		return out
	}
	p := largest[0] // an islet smaller than the grid keeps a square of it
	return [][]spot{{p, {p.x + grid, p.y}, {p.x + grid, p.y + grid}, {p.x, p.y + grid}}}
}

// reduced gives a ring on the grid, not closed, with twice its area.
func reduced(ring []svg.Point, grid int64) (out []spot, size int64) {
	for _, p := range ring {
		s := spot{onGrid(p.Lon, grid), onGrid(p.Lat, grid)}
		n := len(out)
		switch {
		case n > 0 && out[n-1] == s:
		case n > 1 && between(out[n-2], out[n-1], s):
			out[n-1] = s
		default:
			out = append(out, s)
		}
	}
	if n := len(out); n > 1 && out[0] == out[n-1] {
		out = out[:n-1]
	}
	for i, s := range out {
		next := out[(i+1)%len(out)]
		size += s.x*next.y - next.x*s.y
	}
	return out, max(size, -size)
}

func onGrid(degrees float64, grid int64) int64 {
	return int64(math.Round(degrees/unit/float64(grid))) * grid
}

// between reports whether b lies on the straight way from a to c.
func between(a, b, c spot) bool {
	cross := (b.x-a.x)*(c.y-b.y) - (b.y-a.y)*(c.x-b.x)
	along := (b.x-a.x)*(c.x-b.x) + (b.y-a.y)*(c.y-b.y)
	return cross == 0 && along > 0
}

// encode writes rings as a first point and steps, the shortest way that any engine stores as text.
func encode(rings [][]spot) string {
	var b []byte
	for i, ring := range rings {
		if i > 0 {
			b = append(b, ';')
		}
		at := spot{}
		for j, s := range ring {
			if j > 0 {
				b = append(b, ' ')
			}
			b = strconv.AppendInt(b, s.x-at.x, 10)
			b = append(b, ' ')
			b = strconv.AppendInt(b, s.y-at.y, 10)
			at = s
		}
	}
	return string(b)
}

// decode reads what encode wrote; what it cannot read is no ring.
func decode(text string) (out [][]svg.Point) {
	for _, ring := range strings.Split(text, ";") {
		numbers := strings.Fields(ring)
		points := make([]svg.Point, 0, len(numbers)/2)
		at := spot{}
		for i := 0; i+1 < len(numbers); i += 2 {
			dx, errX := strconv.ParseInt(numbers[i], 10, 64)
			dy, errY := strconv.ParseInt(numbers[i+1], 10, 64)
			if errX != nil || errY != nil {
				return out
			}
			at = spot{at.x + dx, at.y + dy}
			points = append(points, svg.Point{Lon: float64(at.x) * unit, Lat: float64(at.y) * unit})
		}
		if len(points) > 2 {
			out = append(out, points)
		}
	}
	return out
}

// fitted encodes the areas of one parent on the finest grid on which they keep within a budget of
// bytes, beginning with a two-thousandth of the whole's extent: finer than a screen shows.
func fitted(shapes [][][]svg.Point, budget int) []string {
	out := make([]string, len(shapes))
	for grid := firstGrid(shapes); ; grid = grid*3/2 + 1 {
		size := 0
		for i, rings := range shapes {
			out[i] = encode(simplify(rings, grid))
			size += len(out[i])
		}
		if size <= budget || grid > 1e6 {
			return out
		}
	}
}

func firstGrid(shapes [][][]svg.Point) int64 {
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, rings := range shapes {
		for _, ring := range rings {
			for _, p := range ring {
				west, east, south, north = min(west, p.Lon), max(east, p.Lon), min(south, p.Lat), max(north, p.Lat)
			}
		}
	}
	return max(1, int64(max(east-west, north-south)/unit/2000))
}
