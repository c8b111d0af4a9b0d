// Package lookups answers who asks about one person: the public check, the desk where
// a KTP is shown, and the letters given there.
package lookups

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Benefit is what the public check tells of a programme: its key and the period of
// the list in force.
type Benefit struct{ Programme, Period string }

// Answer is the whole answer of the public check. Found is false for "not in the
// registry", "the numbers do not belong together" and "the NIK is contested" alike:
// nobody learns which.
type Answer struct {
	Found    bool
	Benefits []Benefit
}

// Checker answers the public check. It is safe for concurrent use.
type Checker struct {
	reg     *registry.Service
	find    *sqldb.Prepared
	clock   func() time.Time
	budgets *Budgets
	counts  *counts
}

// NewChecker makes a Checker on the database.
func NewChecker(ctx context.Context, db *sqldb.DB, reg *registry.Service, clock func() time.Time, limits Limits) (*Checker, error) {
	find, err := db.Prepare(ctx, `SELECT contested, check_tags, listed, programmes FROM nik_index WHERE nik_hash = $1`)
	if err != nil {
		return nil, fmt.Errorf("prepare public check: %w", err)
	}
	return &Checker{reg: reg, find: find, clock: clock, budgets: NewBudgets(limits), counts: &counts{}}, nil
}

// Last6 is the last six digits of a No. KK as a citizen types them.
type Last6 string

// ParseLast6 reads six digits, with blanks allowed between; check.last6 otherwise.
func ParseLast6(s string) (Last6, error) {
	s = strings.Join(strings.Fields(s), "")
	if len(s) != 6 || strings.Trim(s, "0123456789") != "" {
		return "", fail.Invalid("check.last6", "digits", len(s)).On("no_kk")
	}
	return Last6(s), nil
}

// Check answers whether the person with the NIK is in the registry, when the six
// digits end a No. KK held for her, an old one too. Both are asked in the same time
// whatever the answer. Errors: check.limited.
func (c *Checker) Check(ctx context.Context, nik person.NIK, last6 Last6) (Answer, error) {
	hash := c.reg.NIKHash(nik)
	tag := c.reg.CheckTag(nik, string(last6))
	now := c.clock()
	if err := c.budgets.Allow(hash, nik, now); err != nil {
		c.counts.add(now, "limited")
		return Answer{}, err
	}
	answer, err := c.answer(ctx, hash, tag)
	if err != nil {
		c.counts.add(now, "failed")
		return Answer{}, fmt.Errorf("public check: %w", err)
	}
	if answer.Found {
		c.counts.add(now, "found")
		return answer, nil
	}
	c.budgets.Miss(hash, nik, now)
	c.counts.add(now, "neutral")
	return answer, nil
}

func (c *Checker) answer(ctx context.Context, hash sqldb.Hash, tag [registry.TagSize]byte) (Answer, error) {
	var contested, listed int64
	var tags []byte
	var programmes string
	found, err := sqldb.Found(c.find.QueryRow(ctx, hash).Scan(&contested, &tags, &listed, &programmes))
	if err != nil || !found || contested == 1 || listed == 0 || !hasTag(tags, tag) {
		return Answer{}, err
	}
	return Answer{Found: true, Benefits: benefits(programmes)}, nil
}

// hasTag looks at every tag, so that the time does not tell which one fits.
func hasTag(tags []byte, tag [registry.TagSize]byte) bool {
	fits := byte(0)
	for i := 0; i+registry.TagSize <= len(tags); i += registry.TagSize {
		differ := byte(0)
		for j := range tag {
			differ |= tags[i+j] ^ tag[j]
		}
		if differ == 0 {
			fits = 1
		}
	}
	return fits == 1
}

// benefits reads "pkh 2024-10;sembako 2024-10".
func benefits(s string) []Benefit {
	var out []Benefit
	for part := range strings.SplitSeq(s, ";") {
		if programme, period, ok := strings.Cut(part, " "); ok {
			out = append(out, Benefit{programme, period})
		}
	}
	return out
}
