package proposals

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// maxList bounds a page of a list.
const maxList = 200

// Tab is a part of the queue: the states in which the same office has to do the same thing. Its
// words are proposals.tab.<tab> of the catalogue.
type Tab string

// The tabs, in the order of the path.
const (
	TabMend      Tab = "mend"      // came back, or does not match: the filer's turn
	TabWaiting   Tab = "waiting"   // the civil registry's answer is awaited
	TabIncoming  Tab = "incoming"  // to be put on the initial list
	TabList      Tab = "list"      // waits for the meeting
	TabVerify    Tab = "verify"    // Dinsos
	TabApprove   Tab = "approve"   // head of the agency
	TabRatify    Tab = "ratify"    // signer
	TabDetermine Tab = "determine" // ministry
	TabDone      Tab = "done"      // established
	TabRefused   Tab = "refused"
	TabClosed    Tab = "closed" // withdrawn, inactive
)

// Tabs lists the tabs in order.
func Tabs() []Tab {
	return []Tab{TabMend, TabWaiting, TabIncoming, TabList, TabVerify, TabApprove, TabRatify, TabDetermine, TabDone, TabRefused, TabClosed}
}

// TabOf gives the tab a state belongs to.
func TabOf(state proposal.State) Tab {
	switch state {
	case proposal.MatchFailed, proposal.Returned:
		return TabMend
	case proposal.MatchPending:
		return TabWaiting
	case proposal.Matched, proposal.Submitted:
		return TabIncoming
	case proposal.InitialList:
		return TabList
	case proposal.Deliberated, proposal.Attested, proposal.FieldVerified, proposal.SubdistrictSeen:
		return TabVerify
	case proposal.DistrictVerified:
		return TabApprove
	case proposal.AgencyApproved:
		return TabRatify
	case proposal.Endorsed, proposal.Forwarded:
		return TabDetermine
	case proposal.Established:
		return TabDone
	case proposal.Refused:
		return TabRefused
	}
	return TabClosed
}

// States gives the states of a tab; none for a word that is no tab.
func (t Tab) States() []proposal.State {
	return slices.DeleteFunc(proposal.States(), func(s proposal.State) bool { return TabOf(s) != t || s == proposal.Draft })
}

// Filter narrows the queue. A filter that is zero narrows nothing.
type Filter struct {
	Area   area.Code
	Tab    Tab
	State  proposal.State // within the tab, or alone
	Kind   proposal.Kind
	Origin proposal.Origin
	DueBy  period.Date // due on this day or before
	// Text is a number, a NIK, a No. KK or the beginning of the applicant's name.
	Text string
	// AfterDue and AfterID continue the list behind this proposal.
	AfterDue period.Date
	AfterID  sqldb.ID
	Limit    int // at most 200
	// Options asks which steps the actor may take with all of them at once.
	Options bool
}

// Line is a proposal in the queue.
type Line struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Version   int64
	Number    string
	Kind      proposal.Kind
	Origin    proposal.Origin
	State     proposal.State
	Area      area.Code
	Programme string
	Applicant person.Name
	Match     civilmatch.Status
	FiledOn   period.Date
	Due       period.Date
	Overdue   int // days
}

// Count is how many proposals stand in a tab, and how many of them are late.
type Count struct{ All, Overdue int64 }

// Page is a page of the queue with the counts of every tab under the same filter of place.
type Page struct {
	Lines  []Line
	Counts map[Tab]Count
	Today  period.Date // by which lateness was counted
	// Options are the steps the actor may take with every one of the lines; asked for by the filter.
	Options []Option
}

// Queue lists proposals of the actor's area, the most urgent first; what is closed, newest first.
// It is recorded with a digest of what was shown. Error: proposal.search_short.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) (p Page, err error) {
	err = s.acts.View(ctx, who, "proposal.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		scope = scope.Within(f.Area)
		home, _ := who.Home()
		p = Page{Today: s.today(tx, home)}
		if p.Lines, err = s.linesIn(ctx, tx, scope, f); err != nil {
			return err
		}
		for i := range p.Lines {
			one := &p.Lines[i]
			one.Overdue = proposal.Proposal{State: one.State, Due: one.Due}.Overdue(s.today(tx, one.Area))
		}
		if f.Options {
			if p.Options, err = s.commonOptions(ctx, tx, p.Lines); err != nil {
				return err
			}
		}
		states, err := stateCountsIn(ctx, tx, scope, p.Today)
		if err != nil {
			return err
		}
		p.Counts = map[Tab]Count{}
		for _, c := range states {
			sum := p.Counts[TabOf(c.State)]
			p.Counts[TabOf(c.State)] = Count{sum.All + c.All, sum.Overdue + c.Overdue}
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(p.Lines, func(l *Line) sqldb.ID { return l.ID })))
	})
	return p, err
}

// states gives the states a filter lets through; nil for all.
func (f Filter) states() []proposal.State {
	switch {
	case f.State != "" && (f.Tab == "" || TabOf(f.State) == f.Tab):
		return []proposal.State{f.State}
	case f.Tab != "":
		return f.Tab.States()
	}
	return nil
}

// newestFirst tells whether nothing in the filter is due any more.
func (f Filter) newestFirst() bool {
	states := f.states()
	return len(states) > 0 && !slices.ContainsFunc(states, proposal.State.Open)
}

func (s *Service) linesIn(ctx context.Context, tx *act.Tx, scope access.Scope, f Filter) ([]Line, error) {
	a := sqldb.NewArgs(tx)
	query := `SELECT kabkota, id, version, number, kind, channel, state, area_code, programme, applicant, match_status, filed_on, due_on
		FROM proposal WHERE ` + act.Where(scope, "kabkota", "area_code", a)
	if states := f.states(); states != nil {
		texts := make([]string, len(states))
		for i, state := range states {
			texts[i] = string(state)
		}
		query += ` AND state IN ` + sqldb.In(a, texts)
	}
	for _, one := range []struct{ column, value string }{{"kind", string(f.Kind)}, {"channel", string(f.Origin)}} {
		if one.value != "" {
			query += ` AND ` + one.column + ` = ` + a.P(one.value)
		}
	}
	if !f.DueBy.IsZero() {
		query += ` AND due_on <> '' AND due_on <= ` + a.P(f.DueBy.Text())
	}
	text, err := s.textFilter(f.Text, a)
	if err != nil {
		return nil, err
	}
	query += text
	order, beyond := ` ORDER BY due_on, id`, `>`
	if f.newestFirst() {
		order, beyond = ` ORDER BY due_on DESC, id DESC`, `<`
	}
	if !f.AfterID.IsZero() {
		query += ` AND (due_on, id) ` + beyond + ` (` + a.P(f.AfterDue.Text()) + `, ` + a.P(f.AfterID) + `)`
	}
	query += order + ` LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
	lines, err := sqldb.Collect(ctx, tx, query, a.Values, scanLine)
	if err != nil {
		return nil, fmt.Errorf("list proposals: %w", err)
	}
	return lines, nil
}

// textFilter finds by number, NIK, No. KK or the beginning of a name.
func (s *Service) textFilter(text string, a *sqldb.Args) (string, error) {
	if text == "" {
		return "", nil
	}
	if number, ok := canonical(text); ok {
		return ` AND number = ` + a.P(number), nil
	}
	var hashes []sqldb.Hash
	if nik, err := person.ParseNIK(text); err == nil {
		hashes = append(hashes, s.reg.NIKHash(nik))
	}
	if kk, err := person.ParseKK(text); err == nil {
		hashes = append(hashes, s.reg.KKHash(kk))
	}
	if len(hashes) > 0 {
		return ` AND id IN (SELECT k.case_id FROM case_key k WHERE k.kabkota = proposal.kabkota AND k.hash IN ` + sqldb.In(a, hashes) + `)`, nil
	}
	name := person.Fold(text)
	if len(name) < 2 {
		return "", fail.Invalid("proposal.search_short").On("q")
	}
	return ` AND applicant_norm >= ` + a.P(name) + ` AND applicant_norm < ` + a.P(name+"\uffff"), nil
}

func scanLine(row sqldb.Row) (l Line, err error) {
	var tenant, areaCode, match int64
	var applicant, filed, due string
	err = row.Scan(&tenant, &l.ID, &l.Version, &l.Number, &l.Kind, &l.Origin, &l.State, &areaCode, &l.Programme, &applicant, &match, &filed, &due)
	if err != nil {
		return l, err
	}
	l.Tenant, l.Area, l.Applicant, l.Match = area.Tenant(tenant), area.Code(areaCode), person.Name(applicant), civilmatch.Status(match)
	if err = l.FiledOn.UnmarshalText([]byte(filed)); err != nil {
		return l, err
	}
	return l, l.Due.UnmarshalText([]byte(due))
}

// StateCount is how many proposals stand in a state, and how many of them are late.
type StateCount struct {
	State proposal.State
	Count
}

func stateCountsIn(ctx context.Context, q sqldb.Querier, scope access.Scope, today period.Date) ([]StateCount, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT state, count(*), CAST(coalesce(sum(CASE WHEN due_on <> '' AND due_on < ` + a.P(today.Text()) + ` THEN 1 ELSE 0 END), 0) AS BIGINT)
		FROM proposal WHERE ` + act.Where(scope, "kabkota", "area_code", a) + ` GROUP BY state ORDER BY state`
	out, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (c StateCount, err error) {
		err = r.Scan(&c.State, &c.All, &c.Overdue)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("count proposals: %w", err)
	}
	return out, nil
}

// Figures are the numbers of an area for the home page.
type Figures struct {
	Today    period.Date
	ByState  []StateCount
	Overdue  []VillageCount // villages with late proposals, the most first
	Villages int64          // that have an open proposal
}

// Figures counts the proposals of an area, as far as it is the actor's. They show nobody's data.
func (s *Service) Figures(ctx context.Context, who access.Actor, at area.Code) (f Figures, err error) {
	scope := who.ScopeOf(access.ReadInsight).Within(at)
	if scope.Empty() {
		return f, who.Allow(access.ReadInsight, s.places.TenantOf(at), at)
	}
	home, _ := who.Home()
	f.Today = s.places.LocalDate(home, s.acts.Now())
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if f.ByState, err = stateCountsIn(ctx, tx, scope, f.Today); err != nil {
			return err
		}
		a := sqldb.NewArgs(tx)
		query := `SELECT count(DISTINCT area_code) FROM proposal WHERE ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state IN ` + sqldb.In(a, openStates())
		if err := tx.QueryRow(ctx, query, a.Values...).Scan(&f.Villages); err != nil {
			return fmt.Errorf("count villages: %w", err)
		}
		a = sqldb.NewArgs(tx)
		query = `SELECT area_code, count(*) FROM proposal WHERE ` + act.Where(scope, "kabkota", "area_code", a) + ` AND due_on <> '' AND due_on < ` + a.P(f.Today.Text()) +
			` GROUP BY area_code ORDER BY count(*) DESC, area_code LIMIT ` + a.P(int64(maxList))
		f.Overdue, err = sqldb.Collect(ctx, tx, query, a.Values, func(r sqldb.Row) (c VillageCount, err error) {
			var code int64
			err = r.Scan(&code, &c.Count)
			c.Area = area.Code(code)
			return c, err
		})
		return err
	})
	return f, err
}
