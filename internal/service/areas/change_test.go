package areas_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/areas"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

func split() areas.Decree {
	return areas.Decree{
		About: testkit.Ambon, Basis: "UU 1/2024 (contoh)", From: period.On(2024, 10, 1),
		New:        []areas.NewPlace{{Code: newCity, Name: "Kota Baguala"}},
		Moves:      []areas.Move{{From: baguala, To: newBaguala}, {From: leitimur, To: newLei, Name: "Leitimur"}},
		Caretakers: period.On(2025, 1, 1),
	}
}

func TestADistrictIsSplitWhileProposalsAreOpen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		w.decree(t, split())
		gone := w.goes - baguala + newBaguala

		// The list.
		tree := w.Tree()
		if p, ok := tree.At(gone); !ok || p.Tenant != newTenant || p.Village != int64(w.goes) || p.Zone != area.WIT || p.LocalKind == "" {
			t.Errorf("the village is %+v", p)
		}
		if _, ok := tree.At(w.goes); ok {
			t.Error("the old code is still in use")
		}
		if got, err := tree.Resolve(w.goes, period.Date{}); got != gone || err != nil {
			t.Errorf("Resolve = %s, %v", got, err)
		}
		if tree.Name(newLei) != "Leitimur" || tree.Name(newCity) != "Kota Baguala" || tree.Label(newBaguala) != tree.Title(newBaguala)+", Kota Baguala" {
			t.Errorf("names %q, %q, %q", tree.Name(newLei), tree.Name(newCity), tree.Label(newBaguala))
		}
		if n := len(slices.Collect(tree.Children(testkit.Ambon))); n != 3 {
			t.Errorf("Ambon has %d subdistricts left, want 3", n)
		}
		if got := tree.TenantsIn(newCity); !slices.Equal(got, []area.Tenant{8171, newTenant}) {
			t.Errorf("tenants of the new city: %v; what does not move is in the old one", got)
		}
		home, err := installation.Read(t.Context(), db)
		if err != nil || !home.Writes(newCity) {
			t.Errorf("the installation writes for %v, %v", home.Areas, err)
		}

		// The rows: families moved with all that is theirs, the rest stayed and carries the new code.
		for _, table := range schema.Tables() {
			rows := 1
			stored := slices.ContainsFunc(w.columns(t, table.Name), func(c column) bool { return c.name == "kabkota" })
			switch {
			case !stored:
				continue
			case table.Name == "person" || table.Name == "answers":
				rows = 2
			case table.Kind != sqldb.NIK && !table.Moves:
				continue
			}
			w.counts(t, `SELECT count(*) FROM `+table.Name+` WHERE kabkota = 8173`, rows)
			if table.Name != "nik_index" {
				w.counts(t, `SELECT count(*) FROM `+table.Name+` WHERE kabkota = 8171`, rows)
			}
		}
		w.counts(t, `SELECT count(*) FROM nik_index WHERE kabkota = 8171`, 3) // with those held by people of elsewhere
		w.counts(t, `SELECT count(*) FROM person WHERE kabkota = 8173 AND area_code = $1 AND village_id = $2`, 2, int64(gone), int64(w.goes))
		w.counts(t, `SELECT count(*) FROM proposal WHERE kabkota = 8171 AND area_code = $1`, 1, int64(gone))
		w.counts(t, `SELECT count(*) FROM link_pair WHERE kabkota = 8171 AND right_kabkota = 8173`, 1)
		w.counts(t, `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'test.look' AND area_code = $1`, 1, int64(w.goes)) // sealed

		// Every role sees what it must: the officers of Ambon are caretakers until the new year.
		for _, c := range []struct {
			login, table string
			p            access.Permission
			want         int
		}{
			{"op.goes", "family", access.ReadRegistry, 1}, {"op.goes", "proposal", access.FileProposal, 1},
			{"op.stays", "family", access.ReadRegistry, 1}, {"op.stays", "proposal", access.FileProposal, 1},
			{"verifikator", "family", access.ReadRegistry, 2}, {"verifikator", "proposal", access.VerifyProposal, 2},
			{"kadis", "proposal", access.ApproveProposal, 2},
			{"kementerian", "family", access.ReadRegistry, 2}, {"kementerian", "proposal", access.Determine, 2},
		} {
			if got := w.sees(t, c.login, c.table, c.p); got != c.want {
				t.Errorf("%s sees %d of %s, want %d", c.login, got, c.table, c.want)
			}
		}
		if got := w.looks(t, "auditor"); got != 2 {
			t.Errorf("the auditor sees %d looks, want 2: one under the old code", got)
		}
		if at := w.who["op.goes"].Grants[0]; at.Area != gone || w.who["op.goes"].Allow(access.FileProposal, newTenant, gone) != nil {
			t.Errorf("the operator's grant is %+v", at)
		}
		// ... and not after it.
		w.clock.Move(100 * 24 * time.Hour)
		w.again(t)
		if got := w.sees(t, "verifikator", "proposal", access.VerifyProposal); got != 1 {
			t.Errorf("after the caretakers' day Ambon's verifier sees %d proposals, want 1", got)
		}
		if got := w.sees(t, "verifikator", "family", access.ReadRegistry); got != 1 {
			t.Errorf("after the caretakers' day Ambon's verifier sees %d families, want 1", got)
		}
		if got := w.sees(t, "op.goes", "family", access.ReadRegistry); got != 1 {
			t.Errorf("the operator of the village sees %d families, want 1", got)
		}
	})
}

func TestAVillageIsRecodedWhileProposalsAreOpen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		const recoded = area.Code(8171011099)
		w.decree(t, areas.Decree{About: w.stays, Basis: "Permendagri (contoh)", From: period.On(2024, 10, 1),
			Moves: []areas.Move{{From: w.stays, To: recoded, Name: "Mangga Dua Baru"}}})
		if p, ok := w.Tree().At(recoded); !ok || p.Name != "Mangga Dua Baru" || p.Tenant != 8171 || p.Village != int64(w.stays) || p.LocalKind != "kelurahan" {
			t.Errorf("the village is %+v", p)
		}
		if got, err := w.Tree().FindByName(testkit.Nusaniwe, area.LevelVillage, "mangga dua baru"); got != recoded || err != nil {
			t.Errorf("found %s, %v", got, err)
		}
		for _, table := range []string{"family", "proposal", "civil_record"} {
			w.counts(t, `SELECT count(*) FROM `+table+` WHERE kabkota = 8171 AND area_code = $1`, 1, int64(recoded))
			w.counts(t, `SELECT count(*) FROM `+table+` WHERE area_code = $1`, 0, int64(w.stays))
		}
		w.counts(t, `SELECT count(*) FROM link_pair WHERE area_code = $1`, 2, int64(recoded))
		for _, c := range []struct {
			login, table string
			p            access.Permission
			want         int
		}{
			{"op.stays", "family", access.ReadRegistry, 1}, {"op.stays", "proposal", access.FileProposal, 1},
			{"op.goes", "proposal", access.FileProposal, 1}, {"verifikator", "proposal", access.VerifyProposal, 2},
			{"kementerian", "proposal", access.Determine, 2},
		} {
			if got := w.sees(t, c.login, c.table, c.p); got != c.want {
				t.Errorf("%s sees %d of %s, want %d", c.login, got, c.table, c.want)
			}
		}
		if got := w.looks(t, "auditor"); got != 2 {
			t.Errorf("the auditor sees %d looks, want 2", got)
		}
		// A second decree, back into another code: two renamings resolve, and what stayed is found.
		const twice = area.Code(8171011098)
		w.decree(t, areas.Decree{About: recoded, Basis: "Permendagri lagi (contoh)", From: period.On(2024, 10, 10), Moves: []areas.Move{{From: recoded, To: twice}}})
		for _, old := range []area.Code{w.stays, recoded} {
			if got, err := w.Tree().Resolve(old, period.Date{}); got != twice || err != nil {
				t.Errorf("Resolve(%s) = %s, %v", old, got, err)
			}
		}
		if got := w.Tree().Former(twice); !slices.Equal(got, []area.Code{w.stays, recoded}) && !slices.Equal(got, []area.Code{recoded, w.stays}) {
			t.Errorf("Former = %v", got)
		}
	})
}

func TestWhatStayedIsFoundAfterASecondChange(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		w.decree(t, split())
		gone := w.goes - baguala + newBaguala
		again := newBaguala + 1099
		w.decree(t, areas.Decree{About: gone, Basis: "Perda (contoh)", From: period.On(2024, 10, 10), Moves: []areas.Move{{From: gone, To: again}}})
		w.counts(t, `SELECT count(*) FROM proposal WHERE kabkota = 8171 AND area_code = $1`, 1, int64(again))
		if got := w.sees(t, "op.goes", "proposal", access.FileProposal); got != 1 {
			t.Errorf("the operator sees %d proposals, want 1", got)
		}
	})
}

func TestADistrictGetsAnotherCode(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		const renamed = area.Code(8179000000)
		w.decree(t, areas.Decree{About: testkit.Ambon, Basis: "UU 2/2024 (contoh)", From: period.On(2024, 10, 1), Moves: []areas.Move{{From: testkit.Ambon, To: renamed}}})
		moved := w.goes - testkit.Ambon + renamed
		if got := w.TenantOf(moved); got != 8171 {
			t.Errorf("the storage changed to %d", got)
		}
		if got, err := w.Tree().DistrictOf(8171); got != renamed || err != nil {
			t.Errorf("DistrictOf = %s, %v", got, err)
		}
		home, err := installation.Read(t.Context(), db)
		if err != nil || !slices.Equal(home.Areas, []area.Code{renamed}) {
			t.Errorf("the installation writes for %v, %v", home.Areas, err)
		}
		w.counts(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND area_code >= 8179000000`, 2)
		for login, want := range map[string]int{"verifikator": 2, "op.goes": 1, "op.stays": 1, "kementerian": 2} {
			if got := w.sees(t, login, "family", access.ReadRegistry); got != want {
				t.Errorf("%s sees %d families, want %d", login, got, want)
			}
		}
		if got := w.looks(t, "auditor"); got != 2 {
			t.Errorf("the auditor sees %d looks, want 2", got)
		}
	})
}

func TestAChangeGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		c, err := w.Propose(t.Context(), w.who["admin"], split())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(t.Context(), w.who["kadis"], c.ID, w.accounts); err != nil {
			t.Fatal(err)
		}
		ctx, kill := context.WithCancel(t.Context())
		err = w.Apply(ctx, w.who["kadis"], c.ID, func(done, _ int) {
			if done == 3 {
				kill()
			}
		})
		if err == nil {
			t.Fatal("went on after the kill")
		}
		fresh, err := areas.Open(t.Context(), w.acts, schema.Tables()) // the next process
		if err != nil {
			t.Fatal(err)
		}
		if err := fresh.Apply(t.Context(), w.who["kadis"], c.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.counts(t, `SELECT count(*) FROM family WHERE kabkota = 8173`, 1)
		w.counts(t, `SELECT count(*) FROM family`, 2)
		w.counts(t, `SELECT count(*) FROM area_move WHERE done = 0`, 0)
		if err := w.Refresh(t.Context()); err != nil { // another process notices
			t.Fatal(err)
		}
		if got := w.TenantOf(newCity); got != newTenant {
			t.Errorf("after Refresh the new city is stored in %d", got)
		}
		changes, err := w.Changes(t.Context(), w.who["auditor"], 10)
		if err != nil || len(changes) != 1 || changes[0].State != areas.Finished || changes[0].Done != changes[0].Steps {
			t.Errorf("changes: %+v, %v", changes, err)
		}
		_, more, err := w.Step(t.Context(), w.who["kadis"], c.ID)
		if more || fail.CodeOf(err) != "area.change_not_running" {
			t.Errorf("a step after the last: %v, %v", more, err)
		}
	})
}

func TestAChangeNeedsTwoPersons(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		expect := func(err error, code string) {
			t.Helper()
			if fail.CodeOf(err) != code {
				t.Errorf("err = %v, want %s", err, code)
			}
		}
		_, err := w.Propose(t.Context(), w.who["verifikator"], split())
		expect(err, "access.denied")
		_, err = w.Propose(t.Context(), testkit.Person(9, access.Admin, 1209000000), split())
		expect(err, "access.denied")
		c, err := w.Propose(t.Context(), w.who["admin"], split())
		if err != nil || c.Steps == 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		_, err = w.Propose(t.Context(), w.who["admin"], split())
		expect(err, "area.change_under_way")
		_, _, err = w.Step(t.Context(), w.who["kadis"], c.ID)
		expect(err, "area.change_not_running")
		expect(w.Approve(t.Context(), w.who["admin"], c.ID, w.accounts), "access.same_person")
		expect(w.Approve(t.Context(), w.who["op.stays"], c.ID, w.accounts), "access.denied")
		expect(w.Approve(t.Context(), w.who["kadis"], sqldb.NewID(), w.accounts), "area.change_unknown")
		expect(w.Withdraw(t.Context(), w.who["kadis"], c.ID), "access.denied")
		if err := w.Withdraw(t.Context(), w.who["admin"], c.ID); err != nil {
			t.Fatal(err)
		}
		expect(w.Approve(t.Context(), w.who["kadis"], c.ID, w.accounts), "area.change_decided")
		_, err = w.Changes(t.Context(), w.who["op.stays"], 10)
		expect(err, "access.denied")
		w.counts(t, `SELECT count(*) FROM audit_entry WHERE act IN ('area.propose', 'area.withdraw') AND subject = $1`, 2, c.ID)
		w.counts(t, `SELECT count(*) FROM area WHERE code = $1`, 0, int64(newCity))
	})
}

func TestDecreesThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	for name, c := range map[string]struct {
		change func(*areas.Decree)
		code   string
	}{
		"without its number":                     {func(d *areas.Decree) { d.Basis = " " }, "area.decree_basis"},
		"of tomorrow":                            {func(d *areas.Decree) { d.From = period.On(2024, 10, 16) }, "area.decree_date"},
		"of some day in a year":                  {func(d *areas.Decree) { d.From, _ = period.NewDate(2024, 0, 0) }, "area.decree_date"},
		"that changes nothing":                   {func(d *areas.Decree) { d.Moves, d.New = nil, nil }, "area.decree_empty"},
		"that moves what is not there":           {func(d *areas.Decree) { d.Moves[0].From = 8171990000 }, "area.unknown"},
		"onto a code in use":                     {func(d *areas.Decree) { d.Moves[0].To = testkit.Nusaniwe }, "area.code_in_use"},
		"twice onto one code":                    {func(d *areas.Decree) { d.Moves[1].To = d.Moves[0].To }, "area.code_in_use"},
		"of a subdistrict to a village's code":   {func(d *areas.Decree) { d.Moves[0].To = newBaguala + 1001 }, "area.move_level"},
		"of an area and of one inside it":        {func(d *areas.Decree) { d.Moves[1] = areas.Move{From: w.goes, To: newLei + 1001} }, "area.move_overlap"},
		"into a district that is not there":      {func(d *areas.Decree) { d.New = nil }, "area.no_parent"},
		"with a new district that has no name":   {func(d *areas.Decree) { d.New[0].Name = "" }, "area.new_place"},
		"with a new district in the code of one": {func(d *areas.Decree) { d.New[0].Code = 8172000000 }, "area.code_in_use"},
		"with a new village in no subdistrict":   {func(d *areas.Decree) { d.New[0].Code = newBaguala + 1001 }, "area.no_parent"},
		"with a new village of no name":          {func(d *areas.Decree) { d.New = append(d.New, areas.NewPlace{Code: newBaguala + 2999}) }, "area.new_place"},
		"with a new village where the moves lead": {func(d *areas.Decree) {
			d.New = append(d.New, areas.NewPlace{Code: newBaguala + 2999, Name: "Desa Baru"})
		}, ""},
		"that ends what is not there":              {func(d *areas.Decree) { d.Ends = []areas.End{{Code: 8171990000}} }, "area.unknown"},
		"of which one difference is of tomorrow":   {func(d *areas.Decree) { d.Moves[0].On = period.On(2024, 10, 16) }, "area.decree_date"},
		"into a district that others write for":    {func(d *areas.Decree) { d.New = nil; d.Moves = []areas.Move{{From: baguala, To: 8101990000}} }, "area.elsewhere"},
		"with a new subdistrict that has a parent": {func(d *areas.Decree) { d.New = append(d.New, areas.NewPlace{Code: newCity + 990000, Name: "Baru"}) }, ""},
	} {
		d := split()
		c.change(&d)
		made, err := w.Propose(t.Context(), w.who["admin"], d)
		if fail.CodeOf(err) != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		if err == nil {
			if err := w.Withdraw(t.Context(), w.who["admin"], made.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}
