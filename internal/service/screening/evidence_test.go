package screening_test

import (
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

func TestEvidenceIsKeptOnceAndTiedToTheHolder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(2, 1)
		rows := func() []screening.EvidenceRow {
			return []screening.EvidenceRow{
				h.says(nik(t, 1, 1), "asn", "ya", "2024-09"),
				h.says(nik(t, 1, 2), "wage", "4500000", "2024-09"),
				h.says(nik(t, 99, 1), "dead", "", "2024-08-01"), // nobody here
			}
		}
		if n := h.evidence(rows()...); n != 3 {
			t.Fatalf("loaded %d, want 3", n)
		}
		if n := h.evidence(rows()...); n != 0 {
			t.Errorf("the same rows again changed %d", n)
		}
		if n := h.evidence(h.says(nik(t, 1, 2), "wage", "5000000", "2024-09"), h.says(nik(t, 1, 2), "wage", "5500000", "2024-09")); n != 1 {
			t.Errorf("a corrected amount changed %d rows, want 1", n)
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM evidence WHERE kabkota = 8171`:                                                                        3,
			`SELECT count(*) FROM evidence WHERE kabkota = 8171 AND person_id IS NULL`:                                                  1,
			`SELECT count(*) FROM evidence WHERE kabkota = 8171 AND value = '5500000'`:                                                  1,
			`SELECT count(*) FROM evidence e JOIN person p ON p.kabkota = e.kabkota AND p.id = e.person_id AND p.nik_hash = e.nik_hash`: 2,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestEvidenceIsChecked(t *testing.T) {
	t.Parallel()
	s := screening.New(rules(t))
	for name, c := range map[string]struct {
		nik  person.NIK
		in   evidence.Statement
		code string
	}{
		"no NIK":       {person.NIK{}, evidence.Statement{Kind: "asn", AsOf: "2024", Source: "BKN"}, "nik.empty"},
		"unknown kind": {nik(t, 1, 1), evidence.Statement{Kind: "rich", AsOf: "2024", Source: "BKN"}, "evidence.kind_unknown"},
		"no amount":    {nik(t, 1, 1), evidence.Statement{Kind: "wage", AsOf: "2024", Source: "BPJS"}, "evidence.value_missing"},
		"tomorrow":     {nik(t, 1, 1), evidence.Statement{Kind: "asn", AsOf: "2024-10-16", Source: "BKN"}, "evidence.as_of_future"},
		"no source":    {nik(t, 1, 1), evidence.Statement{Kind: "asn", AsOf: "2024-10-15"}, "evidence.source_missing"},
		"sound":        {nik(t, 1, 1), evidence.Statement{Kind: "asn", AsOf: "2024-10-15", Source: "BKN"}, ""},
	} {
		if _, err := s.Evidence(c.nik, c.in, period.On(2024, 10, 15)); fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func BenchmarkLoadEvidence(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	const n, chunk = 50000, 10000
	rows := make([]screening.EvidenceRow, 0, n)
	for k := range n {
		rows = append(rows, h.says(nik(b, k, 1), "asn", "ya", "2024-09"))
	}
	b.ResetTimer()
	began := time.Now()
	for i := range b.N {
		for at := 0; at < n; at += chunk {
			h.must(h.write(func(tx *act.Tx) error {
				_, err := h.s.LoadEvidenceIn(b.Context(), tx, area.Tenant(9000+i), rows[at:at+chunk])
				return err
			}))
		}
	}
	b.ReportMetric(float64(n*b.N)/time.Since(began).Seconds(), "rows/s")
}
