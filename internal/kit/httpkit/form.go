package httpkit

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tepat/internal/kit/fail"
)

// ReadForm gives the posted values, trimmed. Names not in known are refused: a form sends what
// it shows, and anything else is a mistake of ours or somebody's probing.
func ReadForm(r *http.Request, known ...string) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, badForm(err)
	}
	return clean(r.PostForm, known)
}

// ReadQuery gives the values of the URL under the same rule. The preferences lang and theme
// are always known.
func ReadQuery(r *http.Request, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badForm(err)
	}
	values.Del(langName)
	values.Del(themeName)
	return clean(values, known)
}

func badForm(err error) error {
	if tooLarge, ok := asTooLarge(err); ok {
		return tooLarge
	}
	return fail.Invalid("request.unreadable").Because(err)
}

// clean refuses what no keyboard sends: names not asked for, text that is not UTF-8, NUL.
func clean(values url.Values, known []string) (url.Values, error) {
	out := make(url.Values, len(values))
	for name, list := range values {
		if !slices.Contains(known, name) {
			return nil, fail.Invalid("request.unknown_field")
		}
		for _, v := range list {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, fail.Invalid("request.unreadable").On(name)
			}
			out[name] = append(out[name], strings.TrimSpace(v))
		}
	}
	return out, nil
}
