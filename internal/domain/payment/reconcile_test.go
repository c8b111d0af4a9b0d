package payment_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

const aid = money.Rupiah(600_000)

func id(n int) [16]byte { return [16]byte{0: 1, 14: byte(n >> 8), 15: byte(n)} }

func line(n int) payment.Line { return payment.Line{ID: id(n), Amount: aid} }

var (
	credit = period.On(2025, 7, 3)
	use    = period.On(2025, 7, 10)
	back   = period.On(2025, 10, 20)
)

func TestHowARowEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		line  payment.Line
		bank  []payment.BankRow
		want  payment.Outcome
		found []payment.FindingKind
	}{
		{"credited and used", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use, Code: "00"}},
			payment.Outcome{Final: payment.PaidUsed, Amount: aid}, nil},
		{"used on the day of the credit", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: credit}},
			payment.Outcome{Final: payment.PaidUsed, Amount: aid}, nil},
		{"credited, not used", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit}},
			payment.Outcome{Final: payment.PaidUnused, Amount: aid, BackBy: credit.AddDays(105)}, nil},
		{"rejected by the bank", line(1), []payment.BankRow{{ID: id(1), Amount: aid, Code: "05"}}, payment.Outcome{Final: payment.Rejected, Why: "05"}, nil},
		{"credited and gone back", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, ReturnedOn: back}},
			payment.Outcome{Final: payment.Returned}, nil},
		{"never credited and gone back", line(1), []payment.BankRow{{ID: id(1), Amount: aid, ReturnedOn: back, Code: "RETUR"}},
			payment.Outcome{Final: payment.Returned, Why: "RETUR"}, nil},
		{"excluded and not at the bank", payment.Line{ID: id(1), Amount: aid, Excluded: payment.ExcludedDead}, nil,
			payment.Outcome{Final: payment.Rejected, Why: "EXCLUDED_DEAD"}, nil},
		{"excluded and paid all the same", payment.Line{ID: id(1), Amount: aid, Excluded: payment.ExcludedDead},
			[]payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use}},
			payment.Outcome{Final: payment.PaidUsed, Amount: aid}, []payment.FindingKind{payment.FindingExcludedPaid}},
		{"no word from the bank", line(1), nil, payment.Outcome{}, []payment.FindingKind{payment.FindingMissing}},
		{"used and never credited", line(1), []payment.BankRow{{ID: id(1), Amount: aid, UsedOn: use}}, payment.Outcome{}, []payment.FindingKind{payment.FindingContradiction}},
		{"used before it was credited", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: use, UsedOn: credit}}, payment.Outcome{}, []payment.FindingKind{payment.FindingContradiction}},
		{"used and gone back", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use, ReturnedOn: back}}, payment.Outcome{}, []payment.FindingKind{payment.FindingContradiction}},
		{"rejected and credited", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, Code: "05"}}, payment.Outcome{}, []payment.FindingKind{payment.FindingContradiction}},
		{"done, and no day of it", line(1), []payment.BankRow{{ID: id(1), Amount: aid, Code: "00"}}, payment.Outcome{}, []payment.FindingKind{payment.FindingContradiction}},
		{"a code nobody knows", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, Code: "ZZ"}}, payment.Outcome{}, []payment.FindingKind{payment.FindingCode}},
		{"another amount", line(1), []payment.BankRow{{ID: id(1), Amount: aid - 1, CreditedOn: credit, UsedOn: use}},
			payment.Outcome{Final: payment.PaidUsed, Amount: aid - 1}, []payment.FindingKind{payment.FindingAmount}},
		{"the same row twice", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use}, {ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use}},
			payment.Outcome{Final: payment.PaidUsed, Amount: aid}, []payment.FindingKind{payment.FindingTwice}},
		{"two rows that differ", line(1), []payment.BankRow{{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use}, {ID: id(1), Amount: aid, Code: "05"}},
			payment.Outcome{}, []payment.FindingKind{payment.FindingTwice}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := payment.Reconcile([]payment.Line{tt.line}, aid, tt.bank, load(t), 105)
			var found []payment.FindingKind
			for _, f := range r.Findings {
				found = append(found, f.Kind)
			}
			if r.Outcomes[0] != tt.want || !reflect.DeepEqual(found, tt.found) {
				t.Errorf("got %+v %v, want %+v %v", r.Outcomes[0], found, tt.want, tt.found)
			}
			if closable := r.Close() == nil; closable && (tt.want.Final == "" || tt.found != nil) {
				t.Error("a stage with an open row or a finding was closed")
			}
		})
	}
}

func TestTheSumCheck(t *testing.T) {
	t.Parallel()
	list := []payment.Line{line(1), line(2), line(3), {ID: id(4), Amount: aid, Excluded: payment.Excluded}}
	bank := []payment.BankRow{
		{ID: id(1), Amount: aid, CreditedOn: credit, UsedOn: use}, {ID: id(2), Amount: aid, CreditedOn: credit}, {ID: id(3), Amount: aid, Code: "14"},
	}
	r := payment.Reconcile(list, 3*aid, bank, load(t), 105)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := map[payment.Status]payment.Sum{payment.PaidUsed: {1, aid}, payment.PaidUnused: {1, aid}, payment.Rejected: {2, 2 * aid}}
	if !reflect.DeepEqual(r.ByFinal, want) || r.Listed != (payment.Sum{Rows: 4, Amount: 4 * aid}) || r.Payable != (payment.Sum{Rows: 3, Amount: 3 * aid}) {
		t.Errorf("%+v", r)
	}
	tests := []struct {
		name      string
		disbursed money.Rupiah
		bank      []payment.BankRow
		code      string
	}{
		{"the treasury paid more than was listed", 3*aid + 1, bank, "payment.not_balanced"},
		{"the bank gave one away that is on no line", 3 * aid, append(bank[:3:3], payment.BankRow{ID: id(9), Amount: aid, CreditedOn: credit}), "payment.not_balanced"},
		{"a stranger without money is found all the same", 3 * aid, append(bank[:3:3], payment.BankRow{ID: id(9), Code: "14"}), "payment.findings"},
		{"a row is missing", 3 * aid, bank[:2], "payment.rows_open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := payment.Reconcile(list, tt.disbursed, tt.bank, load(t), 105).Close(); fail.CodeOf(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

// Whatever the bank sends: every line has one final state or is open, and the sums add up to the list.
func TestEveryRupiahIsSomewhere(t *testing.T) {
	t.Parallel()
	tables := load(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "lines")
		list := make([]payment.Line, n)
		for i := range list {
			list[i] = payment.Line{ID: id(i), Amount: money.Rupiah(rapid.Int64Range(0, 5e6).Draw(t, "amount"))}
			if rapid.IntRange(0, 9).Draw(t, "excluded") == 0 {
				list[i].Excluded = rapid.SampledFrom(payment.Exclusions()).Draw(t, "why")
			}
		}
		dates := []period.Date{{}, credit, use, back}
		bank := make([]payment.BankRow, rapid.IntRange(0, 60).Draw(t, "rows"))
		for i := range bank {
			bank[i] = payment.BankRow{
				ID: id(rapid.IntRange(0, n+3).Draw(t, "id")), Amount: money.Rupiah(rapid.Int64Range(0, 5e6).Draw(t, "amount")),
				CreditedOn: rapid.SampledFrom(dates).Draw(t, "credited"), UsedOn: rapid.SampledFrom(dates).Draw(t, "used"),
				ReturnedOn: rapid.SampledFrom(dates).Draw(t, "returned"), Code: rapid.SampledFrom([]string{"", "00", "05", "RETUR", "??"}).Draw(t, "code"),
			}
		}
		r := payment.Reconcile(list, 0, bank, tables, 105)
		total, rows := r.Open.Amount, r.Open.Rows
		for _, s := range payment.Finals() {
			total += r.ByFinal[s].Amount
			rows += r.ByFinal[s].Rows
		}
		if total != r.Listed.Amount || rows != n || len(r.Outcomes) != n || len(r.ByFinal) > 4 {
			t.Fatalf("%+v", r)
		}
		for i, o := range r.Outcomes {
			if o.Final != "" && !o.Final.Final() || (o.Final == payment.Rejected || o.Final == payment.Returned) && o.Amount != 0 {
				t.Fatalf("line %d: %+v", i, o)
			}
		}
	})
}

func BenchmarkReconcile(b *testing.B) {
	tables := load(b)
	list, bank := make([]payment.Line, 50_000), make([]payment.BankRow, 50_000)
	for i := range list {
		list[i] = payment.Line{ID: id(i), Amount: aid}
		bank[i] = payment.BankRow{ID: id(i), Amount: aid, CreditedOn: credit, UsedOn: use}
	}
	for b.Loop() {
		payment.Reconcile(list, 50_000*aid, bank, tables, 105)
	}
}
