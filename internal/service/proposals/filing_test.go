package proposals_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestAFormIsCheckedFieldByField(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	day := period.On(2024, 10, 15)
	for name, c := range map[string]struct {
		change func(*proposals.Document)
		code   string
		field  string
	}{
		"sound":                          {func(*proposals.Document) {}, "", ""},
		"no family card":                 {func(d *proposals.Document) { d.KK = person.KK{} }, "kk.empty", "no_kk"},
		"no address":                     {func(d *proposals.Document) { d.Address = " " }, "proposal.address", "address"},
		"a head without NIK":             {func(d *proposals.Document) { d.Members[0].NIK = person.NIK{} }, "proposal.head_nik", "members.0.nik"},
		"a newborn without NIK":          {func(d *proposals.Document) { d.Members[1].NIK = person.NIK{} }, "", ""},
		"a member without name":          {func(d *proposals.Document) { d.Members[1].Name = "" }, "person.name", "members.1.name"},
		"born tomorrow":                  {func(d *proposals.Document) { d.Members[1].BirthDate = day.AddDays(1) }, "person.birth_date", "members.1.birth_date"},
		"no head":                        {func(d *proposals.Document) { d.Members[0].Relation = person.Wife }, "family.no_head", ""},
		"nobody":                         {func(d *proposals.Document) { d.Members = nil }, "family.empty", ""},
		"one NIK twice":                  {func(d *proposals.Document) { d.Members[1].NIK = d.Members[0].NIK }, "family.nik_twice", ""},
		"an answer that is none":         {func(d *proposals.Document) { d.Answers["dwelling_tenure"] = questionnaire.Number(77) }, "answer.code", "dwelling_tenure"},
		"a form nobody knows":            {func(d *proposals.Document) { d.Questionnaire = "X" }, "questionnaire.version_unknown", ""},
		"a form not named, nothing said": {func(d *proposals.Document) { d.Questionnaire, d.Answers = "", nil }, "", ""},
		"a novel":                        {func(d *proposals.Document) { d.Words = strings.Repeat("a", 4001) }, "proposal.too_long", "words"},
		"a crowd":                        {func(d *proposals.Document) { d.Papers = make([]string, 21) }, "proposal.too_many", "members"},
	} {
		d := h.form(1)
		c.change(&d)
		found := h.s.Problems(testkit.Village, d, day)
		switch {
		case c.code == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case c.code != "" && (len(found) == 0 || found[0].Code != c.code || found[0].Field != c.field):
			t.Errorf("%s: %v, want %s on %q", name, found, c.code, c.field)
		}
	}
}

func TestWhereAndWhatMayBeFiled(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		far := testkit.Person(9, access.Operator, 8172011001)
		far.Grants[0].Tenants = []area.Tenant{8172}
		for name, c := range map[string]struct {
			who  access.Actor
			f    proposals.Filing
			code string
		}{
			"in the next village":                     {operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Neighbour, Document: h.form(1)}, "access.denied"},
			"for a whole district":                    {operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Ambon, Document: h.form(1)}, "proposal.village"},
			"in a village that is none":               {operator, proposals.Filing{Kind: proposal.NewFamily, Area: 8171011999, Document: h.form(1)}, "area.unknown"},
			"in a district kept elsewhere":            {far, proposals.Filing{Kind: proposal.NewFamily, Area: 8172011001, Document: h.form(1)}, "proposal.not_ours"},
			"a form with an error":                    {operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village}, "kk.empty"},
			"words where a programme's key belongs":   {operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Programme: "untuk Ibu Siti", Document: h.form(1)}, "proposal.programme_needed"},
			"a kind that is none":                     {operator, proposals.Filing{Kind: "GIFT", Area: testkit.Village}, "proposal.subject"},
			"a removal of nobody":                     {operator, proposals.Filing{Kind: proposal.Removal, Tenant: testkit.AmbonTenant, Reason: "able"}, "proposal.subject"},
			"a removal of a family nobody knows":      {operator, proposals.Filing{Kind: proposal.Removal, Tenant: testkit.AmbonTenant, Family: sqldb.NewID(), Reason: "able"}, "registry.no_family"},
			"somebody who only decides in the office": {verifier, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Document: h.form(1)}, "access.denied"},
		} {
			_, err := h.s.File(t.Context(), c.who, c.f)
			want(t, name, err, c.code)
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d proposals after refusals", n)
		}
		if n := h.count(`SELECT count(*) FROM counter WHERE kabkota = 8171`); n != 0 {
			t.Error("a refused filing took a number")
		}
	})
}

func TestSentTwiceIsFiledOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: testkit.Village, Document: h.form(1)}
		numbers := make([]string, 8)
		var wait sync.WaitGroup
		for i := range numbers {
			wait.Go(func() {
				r, err := h.s.File(t.Context(), operator, f)
				if err != nil {
					t.Errorf("try %d: %v", i, err)
				}
				numbers[i] = r.Number
			})
		}
		wait.Wait()
		for _, n := range numbers {
			if n != "U-2024-00001" {
				t.Fatalf("numbers %v", numbers)
			}
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`); n != 1 {
			t.Errorf("%d proposals of one request", n)
		}
		r, err := h.s.File(t.Context(), operator, f)
		if err != nil || !r.Repeated {
			t.Errorf("again: %+v, %v", r.Repeated, err)
		}
		_, err = h.s.File(t.Context(), testkit.Person(11, access.Operator, testkit.Village), f)
		want(t, "the same request by somebody else", err, "proposal.request_taken")
		f.Request = sqldb.ID{}
		for range 2 {
			if _, err = h.s.File(t.Context(), operator, f); err != nil {
				t.Errorf("without a request id: %v", err)
			}
		}
		h.whole()
	})
}

func TestTheCivilRegistryDecidesWhereItGoes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		file := func(d proposals.Document) proposals.Row {
			r, err := h.s.File(t.Context(), operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Document: d})
			h.must(err)
			return r.Row
		}
		if r := file(h.form(1)); r.State != proposal.MatchFailed || r.Match != civilmatch.NIKNotFound {
			t.Errorf("unknown NIKs: %s, %s", r.State, r.Match)
		}
		h.recorded(h.form(2))
		d := h.form(2)
		d.Members[0].Name = "SITTI UJI 2"
		r := file(d)
		if r.State != proposal.MatchFailed || r.Match != civilmatch.NameDiffers {
			t.Errorf("another spelling: %s, %s", r.State, r.Match)
		}
		if v := h.open(r); v.Document.Members[0].Match != civilmatch.NameDiffers || v.Document.Members[1].Match != civilmatch.Matched || v.Document.Members[0].Differs != civilmatch.Name {
			t.Errorf("members: %v, %v", v.Document.Members[0].Match, v.Document.Members[1].Match)
		}
		d = h.form(2)
		r, err := h.s.Repair(t.Context(), operator, proposals.Mending{Tenant: r.Tenant, Seen: proposals.Seen{ID: r.ID, Version: r.Version}, Document: &d})
		h.must(err)
		if r.State != proposal.Matched || r.Applicant != "SITI UJI 2" || r.Version != 4 {
			t.Errorf("mended: %s, version %d", r.State, r.Version)
		}
		d = h.form(2)
		d.Members[1].NIK = person.NIK{}
		if r := file(d); r.State != proposal.Matched {
			t.Errorf("a child without NIK holds up her family: %s, %s", r.State, r.Match)
		}
		h.whole()
	})
}

func TestASilentRegistryHoldsUpNobody(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		silence := h.matcher
		silence.silent = true
		h.recorded(h.form(1))
		var rows []proposals.Row
		for k := 1; k <= 3; k++ {
			r, err := h.s.File(t.Context(), operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Document: h.form(k)})
			h.must(err)
			if r.State != proposal.MatchPending || r.Match.Group() != civilmatch.Unknown {
				t.Fatalf("%s, %s", r.State, r.Match)
			}
			rows = append(rows, r.Row)
		}
		if done, err := h.s.CheckPending(t.Context(), 10); err != nil || done != (proposals.Checked{Asked: 3}) {
			t.Errorf("still silent: %+v, %v", done, err)
		}
		_, err := h.s.List(t.Context(), operator, proposals.One(rows[2]))
		want(t, "onto the list with nothing seen", err, "proposal.document_needed")
		listed := h.take(operator, h.s.List, on(rows[2], paper("KTP dan KK dilihat"), ""))
		if listed.State != proposal.InitialList {
			t.Errorf("with the KTP seen: %s", listed.State)
		}
		silence.silent = false
		done, err := h.s.CheckPending(t.Context(), 10)
		if err != nil || done != (proposals.Checked{Asked: 2, Matched: 1, NotMatching: 1}) {
			t.Errorf("when it answers: %+v, %v", done, err)
		}
		if a, b := h.open(rows[0]), h.open(rows[1]); a.State != proposal.Matched || b.State != proposal.MatchFailed || b.History[1].Reason != "identity_differs" {
			t.Errorf("%s and %s", a.State, b.State)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'proposal.matched' AND role = 'system'`); n != 2 {
			t.Errorf("%d entries of the system", n)
		}
		h.whole()
	})
}

func TestWhatIsHeldAlreadyTellsVillageAndYearOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.registered(1, testkit.Neighbour, 2)
		held, err := h.s.Check(t.Context(), operator, testkit.Village, h.form(1))
		h.must(err)
		if len(held) != 2 || held[0].Area != testkit.Neighbour || held[0].Since.Text() != "2024-10-15" || !held[0].Family.IsZero() || held[0].Open {
			t.Errorf("from another village: %+v", held)
		}
		if held, err = h.s.Check(t.Context(), neighbour, testkit.Neighbour, h.form(1)); err != nil || len(held) != 2 || held[1].Family.IsZero() || held[1].Member != 1 {
			t.Errorf("in her own: %+v, %v", held, err)
		}
		_, err = h.s.Check(t.Context(), operator, testkit.Neighbour, h.form(1))
		want(t, "where she may not file", err, "access.denied")
		// It never stops anybody from filing, and the verifier sees it.
		r := h.filed(1)
		other := h.filed(2)
		d := h.form(2)
		d.Members = d.Members[:1]
		again, err := h.s.File(t.Context(), operator, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Village, Document: d})
		h.must(err)
		if v := h.open(r); len(v.Held) != 2 || v.Held[0].Family.IsZero() {
			t.Errorf("the verifier sees %+v", v.Held)
		}
		v := h.open(again.Row)
		numbered := slices.DeleteFunc(v.Held, func(one proposals.Held) bool { return one.Alike })
		if len(numbered) != 1 || !numbered[0].Open || numbered[0].Proposal != other.Number {
			t.Errorf("of the other proposal she sees %+v", numbered)
		}
	})
}

func TestWhoIsAlikeIsToldWithoutANumber(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		family := h.registered(1, testkit.Neighbour, 2)
		d := h.form(1)
		d.KK = kkOf(t, 9)
		d.Members = d.Members[:1]
		d.Members[0].NIK = nikOf(t, 9, 1) // another number, else the same person
		held, err := h.s.Check(t.Context(), operator, testkit.Village, d)
		h.must(err)
		if len(held) != 1 || !held[0].Alike || held[0].Area != testkit.Neighbour || held[0].Since.Text() != "2024-10-15" || !held[0].Family.IsZero() || held[0].Agreed != nil {
			t.Errorf("another village is told %+v", held)
		}
		held, err = h.s.Check(t.Context(), neighbour, testkit.Neighbour, d)
		h.must(err)
		if len(held) != 1 || held[0].Family != family.ID || !slices.Contains(held[0].Agreed, "name.exact") {
			t.Errorf("her own village is told %+v", held)
		}
		// Who is told by her number is not told again as alike.
		held, err = h.s.Check(t.Context(), operator, testkit.Village, h.form(1))
		h.must(err)
		for _, one := range held {
			if one.Alike {
				t.Errorf("told twice: %+v", held)
			}
		}
		d.Members[0].Name, d.Members[0].BirthDate = "KOMANG LESTARI", born(30)
		if held, err = h.s.Check(t.Context(), operator, testkit.Village, d); err != nil || len(held) != 0 {
			t.Errorf("a stranger is told as %+v, %v", held, err)
		}
	})
}

// registered puts family k into the registry, with so many members.
func (h *house) registered(k int, at area.Code, members int) registry.Family {
	h.t.Helper()
	var rows []registry.Incoming
	for n := 1; n <= members; n++ {
		row := registry.Incoming{
			Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("%d-%d", k, n), KK: kkOf(h.t, k), NIK: nikOf(h.t, k, n), Name: fmt.Sprintf("SITI UJI %d", k), Sex: person.Female,
			BirthDate: born(n), Relation: person.Child, Area: at, VillageID: int64(at), Address: "Jl. Lama",
		}
		if n == 1 {
			row.Relation = person.Head
		}
		h.reg.Ready(&row, fmt.Appendf(nil, "%d-%d", k, n))
		rows = append(rows, row)
	}
	h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
	holders, err := h.reg.HoldersIn(h.t.Context(), h.db.Direct(), []sqldb.Hash{h.reg.NIKHash(nikOf(h.t, k, 1))})
	h.must(err)
	f, err := h.reg.FamilyIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, holders[h.reg.NIKHash(nikOf(h.t, k, 1))].FamilyID)
	h.must(err)
	return f
}

func TestDraftsLoseNothingAndAreForgotten(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		saved, err := h.s.SaveDraft(t.Context(), operator, proposals.Draft{Kind: proposal.NewFamily, Area: testkit.Village, Form: map[string]string{"nik": "8171"}})
		h.must(err)
		older := saved
		saved.Form = map[string]string{"nik": "81710"}
		saved, err = h.s.SaveDraft(t.Context(), operator, saved)
		h.must(err)
		_, err = h.s.SaveDraft(t.Context(), operator, older)
		want(t, "an older one over a newer one", err, "proposal.draft_changed")
		_, err = h.s.SaveDraft(t.Context(), neighbour, saved)
		want(t, "of another village", err, "access.denied")
		_, err = h.s.OpenDraft(t.Context(), neighbour, saved.Tenant, saved.ID)
		want(t, "opened from another village", err, "access.denied")
		if d, err := h.s.OpenDraft(t.Context(), operator, saved.Tenant, saved.ID); err != nil || d.Form["nik"] != "81710" {
			t.Errorf("opened %v, %v", d.Form, err)
		}
		_, err = h.s.SaveDraft(t.Context(), operator, proposals.Draft{Kind: proposal.NewFamily, Area: testkit.Village, Form: map[string]string{"x": strings.Repeat("x", 300<<10)}})
		want(t, "a flood", err, "proposal.draft_large")
		if n := h.count(`SELECT count(*) FROM proposal_draft WHERE kabkota = 8171`); n != 1 {
			t.Errorf("%d drafts", n)
		}
		if n, err := h.s.DropOldDrafts(t.Context(), h.clock.Now().Add(days(29))); err != nil || n != 0 {
			t.Errorf("after 29 days %d, %v", n, err)
		}
		if n, err := h.s.DropOldDrafts(t.Context(), h.clock.Now().Add(days(31))); err != nil || n != 1 {
			t.Errorf("after 31 days %d, %v", n, err)
		}
		want(t, "discarded twice", h.s.DiscardDraft(t.Context(), operator, saved.Tenant, saved.ID), "proposal.no_draft")
	})
}

func TestDocumentsAreSealedAndPrintMasked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	r := h.filed(1)
	v := h.open(r)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(verb+" "+verb, v.Document, proposals.Draft{Form: map[string]string{"nik": "8171015605900001"}})
		if strings.Contains(text, "SITI") || strings.Contains(text, nikOf(t, 1, 1).Plain()) || strings.Contains(text, "8171015605900001") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	for _, column := range []string{"document", "reason", "note", "applicant"} {
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND instr(CAST(`+column+` AS TEXT), $1) > 0`, nikOf(t, 1, 1).Plain()); n != 0 {
			t.Errorf("the NIK stands in %s", column)
		}
	}
	if n := h.count(`SELECT count(*) FROM audit_entry WHERE instr(facts, 'SITI') > 0`); n != 0 {
		t.Error("the log holds a name")
	}
}

func TestWhatAnInstallationPerforms(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouseOf(t, db, installation.Village, false)
		r := h.upTo(h.filed(1), proposal.Deliberated)
		_, err := h.s.Verify(t.Context(), verifier, proposals.One(r))
		want(t, "a village does not verify", err, "installation.not_our_level")
		_, err = h.s.Ratify(t.Context(), signer, proposals.Ratifying{Area: testkit.Ambon})
		want(t, "nor does it ratify", err, "installation.not_our_level")
		if v := h.open(r); len(v.Options) != 0 {
			t.Errorf("it offers %+v", v.Options)
		}
	})
	t.Run("district", func(t *testing.T) {
		t.Parallel()
		testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
			h := newHouseOf(t, db, installation.District, false)
			h.upTo(h.filed(1), proposal.Endorsed)
			_, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/HUK/2024"}})
			want(t, "a district does not determine", err, "installation.not_our_level")
			if e, _ := fail.As(err); e == nil || e.Kind != fail.KindForbidden {
				t.Errorf("kind of %v", err)
			}
			if n := h.count(`SELECT count(*) FROM decree WHERE kabkota = 8171 AND kind = 'determination'`); n != 0 {
				t.Error("a decree was kept")
			}
		})
	})
}
