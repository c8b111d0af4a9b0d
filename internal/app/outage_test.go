package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// TestADatabaseThatGoesAwayIsToldAndTheRunGoesOn breaks every connection to PostgreSQL again
// and again while files are imported and matched: each command ends well, or says that the
// database does not answer, and the figures are those of a calm installation.
func TestADatabaseThatGoesAwayIsToldAndTheRunGoesOn(t *testing.T) {
	t.Parallel()
	const families, mostBreaks = 2000, 10
	calm, hurt := newPlace(t, testkit.PostgresURL(t), families), newPlace(t, testkit.PostgresURL(t), families)
	told := 0
	for _, step := range [][]string{{"import", "families", "registry.csv"}, {"import", "civil", "civil.csv"}, {"match"}} {
		with := func(p place) []string {
			if len(step) == 1 {
				return p.args(step...)
			}
			return p.args(step[0], step[1], filepath.Join(p.files, step[2]))
		}
		start := time.Now()
		tepat(t, 0, with(calm)...)
		whole := time.Since(start)
		done := false
		for try := 0; try < mostBreaks && !done; try++ {
			if done = broken(t, hurt.db, rand.N(whole), with(hurt)...); !done {
				told++
			}
		}
		if !done {
			tepat(t, 0, with(hurt)...)
		}
	}
	if told == 0 {
		t.Log("no break hit a command at a moment it could feel")
	}
	tepat(t, 0, "doctor", "--db", hurt.db, "--keys", hurt.keys)
	want, got := figures(t, calm.db), figures(t, hurt.db)
	for name := range want {
		if want[name] != got[name] {
			t.Errorf("%s = %d after the breaks, %d without", name, got[name], want[name])
		}
	}
}

// broken runs a command and breaks its connections after a while. It tells whether the command
// did its work; when not, it must have said why.
func broken(t *testing.T, db string, after time.Duration, args ...string) bool {
	t.Helper()
	cmd := command(append(args, "--json")...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(after):
		breakConnections(t, db)
		err = <-ended
	}
	if err == nil {
		return true
	}
	var exit *exec.ExitError
	var said struct{ Error string }
	if !errors.As(err, &exit) || json.Unmarshal(out.Bytes(), &said) != nil || said.Error != "db.gone" {
		t.Fatalf("%v: %v, said %q\n%s%s", args, err, said.Error, out.String(), stderr.String())
	}
	return false
}

// breakConnections ends every other connection to the database.
func breakConnections(t *testing.T, db string) {
	t.Helper()
	open, err := sqldb.Open(t.Context(), db, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	_, err = open.Pool().Exec(context.WithoutCancel(t.Context()), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
}
