package public

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	view "tepat/web/public"
)

// questions asks simple sums, and keeps nothing of those it asked: the token in the form
// says which sum it was, when, and to whom, and is signed. A right answer counts once.
//
// A program answers a sum as easily as a person. The question slows down who tries by hand
// and who has not read this; what stops a program are the budgets.
type questions struct {
	secret   []byte
	answered *httpkit.Limiter[uint64] // tokens that were used, by their number
}

// questionLife is how long a reader may think.
const questionLife = 10 * time.Minute

// A token is its number and the second it was made in, signed.
const (
	tokenPlain = 8 + 8
	tokenMAC   = 16
)

func newQuestions(secret []byte, most int) *questions {
	return &questions{secret: secret, answered: httpkit.NewLimiter[uint64](1, questionLife, most)}
}

// ask makes a question for an address.
func (q *questions) ask(p i18n.Printer, from netip.Addr, now time.Time) *view.Question {
	var token [tokenPlain + tokenMAC]byte
	number := rand.Uint64() // a name, not a secret: the signature is what counts
	binary.BigEndian.PutUint64(token[:], number)
	binary.BigEndian.PutUint64(token[8:], uint64(now.Unix()))
	q.sign(token[:], from)
	a, b := terms(number)
	return &view.Question{Words: p.Text("public.check.question", "a", a, "b", b), Token: base64.RawURLEncoding.EncodeToString(token[:])}
}

// terms gives the two numbers of a sum, 1 to 9.
func terms(number uint64) (a, b int) { return 1 + int(number%9), 1 + int(number/9%9) }

// sign writes the signature behind the plain part; it binds the address.
func (q *questions) sign(token []byte, from netip.Addr) {
	address := from.As16()
	mac := hmac.New(sha256.New, q.secret)
	mac.Write(token[:tokenPlain])
	mac.Write(address[:])
	copy(token[tokenPlain:], mac.Sum(nil)[:tokenMAC])
}

// right reports whether answer answers the question of a token, which must be ours, asked of
// this address, not long ago, and not answered before.
func (q *questions) right(token, answer string, from netip.Addr, now time.Time) bool {
	given, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(given) != tokenPlain+tokenMAC {
		return false
	}
	want := append([]byte(nil), given...)
	q.sign(want, from)
	number, asked := binary.BigEndian.Uint64(given), time.Unix(int64(binary.BigEndian.Uint64(given[8:])), 0)
	a, b := terms(number)
	sum, err := strconv.Atoi(answer)
	if !hmac.Equal(given, want) || err != nil || sum != a+b || now.Before(asked.Add(-time.Minute)) || now.After(asked.Add(questionLife)) {
		return false
	}
	first, _ := q.answered.Allow(number, now)
	return first
}
