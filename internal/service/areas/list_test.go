package areas_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
	"tepat/internal/testkit"
)

// lister writes lists of Kota Ambon: the areas of today with some changes.
type lister struct {
	names map[area.Code]string
	more  map[area.Code]string // further cells: bps, old_code, decree, valid_from
}

func listOf(w *town) *lister {
	l := &lister{map[area.Code]string{}, map[area.Code]string{}}
	for p := range w.Tree().Below(testkit.Ambon) {
		l.names[p.Code] = p.Name
	}
	return l
}

func (l *lister) text() string {
	var b strings.Builder
	b.WriteString("kode;nama;kode_bps;kode_lama;dasar_hukum;berlaku\n")
	for _, code := range slices.Sorted(maps.Keys(l.names)) {
		more := l.more[code]
		if more == "" {
			more = ";;;"
		}
		fmt.Fprintf(&b, "%s;%s;%s\n", code.Dotted(), l.names[code], more)
	}
	return b.String()
}

func read(t *testing.T, text string) areas.List {
	t.Helper()
	rows, err := tabular.NewCSV(strings.NewReader(text), tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := areas.ReadList(rows)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func byDecree() areas.ListSettings {
	return areas.ListSettings{Within: testkit.Ambon, Basis: "Kepmendagri 1/2024 (contoh)", From: period.On(2024, 10, 1)}
}

// said writes differences as "kind code>to".
func said(c areas.Comparison) (out []string) {
	for _, d := range c.Differences {
		text := d.Kind + " " + d.Code.Dotted()
		if d.To != area.Nation {
			text += ">" + d.To.Dotted()
		}
		if d.Err != nil {
			text += " " + fail.CodeOf(d.Err)
		}
		out = append(out, text)
	}
	return out
}

func (w *town) compare(t *testing.T, l *lister) areas.Comparison {
	t.Helper()
	c, err := w.CompareList(t.Context(), w.who["admin"], read(t, l.text()), byDecree())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// villagesOf gives the villages of a subdistrict that nobody lives in.
func (w *town) villagesOf(at area.Code) (out []area.Code) {
	for v := range w.Tree().Villages(at) {
		if v.Code != w.goes && v.Code != w.stays {
			out = append(out, v.Code)
		}
	}
	return out
}

// active makes the families of the town count.
func (w *town) active(t *testing.T) {
	t.Helper()
	if err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE family SET state = 1 WHERE kabkota = 8171`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAListIsComparedWithTheAreasOfToday(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	w.active(t)
	nusaniwe := w.stays.Subdistrict()
	empty := w.villagesOf(nusaniwe)
	other := w.villagesOf(baguala)
	name := func(code area.Code) string { return w.Tree().Name(code) }
	free := nusaniwe + 2099
	cases := map[string]struct {
		change func(l *lister)
		want   []string
	}{
		"the list of today changes nothing": {func(*lister) {}, nil},
		"names are the same however they are written": {func(l *lister) {
			l.names[empty[0]] = strings.ToUpper(name(empty[0]))
			l.names[testkit.Ambon] = "KOTA AMBON"
		}, nil},
		"so are those of districts without their kind": {func(l *lister) { l.names[testkit.Ambon] = "AMBON" }, nil},
		"another name":                 {func(l *lister) { l.names[empty[0]] = "Nama Baru" }, []string{"renamed " + empty[0].Dotted()}},
		"a BPS code":                   {func(l *lister) { l.more[empty[0]] = "8171010999;;;" }, []string{"bps " + empty[0].Dotted()}},
		"a village that was not there": {func(l *lister) { l.names[free] = "Desa Baru" }, []string{"new " + free.Dotted()}},
		"a village split off another":  {func(l *lister) { l.names[free], l.more[free] = "Desa Baru", ";"+w.stays.Dotted()+";;" }, []string{"split " + free.Dotted()}},
		"the same name under another code is found": {func(l *lister) {
			delete(l.names, w.stays)
			l.names[free] = name(w.stays)
		}, []string{"moved " + w.stays.Dotted() + ">" + free.Dotted()}},
		"a code the list names": {func(l *lister) {
			delete(l.names, w.stays)
			l.names[free], l.more[free] = "Nama Lain", ";"+w.stays.Dotted()+";;"
		}, []string{"moved " + w.stays.Dotted() + ">" + free.Dotted()}},
		"a village merged into another": {func(l *lister) {
			delete(l.names, w.stays)
			l.more[empty[0]] = ";" + w.stays.Dotted() + ";;"
		}, []string{"merged " + w.stays.Dotted() + ">" + empty[0].Dotted()}},
		"two villages become a new one": {func(l *lister) {
			delete(l.names, empty[0])
			delete(l.names, empty[1])
			l.names[free], l.more[free] = "Gabungan", ";"+empty[0].Dotted()+", "+empty[1].Dotted()+";;"
		}, []string{"moved " + empty[0].Dotted() + ">" + free.Dotted(), "merged " + empty[1].Dotted() + ">" + free.Dotted()}},
		"nobody lives in what ends":         {func(l *lister) { delete(l.names, empty[0]) }, []string{"ended " + empty[0].Dotted()}},
		"who lives there needs a successor": {func(l *lister) { delete(l.names, w.stays) }, []string{"ended " + w.stays.Dotted() + " area.has_families"}},
		"two successors divide nobody": {func(l *lister) {
			delete(l.names, w.stays)
			l.names[free], l.more[free] = "Satu", ";"+w.stays.Dotted()+";;"
			l.names[free+1], l.more[free+1] = "Dua", ";"+w.stays.Dotted()+";;"
		}, []string{"split " + free.Dotted(), "split " + (free + 1).Dotted(), "ended " + w.stays.Dotted() + " area.list_heirs"}},
		"a subdistrict moves with its villages": {func(l *lister) {
			to := area.Code(8171090000)
			for _, code := range append(slices.Clone(other), w.goes, baguala) {
				l.names[to+code-baguala] = l.names[code]
				delete(l.names, code)
			}
		}, []string{"moved 81.71.03>81.71.09"}},
		"subdistricts are not merged": {func(l *lister) {
			for _, code := range append(slices.Clone(other), w.goes) {
				l.names[nusaniwe+code-baguala+500], l.more[nusaniwe+code-baguala+500] = l.names[code], ";"+code.Dotted()+";;"
				delete(l.names, code)
			}
			delete(l.names, baguala)
			l.more[nusaniwe] = ";" + baguala.Dotted() + ";;"
		}, nil},
	}
	for text, c := range cases {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			l := listOf(w)
			c.change(l)
			got := w.compare(t, l)
			if text == "subdistricts are not merged" {
				if !slices.Contains(said(got), "merged 81.71.03>"+nusaniwe.Dotted()+" area.list_merge") {
					t.Errorf("said %v", said(got))
				}
				return
			}
			slices.Sort(c.want)
			have := said(got)
			slices.Sort(have)
			if !slices.Equal(have, c.want) {
				t.Errorf("said %v, want %v", have, c.want)
			}
			if got.Rows != len(l.names) || got.BadAll != 0 {
				t.Errorf("%d rows of %d, %d bad", got.Rows, len(l.names), got.BadAll)
			}
		})
	}
}

func TestWhatAListNeeds(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	l := listOf(w)
	l.names[w.stays] = "Nama Baru"
	list := read(t, l.text())
	bare := areas.ListSettings{Within: testkit.Ambon}
	c, err := w.CompareList(t.Context(), w.who["admin"], list, bare)
	if err != nil || c.Problems() != 1 || fail.CodeOf(c.Differences[0].Err) != "area.list_decree" {
		t.Errorf("without a decree: %v, %v", said(c), err)
	}
	if _, _, err := w.ProposeList(t.Context(), w.who["admin"], list, bare); fail.CodeOf(err) != "area.list_problems" {
		t.Errorf("proposed without a decree: %v", err)
	}
	l.more[w.stays] = ";;UU 9/2024;2024-09-01"
	if c, err = w.CompareList(t.Context(), w.who["admin"], read(t, l.text()), bare); err != nil || c.Problems() != 0 || c.Decree.Basis != "UU 9/2024" {
		t.Errorf("with a decree of its own: %v, %+v, %v", said(c), c.Decree, err)
	}
	if _, _, err := w.ProposeList(t.Context(), w.who["admin"], read(t, listOf(w).text()), byDecree()); fail.CodeOf(err) != "area.list_same" {
		t.Errorf("nothing differs: %v", err)
	}
	for name, who := range map[string]string{"who verifies": "verifikator", "an operator": "op.stays"} {
		if _, err := w.CompareList(t.Context(), w.who[who], list, byDecree()); fail.CodeOf(err) != "access.denied" {
			t.Errorf("%s: %v", name, err)
		}
	}
	wide := byDecree()
	wide.Within = area.Nation
	if _, err := w.CompareList(t.Context(), w.who["admin"], list, wide); fail.CodeOf(err) != "access.denied" {
		t.Errorf("the admin of a district compares the nation: %v", err)
	}
	for text, code := range map[string]string{
		"":                       "tabular.empty",
		"kode;alamat\n81.71;x\n": "area.list_header",
		"nama\nAmbon\n":          "area.list_header",
		"kode;nama\n":            "area.list_empty",
	} {
		rows, err := tabular.NewCSV(strings.NewReader(text), tabular.Options{})
		if err == nil {
			_, err = areas.ReadList(rows)
		}
		if fail.CodeOf(err) != code {
			t.Errorf("%q: %v", text, err)
		}
	}
	bad := read(t, "kode;nama;kode_bps;kode_lama;berlaku\n81.71.01;Nusaniwe;;;\n81.71.01;Nusaniwe;;;\n81.71.1;X;;;\n81.71.02;;;;\n81.71.03;B;8x;;\n81.71.04;B;;81.71;\n81.71.05;B;;;2024\n")
	if bad.BadAll != 6 || bad.Rows() != 1 {
		t.Errorf("%d bad of %d: %v", bad.BadAll, bad.Rows(), bad.Bad)
	}
}

func (w *town) propose(t *testing.T, l *lister) areas.Change {
	t.Helper()
	change, c, err := w.ProposeList(t.Context(), w.who["admin"], read(t, l.text()), byDecree())
	if err != nil {
		t.Fatalf("%v: %v", err, said(c))
	}
	return change
}

func (w *town) approve(t *testing.T, id sqldb.ID) {
	t.Helper()
	if err := w.Approve(t.Context(), w.who["admin"], id, w.accounts); fail.CodeOf(err) != "access.same_person" {
		t.Errorf("one person alone: %v", err)
	}
	if err := w.Approve(t.Context(), w.who["kadis"], id, w.accounts); err != nil {
		t.Fatal(err)
	}
}

func TestAListIsAppliedAndTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		nusaniwe := w.stays.Subdistrict()
		empty := w.villagesOf(nusaniwe)
		free, code := nusaniwe+2099, nusaniwe+2098
		before := listOf(w)
		l := listOf(w)
		l.names[empty[0]], l.more[empty[0]] = "Nama Baru", ";;;"
		l.more[empty[1]] = "8171010999;;;"
		delete(l.names, empty[2])
		l.names[free], l.more[free] = "Desa Baru", "8171010998;;UU 9/2024;2024-09-01"
		delete(l.names, w.stays)
		l.names[code], l.more[code] = before.names[w.stays], ";"+w.stays.Dotted()+";;"
		subdistrict := area.Code(8171090000)
		for _, one := range append(w.villagesOf(baguala), w.goes, baguala) {
			l.names[subdistrict+one-baguala] = l.names[one]
			delete(l.names, one)
		}
		change := w.propose(t, l)
		w.approve(t, change.ID)
		// The process is killed after two steps; the job goes on.
		for range 2 {
			if _, _, err := w.Step(t.Context(), w.who["kadis"], change.ID); err != nil {
				t.Fatal(err)
			}
		}
		again, _ := open(t, db, w.clock)
		if err := again.ApplyApproved(t.Context(), w.accounts.Load); err != nil {
			t.Fatal(err)
		}
		if err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again(t)
		if c := w.compare(t, l); len(c.Differences) != 0 {
			t.Errorf("after it the list still differs: %v", said(c))
		}
		tree := w.Tree()
		if tree.Name(empty[0]) != "Nama Baru" || w.Known(empty[2]) || w.Known(w.stays) || w.Known(baguala) {
			t.Error("the areas are not those of the list")
		}
		if p, _ := tree.At(empty[1]); p.BPS != "8171010999" {
			t.Errorf("BPS code %q", p.BPS)
		}
		if p, _ := tree.At(free); p.Name != "Desa Baru" || p.BPS != "8171010998" || p.Tenant != 8171 || p.Village != int64(free) {
			t.Errorf("the new village is %+v", p)
		}
		w.counts(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND area_code = $1`, 1, int64(code))
		w.counts(t, `SELECT count(*) FROM area WHERE code = $1 AND valid_from = '2024-09-01'`, 1, int64(free))
		w.counts(t, `SELECT count(*) FROM area_alias WHERE old_code = $1 AND new_code = $2 AND valid_from = '2024-10-01'`, 1, int64(w.stays), int64(code))
		if now, err := tree.Resolve(w.goes, period.Date{}); err != nil || now != subdistrict+w.goes-baguala {
			t.Errorf("the old code leads to %s, %v", now, err)
		}
		if w.sees(t, "op.stays", "family", access.ReadRegistry) != 1 {
			t.Error("the operator lost her village")
		}

		undo, err := w.Undo(t.Context(), w.who["admin"], change.ID, "Surat 12/2024", period.On(2024, 10, 10))
		if err != nil {
			t.Fatal(err)
		}
		w.approve(t, undo.ID)
		if err := w.Apply(t.Context(), w.who["kadis"], undo.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.again(t)
		c := w.compare(t, before)
		if len(c.Differences) != 0 {
			t.Errorf("after the way back: %v", said(c))
		}
		w.counts(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND area_code = $1`, 1, int64(w.stays))
		if now, err := w.Tree().Resolve(code, period.Date{}); err != nil || now != w.stays {
			t.Errorf("a code taken back leads to %s, %v", now, err)
		}
		for act, n := range map[string]int{"area.propose": 2, "area.approve": 2} {
			w.counts(t, `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1`, n, act)
		}
	})
}

func TestVillagesAreMerged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		into := w.villagesOf(w.stays.Subdistrict())[0]
		l := listOf(w)
		delete(l.names, w.stays)
		l.more[into] = ";" + w.stays.Dotted() + ";;"
		change := w.propose(t, l)
		w.approve(t, change.ID)
		if err := w.Apply(t.Context(), w.who["kadis"], change.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.again(t)
		number := int64(0)
		if p, ok := w.Tree().At(into); ok {
			number = p.Village
		}
		w.counts(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND area_code = $1 AND village_id = $2`, 1, int64(into), number)
		w.counts(t, `SELECT count(*) FROM person WHERE kabkota = 8171 AND area_code = $1 AND village_id = $2`, 2, int64(into), number)
		if now, err := w.Tree().Resolve(w.stays, period.Date{}); err != nil || now != into || w.Known(w.stays) {
			t.Errorf("the merged village leads to %s, %v", now, err)
		}
		if w.sees(t, "op.stays", "family", access.ReadRegistry) != 1 {
			t.Error("the operator lost her families")
		}
		if _, err := w.Undo(t.Context(), w.who["admin"], change.ID, "Surat", period.On(2024, 10, 10)); fail.CodeOf(err) != "area.undo_merged" {
			t.Errorf("a merger is taken back: %v", err)
		}
	})
}

func TestWhatEndsIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	ends := w.villagesOf(w.stays.Subdistrict())[0]
	l := listOf(w)
	delete(l.names, ends)
	change := w.propose(t, l)
	w.approve(t, change.ID)
	// Between the list and its application a family moved there.
	if err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE family SET state = 1, area_code = $1 WHERE kabkota = 8171 AND area_code = $2`, int64(ends), int64(w.stays))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Apply(t.Context(), w.who["kadis"], change.ID, nil); fail.CodeOf(err) != "area.has_families" {
		t.Errorf("an area with a family ended: %v", err)
	}
}
