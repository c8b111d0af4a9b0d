package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// fieldsOf are the titles of a person's values, in the order of a row of People. They are titles the model of
// Indonesian identity knows.
var fieldsOf = []string{"id", "nik", "no_kk", "nama", "tanggal_lahir", "jenis_kelamin", "nama_ibu", "tempat_lahir", "kode_wilayah", "alamat", "telepon", "hubungan_keluarga", "sumber_data", "tanggal_pendataan"}

// Header gives the titles of a person's values, as they stand in every table of people the engine is given.
func Header() []string { return append([]string(nil), fieldsOf...) }

const between = 0x1f // no value holds it: the registry keeps no control characters

// People is a table of persons for the engine of domain/linkage: their values as text, one after the other, in
// blocks of memory that do not move. It holds opened numbers and names: Wipe it when it has been used.
type People struct {
	blocks [][]byte
	starts []uint64 // of each row: the block and the place in it
}

var _ linkage.Source = (*People)(nil)

const blockSize = 1 << 22

// Header gives the titles.
func (*People) Header() []string { return fieldsOf }

// Rows gives how many persons there are.
func (p *People) Rows() int { return len(p.starts) }

// Fields gives the values of a person, in the order of the header.
func (p *People) Fields(row int, into [][]byte) [][]byte {
	at := p.starts[row]
	rest := p.blocks[at>>32][uint32(at):]
	into = into[:0]
	for range fieldsOf {
		end := bytes.IndexByte(rest, between)
		into = append(into, rest[:end:end])
		rest = rest[end+1:]
	}
	return into
}

// Add adds a person.
func (p *People) Add(values [][]byte) {
	size := 0
	for _, v := range values {
		size += len(v) + 1
	}
	if len(p.blocks) == 0 || len(p.blocks[len(p.blocks)-1])+size > cap(p.blocks[len(p.blocks)-1]) {
		p.blocks = append(p.blocks, make([]byte, 0, max(blockSize, size)))
	}
	last := len(p.blocks) - 1
	b := p.blocks[last]
	p.starts = append(p.starts, uint64(last)<<32|uint64(len(b)))
	for _, v := range values {
		for _, c := range v {
			if c == between {
				c = ' '
			}
			b = append(b, c)
		}
		b = append(b, between)
	}
	p.blocks[last] = b
}

// Wipe overwrites the values and forgets them.
func (p *People) Wipe() {
	for _, b := range p.blocks {
		clear(b[:cap(b)])
	}
	*p = People{}
}

// Who names a person of the registry.
type Who struct {
	Tenant area.Tenant
	ID     sqldb.ID
}

// appendKey writes who she is as the id of a row.
func (w Who) appendKey(b []byte) []byte {
	var raw [20]byte
	binary.BigEndian.PutUint32(raw[:], uint32(w.Tenant))
	copy(raw[4:], w.ID[:])
	return base64.RawURLEncoding.AppendEncode(b, raw[:])
}

var errKey = errors.New("identity: no id of a person")

// whoOf reads the id of a row.
func whoOf(key []byte) (w Who, err error) {
	var raw [20]byte
	if n, err := base64.RawURLEncoding.Decode(raw[:], key); err != nil || n != len(raw) || len(key) != base64.RawURLEncoding.EncodedLen(len(raw)) {
		return w, errKey
	}
	w.Tenant = area.Tenant(binary.BigEndian.Uint32(raw[:]))
	copy(w.ID[:], raw[4:])
	return w, nil
}

// row is a person as she is read, her numbers still sealed.
type row struct {
	Who
	state                   registry.State
	recorded                int64
	area                    area.Code
	sex                     person.Sex
	relation                person.Relation
	name, birth, birthPlace string
	address                 string
	source, sourceDate      string // the list she stands as, and its date
	nik, kk, mother, phone  []byte
	plain                   [4][]byte // of nik, kk, mother and phone
	nikState                registry.NIKState
	entity, claim           uint64 // as in Person
}

// personColumns are read from person p and family f, whose tables belong to registry: an index over everybody reads
// them by the thousand.
const personColumns = `p.kabkota, p.id, p.state, p.recorded_at, p.area_code, p.sex, p.name, p.birth_date, p.birth_place, f.address, p.nik, f.no_kk, p.mother_name, p.phone,
	p.nik_hash, p.match_status, p.nik_state, p.relation, p.source, p.source_date`

func scanRow(r sqldb.Row) (out row, err error) {
	var tenant, at, sex, match, relation int64
	var hash sqldb.Hash
	err = r.Scan(&tenant, &out.ID, &out.state, &out.recorded, &at, &sex, &out.name, &out.birth, &out.birthPlace, &out.address, &out.nik, &out.kk, &out.mother, &out.phone,
		&hash, &match, &out.nikState, &relation, &out.source, &out.sourceDate)
	out.Tenant, out.area, out.sex, out.relation = area.Tenant(tenant), area.Code(at), person.Sex(sex), person.Relation(relation)
	if !hash.IsZero() {
		out.claim = binary.BigEndian.Uint64(hash[:8])
		if civilmatch.Status(match) == civilmatch.Matched {
			out.entity = out.claim
		}
	}
	return out, err
}

// open opens the numbers of a person.
func (r *row) open(keys *seal.Keyring) error {
	for i, of := range [4]struct {
		purpose seal.Purpose
		sealed  []byte
	}{{seal.NIK, r.nik}, {seal.KK, r.kk}, {seal.Mother, r.mother}, {seal.Phone, r.phone}} {
		if len(of.sealed) == 0 {
			continue
		}
		plain, err := keys.Open(of.purpose, of.sealed)
		if err != nil {
			return fmt.Errorf("open person %s: %w", r.ID, err)
		}
		r.plain[i] = plain
	}
	return nil
}

// values gives her values in the order of the header, in the room of into.
func (r *row) values(into [][]byte) [][]byte {
	return append(into[:0], r.appendKey(nil), r.plain[0], r.plain[1], []byte(r.name), []byte(r.birth), sexOf(r.sex), r.plain[2], []byte(r.birthPlace),
		[]byte(r.area.Dotted()), []byte(r.address), r.plain[3], []byte(r.relation.String()), []byte(r.source), []byte(r.sourceDate))
}

// forget overwrites the numbers that were opened.
func (r *row) forget() {
	for _, plain := range r.plain {
		clear(plain)
	}
}

func sexOf(s person.Sex) []byte {
	if s == person.UnknownSex {
		return nil
	}
	return []byte(s.String())
}
