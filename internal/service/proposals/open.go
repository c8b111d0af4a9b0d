package proposals

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Event is one line of a history as staff see it.
type Event struct {
	proposal.Event
	Role  access.Role
	Paper string // name of the document
}

// Option is a step the actor may take now.
type Option struct {
	Action proposal.Action
	Reason proposal.Use // asks for a reason of this use; empty for none
	Paper  bool         // asks for a document
	Number bool         // asks for its number
}

// Held is what a NIK of the proposal is known by already. Whoever asks learns the village and since
// when, and only within her own area which family it is.
type Held struct {
	Member int // of the document
	Area   area.Code
	Since  period.Date
	Family sqldb.ID // zero outside the actor's area
	// Card tells that it is the No. KK that is known, and none of the members' NIK.
	Card bool
	// Open tells that it is not the registry but another open proposal that has the NIK or No. KK;
	// Proposal is its number, empty outside the actor's area.
	Open     bool
	Proposal string
	// Alike tells that no number is the same, but somebody of the family is alike; Agreed says in what, as
	// comparison.level of the linkage model, empty outside the actor's area.
	Alike  bool
	Agreed []string
	Twin   bool // she may be the same person, a twin or a namesake; see identity.Alike
	// Unready tells that who is alike could not be looked up yet.
	Unready bool
	// Missing is how many persons, at least, were written or changed at once so lately that nobody of them was looked at.
	Missing int
}

// View is a proposal as its page shows it.
type View struct {
	Row
	Document Document
	History  []Event
	Held     []Held
	Decree   *Decree
	// Problems are what the form's checks say of it today, such as a NIK that stands twice.
	Problems []*fail.Error
	Options  []Option
	// ObjectUntil is the last day of the objection to a refusal; zero when it is not refused.
	ObjectUntil period.Date
	Overdue     int
}

// Open shows one proposal with its document, checks, history, and what the actor may do next. It is
// recorded under its id with the purpose. Error: proposal.unknown.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (v View, err error) {
	err = s.acts.View(ctx, who, "proposal.open", purpose, func(tx *act.Tx) error {
		r, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, r.Area); err != nil {
			return err
		}
		v = View{Row: *r, ObjectUntil: s.rules.ObjectUntil(r.Proposal), Overdue: r.Overdue(s.today(tx, r.Area))}
		if v.Document, err = s.open(r.sealed); err != nil {
			return err
		}
		if v.History, err = s.historyIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		if v.Held, err = s.heldIn(ctx, tx, who, tenant, r.Area, v.Document, r); err != nil {
			return err
		}
		if r.Kind == proposal.NewFamily {
			v.Problems = s.Problems(r.Area, v.Document, s.today(tx, r.Area))
		}
		if !r.Decree.IsZero() {
			d, err := decreeByID(ctx, tx, tenant, r.Decree)
			if err != nil {
				return err
			}
			v.Decree = &d
		}
		v.Options = s.options(tx, r)
		return tx.Record(ctx, r.entry(nil))
	})
	return v, err
}

// historyIn reads the events with their words.
func (s *Service) historyIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) ([]Event, error) {
	events, err := sqldb.Collect(ctx, q, `
		SELECT `+eventColumns+`, said FROM proposal_event WHERE kabkota = $1 AND proposal_id = $2 ORDER BY seq LIMIT 1000`,
		[]any{int64(tenant), id}, func(row sqldb.Row) (out Event, err error) {
			var sealed []byte
			if _, out.Event, out.Role, err = scanEvent(row, &sealed); err != nil {
				return out, err
			}
			w, err := s.openSaid(sealed)
			out.Note, out.Paper = w.Note, w.Paper
			return out, err
		})
	if err != nil {
		return nil, fmt.Errorf("read history of proposal: %w", err)
	}
	return events, nil
}

// options tries every step out of the state as the actor would take it, with everything it asks for:
// what the rules would let through is offered.
func (s *Service) options(tx *act.Tx, r *Row) []Option {
	var out []Option
	for _, t := range proposal.Next(r.State) {
		if t.Permission == proposal.BySystem || tx.Who.Allow(t.Permission, r.Tenant, r.Area) != nil || slices.ContainsFunc(out, func(o Option) bool { return o.Action == t.Action }) {
			continue
		}
		if duty, bound := dutyOf(t.Permission); bound && !s.home.May(duty) {
			continue
		}
		if !offered(t.Action) {
			continue
		}
		day := s.today(tx, r.Area)
		step := proposal.Step{By: tx.Who.ID, At: tx.Now, On: day, Document: r.ID, DocumentNumber: r.Number}
		if reasons := s.rules.Reasons.For(t.Reason, day); t.Reason != "" && len(reasons) > 0 {
			step.Reason = reasons[0].Code
		}
		if _, err := s.rules.Act(r.Proposal, t.Action, step); err != nil {
			continue
		}
		out = append(out, Option{
			Action: t.Action, Reason: t.Reason, Paper: slices.Contains(t.Guards, proposal.HasDocument), Number: slices.Contains(t.Guards, proposal.HasNumber),
		})
	}
	return out
}

// commonOptions gives the steps that every one of the lines can take, in the order of the first.
func (s *Service) commonOptions(ctx context.Context, tx *act.Tx, lines []Line) ([]Option, error) {
	ids := map[area.Tenant][]sqldb.ID{}
	for _, l := range lines {
		ids[l.Tenant] = append(ids[l.Tenant], l.ID)
	}
	var out []Option
	first := true
	for _, tenant := range slices.Sorted(maps.Keys(ids)) {
		rows, err := rowsIn(ctx, tx, tenant, ids[tenant])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			options := s.options(tx, r)
			if first {
				out, first = options, false
				continue
			}
			out = slices.DeleteFunc(out, func(o Option) bool {
				return !slices.ContainsFunc(options, func(one Option) bool { return one.Action == o.Action })
			})
		}
	}
	return out, nil
}

// offered leaves out what is done by lists, runs and other offices, not from the page of one proposal.
func offered(a proposal.Action) bool {
	return !slices.Contains([]proposal.Action{
		proposal.ActRatify, proposal.ActDetermine, proposal.ActAnswered, proposal.ActRefuseByFile, proposal.ActReturnsByFile,
		proposal.ActDeactivate, proposal.ActReactivate, proposal.ActReopen,
	}, a)
}

// Check looks up, while a form is filled in, whether its people are in the registry or in another
// open proposal: "possibly registered already in village X since 2023". It never stops anybody from
// saving. It is recorded with how many were found.
func (s *Service) Check(ctx context.Context, who access.Actor, village area.Code, d Document) (held []Held, err error) {
	tenant := s.places.TenantOf(village)
	err = s.acts.View(ctx, who, "proposal.check", "", func(tx *act.Tx) error {
		if err := tx.Allow(access.FileProposal, tenant, village); err != nil {
			return err
		}
		if err := bounds(d); err != nil {
			return err
		}
		if held, err = s.heldIn(ctx, tx, who, tenant, village, d, nil); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: village, Facts: map[string]any{"asked": len(d.Members), "held": len(held)}})
	})
	return held, err
}

// heldIn finds where the people of a document are known already, besides the proposal itself and the
// family it is about.
func (s *Service) heldIn(ctx context.Context, tx *act.Tx, who access.Actor, tenant area.Tenant, village area.Code, d Document, own *Row) ([]Held, error) {
	hashes := make([]sqldb.Hash, 0, len(d.Members)+1)
	member := map[sqldb.Hash]int{}
	for i, m := range d.Members {
		if h := s.reg.NIKHash(m.NIK); !h.IsZero() {
			hashes = append(hashes, h)
			member[h] = i
		}
	}
	holders, err := s.reg.HoldersIn(ctx, tx, hashes)
	if err != nil {
		return nil, fmt.Errorf("find holders: %w", err)
	}
	var out []Held
	told := map[sqldb.ID]bool{}
	for _, h := range hashes {
		holder, ok := holders[h]
		told[holder.FamilyID] = ok
		if !ok || own != nil && holder.FamilyID == own.Registered && !own.Registered.IsZero() {
			continue
		}
		one, err := s.holderIn(ctx, tx, who, holder)
		if err != nil {
			return nil, err
		}
		one.Member = member[h]
		out = append(out, one)
	}
	if out, err = s.cardIn(ctx, tx, who, tenant, d, own, told, out); err != nil {
		return nil, err
	}
	if h := s.reg.KKHash(d.KK); !h.IsZero() {
		hashes = append(hashes, h)
	}
	others, err := s.othersIn(ctx, tx, who, tenant, hashes, member, own)
	if err != nil {
		return nil, err
	}
	return s.alikeIn(ctx, tx, village, d, own, told, append(out, others...))
}

// holderIn tells of a holder what the actor may know. One whose record is kept elsewhere is known
// by her district only.
func (s *Service) holderIn(ctx context.Context, tx *act.Tx, who access.Actor, h registry.HolderOf) (out Held, err error) {
	f, err := s.reg.FamilyIn(ctx, tx, h.Tenant, h.FamilyID)
	if fail.CodeOf(err) == "registry.no_family" {
		out.Area, err = s.places.Tree().DistrictOf(h.Tenant)
		return out, err
	}
	if err != nil {
		return out, err
	}
	out.Area = f.Area
	if err := out.Since.UnmarshalText([]byte(f.Since)); err != nil {
		return out, err
	}
	if who.Allow(access.ReadRegistry, f.Tenant, f.Area) == nil {
		out.Family = f.ID
	}
	return out, nil
}

// othersIn finds other open proposals with the same NIK or No. KK. A number is told only to who may
// open the proposal.
func (s *Service) othersIn(ctx context.Context, tx *act.Tx, who access.Actor, tenant area.Tenant, hashes []sqldb.Hash, member map[sqldb.Hash]int, own *Row) ([]Held, error) {
	cases, err := CasesIn(ctx, tx, []area.Tenant{tenant}, hashes)
	if err != nil {
		return nil, err
	}
	hit := map[sqldb.ID]int{}
	var ids []sqldb.ID
	for _, c := range cases {
		if _, twice := hit[c.Case]; twice || own != nil && c.Case == own.ID {
			continue
		}
		hit[c.Case] = member[c.Hash]
		ids = append(ids, c.Case)
	}
	var out []Held
	for some := range slices.Chunk(ids, inSize) {
		a := sqldb.NewArgs(tx)
		query := `SELECT id, number, area_code FROM proposal WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some) +
			` AND state IN ` + sqldb.In(a, openStates()) + ` ORDER BY id`
		err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var number string
			var code int64
			err := r.Scan(&id, &number, &code)
			one := Held{Member: hit[id], Area: area.Code(code), Open: true}
			if who.Allow(access.ReadRegistry, tenant, one.Area) == nil {
				one.Proposal = number
			}
			out = append(out, one)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read other proposals: %w", err)
		}
	}
	return out, nil
}

// Warnings are what is unlikely in a document but stands on real cards: codes of package person, by
// member.
func (d Document) Warnings(village area.Code, day period.Date) map[int][]string {
	out := map[int][]string{}
	family := person.Family{KK: d.KK, Village: village}
	for i, m := range d.Members {
		codes := append(m.NIK.Warnings(m.BirthDate, m.Sex, day), m.Name.Warnings()...)
		if len(codes) > 0 {
			out[i] = codes
		}
		family.Members = append(family.Members, person.Member{Person: person.Person{NIK: m.NIK, Name: m.Name, Sex: m.Sex, BirthDate: m.BirthDate}, Relation: m.Relation})
	}
	for _, w := range family.Warnings(day) {
		out[w.Member] = append(out[w.Member], w.Code)
	}
	return out
}
