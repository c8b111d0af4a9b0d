package programmes_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

func TestTheQuotaOfTheDayCounts(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 10)
		set := func(from period.Date, places int64) programmes.Quota {
			q, err := h.s.SetQuota(t.Context(), h.manager, testkit.AmbonTenant, testkit.Ambon,
				programmes.Quota{Programme: programme.Sembako, From: from, Places: places, LegalBasis: "Surat Kemensos 1/2024"})
			h.must(err)
			return q
		}
		set(period.On(2024, 1, 1), 3)
		set(period.On(2024, 10, 1), 4)
		set(period.On(2024, 10, 20), 5)
		if q := set(period.On(2024, 10, 1), 6); q.Version != 2 {
			t.Errorf("the correction is version %d", q.Version)
		}
		open := programmes.Settings{Programme: programme.Sembako, AsOf: period.On(2024, 10, 14)}
		r := h.approved(open)
		h.clock.Move(time.Second)
		set(period.On(2024, 10, 1), 9) // after the run was made: its quota is frozen
		if r = h.drive(r); r.Tally["enrolled"] != 6 || r.Tally["quota"] != 6 {
			t.Errorf("tally %v, want the 6 of the corrected October quota", r.Tally)
		}
		list, err := h.s.Quotas(t.Context(), h.manager, testkit.AmbonTenant, testkit.Ambon, programme.Sembako)
		if err != nil || len(list) != 3 || list[0].Places != 5 || list[1].Places != 9 || list[1].Version != 3 || list[2].Places != 3 {
			t.Errorf("quotas %+v, %v", list, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.quota' AND facts LIKE '%"quota":6%' AND role = 'programme_manager'`); n != 1 {
			t.Errorf("%d audit entries of the correction", n)
		}
		if n := h.count(`SELECT count(*) FROM programme_quota WHERE kabkota = 8171`); n != 5 {
			t.Errorf("%d rows: a correction never overwrites", n)
		}
	})
}

func TestWhatAQuotaRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		good := programmes.Quota{Programme: programme.PKH, From: period.On(2024, 1, 1), Places: 1, LegalBasis: "Surat"}
		for name, c := range map[string]struct {
			who    access.Actor
			change func(*programmes.Quota)
			code   string
		}{
			"sound":                {h.manager, func(*programmes.Quota) {}, ""},
			"none at all":          {h.manager, func(q *programmes.Quota) { q.Places = 0 }, ""},
			"below zero":           {h.manager, func(q *programmes.Quota) { q.Places = -1 }, "programme.quota_places"},
			"part of a date":       {h.manager, func(q *programmes.Quota) { q.From = period.Date{} }, "programme.quota_from"},
			"no legal basis":       {h.manager, func(q *programmes.Quota) { q.LegalBasis = " " }, "programme.quota_basis"},
			"before the programme": {h.manager, func(q *programmes.Quota) { q.From = period.On(1999, 1, 1) }, "programme.not_in_force"},
			"another district":     {testkit.Person(3, access.ProgrammeManager, testkit.Nusaniwe), func(*programmes.Quota) {}, "access.denied"},
			"another role":         {h.head, func(*programmes.Quota) {}, "access.denied"},
		} {
			q := good
			c.change(&q)
			if _, err := h.s.SetQuota(t.Context(), c.who, testkit.AmbonTenant, testkit.Ambon, q); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		if _, err := h.s.Quotas(t.Context(), testkit.Person(4, access.Operator, testkit.Village), testkit.AmbonTenant, testkit.Ambon, programme.PKH); fail.CodeOf(err) != "access.denied" {
			t.Errorf("a village reads the district's quotas: %v", err)
		}
	})
}

func TestWhatAnEnrolmentRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 2)
		below := settings(programme.Sembako, -1)
		unknown := settings("nothing", 1)
		meeting := settings("blt_dd", 1)
		undated := settings(programme.Sembako, 1)
		undated.AsOf = must(period.ParseDate("2024-10"))(t)
		for name, c := range map[string]struct {
			who  access.Actor
			at   area.Code
			set  programmes.Settings
			code string
		}{
			"sound":                             {h.manager, testkit.Ambon, settings(programme.Sembako, 1), ""},
			"a village, since the quota is one": {h.manager, testkit.Village, settings(programme.Sembako, 1), "programme.whole_district"},
			"no quota set":                      {h.manager, testkit.Ambon, programmes.Settings{Programme: programme.Sembako, AsOf: period.On(2024, 10, 1)}, "programme.no_quota"},
			"a quota below zero":                {h.manager, testkit.Ambon, below, "programme.quota_places"},
			"an unknown programme":              {h.manager, testkit.Ambon, unknown, "programme.not_in_force"},
			"what the village meeting decides":  {h.manager, testkit.Ambon, meeting, "programme.by_deliberation"},
			"part of a date":                    {h.manager, testkit.Ambon, undated, "programme.as_of"},
			"outside the area":                  {testkit.Person(3, access.ProgrammeManager, testkit.Nusaniwe), testkit.Ambon, settings(programme.Sembako, 1), "access.denied"},
			"another role":                      {testkit.Person(4, access.Verifier, testkit.Ambon), testkit.Ambon, settings(programme.Sembako, 1), "access.denied"},
		} {
			r, err := h.work.Create(t.Context(), c.who, runs.NewRun{Kind: "enrol", Tenant: testkit.AmbonTenant, Area: c.at, Settings: c.set})
			if err == nil {
				_, err = h.work.Look(t.Context(), c.who, r.Tenant, r.ID)
			}
			if fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
	})
}
