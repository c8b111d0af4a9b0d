package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/layout"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/act"
	"tepat/internal/service/assessments"
	"tepat/internal/service/civil"
	"tepat/internal/service/payments"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
)

const (
	chunkRows   = 10000
	previewRows = 2000
	sampleRows  = 10
)

// batch is what one chunk of a file holds.
type batch struct {
	families map[area.Tenant][]registry.Incoming
	civil    []civil.CivilRow
	evidence []screening.EvidenceRow
	deciles  []assessments.DecileRow
	results  []payments.ResultRow
	answers  []proposals.AnswerRow
	rejects  []Reject // bad rows, and good rows with an answer left out
	rejected int64
	rows     int64
	warnings map[string]int64
	line     int // of the last row
	last     bool
}

func (s *Service) newParser(set Settings, t *table, r runs.Run) *parser {
	return &parser{
		set: set, table: t, tree: s.places.Tree(), within: r.Area, today: s.places.LocalDate(r.Area, s.acts.Now()),
		form: s.form().Name, places: map[string]placed{}, sources: map[string]string{}, warnings: map[string]int64{},
	}
}

// read takes the next rows of a file. Every good row is kept; every bad one is told. Where
// the rest of the file cannot be read, the rows before it are given first, and the error
// with the next call: nothing that was read is lost.
func (s *Service) read(open *session, p *parser, limit int) (b batch, err error) {
	if open.broken != nil {
		return b, open.broken
	}
	b.families = map[area.Tenant][]registry.Incoming{}
	b.warnings = p.warnings
	ids := map[string]bool{} // source and row id
	for b.rows < int64(limit) {
		err := open.table.records.Next(&p.record)
		if errors.Is(err, io.EOF) {
			b.last = true
			return b, nil
		}
		line := p.record.Line
		var bad *tabular.RowError
		if errors.As(err, &bad) {
			line, err = bad.Line, open.table.placed(bad)
		} else if err != nil {
			if open.broken = err; b.rows > 0 {
				return b, nil
			}
			return b, err
		}
		if line <= open.after {
			continue
		}
		b.rows++
		b.line = line
		if err == nil {
			p.dropped, p.damaged = p.dropped[:0], p.damaged[:0]
			err = s.take(p, &p.record, &b, ids)
		}
		s.tell(p, &b, line, err)
	}
	return b, nil
}

// tell notes a bad row, or the numbers and answers a good one had to leave out.
func (s *Service) tell(p *parser, b *batch, line int, err error) {
	if err != nil {
		b.rejected++
		b.rejects = append(b.rejects, s.reject(line, err))
		return
	}
	for _, err := range slices.Concat(p.damaged, p.dropped) {
		told := s.reject(line, err)
		told.Kept = true
		b.rejects = append(b.rejects, told)
	}
	if n := int64(len(p.dropped)); n > 0 {
		b.warnings["warning.answers_dropped"] += n
	}
}

// take reads one row into the batch.
func (s *Service) take(p *parser, rec *layout.Record, b *batch, ids map[string]bool) error {
	switch p.set.Subject {
	case Civil:
		r, err := p.civil(rec)
		if err == nil {
			s.civil.Ready(&r)
			b.civil = append(b.civil, r)
		}
		return err
	case Evidence:
		r, err := p.evidence(rec, s.screening)
		if err == nil {
			s.screening.Ready(&r)
			b.evidence = append(b.evidence, r)
		}
		return err
	case Answers:
		r, err := p.decision(rec)
		if err == nil {
			b.answers = append(b.answers, r)
		}
		return err
	case Results:
		r, err := p.result(rec)
		if err == nil {
			s.payments.Ready(&r)
			b.results = append(b.results, r)
		}
		return err
	case Deciles:
		r, err := p.decile(rec)
		if err == nil && r.Decile > 0 {
			s.assessments.Ready(&r)
			b.deciles = append(b.deciles, r)
		}
		return err
	}
	in, err := p.family(rec)
	if err != nil {
		return err
	}
	tenant, err := s.tenantOf(in.Area)
	if err != nil {
		return err
	}
	if in.RowID == "" {
		s.keyRow(&in, b, tenant, ids)
	}
	if ids[in.Source+"\x00"+in.RowID] {
		return fail.Invalid("import.row_twice", "line", rec.Line).On("row_id")
	}
	ids[in.Source+"\x00"+in.RowID] = true
	if person.Swapped(in.NIK, in.KK, in.BirthDate, in.Sex, p.today) {
		b.warnings["warning.swapped"]++
	}
	s.reg.Ready(&in, p.digestible(rec))
	b.families[tenant] = append(b.families[tenant], in)
	return nil
}

// keyRow gives a row without a number of its own one by its NIK, or by its name too where a row before it has that NIK under a name far
// from its own.
func (s *Service) keyRow(in *registry.Incoming, b *batch, tenant area.Tenant, ids map[string]bool) {
	in.RowID = s.reg.RowKey(in)
	if in.NIK.IsZero() || !ids[in.Source+"\x00"+in.RowID] {
		return
	}
	list := b.families[tenant]
	i := slices.IndexFunc(list, func(o registry.Incoming) bool { return o.RowID == in.RowID && o.Source == in.Source })
	if i >= 0 && person.FarApart(in.Name, list[i].Name) {
		in.RowID = s.reg.RowKeyNamed(in)
	}
}

func (s *Service) reject(line int, err error) Reject {
	r := Reject{Line: line, Code: fail.CodeOf(err), Reason: s.reason(err)}
	if e, ok := fail.As(err); ok {
		r.Column = e.Field
	}
	return r
}

// prepare reads, checks, seals and hashes the next chunk; nothing is written but the rejects.
func (s *Service) prepare(_ context.Context, r runs.Run, at string) (runs.Chunk, error) {
	set, err := decode(r)
	if err != nil {
		return runs.Chunk{}, err
	}
	open, err := s.session(r.ID, set, at)
	if err != nil {
		return runs.Chunk{}, err
	}
	if open.parser == nil {
		open.parser = s.newParser(set, open.table, r)
	}
	open.parser.warnings = map[string]int64{}
	b, err := s.read(open, open.parser, s.chunk)
	if err != nil {
		s.close(r.ID)
		return runs.Chunk{}, fmt.Errorf("read %s file: %w", set.Subject, err)
	}
	if err := open.rejects.write(b.rejects); err != nil {
		return runs.Chunk{}, err
	}
	before, err := readCursor(at)
	if err != nil {
		return runs.Chunk{}, err
	}
	used, _ := open.table.rows.Progress()
	next := cursor{Line: max(b.line, before.Line), Used: used}
	if open.rejects != nil {
		next.Rejects = open.rejects.size
	}
	open.at = next.text()
	return runs.Chunk{Next: open.at, Last: b.last, Units: max(used-before.Used, 0), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return s.apply(ctx, tx, r, b)
	}}, nil
}

// apply writes a chunk.
func (s *Service) apply(ctx context.Context, tx *act.Tx, r runs.Run, b batch) (runs.Tally, error) {
	tally := runs.Tally{"rows": b.rows}
	for name, n := range b.warnings {
		tally[name] += n
	}
	if b.rejected > 0 {
		tally["rejected"] = b.rejected
	}
	if len(b.civil) > 0 {
		n, err := s.civil.LoadIn(ctx, tx, b.civil)
		tally["kept"] = n
		return tally, err
	}
	if len(b.evidence) > 0 {
		n, err := s.screening.LoadEvidenceIn(ctx, tx, r.Tenant, b.evidence)
		tally["kept"] = n
		return tally, err
	}
	if len(b.answers) > 0 {
		return tally, s.applyAnswers(ctx, tx, r, b.answers, tally)
	}
	if len(b.results) > 0 {
		return tally, s.applyResults(ctx, tx, r, b, tally)
	}
	if len(b.deciles) > 0 {
		return tally, s.applyDeciles(ctx, tx, r, b.deciles, tally)
	}
	var items []runs.Item
	for tenant, rows := range b.families {
		loaded, err := s.reg.LoadIn(ctx, tx, tenant, rows)
		if err != nil {
			return nil, err
		}
		for name, n := range map[string]int64{
			"inserted": loaded.Inserted, "updated": loaded.Updated, "unchanged": loaded.Unchanged, "older": loaded.Older,
			"same_person": loaded.SamePerson, "contested": loaded.Contested, "families": loaded.Families,
		} {
			if n > 0 {
				tally[name] += n
			}
		}
		for _, t := range loaded.Touched {
			items = append(items, runs.Item{Subject: t.Person, Outcome: t.Outcome, Facts: "{}"})
		}
	}
	_, err := runs.ItemsIn(ctx, tx, r, items)
	return tally, err
}

// contradicts is the code of a row that says of a frozen vintage something else than is on record; a key under error.
const contradicts = "assessment.contradicts"

// applyDeciles writes official deciles. A row against a frozen vintage is rejected, and told with its line and what is on record.
func (s *Service) applyDeciles(ctx context.Context, tx *act.Tx, r runs.Run, rows []assessments.DecileRow, tally runs.Tally) error {
	out, err := s.assessments.KeepDecilesIn(ctx, tx, r.Tenant, rows)
	if err != nil {
		return err
	}
	tally["kept"], tally["families_unknown"] = out.Loaded, out.Unknown
	if out.Unchanged > 0 {
		tally["unchanged"] = out.Unchanged
	}
	var items []runs.Item
	for i := range rows {
		for _, c := range rows[i].Against {
			facts, err := json.Marshal(contradiction{rows[i].Line, rows[i].Decile, c.Held, rows[i].Vintage.Text()})
			if err != nil {
				return fmt.Errorf("tell contradicting row: %w", err)
			}
			items = append(items, runs.Item{Subject: c.Family, Outcome: "rejected", Code: contradicts, Facts: string(facts)})
		}
		if len(rows[i].Against) > 0 {
			tally["rejected"]++
			tally["contradicting"]++
		}
	}
	if len(items) == 0 {
		return nil
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return err
}

// contradiction are the facts of a row that was rejected: numbers, and nobody's name.
type contradiction struct {
	Line    int64  `json:"line"`
	Given   int    `json:"given"`
	Held    int    `json:"held"`
	Vintage string `json:"vintage"`
}

// applyResults writes the bank's results of a cycle; rows the list does not know stay as findings.
func (s *Service) applyResults(ctx context.Context, tx *act.Tx, r runs.Run, b batch, tally runs.Tally) error {
	set, err := decode(r)
	if err != nil {
		return err
	}
	report, err := s.payments.LoadResultsIn(ctx, tx, r.Tenant, set.Cycle, b.results)
	tally["kept"], tally["unchanged"] = report.Applied, report.Unchanged
	if err != nil || len(report.Rejected) == 0 {
		return err
	}
	tally["rejected"] += int64(len(report.Rejected))
	told := make([]untaken, len(report.Rejected))
	for i, one := range report.Rejected {
		told[i] = untaken{one.Line, one.Payment, one.Err}
	}
	return keepUntaken(ctx, tx, r, told)
}

// preview reads the beginning of the file and tells what its rows would do.
func (s *Service) preview(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	set, err := decode(r)
	if err != nil {
		return runs.Preview{}, err
	}
	limit := previewRows
	if set.Whole {
		limit = math.MaxInt
	} else {
		set.Rejects, set.Alike = "", "" // only a dry run of the whole file tells every row
	}
	open, err := s.openFile(set, cursor{})
	if err != nil {
		return runs.Preview{}, err
	}
	defer open.close()
	look := s.newLook(tx, set.Subject)
	if err := look.listAlike(set.Alike); err != nil {
		return runs.Preview{}, err
	}
	defer look.drop()
	b, err := s.readAll(ctx, open, s.newParser(set, open.table, r), limit, look)
	if err == nil {
		err = look.keep()
	}
	if err != nil {
		return runs.Preview{}, err
	}
	p := runs.Preview{Total: set.Size, Figures: runs.Tally{"rows": b.rows, "rejected": b.rejected, "columns_unknown": int64(len(open.table.records.Binding().Unknown()))}}
	if heads := open.table.records.Binding().Heads(); len(heads) > 0 {
		p.Figures["columns_heads"] = int64(len(heads))
	}
	maps.Copy(p.Figures, b.warnings)
	for _, one := range b.rejects {
		p.Samples = append(p.Samples, runs.Sample{Label: fmt.Sprintf("%d %s", one.Line, one.Column), Outcome: one.Reason})
	}
	look.tell(&p)
	return p, nil
}

// readAll reads up to limit rows in pieces, so that a dry run of a whole file keeps its
// memory: bad rows go to the rejects file, the first of them are kept as samples. Whom the new persons may be is looked
// for piece by piece.
func (s *Service) readAll(ctx context.Context, open *session, p *parser, limit int, look *look) (all batch, err error) {
	for !all.last && all.rows < int64(limit) {
		b, err := s.read(open, p, min(limit-int(all.rows), s.chunk))
		if err != nil {
			return all, err
		}
		if err := open.rejects.write(b.rejects); err != nil {
			return all, err
		}
		used, size := open.table.rows.Progress()
		if limit < math.MaxInt {
			used = size // the beginning of a file, of which everybody is looked for
		}
		if err := look.at(ctx, b.families, used, size); err != nil {
			return all, err
		}
		all.rows, all.rejected, all.last, all.warnings = all.rows+b.rows, all.rejected+b.rejected, b.last, b.warnings
		if room := sampleRows - len(all.rejects); room > 0 {
			all.rejects = append(all.rejects, b.rejects[:min(room, len(b.rejects))]...)
		}
	}
	return all, nil
}
