package areas

import (
	"io"

	"tepat/internal/kit/svg"
)

// OutlineBudget is outlineBudget, for tests.
const OutlineBudget = outlineBudget

// Stored gives two rings as they are kept, simplified together.
func Stored(rings ...[][]float64) (left, right string) {
	shapes := make([][][]svg.Point, len(rings))
	for i, ring := range rings {
		one, err := ringOf(ring)
		if err != nil {
			panic(err)
		}
		shapes[i] = [][]svg.Point{one}
	}
	out := fitted(shapes, outlineBudget)
	return out[0], out[1]
}

// Restored reads what is kept.
func Restored(text string) [][]svg.Point { return decode(text) }

// ReadForTest reads a file and lays every area on a grid.
func ReadForTest(r io.Reader) {
	err := readGeoJSON(r, func(f geoFeature) error {
		if f.err == nil {
			decode(encode(simplify(f.rings, 7)))
		}
		return nil
	})
	_ = err // any refusal is fine; a panic is not
}
