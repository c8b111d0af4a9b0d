package accounts

import (
	"strings"
	"testing"

	"tepat/internal/kit/fail"
)

func testHasher() *hasher {
	return newHasher(Options{Cost: Cost{Memory: 64, Passes: 1, Lanes: 1}})
}

func TestADigestMatchesItsPasswordAlone(t *testing.T) {
	t.Parallel()
	h := testHasher()
	one, err := h.hash(t.Context(), "perahu di teluk")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.hash(t.Context(), "perahu di teluk")
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("digests %q and %q", one, two)
	}
	for name, c := range map[string]struct {
		password, phc string
		want          bool
	}{
		"the same":              {"perahu di teluk", one, true},
		"another":               {"perahu di tepi", one, false},
		"no account":            {"perahu di teluk", "", false},
		"accents put together":  {"café di teluk", mustHash(t, h, "cafe\u0301 di teluk"), true},
		"nothing, no account":   {"", "", false},
		"another person's salt": {"perahu di teluk", two, true},
	} {
		ok, stale, err := h.matches(t.Context(), c.password, c.phc)
		if err != nil || ok != c.want || stale {
			t.Errorf("%s: %v, %v, %v; want %v", name, ok, stale, err, c.want)
		}
	}
}

func mustHash(t *testing.T, h *hasher, password string) string {
	t.Helper()
	phc, err := h.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return phc
}

// A digest made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
func TestDigestsOfOthersAreRead(t *testing.T) {
	t.Parallel()
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, stale, err := testHasher().matches(t.Context(), "password", reference)
	if err != nil || !ok || !stale {
		t.Errorf("%v, %v, %v; want a match at another cost", ok, stale, err)
	}
}

func TestDamagedDigestsAreErrors(t *testing.T) {
	t.Parallel()
	for _, phc := range []string{"x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q",
		"$argon2id$v=19$m=64,t=1,p=1$c29t$CTFhFdXPJO1aFaMaO6Mm5Q", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$!!"} {
		if _, _, err := testHasher().matches(t.Context(), "password", phc); err == nil {
			t.Errorf("%q was read", phc)
		}
	}
}

func TestPasswordsThatAreGuessedFirst(t *testing.T) {
	t.Parallel()
	for password, code := range map[string]string{
		"perahu di teluk":             "",
		"Tr0ub4dor&3xyz":              "",
		"k7mq-3xfd-9wpt":              "",
		"pendek123":                   "password.short",
		"Admin.Ambon-2024":            "password.has_login",
		"1234567890":                  "password.plain",
		"9876543210":                  "password.plain",
		"aaaaaaaaaaaa":                "password.plain",
		"abababababab":                "password.plain",
		"Indonesia1945":               "password.plain",
		"kemensos2024!":               "password.plain",
		strings.Repeat("kucing-", 20): "password.long",
		"élève à Rôti":                "",
	} {
		if got := fail.CodeOf(checkPassword(password, "admin.ambon")); got != code {
			t.Errorf("%q: %q, want %q", password, got, code)
		}
	}
}

func TestTemporaryPasswordsCanBeReadAloud(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		p := temporaryPassword()
		if len(p) != 14 || strings.Trim(p, letters+"-") != "" || seen[p] {
			t.Fatalf("%q", p)
		}
		seen[p] = true
	}
	if len(letters) != 32 {
		t.Errorf("%d letters: some would be likelier than others", len(letters))
	}
	if s := Secret("k7mq"); strings.Contains(s.String()+s.GoString(), "k7mq") {
		t.Error("a secret printed itself")
	}
}
