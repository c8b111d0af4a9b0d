package accounts

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tepat/internal/kit/fail"
)

// Cost is what one try of a password costs (RFC 9106). The zero Cost is the one OWASP names for
// servers that check many: 19 MiB, two passes, one lane.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

const (
	saltSize   = 16
	digestSize = 32

	minPassword = 10  // characters
	maxPassword = 128 // characters; longer ones only cost time
)

// hasher makes and checks password digests, a few at a time: each takes 19 MiB, and a flood of
// sign-ins must not take the machine down.
type hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string // checked where there is no account, so that both cases take the same time
}

func newHasher(o Options) *hasher {
	if o.Cost == (Cost{}) {
		o.Cost = Cost{Memory: 19 * 1024, Passes: 2, Lanes: 1}
	}
	if o.Hashes == 0 {
		o.Hashes = 4
	}
	h := &hasher{cost: o.Cost, slots: make(chan struct{}, o.Hashes)}
	h.dummy = h.phc(rand.Text())
	return h
}

// hash gives the digest of a password in PHC form.
func (h *hasher) hash(ctx context.Context, password string) (phc string, err error) {
	err = h.slot(ctx, func() error {
		phc = h.phc(password)
		return nil
	})
	return phc, err
}

// matches reports whether a password has the digest; stale tells that the digest was made at
// another cost and should be made anew. An empty digest never matches but takes as long.
func (h *hasher) matches(ctx context.Context, password, phc string) (ok, stale bool, err error) {
	known := phc != ""
	if !known {
		phc = h.dummy
	}
	cost, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, false, err
	}
	err = h.slot(ctx, func() error {
		ok = subtle.ConstantTimeCompare(digest(password, salt, cost, uint32(len(want))), want) == 1
		return nil
	})
	return ok && known, cost != h.cost, err
}

func (h *hasher) slot(ctx context.Context, f func() error) error {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func digest(password string, salt []byte, c Cost, size uint32) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.Passes, c.Memory, c.Lanes, size)
}

func (h *hasher) phc(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: it ends the process when the system has no randomness
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Lanes,
		b64.EncodeToString(salt), b64.EncodeToString(digest(password, salt, h.cost, digestSize)))
}

// parsePHC reads "$argon2id$v=19$m=19456,t=2,p=1$salt$digest".
func parsePHC(phc string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("password digest has an unknown form")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes); err == nil {
		salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	}
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || c.Passes == 0 || c.Lanes == 0 || len(salt) < 8 || len(sum) < 16 {
		return c, nil, nil, fmt.Errorf("password digest is damaged")
	}
	return c, salt, sum, nil
}

// checkPassword refuses passwords that are guessed first. Length is what counts (NIST SP 800-63B);
// no rule asks for capitals or signs. Errors: password.short (fact min), password.long (fact max),
// password.has_login, password.plain.
func checkPassword(password, login string) error {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case n < minPassword:
		return fail.Invalid("password.short", "min", minPassword).On("password")
	case n > maxPassword:
		return fail.Invalid("password.long", "max", maxPassword).On("password")
	case strings.Contains(lower, login):
		return fail.Invalid("password.has_login").On("password")
	case plain(lower):
		return fail.Invalid("password.plain").On("password")
	}
	return nil
}

// plain reports whether a password is a row of one thing: few different characters, a run such
// as "1234567890", or a word everybody tries with digits behind it.
func plain(lower string) bool {
	seen := map[rune]bool{}
	steps := 0
	var last rune
	for _, r := range lower {
		seen[r] = true
		if d := r - last; d == 1 || d == -1 || d == 0 {
			steps++
		}
		last = r
	}
	if len(seen) < 5 || steps*2 > utf8.RuneCountInString(lower) {
		return true
	}
	bare := strings.TrimRight(lower, "0123456789!.@#$*_-")
	for _, word := range [...]string{"password", "passw0rd", "katasandi", "indonesia", "qwerty", "qwertyuiop", "bismillah", "rahasia", "sayang",
		"merdeka", "dinsos", "kemensos", "siksng", "siks-ng", "dtks", "dtsen", "bansos", "admin", "administrator", "operator", "tepat"} {
		if bare == word {
			return true
		}
	}
	return false
}

// letters are those of temporary passwords: none that are mistaken for each other when read
// aloud or copied by hand. 256 is a multiple of their number, so each is as likely.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// temporaryPassword makes a password of 60 random bits that can be read aloud: "k7mq-3xfd-9wpt".
func temporaryPassword() string {
	raw := make([]byte, 12)
	rand.Read(raw)
	var b bytes.Buffer
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[int(r)%len(letters)])
	}
	return b.String()
}
