package audit

import (
	"crypto/sha256"
	"encoding/hex"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
)

// OfReader is the entry about a reading that concerns no single place: it lies where the reader works, and in her district
// when she works in one alone.
func OfReader(who access.Actor, facts map[string]any) Entry {
	home, tenants := who.Home()
	e := Entry{Area: home, Facts: facts}
	if len(tenants) == 1 {
		e.Tenant = tenants[0]
	}
	return e
}

// Shown is what an entry keeps of a list: how many rows, and a digest of their ids.
func Shown[T any](list []T, id func(*T) sqldb.ID) map[string]any {
	return map[string]any{"shown": len(list), "ids": Digest(list, id)}
}

// Digest is the first 128 bits of a SHA-256 over the ids of a list in its order, in hexadecimal: whether a list at hand is
// the one that was shown can be told, and who was in it cannot.
func Digest[T any](list []T, id func(*T) sqldb.ID) string {
	h := sha256.New()
	for i := range list {
		one := id(&list[i])
		h.Write(one[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
