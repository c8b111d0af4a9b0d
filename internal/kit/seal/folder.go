package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tepat/internal/kit/fail"
)

// The files of a key directory. Each is text, so that it can be copied by hand in need.
const (
	encryptionFile = "encryption.keys" // one line a key: id, time made, key; the last line is the current one
	blindFile      = "blind.key"
	signingFile    = "signing.key"
)

// DefaultDir gives the key directory that belongs to a data directory: beside it, never
// inside, so that a copy of the data folder holds no key.
func DefaultDir(dataDir string) string {
	dir := filepath.Clean(dataDir)
	if whole, err := filepath.Abs(dir); err == nil && (dir == "." || dir == "..") {
		dir = whole // "." beside itself is its name beside it
	}
	return dir + "-keys"
}

// Outside refuses a key directory that lies inside the data directory.
func Outside(keyDir, dataDir string) error {
	key, err := filepath.Abs(keyDir)
	if err != nil {
		return fmt.Errorf("key directory: %w", err)
	}
	data, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	rel, err := filepath.Rel(data, key)
	if err != nil { // on Windows: another drive, hence outside
		return nil
	}
	if rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return nil
	}
	return fail.Invalid("seal.keys_inside_data", "keys", keyDir, "data", dataDir)
}

// Exists reports whether dir holds keys, whole or not.
func Exists(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) > 0
}

// Create makes new keys in dir, which must be absent or empty, and gives the ring. now is
// noted with the encryption key. Files are readable by their owner only.
func Create(dir string, now time.Time) (*Keyring, error) {
	return install(dir, fresh(nil, now))
}

// LoadOrCreate loads the keys in dir; when there are none and the database is new, it makes
// them. With an old database missing keys are an error, because new ones could read nothing.
func LoadOrCreate(dir string, newDatabase bool, now time.Time) (*Keyring, error) {
	if newDatabase && !Exists(dir) {
		return Create(dir, now)
	}
	return Load(dir)
}

// Load reads the keys in dir. It refuses a directory with a file missing (never making a
// new key in its place) and files that others can read.
func Load(dir string) (*Keyring, error) {
	m, err := read(dir)
	if err != nil {
		return nil, err
	}
	return newRing(dir, m), nil
}

// Reload reads the directory again, so that a process learns of a rotation done by another.
func (r *Keyring) Reload() error {
	r.change.Lock()
	defer r.change.Unlock()
	m, err := read(r.dir)
	if err != nil {
		return err
	}
	if !bytes.Equal(m.Blind, r.state.Load().material.Blind) {
		return fail.Conflict("seal.keys_other", "dir", r.dir)
	}
	r.state.Store(newState(m))
	return nil
}

// Rotate adds a new encryption key to the directory and seals with it from now on; values
// sealed before stay readable. The blind and the signing key stay as they are.
func (r *Keyring) Rotate(now time.Time) (KeyID, error) {
	r.change.Lock()
	defer r.change.Unlock()
	m, err := read(r.dir) // another process may have rotated since
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(m.Blind, r.state.Load().material.Blind) {
		return 0, fail.Conflict("seal.keys_other", "dir", r.dir)
	}
	m = m.rotated(now)
	if err := replace(filepath.Join(r.dir, encryptionFile), encodeEncryption(m)); err != nil {
		return 0, err
	}
	r.state.Store(newState(m))
	return m.Current, nil
}

// install writes the files into a directory beside dir and renames it, so that a kill leaves
// either no keys or all of them.
func install(dir string, m material) (*Keyring, error) {
	if Exists(dir) {
		return nil, fail.Conflict("seal.keys_present", "dir", dir)
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("make key directory: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".new-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("make key directory: %w", err)
	}
	defer os.RemoveAll(temp)
	for name, content := range encode(m) {
		if err := replace(filepath.Join(temp, name), content); err != nil {
			return nil, err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return nil, fmt.Errorf("make key directory: %w", err)
	}
	if err := os.Rename(temp, dir); err != nil {
		return nil, fmt.Errorf("make key directory: %w", err)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	return newRing(dir, m), nil
}

// replace writes a file whole: a kill leaves the old content or the new, never a part.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-") // mode 0600
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename durable; Windows does it by itself and has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync key directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync key directory: %w", err)
	}
	return nil
}

func encode(m material) map[string][]byte {
	return map[string][]byte{
		encryptionFile: encodeEncryption(m),
		blindFile:      []byte(base64.StdEncoding.EncodeToString(m.Blind) + "\n"),
		signingFile:    []byte(base64.StdEncoding.EncodeToString(m.Signing) + "\n"),
	}
}

func encodeEncryption(m material) []byte {
	var b bytes.Buffer
	for _, k := range m.Encryption {
		fmt.Fprintf(&b, "%s %s %s\n", k.ID, k.Created.UTC().Format(time.RFC3339), base64.StdEncoding.EncodeToString(k.Key))
	}
	return b.Bytes()
}

func read(dir string) (material, error) {
	if !Exists(dir) {
		return material{}, fail.NotFound("seal.keys_absent", "dir", dir)
	}
	content := map[string][]byte{}
	for _, name := range []string{encryptionFile, blindFile, signingFile} {
		b, err := readPrivate(filepath.Join(dir, name))
		if err != nil {
			return material{}, err
		}
		content[name] = b
	}
	m, err := decode(content)
	if err != nil {
		return material{}, fail.Invalid("seal.keys_damaged", "dir", dir).Because(err)
	}
	return m, nil
}

func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fail.NotFound("seal.key_file_absent", "file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fail.Invalid("seal.keys_readable", "file", path, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	return b, nil
}

func decode(content map[string][]byte) (m material, err error) {
	if m.Blind, err = decodeKey(string(content[blindFile]), 32); err != nil {
		return m, fmt.Errorf("%s: %w", blindFile, err)
	}
	if m.Signing, err = decodeKey(string(content[signingFile]), ed25519.SeedSize); err != nil {
		return m, fmt.Errorf("%s: %w", signingFile, err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(content[encryptionFile])), "\n") {
		k, err := decodeEncryption(line)
		if err != nil {
			return m, fmt.Errorf("%s line %d: %w", encryptionFile, n+1, err)
		}
		m.Encryption = append(m.Encryption, k)
		m.Current = k.ID
	}
	return m, nil
}

func decodeEncryption(line string) (k encryptionKey, err error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return k, errors.New("not id, time and key")
	}
	id, err := strconv.ParseUint(fields[0], 16, 32)
	if err != nil || id == 0 {
		return k, errors.New("bad key id")
	}
	k.ID = KeyID(id)
	if k.Created, err = time.Parse(time.RFC3339, fields[1]); err != nil {
		return k, errors.New("bad time")
	}
	k.Key, err = decodeKey(fields[2], 32)
	return k, err
}

// decodeKey never repeats the text in its error: it may be half a key.
func decodeKey(text string, size int) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("not a key of %d bytes", size)
	}
	return b, nil
}
