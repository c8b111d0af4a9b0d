package cli

import (
	"fmt"
	"io"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
	"tepat/internal/service/registry"
)

// Rank ranks families without an official decile: all of them by a scoring, or one at once.
type Rank struct {
	Score
	Family  string `placeholder:"ID" help:"Rank this family alone, at once, after its answers changed; its id, as at the end of its page's address."`
	Changed bool   `help:"Rank at once every family whose answers changed since the last estimate; a serving installation does so by itself."`
}

// Help gives an example.
func (Rank) Help() string {
	return "Example: tepat rank --as analis, or tepat rank --as analis --family 8171-0192f0c5-…, or tepat rank --as analis --changed\n" +
		"Without --family it is tepat score: everybody is ranked anew and a second person approves. An official decile is never touched."
}

// Run ranks.
func (r Rank) Run(c *Call) error {
	if r.Changed {
		return r.changed(c)
	}
	if r.Family == "" {
		return r.Score.Run(c)
	}
	return c.with(func(h *House, who access.Actor) error {
		tenant, at, err := r.of(h)
		if err != nil {
			return err
		}
		id, err := familyID(r.Family)
		if err != nil {
			return err
		}
		out, err := h.Assessments.RankAnew(c, who, tenant, id, h.Places.LocalDate(at, h.Acts.Now()))
		if err != nil {
			return err
		}
		c.printRanked(out)
		return nil
	})
}

// familyID reads an id with or without the district before it.
func familyID(text string) (sqldb.ID, error) {
	if _, rest, ok := strings.Cut(text, "-"); ok && len(rest) == len("0192f0c5-0000-7000-8000-000000000000") {
		text = rest
	}
	return idOf(text, "--family")
}

// rankView is one family's move.
type rankView struct {
	Family  string   `json:"family"`
	Changed bool     `json:"changed"`
	Before  int64    `json:"before"` // 0 is unranked
	After   int64    `json:"after"`
	Vintage string   `json:"vintage,omitempty"`
	Score   *float64 `json:"score,omitempty"`
}

func (c *Call) printRanked(out assessments.Reranked) {
	v := rankView{out.Family.String(), out.Changed, out.Before.Decile, out.After.Decile, out.After.Vintage, out.Score}
	c.result(v, func(w io.Writer) {
		word := func(r registry.Rank) string {
			if r.Decile == 0 {
				return c.say.Text("cli.unranked")
			}
			return c.say.Text("cli.decile", "decile", r.Decile, "vintage", r.Vintage)
		}
		fmt.Fprintf(w, "%s > %s\n", word(out.Before), word(out.After))
	})
}

// changedView is what ranking everybody with new answers did.
type changedView struct {
	Looked  int `json:"looked"`
	Changed int `json:"changed"`
}

// changed ranks until nobody waits.
func (r Rank) changed(c *Call) error {
	if r.Family != "" {
		return fail.Invalid("cli.rank_both").On("--changed")
	}
	return c.with(func(h *House, who access.Actor) error {
		tenant, at, err := r.of(h)
		if err != nil {
			return err
		}
		var v changedView
		for {
			some, err := h.Assessments.RankChanged(c, who, tenant, at, h.Places.LocalDate(at, h.Acts.Now()))
			if err != nil {
				return err
			}
			v.Looked, v.Changed = v.Looked+some.Looked, v.Changed+some.Changed
			if some.Looked == 0 {
				break
			}
		}
		c.result(v, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.rank_changed", "looked", v.Looked, "changed", v.Changed))
		})
		return nil
	})
}
