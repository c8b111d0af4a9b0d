package lookups_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/lookups"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// wit is a place where it is always the date in Ambon.
type wit struct{}

func (wit) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, time.FixedZone("WIT", 9*3600))
}

// Lineage: no village has changed its district.
func (wit) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

var (
	clerk    = testkit.Person(1, access.Operator, testkit.Village)
	stranger = testkit.Person(2, access.Operator, testkit.Neighbour)
	analyst  = testkit.Person(3, access.Analyst, testkit.Ambon)
)

func newOwn(t *testing.T, db *sqldb.DB) (desk, *lookups.Own) {
	t.Helper()
	d := newDesk(t, db)
	keys := testkit.Keys(t)
	return d, lookups.NewOwn(lookups.OwnParts{
		Acts: d.acts, Keys: keys, Registry: d.reg, Programmes: programmes.New(programmes.Parts{Acts: d.acts, Registry: d.reg}),
		Payments: payments.New(payments.Parts{Acts: d.acts, Keys: keys, Registry: d.reg}), Screening: screening.New(screening.Parts{Acts: d.acts, Keys: keys, Registry: d.reg, Library: &eligibility.Library{}}),
		Letters: letters.NewService(d.acts, wit{}), Visits: visits.New(d.acts, keys, d.reg, wit{}), Places: wit{},
	}, lookups.DefaultLimits())
}

// holder gives who holds a NIK.
func (d desk) holder(nik person.NIK) sqldb.ID {
	d.t.Helper()
	held, err := d.reg.HoldersIn(d.t.Context(), d.db.Direct(), []sqldb.Hash{d.reg.NIKHash(nik)})
	if err != nil {
		d.t.Fatal(err)
	}
	return held[d.reg.NIKHash(nik)].PersonID
}

func (d desk) acted(name string) (n int64) {
	d.t.Helper()
	if err := d.db.Direct().QueryRow(d.t.Context(), `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1`, name).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if fail.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestACodeOpensOnesOwnRecord(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, kk := d.add(1, "SITI UJI")
		other, _ := d.add(2, "ANI UJI")
		id := d.holder(nik)

		_, _, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, id, " ")
		wantCode(t, "without a purpose", err, "lookup.purpose")
		_, _, err = own.IssueCode(ctx, stranger, testkit.AmbonTenant, id, "status")
		wantCode(t, "of another village", err, "access.denied")
		_, _, err = own.IssueCode(ctx, analyst, testkit.AmbonTenant, id, "status")
		wantCode(t, "without a desk", err, "access.denied")
		c, code, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, id, "status")
		if err != nil || len(code) != 9 || c.Number == "" || c.ExpiresOn.DaysSince(period.On(2024, 10, 15)) != 90 || d.acted("lookup.code") != 1 {
			t.Fatalf("issued %+v, %q, %v", c, code, err)
		}
		var kept int64
		if err := db.Direct().QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND facts LIKE $1`, "%"+code+"%").Scan(&kept); err != nil || kept != 0 {
			t.Errorf("the code stands in the log %d times, %v", kept, err)
		}

		in, err := own.Enter(ctx, nik, strings.ToLower(strings.ReplaceAll(code, "-", " ")))
		if err != nil || in.Person != id || d.acted("self.enter") != 1 {
			t.Fatalf("entered %+v, %v", in, err)
		}
		_, err = own.Enter(ctx, other, code)
		wantCode(t, "with somebody else's NIK", err, "access_code.unknown")
		_, err = own.Enter(ctx, nik, "7K4M-92QX")
		wantCode(t, "with a wrong code", err, "access_code.unknown")
		_, err = own.Enter(ctx, nik, "7K4M")
		wantCode(t, "with half a code", err, "access_code.form")

		r, err := own.See(ctx, in)
		if err != nil || r.Person.ID != id || len(r.Members) != 1 || !r.Active() || r.LastChange.Source != "UJI" || d.acted("self.open") != 1 {
			t.Fatalf("record %+v, %v", r, err)
		}
		tells := func(outcome string) string { return "kata " + outcome }
		noted := map[visits.Outcome]sqldb.ID{}
		for i, o := range []visits.Outcome{visits.Moved, visits.ToMend} {
			v := visits.Visit{ID: sqldb.NewID(), On: period.On(2024, 10, 1+i), By: "Petugas Contoh", Met: "Tetangga Contoh", Outcome: o, Note: "Kata ketua RT"}
			if err := own.Visits.Note(ctx, clerk, testkit.AmbonTenant, r.Family.ID, v); err != nil {
				t.Fatal(err)
			}
			noted[o] = v.ID
		}
		if err := own.Visits.Withdraw(ctx, clerk, testkit.AmbonTenant, r.Family.ID, noted[visits.Moved], "Salah keluarga"); err != nil {
			t.Fatal(err)
		}
		file, err := own.Download(ctx, in, tells)
		if err != nil || !json.Valid(file) || strings.Contains(string(file), nik.Plain()) || strings.Contains(string(file), kk.Plain()) || !strings.Contains(string(file), "SITI UJI") {
			t.Errorf("file %s, %v", file, err)
		}
		var told struct {
			Visits []map[string]string `json:"kunjungan"`
		}
		if err := json.Unmarshal(file, &told); err != nil || len(told.Visits) != 1 || len(told.Visits[0]) != 3 || told.Visits[0]["tanggal"] != "2024-10-02" || told.Visits[0]["hasil"] != "to_mend" || told.Visits[0]["uraian"] != "kata to_mend" ||
			strings.Contains(string(file), "Contoh") || strings.Contains(string(file), "ketua RT") || strings.Contains(string(file), "moved") || strings.Contains(string(file), "Salah") {
			t.Errorf("the visits of the file are %v, %v: %s", told.Visits, err, file)
		}
		looks, err := own.Looks(ctx, in, sqldb.ID{}, 20)
		if err != nil || len(looks) != 7 || !looks[0].Own || looks[6].Act != "lookup.code" || looks[6].Own || looks[6].Role != access.Operator {
			t.Fatalf("looks %+v, %v", looks, err)
		}
		page, err := own.Looks(ctx, in, looks[1].ID, 1)
		if err != nil || len(page) != 1 || page[0].ID != looks[2].ID {
			t.Errorf("the next page is %+v, %v", page, err)
		}
	})
}

// TestNobodyIsToldWhatAnotherOfHerHouseAskedFor: looks at another member are not shown, and what the card was opened for is not.
func TestNobodyIsToldWhatAnotherOfHerHouseAskedFor(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, kk := d.add(1, "BUDI UJI")
		spouse, _ := numbersOf(t, 2)
		in := registry.Incoming{Source: "UJI", RowID: "2", SourceDate: "2024", KK: kk, NIK: spouse, Name: "SITI UJI", Sex: person.Female,
			BirthDate: period.On(1988, 5, 4), Relation: person.Wife, Area: testkit.Village}
		d.reg.Ready(&in, []byte(in.RowID))
		d.write(func(tx *act.Tx) error {
			_, err := d.reg.LoadIn(ctx, tx, testkit.AmbonTenant, []registry.Incoming{in})
			return err
		})
		he, she := d.holder(nik), d.holder(spouse)
		p, err := d.reg.PersonIn(ctx, db.Direct(), testkit.AmbonTenant, he)
		if err != nil {
			t.Fatal(err)
		}
		_, code, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, he, "status")
		if err == nil {
			_, _, err = own.IssueCode(ctx, clerk, testkit.AmbonTenant, she, "perlindungan")
		}
		if err == nil {
			err = d.acts.View(ctx, clerk, "registry.open", "perlindungan", func(tx *act.Tx) error {
				if err := tx.Allow(access.LookUp, testkit.AmbonTenant, testkit.Village); err != nil {
					return err
				}
				return tx.Record(ctx, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: p.FamilyID})
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		opened, err := own.Enter(ctx, nik, code)
		if err != nil {
			t.Fatal(err)
		}
		looks, err := own.Looks(ctx, opened, sqldb.ID{}, 50)
		file, failed := own.Download(ctx, opened, func(outcome string) string { return outcome })
		if err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		codes, cards := 0, 0
		for _, l := range looks {
			if l.Act == "lookup.code" {
				codes++
			}
			if l.Act == "registry.open" {
				cards++
			}
			if l.Purpose == "perlindungan" {
				t.Errorf("he is told what she asked for: %+v", l)
			}
		}
		if codes != 1 || cards != 1 || strings.Contains(string(file), "perlindungan") {
			t.Errorf("%d codes and %d looks at the card in %+v; the file: %s", codes, cards, looks, file)
		}
	})
}

func TestACodeEnds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, _ := d.add(1, "SITI UJI")
		id := d.holder(nik)
		give := func() (lookups.AccessCode, string, lookups.Opened) {
			t.Helper()
			c, code, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, id, "status")
			if err != nil {
				t.Fatal(err)
			}
			in, err := own.Enter(ctx, nik, code)
			if err != nil {
				t.Fatal(err)
			}
			return c, code, in
		}
		closed := func(what string, in lookups.Opened, code string) {
			t.Helper()
			_, err := own.See(ctx, in)
			wantCode(t, what, err, "access_code.closed")
			_, err = own.Enter(ctx, nik, code)
			wantCode(t, what+", again", err, "access_code.unknown")
		}
		_, first, in := give()
		c, second, again := give()
		closed("a newer code was given", in, first)

		wantCode(t, "revoked elsewhere", own.RevokeCode(ctx, stranger, testkit.AmbonTenant, c.ID), "access.denied")
		if err := own.RevokeCode(ctx, clerk, testkit.AmbonTenant, c.ID); err != nil {
			t.Fatal(err)
		}
		closed("taken back", again, second)
		wantCode(t, "taken back twice", own.RevokeCode(ctx, clerk, testkit.AmbonTenant, c.ID), "access_code.over")

		_, third, in := give()
		if err := own.EndOwn(ctx, in); err != nil {
			t.Fatal(err)
		}
		closed("ended by herself", in, third)
		var papers int64
		if err := db.Direct().QueryRow(ctx, `SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'access' AND revoked_at > 0`).Scan(&papers); err != nil || papers != 3 {
			t.Errorf("%d papers were taken back, %v", papers, err)
		}

		d.clock.Move(24 * time.Hour) // the tries of the day are used up
		_, fourth, in := give()
		d.clock.Move(90 * 24 * time.Hour)
		if _, err := own.See(ctx, in); err != nil {
			t.Errorf("on its last day: %v", err)
		}
		d.clock.Move(24 * time.Hour)
		closed("after its last day", in, fourth)
		list, err := own.CodesOf(ctx, clerk, testkit.AmbonTenant, testkit.Village, []sqldb.ID{id})
		if err != nil || len(list) != 4 || list[0].Uses != 1 || list[3].EndedWhy != lookups.Replaced {
			t.Errorf("codes %+v, %v", list, err)
		}
		forged := in
		forged.Person = sqldb.NewID()
		_, err = own.See(ctx, forged)
		wantCode(t, "somebody else's record", err, "access_code.closed")
	})
}

func TestGuessesAreBounded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, _ := d.add(1, "SITI UJI")
		_, code, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, d.holder(nik), "status")
		if err != nil {
			t.Fatal(err)
		}
		unknown, _ := numbersOf(t, 88)
		for range lookups.CodeTries() {
			_, err = own.Enter(ctx, nik, "0000-0000")
			_, nobody := own.Enter(ctx, unknown, "0000-0000")
			if fail.CodeOf(err) != "access_code.unknown" || fail.CodeOf(nobody) != fail.CodeOf(err) {
				t.Fatalf("a wrong code: %v, a NIK of nobody: %v", err, nobody)
			}
		}
		_, err = own.Enter(ctx, nik, code)
		wantCode(t, "the right code after five wrong ones", err, "check.limited")
		d.clock.Move(24 * time.Hour)
		if _, err = own.Enter(ctx, nik, code); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}
