package screening

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// This file reads the registry's tables itself: a screening asks few columns of many
// rows, and the registry's own reading opens every sealed number.

// group is a family as it is judged, with what a finding needs beside.
type group struct {
	eligibility.Family
	members []memberRow
}

type memberRow struct {
	id    sqldb.ID
	area  area.Code
	hash  sqldb.Hash
	state registry.NIKState
}

// told is a statement about a member as it was read, so that a finding can name its row.
type told struct {
	member [16]byte
	said   evidence.Evidence
}

// readGroups reads active families of a tenant with their active members and what was
// stated about these until an instant. Only rows that are still active are given.
func (s *Service) readGroups(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID, until int64) ([]group, map[told]sqldb.ID, error) {
	groups, err := readFamilies(ctx, q, tenant, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read families: %w", err)
	}
	at := make(map[sqldb.ID]int, len(groups))
	for i := range groups {
		at[groups[i].ID] = i
	}
	if err := readMembers(ctx, q, tenant, ids, groups, at); err != nil {
		return nil, nil, fmt.Errorf("read members: %w", err)
	}
	rows, err := s.tell(ctx, q, tenant, groups, until)
	if err != nil {
		return nil, nil, fmt.Errorf("read evidence: %w", err)
	}
	return groups, rows, nil
}

func readFamilies(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID) (out []group, err error) {
	err = eachChunk(ids, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT id, area_code, decile, decile_source FROM family WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = 1 AND id IN ` + sqldb.In(a, some)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var g group
			var id sqldb.ID
			var areaCode, decile, source int64
			err := r.Scan(&id, &areaCode, &decile, &source)
			g.ID, g.Area, g.Decile, g.Official = id, area.Code(areaCode), int(decile), registry.DecileSource(source) == registry.Official
			out = append(out, g)
			return err
		})
	})
	slices.SortFunc(out, func(a, b group) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return out, err
}

func readMembers(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID, groups []group, at map[sqldb.ID]int) error {
	return eachChunk(ids, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT id, family_id, area_code, nik_hash, nik_state, birth_date, relation FROM person
			WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = 1 AND family_id IN ` + sqldb.In(a, some) + ` ORDER BY family_id, relation, id`
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var m memberRow
			var family sqldb.ID
			var areaCode, relation int64
			var born string
			if err := r.Scan(&m.id, &family, &areaCode, &m.hash, &m.state, &born, &relation); err != nil {
				return err
			}
			i, active := at[family]
			if !active {
				return nil
			}
			birth, err := day(born)
			m.area = area.Code(areaCode)
			g := &groups[i]
			g.members = append(g.members, m)
			g.Members = append(g.Members, eligibility.Member{ID: m.id, Born: birth, Head: person.Relation(relation) == person.Head, Contested: m.state == registry.Contested})
			return err
		})
	})
}

// tell adds to every member what was stated about her NIK. A NIK that another person
// claims too makes the statement doubtful for both.
func (s *Service) tell(ctx context.Context, q sqldb.Querier, tenant area.Tenant, groups []group, until int64) (map[told]sqldb.ID, error) {
	type place struct{ group, member int }
	holders := map[sqldb.Hash][]place{}
	var hashes []sqldb.Hash
	for i := range groups {
		for j, m := range groups[i].members {
			if m.hash.IsZero() {
				continue
			}
			if holders[m.hash] == nil {
				hashes = append(hashes, m.hash)
			}
			holders[m.hash] = append(holders[m.hash], place{i, j})
		}
	}
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	statements, err := s.readStatements(ctx, q, tenant, hashes, until)
	if err != nil {
		return nil, err
	}
	contested, err := s.contestedIn(ctx, q, statements)
	if err != nil {
		return nil, err
	}
	rows := make(map[told]sqldb.ID, len(statements))
	for _, st := range statements {
		for _, at := range holders[st.hash] {
			m := &groups[at.group].Members[at.member]
			said := st.said
			if groups[at.group].members[at.member].state == registry.Holder && !contested[st.hash] {
				said.Match = evidence.MatchExactNIK
			}
			m.Contested = m.Contested || contested[st.hash]
			m.Evidence = append(m.Evidence, said)
			rows[told{m.ID, said}] = st.id
		}
	}
	return rows, nil
}

// statement is a row of evidence.
type statement struct {
	id   sqldb.ID
	hash sqldb.Hash
	said evidence.Evidence
}

// readStatements reads what was stated of NIKs until an instant. A value that the present
// catalogue cannot read, since its kind was changed, is left out: it decides nothing.
func (s *Service) readStatements(ctx context.Context, q sqldb.Querier, tenant area.Tenant, hashes []sqldb.Hash, until int64) (out []statement, err error) {
	err = eachChunk(hashes, func(some []sqldb.Hash) error {
		a := sqldb.NewArgs(q)
		query := `SELECT id, nik_hash, kind, value, as_of, source, recorded_at FROM evidence
			WHERE kabkota = ` + a.P(int64(tenant)) + ` AND nik_hash IN ` + sqldb.In(a, some) + ` AND recorded_at <= ` + a.P(until)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var st statement
			var in evidence.Statement
			var recorded int64
			if err := r.Scan(&st.id, &st.hash, &in.Kind, &in.Value, &in.AsOf, &in.Source, &recorded); err != nil {
				return err
			}
			in.ReceivedAt = time.UnixMicro(recorded).UTC()
			if said, err := s.catalogue.New(in, checkedOnReceipt()); err == nil {
				st.said = said
				out = append(out, st)
			}
			return nil
		})
	})
	return out, err
}

// checkedOnReceipt is a day that lets every date pass: a row of the table was checked
// against the day it came on.
func checkedOnReceipt() period.Date { return period.On(9999, 12, 31) }

// contestedIn tells which NIKs of the statements several persons claim.
func (s *Service) contestedIn(ctx context.Context, q sqldb.Querier, statements []statement) (map[sqldb.Hash]bool, error) {
	hashes := make([]sqldb.Hash, len(statements))
	for i := range statements {
		hashes[i] = statements[i].hash
	}
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	holders, err := s.reg.HoldersIn(ctx, q, slices.Compact(hashes))
	if err != nil {
		return nil, err
	}
	out := map[sqldb.Hash]bool{}
	for hash, h := range holders {
		if h.Contested {
			out[hash] = true
		}
	}
	return out, nil
}

// payAndRepeat marks payees and confirmed duplicates.
func (s *Service) payAndRepeat(ctx context.Context, q sqldb.Querier, tenant area.Tenant, groups []group, duplicates map[sqldb.ID]bool) error {
	payees := map[sqldb.ID]bool{}
	if s.payees != nil && len(groups) > 0 {
		ids := make([]sqldb.ID, len(groups))
		for i := range groups {
			ids[i] = groups[i].ID
		}
		list, err := s.payees.PayeesIn(ctx, q, tenant, ids)
		if err != nil {
			return fmt.Errorf("read payees: %w", err)
		}
		for _, id := range list {
			payees[id] = true
		}
	}
	for i := range groups {
		for j := range groups[i].Members {
			m := &groups[i].Members[j]
			m.Payee, m.Duplicate = payees[m.ID], duplicates[m.ID]
		}
	}
	return nil
}
