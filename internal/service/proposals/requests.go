package proposals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/numbers"
	"tepat/internal/service/registry"
)

// RequestKind says what a row of a file of requests is.
type RequestKind string

// The kinds of requests. The last two are the work of service/grievances.
const (
	SelfProposal     RequestKind = "self_proposal" // a citizen asks for a programme
	Report           RequestKind = "report"        // of a poor family that is in no list
	ServiceRequest   RequestKind = "service"       // for help that is not money: a wheelchair, a house repair
	ComplaintRequest RequestKind = "complaint"
	ObjectionRequest RequestKind = "objection"
)

// RequestRow is one row of a file of what citizens sent in (requests.csv): one person, for her family.
type RequestRow struct {
	Line       int64
	RequestID  string // of the source; sent twice, it is filed once
	Source     string
	Kind       RequestKind
	FiledOn    period.Date
	Subject    string // the programme, or what a complaint is about
	Words      string // what the citizen said; empty: the subject stands for it
	NIK        person.NIK
	KK         person.KK
	Name       person.Name
	Sex        person.Sex
	BirthDate  period.Date
	MotherName person.Name
	Address    string
	RT, RW     string
	Area       area.Code
	Phone      person.Phone
}

// RequestOutcome is what became of one row. Err is nil when it was filed, now or before.
type RequestOutcome struct {
	Line   int64
	ID     sqldb.ID
	Number string
	Known  bool
	Err    error
}

// RequestReport counts what a file of requests did.
type RequestReport struct {
	Filed, Known, Rejected int64
	Rows                   []RequestOutcome // in the order of the rows given
}

// Count adds the outcome of a row.
func (r *RequestReport) Count(o RequestOutcome) {
	switch {
	case o.Err != nil:
		r.Rejected++
	case o.Known:
		r.Known++
	default:
		r.Filed++
	}
	r.Rows = append(r.Rows, o)
}

// requestPurpose binds the id of a request of a file.
const requestPurpose = seal.Purpose("request")

// RequestKey gives the request id of a row: the same row of the same source has the same.
func RequestKey(keys *seal.Keyring, source, id string) sqldb.ID {
	return keys.Blind(requestPurpose, []byte(source+"\x00"+id))
}

// FiledAt gives the instant that stands for a day on which only the date is known: nine in the morning
// at the place.
func (s *Service) FiledAt(at area.Code, on period.Date) time.Time {
	return time.Date(on.Year(), on.Month(), on.Day(), 9, 0, 0, 0, s.places.Tree().Zone(at).Location()).UTC()
}

// LoadRequestsIn files the proposals among the rows, as their citizens', on the day they were sent. A
// row that cannot be filed is told with its reason. The caller records the act; the permission is
// asked at every row's own village. Errors of rows: request.kind, request.date, access.denied,
// proposal.not_ours, area.unknown, and those of Problems.
func (s *Service) LoadRequestsIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []RequestRow) (RequestReport, error) {
	in := &requesting{s: s, tx: tx, tenant: tenant, serial: map[int]int64{}}
	if err := in.read(ctx, rows); err != nil {
		return RequestReport{}, err
	}
	var report RequestReport
	for i := range rows {
		out := RequestOutcome{Line: rows[i].Line}
		request := RequestKey(s.keys, rows[i].Source, rows[i].RequestID)
		if known, ok := in.known[request]; ok {
			out.ID, out.Number, out.Known = known.Case, known.number, true
			report.Count(out)
			continue
		}
		r, err := in.make(&rows[i], request)
		if err != nil {
			if _, told := fail.As(err); !told {
				return report, err
			}
			out.Err = err
		} else {
			in.known[request] = knownRequest{Key: Key{request, r.ID}}
			out.ID = r.ID
		}
		report.Count(out)
	}
	if err := in.keep(ctx); err != nil {
		return report, err
	}
	in.number(&report)
	return report, nil
}

// number tells the numbers, which are given when all rows are counted.
func (in *requesting) number(report *RequestReport) {
	numbers := make(map[sqldb.ID]string, len(in.rows))
	for _, r := range in.rows {
		numbers[r.ID] = r.Number
	}
	for i := range report.Rows {
		if number, fresh := numbers[report.Rows[i].ID]; fresh {
			report.Rows[i].Number = number
		}
	}
}

type knownRequest struct {
	Key
	number string
}

// requesting is a list of requests being filed.
type requesting struct {
	s        *Service
	tx       *act.Tx
	tenant   area.Tenant
	known    map[sqldb.ID]knownRequest
	holders  map[sqldb.Hash]registry.HolderOf
	people   map[sqldb.ID]registry.Person
	families map[sqldb.ID]registry.Family
	serial   map[int]int64 // next number by year, counted from 1 until they are reserved
	rows     []*Row
	docs     []Document
}

// read finds what the rows need to know, all rows at once.
func (in *requesting) read(ctx context.Context, rows []RequestRow) (err error) {
	s, requests := in.s, make([]sqldb.ID, len(rows))
	var hashes []sqldb.Hash
	for i := range rows {
		requests[i] = RequestKey(s.keys, rows[i].Source, rows[i].RequestID)
		if h := s.reg.NIKHash(rows[i].NIK); !h.IsZero() {
			hashes = append(hashes, h)
		}
	}
	if in.known, err = knownRequests(ctx, in.tx, in.tenant, requests); err != nil {
		return err
	}
	if in.holders, err = s.reg.HoldersIn(ctx, in.tx, hashes); err != nil {
		return fmt.Errorf("find holders: %w", err)
	}
	var ids, families []sqldb.ID
	for _, h := range in.holders {
		if h.Tenant == in.tenant && !h.Contested {
			ids, families = append(ids, h.PersonID), append(families, h.FamilyID)
		}
	}
	people, err := s.reg.PersonsIn(ctx, in.tx, in.tenant, ids)
	if err != nil {
		return err
	}
	found, err := s.reg.FamiliesIn(ctx, in.tx, in.tenant, families)
	in.people, in.families = map[sqldb.ID]registry.Person{}, map[sqldb.ID]registry.Family{}
	for _, p := range people {
		in.people[p.ID] = p
	}
	for _, f := range found {
		in.families[f.ID] = f
	}
	return err
}

func knownRequests(ctx context.Context, q sqldb.Querier, tenant area.Tenant, requests []sqldb.ID) (map[sqldb.ID]knownRequest, error) {
	out := map[sqldb.ID]knownRequest{}
	for some := range slices.Chunk(requests, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT request_id, id, number FROM proposal WHERE kabkota = ` + a.P(int64(tenant)) + ` AND request_id IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var k knownRequest
			err := r.Scan(&k.Hash, &k.Case, &k.number)
			out[k.Hash] = k
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for requests: %w", err)
		}
	}
	return out, nil
}

// make makes the proposal of a row, without its number and its match.
func (in *requesting) make(row *RequestRow, request sqldb.ID) (*Row, error) {
	s := in.s
	switch {
	case !slices.Contains([]RequestKind{SelfProposal, Report, ServiceRequest}, row.Kind):
		return nil, fail.Invalid("request.kind").On("kind")
	case !row.FiledOn.IsFull() || row.FiledOn.After(s.today(in.tx, row.Area)):
		return nil, fail.Invalid("request.date").On("filed_on")
	}
	if row.Kind != Report && !programmeKey(row.Subject) {
		return nil, fail.Invalid("proposal.programme_needed").On("programme")
	}
	place, err := s.places.Tree().Must(row.Area)
	if err != nil {
		return nil, err
	}
	if place.Tenant != in.tenant {
		return nil, fail.Invalid("proposal.not_ours", "area", row.Area.Dotted()).On("area")
	}
	if err := in.tx.Who.Allow(access.RunImport, in.tenant, row.Area); err != nil {
		return nil, err
	}
	d := row.document()
	if problems := s.Problems(row.Area, d, row.FiledOn); len(problems) > 0 {
		return nil, problems[0]
	}
	route, err := s.routes.At(row.FiledOn)
	if err != nil {
		return nil, err
	}
	r := &Row{ID: in.tx.NewID(), Tenant: in.tenant, Village: place.Village, Applicant: row.Name, FiledAt: s.FiledAt(row.Area, row.FiledOn), request: request}
	filing := proposal.Filing{
		Kind: proposal.NewFamily, Origin: proposal.FromCitizen, Area: row.Area, Family: r.ID, Filer: CitizenID(s.keys, row.NIK), Route: route,
	}
	if row.Kind != Report {
		filing.Programme = row.Subject
	}
	if family, listed := in.familyOf(row, d); listed && filing.Programme != "" {
		filing.Kind, filing.Family, r.Registered = proposal.Enrolment, family, family
	}
	r.Proposal = proposal.New(r.ID, filing)
	return r, in.file(r, d)
}

func (row *RequestRow) document() Document {
	return Document{
		KK: row.KK, Address: row.Address, RT: row.RT, RW: row.RW, Phone: row.Phone, Members: []Member{{
			NIK: row.NIK, Name: row.Name, Sex: row.Sex, BirthDate: row.BirthDate, MotherName: row.MotherName, Relation: person.Head,
		}},
	}
}

// familyOf gives the family of the registry the row's person is in, when it lives in her village.
func (in *requesting) familyOf(row *RequestRow, d Document) (sqldb.ID, bool) {
	h, held := in.holders[in.s.reg.NIKHash(row.NIK)]
	p, here := in.people[h.PersonID]
	f, family := in.families[p.FamilyID]
	if !held || !here || !family || p.State != registry.Active || f.State != registry.Active || f.Area != row.Area || !d.says(p) {
		return sqldb.ID{}, false
	}
	return f.ID, true
}

// file takes the step of filing under a number that is put right when all are counted.
func (in *requesting) file(r *Row, d Document) error {
	on := period.DateOf(r.FiledAt, in.s.places.Tree().Zone(r.Area).Location())
	filed, err := in.s.rules.File(r.Proposal, "", proposal.Step{By: r.Filer, At: r.FiledAt, On: on})
	if err != nil {
		return err
	}
	r.step(filed, Citizen, said{})
	in.serial[on.Year()]++
	in.rows, in.docs = append(in.rows, r), append(in.docs, d)
	return nil
}

// keep numbers, compares and writes what was made, all of it at once.
func (in *requesting) keep(ctx context.Context) error {
	s, next := in.s, map[int]int64{}
	for year, n := range in.serial {
		first, err := numbers.ReserveIn(ctx, in.tx.Tx, in.tenant, numbers.Proposal, year, n)
		if err != nil {
			return err
		}
		next[year] = first
	}
	var keys []Key
	for i, r := range in.rows {
		year := r.FiledOn.Year()
		r.Number = numbers.Format(numbers.Proposal, year, next[year])
		next[year]++
		if err := s.matchIn(ctx, in.tx, r, &in.docs[i], proposal.Step{At: r.FiledAt, On: r.FiledOn}); err != nil {
			return err
		}
		var err error
		if r.sealed, err = s.seal(in.docs[i]); err != nil {
			return err
		}
		keys = append(keys, s.keysOf(r, in.docs[i])...)
	}
	return s.insertRows(ctx, in.tx, in.rows, keys)
}
