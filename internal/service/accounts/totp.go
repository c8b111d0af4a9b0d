package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Time-based one-time codes as RFC 6238 and every authenticator app have them: HMAC-SHA-1, six
// digits, steps of 30 seconds. SHA-1 is not weak inside an HMAC, and many apps know no other.
const (
	codeStep   = 30 // seconds
	codeDigits = 6
	codeSlack  = 1 // steps a phone's clock may be off, each way
	keySize    = 20
)

// hotp gives the code of a counter (RFC 4226) with the number of digits.
func hotp(key []byte, counter int64, digits int) string {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(counter)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	value := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	modulus := uint32(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, value%modulus)
}

// matchCode finds the step at which a code is right and which is later than the last one used:
// a code seen over a shoulder, or caught on its way, is worth nothing a second time.
func matchCode(key []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, code)
	at := now.Unix() / codeStep
	for s := at - codeSlack; s <= at+codeSlack; s++ {
		if subtle.ConstantTimeCompare([]byte(hotp(key, s, codeDigits)), []byte(code)) == 1 && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// FactorKey is a new key for an authenticator app, shown once.
type FactorKey struct {
	// Text is the key in base32, in groups of four, to type in.
	Text string
	// URI is the otpauth address a QR code shows.
	URI string
}

// String hides the key.
func (FactorKey) String() string { return "[key of a second factor]" }

func newFactorKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key)
	return key
}

// factorKey writes a key as apps want it.
func factorKey(key []byte, issuer, login string) FactorKey {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: url.Values{
		"secret": {text}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	}.Encode()}
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:min(i+4, len(text))])
	}
	return FactorKey{Text: strings.Join(groups, " "), URI: uri.String()}
}
