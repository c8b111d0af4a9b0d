package carry_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"tepat/internal/edge/carry"
	"tepat/internal/kit/seal"
	"tepat/internal/testkit"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func posted(body, kind string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/usulan/baru?konsep=1", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

const form = "application/x-www-form-urlencoded"

func TestAFormGoesAlongAndComesBack(t *testing.T) {
	t.Parallel()
	keys := testkit.Keys(t)
	values := url.Values{"name": {"SITI"}, "do": {"check"}, "pilih": {"1", "2"}}
	text := carry.Pack(keys, posted(values.Encode(), form), "ayu", noon)
	if text == "" || strings.Contains(text, "SITI") {
		t.Fatalf("carried as %q", text)
	}
	got, found := carry.Open(keys, text, noon.Add(time.Hour))
	want := carry.Form{Path: "/usulan/baru?konsep=1", Values: values, From: "ayu", At: noon}
	if !found || !reflect.DeepEqual(got, want) {
		t.Fatalf("came back as %+v, %v", got, found)
	}
	var fields []string
	got.Fields(func(name, value string) { fields = append(fields, name+"="+value) })
	if strings.Join(fields, " ") != "do=check name=SITI pilih=1 pilih=2" {
		t.Errorf("fields %v", fields)
	}
}

func TestWhatCannotGoAlong(t *testing.T) {
	t.Parallel()
	keys := testkit.Keys(t)
	draft := posted("name=SITI", form)
	draft.Header.Set("X-Draft", "1")
	for name, r := range map[string]*http.Request{
		"files":                    posted("--x\r\n", "multipart/form-data; boundary=x"),
		"a form without a word":    posted("name=&do=+", form),
		"a form that is too large": posted("name="+strings.Repeat("a", 300<<10), form),
		"what a script sent":       draft,
		"a form nobody can read":   posted("name=%zz", form),
	} {
		if got := carry.Pack(keys, r, "", noon); got != "" {
			t.Errorf("%s went along: %d bytes", name, len(got))
		}
	}
}

func TestWhatIsNotOursIsNotOpened(t *testing.T) {
	t.Parallel()
	keys, others := testkit.Keys(t), testkit.Keys(t)
	good := carry.Pack(keys, posted("name=SITI", form), "ayu", noon)
	for name, c := range map[string]struct {
		keys *seal.Keyring
		text string
		at   time.Time
	}{
		"nothing":            {keys, "", noon},
		"words":              {keys, "halo", noon},
		"one letter changed": {keys, good[:len(good)-2] + "AA", noon},
		"after half a day":   {keys, good, noon.Add(12*time.Hour + time.Second)},
		"before it was sent": {keys, good, noon.Add(-time.Second)},
		"of other keys":      {others, good, noon},
	} {
		if _, found := carry.Open(c.keys, c.text, c.at); found {
			t.Errorf("%s was opened", name)
		}
	}
	if _, found := carry.Open(keys, good, noon); !found {
		t.Error("what is ours was not opened")
	}
}
