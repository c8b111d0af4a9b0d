package public

import (
	"context"
	"strconv"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// wide reports whether an area has districts below it: its figures are sums of theirs.
func wide(at area.Code) bool { return at.Level() < area.LevelDistrict }

// readFigures gives the figures of an area, and its line before those right below it; none where there is no such area.
func (s *Site) readFigures(ctx context.Context, p i18n.Printer, at area.Code, month period.Month) (Figures, []FigureLine, error) {
	if wide(at) {
		f, err := s.Open.Wide(ctx, p, at, month)
		return f, f.Lines, err
	}
	f, err := s.Open.Figures(ctx, p, at.District(), month)
	return f, below(f, at), err
}

// widest gives the area that holds all districts kept here: one of them where it is alone, their province, or the nation.
func (s *Site) widest() area.Code {
	list := s.Open.Districts()
	if len(list) == 0 {
		return area.Nation
	}
	at := list[0].Code
	for _, one := range list[1:] {
		for !at.Contains(one.Code) {
			at = at.Parent()
		}
	}
	return at
}

// figuresBack leads to the figures of the area above, as far as all kept here lie in it.
func (s *Site) figuresBack(p i18n.Printer, f Figures, at area.Code) *ui.Link {
	up := at.Parent()
	if at == s.widest() || at == area.Nation {
		return nil
	}
	link := &ui.Link{Label: p.Text("public.data.up"), Href: s.figuresHref(p, up, f.Month, "")}
	if up.Level() == area.LevelDistrict {
		link.Label = f.Lines[0].Name
	}
	return link
}

// listWords are the heading of the list of areas right below one.
func listWords(p i18n.Printer, at area.Code) string {
	switch at.Level() {
	case area.LevelNation:
		return p.Text("public.data.provinces")
	case area.LevelProvince:
		return p.Text("public.data.districts")
	case area.LevelSubdistrict:
		return p.Text("public.data.villages")
	}
	return p.Text("public.data.subdistricts")
}

// counted says of how many districts a line is the sum.
func (l FigureLine) counted(p i18n.Printer) string {
	return p.Text("public.data.counted_of", "counted", l.Counted, "kept", l.Kept)
}

// countedFile is the same in a file.
func (l FigureLine) countedFile() string { return strconv.Itoa(l.Counted) + "/" + strconv.Itoa(l.Kept) }
