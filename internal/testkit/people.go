package testkit

import (
	"context"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at 9 o'clock on 15 October 2024 in Jakarta.
func NewClock() *Clock { return &Clock{now: time.Date(2024, 10, 15, 2, 0, 0, 0, time.UTC)} }

// Now gives the time it stands at.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move advances the clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Places used all over the tests.
const (
	Ambon       = area.Code(8171000000)
	Nusaniwe    = area.Code(8171010000)
	Village     = area.Code(8171011001)
	Neighbour   = area.Code(8171011002)
	AmbonTenant = area.Tenant(8171)
)

// Person makes an actor with one role in one area of Ambon.
func Person(n byte, role access.Role, at area.Code) access.Actor {
	return access.Actor{ID: [16]byte{0x01, 15: n}, Name: "Petugas Uji", Login: string(role), Grants: []access.Grant{
		{Role: role, Area: at, Tenants: []area.Tenant{AmbonTenant}},
	}}
}

// Seed puts the tenants 0 (the installation itself) and Ambon into the database.
func Seed(t testing.TB, db *sqldb.DB) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, row := range [][]any{{0, 0, "WIB"}, {int64(AmbonTenant), int64(Ambon), "WIT"}} {
			if _, err := tx.Exec(ctx, `INSERT INTO tenant (kabkota, area_code, zone, seq, sealed_seq) VALUES ($1, $2, $3, 0, 0)`, row...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Keys makes a key ring in the test's folder.
func Keys(t testing.TB) *seal.Keyring {
	t.Helper()
	keys, err := seal.Create(t.TempDir()+"/keys", time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
