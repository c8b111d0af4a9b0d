package cli

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"tepat/internal/kit/conf"
)

// ShowConfig shows what this installation is. It prints no secret: no key, no password.
type ShowConfig struct{}

// Help gives an example.
func (ShowConfig) Help() string { return "Example: tepat config show --db tepat-data/tepat.db" }

// configView is the installation as it is printed.
type configView struct {
	Installation string   `json:"installation"`
	Name         string   `json:"name"`
	Level        string   `json:"level"`
	Areas        []string `json:"areas"`
	Training     bool     `json:"training"`
	Created      any      `json:"created"`
	Database     string   `json:"database"`
	Engine       string   `json:"engine"`
	Schema       int64    `json:"schema"`
	DataFolder   string   `json:"data_folder"`
	KeyFolder    string   `json:"key_folder"`
	Keys         string   `json:"key_fingerprint"`
	Version      string   `json:"version"`

	Settings []conf.Setting `json:"settings"`
}

// Run shows it.
func (ShowConfig) Run(c *Call) error {
	return c.open(func(h *House) error {
		schema, err := h.DB.SchemaVersion(c)
		if err != nil {
			return err
		}
		v := configView{
			Installation: h.Home.ID.String(), Name: h.Home.Name, Level: string(h.Home.Level), Training: h.Home.Training, Created: instant(h.Home.Created), Areas: []string{},
			Database: withoutPassword(c.DB), Engine: h.DB.Dialect().String(), Schema: schema, DataFolder: h.DataDir, KeyFolder: c.keyDir(), Keys: h.Keys.Fingerprint(), Version: c.Version, Settings: h.Settings,
		}
		for _, at := range h.Home.Areas {
			v.Areas = append(v.Areas, at.Dotted())
		}
		c.result(v, func(w io.Writer) {
			line := func(key, value string) { fmt.Fprintf(w, "  %-24s %s\n", c.say.Text("cli.config."+key), value) }
			line("name", v.Name)
			line("level", c.say.Text("installation.level."+v.Level))
			for _, at := range h.Home.Areas {
				line("area", at.Dotted()+"  "+h.Places.Tree().Title(at))
			}
			if v.Training {
				line("training", c.say.Text("cli.yes"))
			}
			line("installation", v.Installation)
			line("database", v.Database+" ("+v.Engine+")")
			line("schema", fmt.Sprint(v.Schema))
			line("data_folder", v.DataFolder)
			line("key_folder", v.KeyFolder)
			line("keys", v.Keys)
			line("version", v.Version)
			fmt.Fprintf(w, "\n%s\n", c.say.Text("cli.config.settings"))
			for _, one := range v.Settings {
				fmt.Fprintf(w, "  %-24s %-16s %s\n", one.Key, one.Value, one.Origin)
			}
		})
		return nil
	})
}

// withoutPassword gives an address of a database that can be shown; a password in it is left out.
func withoutPassword(db string) string {
	if !strings.HasPrefix(db, "postgres") {
		return db
	}
	u, err := url.Parse(db)
	if err != nil {
		return "postgres://…"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "…")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
