package installation_test

import (
	"errors"
	"reflect"
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

func district() installation.Creation {
	return installation.Creation{Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}}
}

func TestAnInstallationIsMadeOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		now := testkit.NewClock().Now()
		if _, err := installation.Read(t.Context(), db); !errors.Is(err, fail.NotFound("installation.missing")) {
			t.Errorf("before: %v", err)
		}
		made, err := installation.Create(t.Context(), db, district(), now)
		if err != nil {
			t.Fatal(err)
		}
		read, err := installation.Read(t.Context(), db)
		if err != nil || !reflect.DeepEqual(read, made) {
			t.Errorf("read %+v, %v; want %+v", read, err, made)
		}
		if _, err := installation.Create(t.Context(), db, district(), now); !errors.Is(err, fail.Conflict("installation.exists")) {
			t.Errorf("again: %v", err)
		}
		var acts int
		err = db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE kabkota = 0 AND act = 'installation.create' AND subject = $1`, made.ID).Scan(&acts)
		if err != nil || acts != 1 {
			t.Errorf("%d audit entries, %v; want 1", acts, err)
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	for name, c := range map[string]struct {
		change func(*installation.Creation)
		code   string
	}{
		"no name":                        {func(c *installation.Creation) { c.Name = " " }, "installation.name"},
		"no such level":                  {func(c *installation.Creation) { c.Level = "kecamatan" }, "installation.level"},
		"no area":                        {func(c *installation.Creation) { c.Areas = nil }, "installation.no_area"},
		"a village for a district":       {func(c *installation.Creation) { c.Areas = []area.Code{testkit.Village} }, "installation.area_level"},
		"a district for the nation":      {func(c *installation.Creation) { c.Level = installation.Nation }, "installation.area_level"},
		"an area code that cannot exist": {func(c *installation.Creation) { c.Areas = []area.Code{100_000_0} }, "installation.area_level"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := district()
			c.change(&in)
			if _, err := installation.Create(t.Context(), db, in, testkit.NewClock().Now()); fail.CodeOf(err) != c.code {
				t.Errorf("err = %v, want %s", err, c.code)
			}
		})
	}
}

func TestWhoPerformsWhat(t *testing.T) {
	t.Parallel()
	all := []installation.Duty{installation.Verify, installation.Ratify, installation.Determine, installation.RankOfficial,
		installation.PayCentral, installation.PayLocal, installation.Demonstrate}
	may := map[installation.Level][]bool{
		//                     verify ratify determine rank central local demo
		installation.Village:  {false, false, false, false, false, false, false},
		installation.District: {true, true, false, false, false, true, false},
		installation.Province: {false, false, false, false, false, false, false},
		installation.Nation:   {false, false, true, true, true, false, false},
	}
	for level, want := range may {
		for i, duty := range all {
			plain := installation.Installation{Level: level}
			err := plain.MustPerform(duty)
			if got := err == nil; got != want[i] {
				t.Errorf("%s performs %s: %v, want %v", level, duty, got, want[i])
			}
			if err != nil && !errors.Is(err, fail.Forbidden("installation.not_our_level")) {
				t.Errorf("%s, %s: %v", level, duty, err)
			}
			if training := (installation.Installation{Level: level, Training: true}); !training.May(duty) {
				t.Errorf("a training installation of level %s may not %s", level, duty)
			}
		}
	}
}

func TestTheLoadingMarker(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		mark := func(on bool) error {
			return db.Write(t.Context(), func(tx *sqldb.Tx) error { return installation.SetLoading(t.Context(), tx, on) })
		}
		if err := mark(true); !errors.Is(err, fail.NotFound("installation.missing")) {
			t.Errorf("without an installation: %v", err)
		}
		if _, err := installation.Create(t.Context(), db, district(), testkit.NewClock().Now()); err != nil {
			t.Fatal(err)
		}
		for _, on := range []bool{true, false} {
			if err := mark(on); err != nil {
				t.Fatal(err)
			}
			if i, err := installation.Read(t.Context(), db); err != nil || i.Loading != on {
				t.Errorf("loading = %v, %v; want %v", i.Loading, err, on)
			}
		}
	})
}

func TestMoreAreas(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		made, err := installation.Create(t.Context(), db, district(), testkit.NewClock().Now())
		if err != nil {
			t.Fatal(err)
		}
		if !made.Writes(testkit.Village) || made.Writes(1209000000) || made.Home() != testkit.Ambon {
			t.Errorf("writes for its village %v, for Asahan %v", made.Writes(testkit.Village), made.Writes(1209000000))
		}
		err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
			return installation.AddAreas(t.Context(), tx, 8173000000, testkit.Ambon)
		})
		if err != nil {
			t.Fatal(err)
		}
		if i, err := installation.Read(t.Context(), db); err != nil || !reflect.DeepEqual(i.Areas, []area.Code{testkit.Ambon, 8173000000}) {
			t.Errorf("areas = %v, %v", i.Areas, err)
		}
	})
}
