package app

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
)

// TestWhoIsAskedAgainIsWorked: the question to a civil registry elsewhere is a job that the background takes and works.
func TestWhoIsAskedAgainIsWorked(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	if err := b.work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.enqueue(t.Context(), civil.CheckAgain{Tenant: b.Places.TenantOf(ambon), Person: sqldb.NewID(), Actor: sqldb.ID(b.actor(t, access.Verifier).ID)}); err != nil {
		t.Errorf("the question is not taken: %v", err)
	}
}
