package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
)

// demoMark is the file that says that a demo was made to its end, and which.
const demoMark = "demo.json"

// madeDemo is what the mark holds.
type madeDemo struct {
	Installation string     `json:"installation"`
	Scenario     string     `json:"scenario"`
	Started      time.Time  `json:"started"` // when its clock stood at nine in the morning
	Steps        []demoStep `json:"steps"`
}

// open makes the demo's installation, or takes up one whose ten steps are done: made tells
// which. Its clock goes on where it would stand had nobody stopped it, so that nothing is
// recorded before what is there. Errors: demo.unfinished for one that was interrupted,
// demo.database where that lies in a database outside the folder, demo.other for another scenario.
func (d Demo) open(c *Call, dir string, scenario synth.Scenario, started time.Time) (h *House, made *madeDemo, err error) {
	if made, err = readMark(dir); err != nil {
		return nil, nil, err
	}
	if made != nil {
		started = made.Started
	}
	o := OpenOptions{DB: c.DB, Keys: c.Keys, Clock: scenarioClock(scenario.AsOf, started), Log: demoLog(c, d), First: made == nil, New: &installation.Creation{
		Name: demoOffice(scenario), Level: installation.District, Areas: []area.Code{scenario.Area}, Training: true,
	}}
	h, err = c.Open(c, o)
	switch {
	case fail.CodeOf(err) == "installation.exists":
		return nil, nil, left(c, dir)
	case err != nil:
		return nil, nil, err
	case made == nil:
		return h, nil, nil
	case made.Installation != h.Home.ID.String():
		err = left(c, dir)
	case made.Scenario != d.Scenario:
		err = fail.Conflict("demo.other", "dir", dir, "scenario", made.Scenario)
	}
	if err != nil {
		return nil, nil, errors.Join(err, h.Close())
	}
	return h, made, nil
}

// demoOffice names the office of a demo, as it stands at the head of its letters: the scenario's title without its month.
func demoOffice(scenario synth.Scenario) string {
	place, _, _ := strings.Cut(scenario.Title.ID, ",")
	return "Dinas Sosial " + place
}

// left is what is said of a database that is neither empty nor the folder's finished demo: --fresh helps where
// it lies in the folder, and only there.
func left(c *Call, dir string) error {
	if ofFolder(c.DB, dir) {
		return fail.Conflict("demo.unfinished", "dir", dir)
	}
	return fail.Conflict("demo.database", "dir", dir)
}

// ofFolder tells whether the database is the file of the demo's folder, which --fresh removes.
func ofFolder(db, dir string) bool { return db == filepath.Join(dir, "data", "tepat.db") }

// makeWay sees to it that --fresh leaves no database without its keys. One outside the folder that holds an installation is
// emptied where it is PostgreSQL and the installation is for training, and nothing of the folder is removed before. Errors:
// demo.database for a file elsewhere, installation.not_training.
func (d Demo) makeWay(c *Call, dir string) (err error) {
	if ofFolder(c.DB, dir) {
		return nil
	}
	if !strings.Contains(c.DB, "://") {
		if _, err := os.Stat(c.DB); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	db, err := sqldb.Open(c, c.DB, sqldb.Options{NoLock: true})
	if err != nil {
		return fmt.Errorf("look at database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	switch _, err := installation.Read(c, db); {
	case err != nil:
		return nil // what else it may be is found when it is opened
	case db.Dialect() != sqldb.Postgres:
		return fail.Conflict("demo.database", "dir", dir)
	}
	if err := installation.Empty(c, db, c.Tables); err != nil {
		return err
	}
	fmt.Fprintln(c.Stderr, c.say.Text("demo.emptied"))
	return nil
}

// readMark reads the mark of a folder, nil when there is none.
func readMark(dir string) (*madeDemo, error) {
	text, err := os.ReadFile(filepath.Join(dir, demoMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read mark of demo: %w", err)
	}
	var made madeDemo
	if err := json.Unmarshal(text, &made); err != nil {
		return nil, fail.Conflict("demo.unfinished", "dir", dir)
	}
	return &made, nil
}

// mark notes that the ten steps are done.
func (r *demoRun) mark(dir string) error {
	text, err := json.Marshal(madeDemo{r.h.Home.ID.String(), r.scenario.Name, r.started, r.steps})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, demoMark), append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("mark demo: %w", err)
	}
	return nil
}

// work makes the demo, or takes up the one that is there: its accounts get new passwords.
func (r *demoRun) work(dir string, made *madeDemo) error {
	if made != nil {
		r.steps = made.Steps
		fmt.Fprintln(r.c.Stderr, r.c.say.Text("demo.again", "dir", dir))
		_, err := r.makeAccounts()
		return err
	}
	// A demo that is broken off is made anew, so nothing of it need be on the disk before it is marked as done.
	if err := errors.Join(r.h.DB.Hasty(r.c, true), r.all(), r.h.DB.Hasty(r.c, false)); err != nil {
		return err
	}
	return r.mark(dir)
}
