package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"tepat/internal/domain/linkage"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/flatcsv"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/pagefile"
)

const (
	asked     = 20_000 // questions of each kind
	freshFrom = 8_000  // families of the registry the fresh records come from
)

// indexFile is the file of the live index in the folder.
const indexFile = "live.index"

// indexKey seals the index; its people are made up.
func indexKey() []byte { return bytes.Repeat([]byte{7}, pagefile.KeySize) }

// live builds the live index of the registry.
func (b *bench) live() error {
	t, err := b.open(synth.RegistryFile)
	if err != nil {
		return err
	}
	return b.writeLive(t)
}

// ask opens the live index and asks it one record after the other on one processor.
func (b *bench) ask() error {
	t, err := b.open(synth.RegistryFile)
	if err != nil {
		return err
	}
	x, err := b.openLive(t)
	if err != nil {
		return err
	}
	folder := b.folder + "-fresh"
	if err := makeFiles(folder, freshFrom, 8); err != nil {
		return err
	}
	fresh, err := (&bench{folder: folder}).open(synth.RegistryFile)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	held("opened")
	f := x.Finder()
	for _, kind := range []struct {
		name string
		next func() ([][]byte, string)
	}{
		{"first, damaged copies", func() ([][]byte, string) { return damaged(r, t) }},
		{"fresh records", func() ([][]byte, string) { return record(fresh, r.IntN(fresh.Rows())), "none" }},
		{"damaged copies", func() ([][]byte, string) { return damaged(r, t) }},
	} {
		if err := questions(f, kind.name, kind.next); err != nil {
			return err
		}
	}
	held("one finder after 60,000 questions")
	return b.change(x, t, r)
}

// held prints what the program holds beside mapped files.
func held(when string) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("  %s: %d MB in use\n", when, m.HeapInuse>>20)
}

func (b *bench) writeLive(t *flatcsv.Table) error {
	at := start()
	e, err := linkage.Prepare(b.model, t, nil, linkage.Options{Workers: b.workers})
	if err != nil {
		return err
	}
	fmt.Printf("live index, read: %s, peak memory %d MB\n", at, peakMemory()>>20)
	write := start()
	out, err := os.Create(filepath.Join(b.folder, indexFile))
	if err != nil {
		return err
	}
	defer out.Close()
	if err := e.WriteIndex(out, indexKey()); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	info, err := out.Stat()
	if err != nil {
		return err
	}
	fmt.Printf("live index of %d rows written: %s, peak memory %d MB; %d MB, %d bytes a row\n", t.Rows(), write, peakMemory()>>20, info.Size()>>20, info.Size()/int64(t.Rows()))
	return out.Close()
}

func (b *bench) openLive(t *flatcsv.Table) (x *linkage.Index, err error) {
	for range 5 {
		at := start()
		file, err := mapped.Open(filepath.Join(b.folder, indexFile))
		if err != nil {
			return nil, err
		}
		if x, err = linkage.OpenIndex(file.Bytes(), b.model, t.Header(), indexKey()); err != nil {
			return nil, err
		}
		fmt.Printf("  opened: %s", at)
		finder := start()
		f := x.Finder()
		fmt.Printf("; a finder: %s", finder)
		first := start()
		if _, err := f.Find(record(t, t.Rows()/2), 5); err != nil {
			return nil, err
		}
		fmt.Printf("; first question: %s\n", first)
	}
	return x, nil
}

// questions puts questions to the index and prints how long they take.
func questions(f *linkage.Finder, name string, next func() ([][]byte, string)) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	wall, own, opened := make([]time.Duration, 0, asked), make([]time.Duration, 0, asked), f.Opened()
	found, right, cut, looked := 0, 0, 0, 0
	for range asked {
		fields, want := next()
		from, at := threadTime(), time.Now()
		list, err := f.Find(fields, 5)
		wall, own = append(wall, time.Since(at)), append(own, threadTime()-from)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			found++
		}
		if len(list) > 0 && list[0].ID == want {
			right++
		}
		if f.LeftOut() > 0 {
			cut++
		}
		looked += f.Looked()
	}
	fmt.Printf("  %s: processor time %s; wall %s; %d of %d found one, %d their own row as the likeliest, %.0f rows weighed and %.0f pages opened each, rows left out in %d\n",
		name, spread(own), spread(wall), found, asked, right, float64(looked)/asked, float64(f.Opened()-opened)/asked, cut)
	return nil
}

// spread gives the middle and the end of a list of times.
func spread(times []time.Duration) string {
	slices.Sort(times)
	at := func(share float64) time.Duration {
		return times[min(len(times)-1, int(share*float64(len(times))))].Round(time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p90 %v, p99 %v, p99.9 %v, max %v", at(0.5), at(0.9), at(0.99), at(0.999), at(1))
}

// change puts and drops rows.
func (b *bench) change(x *linkage.Index, t *flatcsv.Table, r *rand.Rand) error {
	at := start()
	const n = 5000
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := make([]time.Duration, 0, n)
	for i := range n {
		fields, _ := damaged(r, t)
		from := threadTime()
		if _, err := x.Put(fmt.Sprint("new", i), fields); err != nil {
			return err
		}
		times = append(times, threadTime()-from)
	}
	fmt.Printf("  %d damaged copies put: %s; processor time %s; peak memory %d MB\n", n, at, spread(times), peakMemory()>>20)
	held("rows put")
	runtime.KeepAlive(x)
	return nil
}

// record gives the fields of a row without its id.
func record(t *flatcsv.Table, row int) [][]byte {
	fields := t.Fields(row, nil)
	fields[t.Column("row_id")] = nil
	return fields
}

// damaged gives a row of the table with one to three slips in what tells people apart, and its id.
func damaged(r *rand.Rand, t *flatcsv.Table) ([][]byte, string) {
	row := r.IntN(t.Rows())
	fields := record(t, row)
	for range 1 + r.IntN(3) {
		at := t.Column([]string{"nik", "name", "birth_date", "mother_name", "no_kk"}[r.IntN(5)])
		v := bytes.Clone(fields[at])
		switch n := len(v); {
		case n < 3 || r.IntN(6) == 0:
			v = nil
		case r.IntN(2) == 0:
			k := r.IntN(n - 1)
			v[k], v[k+1] = v[k+1], v[k]
		case v[n-1] <= '9':
			v[r.IntN(n)] = byte('0' + r.IntN(10))
		default:
			k := r.IntN(n)
			v = slices.Delete(v, k, k+1)
		}
		fields[at] = v
	}
	return fields, string(t.Field(row, t.Column("row_id")))
}
