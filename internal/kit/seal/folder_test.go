package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"tepat/internal/kit/seal"
)

func TestLoadRefusesAFolderItCannotTrust(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(dir string) error
		code  string
	}{
		"no folder":         {func(dir string) error { return os.RemoveAll(dir) }, "seal.keys_absent"},
		"blind key missing": {func(dir string) error { return os.Remove(filepath.Join(dir, "blind.key")) }, "seal.key_file_absent"},
		"key cut short": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "blind.key"), []byte("QUJD\n"), 0o600)
		}, "seal.keys_damaged"},
		"no encryption key": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "encryption.keys"), nil, 0o600)
		}, "seal.keys_damaged"},
		"key id zero": {func(dir string) error {
			line := "00000000 2026-11-21T03:00:00Z " + strings.Repeat("A", 43) + "=\n"
			return os.WriteFile(filepath.Join(dir, "encryption.keys"), []byte(line), 0o600)
		}, "seal.keys_damaged"},
	}
	if runtime.GOOS != "windows" {
		cases["readable by others"] = struct {
			spoil func(dir string) error
			code  string
		}{func(dir string) error { return os.Chmod(filepath.Join(dir, "signing.key"), 0o644) }, "seal.keys_readable"}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, dir := newRing(t)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			_, err := seal.Load(dir)
			wantCode(t, err, c.code)
		})
	}
}

func TestLoadOrCreateMakesKeysOnlyForANewDatabase(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	_, err := seal.LoadOrCreate(dir, false, made())
	wantCode(t, err, "seal.keys_absent")
	first, err := seal.LoadOrCreate(dir, true, made())
	if err != nil {
		t.Fatal(err)
	}
	second, err := seal.LoadOrCreate(dir, true, made())
	if err != nil {
		t.Fatal(err)
	}
	if first.Fingerprint() != second.Fingerprint() {
		t.Error("the second start made other keys")
	}
	_, err = seal.Create(dir, made())
	wantCode(t, err, "seal.keys_present")
}

func TestAnEmptyFolderMayBeFilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.LoadOrCreate(dir, true, made()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*.new-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestKeysStayOutsideTheData(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		keys, data, code string
	}{
		"beside":             {seal.DefaultDir("/srv/tepat-data"), "/srv/tepat-data", ""},
		"elsewhere":          {"/etc/tepat/keys", "/srv/tepat-data", ""},
		"name starts alike":  {"/srv/tepat-data..keys", "/srv/tepat-data", ""},
		"inside":             {"/srv/tepat-data/keys", "/srv/tepat-data", "seal.keys_inside_data"},
		"the folder itself":  {"/srv/tepat-data/", "/srv/tepat-data", "seal.keys_inside_data"},
		"inside, odd dotted": {"/srv/tepat-data/..keys", "/srv/tepat-data", "seal.keys_inside_data"},
		"data in the keys":   {"/srv", "/srv/tepat-data", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, seal.Outside(c.keys, c.data), c.code)
		})
	}
}

func TestReloadRefusesOtherKeys(t *testing.T) {
	t.Parallel()
	ring, dir := newRing(t)
	_, stranger := newRing(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(stranger)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"encryption.keys", "blind.key", "signing.key"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, ring.Reload(), "seal.keys_other")
	_, err := ring.Rotate(made())
	wantCode(t, err, "seal.keys_other")
}

// TestARotationElsewhereIsNoticed rotates in one process and opens in another.
func TestARotationElsewhereIsNoticed(t *testing.T) {
	t.Parallel()
	ring, dir := newRing(t)
	other, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Rotate(made()); err != nil {
		t.Fatal(err)
	}
	sealed := ring.Seal(nil, seal.NIK, []byte("1209014107850001"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := other.Open(seal.NIK, sealed); err != nil || string(got) != "1209014107850001" {
				t.Errorf("Open = %q, %v", got, err)
			}
		})
	}
	all.Wait()
	if other.Stale(sealed) {
		t.Error("the other process still seals with the old key")
	}
	stranger, _ := newRing(t)
	_, err = other.Open(seal.NIK, stranger.Seal(nil, seal.NIK, []byte("1")))
	wantCode(t, err, "seal.key_unknown")
}

const passphrase = "kuda terbang di atas padi"

func TestEscrowRestoresEveryKey(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	old := ring.Seal(nil, seal.NIK, []byte("1209014107850001"))
	if _, err := ring.Rotate(made()); err != nil {
		t.Fatal(err)
	}
	text, err := ring.Export(passphrase, seal.Whole)
	if err != nil {
		t.Fatal(err)
	}
	back, err := seal.Import(filepath.Join(t.TempDir(), "restored"), text, passphrase, made())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := back.Open(seal.NIK, old); err != nil || string(got) != "1209014107850001" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if back.Fingerprint() != ring.Fingerprint() || back.Current() != ring.Current() ||
		!slices.Equal(back.KeyIDs(), ring.KeyIDs()) || !bytes.Equal(back.PublicKey(), ring.PublicKey()) {
		t.Errorf("restored %s, want %s", back, ring)
	}
}

func TestSharedExportGivesOnlyTheBlindKey(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	text, err := ring.Export(passphrase, seal.Shared)
	if err != nil {
		t.Fatal(err)
	}
	village, err := seal.Import(filepath.Join(t.TempDir(), "village"), text, passphrase, made())
	if err != nil {
		t.Fatal(err)
	}
	if village.Blind(seal.NIK, []byte("1")) != ring.Blind(seal.NIK, []byte("1")) {
		t.Error("the two cannot exchange data")
	}
	_, err = village.Open(seal.NIK, ring.Seal(nil, seal.NIK, []byte("1")))
	wantCode(t, err, "seal.key_unknown")
	if bytes.Equal(village.PublicKey(), ring.PublicKey()) {
		t.Error("the signing key was shared")
	}
}

func TestImportRefusals(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	text, err := ring.Export(passphrase, seal.Whole)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) []byte {
		out := bytes.Replace(text, []byte(old), []byte(new), 1)
		if bytes.Equal(out, text) {
			t.Fatalf("%q is not in the export", old)
		}
		return out
	}
	cases := map[string]struct {
		text       []byte
		passphrase string
		code       string
	}{
		"wrong passphrase":        {text, passphrase + "!", "seal.passphrase_wrong"},
		"header changed":          {swap("Content: whole", "Content: shared"), passphrase, "seal.passphrase_wrong"},
		"not a key file":          {[]byte("NIK;NAMA"), passphrase, "seal.export_unreadable"},
		"asks for too much":       {swap("Memory: 65536", "Memory: 99999999"), passphrase, "seal.export_unreadable"},
		"cut in the middle":       {text[:len(text)/2], passphrase, "seal.export_unreadable"},
		"unknown key derivation":  {swap("Kdf: argon2id", "Kdf: md5"), passphrase, "seal.export_unreadable"},
		"no work asked":           {swap("Time: 3", "Time: 0"), passphrase, "seal.export_unreadable"},
		"salt is not base64 text": {swap("Salt: ", "Salt: *"), passphrase, "seal.export_unreadable"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "keys")
			_, err := seal.Import(dir, c.text, c.passphrase, made())
			wantCode(t, err, c.code)
			if seal.Exists(dir) {
				t.Error("a refused import left keys")
			}
		})
	}
	_, err = ring.Export("pendek", seal.Whole)
	wantCode(t, err, "seal.passphrase_short")
}
