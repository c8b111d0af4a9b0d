package civil

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// File is the civil registry as a file that was imported.
type File struct {
	keys *seal.Keyring
	mode civilmatch.Mode
}

// NewFile answers from imported rows, telling no more than mode allows.
func NewFile(keys *seal.Keyring, mode civilmatch.Mode) File { return File{keys, mode} }

// Mode implements Registry.
func (f File) Mode() civilmatch.Mode { return f.mode }

// Local implements Registry.
func (f File) Local() bool { return true }

// Ask implements Registry.
func (f File) Ask(ctx context.Context, q sqldb.Querier, questions []Question) ([]civilmatch.Answer, error) {
	hashes := make([]sqldb.Hash, 0, len(questions))
	for _, one := range questions {
		if !one.Hash.IsZero() {
			hashes = append(hashes, one.Hash)
		}
	}
	found, err := f.read(ctx, q, hashes)
	if err != nil {
		return nil, fmt.Errorf("read civil records: %w", err)
	}
	answers := make([]civilmatch.Answer, len(questions))
	for i := range questions {
		one, ok := found[questions[i].Hash]
		if !ok {
			answers[i] = civilmatch.Answer{Outcome: civilmatch.NotFound, Mode: f.mode}
			continue
		}
		answers[i] = narrowed(one, f.mode, &questions[i].Record)
	}
	return answers, nil
}

// narrowed gives of a full answer what the mode allows.
func narrowed(full civilmatch.Answer, mode civilmatch.Mode, ours *civilmatch.Record) civilmatch.Answer {
	if mode == civilmatch.FullValues {
		return full
	}
	if full.Outcome != civilmatch.Found {
		return civilmatch.Answer{Outcome: full.Outcome, Mode: mode}
	}
	r := civilmatch.Compare(civilmatch.DukcapilRules(), ours, &full)
	asked := strictFields &^ r.Unchecked
	return reduced(civilmatch.Answer{Outcome: full.Outcome, Mode: mode, State: full.State, Asked: asked, Same: asked &^ r.Differs}, mode)
}

// reduced takes from an answer without values what "found or not found" does not tell.
// That a NIK itself is in doubt it does tell; what happened to its holder it does not.
func reduced(a civilmatch.Answer, mode civilmatch.Mode) civilmatch.Answer {
	if mode != civilmatch.FoundOnly {
		return a
	}
	a.Mode, a.Asked, a.Same = mode, 0, 0
	if a.State != civilmatch.IsAnomalous && a.State != civilmatch.IsDouble {
		a.State = civilmatch.Alive
	}
	return a
}

const fileChunk = 400

func (f File) read(ctx context.Context, q sqldb.Querier, hashes []sqldb.Hash) (map[sqldb.Hash]civilmatch.Answer, error) {
	out := make(map[sqldb.Hash]civilmatch.Answer, len(hashes))
	for some := range slices.Chunk(hashes, fileChunk) {
		a := sqldb.NewArgs(q)
		query := `SELECT nik_hash, no_kk, name, sex, birth_place, birth_date, mother_name, area_code, status FROM civil_record WHERE nik_hash IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			hash, answer, err := f.scan(r)
			out[hash] = answer
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f File) scan(r sqldb.Row) (hash sqldb.Hash, a civilmatch.Answer, err error) {
	var kk, mother []byte
	var name, birth string
	var sex, areaCode, status int64
	c := civilmatch.CivilRecord{}
	if err = r.Scan(&hash, &kk, &name, &sex, &c.BirthPlace, &birth, &mother, &areaCode, &status); err != nil {
		return
	}
	c.Name, c.Sex, c.Village = person.Name(name), person.Sex(sex), area.Code(areaCode)
	if birth != "" {
		if c.BirthDate, err = period.ParseDate(birth); err != nil {
			return
		}
	}
	if len(kk) > 0 {
		if c.KK, err = opened(f.keys, seal.KK, kk, person.ParseKK); err != nil {
			return
		}
	}
	if len(mother) > 0 {
		var plain []byte
		if plain, err = f.keys.Open(seal.Mother, mother); err != nil {
			return
		}
		c.MotherName = person.Name(plain)
	}
	a = civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, State: civilmatch.State(status), Civil: c}
	return
}

// LoadIn keeps ready rows of a civil file; a newer row of a NIK replaces the older.
func (s *Service) LoadIn(ctx context.Context, tx *act.Tx, rows []CivilRow) (int64, error) {
	newest := make(map[sqldb.Hash]*CivilRow, len(rows))
	for i := range rows {
		if held := newest[rows[i].hash]; held == nil || held.AsOf <= rows[i].AsOf {
			newest[rows[i].hash] = &rows[i]
		}
	}
	kept := slices.Collect(maps.Values(newest))
	slices.SortFunc(kept, func(a, b *CivilRow) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	in := sqldb.Insert{
		Table: "civil_record",
		Columns: []string{"nik_hash", "kabkota", "nik", "kk_hash", "no_kk", "name", "name_norm", "sex", "birth_place", "birth_date", "mother_name",
			"relation", "area_code", "status", "as_of", "recorded_at"},
		OnConflict: `(nik_hash) DO UPDATE SET kabkota = excluded.kabkota, kk_hash = excluded.kk_hash, no_kk = excluded.no_kk, name = excluded.name,
			name_norm = excluded.name_norm, sex = excluded.sex, birth_place = excluded.birth_place, birth_date = excluded.birth_date,
			mother_name = excluded.mother_name, relation = excluded.relation, area_code = excluded.area_code, status = excluded.status,
			as_of = excluded.as_of, recorded_at = excluded.recorded_at
			WHERE civil_record.as_of <= excluded.as_of`,
	}
	now := tx.Micros()
	return tx.BulkCells(ctx, in, len(kept), func(i int, v *sqldb.Cells) {
		r := kept[i]
		v.ID(r.hash)
		v.Int(int64(r.Tenant))
		v.Bytes(r.nik)
		v.ID(r.kkHash)
		v.Bytes(r.kk)
		v.Text(r.Name)
		v.Text(r.norm)
		v.Int(int64(r.Sex))
		v.Text(r.BirthPlace)
		v.Text(r.BirthDate.Text())
		v.Bytes(r.mother)
		v.Int(int64(r.Relation))
		v.Int(int64(r.Area))
		v.Int(int64(r.Status))
		v.Text(r.AsOf)
		v.Int(now)
	})
}
