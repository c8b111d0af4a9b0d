// Package bundle turns the readable styles and scripts of web/ into the files that are served.
// It is used by the build command and by the test that keeps dist in step with the sources.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"tepat/internal/kit/svg"
)

// Built is the outcome of one build: served files by name, and the Go source that names them.
type Built struct {
	Files map[string][]byte
	Names []byte
}

// asset is one served file before it is named.
type asset struct {
	constant, stem, ext, comment string
	content                      []byte
}

// Make builds everything from web, the root of the web folder. The result depends on nothing
// but the sources and esbuild's version.
func Make(web fs.FS) (Built, error) {
	assets := []asset{
		{constant: "AppCSS", stem: "app", ext: ".css", comment: "the stylesheet of every page"},
		{constant: "FormJS", stem: "form", ext: ".js", comment: "the script of pages with forms"},
		{constant: "ListJS", stem: "list", ext: ".js", comment: "the script of queues and lists; it includes FormJS"},
		{constant: "Htmx", stem: "htmx", ext: ".js", comment: "htmx 2.0.11 (Zero-Clause BSD)"},
		{constant: "Icon", stem: "icon", ext: ".svg", comment: "the sign of Tepat for browser tabs"},
	}
	sources := []func(fs.FS) ([]byte, error){styles, script("form.js"), script("list.js"),
		file("assets/vendor/htmx.org/htmx.min.js"), file("assets/icon.svg")}
	built := Built{Files: map[string][]byte{}}
	for i := range assets {
		content, err := sources[i](web)
		if err != nil {
			return Built{}, fmt.Errorf("build %s: %w", assets[i].stem, err)
		}
		assets[i].content = content
		built.Files[assets[i].name()] = content
	}
	names, err := namesSource(assets)
	built.Names = names
	return built, err
}

// name gives app-3k2j5m7q.css: eight letters of the content's digest.
func (a asset) name() string {
	sum := sha256.Sum256(a.content)
	digest := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	return a.stem + "-" + digest + a.ext
}

func file(name string) func(fs.FS) ([]byte, error) {
	return func(web fs.FS) ([]byte, error) { return fs.ReadFile(web, name) }
}

// styles joins the sheets in the order of their names and minifies them.
func styles(web fs.FS) ([]byte, error) {
	names, err := fs.Glob(web, "styles/*.css")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no styles: %w", err)
	}
	var all bytes.Buffer
	for _, name := range names {
		text, err := fs.ReadFile(web, name)
		if err != nil {
			return nil, err
		}
		if path.Base(name) == darkSheet {
			text = []byte(expandDark(string(text)))
		}
		all.Write(text)
		all.WriteByte('\n')
		if path.Base(name) == figureSheet {
			all.WriteString(svg.Stylesheet()) // before print and contrast themes, which have the last word
		}
	}
	return minify(all.String(), api.LoaderCSS)
}

// figureSheet is the sheet the rules of kit/svg follow.
const figureSheet = "60-figure.css"

// darkSheet holds the dark tokens once, as `:root { … }`.
const darkSheet = "01-dark.css"

// expandDark writes the dark tokens for a device that prefers dark and for a reader who chose
// it, because CSS cannot say "either" across a media query. Prints stay light.
func expandDark(sheet string) string {
	device := strings.ReplaceAll(sheet, ":root", `:root[data-theme="auto"]`)
	chosen := strings.ReplaceAll(sheet, ":root", `:root[data-theme="dark"]`)
	return "@media screen and (prefers-color-scheme: dark) {\n" + device + "\n}\n@media screen {\n" + chosen + "\n}\n"
}

func script(name string) func(fs.FS) ([]byte, error) {
	return func(web fs.FS) ([]byte, error) { return bundleScript(web, name) }
}

// bundleScript joins a module with what it imports from web/scripts.
func bundleScript(web fs.FS, entry string) ([]byte, error) {
	source, err := fs.ReadFile(web, "scripts/"+entry)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		Stdin:             &api.StdinOptions{Contents: string(source), Sourcefile: entry, Loader: api.LoaderJS},
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2017,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Charset:           api.CharsetUTF8,
		Plugins:           []api.Plugin{fromFS(web)},
	})
	if err := messages(result.Errors); err != nil {
		return nil, err
	}
	return result.OutputFiles[0].Contents, nil
}

// fromFS resolves "./x.js" inside web/scripts of the given file system only.
func fromFS(web fs.FS) api.Plugin {
	return api.Plugin{Name: "scripts", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: path.Clean(a.Path), Namespace: "scripts"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "scripts"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := fs.ReadFile(web, "scripts/"+a.Path)
			contents := string(text)
			return api.OnLoadResult{Contents: &contents, Loader: api.LoaderJS}, err
		})
	}}
}

func minify(source string, loader api.Loader) ([]byte, error) {
	result := api.Transform(source, api.TransformOptions{
		Loader: loader, MinifyWhitespace: true, MinifySyntax: true, Charset: api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		Engines: []api.Engine{{Name: api.EngineChrome, Version: "61"}, {Name: api.EngineFirefox, Version: "60"},
			{Name: api.EngineSafari, Version: "11"}},
	})
	if err := messages(append(result.Errors, result.Warnings...)); err != nil {
		return nil, err
	}
	return result.Code, nil
}

func messages(found []api.Message) error {
	if len(found) == 0 {
		return nil
	}
	m := found[0]
	if m.Location == nil {
		return fmt.Errorf("%s", m.Text)
	}
	return fmt.Errorf("%s:%d: %s (%s)", m.Location.File, m.Location.Line, m.Text, m.Location.LineText)
}

func namesSource(assets []asset) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by go run ./web/assets/build; DO NOT EDIT.\n\npackage assets\n\n")
	b.WriteString("// The URLs of the served files.\nconst (\n")
	for _, a := range assets {
		fmt.Fprintf(&b, "\t// %s is %s.\n\t%s = Prefix + %q\n", a.constant, a.comment, a.constant, a.name())
	}
	b.WriteString(")\n")
	return format.Source(b.Bytes())
}

// Write replaces dist and names.go under the web folder by what was built.
func Write(web string, built Built) error {
	dist := filepath.Join(web, "assets", "dist")
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, content := range built.Files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(web, "assets", "names.go"), built.Names, 0o644)
}
