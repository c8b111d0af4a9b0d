package programmes

import (
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
)

// asked gives the kinds of evidence that components ask for: what no form knows.
func asked(c programme.Components) (out []evidence.Kind) {
	if c.Asks()&programme.Orphan != 0 {
		out = append(out, evidence.Orphan)
	}
	if c.Asks()&programme.PartYear != 0 {
		out = append(out, evidence.SchoolClass)
	}
	return out
}

// weighed turns members into what components look at.
func (x *plan) weighed(members []*assessments.Member, family int) []programme.Person {
	day := x.set.AsOf
	out := make([]programme.Person, len(members))
	for i, m := range members {
		school, _ := m.Facts.Value("school_level").Text()
		out[i] = programme.Person{ID: m.ID, Birth: m.Born, School: programme.ParseSchool(school)}
		out[i].Has, out[i].Unknown = traits(m, family, day)
		x.orphaned(&out[i])
		x.seated(&out[i], m)
	}
	return out
}

// orphaned says what is stated of a child's parents; the newest statement of the day or before counts.
func (x *plan) orphaned(p *programme.Person) {
	said, ok := x.said(p.ID, evidence.Orphan)
	switch {
	case !ok:
		p.Unknown |= programme.Orphan
	case !said.Value.Denied():
		p.Has |= programme.Orphan
	}
}

// seated says in which class a pupil sits: as the school's register states it, else as the family said, each only when it is of
// the school year of the day. A register's class tells the level too.
func (x *plan) seated(p *programme.Person, m *assessments.Member) {
	components, day := x.p.Components, x.set.AsOf
	if components.Asks()&programme.PartYear == 0 {
		return
	}
	if said, ok := x.said(p.ID, evidence.SchoolClass); ok && components.SameSchoolYear(said.AsOf, day) {
		class, _ := said.Value.Integer()
		if level := programme.LevelOf(int(class)); level != programme.SchoolUnknown {
			p.Class, p.School = int(class), level
			return
		}
	}
	if of, err := period.ParseDate(m.Asked); err == nil && components.SameSchoolYear(of, day) {
		within, _ := m.Facts.Value("class_attended").Integer()
		p.Class = programme.ClassOf(p.School, int(within))
	}
}

// said gives the newest statement of a kind about a person that is not of a later day.
func (x *plan) said(person sqldb.ID, kind evidence.Kind) (evidence.Evidence, bool) {
	var upTo []evidence.Evidence
	for _, e := range x.stated[person] {
		if !e.AsOf.Earliest().After(x.set.AsOf) {
			upTo = append(upTo, e)
		}
	}
	return evidence.Latest(upTo, kind)
}
