package areas

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/svg"
)

// The limits of a file of boundaries. A province's villages, as BIG publishes them, are about 60 MiB.
const (
	// BoundaryLimit is how many bytes a file may have.
	BoundaryLimit    = 128 << 20
	featureLimit     = 100_000
	pointLimit       = 8_000_000
	pointsPerFeature = 1_000_000
)

// codeProperties are the names under which publishers write the Kemendagri code, in order of trust.
func codeProperties() []string {
	return []string{"code", "kode", "kode_wilayah", "kode_kemendagri", "kemendagri", "kdepum", "kdcpum", "kdpkab", "kdppum", "kode_desa", "kode_kec", "kode_kab", "kode_prov"}
}

// geoFeature is one area of a file. Its error says why it is not used.
type geoFeature struct {
	number int // from 1, in the order of the file
	code   area.Code
	rings  [][]svg.Point
	err    error
}

// readGeoJSON reads a FeatureCollection feature by feature, so that memory does not grow with the
// file. Errors of the whole file: boundaries.not_geojson, boundaries.empty, boundaries.too_many.
func readGeoJSON(r io.Reader, each func(geoFeature) error) error {
	in := json.NewDecoder(r)
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return notGeoJSON(err)
	}
	count, points := 0, 0
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return notGeoJSON(err)
		}
		if key != "features" {
			if err := skipMember(in, key); err != nil {
				return err
			}
			continue
		}
		if t, err := in.Token(); err != nil || t != json.Delim('[') {
			return notGeoJSON(err)
		}
		for in.More() {
			count++
			f, err := readFeature(in, count)
			if err != nil {
				return err
			}
			if points += countPoints(f.rings); count > featureLimit || points > pointLimit {
				return fail.Invalid("boundaries.too_many", "features", featureLimit, "points", pointLimit).On("file")
			}
			if err := each(f); err != nil {
				return err
			}
		}
		if _, err := in.Token(); err != nil {
			return notGeoJSON(err)
		}
	}
	if _, err := in.Token(); err != nil {
		return notGeoJSON(err) // cut in the middle
	}
	if count == 0 {
		return fail.Invalid("boundaries.empty").On("file")
	}
	return nil
}

// skipMember reads over a member of the collection; its type must be FeatureCollection.
func skipMember(in *json.Decoder, key json.Token) error {
	var value json.RawMessage
	if err := in.Decode(&value); err != nil {
		return notGeoJSON(err)
	}
	if key == "type" && string(value) != `"FeatureCollection"` {
		return notGeoJSON(nil)
	}
	return nil
}

func notGeoJSON(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) {
			return err // the line broke, or the file is too large
		}
	}
	return fail.Invalid("boundaries.not_geojson").On("file").Because(err)
}

// readFeature reads one feature; what is wrong with it alone is kept in it.
func readFeature(in *json.Decoder, number int) (geoFeature, error) {
	var raw struct {
		ID         json.RawMessage            `json:"id"`
		Properties map[string]json.RawMessage `json:"properties"`
		Geometry   *struct {
			Type        string          `json:"type"`
			Coordinates json.RawMessage `json:"coordinates"`
		} `json:"geometry"`
	}
	f := geoFeature{number: number}
	if err := in.Decode(&raw); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			f.err = fail.Invalid("boundaries.feature")
			return f, nil
		}
		return f, notGeoJSON(err)
	}
	if f.code, f.err = codeOf(raw.Properties, raw.ID); f.err != nil {
		return f, nil
	}
	if raw.Geometry == nil {
		f.err = fail.Invalid("boundaries.no_geometry")
		return f, nil
	}
	f.rings, f.err = ringsOf(raw.Geometry.Type, raw.Geometry.Coordinates)
	return f, nil
}

// codeOf finds the Kemendagri code among the properties, whatever the case of their names.
func codeOf(properties map[string]json.RawMessage, id json.RawMessage) (area.Code, error) {
	byName := map[string]json.RawMessage{"id": id}
	for name, value := range properties {
		byName[strings.ToLower(name)] = value
	}
	for _, name := range append(codeProperties(), "id") {
		text := strings.Trim(string(byName[name]), `" `)
		if text == "" || text == "null" {
			continue
		}
		return area.Parse(text)
	}
	return 0, fail.Invalid("boundaries.no_code")
}

// ringsOf gives the rings of a polygon or of several, holes among them.
func ringsOf(kind string, coordinates json.RawMessage) (out [][]svg.Point, err error) {
	var many [][][][]float64
	switch kind {
	case "Polygon":
		many = make([][][][]float64, 1)
		err = json.Unmarshal(coordinates, &many[0])
	case "MultiPolygon":
		err = json.Unmarshal(coordinates, &many)
	default:
		return nil, fail.Invalid("boundaries.geometry", "type", kind)
	}
	if err != nil {
		return nil, fail.Invalid("boundaries.feature").Because(err)
	}
	for _, polygon := range many {
		for _, ring := range polygon {
			one, err := ringOf(ring)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, fail.Invalid("boundaries.no_geometry")
	}
	if countPoints(out) > pointsPerFeature {
		return nil, fail.Invalid("boundaries.points", "points", pointsPerFeature)
	}
	return out, nil
}

// ringOf checks that a ring is closed, in degrees, and somewhere near Indonesia: metres of a
// projection, or latitude before longitude, would draw nothing or a wrong map.
func ringOf(ring [][]float64) ([]svg.Point, error) {
	const west, east, south, north = 92.0, 144.0, -14.0, 9.0
	if len(ring) < 4 {
		return nil, fail.Invalid("boundaries.ring")
	}
	out := make([]svg.Point, len(ring))
	for i, p := range ring {
		if len(p) < 2 || p[0] < west || p[0] > east || p[1] < south || p[1] > north {
			return nil, fail.Invalid("boundaries.outside")
		}
		out[i] = svg.Point{Lon: p[0], Lat: p[1]}
	}
	if out[0] != out[len(out)-1] {
		return nil, fail.Invalid("boundaries.ring")
	}
	return out, nil
}

func countPoints(rings [][]svg.Point) (n int) {
	for _, r := range rings {
		n += len(r)
	}
	return n
}
