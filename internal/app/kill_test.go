package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// asCommand makes this test binary be the program tepat, so that a test can kill it.
const asCommand = "TEPAT_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main("test", os.Args[1:]))
	}
	code := m.Run()
	if err := masters.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// command is the program as a process of its own.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "TEPAT_PASSPHRASE=perahu kertas di teluk dalam")
	return cmd
}

// tepat runs a command to its end and reads the JSON it prints.
func tepat(t *testing.T, want int, args ...string) (out map[string]any) {
	t.Helper()
	cmd := command(append(args, "--json")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if code != want {
		t.Fatalf("tepat %v: exit %d, want %d\n%s%s", args, code, want, text, stderr.String())
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("tepat %v printed %q: %v", args, text, err)
	}
	return out
}

// place is an installation that processes open by its database.
type place struct {
	db, keys, files string
}

// newPlace makes a training installation on a database, with accounts and files of so many families.
func newPlace(t *testing.T, db string, families int) place {
	t.Helper()
	dir := t.TempDir()
	p := place{db: db, keys: filepath.Join(dir, "keys"), files: filepath.Join(dir, "files")}
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	home := ambonOffice()
	h, err := Build(t.Context(), cli.OpenOptions{DB: db, Keys: p.keys, New: &home}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := h.Accounts.Demo(t.Context(), 8171011006); err != nil {
		t.Fatal(err)
	}
	inhabited(t, p.files, families, 11)
	return p
}

func (p place) args(args ...string) []string {
	return append(args, "--db", p.db, "--keys", p.keys, "--as", string("verifikator"))
}

// killed starts a command and kills it after a while, unless it ended before; done tells which.
func (p place) killed(t *testing.T, after time.Duration, args ...string) (done bool) {
	t.Helper()
	cmd := command(p.args(append(args, "--json")...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("tepat %v ended by itself: %v", args, err)
		}
		return true
	case <-time.After(after):
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
		return false
	}
}

// figures are what a registry holds, the same for a killed and an unkilled run.
func figures(t *testing.T, db string) map[string]int64 {
	t.Helper()
	open, err := sqldb.Open(t.Context(), db, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	out := map[string]int64{}
	for name, query := range map[string]string{
		"families":  `SELECT count(*) FROM family WHERE kabkota = 8171`,
		"persons":   `SELECT count(*) FROM person WHERE kabkota = 8171`,
		"members":   `SELECT CAST(sum(persons) AS BIGINT) FROM family WHERE kabkota = 8171`,
		"unmatched": `SELECT CAST(sum(unmatched) AS BIGINT) FROM family WHERE kabkota = 8171`,
		"matched":   `SELECT count(*) FROM person WHERE kabkota = 8171 AND match_status > 0`,
		"holders":   `SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL`,
		"contested": `SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL AND contested = 1`,
		"sources":   `SELECT count(*) FROM source_record WHERE kabkota = 8171`,
		"answers":   `SELECT count(*) FROM answers WHERE kabkota = 8171`,
		"history":   `SELECT count(*) FROM person_history WHERE kabkota = 8171`,
		"pairs":     `SELECT count(*) FROM link_pair WHERE kabkota = 8171 AND kind = 'contested'`, // those alike are queued while the site is served only
		"civil":     `SELECT count(*) FROM civil_record WHERE nik_hash IS NOT NULL`,
	} {
		var n int64
		if err := open.Direct().QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = n
	}
	return out
}

// TestKilledAtAnyMomentNothingIsLostOrDoubled kills -9 the import, the civil import and the
// match at random moments until each is done, and compares with an installation nobody killed.
func TestKilledAtAnyMomentNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	const families, mostKills = 4000, 12
	for engine, open := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") },
		"postgres": func(t *testing.T) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			calm, hurt := newPlace(t, open(t), families), newPlace(t, open(t), families)
			steps := [][]string{{"import", "families", "registry.csv"}, {"import", "civil", "civil.csv"}, {"match"}}
			for _, step := range steps {
				with := func(p place) []string {
					if len(step) == 1 {
						return step
					}
					return []string{step[0], step[1], filepath.Join(p.files, step[2])}
				}
				start := time.Now()
				tepat(t, 0, calm.args(with(calm)...)...)
				whole := time.Since(start)
				kills := 0
				for ; kills < mostKills && !hurt.killed(t, rand.N(whole), with(hurt)...); kills++ {
				}
				if kills == mostKills {
					tepat(t, 0, hurt.args(with(hurt)...)...)
				}
				t.Logf("%v: takes %s, killed %d times", step, whole, kills)
			}
			tepat(t, 0, "doctor", "--db", hurt.db, "--keys", hurt.keys)
			want, got := figures(t, calm.db), figures(t, hurt.db)
			for name := range want {
				if want[name] != got[name] {
					t.Errorf("%s = %d after kills, %d without", name, got[name], want[name])
				}
			}
		})
	}
}
