package synth

// The questionnaire's items are named by their numbers on form REGSOSEK22-K (data/questionnaire);
// those of the family stand on the head's row.

// Items of a person, by place in its row.
const (
	presence = iota
	sexItem
	maritalItem
	relationItem
	pregnantItem
	identity
	schooling
	level
	class
	certificate
	worked
	hours
	field
	status
	taxNumber
	income
	nutrition
	firstDifficulty
	lastDifficulty = firstDifficulty + 8
	disease        = lastDifficulty + 1
	insurance      = disease + 1
	personItems    = insurance + 1
)

// Items of a family, by place behind those of a person.
const (
	tenure = iota
	landTitle
	floorArea
	floor
	wall
	roof
	water
	sewage
	lighting
	power
	fuel
	toilet
	closet
	disposal
	gotSembako
	gotPKH
	gotBLT
	gotLocal
	firstAsset
	lastAsset   = firstAsset + 13
	otherLand   = lastAsset + 1
	landSize    = otherLand + 1
	otherHouse  = landSize + 1
	firstAnimal = otherHouse + 1
	lastAnimal  = firstAnimal + 4
	internet    = lastAnimal + 1
	account     = internet + 1
	familyItems = account + 1
)

// Unanswered stands for an item without an answer.
const Unanswered = -1

// ItemNames gives the names of the items in the order of RegistryRow.Items: those of the person,
// then those of the family.
func ItemNames() []string {
	return []string{
		"404", "405", "408", "409", "410", "411", "412", "413", "414", "415", "416a", "416b", "417", "418", "419", "419b", "427",
		"428a", "428b", "428c", "428d", "428e", "428f", "428g", "428h", "428i", "430", "431a",
		"301a", "301b", "302", "303", "304", "305", "306a", "306b", "307a", "307b1", "308", "309a", "309b", "310",
		"501a", "501b", "501c", "501e",
		"502a", "502b", "502c", "502d", "502e", "502f", "502g", "502h", "502i", "502j", "502k", "502l", "502m", "502n",
		"503a", "503a-luas", "503b", "504a", "504b", "504c", "504d", "504e", "505", "506",
	}
}

func yes(b bool) int16 {
	if b {
		return 1
	}
	return 2
}

// step is one line of a table from a level of welfare to an answer.
type step struct {
	below  int // in thousandths of a standard deviation
	answer int16
}

// answerAt gives the answer of the first line the level lies below; the last line takes the rest.
func answerAt(table []step, level int) int16 {
	for _, s := range table[:len(table)-1] {
		if level < s.below {
			return s.answer
		}
	}
	return table[len(table)-1].answer
}
