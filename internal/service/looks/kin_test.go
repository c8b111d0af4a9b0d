package looks_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/looks"
	"tepat/internal/testkit"
)

// benteng is a village of the national list.
const benteng = area.Code(8171011008)

func (h house) exec(query string, args ...any) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

// home puts a family of one person into a house of the village.
func (h house) home(card byte, address, rt string) (family, head sqldb.ID) {
	h.t.Helper()
	family, head = sqldb.NewID(), sqldb.NewID()
	h.exec(`INSERT INTO family (kabkota, id, version, recorded_at, act_id, state, area_code, village_id, kk_hash, registry_id, household_id, head_name, address, rt, rw, persons, unmatched,
			source, source_date, since, decile, decile_source, decile_vintage)
		VALUES (8171, $1, 1, 0, $1, 1, $2, $2, $3, '', '', 'UJI', $4, $5, '001', 1, 0, 'UJI', '2024', '', 0, 0, '')`, family, int64(testkit.Village), sqldb.Hash{card}, address, rt)
	h.person(head, family, "ORANG UJI", testkit.Village)
	return family, head
}

// TestLooksAtOnesOwnKinAreFound: where an official's NIK is known, so is her family: its card, its house, and who left its card.
func TestLooksAtOnesOwnKinAreFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		own, herself := h.home(1, "Jl. Melati 3", "002")
		house, _ := h.home(2, "jl. melati 3", "002")
		_, sister := h.home(3, "Jl. Kenanga 9", "001")
		other, _ := h.home(4, "Jl. Melati 3", "005") // another neighbourhood's house of the same name
		h.exec(`INSERT INTO membership (kabkota, person_id, family_id, valid_from, valid_to, recorded_at, act_id) VALUES (8171, $1, $2, '2010', '2020', 0, $1)`, sister, own)
		h.exec(`INSERT INTO nik_index (nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes) VALUES ($1, 8171, $2, $3, 0, $4, 1, '')`, sqldb.Hash{9}, herself, own, []byte{})
		h.exec(`INSERT INTO account (id, login, name, password, totp_step, demo, state, failures, locked_until, last_login, created_at, version, nik_hash)
			VALUES ($1, 'siti', 'Siti', '', 0, 0, 'active', 0, 0, 0, 0, 1, $2)`, sqldb.ID{7, 15: 1}, sqldb.Hash{9})
		for i, subject := range []sqldb.ID{own, house, sister, other} {
			h.did(1, "registry.open", subject, 15, 9+i, 0)
			h.did(2, "registry.open", subject, 15, 9+i, 0) // of whom nothing is known
		}
		h.did(1, "proposal.file", sqldb.NewID(), 15, 14, 0)
		h.did(2, "proposal.file", sqldb.NewID(), 15, 14, 0)
		h.watch(3)
		found := map[sqldb.ID]bool{}
		for _, u := range h.found("own_kin") {
			found[u.Subject] = u.Actor == sqldb.ID{7, 15: 1} && u.N == 1
		}
		if len(found) != 3 || !found[own] || !found[house] || !found[sister] {
			t.Errorf("%+v", h.found("own_kin"))
		}
	})
}

// TestAnOfficeHasItsOwnHours: what an office works beyond the hours of all by a decision is not outside, for who works there, on
// its days, while it holds.
func TestAnOfficeHasItsOwnHours(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		admin := testkit.Person(5, access.Admin, testkit.Ambon)
		ctx := t.Context()
		night := looks.Hours{Area: benteng, Days: "12345", From: 6, To: 22, ValidFrom: period.On(2024, 10, 1), Basis: "SK Kadis 12/2024"}
		for name, c := range map[string]struct {
			change func(*looks.Hours)
			want   string
		}{
			"no days":        {func(h *looks.Hours) { h.Days = "" }, "looks.hours_days"},
			"no such day":    {func(h *looks.Hours) { h.Days = "18" }, "looks.hours_days"},
			"backwards":      {func(h *looks.Hours) { h.From, h.To = 22, 6 }, "looks.hours_span"},
			"no first day":   {func(h *looks.Hours) { h.ValidFrom = period.Date{} }, "looks.hours_from"},
			"ends before":    {func(h *looks.Hours) { h.ValidTo = period.On(2024, 9, 1) }, "looks.hours_until"},
			"by no decision": {func(h *looks.Hours) { h.Basis = " " }, "looks.hours_basis"},
			"elsewhere":      {func(h *looks.Hours) { h.Area = 1209000000 }, "access.denied"},
			"nowhere":        {func(h *looks.Hours) { h.Area = 8171990000 }, "area.unknown"},
		} {
			one := night
			c.change(&one)
			if _, err := h.SetHours(ctx, admin, one); fail.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if _, err := h.SetHours(ctx, auditor, night); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an auditor sets hours: %v", err)
		}
		kept, err := h.SetHours(ctx, admin, night)
		must(t, err)
		h.exec(`INSERT INTO account_grant (account_id, role, area_code, valid_from, valid_to) VALUES ($1, 'operator', $2, '2024-01-01', '')`, sqldb.ID{7, 15: 1}, int64(benteng))
		h.exec(`INSERT INTO account_grant (account_id, role, area_code, valid_from, valid_to) VALUES ($1, 'operator', $2, '2024-01-01', '')`, sqldb.ID{7, 15: 2}, int64(testkit.Neighbour))
		for reader := byte(1); reader <= 3; reader++ { // reader 3 has no office at all
			for i := range 2 {
				h.did(reader, "registry.open", sqldb.NewID(), 15, 20, i)
			}
			h.did(reader, "proposal.file", sqldb.NewID(), 15, 12, 0)
		}
		h.watch(2)
		for _, u := range h.found("outside_hours") {
			if u.Actor == (sqldb.ID{7, 15: 1}) {
				t.Errorf("at her office by its hours: %+v", u)
			}
		}
		for i := range 2 { // after 22.00 it is outside there too
			h.did(1, "registry.open", sqldb.NewID(), 15, 22, 10+i)
		}
		h.watch(1)
		list, err := h.Offices(ctx, auditor)
		if err != nil || len(list) != 1 || list[0].ID != kept.ID || list[0].Basis != "SK Kadis 12/2024" {
			t.Errorf("the auditor reads %+v, %v", list, err)
		}
		if list, err := h.Offices(ctx, other); err != nil || len(list) != 0 {
			t.Errorf("an auditor of another district reads %+v, %v", list, err)
		}
		if _, err := h.Offices(ctx, operator); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an operator: %v", err)
		}
		find := looks.Unusual{Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Actor: sqldb.ID{7, 15: 1}, Day: period.On(2024, 10, 15)}
		applied, err := h.HoursOf(ctx, auditor, find)
		if err != nil || len(applied) != 1 || !applied[0].On(period.On(2024, 10, 15)) || applied[0].On(period.On(2024, 10, 13)) {
			t.Errorf("applied: %+v, %v", applied, err)
		}
		for name, who := range map[string]access.Actor{"an auditor of another district": other, "an operator": operator} {
			if _, err := h.HoursOf(ctx, who, find); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s reads the hours of a find: %v", name, err)
			}
		}
		find.Day = period.On(2024, 9, 30)
		if early, err := h.HoursOf(ctx, auditor, find); err != nil || len(early) != 0 {
			t.Errorf("before it was decided: %+v, %v", early, err)
		}
		var entries int64
		must(t, db.Direct().QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'office.hours'`).Scan(&entries))
		if entries != 1 {
			t.Errorf("%d entries", entries)
		}
	})
}
