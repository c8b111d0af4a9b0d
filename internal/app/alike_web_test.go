package app

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/testkit/browser"
)

// womanOf gives a woman of the registry in or outside a village, whose birth date and mother's name are whole.
func (b *town) womanOf(t *testing.T, village area.Code, inside bool) registry.Person {
	t.Helper()
	sign := "<>"
	if inside {
		sign = "="
	}
	ids, err := sqldb.Collect(t.Context(), b.DB.Direct(), `SELECT id FROM person WHERE kabkota = $1 AND state = 1 AND sex = 2 AND area_code `+sign+` $2 ORDER BY id LIMIT 200`,
		[]any{int64(b.Places.TenantOf(village)), int64(village)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		p, err := b.Registry.PersonIn(t.Context(), b.DB.Direct(), b.Places.TenantOf(village), id)
		if err != nil {
			t.Fatal(err)
		}
		// One name of many words is like nobody else's.
		if p.BirthDate.Day() > 1 && len(strings.Fields(p.Name)) > 1 && len(strings.Fields(p.MotherName)) > 1 && p.Sex == person.Female {
			return p
		}
	}
	t.Fatal("the town has no such woman")
	return registry.Person{}
}

// TestWhoIsAlikeIsToldBeforeTheFormIsSent types women of the registry under other numbers, as happens when a number was
// copied wrongly: the operator is told where they stand, and in what they agree only in her own village.
func TestWhoIsAlikeIsToldBeforeTheFormIsSent(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 390, Height: 844, NoScript: true})
	village := b.people[access.Operator].Area
	for serial, inside := range map[int]bool{7: true, 8: false} {
		woman := b.womanOf(t, village, inside)
		nik, kk := newcomer(t, b, serial)
		page.Go(b.url + "/usulan/baru")
		fillFamily(page, nik, kk, woman.Name)
		page.Fill("#members-0-birth_date", fmt.Sprint(woman.BirthDate.Day()))
		page.Fill("#members-0-birth_date-month", fmt.Sprint(int(woman.BirthDate.Month())))
		page.Fill("#members-0-birth_date-year", fmt.Sprint(woman.BirthDate.Year()))
		page.Fill("#members-0-mother", woman.MotherName)
		page.Follow(`button[value="check"]`)
		page.NoOverflow()
		picture(page, fmt.Sprintf("alike-%t", inside))
		text := page.Text("main")
		if want := "Orang yang mirip mungkin sudah terdaftar di " + b.Places.Tree().Title(woman.Area); !strings.Contains(text, want) {
			t.Errorf("of a woman in the village (%t) the operator does not read %q: %s", inside, want, text)
		}
		if got := strings.Contains(text, "Yang cocok:"); got != inside {
			t.Errorf("of a woman in the village (%t) what agrees is told: %t", inside, got)
		}
		if strings.Contains(page.URL(), woman.Name) || strings.Contains(text, woman.NIK.Plain()) {
			t.Error("the page tells her number")
		}
	}
}
