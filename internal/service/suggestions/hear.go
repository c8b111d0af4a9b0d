package suggestions

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// Where the people of the civil registry cannot be looked for, it has still said something of each NIK it was asked about:
// values, or which fields differ, or only that there is no such NIK. That comes first, then what our own record shows.

// hear words what is wrong with those for whom nobody can be looked for. It asks nobody: what was said before is held.
func (s *Service) hear(ctx context.Context, q sqldb.Querier, o *ours, today period.Date) error {
	for i := range o.list {
		o.list[i].causes = o.own[i].said(today)
	}
	known, err := s.Civil.ValuesIn(ctx, q, slices.DeleteFunc(slices.Clone(o.hash), sqldb.Hash.IsZero))
	if err != nil || len(known) == 0 {
		return err
	}
	var t theirs
	at := map[int]int{} // of ours: the row of theirs
	for i := range o.list {
		a, there := known[o.hash[i]]
		if !there || o.own[i].differ == 0 {
			continue
		}
		c := a.Civil
		at[i] = t.rows.Rows()
		t.hash, t.state = append(t.hash, o.hash[i]), append(t.state, a.State)
		t.rows.add(&[columns][]byte{[]byte(o.own[i].nik.Plain()), []byte(c.KK.Plain()), []byte(c.Name.Plain()), []byte(c.BirthDate.Text()), sexText(c.Sex),
			[]byte(c.MotherName.Plain()), []byte(c.BirthPlace), areaText(c.Village), idText(o.hash[i][:])})
	}
	return s.compareHeard(ctx, o, &t, at)
}

// compareHeard says how values of the same NIK differ, by the levels of the model.
func (s *Service) compareHeard(ctx context.Context, o *ours, t *theirs, at map[int]int) error {
	if len(at) == 0 {
		return nil
	}
	e, err := linkage.Prepare(s.Model, &o.rows, &t.rows, linkage.Options{Workers: s.workers, Stop: ctx.Err})
	if err != nil {
		return fmt.Errorf("compare with what was said: %w", err)
	}
	defer e.Wipe()
	x := e.Explainer()
	for i := range o.list {
		j, there := at[i]
		if !there || o.own[i].foreign() {
			continue
		}
		levels := levelsOf(e.Levels(x, i, o.rows.Rows()+j))
		if list := causesOf(o.differing(i, t, j), levels, t.state[j], o.bound[i]); list[0] != Document {
			o.list[i].causes = list
		}
	}
	return nil
}

// foreign tells that the NIK seems to be somebody else's: the registry said that name and birth date both differ.
func (o *own) foreign() bool {
	return o.differ.Has(civilmatch.Name|civilmatch.BirthDate) && o.birth.IsFull()
}

// said words what the civil registry said of a person's NIK and its fields, and behind it what our record shows of itself.
func (o *own) said(today period.Date) (list []Cause) {
	hints := o.hints(today)
	switch {
	case o.status == civilmatch.NIKNotFound:
		return append(slices.DeleteFunc(hints, func(c Cause) bool { return c == Document }), SaidNIK)
	case o.foreign():
		list = []Cause{NIKOther}
	default:
		for _, one := range []struct {
			field civilmatch.Fields
			cause Cause
		}{{civilmatch.Name, SaidName}, {civilmatch.BirthDate, SaidBirth}, {civilmatch.Sex, SaidSex}, {civilmatch.KK, SaidCard}} {
			if o.differ.Has(one.field) {
				list = append(list, one.cause)
			}
		}
	}
	if len(list) == 0 || civilRepairs(o.status) {
		return hints
	}
	return append(list, slices.DeleteFunc(hints, func(c Cause) bool { return c == Document })...)
}

// civilRepairs tells statuses that say what has happened at the civil registry, whatever differs.
func civilRepairs(s civilmatch.Status) bool {
	switch s {
	case civilmatch.Dead, civilmatch.Moved, civilmatch.NotRecorded, civilmatch.NIKAnomaly, civilmatch.NIKDouble:
		return true
	}
	return false
}
