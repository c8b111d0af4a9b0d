package payment

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Phase groups the statuses on a page.
type Phase string

// Meaning is what a status says to an officer: its label in SIKS-NG, what it means, what to do next.
// Repair marks the statuses that put a row into the repair queue.
type Meaning struct {
	Code    Status
	Phase   Phase
	Repair  bool
	Label   questionnaire.Label
	Aliases []string
	Meaning questionnaire.Label
	Next    questionnaire.Label
}

// Result is what a bank's result code says happened to the money.
type Result string

// The results.
const (
	ResultCredited Result = "credited"
	ResultRejected Result = "rejected"
	ResultReturned Result = "returned"
)

// ResultCode is one code of a bank's result file.
type ResultCode struct {
	Code       string
	Outcome    Result
	Label      questionnaire.Label
	Unverified bool
}

// Tables are the statuses and the bank's codes.
type Tables struct {
	ValidFrom  period.Date
	LegalBasis string
	Source     string
	Unverified bool
	statuses   []Meaning
	byText     map[string]Status
	results    []ResultCode
}

type tablesDocument struct {
	ValidFrom  period.Date `yaml:"valid_from"`
	LegalBasis string      `yaml:"legal_basis"`
	Source     string
	Unverified bool
	Statuses   []Meaning
	Results    []struct {
		Code, ID, EN string
		Outcome      Result
		Unverified   bool
	}
}

// Load reads rules/payment.yaml of a data folder (data/programmes). Every status of the machine has to
// be there once, and no spelling may mean two of them. The errors are for the one who edits the data.
func Load(files fs.FS) (Tables, error) {
	content, err := fs.ReadFile(files, "rules/payment.yaml")
	if err != nil {
		return Tables{}, fmt.Errorf("payment: %w", err)
	}
	var d tablesDocument
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return Tables{}, fmt.Errorf("payment: %w", err)
	}
	t := Tables{ValidFrom: d.ValidFrom, LegalBasis: d.LegalBasis, Source: d.Source, Unverified: d.Unverified, statuses: d.Statuses, byText: map[string]Status{}}
	for _, r := range d.Results {
		t.results = append(t.results, ResultCode{r.Code, r.Outcome, questionnaire.Label{ID: r.ID, EN: r.EN}, r.Unverified})
	}
	if err := t.index(); err != nil {
		return Tables{}, fmt.Errorf("payment: %w", err)
	}
	return t, nil
}

func (t Tables) index() error {
	for _, m := range t.statuses {
		if m.Label.ID == "" || m.Label.EN == "" || m.Meaning.ID == "" || m.Meaning.EN == "" || m.Next.ID == "" || m.Next.EN == "" {
			return fmt.Errorf("status %s: label, meaning and next in both languages are required", m.Code)
		}
		for _, text := range append([]string{string(m.Code), m.Label.ID}, m.Aliases...) {
			if other, taken := t.byText[fold(text)]; taken && other != m.Code {
				return fmt.Errorf("%q means both %s and %s", text, other, m.Code)
			}
			t.byText[fold(text)] = m.Code
		}
	}
	for _, s := range append(Statuses(), NoRow) {
		if n := len(slices.DeleteFunc(slices.Clone(t.statuses), func(m Meaning) bool { return m.Code != s })); n != 1 {
			return fmt.Errorf("status %s is there %d times", s, n)
		}
	}
	for i, r := range t.results {
		known := slices.Contains([]Result{ResultCredited, ResultRejected, ResultReturned}, r.Outcome)
		twice := slices.ContainsFunc(t.results[:i], func(o ResultCode) bool { return o.Code == r.Code })
		if !known || twice || r.Label.ID == "" || r.Label.EN == "" {
			return fmt.Errorf("result %s: twice, or without words or outcome", r.Code)
		}
	}
	return nil
}

// fold brings the text of a file to its common form: upper case, single blanks, no marks around.
func fold(text string) string {
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return strings.ContainsRune(" _-/().,\t", r) })
	return strings.Join(words, " ")
}

// Meanings gives every status in the order of the data.
func (t Tables) Meanings() []Meaning { return slices.Clone(t.statuses) }

// Meaning gives what a status says; the zero Meaning for an unknown one.
func (t Tables) Meaning(s Status) Meaning {
	for _, m := range t.statuses {
		if m.Code == s {
			return m
		}
	}
	return Meaning{}
}

// Parse reads a status as a file of SIKS-NG writes it. Error: payment.status_unknown.
func (t Tables) Parse(text string) (Status, error) {
	if s, ok := t.byText[fold(text)]; ok {
		return s, nil
	}
	return "", fail.Invalid("payment.status_unknown")
}

// ResultCode reads a code of a bank's result file. Error: payment.result_unknown (fact code).
func (t Tables) ResultCode(code string) (ResultCode, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, r := range t.results {
		if r.Code == code {
			return r, nil
		}
	}
	return ResultCode{}, fail.Invalid("payment.result_unknown", "code", code)
}
