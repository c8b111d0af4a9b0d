package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/service/lookups"
)

const (
	// demoCitizens is how many people of the scenario ask about themselves.
	demoCitizens = 2000
	// misremembered is every how manieth citizen who types digits that are not of her card.
	misremembered = 10
	// demoPurpose is what the letter of the counter is asked for.
	demoPurpose = "Keringanan biaya sekolah (contoh)"
)

// demoAnswers are what the citizens of a demo were told.
type demoAnswers struct {
	Asked int64 `json:"asked"`
	// Listed were told that they are in the registry, Receiving of them under which programmes.
	Listed    int64 `json:"listed"`
	Receiving int64 `json:"receiving"`
	// Neutral got the one answer for "not found", "differs" and "contested", or had asked too often.
	Neutral int64 `json:"neutral"`
	// Letter is the number of the registration letter given at the counter; empty when nobody of the
	// operator's village who asked is in the registry.
	Letter string `json:"letter"`
}

// citizen is somebody of the scenario, with what her papers say.
type citizen struct {
	nik  person.NIK
	last lookups.Last6
}

// answer lets citizens spread over the scenario ask about themselves, one in ten with digits of another
// card, and gives the first of the operator's village who is registered her letter.
func (r *demoRun) answer() (int64, error) {
	checker, err := lookups.NewChecker(r.c, r.h.DB, r.h.Registry, r.h.Acts.Now, lookups.DefaultLimits())
	if err != nil {
		return 0, err
	}
	asking, err := r.citizens(demoCitizens)
	if err != nil {
		return 0, err
	}
	for i, one := range asking {
		if i%misremembered == misremembered-1 {
			one.last = otherDigits(one.last)
		}
		if err := r.answers.ask(r.c, checker, one); err != nil {
			return r.answers.Asked, err
		}
	}
	if err := checker.KeepCounts(r.c, r.h.DB); err != nil {
		return r.answers.Asked, err
	}
	r.answers.Letter, err = r.counterLetter(asking)
	return r.answers.Asked, err
}

// ask puts one question and counts its answer.
func (a *demoAnswers) ask(ctx context.Context, checker *lookups.Checker, one citizen) error {
	told, err := checker.Check(ctx, one.nik, one.last)
	if err != nil && fail.CodeOf(err) != "check.limited" {
		return err
	}
	a.Asked++
	switch {
	case !told.Found:
		a.Neutral++
	case len(told.Benefits) > 0:
		a.Receiving++
		fallthrough
	default:
		a.Listed++
	}
	return nil
}

// counterLetter looks citizens up at the operator's counter, as they show their KTP, until one of them
// is registered in her village, and gives that one the registration letter.
func (r *demoRun) counterLetter(asking []citizen) (string, error) {
	desk := lookups.NewDesk(r.h.Acts, r.h.Registry, r.h.Programmes, r.h.Letters, r.h.Places)
	officer := r.people[access.Operator]
	home, _ := officer.Home()
	for _, one := range asking {
		found, err := desk.LookUp(r.c, officer, one.nik, demoPurpose)
		if err != nil {
			return "", err
		}
		if !found.Registered || found.Person.Area != home {
			continue
		}
		letter, err := desk.Issue(r.c, officer, found.Person.Tenant, found.Person.ID, demoPurpose)
		return letter.Number, err
	}
	return "", nil
}

// citizens takes up to n people out of the scenario's civil registry, spread evenly over it: they ask
// with what stands on their KTP and KK, whatever the registry holds of them.
func (r *demoRun) citizens(n int64) (out []citizen, err error) {
	file, err := os.Open(filepath.Join(r.files, "civil.csv"))
	if err != nil {
		return nil, fmt.Errorf("open civil file: %w", err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open civil file: %w", err)
	}
	header, err := rowAfter(file, -1)
	if err != nil {
		return nil, err
	}
	nik, kk := slices.Index(header, "nik"), slices.Index(header, "no_kk")
	for i := range n {
		row, err := rowAfter(file, about.Size()*i/n)
		if err != nil {
			return nil, err
		}
		if one, ok := citizenOf(row, nik, kk); ok {
			out = append(out, one)
		}
	}
	return out, nil
}

// rowAfter reads the first whole row that begins behind a place in a CSV file none of whose
// cells holds a line break; -1 is before the first.
func rowAfter(file io.ReaderAt, at int64) ([]string, error) {
	buffer := make([]byte, 8<<10)
	n, err := file.ReadAt(buffer, max(at, 0))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read civil file: %w", err)
	}
	text := buffer[:n]
	if at >= 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	row, err := csv.NewReader(bytes.NewReader(text)).Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read civil file: %w", err)
	}
	return row, nil
}

// citizenOf reads who asks.
func citizenOf(row []string, nik, kk int) (c citizen, ok bool) {
	if max(nik, kk) >= len(row) {
		return c, false
	}
	card, err := person.ParseKK(row[kk])
	if err != nil {
		return c, false
	}
	if c.nik, err = person.ParseNIK(row[nik]); err != nil {
		return c, false
	}
	c.last = lookups.Last6(card.Last6())
	return c, true
}

// otherDigits changes one digit.
func otherDigits(last lookups.Last6) lookups.Last6 {
	changed := []byte(last)
	changed[0] = '0' + (changed[0]-'0'+1)%10
	return lookups.Last6(changed)
}
