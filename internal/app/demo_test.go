package app

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"tepat/internal/testkit"
)

// TestTheDemoEndsInItsFiguresOnBothEngines runs the ten steps for Kota Ambon, as `make demo`
// does, and holds the figures that were published.
func TestTheDemoEndsInItsFiguresOnBothEngines(t *testing.T) {
	t.Parallel()
	for engine, more := range map[string]func(t *testing.T) []string{
		"sqlite":   func(*testing.T) []string { return nil },
		"postgres": func(t *testing.T) []string { return []string{"--db", testkit.PostgresURL(t)} },
	} {
		t.Run(engine, func(t *testing.T) {
			args := append([]string{"demo", "--scenario", "ambon", "--no-serve", "--quiet", "--dir", filepath.Join(t.TempDir(), "demo")}, more(t)...)
			printed := tepat(t, 0, args...)
			figures, ok := printed["figures"].(map[string]any)
			if !ok {
				t.Fatal("the demo printed no figures")
			}
			citizensAnswered(t, printed["answers"])
			for name, want := range map[string]float64{"families": 34146, "persons": 100739, "not_matching": 5500} {
				if figures[name] != want {
					t.Errorf("%s = %v, want %v", name, figures[name], want)
				}
			}
			sent, _ := figures["requests"].(map[string]any)
			if want := map[string]any{"self_proposals": 420.0, "reports": 0.0, "objections": 0.0, "complaints": 130.0}; !reflect.DeepEqual(sent, want) {
				t.Errorf("citizens sent %v, want %v", sent, want)
			}
			if engine == "sqlite" {
				demoAgain(t, args, figures)
			}
		})
	}
}

// demoAgain takes a demo up a second time, and is refused another scenario and one that was
// interrupted.
func demoAgain(t *testing.T, args []string, figures map[string]any) {
	t.Helper()
	if again := tepat(t, 0, args...)["figures"]; !reflect.DeepEqual(again, figures) {
		t.Errorf("taken up again the demo has %v, before %v", again, figures)
	}
	dir := args[6]
	tepat(t, 0, "audit", "verify", "--db", filepath.Join(dir, "data", "tepat.db"), "--keys", filepath.Join(dir, "keys")) // days behind the demo's clock
	if said := tepat(t, 1, "demo", "--scenario", "minsel", "--no-serve", "--quiet", "--dir", dir); said["error"] != "demo.other" {
		t.Errorf("another scenario: %v", said)
	}
	if err := os.Remove(filepath.Join(dir, "demo.json")); err != nil {
		t.Fatal(err)
	}
	if said := tepat(t, 1, args...); said["error"] != "demo.unfinished" {
		t.Errorf("an interrupted demo: %v", said)
	}
}

// citizensAnswered asserts that citizens asked: most are listed, who typed other digits got the
// neutral answer, and one went home with her letter.
func citizensAnswered(t *testing.T, printed any) {
	t.Helper()
	told, _ := printed.(map[string]any)
	count := func(name string) float64 { n, _ := told[name].(float64); return n }
	asked, listed, neutral := count("asked"), count("listed"), count("neutral")
	if asked < 1900 || listed < asked/2 || listed > asked*9/10 || listed+neutral != asked {
		t.Errorf("citizens were answered %v", told)
	}
	if receiving := count("receiving"); receiving < 1 || receiving > listed {
		t.Errorf("%v of %v listed receive something", receiving, listed)
	}
	if letter, _ := told["letter"].(string); letter == "" {
		t.Error("nobody was given the registration letter")
	}
}
