// Package installation keeps what this installation is: its id, its level, the areas it writes
// for, and whether it is a training one.
//
// A lower level proposes, verifies and ratifies; it imports and checks the acts of the level
// above (determination, official decile, status of central payments) and cannot perform them.
package installation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// Level is the office an installation stands in.
type Level string

// The levels of installations, lowest first.
const (
	Village  Level = "village"
	District Level = "district"
	Province Level = "province"
	Nation   Level = "nation"
)

// Levels lists the levels, lowest first.
func Levels() []Level { return []Level{Village, District, Province, Nation} }

// ParseLevel reads a level's word. Error: installation.level.
func ParseLevel(s string) (Level, error) {
	if l := Level(s); slices.Contains(Levels(), l) {
		return l, nil
	}
	return "", fail.Invalid("installation.level").On("level")
}

// Duty is something that only offices of certain levels do.
type Duty string

// The duties that are bound to levels; everything else every level may do.
const (
	Verify       Duty = "verify"        // the verification of proposals by Dinsos
	Ratify       Duty = "ratify"        // pengesahan by the bupati or wali kota
	Determine    Duty = "determine"     // penetapan by the minister
	RankOfficial Duty = "rank_official" // issuing official deciles; others import them
	PayCentral   Duty = "pay_central"   // paying central programmes; others import their status
	PayLocal     Duty = "pay_local"     // paying from the district's own budget
	Demonstrate  Duty = "demonstrate"   // demonstration accounts and synthetic people
)

// levels says which level performs a duty. A training installation performs all.
func (d Duty) levels() []Level {
	switch d {
	case Verify, Ratify, PayLocal:
		return []Level{District}
	case Determine, RankOfficial, PayCentral:
		return []Level{Nation}
	}
	return nil
}

// Installation is this installation. Its values change only by Create and SetLoading.
type Installation struct {
	ID      sqldb.ID
	Name    string
	Level   Level
	Areas   []area.Code // it writes for these; Nation for all
	Created time.Time
	// Training marks a LATIHAN installation: watermarked, resettable, and free to perform every level.
	Training bool
	// Loading is the marker of a bulk load under way; found at start it means the load was killed.
	Loading bool
}

// May reports whether the installation performs a duty itself.
func (i Installation) May(d Duty) bool { return i.Training || slices.Contains(d.levels(), i.Level) }

// MustPerform refuses a duty of another level with installation.not_our_level: such acts are
// imported here, with their decree, and never performed.
func (i Installation) MustPerform(d Duty) error {
	if i.May(d) {
		return nil
	}
	return fail.Forbidden("installation.not_our_level", "duty", string(d), "level", string(i.Level))
}

// Writes reports whether the installation writes for an area: one of its areas, or inside one.
func (i Installation) Writes(at area.Code) bool {
	return slices.ContainsFunc(i.Areas, func(own area.Code) bool { return own.Contains(at) })
}

// Home gives the first of the areas it writes for.
func (i Installation) Home() area.Code { return i.Areas[0] }

// Creation is what an installation is made with.
type Creation struct {
	Name     string
	Level    Level
	Areas    []area.Code
	Training bool
}

// check refuses areas that do not fit the level: a village's installation writes for villages, and so on.
func (c Creation) check() error {
	want := map[Level]area.Level{Village: area.LevelVillage, District: area.LevelDistrict, Province: area.LevelProvince, Nation: area.LevelNation}
	level, known := want[c.Level]
	switch {
	case strings.TrimSpace(c.Name) == "":
		return fail.Invalid("installation.name").On("name")
	case !known:
		return fail.Invalid("installation.level").On("level")
	case len(c.Areas) == 0:
		return fail.Invalid("installation.no_area").On("areas")
	}
	for _, a := range c.Areas {
		if a.Level() != level || !a.Valid() {
			return fail.Invalid("installation.area_level", "area", a.Dotted(), "level", string(c.Level)).On("areas")
		}
	}
	return nil
}

// Create makes the installation, once: a second time is refused with installation.exists. There
// is nobody to act yet, so the audit entry names the installation itself as the actor.
func Create(ctx context.Context, db *sqldb.DB, c Creation, now time.Time) (Installation, error) {
	if err := c.check(); err != nil {
		return Installation{}, err
	}
	made := Installation{ID: sqldb.NewID(), Name: strings.TrimSpace(c.Name), Level: c.Level, Areas: c.Areas, Training: c.Training,
		Created: now.UTC().Truncate(time.Microsecond)}
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := count(ctx, tx)
		if err != nil {
			return err
		}
		if n > 0 {
			return fail.Conflict("installation.exists")
		}
		if err := insert(ctx, tx, made); err != nil {
			return err
		}
		birth := audit.Act{ID: sqldb.NewID(), Name: "installation.create", At: made.Created, Who: access.Actor{ID: made.ID}}
		_, err = audit.Append(ctx, tx, birth, audit.Entry{Subject: made.ID, Facts: map[string]any{
			"level": made.Level, "areas": join(made.Areas), "training": made.Training,
		}})
		return err
	})
	if err != nil {
		return Installation{}, fmt.Errorf("create installation: %w", err)
	}
	return made, nil
}

// Read gives the installation. Error: installation.missing when none was created yet.
func Read(ctx context.Context, db *sqldb.DB) (Installation, error) {
	i, err := find(ctx, db.Direct())
	if err != nil {
		return i, fmt.Errorf("read installation: %w", err)
	}
	return i, nil
}

// SetLoading sets or clears the marker of a bulk load into empty tables, in the load's own
// transaction where it has one. Set, it makes the next start rebuild the indexes and check.
func SetLoading(ctx context.Context, tx *sqldb.Tx, on bool) error {
	n, err := setLoading(ctx, tx, on)
	if err == nil && n == 0 {
		err = fail.NotFound("installation.missing")
	}
	if err != nil {
		return fmt.Errorf("mark loading: %w", err)
	}
	return nil
}

// HoldIn lets one transaction at a time go on behind it, to the end of each: what the next one reads then, it reads as the one
// before left it. It is for the few decisions of which the whole installation may have one open.
func HoldIn(ctx context.Context, tx *sqldb.Tx) error {
	if err := hold(ctx, tx); err != nil {
		return fmt.Errorf("hold installation: %w", err)
	}
	return nil
}

// AddAreas lets the installation write for more areas, such as the new district of a split; those
// it has already are left alone. It joins the transaction of the act that decides it.
func AddAreas(ctx context.Context, tx *sqldb.Tx, more ...area.Code) error {
	i, err := find(ctx, tx)
	if err != nil {
		return fmt.Errorf("read installation: %w", err)
	}
	for _, a := range more {
		if !i.Writes(a) {
			i.Areas = append(i.Areas, a)
		}
	}
	if err := setAreas(ctx, tx, i.Areas); err != nil {
		return fmt.Errorf("add areas: %w", err)
	}
	return nil
}

// Recode gives one of the installation's areas its new code; others are left alone.
func Recode(ctx context.Context, tx *sqldb.Tx, from, to area.Code) error {
	i, err := find(ctx, tx)
	if fail.CodeOf(err) == "installation.missing" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read installation: %w", err)
	}
	at := slices.Index(i.Areas, from)
	if at < 0 {
		return nil
	}
	i.Areas[at] = to
	if err := setAreas(ctx, tx, i.Areas); err != nil {
		return fmt.Errorf("recode area: %w", err)
	}
	return nil
}
