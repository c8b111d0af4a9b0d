package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	link "tepat/data/linkage"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/conf"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
)

// settings are what the operator of an installation sets: in tepat.yaml of the data folder
// (or the file TEPAT_CONFIG names), or in the environment, such as TEPAT_CIVIL_URL.
type settings struct {
	Civil    civilSettings    `conf:"civil"`
	Identity identitySettings `conf:"identity"`
}

// identitySettings say by which numbers people are held for one: those of the program, or those that were trained on the
// decisions of this office (docs/linkage.md).
type identitySettings struct {
	Model string `conf:"model" help:"File of tepat link train; empty for the program's own model."`
}

// civilSettings say where answers about NIKs come from. What the agreement with Dukcapil
// fixes is here: address, key, mode, quota, age of answers (docs/operate/civil.md).
type civilSettings struct {
	Registry    string        `conf:"registry" default:"file" help:"Who answers about NIKs: file (the imported one), http (a service) or none."`
	Mode        string        `conf:"mode" default:"values" help:"How much it may tell: values, yes_no or found."`
	URL         string        `conf:"url" help:"Address of the service: https, or http on this machine."`
	Institution string        `conf:"institution" help:"Name of the agreement, for the counter of its quota."`
	Key         conf.Secret   `conf:"key" help:"Key of the agreement; better as TEPAT_CIVIL_KEY_FILE."`
	Quota       int64         `conf:"quota" default:"0" help:"NIKs a day; 0 is no limit."`
	MaxAge      time.Duration `conf:"max_age" default:"720h" help:"How long an answer holds before it is asked again."`
	Timeout     time.Duration `conf:"timeout" default:"10s" help:"Longest wait for one request."`
}

// Check refuses a registry or a mode there is not.
func (s *settings) Check() error {
	_, known := civilmatch.ModeNamed(s.Civil.Mode)
	switch {
	case s.Civil.Registry != "file" && s.Civil.Registry != "http" && s.Civil.Registry != "none":
		return fail.Invalid("civil.registry", "value", s.Civil.Registry).On("civil.registry")
	case !known:
		return fail.Invalid("civil.mode", "value", s.Civil.Mode).On("civil.mode")
	}
	return nil
}

// model reads the trained model, which has to ask what own asks: reasons are worded, kept and labelled by its comparisons.
func (s identitySettings) model(own *linkage.Model) (*linkage.Model, error) {
	if s.Model == "" {
		return own, nil
	}
	text, err := os.ReadFile(s.Model)
	if err != nil {
		return nil, files.Explain(err)
	}
	m, err := linkage.ParseModel(text, link.Tables)
	if err != nil {
		return nil, err
	}
	if !m.AsksAs(own) {
		return nil, fail.Invalid("identity.model", "model", m.Version(), "own", own.Version()).On("identity.model")
	}
	return m, nil
}

// readSettings reads the settings of the installation on a database.
func readSettings(db string) (s settings, all []conf.Setting, err error) {
	from := conf.Sources{Prefix: "TEPAT_", File: os.Getenv("TEPAT_CONFIG")}
	if from.File == "" {
		usual := filepath.Join(cli.DataDir(db), "tepat.yaml")
		if _, err := os.Stat(usual); err == nil {
			from.File = usual
		} else if !errors.Is(err, fs.ErrNotExist) {
			return s, nil, fail.NotFound("conf.file_absent", "file", usual).Because(err)
		}
	}
	all, err = conf.Load(&s, from)
	return s, all, err
}

// civilRegistry makes who answers about NIKs.
func (s civilSettings) civilRegistry(db *sqldb.DB, keys *seal.Keyring, now func() time.Time, zone *time.Location) (civil.Registry, error) {
	mode, _ := civilmatch.ModeNamed(s.Mode) // Check refused any other
	switch s.Registry {
	case "none":
		return civil.None{}, nil
	case "http":
		return civil.NewHTTP(db, keys, civil.HTTPOptions{
			URL: s.URL, Institution: s.Institution, Key: civil.Key(s.Key.Reveal()), Mode: mode, Quota: s.Quota, Zone: zone, Now: now,
			MaxAge: s.MaxAge, Timeout: s.Timeout,
		})
	default:
		return civil.NewFile(keys, mode), nil
	}
}
