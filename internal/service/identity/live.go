package identity

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/parallel"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Found is two persons of the registry who may be one, found when one of them was written or changed.
type Found struct {
	Left, Right Who
	Fall        linkage.Waterfall // without values
}

// live is an index in use, with what it has seen.
type live struct {
	index   *linkage.Index
	finders sync.Pool
	built   time.Time

	missing atomic.Int64          // how many persons are known not to be in it yet
	stands  atomic.Pointer[marks] // the last change seen, for who only asks for that

	catching sync.Mutex // held by who brings it up to date
	marks    marks
	floor    sqldb.ID     // an id well before the first act that is not in it
	asked    standing     // up to where everybody written or changed was asked about, or noted to be
	touched  map[Who]bool // people written, changed or taken out, until the log has followed them; true where they stand or stood with others
	raised   map[Who]bool // people of whom a pair weighs more since somebody of their card was, until they are asked about
	first    bool         // those there before it are still to be noted, see head.Unsearched
	logged   bool         // the log has the groups of the index as it was built
	bar      float64      // of linking, in bits
}

// newLive makes an index ready for use. Its file, nil when it is in memory alone, is given back when nobody uses it any
// more: another may have taken its place while somebody was asking.
func newLive(index *linkage.Index, file *mapped.File, h head, bar float64) *live {
	l := &live{index: index, marks: h.Marks, floor: h.Floor, asked: h.asked(), built: h.Built, touched: map[Who]bool{}, raised: map[Who]bool{}, first: h.Unsearched, logged: h.Logged, bar: bar}
	seen := maps.Clone(h.Marks)
	l.stands.Store(&seen)
	l.finders.New = func() any { return index.Finder() }
	if file != nil {
		runtime.AddCleanup(l, func(f *mapped.File) { _ = f.Close() }, file)
	}
	return l
}

// askedAtOnce is how many a worker asks for at a time.
const askedAtOnce = 64

// mostAlong is how many others of a card come along with one asked for: more than any model holds for a household.
const mostAlong = 32

// alikes asks for the persons who may be those asked for, on several cores where they are many. Those of one card are company to each
// other, as they will be once they are written.
func (l *live) alikes(asked []Asked) ([][]Alike, error) {
	type answer struct {
		found [][]Alike
		err   error
	}
	found, places, cards := make([][]Alike, 0, len(asked)), make([]int, len(asked)), map[person.KK][]int{}
	for i := range asked {
		places[i] = i
		if kk := asked[i].KK; !kk.IsZero() && len(cards[kk]) <= mostAlong {
			cards[kk] = append(cards[kk], i)
		}
	}
	err := parallel.Chunks(runtime.GOMAXPROCS(0), slices.Chunk(places, askedAtOnce), func(some []int) (a answer) {
		a.found = make([][]Alike, len(some))
		for k, i := range some {
			var along [][][]byte
			for _, j := range cards[asked[i].KK] {
				if j != i {
					along = append(along, asked[j].Values())
				}
			}
			var err error
			a.found[k], err = l.alike(&asked[i], along)
			a.err = errors.Join(a.err, err)
		}
		return a
	}, func(a answer) error {
		found = append(found, a.found...)
		return a.err
	})
	return found, err
}

// alike asks for the persons who may be the one asked for, who comes along with others.
func (l *live) alike(a *Asked, along [][][]byte) ([]Alike, error) {
	defer runtime.KeepAlive(l)
	f := l.finders.Get().(*linkage.Finder)
	defer l.finders.Put(f)
	list, err := f.FindAmong(a.Values(), along, mostLooked+1)
	if err != nil {
		return nil, err
	}
	out := make([]Alike, 0, len(list))
	certain := len(list)
	for _, one := range f.Held(mostLooked) {
		if mayBeTwin(one.Levels) {
			list = append(list, one)
		}
	}
	for i, one := range list {
		who, err := whoOf([]byte(one.ID))
		if err != nil {
			return nil, err
		}
		if who == a.Who || len(out) == mostLooked {
			continue
		}
		out = append(out, Alike{Who: who, Probability: one.Probability, Bits: linkage.Bits(one.Weight), Agreed: agreed(one.Levels), Twin: i >= certain})
	}
	return out, nil
}

// mayBeTwin tells of somebody for whom another explanation is likelier whether she has to be compared all the same: she has the name,
// or nearly, and the birth date of the one asked for. Brothers and sisters have not, nor have twins as a rule; who stands on the same
// card is her twin.
func mayBeTwin(levels []linkage.Level) bool {
	named, born := false, false
	for _, l := range levels {
		switch {
		case l.Comparison == "name":
			named = slices.Contains([]string{"exact", "joined", "rhyme", "spelling", "near", "subset"}, l.Level)
		case l.Comparison == "birth":
			born = l.Level == "exact"
		case l.Comparison == "kk" && l.Level == "exact":
			return false
		}
	}
	return named && born
}

// agreed names the comparisons that speak for one person, the strongest first. That somebody is alone on her card speaks for it but is
// nothing the two agree in.
func agreed(levels []linkage.Level) (out []string) {
	list := slices.DeleteFunc(slices.Clone(levels), func(l linkage.Level) bool { return l.Bits <= 1 || l.Level == "apart_alone" })
	slices.SortStableFunc(list, func(x, y linkage.Level) int {
		switch {
		case x.Bits > y.Bits:
			return -1
		case x.Bits < y.Bits:
			return 1
		}
		return 0
	})
	for _, l := range list {
		out = append(out, l.Comparison+"."+l.Level)
	}
	return out
}

// errFar means that more persons were written or changed than may be brought up to date one by one.
var errFar = errors.New("identity: index is far behind")

// catchUp brings the index up to the last change that q sees, if no more than so many persons were written or changed.
// Error: errFar, with the index as it was; Missing says of how many it does not know.
func (l *live) catchUp(ctx context.Context, q sqldb.Querier, keys *seal.Keyring, most int) error {
	defer runtime.KeepAlive(l)
	if int(l.missing.Load()) > most {
		return errFar // known to be: another one is at it, or will be
	}
	l.catching.Lock()
	defer l.catching.Unlock()
	now, err := marksIn(ctx, q)
	if err != nil || l.marks.behind(now) == 0 {
		return err
	}
	floor := floorAt(time.Now())
	changed, err := l.changedSince(ctx, q, now, most)
	if err != nil {
		return err
	}
	n := 0
	for _, ids := range changed {
		n += len(ids)
	}
	if l.missing.Store(int64(n)); n > most {
		return errFar
	}
	var values [][]byte
	for _, tenant := range slices.Sorted(maps.Keys(changed)) {
		err := rowsIn(ctx, q, tenant, changed[tenant], func(r row) error {
			l.missing.Add(-1)
			values, err = l.renew(&r, keys, values)
			return err
		})
		if err != nil {
			l.missing.Store(0) // counted anew the next time
			return err
		}
	}
	for tenant, at := range now {
		if at.Seq > l.marks[tenant].Seq { // what q sees may be older than what the index has seen
			l.marks[tenant] = at
		}
	}
	seen := maps.Clone(l.marks)
	l.stands.Store(&seen)
	l.floor = floor
	l.missing.Store(0)
	return nil
}

// changedSince gives whom the changes since the marks wrote, up to a number and one more in all.
func (l *live) changedSince(ctx context.Context, q sqldb.Querier, now marks, most int) (map[area.Tenant][]sqldb.ID, error) {
	return changedBetween(ctx, q, standing{l.marks, l.floor}, now, most)
}

// far counts whom an index that is far behind does not know of.
func (l *live) far(ctx context.Context, q sqldb.Querier) error {
	l.catching.Lock()
	defer l.catching.Unlock()
	now, err := marksIn(ctx, q)
	if err != nil {
		return err
	}
	changed, err := l.changedSince(ctx, q, now, mostCounted)
	if err != nil {
		return err
	}
	n := 0
	for _, ids := range changed {
		n += len(ids)
	}
	l.missing.Store(int64(n))
	return nil
}

// renew puts a person as she is now into the index, or takes her out.
func (l *live) renew(r *row, keys *seal.Keyring, room [][]byte) ([][]byte, error) {
	id := string(r.appendKey(nil))
	if r.state != registry.Active {
		change, err := l.index.Drop(id)
		if err == nil {
			err = l.notice(r.Who, &change)
		}
		if fail.CodeOf(err) == "linkage.index_no_row" {
			err = nil
		}
		return room, err
	}
	if err := r.open(keys); err != nil {
		return room, err
	}
	defer r.forget()
	room = r.values(room)
	change, err := l.index.Put(id, room)
	if err != nil {
		return room, err
	}
	return room, l.notice(r.Who, &change)
}

// notice keeps whom a change of one person touched: others of her card may stand otherwise since.
func (l *live) notice(who Who, change *linkage.Change) error {
	l.touched[who] = l.touched[who] || len(change.Events) > 0 || len(change.Cluster.Members) > 1
	into := func(set map[Who]bool, ids ...string) error {
		for _, id := range ids {
			if id == "" {
				continue
			}
			w, err := whoOf([]byte(id))
			if err != nil {
				return err
			}
			set[w] = true
		}
		return nil
	}
	for _, e := range change.Events {
		if err := into(l.touched, e.ID, e.From, e.To); err != nil {
			return err
		}
	}
	return into(l.raised, change.Raised...)
}

// whom gives whom people of the index may be one with.
func (l *live) whom(list []Who) (out []Found, err error) {
	defer runtime.KeepAlive(l)
	f := l.finders.Get().(*linkage.Finder)
	defer l.finders.Put(f)
	for _, who := range list {
		links, err := f.FindID(string(who.appendKey(nil)), MostAlike)
		if fail.CodeOf(err) == "linkage.index_no_row" {
			continue // gone since
		}
		if err != nil {
			return nil, err
		}
		for i := range links {
			other, err := whoOf([]byte(links[i].ID))
			if err != nil {
				return nil, err
			}
			out = append(out, Found{Left: who, Right: other, Fall: f.Waterfall(&links[i])})
		}
	}
	return out, nil
}

// take gives who was written, changed or taken out since the last time.
func (l *live) take() (touched map[Who]bool) {
	l.catching.Lock()
	defer l.catching.Unlock()
	touched, l.touched = l.touched, map[Who]bool{}
	return touched
}

// risen gives, and forgets, of whom a pair weighs more since somebody of their card was written or changed.
func (l *live) risen() (list []Who) {
	l.catching.Lock()
	defer l.catching.Unlock()
	list = slices.SortedFunc(maps.Keys(l.raised), byAge)
	clear(l.raised)
	return list
}

// riseAgain takes back who could not be asked about yet, or was left to another index.
func (l *live) riseAgain(list []Who) {
	l.catching.Lock()
	defer l.catching.Unlock()
	for _, w := range list {
		l.raised[w] = true
	}
}

// again takes back whom the log could not follow yet.
func (l *live) again(touched map[Who]bool) {
	l.catching.Lock()
	defer l.catching.Unlock()
	for w, stands := range touched {
		l.touched[w] = l.touched[w] || stands
	}
}

// aged tells whether so much has changed that the weights, which go by how many people there are and how often
// names stand among them, are not those of the registry any more.
func (l *live) aged() bool { return l.index.Changed() > l.index.Rows()/20+10 }
