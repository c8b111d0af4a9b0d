package insight

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
)

// RecapRow is one line of the monthly recap: how many places or payments of a programme in a village have a status.
type RecapRow struct {
	District    string
	Subdistrict string
	Village     string
	Area        area.Code
	Programme   programme.ID
	Name        Words // of the programme
	Unit        programme.Unit
	// Status is a state of a place (enrolled, waiting, suspended) or the standing of a payment (paid_used,
	// paid_unused, rejected, returned, credited, open).
	Status  string
	Payment bool
	N       int64
	Amount  money.Rupiah
}

// Recap gives the monthly recap of an area, live or of a closed month: village by village, programme by
// programme, status by status, with the instant the figures were counted at. It reads a subdistrict at a time,
// so that a province's recap needs no more memory than a village's.
func (s *Service) Recap(ctx context.Context, who access.Actor, v View, yield func(RecapRow) error) (d Dashboard, err error) {
	err = s.look(ctx, who, v, func(q sqldb.Querier, tree *areas.Tree) error {
		d = Dashboard{Area: v.Area, Title: tree.Title(v.Area), Period: v.period()}
		whole, err := s.read(ctx, q, tree, d.Period, []area.Code{v.Area})
		if err != nil {
			return err
		}
		d.AsOf = whole.asOf
		set := s.programmesOf(whole.at(v.Area), d)
		var some []areas.Place
		for village := range tree.Villages(v.Area) {
			if !tree.Writes(village.Tenant) { // kept elsewhere: there are no figures of it here, and of the nation that is most of it
				continue
			}
			if len(some) == recapVillages {
				if err := s.recapOf(ctx, q, tree, d.Period, some, set, yield); err != nil {
					return err
				}
				some = some[:0]
			}
			some = append(some, village)
		}
		return s.recapOf(ctx, q, tree, d.Period, some, set, yield)
	})
	return d, err
}

const recapVillages = 100

func (s *Service) recapOf(ctx context.Context, q sqldb.Querier, tree *areas.Tree, period string, villages []areas.Place, set []listed, yield func(RecapRow) error) error {
	codes := make([]area.Code, len(villages))
	for i := range villages {
		codes[i] = villages[i].Code
	}
	got, err := s.read(ctx, q, tree, period, codes)
	if err != nil {
		return err
	}
	for _, code := range codes {
		row := RecapRow{District: tree.Name(code.District()), Subdistrict: tree.Name(code.Subdistrict()), Village: tree.Name(code), Area: code}
		for _, p := range set {
			row.Programme, row.Name, row.Unit = p.id, Words{Label: p.label}, p.unit
			if err := row.each(got.at(code), yield); err != nil {
				return err
			}
		}
	}
	return nil
}

// each gives the rows of one village and programme, those of no places left out.
func (r RecapRow) each(n numbers, yield func(RecapRow) error) error {
	for _, part := range []struct {
		payment   bool
		statuses  []string
		count     string
		ofAmounts string
	}{{false, placeStates[1:], prefixPlace, prefixPlaceSum}, {true, payStandings(), prefixPay, prefixPaySum}} {
		for _, status := range part.statuses {
			r.Payment, r.Status = part.payment, status
			r.N = n[part.count+string(r.Programme)+"."+status]
			r.Amount = money.Rupiah(n[part.ofAmounts+string(r.Programme)+"."+status])
			if r.N == 0 {
				continue
			}
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// RecapColumns gives the titles of the recap's columns.
func RecapColumns(p i18n.Printer) []tabular.Column {
	var out []tabular.Column
	for _, key := range []string{"district", "subdistrict", "village", "code", "programme", "unit", "status", "n", "amount"} {
		out = append(out, tabular.Column{Title: p.Text("insight.recap." + key)})
	}
	return out
}

// WriteRecap writes the recap as a workbook sheet, with the area, the period and the instant above it, and gives
// the number of its rows. Close stays with the caller.
func (s *Service) WriteRecap(ctx context.Context, who access.Actor, v View, w *tabular.XLSXWriter, p i18n.Printer, notes ...string) (n int64, err error) {
	head, err := s.heading(ctx, who, v)
	if err != nil {
		return 0, err
	}
	about := []string{p.Text("insight.recap.title", "area", head.Title, "period", head.Name(p)), p.Text("insight.as_of", "at", p.Moment(head.AsOf))}
	if err := w.Sheet(tabular.SheetOptions{Name: p.Text("insight.recap.sheet"), Notes: append(about, notes...), Columns: RecapColumns(p)}); err != nil {
		return 0, err
	}
	_, err = s.Recap(ctx, who, v, func(r RecapRow) error {
		n++
		status := "insight.column." + r.Status
		if r.Payment {
			status = "insight.pay." + r.Status
		}
		return w.Write(tabular.Text(r.District), tabular.Text(r.Subdistrict), tabular.Text(r.Village), tabular.Text(r.Area.Dotted()), tabular.Text(r.Name.Say(p)),
			tabular.Text(p.Text("insight.unit."+string(r.Unit))), tabular.Text(p.Text(status)), tabular.Number(r.N), tabular.Rupiah(int64(r.Amount)))
	})
	if err != nil {
		return n, fmt.Errorf("write recap: %w", err)
	}
	return n, nil
}

// heading gives what stands above a recap: the area, the period, the instant.
func (s *Service) heading(ctx context.Context, who access.Actor, v View) (d Dashboard, err error) {
	err = s.look(ctx, who, v, func(q sqldb.Querier, tree *areas.Tree) error {
		d = Dashboard{Area: v.Area, Title: tree.Title(v.Area), Period: v.period()}
		got, err := s.read(ctx, q, tree, d.Period, []area.Code{v.Area}, metricRefreshed)
		d.AsOf = got.asOf
		return err
	})
	return d, err
}

// Name gives the period as people read it: "now", or the month.
func (d Dashboard) Name(p i18n.Printer) string {
	if d.Period == Live {
		return p.Text("insight.live")
	}
	return p.DateText(d.Period)
}
