package grievances_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	questions "tepat/data/questionnaire"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/grievance"
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
	"tepat/internal/service/grievances"
	"tepat/internal/service/installation"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// The people of the examples. Each has one role.
var (
	operator  = testkit.Person(1, access.Operator, testkit.Village)
	headman   = testkit.Person(2, access.VillageHead, testkit.Village)
	verifier  = testkit.Person(3, access.Verifier, testkit.Ambon)
	chief     = testkit.Person(4, access.AgencyHead, testkit.Ambon)
	colleague = testkit.Person(5, access.Verifier, testkit.Ambon)
	neighbour = testkit.Person(7, access.Operator, testkit.Neighbour)
)

// loadPerson knows the people of the examples, as service/accounts knows everybody.
func loadPerson(_ context.Context, id sqldb.ID) (access.Actor, error) {
	for _, one := range []access.Actor{operator, headman, verifier, chief, colleague, neighbour} {
		if one.ID == id {
			return one, nil
		}
	}
	return access.Actor{}, fail.Unauthorized("access.nobody")
}

type house struct {
	t         testing.TB
	db        *sqldb.DB
	clock     *testkit.Clock
	acts      *act.Acts
	keys      *seal.Keyring
	places    *areas.Service
	reg       *registry.Service
	proposals *proposals.Service
	s         *grievances.Service
}

func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t)}
	h.acts = act.New(db, h.clock.Now, nil)
	h.seedPlaces()
	var err error
	h.places, err = areas.Open(t.Context(), h.acts, schema.Tables())
	h.must(err)
	home, err := installation.Create(t.Context(), db, installation.Creation{Name: "Uji", Level: installation.District, Areas: []area.Code{testkit.Ambon}}, h.clock.Now())
	h.must(err)
	h.reg = registry.New(h.acts, h.keys)
	file := civil.NewFile(h.keys, civilmatch.FullValues)
	forms, err := questionnaire.Load(questions.Files)
	h.must(err)
	rules, routes, err := proposals.Workflow()
	h.must(err)
	h.proposals = proposals.New(proposals.Parts{
		Acts: h.acts, Keys: h.keys, Places: h.places, Registry: h.reg, Civil: civil.New(h.acts, h.keys, h.reg, file), Matcher: file, Home: home, Forms: forms,
		Rules: rules, Routes: routes,
	})
	h.s = grievances.New(grievances.Parts{Acts: h.acts, Keys: h.keys, Places: h.places, Registry: h.reg, Proposals: h.proposals, Home: home, Load: loadPerson})
	return h
}

func (h *house) seedPlaces() {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		for code, name := range map[area.Code]string{
			8100000000: "Maluku", testkit.Ambon: "Kota Ambon", testkit.Nusaniwe: "Nusaniwe", testkit.Village: "Nusaniwe", testkit.Neighbour: "Benteng", 8172011001: "Taar",
		} {
			village := int64(0)
			if code.Level() == area.LevelVillage {
				village = int64(code)
			}
			_, err := tx.Exec(h.t.Context(), `
				INSERT INTO area (code, name, name_norm, kind, level, parent, kabkota, village_id, bps_code, valid_from, valid_to)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '2020-01-01', '')`,
				int64(code), name, areas.Fold(name), code.Kind().String(), int64(code.Level()), int64(code.Parent()), int64(area.FirstTenant(code)), village)
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

func (h *house) day() period.Date { return h.places.LocalDate(testkit.Ambon, h.clock.Now()) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func nikOf(t testing.TB, k int) person.NIK {
	t.Helper()
	out, err := person.ComposeNIK(testkit.Nusaniwe, period.On(1981, 5, 6), person.Female, k)
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

func last4(t testing.TB, k int) string { return nikOf(t, k).Plain()[12:] }

// registered puts family k of one person into the registry.
func (h *house) registered(k int, at area.Code) registry.Family {
	h.t.Helper()
	row := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprint(k), KK: kkOf(h.t, k), NIK: nikOf(h.t, k), Name: fmt.Sprintf("SITI UJI %d", k), Sex: person.Female,
		BirthDate: period.On(1981, 5, 6), Relation: person.Head, Area: at, VillageID: int64(at), Address: "Jl. Lama",
	}
	h.reg.Ready(&row, fmt.Appendf(nil, "%d", k))
	hash := h.reg.NIKHash(row.NIK)
	var f registry.Family
	h.must(h.acts.Write(h.t.Context(), verifier, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if _, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{row}); err != nil {
			return err
		}
		holders, err := h.reg.HoldersIn(h.t.Context(), tx, []sqldb.Hash{hash})
		if err != nil {
			return err
		}
		if f, err = h.reg.FamilyIn(h.t.Context(), tx, testkit.AmbonTenant, holders[hash].FamilyID); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: at})
	}))
	return f
}

// refused files a proposal of family k and refuses it.
func (h *house) refused(k int) proposals.Row {
	h.t.Helper()
	d := proposals.Document{KK: kkOf(h.t, k), Address: "Jl. Uji", Members: []proposals.Member{{
		NIK: nikOf(h.t, k), Name: person.Name(fmt.Sprintf("SITI UJI %d", k)), Sex: person.Female, BirthDate: period.On(1981, 5, 6), Relation: person.Head,
	}}}
	f := proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Document: d}
	r, err := h.proposals.File(h.t.Context(), operator, f)
	h.must(err)
	if r.State == proposal.MatchFailed { // nothing is in the civil registry here: compared again it is the same
		h.must(h.recorded(k))
		row, err := h.proposals.Repair(h.t.Context(), operator, proposals.Mending{Tenant: r.Tenant, Seen: proposals.Seen{ID: r.ID, Version: r.Version}})
		h.must(err)
		r.Row = row
	}
	take := func(who access.Actor, step func(context.Context, access.Actor, proposals.Decision) ([]proposals.Row, error), reason string) {
		d := proposals.One(r.Row)
		d.Paper, d.Reason = proposals.Paper{Name: "Dokumen"}, reason
		rows, err := step(h.t.Context(), who, d)
		h.must(err)
		r.Row = rows[0]
	}
	take(operator, h.proposals.List, "")
	take(headman, h.proposals.Deliberate, "")
	take(verifier, h.proposals.Refuse, "able")
	return r.Row
}

// recorded puts person k into the civil registry.
func (h *house) recorded(k int) error {
	s := civil.New(h.acts, h.keys, h.reg, civil.NewFile(h.keys, civilmatch.FullValues))
	row := civil.CivilRow{
		Tenant: testkit.AmbonTenant, NIK: nikOf(h.t, k), KK: kkOf(h.t, k), Name: fmt.Sprintf("SITI UJI %d", k), Sex: person.Female, BirthDate: period.On(1981, 5, 6),
		Relation: person.Head, Area: testkit.Village, AsOf: "2024-01-01",
	}
	s.Ready(&row)
	return h.acts.Write(h.t.Context(), verifier, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if _, err := s.LoadIn(h.t.Context(), tx, []civil.CivilRow{row}); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
}

// words gives a document of person k, or of nobody for 0.
func (h *house) words(k int, text string) grievances.Document {
	d := grievances.Document{Words: text}
	if k > 0 {
		d.Name, d.NIK, d.KK = person.Name(fmt.Sprintf("SITI UJI %d", k)), nikOf(h.t, k), kkOf(h.t, k)
	}
	return d
}

func (h *house) complaint(k int, topic grievance.Kind) grievances.Receipt {
	h.t.Helper()
	r, err := h.s.File(h.t.Context(), verifier, grievances.Filing{
		Request: sqldb.NewID(), Kind: grievances.Complaint, Topic: string(topic), Area: testkit.Village, Document: h.words(k, "Dipotong Rp50.000."),
	})
	h.must(err)
	return r
}

func on(r grievances.Row, note string) grievances.Decision {
	return grievances.Decision{Tenant: r.Tenant, ID: r.ID, Version: r.Version, Note: note}
}

func want(t testing.TB, what string, err error, code string) {
	t.Helper()
	if got := fail.CodeOf(err); got != code || code == "" && err != nil {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// whole checks what must always hold: the version is the number of events, they follow each other, and
// nothing ended without words.
func (h *house) whole() {
	h.t.Helper()
	legal := map[[3]string]bool{}
	for _, tr := range proposal.ObjectionTransitions() {
		legal[[3]string{string(tr.From), tr.Action, string(tr.To)}] = true
	}
	for _, tr := range grievance.Transitions() {
		legal[[3]string{string(tr.From), string(tr.Action), string(tr.To)}] = true
	}
	type at struct {
		seq   int64
		state string
	}
	last := map[sqldb.ID]at{}
	h.must(sqldb.Each(h.t.Context(), h.db.Direct(), `
		SELECT grievance_id, seq, action, from_state, to_state FROM grievance_event WHERE kabkota = 8171 ORDER BY grievance_id, seq`, nil, func(r sqldb.Row) error {
		var id sqldb.ID
		var seq int64
		var action, from, to string
		if err := r.Scan(&id, &seq, &action, &from, &to); err != nil {
			return err
		}
		before := last[id]
		step := legal[[3]string{from, action, to}] || action == "file" && seq == 1 || from == to && (action == "join" || action == "identify")
		if seq != before.seq+1 || from != before.state || !step {
			h.t.Errorf("event %d of %s: %s from %s to %s after %s", seq, id, action, from, to, before.state)
		}
		last[id] = at{seq, to}
		return nil
	}))
	h.must(sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT id, version, state FROM grievance WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var id sqldb.ID
		var version int64
		var state string
		err := r.Scan(&id, &version, &state)
		if last[id] != (at{version, state}) {
			h.t.Errorf("%s is %s at %d, its last event %+v", id, state, version, last[id])
		}
		return err
	}))
}
