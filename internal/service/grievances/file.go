package grievances

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/numbers"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// Bounds of what one case may hold.
const (
	longestText = 8000
	longestLine = 200
	mostPapers  = 20
)

// Filing is an objection or complaint as it comes in.
type Filing struct {
	// Request is made by the client once for a form; sent again, it files nothing twice.
	Request sqldb.ID
	Kind    Kind
	Topic   string // proposal.ObjectionKind or grievance.Kind
	// Area is the village it is about; where a proposal or family is named it is theirs.
	Area     area.Code
	Proposal string   // number of the refused proposal, of proposal.AgainstRefusal
	Family   sqldb.ID // of proposal.AgainstListing, where it is known
	Finding  sqldb.ID // the screening finding it is about, if any
	// FilerArea is the village the filer lives in by her KTP, of proposal.AgainstListing, where the
	// registry does not know her.
	FilerArea area.Code
	Document  Document
	Evidence  proposals.Paper
	Anonymous bool // of a complaint: nothing is kept of who she is
	// FiledOn is the day it was sent, of a file of older requests; zero for today.
	FiledOn period.Date
}

// filer is who files, as far as it is known and proven.
type filer struct {
	id     sqldb.ID
	role   access.Role
	proven bool // her KTP was seen, or her numbers belong together
}

// Receipt is what who files gets.
type Receipt struct {
	Row
	// Code is what she tracks with beside the number: four digits, "" when they are the last
	// four of her NIK.
	Code string
	// Repeated tells that this request was received before.
	Repeated bool
	// Joined tells that others had filed the same, and that hers was joined to it.
	Joined bool
}

// File takes in what a citizen brings to the desk, who showed her KTP. A second objection to the same
// listed family is joined to the first. Errors: grievance.kind, objection.kind, grievance.words,
// grievance.too_long (fact max), grievance.village, grievance.unknown_proposal, grievance.not_refused,
// grievance.window_over (fact date), objection.own, objection.neighbour, objection.owner,
// reason.evidence, registry.no_family, access.denied.
func (s *Service) File(ctx context.Context, who access.Actor, f Filing) (r Receipt, err error) {
	return once(func() (Receipt, error) {
		err := s.acts.Write(ctx, who, "grievance.file", func(tx *act.Tx) error {
			in, err := s.aboutIn(ctx, tx, f)
			if err != nil {
				return err
			}
			if err := tx.Allow(access.HandleGrievance, in.tenant, in.Area); err != nil {
				return err
			}
			by := filer{id: s.idOf(f), role: proposals.Citizen, proven: true}
			if r, err = s.fileIn(ctx, tx, by, in); err != nil {
				return err
			}
			return tx.Record(ctx, r.entry(map[string]any{"repeated": r.Repeated, "joined": r.Joined}))
		})
		return r, err
	})
}

// once runs an act again when another one filed the same request in the same moment.
func once(write func() (Receipt, error)) (Receipt, error) {
	r, err := write()
	if sqldb.IsUnique(err) {
		r, err = write()
	}
	return r, err
}

// idOf gives the id of who files: that of her NIK or phone, zero for who stays unnamed.
func (s *Service) idOf(f Filing) sqldb.ID {
	switch {
	case f.Anonymous && f.Kind == Complaint:
		return sqldb.ID{}
	case !f.Document.NIK.IsZero():
		return proposals.CitizenID(s.keys, f.Document.NIK)
	case !f.Document.Phone.IsZero():
		return s.keys.Blind(phonePurpose, []byte(f.Document.Phone.Plain()))
	}
	return sqldb.ID{}
}

// about is a filing with what it is about found.
type about struct {
	Filing
	tenant      area.Tenant
	proposal    proposals.Row
	family      sqldb.ID
	filerFamily sqldb.ID
	filerArea   area.Code
}

// aboutIn checks a filing and finds what it is about: that decides where it belongs.
func (s *Service) aboutIn(ctx context.Context, tx *act.Tx, f Filing) (about, error) {
	in := about{Filing: f, family: f.Family, filerArea: f.FilerArea}
	if err := f.check(); err != nil {
		return in, err
	}
	if f.Anonymous && f.Kind == Complaint {
		in.Document.Contact = Contact{}
	}
	var err error
	switch {
	case f.Kind == Objection && f.Topic == string(proposal.AgainstRefusal):
		err = s.aboutRefusal(ctx, tx, &in)
	case f.Kind == Objection && f.Topic == string(proposal.AgainstMisuse):
		err = s.aboutMisuse(ctx, tx, &in)
	case f.Kind == Objection:
		err = s.aboutListing(ctx, tx, &in)
	}
	if err != nil {
		return in, err
	}
	place, err := s.places.Tree().Must(in.Area)
	switch {
	case err != nil:
		return in, err
	case in.Area.Level() != area.LevelVillage || !s.places.Tree().Writes(place.Tenant):
		return in, fail.Invalid("grievance.village").On("area")
	case in.tenant == 0:
		in.tenant = place.Tenant
	}
	return in, nil
}

func (f Filing) check() error {
	topics := map[Kind][]string{
		Objection: {string(proposal.AgainstRefusal), string(proposal.AgainstListing), string(proposal.AgainstMisuse)},
	}
	for _, k := range grievance.Kinds() {
		topics[Complaint] = append(topics[Complaint], string(k))
	}
	switch {
	case f.Kind != Objection && f.Kind != Complaint:
		return fail.Invalid("grievance.kind").On("kind")
	case !slices.Contains(topics[f.Kind], f.Topic):
		return fail.Invalid("grievance.kind").On("topic")
	case strings.TrimSpace(f.Document.Words) == "":
		return fail.Invalid("grievance.words").On("text")
	case utf8.RuneCountInString(f.Document.Words) > longestText:
		return fail.Invalid("grievance.too_long", "max", longestText).On("text")
	case utf8.RuneCountInString(f.Document.Target) > longestLine || len(f.Document.Papers) > mostPapers:
		return fail.Invalid("grievance.too_long", "max", longestLine).On("target")
	}
	return nil
}

// aboutRefusal finds the refused proposal; the filer is of its family when her NIK stands in it.
func (s *Service) aboutRefusal(ctx context.Context, tx *act.Tx, in *about) error {
	r, err := s.numberedIn(ctx, tx, in.Area, in.Proposal)
	if fail.CodeOf(err) == "proposal.unknown" {
		return fail.NotFound("grievance.unknown_proposal").On("proposal")
	}
	if err != nil {
		return err
	}
	if r.State != proposal.Refused {
		return fail.Conflict("grievance.not_refused", "state", string(r.State)).On("proposal")
	}
	in.proposal, in.tenant, in.Area, in.family = r, r.Tenant, r.Area, r.Family
	found, err := proposals.CasesIn(ctx, tx, []area.Tenant{r.Tenant}, []sqldb.Hash{s.reg.NIKHash(in.Document.NIK)})
	if slices.ContainsFunc(found, func(f proposals.Found) bool { return f.Case == r.ID }) {
		in.filerFamily = in.family
	}
	return err
}

// numberedIn finds the proposal with a number in the district of an area. What was filed before a split lies where it was filed, so
// that two proposals may have the number: that of the very village is meant.
func (s *Service) numberedIn(ctx context.Context, tx *act.Tx, at area.Code, number string) (found proposals.Row, err error) {
	unknown := fail.NotFound("proposal.unknown")
	for _, tenant := range s.places.TenantsIn(at.District()) {
		r, err := s.proposals.ByNumberIn(ctx, tx, tenant, number)
		switch {
		case fail.CodeOf(err) == "proposal.unknown":
			continue
		case err != nil:
			return found, err
		case r.Area == at || found.ID.IsZero() && r.Area.District() == at.District():
			found = r
		}
	}
	if found.ID.IsZero() {
		return found, unknown
	}
	return found, nil
}

// aboutMisuse finds whose record carries the filer's NIK.
func (s *Service) aboutMisuse(ctx context.Context, tx *act.Tx, in *about) error {
	f, held, err := s.holderFamily(ctx, tx, in.Document)
	if err != nil || !held {
		return err
	}
	in.family, in.tenant, in.Area = f.ID, f.Tenant, f.Area
	return nil
}

// aboutListing finds the listed family, and where the filer lives.
func (s *Service) aboutListing(ctx context.Context, tx *act.Tx, in *about) error {
	if !in.family.IsZero() {
		f, err := s.reg.FamilyIn(ctx, tx, s.places.TenantOf(in.Area), in.family)
		if err != nil {
			return err
		}
		in.tenant, in.Area = f.Tenant, f.Area
	}
	f, held, err := s.holderFamily(ctx, tx, in.Document)
	if held {
		in.filerArea, in.filerFamily = f.Area, f.ID
	}
	return err
}

// holderFamily gives the family of who holds the filer's NIK, when it is kept here.
func (s *Service) holderFamily(ctx context.Context, tx *act.Tx, d Document) (f registry.Family, held bool, err error) {
	hash := s.reg.NIKHash(d.NIK)
	if hash.IsZero() {
		return f, false, nil
	}
	holders, err := s.reg.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	holder, held := holders[hash]
	if err != nil || !held {
		return f, false, err
	}
	f, err = s.reg.FamilyIn(ctx, tx, holder.Tenant, holder.FamilyID)
	if fail.CodeOf(err) == "registry.no_family" {
		return f, false, nil
	}
	return f, err == nil, err
}

// fileIn files for who has the leave to.
func (s *Service) fileIn(ctx context.Context, tx *act.Tx, by filer, in about) (Receipt, error) {
	if r, found, err := s.repeatedIn(ctx, tx, by, in); err != nil || found {
		return r, err
	}
	same, err := sameOpen(ctx, tx, s.places.Lineage(in.tenant), in.Topic, in.listed())
	if err != nil {
		return Receipt{}, err
	}
	if !same.Case.IsZero() {
		return s.joinIn(ctx, tx, by, in, same)
	}
	r, err := s.newRow(tx, by, in)
	if err != nil {
		return Receipt{}, err
	}
	if r.Number, err = numbers.NextIn(ctx, tx.Tx, in.tenant, numbers.Grievance, r.FiledOn.Year()); err != nil {
		return Receipt{}, err
	}
	if r.sealed, err = s.seal(in.Document); err != nil {
		return Receipt{}, err
	}
	if err := s.insertRows(ctx, tx, []*Row{r}); err != nil {
		return Receipt{}, err
	}
	return s.receiptIn(ctx, tx, r, in.Document, in.Request)
}

// listed gives the family of an objection that others may have filed too.
func (in about) listed() sqldb.ID {
	if in.Kind == Objection && in.Topic == string(proposal.AgainstListing) {
		return in.family
	}
	return sqldb.ID{}
}

// repeatedIn finds what the same request filed before.
func (s *Service) repeatedIn(ctx context.Context, tx *act.Tx, by filer, in about) (Receipt, bool, error) {
	if in.Request.IsZero() {
		return Receipt{}, false, nil
	}
	found, err := proposals.CasesIn(ctx, tx, s.places.Lineage(in.tenant), []sqldb.Hash{in.Request})
	if err != nil || len(found) == 0 {
		return Receipt{}, false, err
	}
	r, err := rowIn(ctx, tx, found[0].Tenant, found[0].Case)
	if err != nil {
		return Receipt{}, false, err
	}
	if r.Filer != by.id && !r.filedBy(by.id) {
		return Receipt{}, false, fail.Conflict("grievance.request_taken")
	}
	return Receipt{Row: *r, Code: s.codeFor(r, in.Document), Repeated: true, Joined: r.Filer != by.id}, true, nil
}

// newRow makes the case by the rules.
func (s *Service) newRow(tx *act.Tx, by filer, in about) (*Row, error) {
	at, on := tx.Now, in.FiledOn
	if on.IsZero() {
		on = s.places.LocalDate(in.Area, tx.Now)
	} else {
		at = s.proposals.FiledAt(in.Area, on)
	}
	r := &Row{
		Tenant: in.tenant, ID: tx.NewID(), Kind: in.Kind, Topic: in.Topic, Area: in.Area, Subject: in.family, Proposal: in.proposal.ID, Finding: in.Finding,
		Filer: by.id, request: in.Request, Above: belongsAbove(in.Kind, in.Topic),
	}
	if in.Kind == Complaint {
		g, err := s.answers.File(r.ID, "", grievance.Kind(in.Topic), in.Area, by.id, grievance.Step{By: by.id, At: at, On: on, Note: in.Document.Words})
		if err != nil {
			return nil, err
		}
		r.fromComplaint(g, by.role, in.Evidence.Name)
		return r, nil
	}
	r.Reason = reasonOf(in.Topic)
	if until := s.rules.ObjectUntil(in.proposal.Proposal); !until.IsZero() && on.After(until) {
		return nil, fail.Conflict("grievance.window_over", "date", until.Text())
	}
	filing := proposal.ObjectionFiling{
		Kind: proposal.ObjectionKind(in.Topic), Family: in.family, Area: in.Area, Proposal: in.proposal.ID, Filer: by.id, FilerFamily: in.filerFamily,
		FilerArea: in.filerArea, NIKOwner: by.proven && !in.Document.NIK.IsZero(), Reason: r.Reason,
	}
	o, err := s.rules.Object(r.ID, "", filing, proposal.Step{By: by.id, At: at, On: on, Document: evidence(in.Evidence)})
	if err != nil {
		return nil, err
	}
	r.fromObjection(o, by.role, in.Evidence.Name)
	r.AnswerBy = r.Due
	return r, nil
}

// evidence gives the id of a paper that was shown.
func evidence(p proposals.Paper) sqldb.ID {
	if p.ID.IsZero() && p.Name != "" {
		return sqldb.NewID()
	}
	return p.ID
}

// belongsAbove tells what the village's own office does not handle: objections, which are Dinsos's, and
// complaints that may be about the office itself.
func belongsAbove(kind Kind, topic string) bool {
	return kind == Objection || topic == string(grievance.Levy) || topic == string(grievance.Service)
}

// reasonOf gives the reason in data/reasons an objection of the kind is filed for.
func reasonOf(topic string) string {
	switch proposal.ObjectionKind(topic) {
	case proposal.AgainstRefusal:
		return "own_refusal"
	case proposal.AgainstMisuse:
		return "nik_misused"
	}
	return "listed_is_able"
}

// joinIn counts a filing of the same into the open one. Who filed it before is not counted again.
func (s *Service) joinIn(ctx context.Context, tx *act.Tx, by filer, in about, same proposals.Found) (Receipt, error) {
	r, err := rowIn(ctx, tx, same.Tenant, same.Case)
	if err != nil {
		return Receipt{}, err
	}
	if _, err := s.newRow(tx, by, in); err != nil { // who may not file may not join
		return Receipt{}, err
	}
	if r.filedBy(by.id) {
		return Receipt{Row: *r, Code: s.codeFor(r, in.Document), Repeated: true}, nil
	}
	o, err := s.rules.Join(r.objection(), proposal.Step{By: by.id, At: tx.Now, On: s.today(tx, r), Note: in.Document.Words})
	if err != nil {
		return Receipt{}, err
	}
	r.fromObjection(o, by.role, in.Evidence.Name)
	r.Events[len(r.Events)-1].contact = &in.Document.Contact
	if err := s.updateRow(ctx, tx, r); err != nil {
		return Receipt{}, err
	}
	receipt, err := s.receiptIn(ctx, tx, r, in.Document, in.Request)
	receipt.Joined = true
	return receipt, err
}

// receiptIn keeps what the case is found by, and gives the receipt.
func (s *Service) receiptIn(ctx context.Context, tx *act.Tx, r *Row, d Document, request sqldb.ID) (Receipt, error) {
	keys := []proposals.Key{{Hash: proposals.TrackHash(s.keys, r.Number, s.secretFor(r, d)), Case: r.ID}, {Hash: request, Case: r.ID}}
	if err := proposals.PutKeysIn(ctx, tx, r.Tenant, keys); err != nil {
		return Receipt{}, fmt.Errorf("keep keys of case: %w", err)
	}
	return Receipt{Row: *r, Code: s.codeFor(r, d)}, nil
}
