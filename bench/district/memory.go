package main

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// matchInMemory compares a million persons with a civil registry of a million, both in
// memory: the rules alone, on one core.
func (b *bench) matchInMemory(context.Context) error {
	const persons = 1000000
	records := make([]civilmatch.Record, persons)
	civil := make(map[person.NIK]civilmatch.Answer, persons)
	for i := range records {
		birth := period.On(1950+i%60, time.Month(1+i%12), 1+i%28)
		nik, err := person.ComposeNIK(district.At(3)+1, birth, person.Female, 1+i%9999)
		if err != nil {
			return fmt.Errorf("compose NIK: %w", err)
		}
		name := person.Name(fmt.Sprintf("SITI UJI %d", i%5000))
		records[i] = civilmatch.Record{NIK: nik, Name: name, Sex: person.Female, BirthDate: birth, BirthPlace: "BANDUNG"}
		answer := civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, Civil: civilmatch.CivilRecord{
			Name: name, Sex: person.Female, BirthDate: birth, BirthPlace: "BANDUNG",
		}}
		if i%20 == 0 {
			answer.Civil.Name += " LAIN"
		}
		civil[nik] = answer
	}
	rules := civilmatch.DukcapilRules()
	var differ int64
	m := measure{Name: "match in memory, rules alone", Rows: persons, Before: load()}
	begun := time.Now()
	for i := range records {
		answer := civil[records[i].NIK]
		if civilmatch.Compare(rules, &records[i], &answer).Status != civilmatch.Matched {
			differ++
		}
	}
	m.Wall, m.After = time.Since(begun).Seconds(), load()
	m.CPU, m.Rate = m.Wall, persons/m.Wall
	m.Note = fmt.Sprintf("full values, a look-up each, one core; %d differ", differ)
	m.ask("400,000/s", m.Rate >= 400000)
	b.add(m)
	return nil
}
