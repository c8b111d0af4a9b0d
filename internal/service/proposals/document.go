package proposals

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// documentPurpose and wordsPurpose bind what was filed and what was said to their columns.
const (
	documentPurpose = seal.Purpose("proposal")
	wordsPurpose    = seal.Purpose("proposal words")
)

// Member is a person of the family as the proposal states her.
type Member struct {
	Person     sqldb.ID // of the registry, when she is in it already
	NIK        person.NIK
	Name       person.Name
	Sex        person.Sex
	BirthPlace string
	BirthDate  period.Date
	MotherName person.Name
	Relation   person.Relation
	Answers    questionnaire.Answers // of the person's part of the form

	// Match and Differs are the civil registry's last answer; the service sets them.
	Match   civilmatch.Status
	Differs civilmatch.Fields
}

// Document is what was filed. Of a family that is in the registry it holds those the proposal is
// about, as they were recorded on that day.
type Document struct {
	KK            person.KK
	Address       string
	RT, RW        string
	Phone         person.Phone
	Members       []Member
	Questionnaire string                // version of the answers
	Answers       questionnaire.Answers // of the family's part of the form
	Papers        []string              // by name: KTP, KK, photo of the house front
	Words         string                // in the applicant's own words
	Visit         Visit                 // when and by whom the family was visited for it; zero where nobody was there
}

// Head gives the head of the family, or the first member where none is marked.
func (d Document) Head() (Member, bool) {
	for _, m := range d.Members {
		if m.Relation == person.Head {
			return m, true
		}
	}
	if len(d.Members) == 0 {
		return Member{}, false
	}
	return d.Members[0], true
}

// String tells the size only: a document is personal data from end to end.
func (d Document) String() string { return fmt.Sprintf("document of %d members", len(d.Members)) }

// Format prints what String says, whatever the verb.
func (d Document) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// LogValue logs what String says.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.String()) }

// memberJSON and documentJSON are the sealed form. Its identifiers are plain: nothing else marshals them.
type memberJSON struct {
	Person     sqldb.ID              `json:"person"`
	NIK        string                `json:"nik,omitempty"`
	Name       string                `json:"name"`
	Sex        person.Sex            `json:"sex"`
	BirthPlace string                `json:"birth_place,omitempty"`
	BirthDate  period.Date           `json:"birth_date"`
	MotherName string                `json:"mother_name,omitempty"`
	Relation   person.Relation       `json:"relation"`
	Answers    questionnaire.Answers `json:"answers,omitempty"`
	Match      civilmatch.Status     `json:"match"`
	Differs    civilmatch.Fields     `json:"differs,omitempty"`
}

type documentJSON struct {
	KK            string                `json:"no_kk,omitempty"`
	Address       string                `json:"address,omitempty"`
	RT            string                `json:"rt,omitempty"`
	RW            string                `json:"rw,omitempty"`
	Phone         string                `json:"phone,omitempty"`
	Members       []memberJSON          `json:"members"`
	Questionnaire string                `json:"questionnaire,omitempty"`
	Answers       questionnaire.Answers `json:"answers,omitempty"`
	Papers        []string              `json:"papers,omitempty"`
	Words         string                `json:"words,omitempty"`
	Visit         *visitJSON            `json:"visit,omitempty"`
}

// plain gives the document as JSON, the same bytes for the same document.
func (d Document) plain() ([]byte, error) {
	out := documentJSON{
		KK: d.KK.Plain(), Address: d.Address, RT: d.RT, RW: d.RW, Phone: d.Phone.Plain(), Questionnaire: d.Questionnaire, Answers: d.Answers,
		Papers: d.Papers, Words: d.Words, Members: make([]memberJSON, len(d.Members)), Visit: d.Visit.json(),
	}
	for i, m := range d.Members {
		out.Members[i] = memberJSON{
			Person: m.Person, NIK: m.NIK.Plain(), Name: m.Name.Plain(), Sex: m.Sex, BirthPlace: m.BirthPlace, BirthDate: m.BirthDate,
			MotherName: m.MotherName.Plain(), Relation: m.Relation, Answers: m.Answers, Match: m.Match, Differs: m.Differs,
		}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write proposal document: %w", err)
	}
	return data, nil
}

func (s *Service) seal(d Document) ([]byte, error) {
	data, err := d.plain()
	if err != nil {
		return nil, err
	}
	return s.keys.Seal(nil, documentPurpose, data), nil
}

func (s *Service) open(sealed []byte) (Document, error) {
	data, err := s.keys.Open(documentPurpose, sealed)
	if err != nil {
		return Document{}, fmt.Errorf("open proposal document: %w", err)
	}
	var in documentJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return Document{}, fmt.Errorf("read proposal document: %w", err)
	}
	d := Document{
		Address: in.Address, RT: in.RT, RW: in.RW, Questionnaire: in.Questionnaire, Answers: in.Answers, Papers: in.Papers, Words: in.Words,
		Members: make([]Member, len(in.Members)), Visit: in.Visit.visit(),
	}
	if in.KK != "" {
		if d.KK, err = person.ParseKK(in.KK); err != nil {
			return d, fmt.Errorf("read proposal document: %w", err)
		}
	}
	if in.Phone != "" {
		if d.Phone, err = person.ParsePhone(in.Phone); err != nil {
			return d, fmt.Errorf("read proposal document: %w", err)
		}
	}
	for i, m := range in.Members {
		if d.Members[i], err = m.member(); err != nil {
			return d, fmt.Errorf("read member %s of proposal document: %w", strconv.Itoa(i), err)
		}
	}
	return d, nil
}

func (m memberJSON) member() (out Member, err error) {
	out = Member{
		Person: m.Person, Name: person.Name(m.Name), Sex: m.Sex, BirthPlace: m.BirthPlace, BirthDate: m.BirthDate, MotherName: person.Name(m.MotherName),
		Relation: m.Relation, Answers: m.Answers, Match: m.Match, Differs: m.Differs,
	}
	if m.NIK != "" {
		out.NIK, err = person.ParseNIK(m.NIK)
	}
	return out, err
}

// said is what an event keeps sealed.
type said struct {
	Note  string `json:"note,omitempty"`  // words for the applicant
	Paper string `json:"paper,omitempty"` // name of the document the step rests on
}

func (s *Service) sealSaid(w said) ([]byte, error) {
	if w == (said{}) {
		return nil, nil
	}
	data, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write words of event: %w", err)
	}
	return s.keys.Seal(nil, wordsPurpose, data), nil
}

func (s *Service) openSaid(sealed []byte) (w said, err error) {
	if len(sealed) == 0 {
		return w, nil
	}
	data, err := s.keys.Open(wordsPurpose, sealed)
	if err == nil {
		err = json.Unmarshal(data, &w)
	}
	if err != nil {
		return w, fmt.Errorf("open words of event: %w", err)
	}
	return w, nil
}
