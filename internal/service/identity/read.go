package identity

import (
	"context"
	"errors"

	"tepat/internal/domain/area"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Person is what a table of people knows of one beside her values.
type Person struct {
	Who
	Area     area.Code
	Entity   uint64 // who the civil registry says she is, by the keyed hash of her NIK; 0 when she does not match
	Claim    uint64 // the NIK she claims, by its keyed hash; 0 for none
	NIKState registry.NIKState
}

// Reading says whom to read: the active persons of a district, of an area of it, or some of it by their ids.
type Reading struct {
	Tenant area.Tenant
	Area   area.Code  // area.Nation: the whole district
	IDs    []sqldb.ID // none: everybody of the area
}

// Read adds people to a table, in the order of their ids, their numbers opened, and gives who they are: the last of the
// table are they. It reads tables of registry, by the thousand.
func Read(ctx context.Context, q sqldb.Querier, keys *seal.Keyring, workers int, of Reading, into *People) (list []Person, err error) {
	rows := func(each func([]row) error) error {
		if len(of.IDs) > 0 {
			return someIn(ctx, q, of.Tenant, of.IDs, each)
		}
		return everybodyIn(ctx, q, []area.Tenant{of.Tenant}, of.Area, each)
	}
	err = openAll(workers, keys, rows, into, func(r *row) {
		list = append(list, Person{Who: r.Who, Area: r.area, Entity: r.entity, Claim: r.claim, NIKState: r.nikState})
	})
	return list, err
}

// openAll opens the numbers of people on several cores and adds them to a table in their order; each is told, and forgotten.
func openAll(workers int, keys *seal.Keyring, read func(each func([]row) error) error, into *People, each func(*row)) error {
	var failed error
	rows := func(yield func([]row) bool) {
		failed = read(func(some []row) error {
			if !yield(some) {
				return context.Canceled
			}
			return nil
		})
	}
	type opened struct {
		rows []row
		err  error
	}
	err := parallel.Chunks(workers, rows, func(some []row) (o opened) {
		for i := range some {
			o.err = errors.Join(o.err, some[i].open(keys))
		}
		o.rows = some
		return o
	}, func(o opened) error {
		var values [][]byte
		for i := range o.rows {
			values = o.rows[i].values(values)
			into.Add(values)
			o.rows[i].forget()
			each(&o.rows[i])
		}
		return o.err
	})
	return errors.Join(err, failed)
}
