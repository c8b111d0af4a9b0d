package screening

import (
	"context"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// VerifySettings are the frozen settings of a run that upholds findings which were looked
// at in the field.
type VerifySettings struct {
	// Criteria names the criteria that were verified.
	Criteria []string `json:"criteria"`
	// Document is the number of the report (berita acara verval) that says so.
	Document string `json:"document"`
	// Except are findings that the report does not confirm: they stay found.
	Except []sqldb.ID `json:"except,omitempty"`
}

// VerifyKind is the run that upholds the findings of an area that wait for verification, by
// a report of the field, and gives notice of each. Settings: VerifySettings.
func (s *Service) VerifyKind() runs.Kind {
	return runs.Kind{
		Name: "verify", Counts: runs.Findings, Start: access.RunScreening, Approve: access.ApproveScreening,
		View: s.previewVerify, Prepare: s.prepareVerify, Undo: s.undoVerify,
	}
}

// verifySettings reads the settings. Errors: screening.document, screening.criteria.
func verifySettings(r runs.Run) (set VerifySettings, err error) {
	if err := r.Decode(&set); err != nil {
		return set, err
	}
	if strings.TrimSpace(set.Document) == "" {
		return set, fail.Invalid("screening.document").On("document")
	}
	if len(set.Criteria) == 0 {
		return set, fail.Invalid("screening.criteria").On("criteria")
	}
	return set, nil
}

func (v VerifySettings) means(r runs.Run, f Finding) bool {
	return slices.Contains(v.Criteria, f.Criterion) && r.Area.Contains(f.Area) && !slices.Contains(v.Except, f.ID)
}

func (s *Service) previewVerify(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	set, err := verifySettings(r)
	if err != nil {
		return runs.Preview{}, err
	}
	look := preview{figures: runs.Tally{}, shown: map[string]int{}}
	for p := (page{more: true}); p.more; {
		if p, err = s.pageFound(ctx, tx, r.Tenant, p.next); err != nil {
			return runs.Preview{}, err
		}
		look.list(p.findings, func(f Finding) bool { return set.means(r, f) && s.mayBeNoticed(f) })
	}
	samples, err := s.samplesIn(ctx, tx, r, look.samples)
	return runs.Preview{Total: look.figures["findings"], Figures: look.figures, Samples: samples}, err
}

// list counts findings by criterion and keeps samples.
func (p *preview) list(findings []Finding, which func(Finding) bool) {
	for _, f := range findings {
		if !which(f) {
			continue
		}
		p.figures["findings"]++
		p.figures["criterion."+f.Criterion]++
		if p.shown[f.Criterion] < samplesEach {
			p.shown[f.Criterion]++
			p.samples = append(p.samples, draft{Finding: f})
		}
	}
}

// mayBeNoticed tells whether a finding can ever be in force: a duplicate is joined instead,
// and a criterion that is in no file any more hits nobody.
func (s *Service) mayBeNoticed(f Finding) bool {
	c, ok := s.Criterion(f.Criterion, f.Facts.Day)
	return ok && (effectRemoves(c.Effect) || c.Effect == newPayee)
}

func (s *Service) prepareVerify(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	set, err := verifySettings(r)
	if err != nil {
		return runs.Chunk{}, err
	}
	return s.paged(ctx, cursor, pages{
		read: func(tx *sqldb.Tx, after sqldb.ID) (page, error) { return s.pageFound(ctx, tx, r.Tenant, after) },
		keep: func(f Finding) bool { return f.State == Found && set.means(r, f) && s.mayBeNoticed(f) },
		apply: func(ctx context.Context, tx *act.Tx, list []Finding) (runs.Tally, error) {
			return s.upholdIn(ctx, tx, r, list)
		},
	})
}

// upholdIn gives notice of findings on behalf of a run.
func (s *Service) upholdIn(ctx context.Context, tx *act.Tx, r runs.Run, list []Finding) (runs.Tally, error) {
	tally, all := runs.Tally{}, newItems()
	for i := range list {
		f := &list[i]
		f.VerifyRun, f.DecidedBy = r.ID, r.Actor()
		tally["findings"]++
		tally["criterion."+f.Criterion]++
	}
	if err := s.noticeIn(ctx, tx, list, func(Finding) bool { return true }); err != nil {
		return nil, err
	}
	for _, f := range list {
		one := all.of(f.Subject(), string(Noticed), f.Criterion)
		one.facts.Findings = append(one.facts.Findings, f.ID.String())
	}
	if err := updateFindings(ctx, tx, list); err != nil {
		return nil, err
	}
	_, err := runs.ItemsIn(ctx, tx, r, all.rows())
	return tally, err
}
