package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

const (
	// sealAge is how old an entry must be to be sealed, so that acts still under way are in.
	sealAge = 10 * time.Minute
	// verifyAge is how old an entry must be to be missed when no seal covers it.
	verifyAge = 20 * time.Minute
	// sealLeaves bounds one seal, and so one transaction.
	sealLeaves = 5000

	sealPurpose = seal.Purpose("audit seal")
)

// Seal is a signed Merkle root over entries of one tenant, chained to the seal before it.
type Seal struct {
	Seq       int64
	At        time.Time
	Leaves    int64
	Root      []byte
	Previous  []byte // root of the seal before, empty for the first
	Signature []byte
	KeyID     string // fingerprint of the key ring that signed
}

// message is what the signature covers.
func (s Seal) message(tenant area.Tenant) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(tenant))
	out = binary.BigEndian.AppendUint64(out, uint64(s.Seq))
	out = binary.BigEndian.AppendUint64(out, uint64(s.At.UnixMicro()))
	out = binary.BigEndian.AppendUint64(out, uint64(s.Leaves))
	out = append(out, s.Root...)
	return append(out, s.Previous...)
}

// leafDigest hashes every column of an entry, each with its length.
func leafDigest(columns ...any) [32]byte {
	h := sha256.New()
	h.Write([]byte{0}) // a leaf is never an inner node (RFC 6962)
	for _, c := range columns {
		var b []byte
		switch v := c.(type) {
		case string:
			b = []byte(v)
		case int64:
			b = binary.BigEndian.AppendUint64(nil, uint64(v))
		case sqldb.ID:
			b = v[:]
		}
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		h.Write(b)
	}
	return [32]byte(h.Sum(nil))
}

// merkleRoot folds the leaves as RFC 6962 does: the left subtree is the largest full one.
func merkleRoot(leaves []unsealed) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0].digest
	}
	split := 1
	for split*2 < len(leaves) {
		split *= 2
	}
	left, right := merkleRoot(leaves[:split]), merkleRoot(leaves[split:])
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(left[:])
	h.Write(right[:])
	return [32]byte(h.Sum(nil))
}

// Sealer seals and verifies the log with the installation's signing key.
type Sealer struct {
	db   *sqldb.DB
	keys *seal.Keyring
}

// NewSealer makes a Sealer.
func NewSealer(db *sqldb.DB, keys *seal.Keyring) *Sealer { return &Sealer{db, keys} }

// SealDue seals, tenant by tenant, what is older than ten minutes, and gives the number of entries sealed.
func (s *Sealer) SealDue(ctx context.Context, now time.Time) (int64, error) {
	return s.seal(ctx, now, now.Add(-sealAge))
}

// SealAll seals also what is younger. Only who knows that no other act is under way may ask for it: when a demo has been
// made, when the one process of a SQLite database stops.
func (s *Sealer) SealAll(ctx context.Context, now time.Time) (int64, error) {
	return s.seal(ctx, now, now.Add(time.Microsecond))
}

// seal seals what is older than a moment.
func (s *Sealer) seal(ctx context.Context, now, before time.Time) (int64, error) {
	all, err := tenants(ctx, s.db.Direct())
	if err != nil {
		return 0, fmt.Errorf("list tenants: %w", err)
	}
	var sealed int64
	for _, tenant := range all {
		for {
			n, err := s.sealOnce(ctx, tenant, now, before)
			if err != nil {
				return sealed, fmt.Errorf("seal tenant %d: %w", tenant, err)
			}
			sealed += n
			if n < sealLeaves {
				break
			}
		}
	}
	return sealed, nil
}

func (s *Sealer) sealOnce(ctx context.Context, tenant area.Tenant, now, before time.Time) (n int64, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		leaves, err := entriesWithoutLeaf(ctx, tx, tenant, before, sealLeaves)
		if n = int64(len(leaves)); err != nil || n == 0 {
			return err
		}
		last, err := lastSeal(ctx, tx, tenant)
		if err != nil {
			return err
		}
		root := merkleRoot(leaves)
		next := Seal{Seq: last.Seq + 1, At: now, Leaves: n, Root: root[:], Previous: last.Root, KeyID: s.keys.Fingerprint()}
		if next.Previous == nil {
			next.Previous = []byte{}
		}
		next.Signature = s.keys.Sign(sealPurpose, next.message(tenant))
		if err := insertSeal(ctx, tx, tenant, next); err != nil {
			return err
		}
		return insertLeaves(ctx, tx, tenant, next.Seq, leaves)
	})
	return n, err
}

// Proof is what Verify found.
type Proof struct {
	Tenants int   `json:"tenants"`
	Seals   int64 `json:"seals"`
	Entries int64 `json:"entries"`
	// LastRoot is the root of the newest seal of the last tenant, to compare with a copy kept elsewhere.
	LastRoot string `json:"last_root"`
}

// Verify proves that every seal is signed and chained, that every sealed entry is
// unchanged, and that every entry older than twenty minutes has exactly one leaf.
// A broken log is the error audit.broken with the tenant and the seal.
func (s *Sealer) Verify(ctx context.Context, now time.Time) (p Proof, err error) {
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err := tenants(ctx, tx)
		if err != nil {
			return err
		}
		for _, tenant := range all {
			p.Tenants++
			if err := s.verifyTenant(ctx, tx, tenant, now, &p); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

func (s *Sealer) verifyTenant(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, now time.Time, p *Proof) error {
	previous := []byte{}
	var seq int64
	for {
		seals, err := sealsAfter(ctx, tx, tenant, seq, 100)
		if err != nil {
			return err
		}
		for _, one := range seals {
			if one.Seq != seq+1 || !bytes.Equal(one.Previous, previous) {
				return broken(tenant, one.Seq, "chain")
			}
			if err := s.verifySeal(ctx, tx, tenant, one); err != nil {
				return err
			}
			seq, previous = one.Seq, one.Root
			p.Seals++
			p.Entries += one.Leaves
			p.LastRoot = hex.EncodeToString(one.Root)
		}
		if len(seals) < 100 {
			break
		}
	}
	loose, err := countUnsealed(ctx, tx, tenant, now.Add(-verifyAge))
	if err == nil && loose > 0 {
		return broken(tenant, seq+1, "unsealed")
	}
	return err
}

func (s *Sealer) verifySeal(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, one Seal) error {
	if !seal.Verify(s.keys.PublicKey(), sealPurpose, one.message(tenant), one.Signature) {
		return broken(tenant, one.Seq, "signature")
	}
	leaves, err := countLeaves(ctx, tx, tenant, one.Seq)
	if err != nil {
		return err
	}
	entries, err := entriesOfSeal(ctx, tx, tenant, one.Seq)
	if err != nil {
		return err
	}
	if root := merkleRoot(entries); leaves != one.Leaves || int64(len(entries)) != one.Leaves || !bytes.Equal(root[:], one.Root) {
		return broken(tenant, one.Seq, "entries")
	}
	return nil
}

func broken(tenant area.Tenant, seq int64, what string) error {
	return fail.Conflict("audit.broken", "tenant", int64(tenant), "seal", seq, "what", what)
}
