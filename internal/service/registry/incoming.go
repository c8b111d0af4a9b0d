package registry

import (
	"encoding/binary"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// Incoming is one row of a file of families: one person with what the row says of her family.
type Incoming struct {
	Line        int64
	Source      string
	SourceDate  string // year or date of the source; older never overwrites newer
	RowID       string
	HouseholdID string
	RegistryID  string
	KK          person.KK
	NIK         person.NIK
	RawNIK      string // given but no NIK; kept sealed
	Name        string
	Sex         person.Sex
	BirthPlace  string
	BirthDate   period.Date
	MotherName  string
	Relation    person.Relation
	Address     string
	RT, RW      string
	Area        area.Code
	VillageID   int64
	Phone       person.Phone
	// Answers are JSON documents of questionnaire items, "" when the row has none.
	Questionnaire string
	FamilyAnswers string
	PersonAnswers string

	ready
}

// ready is what Ready works out: everything that costs and needs no database.
type ready struct {
	id       sqldb.ID
	digest   int64
	nikHash  sqldb.Hash
	group    sqldb.Hash // of the No. KK, or of the source's own family number
	nik      []byte
	kk       []byte // of heads only: a family's number is written once
	mother   []byte
	phone    []byte
	nameNorm string
	tag      [TagSize]byte

	home *groupOf // the family of a new person, found as her chunk is written
}

// groupPurpose binds the hash of a family's number in its source.
const groupPurpose = seal.Purpose("group")

const rowPurpose = seal.Purpose("row")

// Ready seals and hashes a row; raw is the row's cells, for the digest by which the
// same row is known again.
func (s *Service) Ready(in *Incoming, raw []byte) {
	digest := s.keys.Blind(rowPurpose, raw)
	in.digest = int64(binary.BigEndian.Uint64(digest[:8]))
	in.id = sqldb.NewID()
	in.nikHash = s.NIKHash(in.NIK)
	in.group = s.groupHash(in)
	p := Person{NIK: in.NIK, RawNIK: in.RawNIK, NIKState: in.nikState()}
	in.nik = s.sealNIK(&p)
	if in.Relation == person.Head {
		in.kk = s.sealKK(in.KK)
	}
	in.mother = s.sealText(motherPurpose, in.MotherName)
	in.phone = s.sealText(phonePurpose, in.Phone.Plain())
	in.nameNorm = fold(in.Name)
	if !in.NIK.IsZero() && !in.KK.IsZero() {
		in.tag = s.CheckTag(in.NIK, in.KK.Last6())
	}
}

// sealedKK gives the sealed No. KK of a row that describes a family.
func (s *Service) sealedKK(in *Incoming) []byte {
	if in.kk == nil {
		return s.sealKK(in.KK)
	}
	return in.kk
}

func (in *Incoming) nikState() NIKState {
	switch {
	case in.RawNIK != "":
		return BadNIK
	case in.NIK.IsZero():
		return NoNIK
	default:
		return Holder
	}
}

// groupHash says which family a row belongs to: its No. KK, else the family's number
// in the source, else the row alone.
func (s *Service) groupHash(in *Incoming) sqldb.Hash {
	switch {
	case !in.KK.IsZero():
		return s.KKHash(in.KK)
	case in.RegistryID != "":
		return s.keys.Blind(groupPurpose, []byte(in.Source+"\x00r\x00"+in.RegistryID))
	case in.HouseholdID != "":
		return s.keys.Blind(groupPurpose, []byte(in.Source+"\x00h\x00"+in.HouseholdID))
	default:
		return s.keys.Blind(groupPurpose, []byte(in.Source+"\x00p\x00"+in.RowID))
	}
}

// RowKey gives a row that names no row_id one of its own: the same person in the same
// source gets the same key.
func (s *Service) RowKey(in *Incoming) string {
	text := in.Name + "\x00" + in.BirthDate.Text() + "\x00" + in.RawNIK
	if !in.NIK.IsZero() {
		text = in.NIK.Plain()
	}
	return "k" + sqldb.ID(s.keys.Blind(rowPurpose, []byte(in.Source+"\x00"+text))).String()
}
