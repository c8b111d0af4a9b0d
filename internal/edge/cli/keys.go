package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/files"
	"tepat/internal/kit/seal"
	"tepat/internal/service/rekey"
	"tepat/internal/service/runs"
)

// ExportKeys writes the keys for safekeeping.
type ExportKeys struct {
	Out    string `required:"" type:"outfile" help:"File to write."`
	Shared bool   `help:"Only the blind-index key, for an office that exchanges data with this one."`
}

// Help gives an example.
func (ExportKeys) Help() string {
	return "Example: TEPAT_PASSPHRASE='four words nobody guesses' tepat key export --out kunci.pem. Keep it away from the backups."
}

// Run exports.
func (e ExportKeys) Run(c *Call) error {
	passphrase, err := readPassphrase()
	if err != nil {
		return err
	}
	keys, err := seal.Load(c.keyDir())
	if err != nil {
		return err
	}
	content := seal.Whole
	if e.Shared {
		content = seal.Shared
	}
	text, err := keys.Export(passphrase, content)
	if err != nil {
		return err
	}
	if err := files.Write(e.Out, 0o600, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	c.result(map[string]any{"file": e.Out, "fingerprint": keys.Fingerprint()}, func(w io.Writer) {
		fmt.Fprintln(w, c.say.Text("cli.keys_exported", "file", e.Out))
	})
	return nil
}

// ImportKeys restores keys.
type ImportKeys struct {
	File string `arg:"" type:"infile" help:"A file made by tepat key export."`
}

// Help gives an example.
func (ImportKeys) Help() string {
	return "Example: TEPAT_PASSPHRASE='four words nobody guesses' tepat key import kunci.pem --keys new-keys"
}

// Run imports.
func (i ImportKeys) Run(c *Call) error {
	passphrase, err := readPassphrase()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(i.File)
	if err != nil {
		return fmt.Errorf("read exported keys: %w", err)
	}
	keys, err := seal.Import(c.keyDir(), text, passphrase, time.Now())
	if err != nil {
		return err
	}
	return c.printKeys(keys)
}

// RotateKeys makes a new encryption key and seals again what old keys sealed.
type RotateKeys struct{}

// Help gives an example.
func (RotateKeys) Help() string {
	return "Example: tepat key rotate --as admin. Export the keys again afterwards: earlier exports do not hold the new one."
}

// Run rotates.
func (RotateKeys) Run(c *Call) error {
	return c.reseal(func(h *House, who access.Actor, tenant area.Tenant, at area.Code) error {
		_, err := h.Rekey.Rotate(c, who, tenant, at)
		return err
	})
}

// Reseal seals again what old keys sealed.
type Reseal struct{}

// Help gives an example.
func (Reseal) Help() string {
	return "Example: tepat key reseal --as admin. Use it after restoring a backup that is older than the newest key; what is sealed with it already stays as it is."
}

// Run seals again.
func (Reseal) Run(c *Call) error {
	return c.reseal(func(*House, access.Actor, area.Tenant, area.Code) error { return nil })
}

// reseal makes and works a run that seals everything with the current key, after what comes first.
func (c *Call) reseal(first func(h *House, who access.Actor, tenant area.Tenant, at area.Code) error) error {
	return c.with(func(h *House, who access.Actor) error {
		at := h.Home.Home()
		tenant := h.Places.RecordTenant(at)
		if err := first(h, who, tenant, at); err != nil {
			return err
		}
		r, err := c.drive(h, who, runs.NewRun{Kind: rekey.Kind, Tenant: tenant, Area: at, Settings: h.Rekey.Current()})
		return c.printDriven(h, r, "", err)
	})
}

func (c *Call) printKeys(keys *seal.Keyring) error {
	c.result(map[string]any{"fingerprint": keys.Fingerprint(), "current": keys.Current()}, func(w io.Writer) {
		fmt.Fprintln(w, keys.String())
	})
	return nil
}

// KeyDir is the folder of the keys: the one that was named, or the one that belongs to the database.
func KeyDir(named, db string) string {
	if named != "" {
		return named
	}
	return seal.DefaultDir(DataDir(db))
}

// KeysOutside refuses keys that lie where a copy of the data would carry them along. Error: seal.keys_inside_data.
func KeysOutside(named, db string) error { return seal.Outside(KeyDir(named, db), DataDir(db)) }

func (c *Call) keyDir() string { return KeyDir(c.Keys, c.DB) }
