package civil

import (
	"encoding/json"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// The protocol of the HTTP registry: a POST of JSON with a batch of NIKs, the institution's
// key in a header, and one answer for every question, known by its ref. A NIK is never in
// an address. What an answer may hold depends on the agreement: a record of values, a yes or
// no for every field asked about, or neither.

// keyHeader carries the key of the institution.
const keyHeader = "X-Institution-Key"

type wireRequest struct {
	Questions []wireQuestion `json:"questions"`
}

type wireQuestion struct {
	Ref   int    `json:"ref"`
	NIK   string `json:"nik"`
	KK    string `json:"no_kk,omitempty"`
	Name  string `json:"name,omitempty"`
	Sex   string `json:"sex,omitempty"`
	Birth string `json:"birth_date,omitempty"`
}

type wireReply struct {
	Answers []wireAnswer `json:"answers"`
}

type wireAnswer struct {
	Ref     int             `json:"ref"`
	Outcome string          `json:"outcome"`
	State   string          `json:"state,omitempty"`
	Record  *wireRecord     `json:"record,omitempty"`
	Fields  map[string]bool `json:"fields,omitempty"`
}

type wireRecord struct {
	KK         string `json:"no_kk,omitempty"`
	Name       string `json:"name,omitempty"`
	Sex        string `json:"sex,omitempty"`
	Birth      string `json:"birth_date,omitempty"`
	BirthPlace string `json:"birth_place,omitempty"`
	Mother     string `json:"mother_name,omitempty"`
	Area       string `json:"area_code,omitempty"`
}

// wireError is the body of a refusal.
type wireError struct {
	Error string `json:"error"`
}

func outcomeWords() map[string]civilmatch.Outcome {
	return map[string]civilmatch.Outcome{"found": civilmatch.Found, "not_found": civilmatch.NotFound, "failed": civilmatch.Failed}
}

// stateWords are the states in the order of civilmatch.State.
func stateWords() []string {
	return []string{"", "dead", "moved", "not_recorded", "anomalous", "double"}
}

// strictFields are the fields a yes-or-no agreement answers.
const strictFields = civilmatch.Name | civilmatch.BirthDate | civilmatch.Sex | civilmatch.KK

// newWireQuestion asks with no more than the agreement compares: values of ours go along
// only where the registry says yes or no to them.
func newWireQuestion(ref int, q *Question, mode civilmatch.Mode) wireQuestion {
	w := wireQuestion{Ref: ref, NIK: q.Record.NIK.Plain()}
	if mode == civilmatch.YesNo {
		w.KK, w.Name, w.Sex, w.Birth = q.Record.KK.Plain(), q.Record.Name.Plain(), q.Record.Sex.String(), q.Record.BirthDate.Text()
	}
	return w
}

// answer reads an answer under an agreement, dropping whatever that does not give. An
// answer nobody can read is a failure, never a mismatch.
func (w *wireAnswer) answer(mode civilmatch.Mode) (civilmatch.Answer, error) {
	failed := civilmatch.Answer{Outcome: civilmatch.Failed, Mode: mode}
	outcome, known := outcomeWords()[w.Outcome]
	if !known {
		return failed, fail.Unavailable("civil.answer")
	}
	a := civilmatch.Answer{Outcome: outcome, Mode: mode}
	if outcome != civilmatch.Found {
		return a, nil
	}
	state, err := parseState(w.State)
	if err != nil {
		return failed, err
	}
	a.State = state
	switch {
	case mode == civilmatch.FullValues && w.Record == nil:
		return failed, fail.Unavailable("civil.answer")
	case mode == civilmatch.FullValues:
		if a.Civil, err = w.Record.civil(); err != nil {
			return failed, fail.Unavailable("civil.answer").Because(err)
		}
	case mode == civilmatch.YesNo:
		if err := w.yesNo(&a); err != nil {
			return failed, err
		}
	}
	return reduced(a, mode), nil
}

func (w *wireAnswer) yesNo(a *civilmatch.Answer) error {
	for word, same := range w.Fields {
		field, err := civilmatch.ParseFields(word)
		if err != nil {
			return fail.Unavailable("civil.answer").Because(err)
		}
		a.Asked |= field & strictFields
		if same {
			a.Same |= field & strictFields
		}
	}
	return nil
}

func parseState(word string) (civilmatch.State, error) {
	if word == "alive" {
		word = ""
	}
	for i, known := range stateWords() {
		if known == word {
			return civilmatch.State(i), nil
		}
	}
	return 0, fail.Unavailable("civil.answer")
}

func (w *wireRecord) civil() (c civilmatch.CivilRecord, err error) {
	c.Name, c.BirthPlace, c.MotherName = person.Name(w.Name), w.BirthPlace, person.Name(w.Mother)
	if w.KK != "" {
		if c.KK, err = person.ParseKK(w.KK); err != nil {
			return c, err
		}
	}
	if w.Sex != "" {
		if c.Sex, err = person.ParseSex(w.Sex); err != nil {
			return c, err
		}
	}
	if w.Birth != "" {
		if c.BirthDate, err = period.ParseDate(w.Birth); err != nil {
			return c, err
		}
	}
	if w.Area != "" {
		c.Village, err = area.Parse(w.Area)
	}
	return c, err
}

// newWireAnswer writes an answer of ours, for the simulator and for the answers held.
func newWireAnswer(ref int, a *civilmatch.Answer) wireAnswer {
	w := wireAnswer{Ref: ref}
	for word, outcome := range outcomeWords() {
		if outcome == a.Outcome {
			w.Outcome = word
		}
	}
	if a.Outcome != civilmatch.Found {
		return w
	}
	w.State = stateWords()[min(int(a.State), len(stateWords())-1)]
	switch a.Mode {
	case civilmatch.FullValues:
		c := &a.Civil
		w.Record = &wireRecord{
			KK: c.KK.Plain(), Name: c.Name.Plain(), Sex: c.Sex.String(), Birth: c.BirthDate.Text(), BirthPlace: c.BirthPlace, Mother: c.MotherName.Plain(),
		}
		if c.Village != area.Nation {
			w.Record.Area = c.Village.Dotted()
		}
	case civilmatch.YesNo:
		w.Fields = map[string]bool{}
		for field := range a.Asked.Each {
			w.Fields[field.String()] = a.Same.Has(field)
		}
	}
	return w
}

// record reads a question as the simulator compares it.
func (w *wireQuestion) record() (r civilmatch.Record, err error) {
	if r.NIK, err = person.ParseNIK(w.NIK); err != nil {
		return r, err
	}
	civil, err := (&wireRecord{KK: w.KK, Name: w.Name, Sex: w.Sex, Birth: w.Birth}).civil()
	r.KK, r.Name, r.Sex, r.BirthDate = civil.KK, civil.Name, civil.Sex, civil.BirthDate
	return r, err
}

// sealedAnswer and openAnswer are the form in which an answer is held.
func sealedAnswer(a *civilmatch.Answer) ([]byte, error) { return json.Marshal(newWireAnswer(0, a)) }

func openAnswer(data []byte, mode civilmatch.Mode) (civilmatch.Answer, error) {
	var w wireAnswer
	if err := json.Unmarshal(data, &w); err != nil {
		return civilmatch.Answer{}, err
	}
	return w.answer(mode)
}
