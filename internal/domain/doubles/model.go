package doubles

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
)

// Model is a set of weights, thresholds and blocking rules with the name tables they were made for. It
// is made by ParseModel, never changes, and may be used by many workers at a time.
type Model struct {
	version    string
	digest     string
	unverified bool
	names      *Names
	share      float64
	link       float64
	review     float64
	rank       rankSettings
	frequency  frequencySettings
	crowd      crowdSettings
	cap        float64
	guards     [guardKinds]float64
	levels     [comparisons][]level
	blockCap   int
	rules      []rule
	counted    *Frequencies
}

// level is one step of a comparison with its weight log2(m/u) in bits.
type level struct {
	name string
	u    float64
	bits float64
}

type rankSettings struct {
	None   float64 `yaml:"none_bits"`
	Accept float64 `yaml:"accept"`
	Gap    float64 `yaml:"gap_bits"`
}

type frequencySettings struct {
	PriorShare    float64 `yaml:"prior_share"`
	PriorStrength float64 `yaml:"prior_strength"`
	Floor         float64 `yaml:"floor"`
	MaxBits       float64 `yaml:"max_bits"`
	CommonCount   int     `yaml:"common_count"`
}

type crowdSettings struct {
	NIKPower   float64 `yaml:"nik_power"`
	PhonePower float64 `yaml:"phone_power"`
	Contested  int     `yaml:"contested_holders"`
}

type modelFile struct {
	Version     string            `yaml:"version"`
	Unverified  bool              `yaml:"unverified"`
	Share       float64           `yaml:"duplicate_share"`
	Link        float64           `yaml:"link_bits"`
	Review      float64           `yaml:"review_bits"`
	Rank        rankSettings      `yaml:"rank"`
	Frequency   frequencySettings `yaml:"name_frequency"`
	Crowd       crowdSettings     `yaml:"crowd"`
	Household   householdFile     `yaml:"household"`
	Comparisons map[string][]struct {
		Level string  `yaml:"level"`
		M     float64 `yaml:"m"`
		U     float64 `yaml:"u"`
	} `yaml:"comparisons"`
	Blocking struct {
		Cap   int      `yaml:"cap"`
		Rules []string `yaml:"rules"`
	} `yaml:"blocking"`
}

type householdFile struct {
	Cap  float64            `yaml:"cap_bits"`
	Bits map[string]float64 `yaml:"bits"`
}

// ParseModel reads the YAML text of a model and ties it to the name tables.
//
// Errors: doubles.model_syntax when it is not the expected YAML; doubles.model_levels when a comparison
// lacks a level, has one too many or names them in another order (facts comparison, want);
// doubles.model_probability when an m or u is outside (0,1] or a comparison's sum is above one (fact
// comparison); doubles.model_setting when a threshold or rule makes no sense (fact setting).
func ParseModel(text []byte, names *Names) (Model, error) {
	var file modelFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return Model{}, fail.Invalid("doubles.model_syntax").Because(err)
	}
	digest := sha256.Sum256(text)
	m := Model{
		version: file.Version, digest: hex.EncodeToString(digest[:8]), unverified: file.Unverified, names: names,
		share: file.Share, link: file.Link, review: file.Review, rank: file.Rank, frequency: file.Frequency,
		crowd: file.Crowd, cap: file.Household.Cap, blockCap: file.Blocking.Cap,
	}
	for _, step := range []func(modelFile) error{m.addLevels, m.addGuards, m.addRules, m.check} {
		if err := step(file); err != nil {
			return Model{}, err
		}
	}
	return m, nil
}

// Version gives the model's version and the digest of its text, as written into reports.
func (m Model) Version() string { return fmt.Sprintf("%s-%s", m.version, m.digest) }

// Unverified tells that nobody has measured the model on real records yet.
func (m Model) Unverified() bool { return m.unverified }

// WithFrequencies gives the model with counts of names from a larger population, which Rank needs to
// know a rare name from a common one.
func (m Model) WithFrequencies(f *Frequencies) Model {
	m.counted = f
	return m
}

func (m *Model) addLevels(file modelFile) error {
	for c := range comparisons {
		given, want := file.Comparisons[comparisonNames[c]], levelNames[c]
		var sumM, sumU float64
		for i, name := range want {
			if i >= len(given) || given[i].Level != name {
				return fail.Invalid("doubles.model_levels", "comparison", comparisonNames[c], "want", name)
			}
			sumM, sumU = sumM+given[i].M, sumU+given[i].U
			if given[i].M <= 0 || given[i].U <= 0 {
				return fail.Invalid("doubles.model_probability", "comparison", comparisonNames[c])
			}
			m.levels[c] = append(m.levels[c], level{name: name, u: given[i].U, bits: math.Log2(given[i].M / given[i].U)})
		}
		if len(given) != len(want) {
			return fail.Invalid("doubles.model_levels", "comparison", comparisonNames[c], "want", want[len(want)-1])
		}
		if sumM > 1.0001 || sumU > 1.0001 {
			return fail.Invalid("doubles.model_probability", "comparison", comparisonNames[c])
		}
	}
	return nil
}

func (m *Model) addGuards(file modelFile) error {
	for g := guard(1); g < guardKinds; g++ {
		bits, ok := file.Household.Bits[guardNames[g]]
		if !ok || bits >= 0 {
			return fail.Invalid("doubles.model_setting", "setting", "household.bits."+guardNames[g])
		}
		m.guards[g] = bits
	}
	return nil
}

func (m *Model) addRules(file modelFile) error {
	for _, name := range file.Blocking.Rules {
		r, ok := ruleNamed(name)
		if !ok {
			return fail.Invalid("doubles.model_setting", "setting", "blocking.rules."+name)
		}
		m.rules = append(m.rules, r)
	}
	return nil
}

func (m *Model) check(modelFile) error {
	sound := map[string]bool{
		"duplicate_share": m.share > 0 && m.share < 1,
		"link_bits":       m.link > m.review,
		"rank.accept":     m.rank.Accept > 0 && m.rank.Accept < 1,
		"name_frequency":  m.frequency.PriorShare > 0 && m.frequency.PriorStrength > 0 && m.frequency.Floor > 0,
		"blocking.cap":    m.blockCap >= 2,
		"blocking.rules":  len(m.rules) > 0,
		"household.cap":   m.cap >= 0,
	}
	for _, setting := range []string{
		"duplicate_share", "link_bits", "rank.accept", "name_frequency", "blocking.cap", "blocking.rules", "household.cap",
	} {
		if !sound[setting] {
			return fail.Invalid("doubles.model_setting", "setting", setting)
		}
	}
	return nil
}
