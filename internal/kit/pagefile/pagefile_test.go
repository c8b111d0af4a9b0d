package pagefile_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/kit/mapped"
	"tepat/internal/kit/pagefile"
)

func key(n byte) []byte { return bytes.Repeat([]byte{n}, pagefile.KeySize) }

func plain(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(uint64(n), 3))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func sealed(t testing.TB, k, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pagefile.NewWriter(&out, k)
	if err != nil {
		t.Fatal(err)
	}
	for rest := text; len(rest) > 0; {
		n := min(len(rest), 1+len(rest)/3)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read gives all pages one after the other.
func read(f *pagefile.File) (out []byte, err error) {
	room := make([]byte, 0, pagefile.Room)
	for n := int64(0); n*pagefile.Size < f.Len(); n++ {
		page, err := f.Page(n, room)
		if err != nil {
			return out, err
		}
		out = append(out, page...)
	}
	return out, nil
}

func TestPagesGiveWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, pagefile.Size - 1, pagefile.Size, pagefile.Size + 1, 10*pagefile.Size + 7} {
		text := plain(n)
		f, err := pagefile.Open(sealed(t, key(1), text), key(1))
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		for page := range int64(n/pagefile.Size + 1) {
			f.Ahead(page)
		}
		got, err := read(f)
		if err != nil || !bytes.Equal(got, text) || f.Len() != int64(n) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
		for _, page := range []int64{-1, int64(n+pagefile.Size-1) / pagefile.Size, 1 << 60} {
			if _, err := f.Page(page, nil); !errors.Is(err, pagefile.ErrDamaged) {
				t.Errorf("%d bytes: page %d: %v", n, page, err)
			}
			f.Ahead(page) // of a page there is not, nothing
		}
	}
}

func TestNothingIsLegible(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("8171011204800003 SAHETAPY "), 200)
	one, two := sealed(t, key(1), text), sealed(t, key(1), text)
	if bytes.Contains(one, []byte("SAHETAPY")) {
		t.Error("a name can be read")
	}
	if bytes.Equal(one[100:], two[100:]) {
		t.Error("two files under one key are alike")
	}
}

// TestEveryCutAndEveryBitIsNoticed cuts a file at every length and changes every byte of it.
func TestEveryCutAndEveryBitIsNoticed(t *testing.T) {
	t.Parallel()
	text := plain(3*pagefile.Size + 100)
	whole := sealed(t, key(1), text)
	for n := range whole {
		if _, err := pagefile.Open(whole[:n], key(1)); !errors.Is(err, pagefile.ErrTorn) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		changed := bytes.Clone(whole)
		changed[n] ^= 1 << (n % 8)
		f, err := pagefile.Open(changed, key(1))
		if err == nil {
			_, err = read(f)
		}
		if !errors.Is(err, pagefile.ErrTorn) && !errors.Is(err, pagefile.ErrDamaged) {
			t.Fatalf("byte %d changed: %v", n, err)
		}
	}
	if _, err := pagefile.Open(append(bytes.Clone(whole), 0), key(1)); !errors.Is(err, pagefile.ErrTorn) {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestPagesDoNotMove(t *testing.T) {
	t.Parallel()
	text := plain(4 * pagefile.Size)
	whole := sealed(t, key(1), text)
	head := len(whole) - 4*pagefile.Room - 24
	swapped := bytes.Clone(whole)
	copy(swapped[head:], whole[head+pagefile.Room:head+2*pagefile.Room])
	copy(swapped[head+pagefile.Room:], whole[head:head+pagefile.Room])
	f, err := pagefile.Open(swapped, key(1))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []error{pagefile.ErrDamaged, pagefile.ErrDamaged, nil, nil} {
		if _, err := f.Page(int64(n), nil); !errors.Is(err, want) {
			t.Errorf("page %d: %v, want %v", n, err, want)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	if _, err := pagefile.Open(sealed(t, key(1), plain(10)), key(2)); !errors.Is(err, pagefile.ErrTorn) {
		t.Errorf("another key: %v", err)
	}
	if _, err := pagefile.NewWriter(&bytes.Buffer{}, key(1)[1:]); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := pagefile.Open(sealed(t, key(1), nil), nil); err == nil || errors.Is(err, pagefile.ErrTorn) {
		t.Errorf("no key: %v", err)
	}
}

type full struct{ left int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAFullDiskIsTold(t *testing.T) {
	t.Parallel()
	for left := 0; left < 3000; left += 100 {
		w, err := pagefile.NewWriter(&full{left}, key(1))
		if err == nil {
			_, err = w.Write(plain(5 * pagefile.Size))
		}
		if err == nil {
			err = w.Close()
		}
		if want := left < 5*pagefile.Room+16+32+24; want != errors.Is(err, errFull) {
			t.Errorf("room for %d: %v", left, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sealed(f, key(1), plain(1000)))
	f.Add([]byte("TEPAT PAGES 1\n\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if file, err := pagefile.Open(b, key(1)); err == nil {
			_, _ = read(file)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	f, err := pagefile.Open(sealed(b, key(1), plain(1<<20)), key(1))
	if err != nil {
		b.Fatal(err)
	}
	room := make([]byte, 0, pagefile.Room)
	b.SetBytes(pagefile.Size)
	for i := int64(0); b.Loop(); i++ {
		if _, err := f.Page(i*7919%(1<<20/pagefile.Size), room); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAFileCutOffWhileItIsInUseEndsNoProgram: pages that are not there any more are damaged, also those brought near; those before
// the cut are still read, and a file that is cut off before it is opened is torn.
func TestAFileCutOffWhileItIsInUseEndsNoProgram(t *testing.T) {
	t.Parallel()
	const kept = 8192
	path := filepath.Join(t.TempDir(), "pages")
	if err := os.WriteFile(path, sealed(t, key(1), plain(200*pagefile.Size)), 0o600); err != nil {
		t.Fatal(err)
	}
	bytes, err := mapped.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bytes.Close() })
	f, err := pagefile.Open(bytes.Bytes(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, kept); err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 0, pagefile.Room)
	for n := range int64(200) {
		f.Ahead(n)
		whole := int((n+2)*pagefile.Room) < kept // with room for the head
		if _, err := f.Page(n, room); whole && err != nil || int(n*pagefile.Room) > kept && !errors.Is(err, pagefile.ErrDamaged) {
			t.Errorf("page %d: %v", n, err)
		}
	}
	if _, err := pagefile.Open(bytes.Bytes(), key(1)); !errors.Is(err, pagefile.ErrTorn) {
		t.Errorf("opened again: %v", err)
	}
}
