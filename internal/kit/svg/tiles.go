package svg

// Tile is the place of one province on the tile map, in tiles from the top left corner. The
// island groups are set half a tile apart.
type Tile struct {
	Code   string // Kemendagri code of the province
	Letter string // two letters of ISO 3166-2:ID
	X, Y   float64
}

// Provinces gives the tiles of the 38 provinces, laid by hand so that neighbours stay
// neighbours as far as squares allow. Every province has the same area on it: Jakarta is as
// visible as Kalimantan Tengah.
func Provinces() []Tile {
	return []Tile{
		{"11", "AC", 0, 0}, {"12", "SU", 1, 1}, {"13", "SB", 1, 2}, {"14", "RI", 2, 2},
		{"21", "KR", 3, 2}, {"17", "BE", 1, 3}, {"15", "JA", 2, 3}, {"16", "SS", 2, 4},
		{"19", "BB", 3, 4}, {"18", "LA", 2, 5},
		{"36", "BT", 2, 6}, {"31", "JK", 3, 6}, {"32", "JB", 4, 6}, {"33", "JT", 5, 6}, {"34", "YO", 6, 6}, {"35", "JI", 7, 6},
		{"51", "BA", 8.5, 6}, {"52", "NB", 9.5, 6}, {"53", "NT", 10.5, 6},
		{"65", "KU", 5.5, 1}, {"61", "KB", 4.5, 2}, {"64", "KI", 5.5, 2}, {"62", "KT", 4.5, 3}, {"63", "KS", 5.5, 3},
		{"75", "GO", 8, 1}, {"71", "SA", 9, 1}, {"76", "SR", 7, 2}, {"72", "ST", 8, 2}, {"73", "SN", 7, 3}, {"74", "SG", 8, 3},
		{"82", "MU", 9.5, 2}, {"81", "MA", 9.5, 3},
		{"96", "PD", 11, 2}, {"92", "PB", 12, 2}, {"91", "PA", 13, 2}, {"94", "PT", 12, 3}, {"95", "PE", 13, 3}, {"93", "PS", 13, 4},
	}
}

const (
	tileStep = 30 // 14 tiles fill the width
	tileSize = 28.5
)

// TileMap draws the provinces as equal squares, coloured by class. A province without a
// datum is hatched; data of other codes are left out.
func TileMap(f Figure, data []Datum, scale Scale) string {
	tiles := Provinces()
	byCode := map[string]Datum{}
	for _, d := range data {
		byCode[d.Code] = d
	}
	placed := make([]Datum, len(tiles))
	classes := map[string][]int{}
	bottom := 0.0
	for i, t := range tiles {
		d, found := byCode[t.Code]
		if !found {
			d = Datum{Code: t.Code, Name: t.Letter, None: true}
		}
		placed[i] = d
		class := scale.class(d)
		classes[class] = append(classes[class], i)
		bottom = max(bottom, (t.Y+1)*tileStep)
	}
	keys := scale.keys(f, placed)
	_, legendHeight := arrange(keys, width)
	p := open(f, width, int(bottom+12+legendHeight))
	p.hatch()
	for _, k := range keys {
		p.tiles(k.class, classes[k.class], tiles, placed)
	}
	p.legend(keys, 0, bottom+12, width)
	return p.close()
}

// tiles draws the tiles of one class in one group, which saves the class on each.
func (p *picture) tiles(class string, members []int, tiles []Tile, placed []Datum) {
	if len(members) == 0 {
		return
	}
	p.group(class)
	for _, i := range members {
		x, y := tiles[i].X*tileStep, tiles[i].Y*tileStep
		p.rect("", x, y, tileSize, tileSize, p.figure.label(placed[i]))
		p.raw(`<text x="`, num(x+tileSize/2), `" y="`, num(y+19), `">`, tiles[i].Letter, `</text>`)
	}
	p.endGroup()
}
