package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// Person i of the invented district is known by arithmetic, so that the load and the registry
// agree on a million people without a list between them.
const (
	familySize   = 4
	subdistricts = 5
	birthdays    = 28 * 12 * 80 // day 1 to 28 of every month of 80 years: every one of them exists
	firstYear    = 1940
	cardDays     = 28 * 12 * 20
	firstCard    = 2004
)

// nikOf gives the NIK of person i.
func nikOf(i int) (person.NIK, error) {
	nik, err := person.ComposeNIK(placeOf(i), dayOf(i/subdistricts%birthdays, firstYear), sexOf(i), 1+i/(subdistricts*birthdays))
	if err != nil {
		return nik, fmt.Errorf("person %d: %w", i, err)
	}
	return nik, nil
}

// kkOf gives the No. KK of person i's family.
func kkOf(i int) (person.KK, error) {
	family := i / familySize
	kk, err := person.ComposeKK(placeOf(family), dayOf(family/subdistricts%cardDays, firstCard), 1+family/(subdistricts*cardDays))
	if err != nil {
		return kk, fmt.Errorf("family %d: %w", family, err)
	}
	return kk, nil
}

func placeOf(i int) area.Code { return district + area.Code(1+i%subdistricts)*10_000 }

func dayOf(n, year int) period.Date { return period.On(year+n/336, time.Month(1+n/28%12), 1+n%28) }

func sexOf(i int) person.Sex {
	if i%2 == 0 {
		return person.Male
	}
	return person.Female
}

// writePeople writes persons from..to as a file to import, in the order of their villages.
func writePeople(path string, from, to int, villages []area.Code) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(w, "row_id,source,year,no_kk,nik,name,sex,birth_date,relation,address,rt,rw,area_code")
	for i := from; i < to; i++ {
		nik, err := nikOf(i)
		if err != nil {
			return err
		}
		kk, err := kkOf(i)
		if err != nil {
			return err
		}
		relation, sex := "anak", "L"
		if i%familySize == 0 {
			relation = "kepala keluarga"
		}
		if sexOf(i) == person.Female {
			sex = "P"
		}
		village := villages[(i-from)*len(villages)/(to-from)]
		fmt.Fprintf(w, "%d,BEBAN,2024,%s,%s,WARGA %s,%s,%s,%s,JALAN CONTOH,%03d,%03d,%s\n", i, kk.Plain(), nik.Plain(), letters(i), sex,
			dayOf(i/subdistricts%birthdays, firstYear).Text(), relation, 1+i/97%9, 1+i/883%5, strconv.FormatInt(int64(village), 10))
	}
	return w.Flush()
}

// letters writes a number in letters: names hold no digits.
func letters(n int) string {
	var out [8]byte
	at := len(out)
	for {
		at--
		out[at] = byte('A' + n%26)
		if n /= 26; n == 0 || at == 0 {
			return string(out[at:])
		}
	}
}
