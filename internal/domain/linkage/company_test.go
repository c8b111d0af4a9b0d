package linkage_test

import (
	"fmt"
	"slices"
	"testing"

	engine "tepat/internal/domain/linkage"
)

const (
	cardOne = "8171012307130436"
	cardTwo = "8171011404180271"
)

// asked is one woman on two rows, doubtful by themselves: one has no NIK, and village, mother's name, and card or birth date differ.
func asked(s *sheet, cardA, cardB string) {
	s.add(person("a", "8171015204800003", cardA, "MARTHA LATUHERU", "1980-04-12", "P", "ANNA", "8171011006")...)
	birth := "1980-04-12"
	if cardA == cardB {
		birth = ""
	}
	s.add(person("b", "", cardB, "MARTHA LATUHERU", birth, "P", "SELVIANA", "8171021002")...)
}

// brother is a man surely one on each of his rows.
func brother(s *sheet, id, card string) {
	s.add(person(id, "8171010311780007", card, "YOHANES LATUHERU", "1978-11-03", "L", "ANNA", "8171011006")...)
}

// stranger is somebody else of a card.
func stranger(s *sheet, id, card string) {
	s.add(person(id, "817101"+map[string]string{"x": "2307550008", "y": "1102030009"}[id], card, map[string]string{"x": "ROBERT SAHETAPY", "y": "FITRI WALUYO"}[id], map[string]string{"x": "1955-07-23", "y": "2003-02-11"}[id], "L", "", "8171011006")...)
}

// TestCompany: who stands beside two rows tells of them, by the rows of both cards.
func TestCompany(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cardB  string
		others func(s *sheet)
		want   []string
	}{
		"the brother is on both cards": {cardTwo, func(s *sheet) { brother(s, "x1", cardOne); brother(s, "x2", cardTwo) }, []string{"apart_others"}},
		"others, nobody on both":       {cardTwo, func(s *sheet) { stranger(s, "x", cardOne); stranger(s, "y", cardTwo) }, []string{"apart_none"}},
		"alone on one":                 {cardTwo, func(s *sheet) { stranger(s, "x", cardOne) }, []string{"apart_alone"}},
		"one card, the brother twice":  {cardOne, func(s *sheet) { brother(s, "x1", cardOne); brother(s, "x2", cardOne) }, []string{"same_others"}},
		"one card, nobody twice":       {cardOne, func(s *sheet) { stranger(s, "x", cardOne) }, []string{"same_none"}},
		"she is on that card already": {cardTwo, func(s *sheet) {
			s.add(person("x", "8171015204800003", cardTwo, "MARTHA LATUHERU", "1980-04-12", "P", "ANNA", "8171011006")...)
		}, []string{"apart_alone", "taken"}},
		"a row without a card": {"", func(s *sheet) { brother(s, "x1", cardOne) }, nil},
		"more than a household": {cardTwo, func(s *sheet) {
			for i := range 12 {
				s.add(person(string(rune('m'+i)), "", cardTwo, "SOMEBODY ELSE", "", "", "", "8171011006")...)
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := crowd()
			asked(s, cardOne, c.cardB)
			c.others(s)
			e := prepare(t, identity(t), s, nil, engine.Options{})
			w, sum, got := e.Explain(400, 401), 0.0, []string(nil)
			for _, b := range w.Bars {
				sum += b.Bits
				if b.Comparison == "company" {
					got = append(got, b.Level)
				}
			}
			if !slices.Equal(got, c.want) || sum-w.Bits > 0.01 || w.Bits-sum > 0.01 {
				t.Errorf("%v of %v, want %v; the bars are %.2f", got, w, c.want, sum)
			}
			alone := prepare(t, identity(t), s, nil, engine.Options{Alone: true}).Explain(400, 401)
			if slices.ContainsFunc(alone.Bars, func(b engine.Bar) bool { return b.Comparison == "company" }) {
				t.Errorf("asked for two rows alone: %v", alone)
			}
		})
	}
}

// TestCompanyDecides: a doubtful pair is linked where the family came along, and not where both cards have other people; what sure
// pairs weigh does not move.
func TestCompanyDecides(t *testing.T) {
	t.Parallel()
	linked := func(others func(s *sheet)) bool {
		s := crowd()
		asked(s, cardOne, cardTwo)
		others(s)
		d := doubles(t, prepare(t, identity(t), s, nil, engine.Options{}))
		return slices.ContainsFunc(d.Clusters, func(c []int32) bool { return slices.Contains(c, 400) && slices.Contains(c, 401) })
	}
	if !linked(func(s *sheet) { brother(s, "x1", cardOne); brother(s, "x2", cardTwo) }) {
		t.Error("the family came along, and she is another")
	}
	if linked(func(s *sheet) { stranger(s, "x", cardOne); stranger(s, "y", cardTwo) }) {
		t.Error("nobody of the two cards is one, and she is")
	}
	s := crowd()
	brother(s, "x1", cardOne)
	brother(s, "x2", cardTwo)
	for _, options := range []engine.Options{{}, {Alone: true}} {
		d := doubles(t, prepare(t, identity(t), s, nil, options))
		if len(d.Edges) != 1 || engine.Bits(d.Edges[0].Weight) < 6 {
			t.Errorf("%+v: %+v", options, d.Edges)
		}
		if options.Alone {
			continue
		}
		if alone := doubles(t, prepare(t, identity(t), s, nil, engine.Options{Alone: true})); alone.Edges[0].Weight != d.Edges[0].Weight {
			t.Errorf("a sure pair weighs %d, alone %d", d.Edges[0].Weight, alone.Edges[0].Weight)
		}
	}
}

// TestCompanyDecidesOfGroups: a row company makes one with each of two that surely are one joins them, though by itself it is one with
// neither; where both cards have other people it does not.
func TestCompanyDecidesOfGroups(t *testing.T) {
	t.Parallel()
	const cardThree = "8171011207220310"
	together := func(others func(s *sheet)) (rows int) {
		s := crowd()
		asked(s, cardOne, cardTwo)
		s.rows[401][7] = "7401010001" // she moved far: by itself the row is no more than doubtful, and rather another's
		s.add(person("a2", "8171015204800003", cardThree, "MARTHA LATUHERU", "1980-04-12", "P", "ANNA", "8171011006")...)
		others(s)
		alone := prepare(t, identity(t), s, nil, engine.Options{Alone: true})
		if w := alone.Explain(400, 401).Bits + alone.Explain(401, 402).Bits; w >= 0 {
			t.Errorf("alone the two pairs weigh %.2f, the test is blind", w)
		}
		for _, c := range doubles(t, prepare(t, identity(t), s, nil, engine.Options{})).Clusters {
			if slices.Contains(c, 400) && slices.Contains(c, 402) {
				return len(c)
			}
		}
		return 0
	}
	if got := together(func(s *sheet) { brother(s, "x1", cardOne); brother(s, "x2", cardTwo); brother(s, "x3", cardThree) }); got != 3 {
		t.Errorf("the family came along, and %d rows are one", got)
	}
	others := func(s *sheet) {
		stranger(s, "x", cardOne)
		stranger(s, "y", cardTwo)
		s.add(person("z", "8171015205900004", cardThree, "DORKAS TOMASOA", "1990-05-12", "P", "", "8171011006")...)
	}
	if got := together(others); got != 2 {
		t.Errorf("nobody came along, and %d rows are one", got)
	}
}

// TestAHouseholdWithoutACard: where rows have no card, the list's own number of the household says who stands beside whom; a card comes first.
func TestAHouseholdWithoutACard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cards  [2]string
		houses [4]string // of her two rows, then of her brother's
		want   []string
	}{
		"the brother is in both":           {[2]string{"", ""}, [4]string{"R1", "R2", "R1", "R2"}, []string{"apart_others"}},
		"the brother is in none of them":   {[2]string{"", ""}, [4]string{"R1", "R2", "R3", "R4"}, []string{"apart_alone"}},
		"one household, the brother twice": {[2]string{"", ""}, [4]string{"R1", "R1", "R1", "R1"}, []string{"same_others"}},
		"no household":                     {[2]string{"", ""}, [4]string{"-", "", "R1", "R2"}, nil},
		"her rows have cards":              {[2]string{cardOne, cardTwo}, [4]string{"R1", "R2", "R1", "R2"}, []string{"apart_alone"}},
		"one of them has a card":           {[2]string{cardOne, ""}, [4]string{"R1", "R2", "R1", "R2"}, []string{"apart_alone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := crowd()
			asked(s, c.cards[0], c.cards[1])
			s.rows[401][4] = "1980-04-12"
			brother(s, "x1", "")
			brother(s, "x2", "")
			s.header = append(slices.Clone(s.header), "ID_KELUARGA")
			for i := range s.rows {
				house := fmt.Sprint("K", i)
				if i >= 400 {
					house = c.houses[i-400]
				}
				s.rows[i] = append(slices.Clone(s.rows[i]), house)
			}
			e := prepare(t, identity(t), s, nil, engine.Options{Workers: 2})
			w, got := e.Explain(400, 401), []string(nil)
			for _, b := range w.Bars {
				if b.Comparison == "company" {
					got = append(got, b.Level)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v of %v, want %v", got, w, c.want)
			}
			for _, x := range doubles(t, e).Edges {
				if int(x.A)+int(x.B) == 801 && engine.Bits(x.Weight) != w.Bits {
					t.Errorf("%.3f in the search, %.3f explained", engine.Bits(x.Weight), w.Bits)
				}
			}
		})
	}
}

// TestCompanyIsChecked: a mistake in what the model says of company is told with its line.
func TestCompanyIsChecked(t *testing.T) {
	t.Parallel()
	refused(t, string(identity(t).Text()), map[[2]string]string{
		{"company:\n  column: kk", "company:\n  column: shoe"}:     "linkage.model_column_unknown",
		{"company:\n  column: kk", "company:\n  column: name"}:     "linkage.model_setting",
		{"  most: 12\n", "  most: 1\n"}:                            "linkage.model_setting",
		{"  most: 12\n", "  most: 1000\n"}:                         "linkage.model_setting",
		{"  sure_bits: 6\n", "  sure_bits: -3\n"}:                  "linkage.model_setting",
		{"bits: {same_others:", "bits: {cousins: 1, same_others:"}: "linkage.model_setting",
		{"apart_none: -", "apart_none: -9"}:                        "linkage.model_setting",
		{"company:\n  column: kk", "company:\n  colum: kk"}:        "linkage.model_field",
		{"  else: household ", "  else: housing "}:                 "linkage.model_setting",
		{"  else: household ", "  else: address "}:                 "linkage.model_setting",
		{"  else: household ", "  else: nik "}:                     "linkage.model_setting",
	})
}

// TestCompanyKnowsWhoIsKnownToBeTwo: brothers whom a register tells apart are not on both cards, in the explanation as in the run.
func TestCompanyKnowsWhoIsKnownToBeTwo(t *testing.T) {
	t.Parallel()
	s := crowd()
	asked(s, cardOne, cardTwo)
	brother(s, "x1", cardOne)
	brother(s, "x2", cardTwo)
	known := engine.Known{Entity: func(row int) uint64 { return uint64(max(row-401, 0)) }}
	e := prepare(t, identity(t), s, nil, engine.Options{Known: known})
	d, w := doubles(t, e), e.Explain(400, 401)
	if slices.ContainsFunc(d.Clusters, func(c []int32) bool { return slices.Contains(c, 400) }) {
		t.Errorf("the run holds them for one: %v", d.Clusters)
	}
	if !slices.ContainsFunc(w.Bars, func(b engine.Bar) bool { return b.Level == "apart_none" }) {
		t.Errorf("explained as %v", w)
	}
}
