package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
)

func made() time.Time { return time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC) }

func newRing(t testing.TB) (*seal.Keyring, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	r, err := seal.Create(dir, made())
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := fail.CodeOf(err); got != code {
		t.Errorf("code = %q (%v), want %q", got, err, code)
	}
}

func TestSealedValuesOpenForTheirPurpose(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		prefix := rapid.SliceOf(rapid.Byte()).Draw(t, "prefix")
		purpose := seal.Purpose(rapid.String().Draw(t, "purpose"))
		out := ring.Seal(bytes.Clone(prefix), purpose, plain)
		if !bytes.HasPrefix(out, prefix) {
			t.Fatal("Seal did not append")
		}
		sealed := out[len(prefix):]
		if len(sealed) != len(plain)+seal.Overhead {
			t.Fatalf("length %d, want %d", len(sealed), len(plain)+seal.Overhead)
		}
		got, err := ring.Open(purpose, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open = %q, %v", got, err)
		}
	})
}

func TestEveryChangedByteIsRefused(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	sealed := ring.Seal(nil, seal.NIK, []byte("1209014107850001"))
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := ring.Open(seal.NIK, bad); err == nil {
			t.Errorf("byte %d changed, still opened", i)
		}
	}
	for n := range sealed {
		if _, err := ring.Open(seal.NIK, sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes, still opened", n)
		}
	}
}

func TestOpenRefusals(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	other, _ := newRing(t)
	sealed := ring.Seal(nil, seal.NIK, []byte("1209014107850001"))
	cases := map[string]struct {
		ring    *seal.Keyring
		purpose seal.Purpose
		value   []byte
		code    string
	}{
		"another purpose":    {ring, seal.KK, sealed, "seal.value_damaged"},
		"another key":        {other, seal.NIK, sealed, "seal.key_unknown"},
		"nothing":            {ring, seal.NIK, nil, "seal.value_damaged"},
		"plain text instead": {ring, seal.NIK, []byte(strings.Repeat("1", 60)), "seal.value_damaged"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.ring.Open(c.purpose, c.value)
			wantCode(t, err, c.code)
		})
	}
}

func TestNoncesNeverRepeat(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	const workers, each = 8, 5000
	found := make([][]string, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range each {
				sealed := ring.Seal(nil, seal.NIK, []byte("x"))
				found[w] = append(found[w], string(sealed[5:17]))
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, list := range found {
		for _, nonce := range list {
			if seen[nonce] {
				t.Fatalf("nonce %x repeats", nonce)
			}
			seen[nonce] = true
		}
	}
}

func TestBlindIndex(t *testing.T) {
	t.Parallel()
	ring, dir := newRing(t)
	other, _ := newRing(t)
	nik := []byte("1209014107850001")
	want := ring.Blind(seal.NIK, nik)
	again, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Blind(seal.NIK, nik) != want {
		t.Error("the index changed with a restart")
	}
	if _, err := ring.Rotate(made()); err != nil {
		t.Fatal(err)
	}
	if ring.Blind(seal.NIK, nik) != want {
		t.Error("the index changed with a rotation")
	}
	if ring.Blind(seal.KK, nik) == want {
		t.Error("two purposes share an index")
	}
	if other.Blind(seal.NIK, nik) == want {
		t.Error("two installations share an index")
	}
	if ring.Blind(seal.NIK, []byte("1209014107850002")) == want {
		t.Error("two numbers share an index")
	}
}

func TestRotationKeepsOldValuesReadable(t *testing.T) {
	t.Parallel()
	ring, dir := newRing(t)
	old := ring.Seal(nil, seal.Phone, []byte("081200003456"))
	before := ring.Current()
	second, err := seal.Load(dir) // another process with the keys of before
	if err != nil {
		t.Fatal(err)
	}
	now, err := ring.Rotate(made())
	if err != nil {
		t.Fatal(err)
	}
	if now == before || ring.Current() != now || len(ring.KeyIDs()) != 2 {
		t.Fatalf("rotation from %s gave %s of %v", before, now, ring.KeyIDs())
	}
	if !ring.Stale(old) {
		t.Error("the old value is not marked for re-sealing")
	}
	fresh, err := ring.Reseal(nil, seal.Phone, old)
	if err != nil || ring.Stale(fresh) {
		t.Fatalf("Reseal: %v, stale %v", err, ring.Stale(fresh))
	}
	for _, sealed := range [][]byte{old, fresh} {
		if got, err := second.Open(seal.Phone, sealed); err != nil || string(got) != "081200003456" {
			t.Errorf("in the other process: %q, %v", got, err)
		}
	}
}

func TestSealingWhileRotating(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				sealed := ring.Seal(nil, seal.NIK, []byte("1209014107850001"))
				if got, err := ring.Open(seal.NIK, sealed); err != nil || string(got) != "1209014107850001" {
					t.Errorf("Open = %q, %v", got, err)
					return
				}
				ring.Blind(seal.NIK, sealed)
			}
		})
	}
	for range 5 {
		if _, err := ring.Rotate(made()); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	ring, _ := newRing(t)
	other, _ := newRing(t)
	sig := ring.Sign("audit", []byte("root"))
	if !seal.Verify(ring.PublicKey(), "audit", []byte("root"), sig) {
		t.Error("a good signature is refused")
	}
	if seal.Verify(ring.PublicKey(), "package", []byte("root"), sig) {
		t.Error("a signature counts for another purpose")
	}
	if seal.Verify(ring.PublicKey(), "audit", []byte("toor"), sig) {
		t.Error("a signature counts for another message")
	}
	if seal.Verify(other.PublicKey(), "audit", []byte("root"), sig) {
		t.Error("a signature counts for another signer")
	}
	if seal.Verify(nil, "audit", []byte("root"), sig) {
		t.Error("no key verifies")
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	t.Parallel()
	ring, dir := newRing(t)
	for _, name := range []string{"encryption.keys", "blind.key", "signing.key"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(content))
		if strings.Contains(ring.String(), fields[len(fields)-1]) {
			t.Errorf("String shows the key of %s", name)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	ring, _ := newRing(b)
	plain, dst := []byte("1209014107850001"), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		dst = ring.Seal(dst[:0], seal.NIK, plain)
	}
}

func BenchmarkOpen(b *testing.B) {
	ring, _ := newRing(b)
	sealed, dst := ring.Seal(nil, seal.NIK, []byte("1209014107850001")), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.OpenTo(dst, seal.NIK, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBlind(b *testing.B) {
	ring, _ := newRing(b)
	plain := []byte("1209014107850001")
	b.ReportAllocs()
	for b.Loop() {
		ring.Blind(seal.NIK, plain)
	}
}
