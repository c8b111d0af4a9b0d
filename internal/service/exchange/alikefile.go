package exchange

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// likely is a row of a file with whom of the registry its person may be.
type likely struct {
	line int64
	who  identity.Who
}

// listAlike begins the list of all rows a dry run finds, beside its uploaded file: lines and ids, and nobody's values, for what of
// them may be told depends on who reads it, and when.
func (l *look) listAlike(path string) (err error) {
	if l == nil || path == "" {
		return nil
	}
	l.path = path
	if l.list, err = files.Create(path, 0o600); err != nil {
		return fmt.Errorf("begin list of persons alike: %w", err)
	}
	return nil
}

// note adds rows to the list.
func (l *look) note(rows []likely) error {
	if l.list == nil {
		return nil
	}
	for _, one := range rows {
		if _, err := fmt.Fprintln(l.list, one.line, one.who.Tenant, one.who.ID); err != nil {
			return fmt.Errorf("list persons alike: %w", err)
		}
	}
	return nil
}

// keep puts the list at its place; none stays there where nobody could be looked for.
func (l *look) keep() error {
	if l == nil || l.list == nil {
		return nil
	}
	if !l.unready {
		return l.list.Commit()
	}
	l.list.Discard()
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove list of persons alike: %w", files.Explain(err))
	}
	return nil
}

// drop leaves nothing of a list that was not kept.
func (l *look) drop() {
	if l != nil && l.list != nil {
		l.list.Discard()
	}
}

// HasAlike reports whether a dry run listed rows whose persons may be registered already, to be written by WriteAlike.
func (set Settings) HasAlike() bool {
	about, err := os.Stat(set.Alike)
	return err == nil && about.Size() > 0
}

// alikePage is how many persons of a list are read at a time.
const alikePage = 200

// WriteAlike writes, as CSV, all rows of a dry run whose persons may be registered already, with what the actor may know of those
// they may be: everybody learns the village and since when, the name and the masked NIK only who may read the registry there. Who is
// gone by now is left out. Memory does not grow with the list. The act is recorded, with counts and the digest, before it returns;
// whoever hands the file on keeps it back until then. Errors: import.no_alike where no dry run listed any, or the import has run;
// access.denied.
func (s *Service) WriteAlike(ctx context.Context, who access.Actor, r runs.Run, dst io.Writer) (rows int64, err error) {
	set, err := decode(r)
	if err != nil {
		return 0, err
	}
	if r.State != runs.Previewed && r.State != runs.Awaiting {
		return 0, fail.NotFound("import.no_alike")
	}
	list, err := os.Open(set.Alike)
	if err != nil {
		return 0, fail.NotFound("import.no_alike").Because(err)
	}
	defer list.Close()
	err = s.acts.View(ctx, who, "import.alike", "", func(tx *act.Tx) error {
		if _, err := tx.AllowList(access.RunImport); err != nil {
			return err
		}
		if _, err := list.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read list of persons alike: %w", err)
		}
		digest := sha256.New()
		w := &alikeWriter{s: s, tx: tx, csv: tabular.NewCSVWriter(io.MultiWriter(dst, digest), tabular.CSVOptions{Mark: true})}
		if err := w.all(ctx, list); err != nil {
			return fmt.Errorf("write list of persons alike: %w", err)
		}
		rows = w.rows
		return tx.Record(ctx, audit.Entry{Tenant: r.Tenant, Area: r.Area, Subject: r.ID, Facts: map[string]any{"number": r.Number, "shown": rows, "sha256": hex.EncodeToString(digest.Sum(nil))}})
	})
	return rows, err
}

type alikeWriter struct {
	s    *Service
	tx   *act.Tx
	csv  *tabular.CSVWriter
	rows int64
}

func (w *alikeWriter) all(ctx context.Context, list io.Reader) error {
	var titles []tabular.Cell
	for _, title := range []string{"line", "in_your_area", "name", "nik", "village", "area_code", "registered_since"} {
		titles = append(titles, tabular.Text(title))
	}
	if err := w.csv.Write(titles...); err != nil {
		return err
	}
	lines, page := bufio.NewScanner(list), make([]likely, 0, alikePage)
	for lines.Scan() {
		var one likely
		var id string
		if _, err := fmt.Sscan(lines.Text(), &one.line, &one.who.Tenant, &id); err != nil {
			return err
		}
		if err := one.who.ID.UnmarshalText([]byte(id)); err != nil {
			return err
		}
		if page = append(page, one); len(page) == alikePage {
			if err := w.page(ctx, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if err := lines.Err(); err != nil {
		return files.Explain(err)
	}
	if err := w.page(ctx, page); err != nil {
		return err
	}
	return w.csv.Close()
}

// page writes some rows in the order of their lines.
func (w *alikeWriter) page(ctx context.Context, page []likely) error {
	people, told := make([]identity.Who, 0, len(page)), map[identity.Who]identity.Resembling{}
	for _, one := range page {
		if _, asked := told[one.who]; !asked {
			people, told[one.who] = append(people, one.who), identity.Resembling{}
		}
	}
	list, err := w.s.alikes.ShowIn(ctx, w.tx, people)
	if err != nil {
		return err
	}
	for _, one := range list {
		told[one.Who] = one
	}
	for _, one := range page {
		if who := told[one.who]; !who.ID.IsZero() {
			if err := w.row(one.line, who); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *alikeWriter) row(line int64, one identity.Resembling) error {
	w.rows++
	nik := ""
	if !one.NIK.IsZero() {
		nik = one.NIK.String()
	}
	return w.csv.Write(tabular.Number(line), tabular.Text(keptWord(!one.Family.IsZero())), tabular.Text(one.Name), tabular.Text(nik),
		tabular.Text(w.s.places.Tree().Title(one.Area)), tabular.Text(one.Area.Dotted()), tabular.Text(one.Since.Text()))
}
