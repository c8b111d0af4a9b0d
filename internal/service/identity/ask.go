package identity

import (
	"context"
	"errors"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Asked is somebody about to be written down, or changed.
type Asked struct {
	Who        Who // herself, where she is in the registry; she is not told as alike
	NIK        person.NIK
	RawNIK     string // what was given, when it cannot be a NIK
	KK         person.KK
	Name       string
	BirthDate  period.Date
	BirthPlace string
	Sex        person.Sex
	MotherName string
	Area       area.Code
	Address    string
	Phone      person.Phone
	Relation   person.Relation // to the head of her family
	Source     string          // the list that somebody of the registry stands as, and its date
	SourceDate string
	// Matches says that she matches the civil registry under the NIK given; of somebody in the registry, who matches under
	// the NIK she has, it need not be said.
	Matches bool
}

// AskedOf is somebody of the registry as she stands in her family, or stood before she left it.
func AskedOf(p registry.Person, f registry.Family) Asked {
	return Asked{
		Who: Who{Tenant: p.Tenant, ID: p.ID}, NIK: p.NIK, RawNIK: p.RawNIK, KK: f.KK, Name: p.Name, BirthDate: p.BirthDate, BirthPlace: p.BirthPlace,
		Sex: p.Sex, MotherName: p.MotherName, Area: p.Area, Address: f.Address, Phone: p.Phone, Relation: p.Relation, Source: p.Source, SourceDate: p.SourceDate,
	}
}

// Values gives her values in the order of Header: a row of People.
func (a *Asked) Values() [][]byte {
	nik := a.NIK.Plain()
	if a.NIK.IsZero() {
		nik = a.RawNIK
	}
	id := ""
	if !a.Who.ID.IsZero() {
		id = string(a.Who.appendKey(nil))
	}
	at := ""
	if a.Area != area.Nation {
		at = a.Area.Dotted()
	}
	list := []string{id, nik, a.KK.Plain(), a.Name, a.BirthDate.Text(), string(sexOf(a.Sex)), a.MotherName, a.BirthPlace, at, a.Address, a.Phone.Plain(), a.Relation.String(), a.Source, a.SourceDate}
	out := make([][]byte, len(list))
	for i, v := range list {
		out[i] = []byte(v)
	}
	return out
}

// Alike is a person of the registry who may be the one asked for.
type Alike struct {
	Who
	Probability float64
	Bits        float64
	Agreed      []string // how her values agree, as comparison.level; words linkage.<comparison>.<level>
	// Twin says that name and birth date agree, and more, but in such a way that a twin or a namesake is likelier: she has to be
	// compared all the same, for who moved with a new number looks so, too.
	Twin bool
}

// MostAlike is how many persons are told of each one asked for.
const MostAlike = 3

// mostLooked is how many are looked at for them: some may be held to be others.
const mostLooked = 10

// AlikeIn gives, for each one asked for, the persons of the registry who may be she, the likeliest first, then possible twins, as of the
// last change of the database. Who somebody or the civil registry holds to be another person is not told. It shows nobody's values: what of them is told is for the caller to decide, by what
// the actor may see. Where the index is not ready yet, it gives none; where many were written at once, it gives whom it knows
// of and says how many are missing.
func (s *Service) AlikeIn(ctx context.Context, q sqldb.Querier, asked []Asked) (found [][]Alike, reach Reach, err error) {
	l, missing, err := s.upToDate(ctx, q)
	if errors.Is(err, errNobody) {
		return make([][]Alike, len(asked)), Reach{Ready: true}, nil
	}
	if err != nil || l == nil {
		return make([][]Alike, len(asked)), Reach{}, err
	}
	found, err = l.alikes(asked)
	if unusable(err) { // a page of the file is not what was written
		if l, err = s.instead(ctx, q, l); err != nil || l == nil {
			return make([][]Alike, len(asked)), Reach{}, err
		}
		missing = 0
		found, err = l.alikes(asked)
	}
	if err == nil {
		err = s.without(ctx, q, asked, found)
	}
	return found, Reach{Ready: err == nil, Missing: missing}, err
}
