package exchange

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
)

// An upload that nobody goes on with is kept for a day, one whose run was looked at and
// never applied for a week, with the list of who may be registered already, and the list of rejected rows, which names nobody, for 90 days.
const (
	uploadIdle    = 24 * time.Hour
	uploadPending = 7 * 24 * time.Hour
	rejectsLife   = 90 * 24 * time.Hour
)

// DefaultUploadLimit is how many bytes a file may have where nothing else is set.
const DefaultUploadLimit = 512 << 20

// Uploads is the folder that files sent through the browser lie in while their run lasts.
// A file's name in it is a number of ours; who sent it, and what it is, stands beside it.
type Uploads struct {
	dir   string
	limit int64
	now   func() time.Time
}

// NewUploads makes the folder's keeper. limit is in bytes; zero is DefaultUploadLimit.
func NewUploads(dir string, limit int64, now func() time.Time) *Uploads {
	if limit <= 0 {
		limit = DefaultUploadLimit
	}
	return &Uploads{dir, limit, now}
}

// Limit gives how many bytes a file may have.
func (u *Uploads) Limit() int64 { return u.limit }

// Upload is one file as it was sent, with what its owner said of it since.
type Upload struct {
	ID      sqldb.ID  `json:"id"`
	Owner   sqldb.ID  `json:"owner"`
	Subject Subject   `json:"subject"`
	Name    string    `json:"name"` // on the owner's computer, without folders and numbers of people
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	At      time.Time `json:"at"`

	// Plan is how it is to be read.
	Plan Plan `json:"plan"`
	// Tenant and Run name the run that reads it, once there is one.
	Tenant area.Tenant `json:"tenant,omitempty"`
	Run    sqldb.ID    `json:"run"`
}

// Receive keeps a file while it comes in, with its digest. Errors: import.too_large (fact
// megabytes), import.no_file when nothing came, files.short and files.full.
func (u *Uploads) Receive(who access.Actor, subject Subject, name string, body io.Reader) (up Upload, err error) {
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return up, fmt.Errorf("make folder of uploads: %w", files.Explain(err))
	}
	up = Upload{ID: sqldb.NewID(), Owner: who.ID, Subject: subject, Name: files.Name(name), At: u.now().UTC()}
	digest := sha256.New()
	err = files.Write(u.path(up.ID), 0o600, func(w io.Writer) error {
		up.Size, err = io.Copy(io.MultiWriter(w, digest), io.LimitReader(body, u.limit+1))
		switch {
		case err != nil:
			return err
		case up.Size > u.limit:
			return u.tooLarge()
		case up.Size == 0:
			return fail.Invalid("import.nothing_chosen").On("file")
		}
		return nil
	})
	if err != nil {
		return Upload{}, fmt.Errorf("receive file: %w", err)
	}
	up.SHA256 = hex.EncodeToString(digest.Sum(nil))
	return up, u.note(up)
}

func (u *Uploads) tooLarge() error {
	return fail.Invalid("import.too_large", "megabytes", u.limit>>20).On("file")
}

// Require refuses, before anything is sent, a file that is too large or has no room.
func (u *Uploads) Require(size int64) error {
	if size > u.limit {
		return u.tooLarge()
	}
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return fmt.Errorf("make folder of uploads: %w", files.Explain(err))
	}
	return files.Require(u.dir, max(size, 1))
}

// Open gives an upload of the actor's own. Error: import.no_upload.
func (u *Uploads) Open(who access.Actor, id sqldb.ID) (Upload, error) {
	up, err := u.read(id)
	if err == nil && up.Owner != sqldb.ID(who.ID) {
		err = fail.NotFound("import.no_upload")
	}
	if err != nil {
		return Upload{}, err
	}
	return up, nil
}

// Keep writes down what was said of an upload since.
func (u *Uploads) Keep(up Upload) error { return u.note(up) }

// Discard forgets an upload of the actor's own that no run reads.
func (u *Uploads) Discard(who access.Actor, id sqldb.ID) error {
	up, err := u.Open(who, id)
	if err != nil {
		return err
	}
	if !up.Run.IsZero() {
		return fail.Conflict("import.upload_used")
	}
	return u.remove(id)
}

// Path gives where an upload lies.
func (u *Uploads) Path(up Upload) string { return u.path(up.ID) }

// Rejects gives where the rejected rows of an upload are told.
func (u *Uploads) Rejects(up Upload) string { return u.path(up.ID) + ".rejects.csv" }

// Alike gives where the rows of an upload are listed whose persons may be registered already.
func (u *Uploads) Alike(up Upload) string { return u.path(up.ID) + alikeEnd }

// alikeEnd ends the name of such a list.
const alikeEnd = ".alike"

// Holds reports whether a path lies in the folder: only such files are given out.
func (u *Uploads) Holds(path string) bool { return filepath.Dir(path) == filepath.Clean(u.dir) }

func (u *Uploads) path(id sqldb.ID) string { return filepath.Join(u.dir, id.String()) }

func (u *Uploads) notePath(id sqldb.ID) string { return u.path(id) + ".json" }

func (u *Uploads) note(up Upload) error {
	text, err := json.Marshal(up)
	if err != nil {
		return fmt.Errorf("note upload: %w", err)
	}
	err = files.Write(u.notePath(up.ID), 0o600, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("note upload: %w", err)
	}
	return nil
}

func (u *Uploads) read(id sqldb.ID) (up Upload, err error) {
	text, err := os.ReadFile(u.notePath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return up, fail.NotFound("import.no_upload")
	}
	if err != nil {
		return up, fmt.Errorf("read note of upload: %w", files.Explain(err))
	}
	if err := json.Unmarshal(text, &up); err != nil {
		return up, fmt.Errorf("read note of upload %s: %w", id, err)
	}
	return up, nil
}

// remove takes the file first: what is left after a kill is found again by its note.
func (u *Uploads) remove(id sqldb.ID) error {
	for _, path := range []string{u.path(id), u.path(id) + alikeEnd, u.path(id) + ".rejects.csv", u.notePath(id)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove upload: %w", files.Explain(err))
		}
	}
	return nil
}

// Ended tells whether a run has ended; service/runs does.
type Ended func(ctx context.Context, tenant area.Tenant, run sqldb.ID) (bool, error)

// Sweep removes the files whose run has ended, those nobody goes on with, and old lists of
// rejected rows. It gives how many files of people went. It runs every hour, and whenever
// somebody looks at an import.
func (u *Uploads) Sweep(ctx context.Context, ended Ended) (removed int, err error) {
	if _, err := files.Sweep(u.dir, u.now().Add(-uploadIdle)); err != nil && fail.CodeOf(err) != "files.missing" {
		return 0, fmt.Errorf("sweep uploads: %w", err)
	}
	notes, err := filepath.Glob(filepath.Join(u.dir, "*.json"))
	if err != nil {
		return 0, fmt.Errorf("sweep uploads: %w", err)
	}
	for _, note := range notes {
		id, err := sqldb.ParseID(strings.TrimSuffix(filepath.Base(note), ".json"))
		if err != nil {
			continue // none of ours
		}
		gone, err := u.sweepOne(ctx, id, ended)
		if err != nil {
			return removed, fmt.Errorf("sweep uploads: %w", err)
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

func (u *Uploads) sweepOne(ctx context.Context, id sqldb.ID, ended Ended) (bool, error) {
	up, err := u.read(id)
	if err != nil {
		return false, err
	}
	age := u.now().Sub(up.At)
	switch {
	case up.Run.IsZero() && age < uploadIdle:
		return false, nil
	case up.Run.IsZero():
		return true, u.remove(id)
	case age > rejectsLife:
		return false, u.remove(id)
	}
	over, err := ended(ctx, up.Tenant, up.Run)
	if err != nil || !over && age < uploadPending {
		return false, err
	}
	if err := os.Remove(u.path(id) + alikeEnd); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, files.Explain(err)
	}
	err = os.Remove(u.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, files.Explain(err)
}

// FirstRejects reads the beginning of a list of rejected rows; one that was not written is empty.
func FirstRejects(path string, limit int) (list []Reject, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open rejects: %w", files.Explain(err))
	}
	defer f.Close()
	return readRejects(bufio.NewReader(f), limit)
}

func readRejects(src io.Reader, limit int) (list []Reject, err error) {
	rows, err := tabular.NewCSV(src, tabular.Options{Separator: ','})
	if errors.Is(err, fail.Invalid("tabular.empty")) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read rejects: %w", err)
	}
	defer rows.Close()
	for first := true; len(list) < limit; first = false {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, fmt.Errorf("read rejects: %w", err)
		}
		if first {
			continue
		}
		line, err := strconv.Atoi(string(row.Cell(0)))
		if err != nil {
			return list, fmt.Errorf("read rejects: %w", err)
		}
		list = append(list, Reject{Line: line, Column: string(row.Cell(1)), Code: string(row.Cell(2)), Reason: string(row.Cell(3)), Kept: string(row.Cell(4)) == "yes"})
	}
	return list, nil
}
