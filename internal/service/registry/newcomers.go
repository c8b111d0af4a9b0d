package registry

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// NewcomersIn tells which of a chunk of ready rows LoadIn would make persons of their own today, by its own rules: their
// places among the rows, rising. It writes nothing. Error: import.row_twice.
func (s *Service) NewcomersIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []Incoming) ([]int, error) {
	l := &load{s: s, tx: tx, tenant: tenant, rows: rows, disputed: map[*Incoming]bool{}, gone: map[*Incoming]bool{}, renamed: map[*Incoming]bool{}, renamedOf: map[*Incoming]sqldb.ID{}}
	for _, step := range []func(context.Context) error{l.findKnown, l.partKnown, l.findHolders, l.sort, l.partFarNamed} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	fresh := make(map[*Incoming]bool, len(l.fresh))
	for _, row := range l.fresh {
		fresh[row] = true
	}
	var out []int
	for i := range rows {
		if fresh[&rows[i]] {
			out = append(out, i)
		}
	}
	return out, nil
}
