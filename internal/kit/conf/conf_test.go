package conf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"tepat/internal/kit/conf"
	"tepat/internal/kit/fail"
)

type level string

func (l *level) UnmarshalText(b []byte) error {
	if string(b) != "village" && string(b) != "district" {
		return fail.Invalid("installation.level_unknown", "level", string(b))
	}
	*l = level(b)
	return nil
}

type settings struct {
	DB    string `conf:"db" default:"tepat-data/tepat.db" help:"the database"`
	Level level  `conf:"level" default:"district"`
	Web   struct {
		Addr    string        `conf:"addr" default:"127.0.0.1:8080"`
		Timeout time.Duration `conf:"timeout" default:"30s"`
		Proxies []string      `conf:"trusted-proxies"`
	} `conf:"web"`
	Workers int         `conf:"workers" default:"2"`
	Share   float64     `conf:"share" default:"0.5"`
	Jobs    bool        `conf:"jobs" default:"true"`
	Mail    conf.Secret `conf:"mail-password"`
}

func (s *settings) Check() error {
	if s.Workers < 1 {
		return fail.Invalid("conf.value", "key", "workers", "origin", "", "want", "1, 2, 3, ...")
	}
	return nil
}

// with gives sources out of maps: flags, environment, and files by name.
func with(flags, env map[string]string, files map[string]string) conf.Sources {
	from := conf.Sources{
		Prefix: "TEPAT_", Flags: flags,
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	}
	if _, ok := files["tepat.yaml"]; ok {
		from.File = "tepat.yaml"
	}
	return from
}

type pairs = map[string]string

func TestTheStrongerSourceWins(t *testing.T) {
	t.Parallel()
	file := pairs{"tepat.yaml": "web:\n  addr: :81\n"}
	cases := map[string]struct {
		flags, env, files pairs
		addr, origin      string
	}{
		"default": {nil, nil, nil, "127.0.0.1:8080", "default"},
		"file":    {nil, nil, file, ":81", "file"},
		"env":     {nil, pairs{"TEPAT_WEB_ADDR": ":82"}, file, ":82", "env TEPAT_WEB_ADDR"},
		"flag":    {pairs{"web.addr": ":83"}, pairs{"TEPAT_WEB_ADDR": ":82"}, file, ":83", "flag"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got settings
			list, err := conf.Load(&got, with(c.flags, c.env, c.files))
			if err != nil {
				t.Fatal(err)
			}
			want := conf.Setting{Key: "web.addr", Value: c.addr, Origin: c.origin}
			if got.Web.Addr != c.addr || list[2] != want {
				t.Errorf("addr %q, setting %+v, want %+v", got.Web.Addr, list[2], want)
			}
		})
	}
}

func TestEveryKindOfFieldIsFilled(t *testing.T) {
	t.Parallel()
	text := "db: /srv/a.db\nlevel: village\nweb: {timeout: 1m30s, trusted-proxies: [10.0.0.1, 10.0.0.2]}\nworkers: 4\nshare: 0.25\njobs: false\n"
	var got settings
	_, err := conf.Load(&got, with(nil, pairs{"TEPAT_MAIL_PASSWORD": "rahasia"}, pairs{"tepat.yaml": text}))
	if err != nil {
		t.Fatal(err)
	}
	want := settings{DB: "/srv/a.db", Level: "village", Workers: 4, Share: 0.25, Mail: "rahasia"}
	want.Web.Addr, want.Web.Timeout, want.Web.Proxies = "127.0.0.1:8080", 90*time.Second, []string{"10.0.0.1", "10.0.0.2"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		flags, env, files pairs
		codes             []string
	}{
		"a misspelt key":           {nil, nil, pairs{"tepat.yaml": "web: {adr: x}"}, []string{"conf.key_unknown"}},
		"not a number":             {nil, pairs{"TEPAT_WORKERS": "dua"}, nil, []string{"conf.value"}},
		"a number too large":       {nil, pairs{"TEPAT_WORKERS": "99999999999999999999"}, nil, []string{"conf.value"}},
		"not a duration":           {pairs{"web.timeout": "30"}, nil, nil, []string{"conf.value"}},
		"the field's own words":    {pairs{"level": "moon"}, nil, nil, []string{"installation.level_unknown"}},
		"several at once":          {pairs{"jobs": "ya"}, pairs{"TEPAT_SHARE": "x"}, nil, []string{"conf.value", "conf.value"}},
		"a rule across fields":     {pairs{"workers": "0"}, nil, nil, []string{"conf.value"}},
		"a list of maps":           {nil, nil, pairs{"tepat.yaml": "web: {trusted-proxies: [{a: 1}]}"}, []string{"conf.file_unreadable"}},
		"a file that is only text": {nil, nil, pairs{"tepat.yaml": "hello"}, []string{"conf.file_unreadable"}},
		"a file that is no YAML":   {nil, nil, pairs{"tepat.yaml": "a: [b"}, []string{"conf.file_unreadable"}},
		"a secret file missing":    {nil, pairs{"TEPAT_MAIL_PASSWORD_FILE": "/gone"}, nil, []string{"conf.value"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := conf.Load(new(settings), with(c.flags, c.env, c.files))
			var codes []string
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				for _, e := range joined.Unwrap() {
					codes = append(codes, fail.CodeOf(e))
				}
			} else {
				codes = append(codes, fail.CodeOf(err))
			}
			if !reflect.DeepEqual(codes, c.codes) {
				t.Errorf("codes %q (%v), want %q", codes, err, c.codes)
			}
		})
	}
}

func TestAMissingFileIsAnError(t *testing.T) {
	t.Parallel()
	from := with(nil, nil, nil)
	from.File = "gone.yaml"
	_, err := conf.Load(new(settings), from)
	if !errors.Is(err, fail.NotFound("conf.file_absent")) {
		t.Errorf("err = %v", err)
	}
}

func TestAnEmptyFileSetsNothing(t *testing.T) {
	t.Parallel()
	if _, err := conf.Load(new(settings), with(nil, nil, pairs{"tepat.yaml": "# nothing\n"})); err != nil {
		t.Error(err)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	env := pairs{
		"TEPAT_DB":                 "postgres://tepat:sandi@db/tepat?sslpassword=kunci&sslmode=require",
		"TEPAT_MAIL_PASSWORD_FILE": "/run/secrets/mail",
	}
	var got settings
	list, err := conf.Load(&got, with(nil, env, pairs{"/run/secrets/mail": "rahasia\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if got.Mail.Reveal() != "rahasia" {
		t.Errorf("secret read as %q", got.Mail.Reveal())
	}
	var out bytes.Buffer
	if err := conf.Write(&out, list); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%v %+v %#v", got.Mail, got.Mail, got.Mail)
	for _, secret := range []string{"sandi", "kunci", "rahasia"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is printed:\n%s", secret, out.String())
		}
	}
	for _, part := range []string{"postgres://tepat:xxxxx@db/tepat", "********", "file of TEPAT_MAIL_PASSWORD_FILE"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not printed:\n%s", part, out.String())
		}
	}
}

func TestAnAddressThatDoesNotParseIsMasked(t *testing.T) {
	t.Parallel()
	list, err := conf.Load(new(settings), with(pairs{"db": "postgres://tepat:san%di@db/tepat"}, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Value != "********" {
		t.Errorf("shown as %q", list[0].Value)
	}
}
