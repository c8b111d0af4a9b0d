package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestNoNumberIsCarriedThroughTheSignIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ address, next string }{
		"a page":                       {"/keluarga?desil=1&wilayah=81.71.01.1001", "/keluarga?desil=1&wilayah=81.71.01.1001"},
		"a record":                     {"/keluarga/8171-01a20468-fafe-76a5-ae9a-f9d106376119", "/keluarga/8171-01a20468-fafe-76a5-ae9a-f9d106376119"},
		"a NIK as an id":               {"/keluarga/8171014101800001", "/"},
		"a NIK as words to search":     {"/keluarga?cari=8171014101800001", "/"},
		"a NIK written with escapes":   {"/keluarga?cari=8171%3014101800001", "/"},
		"fifteen digits are no number": {"/keluarga?cari=817101410180001", "/keluarga?cari=817101410180001"},
	} {
		w := httptest.NewRecorder()
		if err := new(Desk).signInFirst(w, httptest.NewRequest(http.MethodGet, c.address, nil)); err != nil {
			t.Fatal(err)
		}
		if got, want := w.Header().Get("Location"), "/masuk?lanjut="+url.QueryEscape(c.next); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
