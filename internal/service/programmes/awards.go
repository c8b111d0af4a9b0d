package programmes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
)

// Letters that are printed together: at most lettersAPart in a file, so that a file stays small and printing one does not
// hold the writer for long.
const lettersAPart = 100

// Part is a stretch of a village's recipients whose letters are one file.
type Part struct {
	From, To int64 // which of the village's recipients, from 1
	// After is the position behind which the stretch begins; zero for the first.
	After int64
}

// Village is a list in one village; of an annex also in a kecamatan or the district.
type Village struct {
	Tenant area.Tenant
	List   sqldb.ID
	Area   area.Code
}

// LetterParts tells in how many files the letters of a village's recipients come. It tells numbers alone, so it is no act. Errors:
// programme.no_list, programme.change_list when the list is not in force.
func (s *Service) LetterParts(ctx context.Context, who access.Actor, v Village) (out []Part, err error) {
	if err := who.Allow(access.IssueLetter, v.Tenant, v.Area); err != nil {
		return nil, err
	}
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		l, err := villageList(ctx, tx, v)
		if err != nil {
			return err
		}
		n, last := int64(0), int64(0)
		return sqldb.Each(ctx, tx, `
			SELECT position FROM enrolment
			WHERE kabkota = $1 AND programme = $2 AND state = 1 AND area_code = $3 AND list_id = $4 ORDER BY position`,
			[]any{int64(v.Tenant), string(l.Programme), int64(v.Area), v.List}, func(r sqldb.Row) error {
				if n%lettersAPart == 0 {
					out = append(out, Part{From: n + 1, After: last})
				}
				n++
				out[len(out)-1].To = n
				return r.Scan(&last)
			})
	})
	if err != nil {
		return nil, fmt.Errorf("count letters of a village: %w", err)
	}
	return out, nil
}

func villageList(ctx context.Context, q sqldb.Querier, v Village) (List, error) {
	l, err := listByID(ctx, q, v.Tenant, v.List)
	switch {
	case err != nil:
		return l, err
	case l.State != Frozen:
		return l, fail.Conflict("programme.change_list")
	case v.Area.Level() != area.LevelVillage:
		return l, fail.Invalid("programme.letters_village").On("area")
	}
	return l, nil
}

// Awards issues the letters of award of a part of a village's recipients, in the order of priority; those issued before
// are given again. One act holds them all. Errors: those of LetterParts, programme.no_letters when nobody follows.
func (s *Service) Awards(ctx context.Context, who access.Actor, v Village, after int64) (out []Award, err error) {
	err = s.Acts.Write(ctx, who, "programme.awards", func(tx *act.Tx) error {
		out = nil // the act may be tried again
		if err := tx.Allow(access.IssueLetter, v.Tenant, v.Area); err != nil {
			return err
		}
		l, err := villageList(ctx, tx, v)
		if err != nil {
			return err
		}
		places, err := sqldb.Collect(ctx, tx, `
			SELECT `+enrolmentColumns+` FROM enrolment
			WHERE kabkota = $1 AND programme = $2 AND state = 1 AND area_code = $3 AND position > $4 AND list_id = $5 ORDER BY position LIMIT $6`,
			[]any{int64(v.Tenant), string(l.Programme), int64(v.Area), after, v.List, int64(lettersAPart)}, scanEnrolment)
		if err != nil {
			return fmt.Errorf("read recipients: %w", err)
		}
		if len(places) == 0 {
			return fail.NotFound("programme.no_letters")
		}
		ids := sha256.New()
		for _, e := range places {
			story := Story{Enrolment: e}
			if err := s.tell(ctx, tx.Tx, &story); err != nil {
				return err
			}
			one, err := s.award(ctx, tx, story)
			if err != nil {
				return err
			}
			ids.Write(one.Letter.ID[:])
			out = append(out, one)
		}
		return tx.Record(ctx, audit.Entry{Tenant: v.Tenant, Area: v.Area, Subject: v.List, Facts: map[string]any{
			"letters": len(out), "ids": hex.EncodeToString(ids.Sum(nil)[:16]),
		}})
	})
	return out, err
}

// AnnexFacts are what the register keeps of a printed annex.
type AnnexFacts struct {
	List   sqldb.ID `json:"list"`
	Sealed bool     `json:"sealed"` // with full numbers
}

// Annex gives the entry of the register under which the printed annex of a list in force is checked: one for each place and
// copy, made when it is first printed. Errors: programme.no_list, programme.change_list when the list is not in force.
func (s *Service) Annex(ctx context.Context, who access.Actor, v Village, sealed bool) (out letters.Letter, err error) {
	err = s.Acts.Write(ctx, who, "programme.annex", func(tx *act.Tx) error {
		if err := tx.Allow(access.ExportData, v.Tenant, v.Area); err != nil {
			return err
		}
		l, err := listByID(ctx, tx, v.Tenant, v.List)
		if err != nil {
			return err
		}
		if l.State != Frozen {
			return fail.Conflict("programme.change_list")
		}
		if out, err = s.annexIn(ctx, tx, v, sealed); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: v.Tenant, Area: v.Area, Subject: v.List, Facts: map[string]any{"letter": out.ID.String(), "sealed": sealed}})
	})
	return out, err
}

func (s *Service) annexIn(ctx context.Context, tx *act.Tx, v Village, sealed bool) (letters.Letter, error) {
	facts := AnnexFacts{List: v.List, Sealed: sealed}
	held, err := s.Letters.OfSubjectIn(ctx, tx, v.Tenant, v.List, letters.Annex)
	if err != nil {
		return letters.Letter{}, err
	}
	for _, one := range held {
		var said AnnexFacts
		if err := one.Decode(&said); err != nil {
			return one, fmt.Errorf("read facts of annex: %w", err)
		}
		if said == facts && one.Area == v.Area {
			return one, nil
		}
	}
	return s.Letters.IssueIn(ctx, tx, letters.New{Tenant: v.Tenant, Kind: letters.Annex, Subject: v.List, Area: v.Area, Facts: facts})
}
