package payments

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// ListChoice says which rows of a stage go into a payment list. Excluded rows never do.
type ListChoice struct {
	Tenant  area.Tenant
	Cycle   sqldb.ID
	Channel string    // one of the programme's channels, empty for all
	Area    area.Code // zero: the whole stage
	// Full writes NIK and account in full, for the bank or Pos; else both are masked, for people. It needs the
	// right to run payments, and a purpose.
	Full    bool
	Purpose string
}

// ListRow is one row of a payment list. NIK and Account print masked.
type ListRow struct {
	Number  int64 // from 1, in the order of the list: by village
	Payment sqldb.ID
	NIK     person.NIK
	Name    string
	Head    string
	Address string
	RT, RW  string
	Area    area.Code
	Village string
	Account Account
	Channel string
	Amount  money.Rupiah
}

// PaymentList gives the rows of a payment list, village by village, and their total. The audit entry is
// committed, with the purpose and the total, before the first row is given; pages are read one by one, so that
// a slow receiver holds nothing. Errors: payments.purpose, and what yield returns.
func (s *Service) PaymentList(ctx context.Context, who access.Actor, in ListChoice, yield func(ListRow) error) (total Sum, err error) {
	if in.Full && strings.TrimSpace(in.Purpose) == "" {
		return total, fail.Invalid("payments.purpose").On("purpose")
	}
	district, err := s.district(in.Tenant)
	if err != nil {
		return total, err
	}
	if in.Area == area.Nation {
		in.Area = district
	}
	var order []sqldb.ID
	err = s.acts.View(ctx, who, "payments.export", in.Purpose, func(tx *act.Tx) error {
		if err := tx.Allow(access.ExportData, in.Tenant, in.Area); err != nil {
			return err
		}
		if in.Full {
			if err := tx.Allow(access.RunPayment, in.Tenant, in.Area); err != nil {
				return err
			}
		}
		c, err := cycleIn(ctx, tx, in.Tenant, in.Cycle)
		if err != nil {
			return err
		}
		if order, total, err = listOrder(ctx, tx, in); err != nil {
			return fmt.Errorf("sum payment list: %w", err)
		}
		return tx.Record(ctx, s.entry(c, in.Area, map[string]any{"rows": total.Rows, "amount": int64(total.Amount), "full": in.Full, "channel": in.Channel}))
	})
	if err != nil {
		return Sum{}, err
	}
	return total, s.eachListed(ctx, in, order, yield)
}

// listOrder gives the rows of a list in their order, with their sum.
func listOrder(ctx context.Context, q sqldb.Querier, in ListChoice) (order []sqldb.ID, total Sum, err error) {
	from, to := in.Area.Range()
	a := sqldb.NewArgs(q)
	query := `SELECT id, amount FROM payment WHERE kabkota = ` + a.P(int64(in.Tenant)) + ` AND cycle_id = ` + a.P(in.Cycle) +
		` AND area_code >= ` + a.P(int64(from)) + ` AND area_code < ` + a.P(int64(to)) + ` AND excluded = ''`
	if in.Channel != "" {
		query += ` AND channel = ` + a.P(in.Channel)
	}
	err = sqldb.Each(ctx, q, query+` ORDER BY area_code, id`, a.Values, func(r sqldb.Row) error {
		var id sqldb.ID
		var amount int64
		err := r.Scan(&id, &amount)
		order = append(order, id)
		total.add(Sum{1, money.Rupiah(amount)})
		return err
	})
	return order, total, err
}

func (s *Service) eachListed(ctx context.Context, in ListChoice, order []sqldb.ID, yield func(ListRow) error) error {
	tree := s.places.Tree()
	var number int64
	for some := range slices.Chunk(order, inSize) {
		rows, err := s.listed(ctx, in, some)
		if err != nil {
			return fmt.Errorf("read payment list: %w", err)
		}
		for _, id := range some {
			r := rows[id]
			number++
			r.Number, r.Village = number, tree.Title(r.Area)
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// listed reads some rows of a list. The tables person and family belong to registry and are only read.
func (s *Service) listed(ctx context.Context, in ListChoice, ids []sqldb.ID) (map[sqldb.ID]ListRow, error) {
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT p.id, p.area_code, p.account, p.channel, p.amount, coalesce(m.name, ''), m.nik, coalesce(m.nik_state, 0),
			coalesce(f.head_name, ''), coalesce(f.address, ''), coalesce(f.rt, ''), coalesce(f.rw, '')
		FROM payment p
		LEFT JOIN person m ON m.kabkota = p.kabkota AND m.id = p.person_id
		LEFT JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE p.kabkota = ` + a.P(int64(in.Tenant)) + ` AND p.id IN ` + sqldb.In(a, ids)
	out := make(map[sqldb.ID]ListRow, len(ids))
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var l ListRow
		var code, amount int64
		var nikState registry.NIKState
		var account, nik []byte
		if err := r.Scan(&l.Payment, &code, &account, &l.Channel, &amount, &l.Name, &nik, &nikState, &l.Head, &l.Address, &l.RT, &l.RW); err != nil {
			return err
		}
		l.Area, l.Amount = area.Code(code), money.Rupiah(amount)
		var err error
		if l.Account, err = s.openAccount(account); err != nil {
			return err
		}
		l.NIK, err = s.openNIK(nik, nikState)
		out[l.Payment] = l
		return err
	})
	return out, err
}

func (s *Service) openNIK(sealed []byte, state registry.NIKState) (person.NIK, error) {
	if len(sealed) == 0 || state != registry.Holder && state != registry.Contested {
		return person.NIK{}, nil
	}
	plain, err := s.keys.Open(seal.NIK, sealed)
	if err != nil {
		return person.NIK{}, fmt.Errorf("open NIK: %w", err)
	}
	return person.ParseNIK(string(plain))
}

// ListFile says how a payment list is written.
type ListFile struct {
	XLSX     bool // else CSV with semicolons, as Excel in Indonesian opens it
	Title    string
	Notes    []string
	Headings []string // of ListColumns, in their order; none writes the names themselves
}

// ListColumns names the columns of a payment list. A bank that answers with the same names is read without a mapping.
func ListColumns() []string {
	return []string{"no", "payment_id", "nik", "name", "head", "address", "rt", "rw", "area_code", "village", "channel", "account", "amount"}
}

// WriteList writes a payment list, with a last line that holds the total, and gives it. Errors: those of
// PaymentList and of the stream.
func (s *Service) WriteList(ctx context.Context, who access.Actor, in ListChoice, out io.Writer, f ListFile) (total Sum, err error) {
	headings := f.Headings
	if len(headings) != len(ListColumns()) {
		headings = ListColumns()
	}
	w, err := f.begin(out, headings)
	if err != nil {
		return total, err
	}
	total, err = s.PaymentList(ctx, who, in, func(r ListRow) error { return w.Write(r.cells(in.Full)...) })
	if err != nil {
		return total, err
	}
	last := make([]tabular.Cell, len(headings))
	last[0], last[1], last[len(last)-1] = tabular.Text("TOTAL"), tabular.Number(total.Rows), tabular.Rupiah(int64(total.Amount))
	if err := w.Write(last...); err != nil {
		return total, err
	}
	return total, w.Close()
}

func (f ListFile) begin(out io.Writer, headings []string) (tabular.Writer, error) {
	if f.XLSX {
		w := tabular.NewXLSXWriter(out)
		o := tabular.SheetOptions{Name: f.Title, Notes: f.Notes}
		for _, h := range headings {
			o.Columns = append(o.Columns, tabular.Column{Title: h})
		}
		return w, w.Sheet(o)
	}
	w := tabular.NewCSVWriter(out, tabular.CSVOptions{Separator: ';', Mark: true, CRLF: true})
	cells := make([]tabular.Cell, len(headings))
	for i, h := range headings {
		cells[i] = tabular.Text(h)
	}
	return w, w.Write(cells...)
}

func (r ListRow) cells(full bool) []tabular.Cell {
	nik, account := r.NIK.String(), r.Account.String()
	if full {
		nik, account = "", r.Account.Plain()
		if !r.NIK.IsZero() {
			nik = r.NIK.Plain()
		}
	}
	return []tabular.Cell{
		tabular.Number(r.Number), tabular.Text(r.Payment.String()), tabular.Text(nik), tabular.Text(r.Name), tabular.Text(r.Head),
		tabular.Text(r.Address), tabular.Text(r.RT), tabular.Text(r.RW), tabular.Text(r.Area.Dotted()), tabular.Text(r.Village),
		tabular.Text(r.Channel), tabular.Text(account), tabular.Rupiah(int64(r.Amount)),
	}
}
