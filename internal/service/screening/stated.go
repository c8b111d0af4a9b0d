package screening

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/evidence"
	"tepat/internal/kit/sqldb"
)

// StatedIn gives, by person, what other offices stated of some kinds about the active persons of a tenant who alone hold their
// NIK: what is said of a contested NIK may be about somebody else, and enrols nobody. It is for who goes through all of them.
func (s *Service) StatedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kinds []evidence.Kind) (map[sqldb.ID][]evidence.Evidence, error) {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = k.String()
	}
	holders, err := s.activeHolders(ctx, q, tenant, words)
	if err != nil {
		return nil, fmt.Errorf("find holders of stated NIKs: %w", err)
	}
	var persons []sqldb.ID
	var list []statement
	a := sqldb.NewArgs(q)
	query := `SELECT e.id, e.nik_hash, e.kind, e.value, e.as_of, e.source, e.recorded_at
		FROM evidence e WHERE e.kabkota = ` + a.P(int64(tenant)) + ` AND e.kind IN ` + sqldb.In(a, words) + ` ORDER BY e.nik_hash, e.kind, e.as_of, e.id`
	err = sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var st statement
		var in evidence.Statement
		var recorded int64
		if err := r.Scan(&st.id, &st.hash, &in.Kind, &in.Value, &in.AsOf, &in.Source, &recorded); err != nil {
			return err
		}
		person, active := holders[st.hash]
		if !active {
			return nil
		}
		in.ReceivedAt, in.Match = time.UnixMicro(recorded).UTC(), evidence.MatchExactNIK
		said, err := s.catalogue.New(in, checkedOnReceipt())
		if err != nil {
			return nil // of a kind that was changed since: it decides nothing
		}
		st.said = said
		persons, list = append(persons, person), append(list, st)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stated of persons: %w", err)
	}
	contested, err := s.contestedIn(ctx, q, list)
	if err != nil {
		return nil, err
	}
	out := map[sqldb.ID][]evidence.Evidence{}
	for i, st := range list {
		if !contested[st.hash] {
			out[persons[i]] = append(out[persons[i]], st.said)
		}
	}
	return out, nil
}

// activeHolders gives the active persons of a tenant who hold a NIK of which something of the kinds is stated.
func (s *Service) activeHolders(ctx context.Context, q sqldb.Querier, tenant area.Tenant, words []string) (map[sqldb.Hash]sqldb.ID, error) {
	a := sqldb.NewArgs(q)
	told, err := toldHolders(ctx, q, tenant, `SELECT DISTINCT e.nik_hash FROM evidence e WHERE e.kabkota = `+a.P(int64(tenant))+` AND e.kind IN `+sqldb.In(a, words)+` ORDER BY e.nik_hash`, a)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(told, func(a, b toldHolder) int { return slices.Compare(a.person[:], b.person[:]) }) // along the key
	out := make(map[sqldb.Hash]sqldb.ID, len(told))
	err = eachChunk(told, func(some []toldHolder) error {
		ids, hashes := make([]sqldb.ID, len(some)), map[sqldb.ID][]sqldb.Hash{}
		for i, h := range some {
			ids[i], hashes[h.person] = h.person, append(hashes[h.person], h.hash)
		}
		a := sqldb.NewArgs(q)
		query := `SELECT p.id FROM person p WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id IN ` + sqldb.In(a, ids) + ` AND p.state = 1 AND p.nik_state = 1`
		active, err := collectIDs(ctx, q, query, a.Values...)
		for _, id := range active {
			for _, hash := range hashes[id] {
				out[hash] = id
			}
		}
		return err
	})
	return out, err
}
