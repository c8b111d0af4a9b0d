package proposals

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Bounds of what one form may hold.
const (
	mostMembers = 40
	mostPapers  = 20
	longestText = 4000
	longestLine = 200
)

// Problems gives everything that keeps a new family's document from being filed, one error a field,
// for the summary on top of the form; none when it can be sent. The members' fields are named
// "members.0.nik". Errors: kk.empty, proposal.address, proposal.head_nik, proposal.too_many,
// proposal.too_long, those of person.NewFamily and person.NewPerson, questionnaire.version_unknown,
// and those of questionnaire.Version.Validate.
func (s *Service) Problems(village area.Code, d Document, day period.Date) []*fail.Error {
	p := &problems{}
	p.add(bounds(d), "")
	if d.KK.IsZero() {
		p.add(fail.Invalid("kk.empty").On("no_kk"), "")
	}
	if strings.TrimSpace(d.Address) == "" {
		p.add(fail.Invalid("proposal.address").On("address"), "")
	}
	family := person.Family{KK: d.KK, Village: village}
	for i, m := range d.Members {
		one := person.Person{NIK: m.NIK, Name: m.Name, Sex: m.Sex, BirthDate: m.BirthDate}
		_, err := person.NewPerson(one, day)
		p.add(err, memberField(i))
		if m.Relation == person.Head && m.NIK.IsZero() {
			p.add(fail.Invalid("proposal.head_nik").On("nik"), memberField(i))
		}
		family.Members = append(family.Members, person.Member{Person: one, Relation: m.Relation})
	}
	_, err := person.NewFamily(family)
	p.add(err, "")
	p.answers(s.forms, d)
	return p.found
}

func memberField(i int) string { return fmt.Sprintf("members.%d.", i) }

type problems struct{ found []*fail.Error }

// add keeps an error a person can act on, bound below the field given.
func (p *problems) add(err error, below string) {
	if e, ok := fail.As(err); ok {
		p.found = append(p.found, e.On(below+e.Field))
	}
}

// answers checks the filled form against its version.
func (p *problems) answers(forms questionnaire.Set, d Document) {
	filled := len(d.Answers) > 0
	for _, m := range d.Members {
		filled = filled || len(m.Answers) > 0
	}
	if !filled {
		return
	}
	version, err := forms.Version(d.Questionnaire)
	if err != nil {
		p.add(err, "")
		return
	}
	for _, e := range version.Validate(questionnaire.LevelFamily, d.Answers) {
		p.add(e, "")
	}
	for i, m := range d.Members {
		for _, e := range version.Validate(questionnaire.LevelPerson, m.Answers) {
			p.add(e, memberField(i))
		}
	}
}

// bounds refuses a form that no family fills in.
func bounds(d Document) error {
	if len(d.Members) > mostMembers || len(d.Papers) > mostPapers {
		return fail.Invalid("proposal.too_many", "members", mostMembers, "papers", mostPapers).On("members")
	}
	if utf8.RuneCountInString(d.Words) > longestText {
		return fail.Invalid("proposal.too_long", "max", longestText).On("words")
	}
	lines := append([]string{d.Address, d.RT, d.RW}, d.Papers...)
	for _, m := range d.Members {
		lines = append(lines, m.Name.Plain(), m.MotherName.Plain(), m.BirthPlace)
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > longestLine {
			return fail.Invalid("proposal.too_long", "max", longestLine).On("address")
		}
	}
	return nil
}
