package proposals

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// mostRatified bounds one letter of endorsement.
const mostRatified = 5000

// samples is how many applicants a signer sees by name.
const samples = 10

// Awaiting is what waits for the signer's hand: the list one letter of endorsement would cover.
type Awaiting struct {
	Tenant    area.Tenant
	Area      area.Code
	Proposals int64
	ByKind    map[proposal.Kind]int64
	ByVillage []VillageCount
	Sample    []Sample
	// Digest is that of the list; the signature is for this list and no other.
	Digest string
	// More tells that the list is longer than one letter covers; the rest comes after it.
	More bool
}

// VillageCount is a number of a village.
type VillageCount struct {
	Area  area.Code
	Count int64
}

// Sample is one proposal of a list, by number and applicant.
type Sample struct {
	ID        sqldb.ID
	Number    string
	Area      area.Code
	Applicant person.Name
}

// AwaitRatification gives the list that waits for the signer in an area of hers, with its digest.
func (s *Service) AwaitRatification(ctx context.Context, who access.Actor, at area.Code) (a Awaiting, err error) {
	tenant := s.places.TenantOf(at)
	err = s.acts.View(ctx, who, "proposal.await_ratification", "", func(tx *act.Tx) error {
		if err := tx.Allow(access.RatifyProposal, tenant, at); err != nil {
			return err
		}
		a = Awaiting{Tenant: tenant, Area: at, ByKind: map[proposal.Kind]int64{}}
		rows, l, err := s.approvedIn(ctx, tx, tenant, at)
		if err != nil {
			return err
		}
		a.Proposals, a.Digest, a.More = l.rows, l.digest(), len(rows) == mostRatified
		a.count(rows)
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: map[string]any{"proposals": l.rows, "digest": a.Digest}})
	})
	return a, err
}

// count fills in the totals and the sample, which is spread evenly over the list.
func (a *Awaiting) count(rows []*Row) {
	villages := map[area.Code]int64{}
	for i, r := range rows {
		a.ByKind[r.Kind]++
		villages[r.Area]++
		if i%max(1, len(rows)/samples) == 0 && len(a.Sample) < samples {
			a.Sample = append(a.Sample, Sample{r.ID, r.Number, r.Area, r.Applicant})
		}
	}
	for at, n := range villages {
		a.ByVillage = append(a.ByVillage, VillageCount{at, n})
	}
	slices.SortFunc(a.ByVillage, func(x, y VillageCount) int { return int(x.Area - y.Area) })
}

// approvedIn reads the list that waits for the signature, in the order of filing.
func (s *Service) approvedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, at area.Code) ([]*Row, *list, error) {
	from, to := at.Range()
	ids, err := sqldb.Collect(ctx, tx, `
		SELECT id FROM proposal WHERE kabkota = $1 AND state = $2 AND area_code >= $3 AND area_code < $4 ORDER BY id LIMIT $5`,
		[]any{int64(tenant), string(proposal.AgencyApproved), int64(from), int64(to), int64(mostRatified)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		return nil, nil, fmt.Errorf("read approved proposals: %w", err)
	}
	rows, err := rowsIn(ctx, tx, tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	l := newList()
	for _, r := range rows {
		if err := s.addTo(l, r); err != nil {
			return nil, nil, err
		}
	}
	return rows, l, nil
}

// Ratifying is a letter of endorsement as the signer signs it.
type Ratifying struct {
	Area     area.Code
	Number   string
	SignedBy string // the office, such as "Wali Kota Ambon"
	About    string
	Digest   string // of the list she saw, see AwaitRatification
	Paper    string // name of the signed letter's file
}

// Ratified is a letter of endorsement with what it covers.
type Ratified struct {
	Decree    Decree
	Proposals int64
}

// Ratify endorses (mengesahkan) everything that waits in an area by one letter, today. All of it is
// endorsed or nothing. The letter's digest is that of the list the signer saw. Errors:
// proposal.none, proposal.list_changed when the list is another by now, decree.number,
// decree.signed_by, decree.number_taken, installation.not_our_level, proposal.same_person (fact
// number) when she took an earlier step of one of them.
func (s *Service) Ratify(ctx context.Context, who access.Actor, in Ratifying) (out Ratified, err error) {
	if err := s.home.MustPerform(installation.Ratify); err != nil {
		return out, err
	}
	tenant := s.places.TenantOf(in.Area)
	err = s.acts.Write(ctx, who, "proposal.ratify", func(tx *act.Tx) error {
		if err := tx.Allow(access.RatifyProposal, tenant, in.Area); err != nil {
			return err
		}
		d := Decree{ID: tx.NewID(), Kind: Ratification, Number: in.Number, On: s.today(tx, in.Area), SignedBy: in.SignedBy, About: in.About, Digest: in.Digest}
		if err := d.check(d.On); err != nil {
			return err
		}
		rows, l, err := s.approvedIn(ctx, tx, tenant, in.Area)
		switch {
		case err != nil:
			return err
		case l.rows == 0:
			return fail.Conflict("proposal.none")
		case l.digest() != in.Digest:
			return fail.Conflict("proposal.list_changed", "proposals", l.rows)
		}
		if err := insertDecree(ctx, tx, tenant, d); err != nil {
			return err
		}
		decision := Decision{Tenant: tenant, Paper: Paper{ID: d.ID, Name: in.Paper, Number: d.Number}}
		for _, r := range rows {
			if err := s.take(tx, r, proposal.ActRatify, decision); err != nil {
				return r.about(err)
			}
			r.Decree = d.ID
		}
		if err := s.keepIn(ctx, tx, rows); err != nil {
			return err
		}
		out = Ratified{d, l.rows}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: in.Area, Subject: d.ID, Facts: map[string]any{
			"proposals": l.rows, "digest": d.Digest, "number": d.Number,
		}})
	})
	return out, err
}

// Decree shows a decree and how many proposals it covered. Error: decree.unknown.
func (s *Service) Decree(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (d Decree, covers int64, err error) {
	err = s.acts.View(ctx, who, "decree.open", "", func(tx *act.Tx) error {
		home, err := s.places.Tree().DistrictOf(tenant)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, home); err != nil {
			return err
		}
		if d, err = decreeByID(ctx, tx, tenant, id); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT count(DISTINCT proposal_id) FROM proposal_event WHERE kabkota = $1 AND document_id = $2`, int64(tenant), id).Scan(&covers)
		if err != nil {
			return fmt.Errorf("count proposals of decree: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: home, Subject: id})
	})
	return d, covers, err
}
