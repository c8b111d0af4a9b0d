package payment_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	data "tepat/data/programmes"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

func load(t testing.TB) payment.Tables {
	t.Helper()
	tables, err := payment.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func TestTheOrderOfTheTreasury(t *testing.T) {
	t.Parallel()
	s := payment.Listed
	for _, next := range []payment.Status{payment.OMSPAN, payment.AccountOpening, payment.AccountCheck, payment.SPM, payment.SP2D, payment.SI, payment.Credited, payment.NotUsed, payment.PaidUsed} {
		moved, err := payment.Move(s, next)
		if err != nil {
			t.Fatalf("%s to %s: %v", s, next, err)
		}
		s = moved
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		from, to payment.Status
		ok       bool
	}{
		{"a failed check is repaired", payment.OMSPANFailed, payment.OMSPAN, true},
		{"no account yet: paid by Pos", payment.AccountOpeningFailed, payment.SPM, true},
		{"a payee found dead before the order", payment.SPM, payment.ExcludedDead, true},
		{"an exclusion is disproved", payment.ExcludedOccupation, payment.Listed, true},
		{"an exclusion ends the row unpaid", payment.ExcludedOccupation, payment.Rejected, true},
		{"nobody is excluded after the treasury paid", payment.SP2D, payment.ExcludedDead, false},
		{"no credit without a disbursement", payment.SPM, payment.Credited, false},
		{"the bank rejects the instruction", payment.SI, payment.Rejected, true},
		{"what was credited is not rejected", payment.Credited, payment.Rejected, false},
		{"untouched money goes back", payment.NotUsed, payment.Returned, true},
		{"used money does not", payment.PaidUsed, payment.Returned, false},
		{"nothing leads back from the end", payment.Rejected, payment.Listed, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := payment.Move(tt.from, tt.to)
			if (err == nil) != tt.ok || tt.ok && got != tt.to || !tt.ok && (got != tt.from || fail.CodeOf(err) != "payment.transition") {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestAFileMaySkipSteps(t *testing.T) {
	t.Parallel()
	if s, err := payment.Jump(payment.Listed, payment.Credited); err != nil || s != payment.Credited {
		t.Errorf("listed last month, credited now: %v", err)
	}
	if s, err := payment.Jump(payment.SI, payment.SI); err != nil || s != payment.SI {
		t.Errorf("the same again: %v", err)
	}
	for _, bad := range [][2]payment.Status{{payment.PaidUsed, payment.SI}, {payment.Credited, payment.OMSPAN}, {payment.Listed, payment.NoRow}} {
		if _, err := payment.Jump(bad[0], bad[1]); fail.CodeOf(err) != "payment.transition" {
			t.Errorf("%s to %s: %v", bad[0], bad[1], err)
		}
	}
}

// From every status a final one can be reached, none leads out of a final one, and no walk meets a
// status that is not in the list.
func TestEveryWalkCanEnd(t *testing.T) {
	t.Parallel()
	for _, s := range payment.Statuses() {
		if s.Final() != (len(s.Next()) == 0) {
			t.Errorf("%s: final %v with %d ways on", s, s.Final(), len(s.Next()))
		}
		ends := slices.ContainsFunc(payment.Finals(), func(f payment.Status) bool { _, err := payment.Jump(s, f); return err == nil })
		if !ends {
			t.Errorf("no way from %s to an end", s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := payment.Listed
		for range 50 {
			next := s.Next()
			if len(next) == 0 {
				break
			}
			s = rapid.SampledFrom(next).Draw(t, "next")
			if !slices.Contains(payment.Statuses(), s) {
				t.Fatalf("met %s", s)
			}
		}
	})
}

func TestEveryStatusIsExplained(t *testing.T) {
	t.Parallel()
	tables := load(t)
	for _, s := range append(payment.Statuses(), payment.NoRow) {
		m := tables.Meaning(s)
		if m.Code != s || m.Next.ID == "" {
			t.Errorf("%s is not explained", s)
		}
	}
	repair := 0
	for _, m := range tables.Meanings() {
		if m.Repair {
			repair++
		}
		if strings.HasSuffix(string(m.Code), "_FAILED") && !m.Repair {
			t.Errorf("%s is not in the repair queue", m.Code)
		}
	}
	if repair == 0 || tables.Meaning("NONSENSE").Code != "" {
		t.Error("the repair queue")
	}
}

func TestStatusesAsFilesWriteThem(t *testing.T) {
	t.Parallel()
	tables := load(t)
	for text, want := range map[string]payment.Status{
		"DATA FINAL / SK": payment.Listed, "Gagal OMSPAN": payment.OMSPANFailed, "PROSES BUREKOL": payment.AccountOpening, " gagal  cek rekening ": payment.AccountCheckFailed,
		"SP2D": payment.SP2D, "Top Up": payment.Credited, "BERHASIL SALUR": payment.Credited, "TIDAK TRANSAKSI": payment.NotUsed, "EXCLUDE (Rp0)": payment.Excluded,
		"EXCLUDE PEKERJAAN": payment.ExcludedOccupation, "EXCLUDE TIDAK LAYAK DAERAH": payment.ExcludedRegion, "EXCLUDE MENINGGAL": payment.ExcludedDead, "OMSPAN_FAILED": payment.OMSPANFailed,
	} {
		if got, err := tables.Parse(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	if _, err := tables.Parse("SEDANG DIPIKIRKAN"); fail.CodeOf(err) != "payment.status_unknown" {
		t.Errorf("got %v", err)
	}
}

func TestResultCodes(t *testing.T) {
	t.Parallel()
	tables := load(t)
	if c, err := tables.ResultCode(" 05 "); err != nil || c.Outcome != payment.ResultRejected {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := tables.ResultCode("99"); fail.CodeOf(err) != "payment.result_unknown" {
		t.Errorf("got %v", err)
	}
}

func TestDueBack(t *testing.T) {
	t.Parallel()
	if got := payment.DueBack(period.On(2025, 7, 1), 105); got != period.On(2025, 10, 14) {
		t.Errorf("105 days after 1 July 2025: %s", got)
	}
	if got := payment.DueBack(period.On(2025, 7, 1), 0); !got.IsZero() {
		t.Errorf("no days, no date: %s", got)
	}
}

func TestLoadRefusesTablesThatDoNotFit(t *testing.T) {
	t.Parallel()
	good, err := data.Files.ReadFile("rules/payment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"all is well", "", "", ""},
		{"one spelling for two", `aliases: ["PROSES OMSPAN"]`, `aliases: ["SP2D"]`, "means both"},
		{"a status too few", "code: NO_ROW", "code: OTHER_ROW", "there 0 times"},
		{"a code twice", `code: "14"`, `code: "05"`, "twice"},
		{"an outcome nobody knows", "outcome: returned", "outcome: lost", "outcome"},
		{"a field nobody reads", "phase: none", "phase: none, colour: red", "colour"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(string(good), tt.old, tt.new, 1)
			_, err := payment.Load(fstest.MapFS{"rules/payment.yaml": {Data: []byte(text)}})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
