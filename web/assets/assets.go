// Package assets holds the styles, scripts and pictures of the web as they are served:
// minified, with a digest in each name, embedded in the binary.
//
// `go run ./web/assets/build` makes dist and names.go from web/styles, web/scripts and the
// vendored htmx; a test fails when they are out of step. Names carry their digest, so a file
// may be cached for ever.
package assets

import (
	"embed"
	"io/fs"
)

// Prefix is the path the files are served under.
const Prefix = "/assets/"

// HtmxConfig switches off everything in htmx that the Content-Security-Policy forbids, keeps
// personal pages out of the browser's local storage, and swaps 422 answers (a form with
// errors) as well as good ones.
const HtmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollBehavior":"instant",` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"422","swap":true},{"code":"...","swap":false,"error":true}]}`

//go:embed dist
var dist embed.FS

// Files gives the served files, named as in their URLs without Prefix.
func Files() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // cannot happen: dist is embedded
		panic(err)
	}
	return sub
}
