package app

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// atMost is how many addresses of one kind a walker follows: lists lead to many records alike.
const atMost = 6

var (
	anchors  = regexp.MustCompile(`<a\b[^>]*\bhref="([^"]*)"`)
	numbered = regexp.MustCompile(`[^/]*\d[^/]*`)
)

// TestNoLinkLeadsToAClosedDoor follows the links of the site from the first page on as everybody: whoever is shown a way
// may go it, and finds something there.
func TestNoLinkLeadsToAClosedDoor(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.counted(t)
	for _, who := range w.people {
		w.follow(t, who)
	}
}

// follow goes every kind of link a walker is shown.
func (w *walk) follow(t *testing.T, who walker) {
	t.Helper()
	type way struct{ to, from string }
	ways, gone, kinds := []way{{to: "/"}}, map[string]bool{}, map[string]int{}
	for len(ways) > 0 {
		one := ways[0]
		ways = ways[1:]
		path, _, _ := strings.Cut(one.to, "?")
		kind := numbered.ReplaceAllString(path, "*")
		if gone[one.to] || kinds[kind] == atMost || strings.Contains(one.to, "kantor=") {
			continue
		}
		gone[one.to] = true
		kinds[kind]++
		got := w.knock(t, door{route: "GET /{$}", path: one.to}, who.http)
		if got.status >= http.StatusBadRequest {
			t.Errorf("%s is led from %s to %s: %d %s", who.name, one.from, kind, got.status, got.words())
			continue
		}
		if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range anchors.FindAllStringSubmatch(got.body, -1) {
			if to := html.UnescapeString(link[1]); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				to, _, _ = strings.Cut(to, "#")
				ways = append(ways, way{to, kind})
			}
		}
	}
	if len(kinds) < 8 {
		t.Errorf("%s is led to %d kinds of pages only", who.name, len(kinds))
	}
}
