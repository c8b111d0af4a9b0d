// Package seal encrypts identifiers for storage and computes their blind indexes.
//
// A Keyring holds three kinds of key, kept in a directory outside the data folder:
// encryption keys (AES-256-GCM, one current and any number of old ones), one blind key
// (HMAC-SHA-256, the same in every installation that exchanges data) and one signing
// key (Ed25519, for audit seals and packages). Every purpose gets its own subkey, so a
// value sealed for one column does not open as another, and the blind index of a number
// used as a NIK is unrelated to that of the same number used as a No. KK.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"tepat/internal/kit/fail"
)

// Purpose names what a value is, such as the column it is kept in. It is bound to the
// sealed value: what was sealed for one purpose cannot be opened for another.
type Purpose string

// The purposes that several packages share. The names are part of the derived keys:
// changing one makes the stored values of that purpose unreadable.
const (
	NIK      Purpose = "nik"
	KK       Purpose = "kk"
	Phone    Purpose = "phone"
	Mother   Purpose = "mother"
	Account  Purpose = "account"
	Block    Purpose = "block"
	Evidence Purpose = "evidence"
	History  Purpose = "history"
	Package  Purpose = "package"
)

// A sealed value is: format (1 byte), encryption key id (4), nonce (12), ciphertext, tag (16).
const (
	format     = 1
	headerSize = 1 + 4
	nonceSize  = 12
	tagSize    = 16

	// Overhead is the number of bytes a sealed value has more than the plain one.
	Overhead = headerSize + nonceSize + tagSize
)

// KeyID names one encryption key. It is random, so keys of two installations can live in one ring.
type KeyID uint32

// String gives the id as eight hexadecimal digits.
func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// vault is the cipher of one encryption key for one purpose.
type vault struct {
	aead cipher.AEAD
	aad  []byte // format, key id, purpose: a value moved to another purpose does not open
}

func newVault(id KeyID, key []byte, purpose Purpose) (*vault, error) {
	sub, err := hkdf.Key(sha256.New, key, nil, "tepat seal "+string(purpose), 32)
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	block, err := aes.NewCipher(sub)
	if err != nil {
		return nil, fmt.Errorf("sealing cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("sealing mode: %w", err)
	}
	aad := append(header(nil, id), purpose...)
	return &vault{aead: aead, aad: aad}, nil
}

func header(dst []byte, id KeyID) []byte {
	dst = append(dst, format)
	return binary.BigEndian.AppendUint32(dst, uint32(id))
}

// nonces hands out random nonces from a small buffer, because one system call per value
// costs more than the encryption.
//
// Nonces are random, not counted: no state has to survive a restart, and processes that
// share a key need not talk. The bound for random 96-bit nonces is 2^32 values per key
// (NIST SP 800-38D 8.3; chance of a repeat then 2^-33); each purpose has its own subkey,
// so the bound holds per purpose, and rotation starts a new count. The buffer is small so
// that a copied virtual machine repeats few nonces; docs/operate/keys.md says to restart
// the process after restoring a machine image.
type nonces struct {
	buf  [32 * nonceSize]byte
	left int
}

func (n *nonces) appendTo(dst []byte) []byte {
	if n.left < nonceSize {
		rand.Read(n.buf[:]) // never fails: it ends the process when the system has no randomness
		n.left = len(n.buf)
	}
	next := n.buf[n.left-nonceSize : n.left]
	n.left -= nonceSize
	dst = append(dst, next...)
	clear(next)
	return dst
}

// Seal appends the encrypted form of plain to dst and gives the extended slice. Sealing the
// same value twice gives different bytes; use Blind to find a value. It is safe for
// concurrent use and allocates only when dst has no room for len(plain)+Overhead bytes.
func (r *Keyring) Seal(dst []byte, purpose Purpose, plain []byte) []byte {
	s := r.state.Load()
	v := s.vault(s.current, purpose)
	dst = slices.Grow(dst, len(plain)+Overhead)
	dst = header(dst, s.current)
	n := r.nonces.Get().(*nonces)
	start := len(dst)
	dst = n.appendTo(dst)
	r.nonces.Put(n)
	return v.aead.Seal(dst, dst[start:], plain, v.aad)
}

// Open gives the plain value of what Seal made for the same purpose. A value that was
// changed, cut or sealed for another purpose is refused with seal.value_damaged; one sealed
// with a key this ring does not hold with seal.key_unknown.
func (r *Keyring) Open(purpose Purpose, sealed []byte) ([]byte, error) {
	return r.OpenTo(nil, purpose, sealed)
}

// OpenTo is Open appending to dst, so that a loop can reuse one buffer.
func (r *Keyring) OpenTo(dst []byte, purpose Purpose, sealed []byte) ([]byte, error) {
	id, err := IDOf(sealed)
	if err != nil {
		return nil, err
	}
	s := r.state.Load()
	if _, known := s.keys[id]; !known {
		if s = r.rotatedElsewhere(id); s == nil {
			return nil, fail.Invalid("seal.key_unknown", "key", id.String())
		}
	}
	v := s.vault(id, purpose)
	nonce, body := sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:]
	out, err := v.aead.Open(dst, nonce, body, v.aad)
	if err != nil {
		return nil, fail.Invalid("seal.value_damaged", "purpose", string(purpose))
	}
	return out, nil
}

// rotatedElsewhere reads the keys again when a value needs one this ring does not hold: another
// process of the installation may have rotated. It gives nil when there is no such key, and looks
// at most once a second, so that damaged values cost nothing.
func (r *Keyring) rotatedElsewhere(id KeyID) *state {
	r.look.Lock()
	defer r.look.Unlock()
	if s := r.state.Load(); s.keys[id] != nil {
		return s // somebody read them while this one waited
	}
	if time.Since(r.looked) < time.Second {
		return nil
	}
	r.looked = time.Now()
	if r.Reload() != nil {
		return nil
	}
	if s := r.state.Load(); s.keys[id] != nil {
		return s
	}
	return nil
}

// IDOf gives the id of the encryption key a value was sealed with.
func IDOf(sealed []byte) (KeyID, error) {
	if len(sealed) < Overhead || sealed[0] != format {
		return 0, fail.Invalid("seal.value_damaged", "purpose", "")
	}
	return KeyID(binary.BigEndian.Uint32(sealed[1:])), nil
}

// Stale reports whether a value was sealed with a key other than the current one, so that
// a rotation has to seal it again.
func (r *Keyring) Stale(sealed []byte) bool {
	id, err := IDOf(sealed)
	return err != nil || id != r.state.Load().current
}

// Reseal appends the value sealed again with the current key.
func (r *Keyring) Reseal(dst []byte, purpose Purpose, sealed []byte) ([]byte, error) {
	plain, err := r.Open(purpose, sealed)
	if err != nil {
		return nil, err
	}
	return r.Seal(dst, purpose, plain), nil
}

// noncePool makes the pool of nonce buffers, one for each processor that seals.
func noncePool() *sync.Pool {
	return &sync.Pool{New: func() any { return new(nonces) }}
}
