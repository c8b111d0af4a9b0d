package payments

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
)

// Bank is the simulated bank of a training installation: how it answers a list. It is no real bank.
type Bank struct {
	outcomes   []bankOutcome
	creditDays int
	useDays    int
	returnDays int
}

type bankOutcome struct {
	Share   int
	Outcome string
	Code    string
}

// whole is what the shares of the outcomes add up to.
const whole = 10_000

// ParseBank reads simulation.yaml of data/payments, whose codes must be in the tables. The errors are for the
// one who edits the data.
func ParseBank(text []byte, tables payment.Tables) (Bank, error) {
	var d struct {
		Source     string
		Outcomes   []bankOutcome
		CreditDays int `yaml:"credit_days"`
		UseDays    int `yaml:"use_days"`
		ReturnDays int `yaml:"return_days"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return Bank{}, fmt.Errorf("simulated bank: %w", err)
	}
	sum := 0
	for _, o := range d.Outcomes {
		sum += o.Share
		switch o.Outcome {
		case "used", "unused":
		case "rejected", "returned":
			if code, err := tables.ResultCode(o.Code); err != nil || string(code.Outcome) != o.Outcome {
				return Bank{}, fmt.Errorf("simulated bank: code %q does not mean %s", o.Code, o.Outcome)
			}
		default:
			return Bank{}, fmt.Errorf("simulated bank: outcome %q", o.Outcome)
		}
	}
	if sum != whole || d.CreditDays < 1 || d.UseDays < 1 || d.ReturnDays < 1 {
		return Bank{}, fmt.Errorf("simulated bank: shares add up to %d, not %d, or a number of days is missing", sum, whole)
	}
	return Bank{d.Outcomes, d.CreditDays, d.UseDays, d.ReturnDays}, nil
}

// draw gives numbers that depend on the seed and the place of a row alone.
func draw(seed uint64, n int64) uint64 {
	h := fnv.New64a()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], seed)
	binary.BigEndian.PutUint64(b[8:], uint64(n))
	h.Write(b[:])
	x := h.Sum64()
	x ^= x >> 33 // the last bytes of the input reach few bits of FNV: mix them
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// goldenRatio is 2^64 over the golden ratio: its multiples spread evenly, whatever their number.
const goldenRatio = 0x9e3779b97f4a7c15

// even gives numbers below whole that are spread evenly from row to row, so that a short list too has the
// shares of a long one.
func even(seed uint64, n int64) int {
	return int((draw(seed, -1) + uint64(n)*goldenRatio) >> 32 * whole >> 32)
}

// Answer gives what the bank says of the n-th row of a list ordered on a day: the same for the same seed.
func (b Bank) Answer(seed uint64, n int64, ordered period.Date) (out ResultRow) {
	x := draw(seed, n)
	at := even(seed, n)
	day := func(of int) int { defer func() { x /= uint64(of) }(); return 1 + int(x%uint64(of)) }
	for _, o := range b.outcomes {
		if at -= o.Share; at >= 0 {
			continue
		}
		out.Code = o.Code
		switch o.Outcome {
		case "used", "unused":
			out.CreditedOn = ordered.AddDays(day(b.creditDays))
			if o.Outcome == "used" {
				out.UsedOn = out.CreditedOn.AddDays(day(b.useDays) - 1)
			}
		case "returned":
			out.ReturnedOn = ordered.AddDays(day(b.returnDays))
		}
		break
	}
	return out
}

// account gives the account the simulated bank keeps for the n-th row.
func (b Bank) account(seed uint64, n int64) Account {
	return Account{fmt.Sprintf("99%010d", draw(seed^0xacc0, n)%10_000_000_000)}
}

// Simulated gives the results of the simulated bank for an instructed stage, row by row in the order of the
// list. Only a training installation has such a bank: installation.not_our_level.
func (s *Service) Simulated(ctx context.Context, who access.Actor, bank Bank, tenant area.Tenant, cycle sqldb.ID, seed uint64, yield func(ResultRow) error) (n int64, err error) {
	if err := s.home.MustPerform(installation.Demonstrate); err != nil {
		return 0, err
	}
	var c Cycle
	err = s.acts.View(ctx, who, "payments.simulate", "", func(tx *act.Tx) error {
		district, err := s.district(tenant)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RunPayment, tenant, district); err != nil {
			return err
		}
		if c, err = cycleIn(ctx, tx, tenant, cycle); err != nil {
			return err
		}
		if c.State != Instructed && c.State != Reconciling {
			return wrongStage(c)
		}
		return tx.Record(ctx, s.entry(c, district, map[string]any{"seed": seed}))
	})
	if err != nil {
		return 0, err
	}
	order, _, err := listOrder(ctx, s.acts.DB().Direct(), ListChoice{Tenant: tenant, Cycle: cycle})
	if err != nil {
		return 0, fmt.Errorf("read list to simulate: %w", err)
	}
	return n, s.eachListed(ctx, ListChoice{Tenant: tenant, Cycle: cycle}, order, func(l ListRow) error {
		r := bank.Answer(seed, l.Number, c.OrderedOn)
		r.Line, r.Payment, r.NIK, r.Account, r.Amount = l.Number+1, l.Payment, l.NIK, l.Account, l.Amount
		if r.Account.IsZero() {
			r.Account = bank.account(seed, l.Number)
		}
		n++
		return yield(r)
	})
}

// ResultColumns names the columns of a result file in canonical English; first_tx_at is the first use.
func ResultColumns() []string {
	return []string{"payment_id", "nik", "account", "amount", "credited_at", "first_tx_at", "returned_at", "reject_code"}
}

// WriteSimulated writes the result file of the simulated bank as CSV, and gives the number of its rows.
func (s *Service) WriteSimulated(ctx context.Context, who access.Actor, bank Bank, tenant area.Tenant, cycle sqldb.ID, seed uint64, out io.Writer) (int64, error) {
	if !s.home.Training {
		return 0, fail.Forbidden("installation.not_our_level", "duty", string(installation.Demonstrate), "level", string(s.home.Level))
	}
	w := tabular.NewCSVWriter(out, tabular.CSVOptions{})
	cells := make([]tabular.Cell, 0, len(ResultColumns()))
	for _, name := range ResultColumns() {
		cells = append(cells, tabular.Text(name))
	}
	if err := w.Write(cells...); err != nil {
		return 0, err
	}
	n, err := s.Simulated(ctx, who, bank, tenant, cycle, seed, func(r ResultRow) error {
		nik := ""
		if !r.NIK.IsZero() {
			nik = r.NIK.Plain()
		}
		return w.Write(tabular.Text(r.Payment.String()), tabular.Text(nik), tabular.Text(r.Account.Plain()), tabular.Rupiah(int64(r.Amount)),
			tabular.Text(r.CreditedOn.Text()), tabular.Text(r.UsedOn.Text()), tabular.Text(r.ReturnedOn.Text()), tabular.Text(r.Code))
	})
	if err != nil {
		return n, err
	}
	return n, w.Close()
}
