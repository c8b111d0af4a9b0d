package assessments

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Case is an active family as scores and programmes judge it: its rank, its active members,
// and the facts of its last interview.
type Case struct {
	ID    sqldb.ID
	Area  area.Code
	Since period.Date // in the registry since
	Rank  registry.Rank
	// Score is the estimate the rank rests on; nil when it rests on none.
	Score   *float64
	Members []Member
	// Facts are those of the family; all unknown when nobody was asked.
	Facts questionnaire.Facts
}

// Member is an active person of a case.
type Member struct {
	ID       sqldb.ID
	Born     period.Date // may be partial
	Sex      person.Sex
	Relation person.Relation
	NIK      registry.NIKState
	Match    civilmatch.Status
	Facts    questionnaire.Facts
	// Asked is when her answers were collected, as dates are written; empty when she was not asked.
	Asked string
}

// Here reports whether the member counts: she lives by the civil registry, and the last
// interview did not find her dead or gone.
func (m *Member) Here() bool {
	present, asked := m.Facts.Value("present").Bool()
	return m.Match != civilmatch.Dead && (present || !asked)
}

// Selection says which cases are read.
type Selection struct {
	Tenant area.Tenant
	Area   area.Code // Nation for the whole tenant
	// Family narrows to one family.
	Family sqldb.ID
	// Want chooses families by what their own row says; nil takes all.
	Want func(*Case) bool
	// Facts says whose answers are read; facts of the others are unknown.
	Facts Reading
	// Workers is how many cores derive facts; below one means one.
	Workers int
}

// Reading says which answers are read.
type Reading uint8

// The readings, from all answers to none.
const (
	AllFacts Reading = iota
	MemberFacts
	NoFacts
)

// pageFamilies is how many families are read at a time.
const pageFamilies = 2000

// Cases reads active families in the order of their ids from one transaction, judges them on
// several cores, and hands what was made of them to keep in order, page by page. The case
// belongs to judge only while it runs.
func Cases[R any](ctx context.Context, s *Service, tx *sqldb.Tx, of Selection, judge func(*Case) R, keep func([]R) error) error {
	var failed error
	pages := s.pages(ctx, tx, of, &failed)
	type result struct {
		made []R
		err  error
	}
	err := parallel.ChunksWith(of.Workers, newRoom, pages, func(r *room, list []rawCase) (out result) {
		out.made = make([]R, len(list))
		for i := range list {
			c, err := s.derive(r, &list[i])
			if err != nil {
				out.err = err
				return out
			}
			out.made[i] = judge(c)
		}
		return out
	}, func(out result) error {
		if out.err != nil {
			return out.err
		}
		return keep(out.made)
	})
	if failed != nil {
		return failed
	}
	return err
}

// rawCase is a family as it was read, its answers still as text.
type rawCase struct {
	Case
	answers   rawAnswers
	documents []rawAnswers // of the members, in their order
}

type rawAnswers struct{ version, document string }

// pages reads page after page until there is none, or an error, which it leaves in failed.
func (s *Service) pages(ctx context.Context, tx *sqldb.Tx, of Selection, failed *error) iter.Seq[[]rawCase] {
	return func(yield func([]rawCase) bool) {
		after := sqldb.ID{15: 1}
		for more := true; more; {
			var page []rawCase
			var err error
			if page, more, err = readPage(ctx, tx, of, &after); err != nil {
				*failed = fmt.Errorf("read families: %w", err)
				return
			}
			if len(page) > 0 && !yield(page) {
				return
			}
		}
	}
}

// readPage reads the wanted families of the next page with everything that belongs to them.
func readPage(ctx context.Context, tx *sqldb.Tx, of Selection, after *sqldb.ID) (page []rawCase, more bool, err error) {
	if page, err = readFamilies(ctx, tx, of, *after); err != nil || len(page) == 0 {
		return nil, false, err
	}
	more = len(page) == pageFamilies
	first := page[0].ID
	*after = page[len(page)-1].ID
	all := len(page)
	if of.Want != nil {
		page = slices.DeleteFunc(page, func(r rawCase) bool { return !of.Want(&r.Case) })
	}
	if len(page) == 0 {
		return nil, more, nil
	}
	within := span{first: first, last: *after}
	if len(page) < all/2 {
		for i := range page {
			within.ids = append(within.ids, page[i].ID)
		}
	}
	if err = readMembers(ctx, tx, of, within, page); err != nil {
		return nil, false, fmt.Errorf("read members: %w", err)
	}
	if of.Facts == AllFacts {
		if err = readFamilyAnswers(ctx, tx, of, within, page); err != nil {
			return nil, false, fmt.Errorf("read answers: %w", err)
		}
	}
	for i := range page {
		page[i].sort()
	}
	return page, more, nil
}

// sort puts the members in one order whatever the engine gave: the head first, then by
// relation, birth and id.
func (r *rawCase) sort() {
	order := make([]int, len(r.Members))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &r.Members[a], &r.Members[b]
		return cmp.Or(cmp.Compare(x.Relation, y.Relation), x.Born.Compare(y.Born), slices.Compare(x.ID[:], y.ID[:]))
	})
	members, documents := make([]Member, len(order)), make([]rawAnswers, len(order))
	for i, from := range order {
		members[i], documents[i] = r.Members[from], r.documents[from]
	}
	r.Members, r.documents = members, documents
}

// room is what a worker derives facts in.
type room struct {
	family  questionnaire.Answers
	members []questionnaire.Answers
}

func newRoom() *room { return &room{family: questionnaire.Answers{}} }

// derive turns the answers of a case into facts. Forms of different versions are read each in
// its own: codes of two versions are never mixed.
func (s *Service) derive(r *room, raw *rawCase) (*Case, error) {
	c := &raw.Case
	for len(r.members) < len(c.Members) {
		r.members = append(r.members, questionnaire.Answers{})
	}
	versions := raw.versions()
	for _, version := range versions {
		clear(r.family)
		own := raw.answers.version == version
		if own {
			if err := s.keys.read(raw.answers.document, r.family); err != nil {
				return nil, err
			}
		}
		members := r.members[:len(c.Members)]
		for i, a := range members {
			clear(a)
			if raw.documents[i].version == version {
				if err := s.keys.read(raw.documents[i].document, a); err != nil {
					return nil, err
				}
			}
		}
		facts, err := s.forms.Derive(version, r.family, members)
		if err != nil {
			return nil, fmt.Errorf("derive facts: %w", err)
		}
		if own || len(versions) == 1 {
			c.Facts = facts.Family
		}
		for i := range c.Members {
			if raw.documents[i].version == version {
				c.Members[i].Facts = facts.Members[i]
			}
		}
	}
	return c, nil
}

// versions gives the questionnaires the answers of a case were given in, each once.
func (r *rawCase) versions() []string {
	var room [2]string
	out := room[:0]
	add := func(version string) {
		if version != "" && !slices.Contains(out, version) {
			out = append(out, version)
		}
	}
	add(r.answers.version)
	for i := range r.documents {
		add(r.documents[i].version)
	}
	return out
}
