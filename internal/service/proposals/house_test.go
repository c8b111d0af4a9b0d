package proposals_test

import (
	"context"
	"fmt"
	models "tepat/data/linkage"
	"tepat/internal/domain/linkage"
	"tepat/internal/service/identity"
	"testing"
	"time"

	questions "tepat/data/questionnaire"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/installation"
	"tepat/internal/service/letters"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// The people of the examples. Each has one role.
var (
	operator  = testkit.Person(1, access.Operator, testkit.Village)
	headman   = testkit.Person(2, access.VillageHead, testkit.Village)
	verifier  = testkit.Person(3, access.Verifier, testkit.Ambon)
	chief     = testkit.Person(4, access.AgencyHead, testkit.Ambon)
	signer    = testkit.Person(5, access.Signer, testkit.Ambon)
	minister  = testkit.Person(6, access.Ministry, area.Nation)
	neighbour = testkit.Person(7, access.Operator, testkit.Neighbour)
	admin     = testkit.Person(8, access.Admin, testkit.Ambon)
)

// house is an installation with everything proposals stand on.
type house struct {
	t       testing.TB
	db      *sqldb.DB
	clock   *testkit.Clock
	acts    *act.Acts
	keys    *seal.Keyring
	places  *areas.Service
	reg     *registry.Service
	civil   *civil.Service
	matcher *asks
	jobs    jobs
	letters *letters.Service
	home    installation.Installation
	s       *proposals.Service
}

// asks is a civil registry tests can silence.
type asks struct {
	civil.Registry
	silent bool
	away   bool // asked over a network
}

// Local tells that it is asked at once.
func (a *asks) Local() bool { return !a.away }

// jobs keeps what was enqueued; none of it where there is no queue.
type jobs struct {
	list []any
	shut bool
}

func (j *jobs) Enqueue(_ context.Context, _ *sqldb.Tx, job any) error {
	if j.shut {
		return act.ErrNoQueue
	}
	j.list = append(j.list, job)
	return nil
}

func (a *asks) Ask(ctx context.Context, q sqldb.Querier, questions []civil.Question) ([]civilmatch.Answer, error) {
	if a.silent {
		return make([]civilmatch.Answer, len(questions)), nil
	}
	return a.Registry.Ask(ctx, q, questions)
}

func newHouse(t testing.TB, db *sqldb.DB) *house {
	return newHouseOf(t, db, installation.District, true)
}

func newHouseOf(t testing.TB, db *sqldb.DB, level installation.Level, training bool) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t)}
	h.acts = act.New(db, h.clock.Now, &h.jobs)
	h.seedPlaces()
	var err error
	h.places, err = areas.Open(t.Context(), h.acts, schema.Tables())
	h.must(err)
	at := testkit.Ambon
	if level == installation.Village {
		at = testkit.Village
	}
	h.home, err = installation.Create(t.Context(), db, installation.Creation{Name: "Uji", Level: level, Areas: []area.Code{at}, Training: training}, h.clock.Now())
	h.must(err)
	h.reg = registry.New(h.acts, h.keys)
	h.matcher = &asks{Registry: civil.NewFile(h.keys, civilmatch.FullValues)}
	h.civil = civil.New(h.acts, h.keys, h.reg, h.matcher)
	h.letters = letters.NewService(h.acts, h.places)
	forms, err := questionnaire.Load(questions.Files)
	h.must(err)
	rules, routes, err := proposals.Workflow()
	h.must(err)
	h.s = proposals.New(proposals.Parts{
		Acts: h.acts, Keys: h.keys, Places: h.places, Registry: h.reg, Civil: h.civil, Matcher: h.matcher, Home: h.home, Forms: forms,
		Rules: rules, Routes: routes, Letters: proposals.LetterFunc(h.issue),
		Alikes: identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: linkageModel(h.t)}),
	})
	return h
}

func linkageModel(t testing.TB) *linkage.Model {
	t.Helper()
	m, err := linkage.ParseModel(models.Identity, models.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// issue ties the register of letters as app does.
func (h *house) issue(ctx context.Context, tx *act.Tx, l proposals.Letter) error {
	_, err := h.letters.IssueIn(ctx, tx, letters.New{Tenant: l.Tenant, Kind: letters.Kind(l.Kind), Subject: l.Proposal, Area: l.Area, Facts: l.Facts})
	return err
}

// seedPlaces lists the few areas the tests need: the nation's list is the test of package areas.
func (h *house) seedPlaces() {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		for _, p := range []struct {
			code area.Code
			name string
		}{
			{8100000000, "Maluku"}, {testkit.Ambon, "Kota Ambon"}, {testkit.Nusaniwe, "Nusaniwe"}, {testkit.Village, "Nusaniwe"}, {testkit.Neighbour, "Benteng"},
			{8172000000, "Kota Tual"}, {8172010000, "Pulau Dullah Utara"}, {8172011001, "Taar"},
		} {
			village := int64(0)
			if p.code.Level() == area.LevelVillage {
				village = int64(p.code)
			}
			_, err := tx.Exec(h.t.Context(), `
				INSERT INTO area (code, name, name_norm, kind, level, parent, kabkota, village_id, bps_code, valid_from, valid_to)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '2020-01-01', '')`,
				int64(p.code), p.name, areas.Fold(p.name), p.code.Kind().String(), int64(p.code.Level()), int64(p.code.Parent()), int64(area.FirstTenant(p.code)), village)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// write runs f as an act whose permission the tests of other packages cover.
func (h *house) write(who access.Actor, p access.Permission, f func(*act.Tx) error) error {
	return h.acts.Write(h.t.Context(), who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(p, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
}

func born(n int) period.Date { return period.On(1980+n, 5, 6) }

// nikOf gives the NIK of person n of family k.
func nikOf(t testing.TB, k, n int) person.NIK {
	t.Helper()
	out, err := person.ComposeNIK(testkit.Nusaniwe, born(n), person.Female, k)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func kkOf(t testing.TB, k int) person.KK {
	t.Helper()
	out, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1), k)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// form gives the filled form of family k: a head and a child.
func (h *house) form(k int) proposals.Document {
	return proposals.Document{
		KK: kkOf(h.t, k), Address: "Jl. Uji 1", RT: "001", RW: "002", Questionnaire: "REGSOSEK22-K", Papers: []string{"KTP", "KK", "Foto rumah depan"},
		Answers: questionnaire.Answers{"dwelling_tenure": questionnaire.Number(2)},
		Members: []proposals.Member{
			{NIK: nikOf(h.t, k, 1), Name: person.Name(fmt.Sprintf("SITI UJI %d", k)), Sex: person.Female, BirthPlace: "AMBON", BirthDate: born(1), MotherName: "IBU UJI", Relation: person.Head},
			{NIK: nikOf(h.t, k, 2), Name: person.Name(fmt.Sprintf("ANI UJI %d", k)), Sex: person.Female, BirthPlace: "AMBON", BirthDate: born(2), MotherName: "SITI UJI", Relation: person.Child},
		},
	}
}

// recorded puts the people of a form into the civil registry as they are.
func (h *house) recorded(d proposals.Document) {
	h.t.Helper()
	var rows []civil.CivilRow
	for _, m := range d.Members {
		row := civil.CivilRow{
			Tenant: testkit.AmbonTenant, NIK: m.NIK, KK: d.KK, Name: m.Name.Plain(), Sex: m.Sex, BirthPlace: m.BirthPlace, BirthDate: m.BirthDate,
			MotherName: m.MotherName.Plain(), Relation: m.Relation, Area: testkit.Village, AsOf: "2024-01-01",
		}
		h.civil.Ready(&row)
		rows = append(rows, row)
	}
	h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
		_, err := h.civil.LoadIn(h.t.Context(), tx, rows)
		return err
	}))
}

// filed files the form of family k, whose people the civil registry knows.
func (h *house) filed(k int) proposals.Row {
	h.t.Helper()
	d := h.form(k)
	h.recorded(d)
	r, err := h.s.File(h.t.Context(), operator, proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: testkit.Village, Document: d})
	h.must(err)
	return r.Row
}

func paper(name string) proposals.Paper { return proposals.Paper{Name: name} }

func on(r proposals.Row, p proposals.Paper, reason string) proposals.Decision {
	d := proposals.One(r)
	d.Paper, d.Reason = p, reason
	return d
}

type stepOf func(context.Context, access.Actor, proposals.Decision) ([]proposals.Row, error)

// take takes one step and gives the proposal after it.
func (h *house) take(who access.Actor, step stepOf, d proposals.Decision) proposals.Row {
	h.t.Helper()
	rows, err := step(h.t.Context(), who, d)
	h.must(err)
	return rows[0]
}

// upTo walks a filed proposal to a state of the path.
func (h *house) upTo(r proposals.Row, state proposal.State) proposals.Row {
	h.t.Helper()
	for r.State != state {
		switch r.State {
		case proposal.Matched, proposal.Submitted:
			r = h.take(operator, h.s.List, proposals.One(r))
		case proposal.InitialList:
			r = h.take(headman, h.s.Deliberate, on(r, paper("Berita acara"), ""))
		case proposal.Deliberated:
			r = h.take(verifier, h.s.Verify, proposals.One(r))
		case proposal.DistrictVerified:
			r = h.take(chief, h.s.Approve, proposals.One(r))
		case proposal.AgencyApproved:
			h.ratify("470/" + r.Number)
			r = h.open(r).Row
		default:
			h.t.Fatalf("no way from %s to %s", r.State, state)
		}
	}
	return r
}

func (h *house) ratify(number string) proposals.Ratified {
	h.t.Helper()
	waits, err := h.s.AwaitRatification(h.t.Context(), signer, testkit.Ambon)
	h.must(err)
	out, err := h.s.Ratify(h.t.Context(), signer, proposals.Ratifying{
		Area: testkit.Ambon, Number: number, SignedBy: "Wali Kota Ambon", About: "Pengesahan usulan", Digest: waits.Digest, Paper: "pengesahan.pdf",
	})
	h.must(err)
	return out
}

func (h *house) open(r proposals.Row) proposals.View {
	h.t.Helper()
	v, err := h.s.Open(h.t.Context(), verifier, r.Tenant, r.ID, "uji")
	h.must(err)
	return v
}

func (h *house) runs() *runs.Service {
	people := map[sqldb.ID]access.Actor{}
	for _, who := range []access.Actor{operator, headman, verifier, chief, signer, minister} {
		people[who.ID] = who
	}
	return runs.New(h.acts, func(_ context.Context, id sqldb.ID) (access.Actor, error) { return people[id], nil }, nil, h.s.DetermineKind())
}

// determine makes, looks at and drives a determination.
func (h *house) determine(who access.Actor, set proposals.DetermineSettings) (runs.Run, error) {
	h.t.Helper()
	service := h.runs()
	if set.Decree.SignedBy == "" {
		set.Decree.SignedBy, set.Decree.On = "Menteri Sosial", h.places.LocalDate(testkit.Ambon, h.clock.Now())
	}
	r, err := service.Create(h.t.Context(), who, runs.NewRun{Kind: "determine", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: set})
	if err != nil {
		return r, err
	}
	if r, err = service.Look(h.t.Context(), who, testkit.AmbonTenant, r.ID); err != nil {
		return r, err
	}
	if r, err = service.Submit(h.t.Context(), who, testkit.AmbonTenant, r.ID); err != nil {
		return r, err
	}
	return service.Drive(h.t.Context(), testkit.AmbonTenant, r.ID, nil)
}

// want fails unless the error has the code; "" wants none.
func want(t testing.TB, what string, err error, code string) {
	t.Helper()
	if got := fail.CodeOf(err); got != code || code == "" && err != nil {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// whole checks what must always hold of every proposal: its version is the number of its events, the
// events follow each other along the table of transitions, and every refusal has its reason.
func (h *house) whole() {
	h.t.Helper()
	legal := map[[3]string]bool{}
	for _, tr := range proposal.Transitions() {
		legal[[3]string{string(tr.From), string(tr.Action), string(tr.To)}] = true
	}
	type line struct {
		id                       sqldb.ID
		seq                      int64
		action, from, to, reason string
	}
	last := map[sqldb.ID]line{}
	err := sqldb.Each(h.t.Context(), h.db.Direct(), `
		SELECT proposal_id, seq, action, from_state, to_state, reason FROM proposal_event WHERE kabkota = 8171 ORDER BY proposal_id, seq`, nil, func(r sqldb.Row) error {
		var e line
		if err := r.Scan(&e.id, &e.seq, &e.action, &e.from, &e.to, &e.reason); err != nil {
			return err
		}
		before := last[e.id]
		if before.seq == 0 {
			before.to = string(proposal.Draft)
		}
		if e.seq != before.seq+1 || e.from != before.to || !legal[[3]string{e.from, e.action, e.to}] {
			h.t.Errorf("event %d of %s: %s from %s to %s after %s", e.seq, e.id, e.action, e.from, e.to, before.to)
		}
		for _, state := range []proposal.State{proposal.Refused, proposal.Returned, proposal.Withdrawn, proposal.MatchFailed} {
			if e.to == string(state) && e.reason == "" {
				h.t.Errorf("%s was taken to %s without a reason", e.id, e.to)
			}
		}
		last[e.id] = e
		return nil
	})
	h.must(err)
	err = sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT id, version, state FROM proposal WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var id sqldb.ID
		var version int64
		var state string
		if err := r.Scan(&id, &version, &state); err != nil {
			return err
		}
		if e := last[id]; e.seq != version || e.to != state {
			h.t.Errorf("%s is %s at version %d, its last event is %d to %s", id, state, version, e.seq, e.to)
		}
		delete(last, id)
		return nil
	})
	h.must(err)
	if len(last) > 0 {
		h.t.Errorf("%d histories without a proposal", len(last))
	}
}

// day gives a local date of the tests' clock.
func (h *house) day() period.Date { return h.places.LocalDate(testkit.Ambon, h.clock.Now()) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
