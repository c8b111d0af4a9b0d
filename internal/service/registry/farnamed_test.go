package registry_test

import (
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestTwinsUnderOneNIKAreTwoPersons: a list that gives one NIK and birth date on one card to two names nobody is written in loses neither
// of the two: the second stands as a person whose NIK somebody else holds, for a person to decide. Ways of writing one name are the same
// person, as before.
//
// A name far from hers in another list, or on another card, renames nobody either, unless besides NIK and birth date her card or her
// mother's name is the same: then somebody's name was mended, or she took another.
func TestTwinsUnderOneNIKAreTwoPersons(t *testing.T) {
	t.Parallel()
	elsewhere := row(t, 9, 1).KK
	for name, c := range map[string]struct {
		change func(twin *registry.Incoming)
		two    bool
	}{
		"two names":          {func(twin *registry.Incoming) { twin.Name = "DORKAS LATUHERU" }, true},
		"a slip":             {func(twin *registry.Incoming) { twin.Name = "MARIYA LATUHERU" }, false},
		"a short form":       {func(twin *registry.Incoming) { twin.Name = "M LATUHERU" }, false},
		"on another card":    {func(twin *registry.Incoming) { twin.Name, twin.KK = "DORKAS LATUHERU", elsewhere }, true},
		"in another list":    {func(twin *registry.Incoming) { twin.Name, twin.Source = "DORKAS LATUHERU", "LAIN" }, false},
		"in the next year's": {func(twin *registry.Incoming) { twin.Name, twin.SourceDate = "DORKAS LATUHERU", "2025" }, false},
		"in another list, on another card": {func(twin *registry.Incoming) {
			twin.Name, twin.Source, twin.KK = "DORKAS LATUHERU", "LAIN", elsewhere
		}, true},
		"in an older list, on another card": {func(twin *registry.Incoming) {
			twin.Name, twin.Source, twin.SourceDate, twin.KK = "DORKAS LATUHERU", "LAIN", "2019", elsewhere
		}, true},
		"of another mother": {func(twin *registry.Incoming) {
			twin.Name, twin.Source, twin.KK, twin.MotherName = "DORKAS LATUHERU", "LAIN", elsewhere, "YOHANA SAHETAPY"
		}, true},
		"of no known mother": {func(twin *registry.Incoming) {
			twin.Name, twin.Source, twin.KK, twin.MotherName = "DORKAS LATUHERU", "LAIN", elsewhere, ""
		}, true},
		"of her mother, in another list": {func(twin *registry.Incoming) {
			twin.Name, twin.Source, twin.KK, twin.MotherName = "DORKAS LATUHERU", "LAIN", elsewhere, "Ibu  Latuheru"
		}, false},
		"of her mother, on another card": {func(twin *registry.Incoming) {
			twin.Name, twin.KK, twin.MotherName = "DORKAS LATUHERU", elsewhere, "IBU LATUHERU"
		}, false},
		"of her mother, on her card":                  {func(twin *registry.Incoming) { twin.Name, twin.MotherName = "DORKAS LATUHERU", "IBU LATUHERU" }, true},
		"a slip, in another list and on another card": {func(twin *registry.Incoming) { twin.Name, twin.Source, twin.KK = "MARIYA LATUHERU", "LAIN", elsewhere }, false},
	} {
		for _, chunks := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
					h := newHouse(t, db)
					her, twin := row(t, 1, 1), row(t, 1, 2)
					her.Name, her.MotherName, twin.NIK, twin.BirthDate, twin.MotherName = "MARIA LATUHERU", "IBU LATUHERU", her.NIK, her.BirthDate, "IBU LAIN"
					c.change(&twin)
					if chunks == 1 {
						h.load(her, twin)
					} else {
						h.load(her)
						h.write(func(tx *act.Tx) error {
							asked := []registry.Incoming{twin}
							h.s.Ready(&asked[0], []byte("asked"))
							fresh, err := h.s.NewcomersIn(t.Context(), tx, testkit.AmbonTenant, asked)
							if (len(fresh) == 1) != c.two {
								t.Errorf("a dry run says %v", fresh)
							}
							return err
						})
						h.load(twin)
					}
					want := map[bool][3]int64{true: {2, 1, 1}, false: {1, 0, 0}}[c.two]
					got := [3]int64{
						h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`),
						h.count(`SELECT count(*) FROM link_pair WHERE kabkota = 8171 AND kind = 'contested'`),
						h.count(`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL AND contested = 1`),
					}
					if got != want {
						t.Errorf("%d chunks: persons, pairs, contested NIKs %v, want %v", chunks, got, want)
					}
					if c.two && h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND name = 'MARIA LATUHERU'`) != 1 {
						t.Error("she has another name")
					}
					if again := h.load(her, twin); again.Inserted != 0 {
						t.Errorf("the same rows again made %d persons", again.Inserted)
					}
				})
			})
		}
	}
}
