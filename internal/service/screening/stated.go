package screening

import (
	"context"
	"fmt"
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
	var persons []sqldb.ID
	var list []statement
	a := sqldb.NewArgs(q)
	query := `SELECT p.id, e.id, e.nik_hash, e.kind, e.value, e.as_of, e.source, e.recorded_at
		FROM evidence e
		JOIN nik_index i ON i.kabkota = e.kabkota AND i.nik_hash = e.nik_hash
		JOIN person p ON p.kabkota = i.kabkota AND p.id = i.person_id
		WHERE e.kabkota = ` + a.P(int64(tenant)) + ` AND e.kind IN ` + sqldb.In(a, words) + ` AND p.state = 1 AND p.nik_state = 1 ORDER BY e.nik_hash, e.kind, e.as_of, e.id`
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var person sqldb.ID
		var st statement
		var in evidence.Statement
		var recorded int64
		if err := r.Scan(&person, &st.id, &st.hash, &in.Kind, &in.Value, &in.AsOf, &in.Source, &recorded); err != nil {
			return err
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
