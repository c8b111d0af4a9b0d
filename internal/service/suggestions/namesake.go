package suggestions

import (
	"context"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
)

// Who stands in the registry with the NIK of her twin looks like her twin with a slip in the name. Her own civil record gives her
// away: it has her name and her birth date to the letter. So where somebody is found under the NIK whose name is another, the civil
// registry is asked whether anybody else has the very name and birth date that we have; then nothing is sure.

// namesakes are the civil records that have a name and birth date of ours to the letter, by both.
type namesakes map[string][]int

func namesakeKey(norm string, birth []byte) string { return norm + "\x00" + string(birth) }

// asksNamesake tells whether namesakes tell of somebody: she is found by the NIK she has, under another name.
func (d *differing) asksNamesake() bool { return !d.nik && d.name }

// namesakesOf looks them up for those who ask.
func (o *ours) namesakesOf(t *theirs, asks []int) namesakes {
	if len(asks) == 0 {
		return nil
	}
	births, out := map[string]bool{}, namesakes{}
	for _, i := range asks {
		if birth := o.rows.Field(i, colBirth); len(birth) > 0 && o.norm[i] != "" {
			births[string(birth)], out[namesakeKey(o.norm[i], birth)] = true, nil
		}
	}
	for j := range t.rows.Rows() {
		birth := t.rows.Field(j, colBirth)
		if !births[string(birth)] {
			continue
		}
		key := namesakeKey(person.Fold(string(t.rows.Field(j, colName))), birth)
		if list, asked := out[key]; asked {
			out[key] = append(list, j)
		}
	}
	return out
}

// others tells whether a civil record but this one has the name and birth date of a person of ours.
func (n namesakes) others(o *ours, i, found int) bool {
	for _, j := range n[namesakeKey(o.norm[i], o.rows.Field(i, colBirth))] {
		if j != found {
			return true
		}
	}
	return false
}

// doubt takes the certainty from what was found, for a reason.
func (g *suggestion) doubt(why Cause) {
	g.outcome = Unsure
	g.causes = append([]Cause{why}, g.causes...)
}

// namesakeAtHand is others by the index at hand, which is asked without the NIK and the card.
func (s *Service) namesakeAtHand(ctx context.Context, q sqldb.Querier, finder *linkage.Finder, o *ours, i int) (bool, error) {
	fields := o.rows.Fields(i, nil)
	fields[colNIK], fields[colKK] = nil, nil
	list, err := finder.Find(fields, contenders)
	if err != nil {
		return false, err
	}
	var hashes []sqldb.Hash
	for _, l := range list {
		hash, err := hashOf(l.ID)
		if err != nil {
			return false, err
		}
		if hash != o.list[i].civil {
			hashes = append(hashes, hash)
		}
	}
	records, err := s.Civil.RecordsIn(ctx, q, hashes)
	if err != nil {
		return false, err
	}
	for _, a := range records {
		if a.Outcome == civilmatch.Found && person.Fold(a.Civil.Name.Plain()) == o.norm[i] && a.Civil.BirthDate.Text() == string(o.rows.Field(i, colBirth)) {
			return true, nil
		}
	}
	return false, nil
}
