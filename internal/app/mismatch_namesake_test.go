package app

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/testkit/browser"
)

// sharesHerName gives somebody else in the civil registry the name and birth date of a person whose NIK leads to another name there, and
// gives the page of that person.
func (b *town) sharesHerName(t *testing.T) string {
	t.Helper()
	path := b.mismatch(t, "g.cause = 'name_spelling'")
	id, err := sqldb.ParseID(strings.SplitN(path, "-", 2)[1])
	if err != nil {
		t.Fatal(err)
	}
	var name, born string
	var sex, at int64
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT name, birth_date, sex, area_code FROM person WHERE id = $1`, id).Scan(&name, &born, &sex, &at); err != nil {
		t.Fatal(err)
	}
	birth, err := period.ParseDate(born)
	if err != nil {
		t.Fatal(err)
	}
	nik, err := person.ComposeNIK(817101, birth, person.Sex(sex), 9876)
	if err != nil {
		t.Fatal(err)
	}
	rows := []civil.CivilRow{{Tenant: b.Places.TenantOf(ambon), NIK: nik, Name: name, Sex: person.Sex(sex), BirthPlace: "AMBON", BirthDate: birth, MotherName: "ELISABETH SAPULETTE", Relation: person.Child, Area: area.Code(at), AsOf: "2024-01-01"}}
	b.Civil.Ready(&rows[0])
	err = b.Acts.Write(t.Context(), b.actor(t, access.Verifier), "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, b.Places.TenantOf(ambon), ambon); err != nil {
			return err
		}
		if _, err := b.Civil.LoadIn(t.Context(), tx, rows); err != nil {
			return err
		}
		return tx.Record(t.Context(), audit.Entry{Tenant: b.Places.TenantOf(ambon), Area: ambon})
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// sharesHerNIK lets another claim the NIK of a person whose NIK leads to another name in the civil registry, and gives the page of that person.
func (b *town) sharesHerNIK(t *testing.T) string {
	t.Helper()
	path := b.mismatch(t, "g.cause = 'name_spelling'")
	id, err := sqldb.ParseID(strings.SplitN(path, "-", 2)[1])
	if err != nil {
		t.Fatal(err)
	}
	err = b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE nik_index SET contested = 1 WHERE nik_hash = (SELECT nik_hash FROM person WHERE kabkota = $1 AND id = $2)`, int64(b.Places.TenantOf(ambon)), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// What was suggested before counts until she or the civil file changes: another claim comes with an import, and a match after it.
	if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM match_suggestion WHERE kabkota = $1`, int64(b.Places.TenantOf(ambon)))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestANIKOfTwoIsNotTakenForSure: of somebody whose NIK another bears too, the queue and the page say so and fill in no name.
func TestANIKOfTwoIsNotTakenForSure(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	path := b.sharesHerNIK(t)
	b.suggested(t)
	b.unsure(t, path, "nik_shared", "juga dipakai orang lain", "KTP orang yang satunya")
}

// TestANamesakeIsNotTakenForSure: of somebody whose NIK is another's and whose name and birth date a third has, the queue and the page say
// that nothing is sure, whom to look for, and fill in no name.
func TestANamesakeIsNotTakenForSure(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	path := b.sharesHerName(t)
	b.suggested(t)
	b.unsure(t, path, "namesake", "persis sama", "Periksa NIK di KTP")
}

// unsure looks at the line and the page of somebody of whom nothing is sure, for a cause: what they say, and that no name is filled in.
func (b *town) unsure(t *testing.T, path, cause, line, page string) {
	t.Helper()
	chromium := browser.Start(t)
	for _, view := range readers() {
		t.Run(view.name, func(t *testing.T) {
			at := b.signIn(t, chromium, access.Verifier, view.r)
			at.Go(b.url + "/padan?sebab=" + cause)
			at.FitForUse()
			worded(t, at)
			if said := at.Text("main tbody"); !strings.Contains(said, line) || strings.Contains(said, "hampir pasti") {
				t.Errorf("the line says %s", said)
			}
			for _, url := range []string{path, path + "?isi=saran"} {
				at.Go(b.url + url)
				at.FitForUse()
				worded(t, at)
				said := at.Text("main")
				if !strings.Contains(said, page) || strings.Contains(said, "hampir pasti") || strings.Contains(said, "Peluang menurut model") || strings.Contains(said, "Calon lain Tidak ada") {
					t.Errorf("%s says %s", url, said)
				}
				if strings.Contains(said, "Calon lain") != (cause == "namesake") {
					t.Errorf("%s says of another as near where none is known, or not where one is: %s", url, said)
				}
				if at.Count("main a[href*='isi=saran']") > 0 {
					t.Errorf("%s offers to fill in the name of another", url)
				}
			}
			picture(at, fmt.Sprintf("%s-padan-%s", view.name, cause))
		})
	}
}
