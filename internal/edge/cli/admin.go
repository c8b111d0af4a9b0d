package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/installation"
)

// Install makes a new installation.
type Install struct {
	Name     string   `required:"" help:"Name of the office, such as \"Dinas Sosial Kota Ambon\"."`
	Level    string   `default:"district" enum:"village,district,province,nation" help:"Level of the office."`
	Area     []string `required:"" help:"Area codes it writes for, such as 81.71."`
	Training bool     `help:"A training installation: watermarked, may perform every level."`
	Admin    string   `required:"" placeholder:"LOGIN=NAME" help:"First account: manages users."`
	Head     string   `required:"" placeholder:"LOGIN=NAME" help:"Second account: approves users and runs."`
}

// Help gives an example.
func (Install) Help() string {
	return `Example: tepat install --name "Dinas Sosial Kota Ambon" --area 81.71 --admin rahma="Rahma Yuliani" --head yusuf="Yusuf Latuconsina"`
}

// Run installs.
func (i Install) Run(c *Call) (err error) {
	level, err := installation.ParseLevel(i.Level)
	if err != nil {
		return err
	}
	creation := installation.Creation{Name: i.Name, Level: level, Training: i.Training}
	for _, text := range i.Area {
		code, err := area.Parse(text)
		if err != nil {
			return err
		}
		creation.Areas = append(creation.Areas, code)
	}
	var founders []accounts.Creation
	for _, one := range []struct {
		text string
		role access.Role
	}{{i.Admin, access.Admin}, {i.Head, access.AgencyHead}} {
		login, name, _ := strings.Cut(one.text, "=")
		founders = append(founders, accounts.Creation{Login: login, Name: name, Grant: accounts.Grant{Role: one.role}})
	}
	if err := accounts.CheckFounders(founders); err != nil {
		return err
	}
	h, err := c.Open(c, OpenOptions{DB: c.DB, Keys: c.Keys, New: &creation, First: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	for n := range founders {
		founders[n].Grant.Area = h.Home.Home()
	}
	made, err := h.Accounts.Found(c, founders)
	if err != nil {
		return err
	}
	type account struct{ Login, Password string }
	out := make([]account, len(made))
	for n, m := range made {
		out[n] = account{m.Login, m.Password.Reveal()}
	}
	c.result(map[string]any{"installation": h.Home.ID.String(), "accounts": out}, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("cli.installed", "name", h.Home.Name))
		for _, a := range out {
			fmt.Fprintf(w, "  %-20s %s\n", a.Login, a.Password)
		}
	})
	return nil
}

// Migrate brings the schema up.
type Migrate struct{}

// Help gives an example.
func (Migrate) Help() string { return "Example: tepat migrate --db postgres://localhost/tepat" }

// Run migrates; opening a house does it.
func (Migrate) Run(c *Call) error {
	return c.bare(func(db *sqldb.DB) error {
		steps, err := db.Migrate(c, c.Schema)
		if err != nil {
			return err
		}
		version, err := db.SchemaVersion(c)
		if err != nil {
			return err
		}
		c.result(map[string]any{"steps": steps, "version": version}, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.migrated", "steps", steps, "version", version))
		})
		return nil
	})
}

// bare opens the database alone.
func (c *Call) bare(f func(db *sqldb.DB) error) (err error) {
	if c.handed != nil {
		return f(c.handed.house.DB)
	}
	db, err := sqldb.Open(c, c.DB, sqldb.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f(db)
}

// standing opens the database alone where there is one: a name mistyped makes none.
func (c *Call) standing(f func(db *sqldb.DB) error) error {
	if err := MustStand(c.DB); err != nil {
		return err
	}
	return c.bare(f)
}

// Backup writes a backup.
type Backup struct {
	File string `arg:"" type:"outfile" help:"File to write; it must not exist."`
}

// Help gives an example.
func (Backup) Help() string {
	return "Example: tepat backup tepat-2026-11-21.tepat. The keys are not in it: see tepat key export."
}

// Run backs up.
func (b Backup) Run(c *Call) error {
	return c.standing(func(db *sqldb.DB) error {
		if err := db.Fits(c, c.Schema); err != nil {
			return err
		}
		copied, err := db.BackupTo(c, b.File, c.Schema, c.Tables, c.tables("cli.backing_up"))
		if err != nil {
			return err
		}
		return c.printCopied(copied)
	})
}

// tables shows how many tables of a copy are done. It tells no time that is left: one table may
// hold nearly everything.
func (c *Call) tables(key string) func(sqldb.Copied) {
	meter := c.board.Meter(c.say.Text(key), c.say.Text("unit.tables"))
	return func(sqldb.Copied) { meter.Add(1) }
}

func (c *Call) printCopied(copied []sqldb.Copied) error {
	var rows int64
	for _, t := range copied {
		rows += t.Rows
	}
	c.result(map[string]any{"tables": copied, "rows": rows}, func(w io.Writer) {
		for _, t := range copied {
			if t.Rows > 0 {
				fmt.Fprintf(w, "  %-18s %12s  %s\n", t.Table, c.say.Number(t.Rows), t.Digest[:16])
			}
		}
		fmt.Fprintln(w, c.say.Text("cli.copied", "rows", rows))
	})
	return nil
}

// Restore fills a new database.
type Restore struct {
	File string `arg:"" type:"infile" help:"A file made by tepat backup."`
}

// Help gives an example.
func (Restore) Help() string {
	return "Example: tepat restore tepat-2026-11-21.tepat --db new/tepat.db. The database must be new; it needs the keys too."
}

// Run restores.
func (r Restore) Run(c *Call) (err error) {
	scratch := filepath.Dir(c.DB) // where a copy of the same size has to fit anyway
	if strings.HasPrefix(c.DB, "postgres") {
		scratch = "" // the system's folder for such files
	} else if err := os.MkdirAll(scratch, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return sqldb.FromBackup(c, r.File, c.Schema, scratch, func(source *sqldb.DB) error { return c.fill(source, c.DB) })
}

// CopyDatabase copies to another database.
type CopyDatabase struct {
	To string `required:"" help:"The other database: a new SQLite file or an empty postgres://… database."`
}

// Help gives an example.
func (CopyDatabase) Help() string {
	return "Example: tepat db copy --db tepat-data/tepat.db --to postgres://localhost/tepat"
}

// Run copies.
func (d CopyDatabase) Run(c *Call) error {
	to := d.To
	if c.Dir != "" && !strings.HasPrefix(to, "postgres") && !filepath.IsAbs(to) {
		to = filepath.Join(c.Dir, to)
	}
	return c.standing(func(db *sqldb.DB) error {
		if err := db.Fits(c, c.Schema); err != nil {
			return err
		}
		return c.fill(db, to)
	})
}

// fill copies a database into a new one.
func (c *Call) fill(source *sqldb.DB, to string) (err error) {
	target, err := sqldb.Open(c, to, sqldb.Options{})
	if fail.CodeOf(err) == "db.owned" {
		err = fail.Conflict("cli.target_owned") // not ours to hand over
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if _, err := target.Migrate(c, c.Schema); err != nil {
		return err
	}
	copied, err := sqldb.Copy(c, source, target, c.Tables, c.tables("cli.copying"))
	if err != nil {
		return err
	}
	return c.printCopied(copied)
}

// VerifyAudit proves the log.
type VerifyAudit struct{}

// Help gives an example.
func (VerifyAudit) Help() string { return "Example: tepat audit verify" }

// Run verifies.
func (VerifyAudit) Run(c *Call) error {
	return c.open(func(h *House) error {
		proof, err := h.Sealer.Verify(c, h.Acts.Now())
		if err != nil {
			return err
		}
		c.result(proof, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.audit_whole", "entries", proof.Entries, "seals", proof.Seals))
			if proof.LastRoot != "" {
				fmt.Fprintln(w, "  "+proof.LastRoot)
			}
		})
		return nil
	})
}

// SealAudit seals what is due.
type SealAudit struct{}

// Help gives an example.
func (SealAudit) Help() string {
	return "Example: tepat audit seal. A serving installation seals by itself, entries older than ten minutes."
}

// Run seals.
func (SealAudit) Run(c *Call) error {
	return c.open(func(h *House) error {
		n, err := h.Sealer.SealDue(c, h.Acts.Now())
		if err != nil {
			return err
		}
		c.result(map[string]any{"sealed": n}, func(w io.Writer) { fmt.Fprintln(w, c.say.Text("cli.sealed", "entries", n)) })
		return nil
	})
}

// open opens the house for a command in nobody's name: one that shows no personal data and changes none.
func (c *Call) open(f func(h *House) error) (err error) {
	h, err := c.house()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return f(h)
}

// readPassphrase reads one line from the environment or the terminal.
func readPassphrase() (string, error) {
	if p := os.Getenv("TEPAT_PASSPHRASE"); p != "" {
		return p, nil
	}
	return "", fail.Invalid("cli.passphrase")
}
