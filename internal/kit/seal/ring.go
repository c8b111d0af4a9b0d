package seal

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Keyring seals, opens, blinds and signs with the keys of one installation. Get one from
// Load or Create. It is safe for concurrent use; Rotate and Reload swap its keys at once.
type Keyring struct {
	dir    string
	state  atomic.Pointer[state]
	nonces *sync.Pool
	change sync.Mutex // one Rotate or Reload at a time

	look   sync.Mutex // guards looked: when a value was last met whose key the ring did not hold
	looked time.Time
}

// encryptionKey is one AES-256 key and the moment it was made.
type encryptionKey struct {
	ID      KeyID
	Key     []byte
	Created time.Time
}

// material is what the key directory holds.
type material struct {
	Current    KeyID
	Encryption []encryptionKey
	Blind      []byte
	Signing    []byte // Ed25519 seed
}

// state is one immutable set of keys with the ciphers derived from them so far.
type state struct {
	material material
	current  KeyID
	keys     map[KeyID][]byte
	signing  ed25519.PrivateKey
	vaults   sync.Map // vaultKey -> *vault
	blinders sync.Map // Purpose -> *blinder
}

type vaultKey struct {
	id      KeyID
	purpose Purpose
}

func newState(m material) *state {
	s := &state{material: m, current: m.Current, keys: map[KeyID][]byte{}}
	for _, k := range m.Encryption {
		s.keys[k.ID] = k.Key
	}
	s.signing = ed25519.NewKeyFromSeed(m.Signing)
	return s
}

// vault gives the cipher of a key for a purpose. Purposes are constants of the program, so
// the map stays small; a failure to derive means a broken crypto library and cannot be mended.
func (s *state) vault(id KeyID, purpose Purpose) *vault {
	k := vaultKey{id, purpose}
	if v, ok := s.vaults.Load(k); ok {
		return v.(*vault)
	}
	v, err := newVault(id, s.keys[id], purpose)
	if err != nil {
		panic(err)
	}
	kept, _ := s.vaults.LoadOrStore(k, v)
	return kept.(*vault)
}

func (s *state) blinder(purpose Purpose) *blinder {
	if b, ok := s.blinders.Load(purpose); ok {
		return b.(*blinder)
	}
	b, err := newBlinder(s.material.Blind, purpose)
	if err != nil {
		panic(err)
	}
	kept, _ := s.blinders.LoadOrStore(purpose, b)
	return kept.(*blinder)
}

func newRing(dir string, m material) *Keyring {
	r := &Keyring{dir: dir, nonces: noncePool()}
	r.state.Store(newState(m))
	return r
}

// fresh makes new keys of all three kinds; a given blind key is taken over, so that the
// installation can exchange data with the one it came from.
func fresh(blind []byte, now time.Time) material {
	m := material{Blind: blind, Signing: random(ed25519.SeedSize)}
	if m.Blind == nil {
		m.Blind = random(32)
	}
	return m.rotated(now)
}

// rotated gives the material with one more encryption key, made the current one.
func (m material) rotated(now time.Time) material {
	id := KeyID(0)
	for id == 0 || slices.ContainsFunc(m.Encryption, func(k encryptionKey) bool { return k.ID == id }) {
		id = KeyID(binary.BigEndian.Uint32(random(4)))
	}
	key := encryptionKey{ID: id, Key: random(32), Created: now.UTC().Truncate(time.Second)}
	m.Encryption = append(slices.Clone(m.Encryption), key)
	m.Current = id
	return m
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, see nonces
	return b
}

// Current gives the id of the encryption key new values are sealed with.
func (r *Keyring) Current() KeyID { return r.state.Load().current }

// KeyIDs gives the ids of all encryption keys the ring can open, in rising order.
func (r *Keyring) KeyIDs() []KeyID {
	return slices.Sorted(maps.Keys(r.state.Load().keys))
}

// Fingerprint gives twelve hexadecimal digits that tell blind keys apart without giving the
// key away. The database keeps it: a start with other keys must stop before it writes
// indexes that nobody finds again.
func (r *Keyring) Fingerprint() string {
	mac := hmac.New(sha256.New, r.state.Load().material.Blind)
	mac.Write([]byte("tepat fingerprint"))
	return hex.EncodeToString(mac.Sum(nil)[:6])
}

// String names the ring by its fingerprint; keys are never printed.
func (r *Keyring) String() string {
	return fmt.Sprintf("keys %s (current %s)", r.Fingerprint(), r.Current())
}

// Sign gives the Ed25519 signature of a message for a purpose, such as an audit seal.
func (r *Keyring) Sign(purpose Purpose, message []byte) []byte {
	return ed25519.Sign(r.state.Load().signing, signed(purpose, message))
}

// PublicKey gives the key others verify this installation's signatures with.
func (r *Keyring) PublicKey() ed25519.PublicKey {
	return r.state.Load().signing.Public().(ed25519.PublicKey)
}

// Verify reports whether a signature was made by Sign for the same purpose and message.
func Verify(public ed25519.PublicKey, purpose Purpose, message, signature []byte) bool {
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, signed(purpose, message), signature)
}

// signed puts the purpose before the message, with its length, so that no message of one
// purpose reads as a message of another.
func signed(purpose Purpose, message []byte) []byte {
	out := binary.BigEndian.AppendUint32([]byte("tepat sign "), uint32(len(purpose)))
	out = append(out, purpose...)
	return append(out, message...)
}
