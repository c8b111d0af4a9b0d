// Package carry keeps what somebody typed from being lost when her session ends before she sends it. The form goes
// along with the sign-in page, sealed, and is offered again to who comes in: no server keeps it, and no page shows it
// before that.
package carry

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tepat/internal/kit/seal"
)

// Name is the field of the sign-in form in which a form goes along.
const Name = "carried"

const (
	purpose = seal.Purpose("carried form")
	// largest is how many bytes of JSON go along: the form of a family of thirty members has a tenth of it.
	largest = 256 << 10
	// lasts is how long a form may wait for its sender: as long as a session lasts at most.
	lasts = 12 * time.Hour
)

// Form is what was typed, and where it was on its way to.
type Form struct {
	Path   string     `json:"path"` // with its query, as it was posted
	Values url.Values `json:"values"`
	// From is whose session had ended, in the words of the site; empty when nobody knew any more.
	From string    `json:"from,omitempty"`
	At   time.Time `json:"at"`
}

// Pack reads the form of a request that came too late and seals it. It gives "" where nothing can go along: files, a
// form without a word in it, one that is too large, and what a script sent while somebody was typing.
func Pack(keys *seal.Keyring, r *http.Request, from string, now time.Time) string {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" || r.Header.Get("X-Draft") != "" || r.ParseForm() != nil {
		return ""
	}
	form := Form{Path: r.URL.RequestURI(), Values: r.PostForm, From: from, At: now}
	if form.empty() {
		return ""
	}
	plain, err := json.Marshal(form)
	if err != nil || len(plain) > largest {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(keys.Seal(nil, purpose, plain))
}

func (f Form) empty() bool {
	for _, list := range f.Values {
		if slices.ContainsFunc(list, func(v string) bool { return strings.TrimSpace(v) != "" }) {
			return false
		}
	}
	return true
}

// Open reads what Pack sealed. found is false for what is not ours, was changed, or has waited too long.
func Open(keys *seal.Keyring, text string, now time.Time) (form Form, found bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" {
		return Form{}, false
	}
	plain, err := keys.Open(purpose, sealed)
	if err != nil || json.Unmarshal(plain, &form) != nil {
		return Form{}, false
	}
	if waited := now.Sub(form.At); waited < 0 || waited > lasts {
		return Form{}, false
	}
	return form, true
}

// Fields gives every value with its name, in an order of names, as hidden fields of the form that sends it again.
func (f Form) Fields(each func(name, value string)) {
	names := make([]string, 0, len(f.Values))
	for name := range f.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range f.Values[name] {
			each(name, value)
		}
	}
}
