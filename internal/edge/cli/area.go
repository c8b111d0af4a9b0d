package cli

import (
	"fmt"
	"io"
	"iter"
	"os"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/service/areas"
)

// placeView is an area as it is printed.
type placeView struct {
	Code   string      `json:"code"`
	Name   string      `json:"name"`
	Title  string      `json:"title"`
	Level  string      `json:"level"`
	BPS    string      `json:"bps,omitempty"`
	Zone   string      `json:"zone,omitempty"`
	Tenant area.Tenant `json:"tenant,omitempty"`
	Writes bool        `json:"writes"`
}

func placeOf(h *House, p areas.Place) placeView {
	tree := h.Places.Tree()
	return placeView{p.Code.Dotted(), p.Name, tree.Title(p.Code), p.Code.Level().String(), p.BPS, p.Zone.String(), p.Tenant, tree.Writes(p.Tenant)}
}

// ListAreas lists the areas right below one.
type ListAreas struct {
	Code     string `arg:"" optional:"" help:"Area; by default the installation's own, 0 for the nation."`
	Villages bool   `help:"All villages of the area instead of what lies right below it."`
}

// Help gives an example.
func (ListAreas) Help() string { return "Example: tepat area list 81.71 --villages" }

// Run lists them. The nation's areas are public, so that nobody need be named.
func (l ListAreas) Run(c *Call) error {
	return c.open(func(h *House) error {
		tree := h.Places.Tree()
		at := h.Home.Home()
		switch {
		case l.Code == "0":
			at = area.Nation
		case l.Code != "":
			code, err := area.Parse(l.Code)
			if err == nil {
				at, err = tree.Resolve(code, period.Date{})
			}
			if err != nil {
				return err
			}
		}
		found := tree.Children(at)
		if l.Villages {
			found = tree.Villages(at)
		}
		c.printPlaces(h, found)
		return nil
	})
}

func (c *Call) printPlaces(h *House, found iter.Seq[areas.Place]) {
	views := []placeView{}
	for p := range found {
		views = append(views, placeOf(h, p))
	}
	c.result(map[string]any{"areas": views}, func(w io.Writer) {
		c.none(w, len(views))
		for _, v := range views {
			fmt.Fprintf(w, "%-14s %-12s %s\n", v.Code, v.BPS, v.Title)
		}
	})
}

// ShowArea shows an area by its code of today or of another day.
type ShowArea struct {
	Code string `arg:"" help:"Code, such as 81.71.01.1006 or 8171011006."`
	On   string `placeholder:"DATE" help:"Day of the document that names the code, when codes were re-issued since."`
}

// Help gives an example.
func (ShowArea) Help() string { return "Example: tepat area show 81.71.01.1006" }

// Run shows it.
func (s ShowArea) Run(c *Call) error {
	return c.open(func(h *House) error {
		code, err := area.Parse(s.Code)
		if err != nil {
			return err
		}
		var written period.Date
		if s.On != "" {
			if written, err = period.ParseDate(s.On); err != nil {
				return err
			}
		}
		tree := h.Places.Tree()
		today, err := tree.Resolve(code, written)
		if err != nil {
			return err
		}
		place, err := tree.Must(today)
		if err != nil {
			return err
		}
		v := placeOf(h, place)
		former := []string{}
		for _, old := range tree.Former(today) {
			former = append(former, old.Dotted())
		}
		c.result(map[string]any{"area": v, "asked": code.Dotted(), "address": tree.Address(today), "former": former}, func(w io.Writer) {
			fmt.Fprintf(w, "%s  %s\n", v.Code, tree.Address(today))
			if today != code {
				fmt.Fprintln(w, "  "+c.say.Text("cli.area_was", "code", code.Dotted()))
			}
			fmt.Fprintf(w, "  BPS %s  %s\n", dashed(v.BPS), v.Zone)
		})
		return nil
	})
}

func dashed(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// FindArea finds an area by its name.
type FindArea struct {
	Name   string `arg:"" help:"Name, however it is written: \"Kel. Benteng\", \"BATU MERAH\"."`
	Within string `placeholder:"CODE" help:"Only in this area; by default in the whole nation."`
	Level  string `enum:",province,district,subdistrict,village" default:"" help:"province, district, subdistrict or village; by default any."`
}

// Help gives an example.
func (FindArea) Help() string {
	return "Example: tepat area find \"Batu Merah\" --within 81.71 --level village"
}

// Run finds it: at each level the one place that has the name, or what keeps it from being one.
func (f FindArea) Run(c *Call) error {
	return c.open(func(h *House) error {
		at, err := within(f.Within)
		if err != nil {
			return err
		}
		tree := h.Places.Tree()
		var found []areas.Place
		var last, many error
		for level := area.LevelProvince; level <= area.LevelVillage; level++ {
			if f.Level != "" && f.Level != level.String() {
				continue
			}
			code, err := tree.FindByName(at, level, f.Name)
			switch {
			case fail.CodeOf(err) == "area.name_ambiguous":
				many = err
			case err != nil:
				last = err
			default:
				place, _ := tree.At(code)
				found = append(found, place)
			}
		}
		if len(found) == 0 {
			if many != nil {
				return many
			}
			return last
		}
		c.printPlaces(h, func(yield func(areas.Place) bool) {
			for _, p := range found {
				if !yield(p) {
					return
				}
			}
		})
		return nil
	})
}

// ImportBoundaries keeps the outlines of areas for maps.
type ImportBoundaries struct {
	File   string `arg:"" type:"infile" help:"A GeoJSON FeatureCollection in degrees, with Kemendagri codes."`
	Source string `required:"" help:"Publisher and licence; it stands below every map."`
	AsOf   string `required:"" placeholder:"DATE" help:"State of the boundaries, at least the year."`
}

// Help gives an example.
func (ImportBoundaries) Help() string {
	return "Example: tepat area boundaries ambon.geojson --source \"BIG, data terbuka\" --as-of 2023 --as admin. Outlines kept before are replaced."
}

type refusedView struct {
	Feature int    `json:"feature"`
	Code    string `json:"code,omitempty"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

// Run keeps them.
func (i ImportBoundaries) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) (err error) {
		in := areas.BoundaryImport{Source: i.Source}
		if in.AsOf, err = period.ParseDate(i.AsOf); err != nil {
			return err
		}
		file, err := os.Open(i.File)
		if err != nil {
			return fmt.Errorf("open boundaries: %w", err)
		}
		defer file.Close()
		in.File = file
		report, err := h.Places.ImportBoundaries(c, who, in)
		if err != nil {
			return err
		}
		c.printBoundaries(report)
		return nil
	})
}

func (c *Call) printBoundaries(r areas.BoundaryReport) {
	refused := make([]refusedView, len(r.Refused))
	for n, one := range r.Refused {
		refused[n] = refusedView{one.Feature, one.Code.Dotted(), fail.CodeOf(one.Err), c.say.Error(one.Err)}
	}
	if r.Unused > 0 {
		c.code = ExitRejected
	}
	c.result(map[string]any{"kept": r.Kept, "unused": r.Unused, "points": r.Points, "bytes": r.Bytes, "refused": refused}, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("cli.boundaries", "kept", r.Kept, "unused", r.Unused))
		for _, one := range refused {
			fmt.Fprintf(w, "  %4d  %-14s %s\n", one.Feature, one.Code, one.Message)
		}
	})
}
