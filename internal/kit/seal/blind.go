package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// BlindSize is the length of a blind index in bytes. 16 bytes keep the chance of two among
// 300 million numbers sharing an index below 2^-72.
const BlindSize = 16

// blinder computes the HMAC of one purpose. hmac.Hash keeps the digest states after its two
// key blocks once it was reset, so a pooled one hashes two blocks a value, not four.
type blinder struct{ pool sync.Pool }

type blindState struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

func newBlinder(key []byte, purpose Purpose) (*blinder, error) {
	sub, err := hkdf.Key(sha256.New, key, nil, "tepat blind "+string(purpose), 32)
	if err != nil {
		return nil, err
	}
	b := &blinder{}
	b.pool.New = func() any {
		mac := hmac.New(sha256.New, sub)
		mac.Reset()
		return &blindState{mac: mac}
	}
	return b, nil
}

func (b *blinder) index(plain []byte) (out [BlindSize]byte) {
	s := b.pool.Get().(*blindState)
	s.mac.Reset()
	s.mac.Write(plain)
	s.mac.Sum(s.sum[:0])
	copy(out[:], s.sum[:])
	b.pool.Put(s)
	return out
}

// Blind gives the keyed index of a value: equal values of one purpose have equal indexes,
// and without the key nobody can try numbers against it. The caller gives the value in one
// fixed writing (the 16 digits of a NIK, no blanks), because the index knows only bytes.
// Rotation of the encryption key does not change it. It is safe for concurrent use.
func (r *Keyring) Blind(purpose Purpose, plain []byte) [BlindSize]byte {
	return r.state.Load().blinder(purpose).index(plain)
}
