// Package conf fills a typed configuration from flags, the environment and one YAML file,
// checks it once, and can show every setting with where it came from.
//
// The configuration is a plain struct. A field's key is its name in the tag `conf`, nested
// structs join keys with a dot ("web.addr"); the environment variable is the prefix and the
// key in capitals with underscores ("TEPAT_WEB_ADDR"). Flags win over the environment, the
// environment over the file, the file over the tag `default`.
package conf

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tepat/internal/kit/fail"
)

// Secret is a setting that is never printed.
type Secret string

// String gives a mask, never the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "********"
}

// GoString gives a mask, never the secret.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText gives a mask, so that no encoder writes the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Sources are where settings come from. All may be empty; Env and ReadFile default to the
// process environment and the file system.
type Sources struct {
	Prefix   string            // of environment variables, such as "TEPAT_"
	Flags    map[string]string // by key, only those the user gave
	Env      func(name string) (string, bool)
	File     string // path of the YAML file; empty means none
	ReadFile func(path string) ([]byte, error)
}

// Checker is a configuration that has rules across its fields. Check is called once, after
// every field is filled.
type Checker interface{ Check() error }

// Setting is one filled field, as `config show` prints it.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // masked when secret
	Origin string `json:"origin"` // "flag", "env NAME", "file", "file of NAME" or "default"
	Help   string `json:"help"`
}

// Load fills into, which must point to a struct, and gives its settings in field order. All
// bad settings are reported together: errors.As finds the first, errors.Join keeps the rest.
func Load(into any, from Sources) ([]Setting, error) {
	l := &loader{from: from}
	if l.from.Env == nil {
		l.from.Env = os.LookupEnv
	}
	if l.from.ReadFile == nil {
		l.from.ReadFile = os.ReadFile
	}
	if err := l.readFile(); err != nil {
		return nil, err
	}
	l.fill(reflect.ValueOf(into).Elem(), "")
	l.leftOver()
	if err := errors.Join(l.errs...); err != nil {
		return nil, err
	}
	if c, ok := into.(Checker); ok {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	return l.settings, nil
}

type loader struct {
	from     Sources
	file     map[string]entry
	settings []Setting
	errs     []error
}

func (l *loader) fill(v reflect.Value, prefix string) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		key, tagged := field.Tag.Lookup("conf")
		if !tagged {
			continue
		}
		if value.Kind() == reflect.Struct && !isText(value) {
			l.fill(value, prefix+key+".")
			continue
		}
		l.field(prefix+key, field, value)
	}
}

func (l *loader) field(key string, field reflect.StructField, value reflect.Value) {
	text, origin, err := l.find(key, field)
	if err == nil && origin != "" {
		err = set(value, text)
	}
	delete(l.file, key)
	if err != nil {
		l.errs = append(l.errs, complain(key, origin, value, err))
		return
	}
	l.settings = append(l.settings, Setting{Key: key, Value: shown(value), Origin: origin, Help: field.Tag.Get("help")})
}

// find gives the text of the strongest source. A secret may also be named by a file whose
// path is in NAME_FILE, as container platforms hand secrets over.
func (l *loader) find(key string, field reflect.StructField) (text, origin string, err error) {
	if text, ok := l.from.Flags[key]; ok {
		return text, "flag", nil
	}
	name := EnvName(l.from.Prefix, key)
	if text, ok := l.from.Env(name); ok {
		return text, "env " + name, nil
	}
	if field.Type == reflect.TypeFor[Secret]() {
		if path, ok := l.from.Env(name + "_FILE"); ok {
			b, err := l.from.ReadFile(path)
			return strings.TrimRight(string(b), "\r\n"), "file of " + name + "_FILE", err
		}
	}
	if e, ok := l.file[key]; ok {
		return e.text, "file", nil
	}
	if text, ok := field.Tag.Lookup("default"); ok {
		return text, "default", nil
	}
	return "", "", nil
}

// EnvName gives the environment variable of a key: EnvName("TEPAT_", "web.addr") is TEPAT_WEB_ADDR.
func EnvName(prefix, key string) string {
	return prefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// complain names the key and what was wanted; the value is left out, it may be a secret.
func complain(key, origin string, value reflect.Value, err error) error {
	if fail.CodeOf(err) != "" {
		return err
	}
	return fail.Invalid("conf.value", "key", key, "origin", origin, "want", wanted(value)).On(key).Because(err)
}

func wanted(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return "30s, 5m, 12h"
	case v.Kind() == reflect.Bool:
		return "true, false"
	case v.CanInt(), v.CanUint():
		return "0, 1, 2, ..."
	case v.CanFloat():
		return "0.5"
	}
	return v.Type().Name()
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

// set parses the text into the field. A field of a kind not listed is a mistake in the
// program, which the first run shows.
func set(v reflect.Value, text string) (err error) {
	if t, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return t.UnmarshalText([]byte(text))
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		v.SetFloat(f)
	case reflect.Slice:
		v.Set(reflect.ValueOf(list(text)))
	default:
		panic("conf: no way to set a " + v.Type().String())
	}
	return err
}

// list cuts a comma-separated text; blanks around an item and empty items are dropped.
func list(text string) []string {
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return slices.DeleteFunc(items, func(s string) bool { return s == "" })
}

// shown gives the value as text, with secrets and the password of an address masked.
func shown(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = masked(fmt.Sprint(v.Index(i)))
		}
		return strings.Join(parts, ", ")
	}
	return masked(fmt.Sprint(v.Interface()))
}

func masked(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "********" // an address that does not parse may still hold a password
	}
	query := u.Query()
	for key := range query {
		if strings.Contains(strings.ToLower(key), "password") || strings.EqualFold(key, "token") {
			query.Set(key, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}

// Write prints the settings as a table: key, value, origin.
func Write(w io.Writer, settings []Setting) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		fmt.Fprintf(tab, "%s\t%s\t%s\n", s.Key, s.Value, s.Origin)
	}
	return tab.Flush()
}
