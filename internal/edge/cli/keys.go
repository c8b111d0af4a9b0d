package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"tepat/internal/kit/files"
	"tepat/internal/kit/seal"
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

// RotateKeys makes a new encryption key.
type RotateKeys struct{}

// Help gives an example.
func (RotateKeys) Help() string {
	return "Example: tepat key rotate. Export the keys again afterwards."
}

// Run rotates.
func (RotateKeys) Run(c *Call) error {
	keys, err := seal.Load(c.keyDir())
	if err != nil {
		return err
	}
	if _, err := keys.Rotate(time.Now()); err != nil {
		return err
	}
	return c.printKeys(keys)
}

func (c *Call) printKeys(keys *seal.Keyring) error {
	c.result(map[string]any{"fingerprint": keys.Fingerprint(), "current": keys.Current()}, func(w io.Writer) {
		fmt.Fprintln(w, keys.String())
	})
	return nil
}

// keyDir is the folder of the keys that belongs to the database.
func (c *Call) keyDir() string {
	if c.Keys != "" {
		return c.Keys
	}
	return seal.DefaultDir(DataDir(c.DB))
}
