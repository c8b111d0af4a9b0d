package proposals

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

const (
	draftPurpose = seal.Purpose("proposal draft")
	// largestForm bounds a form, in bytes of its fields.
	largestForm = 256 << 10
	// DraftDays is how long a form that is not sent is kept.
	DraftDays = 30
)

// Draft is a form that was begun: its fields as they were typed, right or wrong. It is seen by those
// who may file in its village.
type Draft struct {
	Tenant  area.Tenant
	ID      sqldb.ID
	Version int64
	Kind    proposal.Kind
	Area    area.Code
	SavedBy sqldb.ID
	SavedAt time.Time
	Form    map[string]string
}

// Expires gives the instant from which on the draft may be removed.
func (d Draft) Expires() time.Time { return d.SavedAt.AddDate(0, 0, DraftDays) }

// String tells which draft it is; its fields are personal data.
func (d Draft) String() string { return "draft " + d.ID.String() }

// Format prints what String says, whatever the verb.
func (d Draft) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// SaveDraft keeps a form that is not sent yet: a new one when it has no id, else the next version.
// Errors: proposal.village, proposal.not_ours, proposal.draft_large (fact kilobytes);
// proposal.draft_changed when it was saved elsewhere since, so that nothing typed is lost.
func (s *Service) SaveDraft(ctx context.Context, who access.Actor, d Draft) (Draft, error) {
	size := 0
	for name, value := range d.Form {
		size += len(name) + len(value)
	}
	if size > largestForm {
		return d, fail.Invalid("proposal.draft_large", "kilobytes", largestForm>>10)
	}
	form, err := json.Marshal(maps.Clone(d.Form))
	if err != nil {
		return d, fmt.Errorf("write draft: %w", err)
	}
	saved := d
	err = s.acts.Write(ctx, who, "proposal.draft", func(tx *act.Tx) error {
		saved = d
		at, err := s.subjectIn(ctx, tx, Filing{Kind: proposal.NewFamily, Area: d.Area})
		if err != nil {
			return err
		}
		if err := tx.Allow(access.FileProposal, at.tenant, d.Area); err != nil {
			return err
		}
		saved.Tenant, saved.SavedBy, saved.SavedAt = at.tenant, who.ID, tx.Now
		if saved.ID.IsZero() {
			saved.ID, saved.Version = tx.NewID(), 0
		}
		if err := putDraft(ctx, tx, saved, s.keys.Seal(nil, draftPurpose, form)); err != nil {
			return err
		}
		saved.Version++
		return tx.Record(ctx, audit.Entry{Tenant: saved.Tenant, Area: saved.Area, Subject: saved.ID})
	})
	return saved, err
}

func putDraft(ctx context.Context, tx *act.Tx, d Draft, sealed []byte) error {
	if d.Version == 0 {
		_, err := tx.Exec(ctx, `
			INSERT INTO proposal_draft (kabkota, id, version, kind, area_code, saved_by, saved_at, form)
			VALUES ($1, $2, 1, $3, $4, $5, $6, $7)`, int64(d.Tenant), d.ID, string(d.Kind), int64(d.Area), d.SavedBy, tx.Micros(), sealed)
		if err != nil {
			return fmt.Errorf("keep draft: %w", err)
		}
		return nil
	}
	n, err := tx.Exec(ctx, `
		UPDATE proposal_draft SET version = version + 1, kind = $1, saved_by = $2, saved_at = $3, form = $4
		WHERE kabkota = $5 AND id = $6 AND version = $7 AND area_code = $8`,
		string(d.Kind), d.SavedBy, tx.Micros(), sealed, int64(d.Tenant), d.ID, d.Version, int64(d.Area))
	if err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	if n == 0 {
		return fail.Conflict("proposal.draft_changed")
	}
	return nil
}

// Drafts lists the forms begun in the actor's villages, newest first, without their fields.
func (s *Service) Drafts(ctx context.Context, who access.Actor, limit int) (list []Draft, err error) {
	err = s.acts.View(ctx, who, "proposal.drafts", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.FileProposal)
		if err != nil {
			return err
		}
		a := sqldb.NewArgs(tx)
		query := `SELECT kabkota, id, version, kind, area_code, saved_by, saved_at, form FROM proposal_draft WHERE ` +
			act.Where(scope, "kabkota", "area_code", a) + ` ORDER BY saved_at DESC, id DESC LIMIT ` + a.P(int64(min(max(limit, 1), maxList)))
		if list, err = sqldb.Collect(ctx, tx, query, a.Values, func(r sqldb.Row) (Draft, error) { d, _, err := scanDraft(r); return d, err }); err != nil {
			return fmt.Errorf("list drafts: %w", err)
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(list, func(d *Draft) sqldb.ID { return d.ID })))
	})
	return list, err
}

func scanDraft(row sqldb.Row) (d Draft, sealed []byte, err error) {
	var tenant, at, areaCode int64
	err = row.Scan(&tenant, &d.ID, &d.Version, &d.Kind, &areaCode, &d.SavedBy, &at, &sealed)
	d.Tenant, d.Area, d.SavedAt = area.Tenant(tenant), area.Code(areaCode), time.UnixMicro(at).UTC()
	return d, sealed, err
}

// OpenDraft gives a form with its fields, to go on with. Error: proposal.no_draft.
func (s *Service) OpenDraft(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (d Draft, err error) {
	err = s.acts.View(ctx, who, "proposal.draft_open", "", func(tx *act.Tx) error {
		var sealed []byte
		if d, sealed, err = draftIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.FileProposal, tenant, d.Area); err != nil {
			return err
		}
		form, err := s.keys.Open(draftPurpose, sealed)
		if err == nil {
			err = json.Unmarshal(form, &d.Form)
		}
		if err != nil {
			return fmt.Errorf("open draft: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: d.Area, Subject: id})
	})
	return d, err
}

func draftIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Draft, []byte, error) {
	d, sealed, err := scanDraft(q.QueryRow(ctx, `
		SELECT kabkota, id, version, kind, area_code, saved_by, saved_at, form
		FROM proposal_draft WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	if found, err := sqldb.Found(err); !found {
		if err != nil {
			return d, nil, fmt.Errorf("read draft: %w", err)
		}
		return d, nil, fail.NotFound("proposal.no_draft")
	}
	return d, sealed, nil
}

// DiscardDraft removes a form that will not be sent.
func (s *Service) DiscardDraft(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) error {
	return s.acts.Write(ctx, who, "proposal.draft_discard", func(tx *act.Tx) error {
		d, _, err := draftIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.FileProposal, tenant, d.Area); err != nil {
			return err
		}
		if err := dropDraft(ctx, tx, tenant, d.Area, id); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: d.Area, Subject: id})
	})
}

// dropDraft removes a form of the village, when there is one.
func dropDraft(ctx context.Context, tx *act.Tx, tenant area.Tenant, village area.Code, id sqldb.ID) error {
	if id.IsZero() {
		return nil
	}
	_, err := tx.Exec(ctx, `DELETE FROM proposal_draft WHERE kabkota = $1 AND id = $2 AND area_code = $3`, int64(tenant), id, int64(village))
	if err != nil {
		return fmt.Errorf("remove draft: %w", err)
	}
	return nil
}

// DropOldDrafts removes forms nobody went on with for DraftDays, and gives how many. It is for a
// periodic job.
func (s *Service) DropOldDrafts(ctx context.Context, now time.Time) (dropped int64, err error) {
	for _, tenant := range s.places.Tree().Written() {
		n, err := s.dropOld(ctx, tenant, now)
		if err != nil {
			return dropped, fmt.Errorf("remove old drafts: %w", err)
		}
		dropped += n
	}
	return dropped, nil
}

func (s *Service) dropOld(ctx context.Context, tenant area.Tenant, now time.Time) (n int64, err error) {
	before := now.AddDate(0, 0, -DraftDays).UnixMicro()
	err = s.acts.DB().Direct().QueryRow(ctx, `SELECT count(*) FROM proposal_draft WHERE kabkota = $1 AND saved_at < $2`, int64(tenant), before).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	home, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return 0, err
	}
	err = Unattended(ctx, s.acts, s.home.ID, System, "proposal.drafts_drop", now, func(tx *act.Tx) (audit.Entry, error) {
		var err error
		n, err = tx.Exec(ctx, `DELETE FROM proposal_draft WHERE kabkota = $1 AND saved_at < $2`, int64(tenant), before)
		return audit.Entry{Tenant: tenant, Area: home, Facts: map[string]any{"dropped": n}}, err
	})
	return n, err
}
