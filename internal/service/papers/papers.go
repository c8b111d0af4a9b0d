// Package papers keeps the files people give to a case: photos of a KTP or KK, of a house, a scanned letter. Content is
// sealed, kept once however often it is given, and erased when its time is over; that it was there stays on record.
//
// Who may see or change a paper is decided by its case: that of a proposal by the proposal, that of a complaint by the
// complaint, that of an objection to a finding by the finding. A paper of a form that is not sent yet belongs to who may file in its village, as the form does.
package papers

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// CaseKind is what a paper belongs to.
type CaseKind string

// The kinds of cases.
const (
	OfProposal  CaseKind = "proposal"
	OfGrievance CaseKind = "grievance" // an objection or a complaint
	OfFinding   CaseKind = "finding"   // an objection to a finding of the screening
)

// What says what paper it is; its words are papers.what.<what>.
type What string

// The papers that are asked for.
const (
	KTP   What = "ktp"
	KK    What = "kk"
	House What = "rumah"
	Other What = "lain"
)

// Whats lists the papers in the order in which they are asked for.
func Whats() []What { return []What{KTP, KK, House, Other} }

// Valid reports whether it is one of Whats.
func (w What) Valid() bool { return w == KTP || w == KK || w == House || w == Other }

// What a case may hold.
const (
	// Largest is the most bytes of one file: a page scanned in colour, or a photo of a phone, has room.
	Largest = 5 << 20
	// Most is how many papers one case may have.
	Most = 20
)

const (
	contentPurpose = seal.Purpose("paper")
	digestPurpose  = seal.Purpose("paper digest")
	// partSize keeps a row small: what copies, seals again or backs up rows holds many of them at once.
	partSize = 32 << 10
)

// Paper is one file, without its content.
type Paper struct {
	Tenant  area.Tenant
	ID      sqldb.ID
	Kind    CaseKind
	Case    sqldb.ID
	Filed   bool
	What    What
	Format  Format
	Size    int64 // bytes
	AddedBy sqldb.ID
	AddedAt time.Time

	area    area.Code
	digest  sqldb.Hash
	removed bool
}

// Parts are what the service is made of.
type Parts struct {
	Acts      *act.Acts
	Keys      *seal.Keyring
	Places    *areas.Service
	Home      installation.Installation
	Deadlines proposal.Deadlines
	Calendar  period.Calendar
}

// Service keeps papers.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// To names the case a paper is given to: the area counts while the case is a form that is not sent yet.
type To struct {
	Tenant area.Tenant
	Kind   CaseKind
	Case   sqldb.ID
	Area   area.Code
}

// Add takes a file in. The same content given twice to a case as the same paper is one paper. Errors: papers.what,
// papers.empty, papers.too_large (fact megabytes), papers.format, papers.broken, papers.too_many (fact most),
// papers.closed when the case is over.
func (s *Service) Add(ctx context.Context, who access.Actor, to To, what What, content []byte) (p Paper, err error) {
	content, format, err := check(what, content)
	if err != nil {
		return p, err
	}
	digest, sealed := s.digest(content), s.sealed(content)
	err = s.Acts.Write(ctx, who, "paper.add", func(tx *act.Tx) error {
		c, err := s.changeable(ctx, tx, to)
		if err != nil {
			return err
		}
		p = Paper{Tenant: to.Tenant, ID: tx.NewID(), Kind: to.Kind, Case: to.Case, Filed: c.filed, What: what, Format: format, Size: int64(len(content)),
			AddedBy: sqldb.ID(who.ID), AddedAt: tx.Now, area: c.area, digest: digest}
		kept, repeated, err := keepIn(ctx, tx, p, sealed)
		if err != nil {
			return err
		}
		p = kept
		return tx.Record(ctx, c.entry(p, repeatedFacts(repeated)))
	})
	return p, err
}

// keepIn keeps a paper with its content, unless its case has it already: then the one it has is given, and repeated is
// true. Error: papers.too_many.
func keepIn(ctx context.Context, tx *act.Tx, p Paper, sealed [][]byte) (kept Paper, repeated bool, err error) {
	held, err := papersOf(ctx, tx, []area.Tenant{p.Tenant}, p.Case)
	if err != nil {
		return p, false, err
	}
	for _, one := range held {
		if one.digest == p.digest && one.What == p.What {
			return one, true, nil
		}
	}
	if len(held) >= Most {
		return p, false, fail.Invalid("papers.too_many", "most", Most)
	}
	if err := insertParts(ctx, tx, p, sealed); err != nil {
		return p, false, err
	}
	return p, false, insertPaper(ctx, tx, p)
}

func repeatedFacts(repeated bool) map[string]any {
	if !repeated {
		return nil
	}
	return map[string]any{"repeated": true}
}

// sealed cuts a content into pieces and seals each.
func (s *Service) sealed(content []byte) (out [][]byte) {
	for at := 0; at < len(content); at += partSize {
		out = append(out, s.Keys.Seal(nil, contentPurpose, content[at:min(at+partSize, len(content))]))
	}
	return out
}

// check tells what a file is, and takes out of a picture what is not the picture.
func check(what What, content []byte) (cleaned []byte, f Format, err error) {
	switch {
	case !what.Valid():
		return nil, "", fail.Invalid("papers.what")
	case len(content) == 0:
		return nil, "", fail.Invalid("papers.empty")
	case len(content) > Largest:
		return nil, "", fail.Invalid("papers.too_large", "megabytes", Largest>>20)
	}
	if f, err = Recognise(content); err != nil {
		return nil, "", err
	}
	cleaned, err = Clean(f, content)
	return cleaned, f, err
}

// Open gives a paper with its content. It is recorded under its case, with the purpose. Errors: papers.unknown,
// papers.damaged when what is kept is not what was given.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (p Paper, content []byte, err error) {
	err = s.Acts.View(ctx, who, "paper.open", purpose, func(tx *act.Tx) error {
		if p, err = paperByID(ctx, tx, tenant, id); err != nil {
			return err
		}
		c, err := s.readable(ctx, tx, p)
		if err != nil {
			return err
		}
		if content, err = s.contentIn(ctx, tx, p); err != nil {
			return err
		}
		return tx.Record(ctx, c.entry(p, nil))
	})
	return p, content, err
}

// List gives the papers of a case, oldest first. It tells which papers there are and nothing that is in them, so it is no
// act; the right to read the case is asked.
func (s *Service) List(ctx context.Context, who access.Actor, to To) (out []Paper, err error) {
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		c, err := s.caseIn(ctx, tx, to)
		if err != nil {
			return err
		}
		for _, permission := range c.read() {
			if err = who.Allow(permission, to.Tenant, c.area); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
		out, err = papersOf(ctx, tx, s.held(to.Tenant, c), to.Case)
		return err
	})
	return out, err
}

// Remove takes a paper out that does not belong there, while its case is open: its content is erased, unless another case
// has the same. Errors: papers.unknown, papers.closed.
func (s *Service) Remove(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) error {
	return s.Acts.Write(ctx, who, "paper.remove", func(tx *act.Tx) error {
		p, err := paperByID(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		c, err := s.changeable(ctx, tx, To{tenant, p.Kind, p.Case, p.area})
		if err != nil {
			return err
		}
		if err := erase(ctx, tx, p, takenOut); err != nil {
			return err
		}
		return tx.Record(ctx, c.entry(p, nil))
	})
}

// digest gives the keyed hash a content is found by: without the keys nobody can tell whether a file is kept here.
func (s *Service) digest(content []byte) sqldb.Hash { return s.Keys.Blind(digestPurpose, content) }

func (s *Service) contentIn(ctx context.Context, q sqldb.Querier, p Paper) ([]byte, error) {
	parts, err := partsOf(ctx, q, p.Tenant, p.digest)
	if err != nil {
		return nil, fmt.Errorf("read paper: %w", err)
	}
	content := make([]byte, 0, p.Size)
	for _, sealed := range parts {
		if content, err = s.Keys.OpenTo(content, contentPurpose, sealed); err != nil {
			return nil, fmt.Errorf("open paper: %w", err)
		}
	}
	if int64(len(content)) != p.Size || s.digest(content) != p.digest {
		return nil, fail.Conflict("papers.damaged")
	}
	return content, nil
}

func (c found) entry(p Paper, facts map[string]any) audit.Entry {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["paper"], facts["what"], facts["format"], facts["bytes"] = p.ID.String(), string(p.What), string(p.Format), p.Size
	return audit.Entry{Tenant: p.Tenant, Area: c.area, Subject: p.Case, Facts: facts}
}
