package synth

import (
	"maps"
	"os"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

func drawRandom(t *rapid.T) *random {
	var r random
	r.seed(rapid.Uint64().Draw(t, "seed"))
	return &r
}

// TestNameDefectsDiffer holds that no name defect can be folded away.
func TestNameDefectsDiffer(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	ids := slices.Sorted(maps.Keys(w.vocabulary.communities))
	rapid.Check(t, func(t *rapid.T) {
		r, v := drawRandom(t), w.vocabulary
		c := v.communities[rapid.SampledFrom(ids).Draw(t, "community")]
		sex := rapid.IntRange(0, 1).Draw(t, "sex")
		name := v.name(r, bearer{community: c, sex: sex, year: rapid.IntRange(1930, 2024).Draw(t, "year"), clan: c.clan(r)})
		for kind, wrong := range map[Kind]string{
			NameNickname: v.nickname(r, name), NameTypo: misspell(r, name), NameShort: v.shorten(r, name),
			NameTitle: v.titled(r, name, person.Male+person.Sex(sex)),
		} {
			if _, err := person.NewName(wrong); err != nil || person.FoldEqual(name, wrong) {
				t.Fatalf("%s of %q is %q: %v", kind, name, wrong, err)
			}
		}
		if !person.FoldEqual(name, titleCase(name)) {
			t.Fatalf("%q is not %q", titleCase(name), name)
		}
	})
}

func TestWrongDatesDiffer(t *testing.T) {
	t.Parallel()
	today := period.On(2024, 5, 31)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRandom(t)
		age := rapid.IntRange(0, oldest).Draw(t, "age")
		born := birthday(r, age, days(today))
		if got, ok := born.AgeOn(today); !ok || got != age {
			t.Fatalf("born %s for age %d", born, age)
		}
		if wrong := wrongDate(r, born, today); wrong == born || wrong.After(today) || !wrong.IsFull() {
			t.Fatalf("%s became %s", born, wrong)
		}
		if swappable(born) {
			if swapped := swapDate(born); swapped == born || swapDate(swapped) != born {
				t.Fatalf("%s swapped is %s", born, swapped)
			}
		}
		if dateOf(days(born)) != born {
			t.Fatalf("%s is day %d is %s", born, days(born), dateOf(days(born)))
		}
	})
}

// TestWrongNIKsAreNobodys holds that a slip in a NIK gives a number that can be one, and that is
// outside of everything ever issued.
func TestWrongNIKsAreNobodys(t *testing.T) {
	t.Parallel()
	w := &workshop{}
	w.year = 2024
	rapid.Check(t, func(t *rapid.T) {
		r := drawRandom(t)
		born := birthday(r, rapid.IntRange(0, oldest).Draw(t, "age"), days(period.On(2024, 5, 31)))
		sex := rapid.SampledFrom([]person.Sex{person.Male, person.Female}).Draw(t, "sex")
		serial := withoutZeros(rapid.IntRange(1, crossTop).Draw(t, "serial"))
		nik, err := person.ComposeNIK(8171010000, born, sex, serial)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := person.ParseNIK(w.wrongNIK(r, nik))
		if err != nil {
			t.Fatalf("%s: %v", wrong.Plain(), err)
		}
		text := wrong.Plain()
		ahead := (int(text[10]-'0')*10 + int(text[11]-'0') - 24 + 100) % 100
		if text[4] != '9' && text[12:] < "9000" && (ahead < 1 || ahead > 7) {
			t.Fatalf("%s became %s, which may be somebody's", nik.Plain(), text)
		}
	})
}

func TestSerialNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 9: 9, 10: 11, 18: 19, 19: 21, crossTop: 8888} {
		if got := withoutZeros(n); got != want {
			t.Errorf("number %d is %d, want %d", n, got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 5000), 1, 40).Draw(t, "weights")
		weights[0]++
		total := rapid.IntRange(0, 200_000).Draw(t, "total")
		var sum uint64
		for _, w := range weights {
			sum += w
		}
		got := 0
		for i, n := range spread(total, weights, rapid.Uint64Range(0, sum-1).Draw(t, "phase")) {
			exact := float64(total) * float64(weights[i]) / float64(sum)
			if float64(n) < exact-1 || float64(n) > exact+1 {
				t.Fatalf("part %d is %d, in proportion %.2f", i, n, exact)
			}
			got += n
		}
		if got != total {
			t.Fatalf("parts add up to %d of %d", got, total)
		}
	})
}

func TestSizes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		families := rapid.IntRange(1, 400).Draw(t, "families")
		persons := rapid.IntRange(families, families*largestFamily).Draw(t, "persons")
		sum := 0
		for _, size := range sizes(drawRandom(t), families, persons) {
			if size < 1 || size > largestFamily {
				t.Fatalf("a family of %d", size)
			}
			sum += size
		}
		if sum != persons {
			t.Fatalf("%d persons, want %d", sum, persons)
		}
	})
}

func TestLotDrawsByWeight(t *testing.T) {
	t.Parallel()
	weights := []int{0, 1, 5, 0, 94}
	l := newLot(oneTo(5), weights)
	var r random
	r.seed(1)
	var got [6]int
	const draws = 200_000
	for range draws {
		got[l.draw(&r)]++
	}
	for i, w := range weights {
		share := float64(got[i+1]) / draws * 100
		if share < float64(w)*0.93 || share > float64(w)*1.07 {
			t.Errorf("value %d: %.2f %%, want %d", i+1, share, w)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for k := Clean; k < kinds; k++ {
		if got, err := ParseKind(k.String()); got != k || err != nil {
			t.Errorf("%s is read as %s: %v", k, got, err)
		}
		wantMatch := k == Clean || k >= DuplicatePerson
		if (k.Expected().Group() == civilmatch.Agreed) != wantMatch {
			t.Errorf("%s is expected to be %s", k, k.Expected())
		}
	}
	if _, err := ParseKind("nothing"); fail.CodeOf(err) != "synth.kind" {
		t.Errorf("error %v", err)
	}
	var s SecondNIK
	if err := s.UnmarshalText([]byte("none")); fail.CodeOf(err) != "synth.second_nik" {
		t.Errorf("error %v", err)
	}
}

// TestWordsOfErrors holds that every error of the package has its sentences.
func TestWordsOfErrors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../web/messages/synth.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sentences map[string]map[string]string
	if err := yaml.Unmarshal(text, &sentences); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"kind", "second_nik", "scenario", "area_empty", "too_small", "too_dense"} {
		if s := sentences["error.synth."+code]; s["id"] == "" || s["en"] == "" {
			t.Errorf("no sentence for synth.%s", code)
		}
	}
}
