package duplicates_test

import (
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/identity"
	"tepat/internal/testkit"
)

// both reviews in the two districts.
func both(n byte) access.Actor {
	return access.Actor{ID: [16]byte{0x01, 15: n}, Name: "Petugas Maluku", Grants: []access.Grant{
		{Role: access.Operator, Area: testkit.Village, Tenants: []area.Tenant{testkit.AmbonTenant}},
		{Role: access.Operator, Area: TualVillage, Tenants: []area.Tenant{TualTenant}},
	}}
}

// acrossDistricts queues a pair of which one person lives in Ambon and the other in Tual.
func acrossDistricts(h *house) (ref duplicates.Ref, here, there identity.Who) {
	elsewhere := row(h.t, 2)
	elsewhere.Area = TualVillage
	h.load(TualTenant, elsewhere)
	h.load(testkit.AmbonTenant, row(h.t, 1))
	a, b := h.find("1"), h.findOf(TualTenant, "2")
	return h.pair(a, b), identity.Who{Tenant: a.Tenant, ID: a.ID}, identity.Who{Tenant: b.Tenant, ID: b.ID}
}

func (h *house) words(who access.Actor, pair duplicates.Ref) duplicates.Bench {
	h.t.Helper()
	b, err := h.dup.Open(h.t.Context(), who, pair)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// say has an office say that a pair is two persons and gives its word.
func (h *house) say(who access.Actor, pair duplicates.Ref) duplicates.Ref {
	h.t.Helper()
	p, err := h.dup.Distinct(h.t.Context(), who, duplicates.Telling{Pair: pair, Reason: "documents", Note: "KTP dilihat"})
	if err != nil || p.State != duplicates.Awaiting {
		h.t.Fatalf("the pair is %s, %v", p.State, err)
	}
	b := h.words(who, pair)
	if b.Waiting() == nil {
		h.t.Fatal("no word waits")
	}
	return duplicates.Ref{Tenant: b.Words[0].Tenant, ID: b.Words[0].ID}
}

// TestTwoOfficesHoldAPairApartTogether: one says so at her side, the other agrees at hers; then it holds in both.
func TestTwoOfficesHoldAPairApartTogether(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		pair, a, b := acrossDistricts(h)
		first, tual := operator(2, testkit.Village), tualOperator()
		word := h.say(first, pair)
		if facts := h.facts("duplicate.distinct", a.Tenant, a.ID); facts["state"] != "awaiting" || facts["reason"] != "documents" {
			t.Errorf("entry = %v", facts)
		}
		if h.count(`SELECT count(*) FROM pair_word WHERE kabkota > 0 AND note IS NOT NULL`) != 1 {
			t.Error("the note is not kept")
		}
		for name, c := range map[string]struct {
			who         access.Actor
			may, back   bool
			waits       int64
			agree, take string
		}{
			"who said it":              {first, false, true, 0, "access.same_person", ""},
			"a colleague":              {operator(4, testkit.Village), false, true, 0, "access.denied", ""},
			"the other office":         {tual, true, false, 1, "", "access.denied"},
			"somebody of both offices": {both(5), true, true, 1, "", ""},
		} {
			bench := h.words(c.who, pair)
			if bench.MayAnswer != c.may || bench.MayWithdraw != c.back {
				t.Errorf("%s: may answer %v, may withdraw %v", name, bench.MayAnswer, bench.MayWithdraw)
			}
			if n, err := h.dup.CountWaiting(t.Context(), c.who); n != c.waits || err != nil {
				t.Errorf("%s: %d wait for her, %v; want %d", name, n, err, c.waits)
			}
			if c.agree != "" {
				if _, err := h.dup.Agree(t.Context(), c.who, word); fail.CodeOf(err) != c.agree {
					t.Errorf("%s agrees: %v", name, err)
				}
				if _, err := h.dup.Disagree(t.Context(), c.who, word, "tidak"); fail.CodeOf(err) != c.agree {
					t.Errorf("%s disagrees: %v", name, err)
				}
			}
			if c.take != "" {
				if _, err := h.dup.Withdraw(t.Context(), c.who, word); fail.CodeOf(err) != c.take {
					t.Errorf("%s takes it back: %v", name, err)
				}
			}
		}
		for name, who := range map[string]access.Actor{"a stranger": operator(3, testkit.Neighbour), "who reviews nothing": testkit.Person(5, access.Signer, testkit.Ambon)} {
			if _, err := h.dup.Agree(t.Context(), who, word); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s agrees: %v", name, err)
			}
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE kabkota > 0 AND state = 'awaiting'`); n != 1 {
			t.Fatalf("%d pairs wait", n)
		}
		p, err := h.dup.Agree(t.Context(), tual, word)
		if err != nil || p.State != duplicates.Distinct || p.DecidedBy != tual.ID || p.Decision != "documents" || p.Note != "KTP dilihat" {
			t.Fatalf("pair = %+v, %v", p, err)
		}
		for tenant, id := range map[area.Tenant]sqldb.ID{a.Tenant: a.ID, b.Tenant: b.ID} {
			if facts := h.facts("duplicate.agree", tenant, id); facts["state"] != "distinct" {
				t.Errorf("entry in %d = %v", tenant, facts)
			}
		}
		for name, who := range map[string]access.Actor{"here": first, "there": tual} {
			if n := len(h.list(who, duplicates.Filter{Limit: 5})); n != 0 {
				t.Errorf("%s: %d pairs still wait", name, n)
			}
			if b := h.words(who, pair); !b.MayReopen || len(b.Words) != 1 || b.Words[0].Answer != duplicates.Agreed {
				t.Errorf("%s: %+v", name, b.Words)
			}
		}
		if _, err := h.dup.Withdraw(t.Context(), first, word); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("took back what was answered: %v", err)
		}
		h.run("dedupe")
		if got := h.pairOf(pair); got.State != duplicates.Distinct {
			t.Errorf("after the next search the pair is %s", got.State)
		}
		// Either office may doubt what both said.
		if p, err := h.dup.Reopen(t.Context(), first, pair); err != nil || p.State != duplicates.Open {
			t.Errorf("reopened: %s, %v", p.State, err)
		}
	})
}

// TestTwoOfficesDisagree: the pair is open again, with what both said; what a single office decided nobody else reopens.
func TestTwoOfficesDisagree(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		pair, a, _ := acrossDistricts(h)
		first, tual := operator(2, testkit.Village), tualOperator()
		word := h.say(tual, pair)
		for _, note := range []string{"", "  ", strings.Repeat("x", 2001)} {
			if _, err := h.dup.Disagree(t.Context(), first, word, note); fail.CodeOf(err) != "duplicates.answer" {
				t.Errorf("disagreed with %d letters: %v", len(note), err)
			}
		}
		p, err := h.dup.Disagree(t.Context(), first, word, "Ia pindah dari Tual tahun lalu")
		if err != nil || p.State != duplicates.Open || p.Decision != "" {
			t.Fatalf("pair = %+v, %v", p, err)
		}
		if facts := h.facts("duplicate.disagree", a.Tenant, a.ID); facts["state"] != "open" {
			t.Errorf("entry = %v", facts)
		}
		for name, who := range map[string]access.Actor{"here": first, "there": tual} {
			b := h.words(who, pair)
			if len(b.Words) != 1 || b.Words[0].Note != "KTP dilihat" || b.Words[0].AnswerNote != "Ia pindah dari Tual tahun lalu" || b.Waiting() != nil {
				t.Errorf("%s: words = %+v", name, b.Words)
			}
			if n := len(h.list(who, duplicates.Filter{Limit: 5})); n != 1 {
				t.Errorf("%s: %d pairs wait", name, n)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota > 0 AND facts LIKE '%pindah%'`); n != 0 {
			t.Error("a note stands in the log")
		}
		// Said again and taken back, it is as if nobody had said it; then one who sees both decides alone.
		h.clock.Move(time.Minute)
		word = h.say(first, pair)
		if p, err := h.dup.Withdraw(t.Context(), operator(4, testkit.Village), word); err != nil || p.State != duplicates.Open {
			t.Fatalf("taken back: %s, %v", p.State, err)
		}
		if _, err := h.dup.Agree(t.Context(), tual, word); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("agreed to what was taken back: %v", err)
		}
		if p, err := h.dup.Distinct(t.Context(), both(6), duplicates.Telling{Pair: pair, Reason: "visit"}); err != nil || p.State != duplicates.Distinct {
			t.Fatalf("told apart by both: %s, %v", p.State, err)
		}
		if h.words(first, pair).MayReopen {
			t.Error("one office is offered to reopen what she did not decide")
		}
		if _, err := h.dup.Reopen(t.Context(), first, pair); fail.CodeOf(err) != "access.denied" {
			t.Errorf("one office reopened it: %v", err)
		}
		if _, err := h.dup.Agree(t.Context(), tual, duplicates.Ref{Tenant: word.Tenant, ID: sqldb.NewID()}); fail.CodeOf(err) != "duplicates.unknown" {
			t.Errorf("a word nobody said: %v", err)
		}
	})
}

// TestAMergeIsCountedForWhoMayAnswerIt: a colleague of who asked sees no more than she did.
func TestAMergeIsCountedForWhoMayAnswerIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		pair, a, _ := acrossDistricts(h)
		first := operator(2, testkit.Village)
		if m, err := h.merge(first, h.pairOf(pair), a.ID); err != nil || m.State != duplicates.MergeAwaiting {
			t.Fatalf("merge is %s, %v", m.State, err)
		}
		for name, c := range map[string]struct {
			who  access.Actor
			want int64
		}{"who asked": {first, 0}, "a colleague": {operator(4, testkit.Village), 0}, "the other office": {tualOperator(), 1}} {
			if n, err := h.dup.CountWaiting(t.Context(), c.who); n != c.want || err != nil || h.words(c.who, pair).MayAnswer != (c.want == 1) {
				t.Errorf("%s: %d wait, %v", name, n, err)
			}
		}
	})
}
