package proposals

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// citizenPurpose binds the id of a citizen who has no account.
const citizenPurpose = seal.Purpose("citizen")

// CitizenID gives the id a citizen acts under: a keyed hash of her NIK, the same each time, which
// nobody can compute without the keys and which leads to no other table.
func CitizenID(keys *seal.Keyring, nik person.NIK) sqldb.ID {
	var buf [16]byte
	return keys.Blind(citizenPurpose, nik.AppendPlain(buf[:0]))
}

// SelfFiling is what a citizen sends for her own family (usulan mandiri), without an account.
type SelfFiling struct {
	Request   sqldb.ID // made once for the form: sent twice, it is filed once
	Area      area.Code
	Applicant person.NIK // of who sends it; she tracks it by its last four digits
	Programme string     // what she asks for; empty to be registered
	Document  Document
}

// SelfReceipt is all that the public page shows after sending: nothing in it tells whether the family
// is registered.
type SelfReceipt struct {
	Number   string
	FiledOn  period.Date
	AnswerBy period.Date
	Repeated bool
}

// FileSelf takes in a citizen's proposal for her own family. A family that is registered in that
// village already and asks for a programme is proposed for it; every other one as a new family.
//
// Errors: those of Problems; proposal.applicant when the NIK is nobody's in the form;
// proposal.self_limited (fact hours) when she sent too many today; proposal.village,
// proposal.not_ours, proposal.request_taken.
func (s *Service) FileSelf(ctx context.Context, in SelfFiling) (SelfReceipt, error) {
	if !in.Document.has(in.Applicant) {
		return SelfReceipt{}, fail.Invalid("proposal.applicant").On("nik")
	}
	now, key := s.acts.Now(), s.reg.NIKHash(in.Applicant)
	limited := s.filings.Left(key, now) == 0
	plain := in.Applicant.Plain()
	by := filer{CitizenID(s.keys, in.Applicant), Citizen, proposal.FromCitizen, plain[len(plain)-secretDigits:]}
	r, err := once(func() (r Receipt, err error) {
		err = Unattended(ctx, s.acts, by.id, Citizen, "proposal.file_self", now, func(tx *act.Tx) (audit.Entry, error) {
			if r, err = s.fileSelfIn(ctx, tx, by, in); err == nil && limited && !r.Repeated {
				// Only now is it known to be a new one: who sends the last one twice gets its receipt.
				err = fail.Limited("proposal.self_limited", "hours", s.filings.HoursLeft(now))
			}
			return r.entry(map[string]any{"repeated": r.Repeated}), err
		})
		return r, err
	})
	if err != nil {
		return SelfReceipt{}, err
	}
	if !r.Repeated {
		s.filings.Add(key, now)
	}
	return SelfReceipt{r.Number, r.FiledOn, r.AnswerBy, r.Repeated}, nil
}

// has tells whether somebody in the document has the NIK.
func (d Document) has(nik person.NIK) bool {
	for _, m := range d.Members {
		if m.NIK == nik && !nik.IsZero() {
			return true
		}
	}
	return false
}

func (s *Service) fileSelfIn(ctx context.Context, tx *act.Tx, by filer, in SelfFiling) (Receipt, error) {
	f := Filing{Request: in.Request, Kind: proposal.NewFamily, Area: in.Area, Programme: in.Programme, Document: in.Document}
	at, err := s.subjectIn(ctx, tx, f)
	if err != nil {
		return Receipt{}, err
	}
	// The form is checked as it is, so that its errors never tell who is registered.
	if problems := s.Problems(in.Area, in.Document, s.today(tx, in.Area)); len(problems) > 0 {
		return Receipt{}, problems[0]
	}
	if in.Programme != "" {
		if f, at, err = s.enrolmentIn(ctx, tx, f, at, in); err != nil {
			return Receipt{}, err
		}
	}
	return s.fileIn(ctx, tx, by, at, f)
}

// enrolmentIn turns the filing into one of a family in the registry, where the applicant is one of it.
func (s *Service) enrolmentIn(ctx context.Context, tx *act.Tx, f Filing, at subject, in SelfFiling) (Filing, subject, error) {
	hash := s.reg.NIKHash(in.Applicant)
	holders, err := s.reg.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	holder, held := holders[hash]
	if err != nil || !held || holder.Tenant != at.tenant || holder.Contested {
		return f, at, err
	}
	p, err := s.reg.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	if err != nil {
		return f, at, err
	}
	family, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil || p.State != registry.Active || family.State != registry.Active || family.Area != in.Area || !in.Document.says(p) {
		return f, at, err
	}
	f.Kind, f.Tenant, f.Family = proposal.Enrolment, family.Tenant, family.ID
	at.family = family
	return f, at, nil
}

// says tells whether the form means the person of the registry: same NIK, and the same name or birth
// date, as in registry.LoadIn.
func (d Document) says(p registry.Person) bool {
	for _, m := range d.Members {
		if m.NIK == p.NIK {
			return person.FoldEqual(m.Name.Plain(), p.Name) || !m.BirthDate.IsZero() && m.BirthDate == p.BirthDate
		}
	}
	return false
}

// Timeline is what an applicant sees of her proposal: offices and dates, never an officer.
type Timeline struct {
	Number      string
	Kind        proposal.Kind
	Programme   string
	State       proposal.State
	FiledOn     period.Date
	AnswerBy    period.Date
	Holder      proposal.Office // who has to act now
	Place       string          // the place of that office: "Kelurahan Benteng", "Kota Ambon"; empty for the ministry
	Due         period.Date     // by when it should
	ObjectUntil period.Date     // last day to object to a refusal
	Steps       []TimelineStep
}

// TimelineStep is one line of it.
type TimelineStep struct {
	On     period.Date
	Action proposal.Action
	State  proposal.State // after it
	Office proposal.Office
	Place  string
	Reason string // code
	Note   string // words for the applicant
}

// Track shows an applicant where her proposal stands, for its number and the last four digits of her
// NIK. Errors: those of Tracked.
func (s *Service) Track(ctx context.Context, number, digits string) (t Timeline, err error) {
	r, err := s.Tracked(ctx, number, digits)
	if err != nil {
		return t, err
	}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		t, err = s.timelineIn(ctx, tx, &r)
		return err
	})
	return t, err
}

// Tracked finds a proposal for who knows its number and the last four digits of her NIK. Errors:
// number.format, track.digits; track.unknown for a number that is none and for digits that are not
// hers alike; track.limited (fact hours) after too many wrong tries at one number.
func (s *Service) Tracked(ctx context.Context, number, digits string) (Row, error) {
	number, ok := canonical(number)
	if !ok {
		return Row{}, fail.Invalid("number.format").On("number")
	}
	if !fourDigits(digits) {
		return Row{}, fail.Invalid("track.digits").On("digits")
	}
	now, key := s.acts.Now(), s.keys.Blind(trackPurpose, []byte(number))
	if s.guesses.Left(key, now) == 0 {
		return Row{}, fail.Limited("track.limited", "hours", s.guesses.HoursLeft(now))
	}
	q := s.acts.DB().Direct()
	cases, err := CasesIn(ctx, q, s.places.Tree().Written(), []sqldb.Hash{TrackHash(s.keys, number, digits)})
	if err != nil {
		return Row{}, err
	}
	if len(cases) == 0 {
		s.guesses.Add(key, now)
		return Row{}, fail.NotFound("track.unknown")
	}
	r, err := rowIn(ctx, q, cases[0].Tenant, cases[0].Case)
	if err != nil {
		return Row{}, err
	}
	return *r, nil
}

func fourDigits(s string) bool {
	if len(s) != secretDigits {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func (s *Service) timelineIn(ctx context.Context, q sqldb.Querier, r *Row) (Timeline, error) {
	history, err := s.historyIn(ctx, q, r.Tenant, r.ID)
	if err != nil {
		return Timeline{}, err
	}
	t := Timeline{
		Number: r.Number, Kind: r.Kind, Programme: r.Programme, State: r.State, FiledOn: r.FiledOn, AnswerBy: r.AnswerBy, Holder: r.Holder(), Due: r.Due,
		ObjectUntil: s.rules.ObjectUntil(r.Proposal),
	}
	t.Place = s.placeOf(t.Holder, r)
	for _, e := range history {
		office := acting(r, e.Event)
		t.Steps = append(t.Steps, TimelineStep{e.On, e.Action, e.To, office, s.placeOf(office, r), e.Reason, e.Note})
	}
	return t, nil
}

// acting says which office took a step: the one that held the proposal.
func acting(r *Row, e proposal.Event) proposal.Office {
	switch e.Action {
	case proposal.ActMatched, proposal.ActMatchFailed, proposal.ActSubmit:
		return proposal.HeldBySystem
	case proposal.ActFile, proposal.ActWithdraw, proposal.ActRepair, proposal.ActResubmit:
		return proposal.HeldByFiler
	case proposal.ActList, proposal.ActVisit:
		return proposal.HeldByVillage
	case proposal.ActVerify:
		return proposal.HeldByDistrict
	case proposal.ActSeen:
		return proposal.HeldBySubdistrict
	case proposal.ActForward:
		return proposal.HeldByProvince
	case proposal.ActReopen:
		return proposal.HeldByDistrict
	case proposal.ActAnswered, proposal.ActRefuseByFile, proposal.ActReturnsByFile, proposal.ActDetermine:
		return proposal.HeldByMinistry
	}
	return proposal.Proposal{State: e.From, Route: r.Route}.Holder()
}

// placeOf names the place of an office that handles the proposal.
func (s *Service) placeOf(o proposal.Office, r *Row) string {
	tree := s.places.Tree()
	switch o {
	case proposal.HeldByVillage:
		return tree.Title(r.Area)
	case proposal.HeldByFiler:
		if r.Origin == proposal.FromVillage {
			return tree.Title(r.Area)
		}
	case proposal.HeldBySubdistrict:
		return tree.Title(r.Area.Subdistrict())
	case proposal.HeldByDistrict, proposal.HeldByAgencyHead, proposal.HeldByRegent:
		return tree.Title(r.Area.District())
	case proposal.HeldByProvince:
		return tree.Title(r.Area.Province())
	}
	return ""
}
