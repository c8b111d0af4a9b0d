package proposals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/numbers"
	"tepat/internal/service/registry"
)

// Filing is a proposal as its filer sends it.
type Filing struct {
	// Request is made by the client once for a form; sent again, it files nothing twice.
	Request sqldb.ID
	// Draft is the form kept before, removed when it is filed.
	Draft sqldb.ID
	Kind  proposal.Kind
	// Area is the village of a new family; that of a family in the registry is its own.
	Area area.Code
	// Tenant, Family and Person name who of the registry a removal, an enrolment or a
	// reactivation is about; Person is zero when it is the whole family.
	Tenant         area.Tenant
	Family, Person sqldb.ID
	Programme      string
	Reason         string // of a removal or reactivation
	Document       Document
	Evidence       Paper
	// Seen is identity.Seen of those whom the people of a reactivation may be, which the filer was told of and goes on in
	// spite of.
	Seen string
}

// subject is whom a proposal is about, where.
type subject struct {
	tenant  area.Tenant
	village area.Code
	stable  int64
	family  registry.Family
}

// filer is who files.
type filer struct {
	id     sqldb.ID
	role   access.Role
	origin proposal.Origin
	secret string // digits she tracks by, when they are not those of the head
}

// File takes a proposal in under its number and compares its people with the civil registry at
// once, as far as that needs no network; else it waits for the answer, and nothing is held up. A
// request sent twice gives the same receipt.
//
// Before somebody is brought back it looks whether she is in the registry again already. Whom she may be is given in
// Receipt.Alike, with proposal.alike until the filer has seen them.
//
// Errors: those of Problems and Visit.Check, proposal.alike (fact count), proposal.village, proposal.not_ours, proposal.programme_needed,
// proposal.person_needed, proposal.family_state, those of reasons; access.denied outside the
// actor's area; proposal.request_taken when the request id is another person's.
func (s *Service) File(ctx context.Context, who access.Actor, f Filing) (r Receipt, err error) {
	told, err := s.returning(ctx, who, f)
	if err != nil {
		return r, err
	}
	r, err = once(func() (Receipt, error) {
		err := s.acts.Write(ctx, who, "proposal.file", func(tx *act.Tx) error {
			at, err := s.subjectIn(ctx, tx, f)
			if err != nil {
				return err
			}
			if err := tx.Allow(access.FileProposal, at.tenant, at.village); err != nil {
				return err
			}
			by := filer{id: who.ID, role: who.RoleFor(access.FileProposal, at.tenant, at.village), origin: proposal.FromVillage}
			if r, err = s.fileIn(ctx, tx, by, at, f); err != nil {
				return err
			}
			facts := map[string]any{"repeated": r.Repeated}
			if !r.Repeated {
				if err := f.unseen(told); err != nil { // last, so that what is wrong with the form is told before
					return err
				}
				if len(told) > 0 {
					facts["alike_seen"] = len(told)
				}
			}
			return tx.Record(ctx, r.entry(facts))
		})
		return r, err
	})
	if err != nil {
		return Receipt{Alike: told}, err
	}
	return r, nil
}

// once runs an act again when another one filed the same request in the same moment: the second
// time it finds what was filed.
func once(write func() (Receipt, error)) (Receipt, error) {
	r, err := write()
	if sqldb.IsUnique(err) {
		r, err = write()
	}
	return r, err
}

// subjectIn finds where the proposal belongs. A family of the registry decides itself.
func (s *Service) subjectIn(ctx context.Context, tx *act.Tx, f Filing) (at subject, err error) {
	if err := (Decision{Paper: f.Evidence}).check(); err != nil {
		return at, err
	}
	if !programmeKey(f.Programme) {
		return at, fail.Invalid("proposal.programme_needed").On("programme")
	}
	at.village = f.Area
	if f.Kind != proposal.NewFamily {
		if f.Family.IsZero() {
			return at, fail.Invalid("proposal.subject").On("family")
		}
		if at.family, err = s.reg.FamilyIn(ctx, tx, f.Tenant, f.Family); err != nil {
			return at, err
		}
		at.village = at.family.Area
	}
	if at.village.Level() != area.LevelVillage {
		return at, fail.Invalid("proposal.village").On("area")
	}
	place, err := s.places.Tree().Must(at.village)
	if err != nil {
		return at, err
	}
	at.tenant, at.stable = place.Tenant, place.Village
	if f.Kind != proposal.NewFamily {
		at.tenant = f.Tenant
	}
	if !s.places.Tree().Writes(at.tenant) {
		return at, fail.Invalid("proposal.not_ours", "area", at.village.Dotted()).On("area")
	}
	return at, nil
}

// programmeKey tells whether a text can be the key of a programme, or is none: it is kept in the clear,
// so that nothing else may stand there.
func programmeKey(text string) bool {
	return len(text) <= longestKey && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

const longestKey = 40

// fileIn files for who has the leave to.
func (s *Service) fileIn(ctx context.Context, tx *act.Tx, by filer, at subject, f Filing) (Receipt, error) {
	if id, found, err := byRequest(ctx, tx, at.tenant, f.Request); err != nil || found {
		return s.repeatedIn(ctx, tx, by, at.tenant, id, err)
	}
	document, err := s.documentIn(ctx, tx, &at, f)
	if err != nil {
		return Receipt{}, err
	}
	r, err := s.newRow(tx, by, at, f)
	if err != nil {
		return Receipt{}, err
	}
	if r.Number, err = numbers.NextIn(ctx, tx.Tx, at.tenant, numbers.Proposal, s.today(tx, at.village).Year()); err != nil {
		return Receipt{}, err
	}
	step := proposal.Step{By: by.id, At: tx.Now, On: s.today(tx, at.village), Document: f.Evidence.given().ID, DocumentNumber: f.Evidence.Number}
	filed, err := s.rules.File(r.Proposal, r.Number, step)
	if err != nil {
		return Receipt{}, err
	}
	r.step(filed, by.role, said{Paper: f.Evidence.Name})
	if err := s.matchIn(ctx, tx, r, &document, step); err != nil {
		return Receipt{}, err
	}
	if head, ok := document.Head(); ok && r.Applicant == "" {
		r.Applicant = head.Name
	}
	if r.sealed, err = s.seal(document); err != nil {
		return Receipt{}, err
	}
	keys := s.keysOf(r, document)
	if by.secret != "" {
		keys = append(keys, Key{TrackHash(s.keys, r.Number, by.secret), r.ID})
	}
	if err := s.insertRows(ctx, tx, []*Row{r}, keys); err != nil {
		return Receipt{}, err
	}
	if s.papers != nil && !f.Request.IsZero() {
		if _, err := s.papers.AttachIn(ctx, tx, at.tenant, f.Request, r.ID); err != nil {
			return Receipt{}, err
		}
	}
	return Receipt{Row: *r}, dropDraft(ctx, tx, at.tenant, at.village, f.Draft)
}

// repeatedIn gives the receipt of a request that was filed before, to who filed it.
func (s *Service) repeatedIn(ctx context.Context, tx *act.Tx, by filer, tenant area.Tenant, id sqldb.ID, err error) (Receipt, error) {
	if err != nil {
		return Receipt{}, fmt.Errorf("look for request: %w", err)
	}
	r, err := rowIn(ctx, tx, tenant, id)
	if err != nil {
		return Receipt{}, err
	}
	if r.Filer != by.id {
		return Receipt{}, fail.Conflict("proposal.request_taken")
	}
	return Receipt{Row: *r, Repeated: true}, nil
}

// newRow makes the draft of a proposal under the route in force on the day.
func (s *Service) newRow(tx *act.Tx, by filer, at subject, f Filing) (*Row, error) {
	route, err := s.routes.At(s.today(tx, at.village))
	if err != nil {
		return nil, err
	}
	r := &Row{ID: tx.NewID(), Tenant: at.tenant, Village: at.stable, Registered: at.family.ID, Applicant: person.Name(at.family.HeadName), FiledAt: tx.Now, request: f.Request}
	filing := proposal.Filing{
		Kind: f.Kind, Origin: by.origin, Area: at.village, Family: at.family.ID, Person: f.Person, Programme: f.Programme, Reason: f.Reason,
		Filer: by.id, Route: route,
	}
	if f.Kind == proposal.NewFamily {
		filing.Family, filing.Person = r.ID, sqldb.ID{}
	}
	r.Proposal = proposal.New(r.ID, filing)
	return r, nil
}

// documentIn gives what is filed: the form of a new family, checked, or of a family in the registry
// those the proposal is about, as they are recorded now.
func (s *Service) documentIn(ctx context.Context, tx *act.Tx, at *subject, f Filing) (Document, error) {
	if f.Kind == proposal.NewFamily {
		if err := f.Document.Visit.Check(s.today(tx, at.village)); err != nil {
			return Document{}, err
		}
		if problems := s.Problems(at.village, f.Document, s.today(tx, at.village)); len(problems) > 0 {
			return Document{}, problems[0]
		}
		return f.Document, nil
	}
	if err := bounds(Document{Papers: f.Document.Papers, Words: f.Document.Words}); err != nil {
		return Document{}, err
	}
	if err := s.concerns(tx, at, f); err != nil {
		return Document{}, err
	}
	members, err := s.reg.MembersIn(ctx, tx, f.Tenant, f.Family)
	if err != nil {
		return Document{}, fmt.Errorf("read members: %w", err)
	}
	if members, err = about(f, at.family, members); err != nil {
		return Document{}, err
	}
	d := Document{
		KK: at.family.KK, Address: at.family.Address, RT: at.family.RT, RW: at.family.RW, Phone: at.family.Phone,
		Papers: f.Document.Papers, Words: f.Document.Words,
	}
	for _, m := range members {
		d.Members = append(d.Members, Member{
			Person: m.ID, NIK: m.NIK, Name: person.Name(m.Name), Sex: m.Sex, BirthPlace: m.BirthPlace, BirthDate: m.BirthDate,
			MotherName: person.Name(m.MotherName), Relation: m.Relation,
		})
	}
	return d, nil
}

// concerns holds the reason of a removal against whom it hits: a death ends the person, never the
// family. Errors: proposal.person_needed, and proposal.whole_family (fact reason).
func (s *Service) concerns(tx *act.Tx, at *subject, f Filing) error {
	if f.Kind != proposal.Removal {
		return nil
	}
	reason, err := s.rules.Reasons.Find(f.Reason, s.today(tx, at.village))
	switch {
	case err != nil:
		return nil // the rules refuse it with their own words
	case reason.Hits != proposal.HitsFamily && f.Person.IsZero():
		return fail.Invalid("proposal.person_needed", "reason", f.Reason).On("person")
	case reason.Hits == proposal.HitsFamily && !f.Person.IsZero():
		return fail.Invalid("proposal.whole_family", "reason", f.Reason).On("person")
	}
	return nil
}

// recordedTwice is the reason of who was taken off the registry as a second record.
const recordedTwice = "double"

// StillAlive is the reason by which alone somebody comes back who was recorded as dead.
const StillAlive = "still_alive"

// MayReturn tells whether a reactivation can be about a person: who was ended, and who was recorded as dead by mistake.
func MayReturn(m registry.Person) bool { return m.State == registry.Ended || m.State == registry.Died }

// ReturnsWithFamily tells whether a member comes back with her whole family: who was recorded twice does not, since she stands there
// already, nor who died.
func ReturnsWithFamily(m registry.Person) bool {
	return m.State == registry.Ended && m.EndedReason != recordedTwice
}

// comesBack tells whether a reactivation about a person, or about her whole family, brings a member back for its reason. Nobody comes
// back from the dead but alone, for that reason and with the document it needs.
func comesBack(m registry.Person, about sqldb.ID, reason string) bool {
	switch {
	case about.IsZero():
		return ReturnsWithFamily(m) && reason != StillAlive
	case m.ID != about:
		return false
	}
	return MayReturn(m) && (m.State == registry.Died) == (reason == StillAlive)
}

// fromTheDead holds the reason of who was recorded as dead against whom a reactivation is about. Errors: proposal.person_needed (fact
// reason), proposal.recorded_dead.
func fromTheDead(f Filing, members []registry.Person) error {
	switch {
	case f.Kind != proposal.Reactivation:
	case f.Reason == StillAlive && f.Person.IsZero():
		return fail.Invalid("proposal.person_needed", "reason", f.Reason).On("person")
	case f.Reason != "" && f.Reason != StillAlive && slices.ContainsFunc(members, func(m registry.Person) bool { return m.ID == f.Person && m.State == registry.Died }):
		return fail.Invalid("proposal.recorded_dead").On("reason")
	}
	return nil
}

// about gives those of a family the proposal is about: who is active for a removal or an enrolment,
// who comes back by a reactivation. Errors: proposal.family_state, registry.no_person, those of fromTheDead.
func about(f Filing, family registry.Family, members []registry.Person) ([]registry.Person, error) {
	if !f.Person.IsZero() && !slices.ContainsFunc(members, func(m registry.Person) bool { return m.ID == f.Person }) {
		return nil, fail.NotFound("registry.no_person")
	}
	if err := fromTheDead(f, members); err != nil {
		return nil, err
	}
	back := f.Kind == proposal.Reactivation
	out := slices.DeleteFunc(members, func(m registry.Person) bool {
		if back {
			return !comesBack(m, f.Person, f.Reason)
		}
		return m.State != registry.Active || !f.Person.IsZero() && m.ID != f.Person
	})
	if len(out) == 0 || !back && family.State != registry.Active {
		return nil, fail.Conflict("proposal.family_state")
	}
	return out, nil
}
