package grievances

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/numbers"
	"tepat/internal/service/proposals"
)

// LoadRequests takes in a file of what citizens sent: proposals, objections and complaints, as one
// act. The permission is asked for the area, and at every row's own village.
func (s *Service) LoadRequests(ctx context.Context, who access.Actor, at area.Code, rows []proposals.RequestRow) (report proposals.RequestReport, err error) {
	tenant := s.places.TenantOf(at)
	err = s.acts.Write(ctx, who, "request.load", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, tenant, at); err != nil {
			return err
		}
		if report, err = s.LoadRequestsIn(ctx, tx, tenant, rows); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: map[string]any{
			"filed": report.Filed, "known": report.Known, "rejected": report.Rejected,
		}})
	})
	return report, err
}

// LoadRequestsIn files the rows of a file of requests, each on the day it was sent. What is there
// already is left alone; a row that cannot be filed is told with its reason, in the order of the rows.
func (s *Service) LoadRequestsIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []proposals.RequestRow) (proposals.RequestReport, error) {
	var theirs []proposals.RequestRow
	for _, row := range rows {
		if !ours(row) {
			theirs = append(theirs, row)
		}
	}
	filed, err := s.proposals.LoadRequestsIn(ctx, tx, tenant, theirs)
	if err != nil {
		return filed, err
	}
	own, err := s.loadOwn(ctx, tx, tenant, rows)
	if err != nil {
		return filed, err
	}
	var report proposals.RequestReport
	for i, row := range rows {
		if ours(row) {
			report.Count(own[i])
			continue
		}
		report.Count(filed.Rows[0])
		filed.Rows = filed.Rows[1:]
	}
	return report, nil
}

func ours(row proposals.RequestRow) bool {
	return row.Kind == proposals.ComplaintRequest || row.Kind == proposals.ObjectionRequest
}

// loadOwn files the objections and complaints among the rows, and gives what became of each by its
// place.
func (s *Service) loadOwn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []proposals.RequestRow) (map[int]proposals.RequestOutcome, error) {
	known, err := s.knownRequests(ctx, tx, tenant, rows)
	if err != nil {
		return nil, err
	}
	out := map[int]proposals.RequestOutcome{}
	var fresh []*Row
	var docs []Document
	for i, row := range rows {
		if !ours(row) {
			continue
		}
		outcome := proposals.RequestOutcome{Line: row.Line}
		request := proposals.RequestKey(s.keys, row.Source, row.RequestID)
		if held, ok := known[request]; ok {
			outcome.ID, outcome.Number, outcome.Known = held.ID, held.Number, true
			out[i] = outcome
			continue
		}
		r, d, err := s.requested(tx, tenant, row, request)
		if err != nil {
			if _, told := fail.As(err); !told {
				return nil, err
			}
			outcome.Err = err
		} else {
			known[request] = r
			fresh, docs = append(fresh, r), append(docs, d)
			outcome.ID = r.ID
		}
		out[i] = outcome
	}
	if err := s.keepRequests(ctx, tx, tenant, fresh, docs); err != nil {
		return nil, err
	}
	for i, outcome := range out {
		if r := known[proposals.RequestKey(s.keys, rows[i].Source, rows[i].RequestID)]; r != nil && outcome.Err == nil {
			outcome.Number = r.Number
			out[i] = outcome
		}
	}
	return out, nil
}

func (s *Service) knownRequests(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []proposals.RequestRow) (map[sqldb.ID]*Row, error) {
	var requests []sqldb.ID
	for _, row := range rows {
		if ours(row) {
			requests = append(requests, proposals.RequestKey(s.keys, row.Source, row.RequestID))
		}
	}
	out := map[sqldb.ID]*Row{}
	for some := range slices.Chunk(requests, 400) {
		a := sqldb.NewArgs(tx)
		query := `SELECT request_id, id, number FROM grievance WHERE kabkota = ` + a.P(int64(tenant)) + ` AND request_id IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, tx, query, a.Values, func(row sqldb.Row) error {
			var request sqldb.ID
			r := &Row{}
			err := row.Scan(&request, &r.ID, &r.Number)
			out[request] = r
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for requests: %w", err)
		}
	}
	return out, nil
}

// requested makes the case of a row.
func (s *Service) requested(tx *act.Tx, tenant area.Tenant, row proposals.RequestRow, request sqldb.ID) (*Row, Document, error) {
	d := Document{Contact: Contact{Name: row.Name, NIK: row.NIK, KK: row.KK, Phone: row.Phone}, Words: cmp.Or(row.Words, row.Subject)}
	f := Filing{Request: request, Kind: Complaint, Topic: string(topicOf(row.Subject)), Area: row.Area, Document: d, FiledOn: row.FiledOn}
	if row.Kind == proposals.ObjectionRequest {
		f.Kind, f.Topic, f.FilerArea = Objection, string(proposal.AgainstListing), row.Area
	}
	switch {
	case !row.FiledOn.IsFull() || row.FiledOn.After(s.places.LocalDate(row.Area, tx.Now)):
		return nil, d, fail.Invalid("request.date").On("filed_on")
	case s.places.TenantOf(row.Area) != tenant || row.Area.Level() != area.LevelVillage:
		return nil, d, fail.Invalid("grievance.village").On("area")
	}
	if err := tx.Who.Allow(access.RunImport, tenant, row.Area); err != nil {
		return nil, d, err
	}
	if err := f.check(); err != nil {
		return nil, d, err
	}
	r, err := s.newRow(tx, filer{id: s.idOf(f), role: proposals.Citizen, proven: true}, about{Filing: f, tenant: tenant, filerArea: f.FilerArea})
	return r, d, err
}

// topicOf reads what a complaint of a file is about; what is none of the kinds is something else.
func topicOf(subject string) grievance.Kind {
	switch subject {
	case "paid_less":
		return grievance.Levy
	case "card_lost", "card_held_by_other":
		return grievance.Card
	case "queue_at_pay_point":
		return grievance.Service
	case "data_wrong", "decile_wrong", "removed_wrongly":
		return grievance.Data
	}
	return grievance.Other
}

// keepRequests numbers and writes what was made, all of it at once.
func (s *Service) keepRequests(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []*Row, docs []Document) error {
	count, next := map[int]int64{}, map[int]int64{}
	for _, r := range rows {
		count[r.FiledOn.Year()]++
	}
	for year, n := range count {
		first, err := numbers.ReserveIn(ctx, tx.Tx, tenant, numbers.Grievance, year, n)
		if err != nil {
			return err
		}
		next[year] = first
	}
	var keys []proposals.Key
	for i, r := range rows {
		year := r.FiledOn.Year()
		r.Number = numbers.Format(numbers.Grievance, year, next[year])
		next[year]++
		var err error
		if r.sealed, err = s.seal(docs[i]); err != nil {
			return err
		}
		keys = append(keys, proposals.Key{Hash: proposals.TrackHash(s.keys, r.Number, s.secretFor(r, docs[i])), Case: r.ID}, proposals.Key{Hash: r.request, Case: r.ID})
	}
	if err := s.insertRows(ctx, tx, rows); err != nil {
		return err
	}
	return proposals.PutKeysIn(ctx, tx, tenant, keys)
}
