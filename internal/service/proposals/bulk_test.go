package proposals_test

import (
	"context"
	"fmt"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// requests makes so many self-proposals, a day apart in tens.
func (h *house) requests(n int) []proposals.RequestRow {
	rows := make([]proposals.RequestRow, n)
	for k := range rows {
		nik, err := person.ComposeNIK(testkit.Nusaniwe, period.On(1970+k/9000, 5, 6), person.Female, k%9000+1)
		h.must(err)
		kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1+k/9000), k%9000+1)
		h.must(err)
		rows[k] = proposals.RequestRow{
			Line: int64(k + 1), RequestID: fmt.Sprint(k), Source: "UJI", Kind: proposals.Report, FiledOn: h.day().AddDays(-k % 10), Subject: "unlisted_poor", NIK: nik, KK: kk,
			Name: person.Name(fmt.Sprintf("SITI UJI %d", k)), Sex: person.Female, BirthDate: period.On(1970+k/9000, 5, 6), Address: "Jl. Uji", Area: testkit.Village,
		}
	}
	return rows
}

// all takes one step with every proposal in a state, a batch at a time.
func (h *house) all(who access.Actor, state proposal.State, step stepOf, p proposals.Paper) {
	h.t.Helper()
	for {
		page, err := h.s.Queue(h.t.Context(), verifier, proposals.Filter{State: state, Limit: 200})
		h.must(err)
		if len(page.Lines) == 0 {
			return
		}
		d := proposals.Decision{Tenant: testkit.AmbonTenant, Paper: p}
		for _, l := range page.Lines {
			d.Rows = append(d.Rows, proposals.Seen{ID: l.ID, Version: l.Version})
		}
		_, err = step(h.t.Context(), who, d)
		h.must(err)
	}
}

// endorsed takes so many requests up to the signature. The civil registry is silent: their KTPs are seen.
func (h *house) endorsed(n int) {
	h.t.Helper()
	h.matcher.silent = true
	rows := h.requests(n)
	for len(rows) > 0 {
		some := rows[:min(500, len(rows))]
		rows = rows[len(some):]
		h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
			report, err := h.s.LoadRequestsIn(h.t.Context(), tx, testkit.AmbonTenant, some)
			if err == nil && report.Filed != int64(len(some)) {
				err = fmt.Errorf("%d of %d filed", report.Filed, len(some))
			}
			return err
		}))
	}
	h.all(operator, proposal.MatchPending, h.s.List, paper("KTP dan KK dilihat"))
	h.all(headman, proposal.InitialList, h.s.Deliberate, paper("Berita acara"))
	h.all(verifier, proposal.Deliberated, h.s.Verify, proposals.Paper{})
	h.all(chief, proposal.DistrictVerified, h.s.Approve, proposals.Paper{})
	h.ratify("470/1")
}

// A determination that is stopped after any chunk goes on where it stopped: nothing is doubled, nothing
// lost, and the decree's digest is that of the whole.
func TestADeterminationGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.endorsed(11)
		h.s.InChunksOf(3)
		service := h.runs()
		set := proposals.DetermineSettings{
			Decree: proposals.Decree{Number: "80/HUK/2024", SignedBy: "Menteri Sosial", On: h.day()}, Refuse: []proposals.Refusing{{Number: "U-2024-00005", Reason: "already_listed"}},
		}
		r, err := service.Create(t.Context(), minister, runs.NewRun{Kind: "determine", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: set})
		h.must(err)
		r, err = service.Look(t.Context(), minister, r.Tenant, r.ID)
		h.must(err)
		if r.Total != 11 {
			t.Fatalf("it would determine %d", r.Total)
		}
		_, err = service.Submit(t.Context(), minister, r.Tenant, r.ID)
		h.must(err)
		if _, more, err := service.Step(t.Context(), r.Tenant, r.ID); err != nil || !more {
			t.Fatalf("the first chunk: more %v, %v", more, err)
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND state = 'ESTABLISHED'`); n != 3 {
			t.Errorf("%d after the first chunk", n)
		}
		r, err = h.runs().Drive(t.Context(), r.Tenant, r.ID, nil) // another process
		h.must(err)
		if r.Tally["established"] != 10 || r.Tally["refused"] != 1 || r.Tally["covered"] != 11 || r.Chunks != 4 {
			t.Errorf("tally %v in %d chunks, %s", r.Tally, r.Chunks, r.Failure)
		}
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171 AND state = 1 AND persons = 1`); n != 10 {
			t.Errorf("%d families", n)
		}
		if n := h.count(`SELECT count(*) FROM proposal p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id WHERE p.kabkota = 8171 AND f.source = 'USULAN-' || p.number`); n != 10 {
			t.Errorf("%d proposals lead to their family", n)
		}
		items, err := runs.Items(t.Context(), db.Direct(), r, sqldb.ID{}, 10)
		if err != nil || len(items) != 1 || items[0].Outcome != "refused" || items[0].Code != "already_listed" {
			t.Errorf("items %+v, %v", items, err)
		}
		d, covers, err := h.s.Decree(t.Context(), verifier, r.Tenant, r.ID)
		if err != nil || covers != 11 || len(d.Digest) != 64 {
			t.Errorf("decree %+v covers %d, %v", d, covers, err)
		}
		h.whole()
	})
}

// BenchmarkPath takes a district's year of self-proposals all the way.
func BenchmarkPath(b *testing.B) {
	for range b.N {
		h := newHouse(b, testkit.SQLite(b))
		const n = 2924
		h.endorsed(n)
		if _, err := h.s.Queue(context.Background(), verifier, proposals.Filter{Limit: 20}); err != nil {
			b.Fatal(err)
		}
		run, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/HUK/2024"}})
		if err != nil || run.Tally["established"] != n {
			b.Fatalf("%v, %v", run.Tally, err)
		}
	}
}
