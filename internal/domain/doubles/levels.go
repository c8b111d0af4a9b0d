package doubles

// comparison is one field, or one view of a field, that a pair is weighed on.
type comparison int

const (
	compareNIK comparison = iota
	compareName
	compareBirth
	compareSex
	compareMother
	compareKK
	compareArea
	comparePhone
	comparisons // how many there are
)

// comparisonNames are the words used in model files and message keys.
var comparisonNames = [comparisons]string{"nik", "name", "birth", "sex", "mother", "kk", "area", "phone"}

// none is the level of a comparison one side has no value for: it says nothing, for or against.
const none int8 = -1

// Levels of the NIK, in the order of the model file.
const (
	nikExact int8 = iota
	nikOneDigit
	nikTransposed
	nikWomanDay
	nikSpreadsheet
	nikDigitLost
	nikSerialDiffers
	nikAreaDiffers
	nikIsCard
	nikDifferent
)

// Levels of a name, of the person or the mother.
const (
	nameExact int8 = iota
	nameJoined
	nameSpelling
	nameSubset
	nameWeak
	nameSome
	nameDifferent
)

// Levels of the birth date.
const (
	birthExact int8 = iota
	birthSwapped
	birthOneDigit
	birthYearOff
	birthDefaultDay
	birthPartial
	birthNear
	birthDifferent
)

// Levels of sex, card, area and telephone.
const (
	sexSame      int8 = 0
	sexDifferent int8 = 1

	kkExact     int8 = 0
	kkOneDigit  int8 = 1
	kkDifferent int8 = 2

	areaVillage     int8 = 0
	areaSubdistrict int8 = 1
	areaDistrict    int8 = 2
	areaProvince    int8 = 3
	areaElsewhere   int8 = 4

	phoneExact     int8 = 0
	phoneDifferent int8 = 1
)

var nameLevels = []string{"exact", "joined", "spelling", "subset", "weak", "some", "different"}

// levelNames are the words of the levels, in the order of the constants above.
var levelNames = [comparisons][]string{
	compareNIK: {
		"exact", "one_digit", "transposed", "woman_day", "spreadsheet", "digit_lost", "serial_differs", "area_differs",
		"is_card", "different",
	},
	compareName:   nameLevels,
	compareBirth:  {"exact", "swapped", "one_digit", "year_off", "default_day", "partial", "near", "different"},
	compareSex:    {"same", "different"},
	compareMother: nameLevels,
	compareKK:     {"exact", "one_digit", "different"},
	compareArea:   {"village", "subdistrict", "district", "province", "elsewhere"},
	comparePhone:  {"exact", "different"},
}

// guard is a reason to hold two alike records apart: they look like two people of one house.
type guard int8

const (
	unguarded guard = iota
	guardTwins
	guardNearTwins
	guardSiblings
	guardNamesakes
	guardBorrowed
	guardKinds // how many there are
)

// guardNames are the words used in model files and message keys.
var guardNames = [guardKinds]string{"", "twins", "near_twins", "siblings", "namesakes", "borrowed"}
