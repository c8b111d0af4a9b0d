package programmes

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// place is where a run stands: a phase, the list it is about where that is another one, the row behind
// which it goes on, and how many rows it has done.
type place struct {
	phase string
	list  sqldb.ID
	after sqldb.ID
	at    int
}

func (p place) text() string {
	return p.phase + "/" + p.list.String() + "/" + p.after.String() + "/" + strconv.Itoa(p.at)
}

// readPlace reads what text wrote; the empty cursor is the beginning of the first phase.
func readPlace(cursor, first string) (p place, err error) {
	if cursor == "" {
		return place{phase: first}, nil
	}
	parts := strings.Split(cursor, "/")
	if len(parts) != 4 {
		return p, fmt.Errorf("read cursor %q", cursor)
	}
	p.phase = parts[0]
	if err = p.list.UnmarshalText([]byte(parts[1])); err == nil {
		err = p.after.UnmarshalText([]byte(parts[2]))
	}
	if err == nil {
		p.at, err = strconv.Atoi(parts[3])
	}
	if err != nil {
		return p, fmt.Errorf("read cursor %q: %w", cursor, err)
	}
	return p, nil
}

// over is the cursor of a run that has nothing more to do.
const over = "end///0"

func compare(a, b sqldb.ID) int { return bytes.Compare(a[:], b[:]) }

// page is some rows of a list, in the order in which they were written: that of families, so that a
// chunk touches neighbouring pages of the database. Rows that other runs wrote meanwhile lie between.
type page struct {
	rows []placed
	last sqldb.ID // the last row read, of this list or another
	more bool
}

// placed is a row as the runs move it.
type placed struct {
	holder
	state State
}

// holder is who holds a place.
type holder struct{ enrolment, family, person sqldb.ID }

// skew is more than the clocks of two machines that work for one database ever differ, in milliseconds.
const skew = 60_000

// behind gives the row behind which a list goes on: the one a cursor names, or at its beginning an id
// somewhat older than the list's own, since ids sort by the time they were made.
func behind(l List, after sqldb.ID) sqldb.ID {
	if !after.IsZero() {
		return after
	}
	var out, stamp sqldb.ID
	copy(stamp[2:8], l.ID[:6])
	binary.BigEndian.PutUint64(stamp[:8], binary.BigEndian.Uint64(stamp[:8])-skew)
	copy(out[:6], stamp[2:8])
	return out
}

// pageOf reads rows of a list behind one; the zero ID is its beginning. It passes over stretches that
// other lists wrote.
func (s *Service) pageOf(ctx context.Context, l List, after sqldb.ID, limit int) (page, error) {
	out := page{last: behind(l, after), more: true}
	for out.more && len(out.rows) == 0 {
		read := 0
		err := sqldb.Each(ctx, s.Acts.DB().Direct(), `
			SELECT id, list_id, family_id, person_id, state FROM enrolment
			WHERE kabkota = $1 AND id > $2
			ORDER BY id LIMIT $3`, []any{int64(l.Tenant), out.last, int64(limit)}, func(r sqldb.Row) error {
			var p placed
			var list sqldb.ID
			err := r.Scan(&p.enrolment, &list, &p.family, &p.person, &p.state)
			read++
			out.last = p.enrolment
			if list == l.ID {
				out.rows = append(out.rows, p)
			}
			return err
		})
		if err != nil {
			return out, fmt.Errorf("read rows of a list: %w", err)
		}
		out.more = read == limit
	}
	return out, nil
}

// removal is the chunk that takes away the next rows of a draft; its figures say what was taken away.
func (s *Service) removal(ctx context.Context, l List, p place) (chunk runs.Chunk, more bool, err error) {
	some, err := s.pageOf(ctx, l, p.after, s.chunk)
	if err != nil {
		return chunk, false, err
	}
	chunk.Next = place{phase: p.phase, list: p.list, after: some.last, at: p.at + len(some.rows)}.text()
	from := behind(l, p.after)
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		n, err := deleteDrafted(ctx, tx, l, from, some.last)
		return runs.Tally{"cleared": n}, err
	}
	return chunk, some.more, nil
}
