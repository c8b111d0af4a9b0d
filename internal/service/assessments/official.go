package assessments

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// DecileRow is an official decile of one family, as a row of a file gives it. The family
// is named by its No. KK, its old DTKS/BDT number, or both; the No. KK is tried first.
type DecileRow struct {
	KK         person.KK
	RegistryID string
	Decile     int // 1 to 10
	Vintage    period.Vintage
	Source     string // the file or letter it came in
	Line       int64  // of the file; zero when it came in none

	// Against is what is on record of the same vintage when the row says something else: set by KeepDecilesIn.
	Against []Contradiction

	hash sqldb.Hash
}

// Contradiction is a family of which a frozen vintage says another decile than a row.
type Contradiction struct {
	Family sqldb.ID
	Held   int // the decile on record
}

// Check refuses a row that cannot be kept. Errors: assessment.no_family when neither number
// is given; score.decile, score.vintage, score.source.
func (r *DecileRow) Check() error {
	if r.KK.IsZero() && r.RegistryID == "" {
		return fail.Invalid("assessment.no_family").On("no_kk")
	}
	_, err := scoring.NewOfficial(r.Decile, r.Vintage, r.Source)
	return err
}

// Ready hashes the No. KK of a row, outside any transaction.
func (s *Service) Ready(r *DecileRow) { r.hash = s.reg.KKHash(r.KK) }

// Loading counts what a list of official deciles did.
type Loading struct {
	Loaded      int64 // new on record
	Unchanged   int64 // on record already
	Unknown     int64 // nobody in the registry
	Conflicting int64 // the same vintage is on record with another decile: the first one stays
	Older       int64 // of the loaded: kept in the history only, since a newer vintage is in force
}

// LoadDecilesIn keeps ready rows and gives how many were new, and how many name a family
// the registry does not have. KeepDecilesIn tells more.
func (s *Service) LoadDecilesIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []DecileRow) (loaded, unknown int64, err error) {
	out, err := s.KeepDecilesIn(ctx, tx, tenant, rows)
	return out.Loaded, out.Unknown, err
}

// KeepDecilesIn keeps ready rows by vintage and puts the newest vintage in force. A decile
// that is on record is never changed: a publication is frozen, so when two files of one
// vintage differ the first stays and the other is counted as conflicting, and the row told
// what it is against. Errors: those of
// DecileRow.Check; registry.race when somebody else ranked a family meanwhile.
func (s *Service) KeepDecilesIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []DecileRow) (Loading, error) {
	standings, err := s.standingsIn(ctx, tx, tenant, rows)
	if err != nil {
		return Loading{}, err
	}
	var out Loading
	var kept []officialRow
	for i := range rows {
		if err := rows[i].Check(); err != nil {
			return out, err
		}
		rows[i].Against = nil // the act may be tried again
		families := standings.of(&rows[i])
		if len(families) == 0 {
			out.Unknown++
		}
		for _, f := range families {
			if err := f.take(&rows[i], &kept, &out); err != nil {
				return out, err
			}
		}
	}
	if err := insertOfficial(ctx, tx, tenant, kept); err != nil {
		return out, err
	}
	return out, s.reg.SetRanksIn(ctx, tx, tenant, standings.moved())
}

// officialRow is a decile that is not on record yet.
type officialRow struct {
	family sqldb.ID
	row    *DecileRow
}

// standing is a family with the deciles on record, as it is being ranked.
type standing struct {
	id     sqldb.ID
	state  registry.State
	before registry.Rank
	now    scoring.Standing
	held   map[period.Vintage]scoring.Decile // on record and older than the one in force
}

// take holds a row against the family's standing.
func (f *standing) take(r *DecileRow, kept *[]officialRow, out *Loading) error {
	official, err := scoring.NewOfficial(r.Decile, r.Vintage, r.Source)
	if err != nil {
		return err
	}
	inForce, ranked := f.now.Official()
	if ranked && r.Vintage.Before(inForce.Vintage()) {
		f.takeOlder(r, kept, out)
		return nil
	}
	next, err := f.now.WithOfficial(official)
	switch {
	case fail.CodeOf(err) == "score.official_conflict":
		out.Conflicting++
		r.Against = append(r.Against, Contradiction{f.id, int(inForce.Decile())})
		return nil
	case err != nil:
		return err
	case ranked && inForce.Vintage() == r.Vintage:
		out.Unchanged++
		return nil
	}
	if ranked {
		f.hold(inForce.Vintage(), inForce.Decile())
	}
	f.now = next
	*kept = append(*kept, officialRow{f.id, r})
	out.Loaded++
	return nil
}

// takeOlder keeps a decile of a vintage before the one in force, for the history.
func (f *standing) takeOlder(r *DecileRow, kept *[]officialRow, out *Loading) {
	held, ok := f.held[r.Vintage]
	switch {
	case !ok:
		f.hold(r.Vintage, scoring.Decile(r.Decile))
		*kept = append(*kept, officialRow{f.id, r})
		out.Loaded++
		out.Older++
	case held != scoring.Decile(r.Decile):
		out.Conflicting++
		r.Against = append(r.Against, Contradiction{f.id, int(held)})
	default:
		out.Unchanged++
	}
}

func (f *standing) hold(v period.Vintage, d scoring.Decile) {
	if f.held == nil {
		f.held = map[period.Vintage]scoring.Decile{}
	}
	f.held[v] = d
}

// standings are the families a list of rows names.
type standings struct {
	byKK       map[sqldb.Hash][]*standing
	byRegistry map[string][]*standing
	all        []*standing
	byID       map[sqldb.ID]*standing
}

// of gives the families a row names: by No. KK where somebody has it, else by the old number.
func (s *standings) of(r *DecileRow) []*standing {
	if found := s.byKK[r.hash]; !r.hash.IsZero() && len(found) > 0 {
		return found
	}
	if r.RegistryID == "" {
		return nil
	}
	return s.byRegistry[r.RegistryID]
}

// moved gives the families whose rank in force changes.
func (s *standings) moved() []registry.Ranked {
	var out []registry.Ranked
	for _, f := range s.all {
		o, ok := f.now.Official()
		now := registry.Rank{Decile: int64(o.Decile()), Source: registry.Official, Vintage: o.Vintage().Text()}
		if ok && now != f.before {
			out = append(out, registry.Ranked{Family: f.id, Before: f.before, Now: now})
		}
	}
	return out
}

// add takes a family that was read, once.
func (s *standings) add(f *standing, kk sqldb.Hash, registryID string) {
	if s.byID[f.id] != nil {
		return
	}
	s.byID[f.id] = f
	s.all = append(s.all, f)
	if !kk.IsZero() {
		s.byKK[kk] = preferred(s.byKK[kk], f)
	}
	if registryID != "" {
		s.byRegistry[registryID] = preferred(s.byRegistry[registryID], f)
	}
}

// preferred keeps the families that count among those of one number: an ended one takes
// the decile only when no active or proposed one has the number.
func preferred(list []*standing, f *standing) []*standing {
	switch {
	case len(list) == 0, (list[0].state == registry.Ended) == (f.state == registry.Ended):
		return append(list, f)
	case f.state == registry.Ended:
		return list
	}
	return []*standing{f}
}

// standingsIn reads the families the rows name, and the older deciles of those for which
// a row brings an older vintage.
func (s *Service) standingsIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []DecileRow) (*standings, error) {
	out := &standings{byKK: map[sqldb.Hash][]*standing{}, byRegistry: map[string][]*standing{}, byID: map[sqldb.ID]*standing{}}
	var hashes []sqldb.Hash
	for i := range rows {
		if !rows[i].hash.IsZero() {
			hashes = append(hashes, rows[i].hash)
		}
	}
	if err := readByKK(ctx, tx, tenant, hashes, out); err != nil {
		return nil, err
	}
	var numbers []string
	for i := range rows {
		if r := &rows[i]; r.RegistryID != "" && len(out.byKK[r.hash]) == 0 {
			numbers = append(numbers, r.RegistryID)
		}
	}
	if err := readByRegistry(ctx, tx, tenant, numbers, out); err != nil {
		return nil, err
	}
	var older []sqldb.ID
	for i := range rows {
		for _, f := range out.of(&rows[i]) {
			if o, ok := f.now.Official(); ok && rows[i].Vintage.Before(o.Vintage()) {
				older = append(older, f.id)
			}
		}
	}
	slices.SortFunc(older, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	if err := readHeld(ctx, tx, tenant, slices.Compact(older), out); err != nil {
		return nil, fmt.Errorf("read older deciles: %w", err)
	}
	return out, nil
}
