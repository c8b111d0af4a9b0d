package suggestions

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// ours is everybody of an area who does not match: what is kept of each, and her record as record linkage
// and the hints read it.
type ours struct {
	list  []suggestion
	own   []own
	hash  []sqldb.Hash // of the NIK held
	norm  []string
	rows  table
	bound []bool // another person of ours claims her NIK
}

// theirs is the civil file beside it.
type theirs struct {
	hash  []sqldb.Hash
	state []civilmatch.State
	rows  table
}

// find works out the suggestions of everybody of an area who does not match, in the order of their ids.
func (s *Service) find(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, at area.Code, today period.Date, b basis) ([]suggestion, error) {
	o, err := s.mismatched(ctx, tx, tenant, at, sqldb.ID{})
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	if len(o.list) == 0 {
		return nil, nil
	}
	if !s.Civil.Scans() {
		return o.list, s.hear(ctx, tx, &o, today)
	}
	var t theirs
	err = s.Civil.KnownIn(ctx, tx, tenant, s.most, func(k *civil.Known) error {
		t.hash, t.state = append(t.hash, k.Hash), append(t.state, k.State)
		t.rows.add(&[columns][]byte{k.NIK, k.KK, k.Name, k.BirthDate, []byte(k.Sex.String()), k.Mother, k.BirthPlace, areaText(k.Area), idText(k.Hash[:])})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read civil records: %w", err)
	}
	if err := s.link(ctx, &o, &t, tenant, b); err != nil {
		return nil, err
	}
	o.unknown(today)
	if err := s.doubtShared(ctx, tx, tenant, o.list); err != nil {
		return nil, err
	}
	return o.list, s.markTaken(ctx, tx, o.list)
}

// unknown words what is wrong with those nobody was found for.
func (o *ours) unknown(today period.Date) {
	for i := range o.list {
		if g := &o.list[i]; g.outcome == Nobody {
			g.causes = append([]Cause{Unknown}, hintsBeside(&o.own[i], today)...)
		}
	}
}

// idText writes a digest or an id as the id of a row.
func idText(b []byte) []byte { return base64.RawURLEncoding.AppendEncode(nil, b) }

// hintsBeside gives what a record shows of itself, where that is something.
func hintsBeside(o *own, today period.Date) []Cause {
	return slices.DeleteFunc(o.hints(today), func(c Cause) bool { return c == Document })
}

func areaText(at area.Code) []byte { return fmt.Appendf(nil, "%010d", int64(at)) }

// mismatched reads everybody of an area who does not match, or of one family alone. It only reads what the registry keeps.
func (s *Service) mismatched(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code, family sqldb.ID) (o ours, err error) {
	a := sqldb.NewArgs(q)
	from, to := at.Range()
	query := `
		SELECT p.id, p.family_id, p.version, f.version, p.nik, p.nik_hash, p.nik_state, p.name, p.name_norm, p.birth_date, p.sex, p.mother_name,
			p.birth_place, p.area_code, p.match_status, p.match_fields, f.no_kk
		FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.match_status IN ` + sqldb.In(a, notMatching()) +
		` AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to)) + ` AND p.state = 1`
	if !family.IsZero() {
		query += ` AND p.family_id = ` + a.P(family)
	}
	query += ` ORDER BY p.id`
	var rooms [3][]byte
	err = sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error { return s.scan(r, &o, &rooms) })
	return o, err
}

// notMatching gives the statuses of those who wait in the repair queue.
func notMatching() (out []int64) {
	for _, status := range civilmatch.Statuses() {
		if status.Group() == civilmatch.NotMatching {
			out = append(out, int64(status))
		}
	}
	return out
}

func (s *Service) scan(r sqldb.Row, o *ours, rooms *[3][]byte) error {
	var g suggestion
	var hash sqldb.Hash
	var nik, mother, kk []byte
	var state registry.NIKState
	var name, norm, birth, place string
	var sex, at, status, differ int64
	err := r.Scan(&g.person, &g.family, &g.version, &g.familyVersion, &nik, &hash, &state, &name, &norm, &birth, &sex, &mother, &place, &at, &status, &differ, &kk)
	if err != nil {
		return err
	}
	for i, one := range []struct {
		purpose seal.Purpose
		sealed  *[]byte
	}{{seal.NIK, &nik}, {seal.Mother, &mother}, {seal.KK, &kk}} {
		if len(*one.sealed) == 0 {
			continue
		}
		if rooms[i], err = s.Keys.OpenTo(rooms[i][:0], one.purpose, *one.sealed); err != nil {
			return fmt.Errorf("open person %s: %w", g.person, err)
		}
		*one.sealed = rooms[i]
	}
	g.status = civilmatch.Status(status)
	mine, err := ownOf(&g, state, string(nik), string(kk), name, birth, person.Sex(sex))
	if err != nil {
		return fmt.Errorf("read person %s: %w", g.person, err)
	}
	mine.differ = civilmatch.Fields(differ)
	o.list, o.own, o.hash, o.norm = append(o.list, g), append(o.own, mine), append(o.hash, hash), append(o.norm, norm)
	o.bound = append(o.bound, state == registry.Contested)
	o.rows.add(&[columns][]byte{nik, kk, []byte(name), []byte(birth), []byte(mine.sex.String()), mother, []byte(place), areaText(area.Code(at)), idText(g.person[:])})
	return nil
}

func ownOf(g *suggestion, state registry.NIKState, nik, kk, name, birth string, sex person.Sex) (o own, err error) {
	o = own{name: person.Name(name), sex: sex, status: g.status}
	if state == registry.BadNIK {
		o.raw = nik
	} else if nik != "" {
		if o.nik, err = person.ParseNIK(nik); err != nil {
			return o, err
		}
	}
	if kk != "" {
		if o.kk, err = person.ParseKK(kk); err != nil {
			return o, err
		}
	}
	if birth != "" {
		o.birth, err = period.ParseDate(birth)
	}
	return o, err
}

// link finds the civil person of each, by the model, and words the difference.
func (s *Service) link(ctx context.Context, o *ours, t *theirs, tenant area.Tenant, b basis) error {
	if t.rows.Rows() == 0 {
		for i := range o.list {
			o.list[i].outcome, o.list[i].gap = Nobody, -1
		}
		return nil
	}
	e, err := linkage.Prepare(s.Model, &o.rows, &t.rows, linkage.Options{Workers: s.workers, Stop: ctx.Err})
	if err != nil {
		return fmt.Errorf("prepare linkage: %w", err)
	}
	defer e.Wipe()
	if err := s.keepAtHand(e, tenant, b); err != nil {
		return fmt.Errorf("keep index of civil records: %w", err)
	}
	links, err := e.Link()
	if err != nil {
		return fmt.Errorf("link persons: %w", err)
	}
	explainer, asks := e.Explainer(), []int(nil)
	for i := range o.list {
		m := links.Matches[i]
		if m.Reference < 0 || m.Status == linkage.None {
			o.list[i].outcome, o.list[i].gap = Nobody, -1
			continue
		}
		levels := e.Levels(explainer, i, o.rows.Rows()+int(m.Reference))
		if d := o.judge(i, t, m, slices.Clone(levels)); d.asksNamesake() {
			asks = append(asks, i)
		}
	}
	same := o.namesakesOf(t, asks)
	for _, i := range asks {
		if same.others(o, i, int(links.Matches[i].Reference)) {
			o.list[i].doubt(Namesake)
		}
	}
	return nil
}

// judge puts what was found on a person's suggestion, and gives what differs.
func (o *ours) judge(i int, t *theirs, m linkage.Match, levels []string) differing {
	g := &o.list[i]
	g.outcome = Unsure
	if m.Status == linkage.Linked {
		g.outcome = Found
	}
	g.civil, g.probability, g.weight, g.gap = t.hash[m.Reference], m.Probability, linkage.Bits(m.Weight), -1
	if m.Second >= 0 {
		g.gap = linkage.Bits(m.Gap)
	}
	d := o.differing(i, t, int(m.Reference))
	g.levels, g.nikSame, g.unlike = levels, !d.nik, d.name && d.birth
	g.causes = causesOf(d, levelsOf(levels), t.state[m.Reference], o.bound[i])
	return d
}

// differing compares two records as the field rules do.
func (o *ours) differing(i int, t *theirs, j int) differing {
	value := func(c int) (ours, theirs []byte) { return o.rows.Field(i, c), t.rows.Field(j, c) }
	differs := func(c int) bool { // what the civil registry does not give differs from nothing
		ours, theirs := value(c)
		return len(theirs) > 0 && string(ours) != string(theirs)
	}
	_, name := value(colName)
	ourNIK, theirNIK := value(colNIK)
	return differing{
		noNIK: o.own[i].nik.IsZero() && o.own[i].raw == "", unusable: o.own[i].raw != "",
		nik: o.hash[i] != t.hash[j], name: len(name) > 0 && person.Fold(string(name)) != o.norm[i],
		birth: differs(colBirth), sex: differs(colSex), kk: differs(colKK),
		oneDigit: oneDigit(ourNIK, theirNIK),
	}
}

// markTaken marks those whose civil person another of our persons is, or is likely to be.
func (s *Service) markTaken(ctx context.Context, q sqldb.Querier, list []suggestion) error {
	wanted := map[sqldb.Hash]int{}
	hashes := make([]sqldb.Hash, 0, len(list))
	for i := range list {
		if g := &list[i]; g.somebody() {
			if wanted[g.civil]++; wanted[g.civil] == 1 {
				hashes = append(hashes, g.civil)
			}
		}
	}
	holders, err := s.Registry.HoldersIn(ctx, q, hashes)
	if err != nil {
		return fmt.Errorf("read holders: %w", err)
	}
	for i := range list {
		if g := &list[i]; g.somebody() && (wanted[g.civil] > 1 && !g.nikSame || heldByAnother(holders, g)) {
			g.take()
		}
	}
	return nil
}
