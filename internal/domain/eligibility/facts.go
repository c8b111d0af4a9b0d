package eligibility

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"tepat/internal/domain/evidence"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Level says whom a fact is about.
type Level = questionnaire.Level

// The levels of facts. A rule about a person may read the facts of her family, not the other way round.
const (
	LevelFamily = questionnaire.LevelFamily
	LevelPerson = questionnaire.LevelPerson
)

// Origin says where the value of a fact comes from.
type Origin string

// The origins of facts.
const (
	FromRegistry      Origin = "registry"      // rows this installation keeps
	FromEvidence      Origin = "evidence"      // what another agency states about the person
	FromMembers       Origin = "members"       // the same, joined over the members of the family
	FromQuestionnaire Origin = "questionnaire" // answers of an interview
	FromWages         Origin = "wages"         // the table of minimum wages
)

// Fact describes one fact a rule may read: its name is a variable of the rule's text.
type Fact struct {
	Name       string
	Type       Type
	Level      Level
	Origin     Origin
	Meaning    questionnaire.Label
	Unit       string
	Values     []string      // the words a text may be; empty when any
	Evidence   evidence.Kind // the kind it is read from, zero when none
	Unverified bool
}

// registryFacts are the facts that come from rows of the registry and from tables, whatever the form.
func registryFacts() []Fact {
	fact := func(name string, t Type, l Level, o Origin, unit, id, en string) Fact {
		return Fact{Name: name, Type: t, Level: l, Origin: o, Unit: unit, Meaning: questionnaire.Label{ID: id, EN: en}}
	}
	person := func(name string, t Type, unit, id, en string) Fact {
		return fact(name, t, LevelPerson, FromRegistry, unit, id, en)
	}
	family := func(name string, t Type, unit, id, en string) Fact {
		return fact(name, t, LevelFamily, FromRegistry, unit, id, en)
	}
	return []Fact{
		person("age", TypeInteger, "tahun", "Umur pada hari penilaian; tidak diketahui bila tanggal lahir tidak pasti", "Age on the day of judgement; unknown when the birth date is too uncertain"),
		person("is_head", TypeBool, "", "Kepala keluarga", "Head of the family"),
		person("is_payee", TypeBool, "", "Pengurus yang menerima uang atas nama keluarga", "The payee in whose name the family is paid"),
		person("confirmed_duplicate", TypeBool, "", "Data ganda yang sudah dipastikan pada NIK yang sama", "A duplicate confirmed on the same NIK"),
		person("nik_contested", TypeBool, "", "NIK dipakai lebih dari satu orang", "Another person claims the same NIK"),
		family("decile", TypeInteger, "", "Desil 1 sampai 10; tidak diketahui bila belum diperingkat", "Decile 1 to 10; unknown when unranked"),
		family("decile_official", TypeBool, "", "Desil resmi dari BPS", "The decile is the official one of BPS"),
		family("district", TypeText, "", "Kode kabupaten/kota, seperti 81.71", "Code of the district, such as 81.71"),
		family("children_0_6", TypeInteger, "", "Anggota berumur 0 sampai 6 tahun", "Members aged 0 to 6"),
		family("members_60_up", TypeInteger, "", "Anggota berumur 60 tahun ke atas", "Members aged 60 and over"),
		fact("minimum_wage", TypeInteger, LevelFamily, FromWages, "Rp per bulan", "UMK kabupaten/kota bila ada, selain itu UMP", "The district's minimum wage, else the province's"),
		fact("minimum_wage_status", TypeText, LevelFamily, FromWages, "", "Seberapa pasti upah minimum itu", "How far that minimum wage can be trusted"),
	}
}

// evidenceFacts gives, for each kind of evidence, the fact about the person and the fact joined over the
// members of the family. Death has no family fact: a death ends the person, never the family, so no
// rule about a family can even name it.
func evidenceFacts(c *evidence.Catalogue) []Fact {
	var list []Fact
	for _, k := range evidence.Kinds() {
		r := c.Rule(k)
		f := Fact{
			Name: k.String(), Type: TypeBool, Level: LevelPerson, Origin: FromEvidence, Evidence: k, Unverified: r.Unverified,
			Meaning: questionnaire.Label{ID: r.Label.ID + " (" + r.Owner + ")", EN: r.Label.EN + " (" + r.Owner + ")"},
		}
		joined, id, en := "any_", "Ada anggota: ", "A member: "
		if r.Value == evidence.TypeRupiah || r.Value == evidence.TypeInteger {
			f.Type, joined, id, en = TypeInteger, "max_", "Terbesar di antara anggota: ", "Largest among the members: "
		}
		list = append(list, f)
		if k == evidence.Dead {
			continue
		}
		f.Name, f.Level, f.Origin = joined+f.Name, LevelFamily, FromMembers
		f.Meaning = questionnaire.Label{ID: id + r.Label.ID, EN: en + r.Label.EN}
		list = append(list, f)
	}
	return list
}

// Vocabulary is the fixed set of facts rules are written with. It is made by NewVocabulary, never
// changes, and may be used by many workers at a time.
type Vocabulary struct {
	facts     []Fact
	byName    map[string]int
	unknowns  []*types.Unknown
	env       *cel.Env
	catalogue *evidence.Catalogue
}

// NewVocabulary joins the facts of the registry, of the kinds of evidence and of the questionnaire.
// Error: fact.twice (fact name) when two of them have one name.
func NewVocabulary(c *evidence.Catalogue, q questionnaire.Set) (*Vocabulary, error) {
	v := &Vocabulary{byName: map[string]int{}, catalogue: c}
	facts := append(registryFacts(), evidenceFacts(c)...)
	for _, level := range []Level{LevelFamily, LevelPerson} {
		for _, f := range q.Facts(level) {
			facts = append(facts, Fact{
				Name: f.Name, Type: f.Type, Level: f.Level, Origin: FromQuestionnaire, Meaning: f.Label, Unit: f.Unit, Values: f.Values,
				Unverified: f.Unverified,
			})
		}
	}
	for i, f := range facts {
		if _, twice := v.byName[f.Name]; twice {
			return nil, fail.Invalid("fact.twice", "name", f.Name)
		}
		v.byName[f.Name] = i
		v.unknowns = append(v.unknowns, types.NewUnknown(int64(i), types.NewAttributeTrail(f.Name)))
	}
	v.facts = facts
	var err error
	v.env, err = newEnv(facts)
	return v, err
}

// Facts gives the description of every fact, in a fixed order: this is the documentation rules are
// written by.
func (v *Vocabulary) Facts() []Fact { return append([]Fact(nil), v.facts...) }

// Fact gives the description of a fact; ok is false when there is none of that name.
func (v *Vocabulary) Fact(name string) (f Fact, ok bool) {
	i, ok := v.byName[name]
	if !ok {
		return f, false
	}
	return v.facts[i], true
}

// Facts gives the values a rule is evaluated over, by the name of the fact; unknown values are zero.
type Facts interface {
	Value(name string) Value
}

// FactMap is Facts in a map, for tests and for rules on a few known facts.
type FactMap map[string]Value

// Value gives the fact of the name.
func (m FactMap) Value(name string) Value { return m[name] }

// FactUsed is one fact with the value it had when a rule read it.
type FactUsed struct {
	Name  string
	Value Value
}

// activation hands facts to the rule engine. An unknown fact is handed over as CEL's unknown, which
// logic carries through: true || unknown is true.
type activation struct {
	vocabulary *Vocabulary
	facts      Facts
}

// ResolveName gives the value of a variable.
func (a activation) ResolveName(name string) (any, bool) {
	i, ok := a.vocabulary.byName[name]
	if !ok {
		return nil, false
	}
	if v := a.facts.Value(name); v.Known() {
		return v.cel(), true
	}
	return a.vocabulary.unknowns[i], true
}

// Parent gives nil: there are no outer scopes.
func (a activation) Parent() cel.Activation { return nil }
