package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/runs"
)

// cursor is where a chunk of an import begins.
type cursor struct {
	Line    int   `json:"line"`    // last line whose row is written
	Used    int64 `json:"used"`    // bytes of the file used up
	Rejects int64 `json:"rejects"` // bytes of the rejects file that are in step
}

func (c cursor) text() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // three numbers and flags
	}
	return string(data)
}

func readCursor(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return c, fmt.Errorf("read cursor: %w", err)
	}
	return c, nil
}

// session is an open file between two chunks, so that it is not opened anew for each.
type session struct {
	at      string // cursor it stands at
	table   *table
	after   int // lines before and with this one are written already
	parser  *parser
	rejects *rejects
	broken  error // why the rest of the file cannot be read
}

func (o *session) close() {
	o.table.rows.Close()
	o.rejects.close()
}

// session gives the open file of a run at a cursor; after a kill, or a chunk that has
// to be done again, the file is opened anew, and must still be the same.
func (s *Service) session(id sqldb.ID, set Settings, at string) (*session, error) {
	s.mu.Lock()
	held := s.open[id]
	s.mu.Unlock()
	if held != nil && held.at == at {
		return held, nil
	}
	s.close(id)
	digest, _, err := fileDigest(set.Path)
	if err != nil {
		return nil, err
	}
	if digest != set.SHA256 {
		return nil, fail.Conflict("import.file_changed")
	}
	c, err := readCursor(at)
	if err != nil {
		return nil, err
	}
	fresh, err := s.openFile(set, c)
	if err != nil {
		return nil, err
	}
	fresh.at = at
	s.mu.Lock()
	s.open[id] = fresh
	s.mu.Unlock()
	return fresh, nil
}

func (s *Service) close(id sqldb.ID) {
	s.mu.Lock()
	held := s.open[id]
	delete(s.open, id)
	s.mu.Unlock()
	if held != nil {
		held.close()
	}
}

func (s *Service) openFile(set Settings, c cursor) (*session, error) {
	t, err := s.openTable(set)
	if err != nil {
		return nil, err
	}
	out := &session{table: t, after: c.Line}
	if set.Rejects == "" {
		return out, nil
	}
	if out.rejects, err = openRejects(set.Rejects, c.Rejects); err != nil {
		return nil, errors.Join(err, t.rows.Close())
	}
	return out, nil
}

// rejects tells the bad rows of a file: line, column, code and reason, never the row itself.
type rejects struct {
	file *os.File
	size int64
}

func openRejects(path string, size int64) (*rejects, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of rejects: %w", files.Explain(err))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open rejects: %w", files.Explain(err))
	}
	if err := f.Truncate(size); err != nil {
		return nil, errors.Join(fmt.Errorf("cut rejects: %w", files.Explain(err)), f.Close())
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("find end of rejects: %w", err), f.Close())
	}
	return &rejects{f, size}, nil
}

// close leaves no file where nothing was refused.
func (r *rejects) close() {
	if r == nil {
		return
	}
	r.file.Close()
	if r.size == 0 {
		os.Remove(r.file.Name()) // an empty file that stays behind does no harm
	}
}

// Reject is one bad row, or one bad answer of a row that was kept without it.
type Reject struct {
	Kept   bool   `json:"kept"`
	Line   int    `json:"line"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func (r *rejects) write(list []Reject) error {
	if r == nil || len(list) == 0 {
		return nil
	}
	w := tabular.NewCSVWriter(&counted{r}, tabular.CSVOptions{})
	if r.size == 0 {
		if err := w.Write(tabular.Text("line"), tabular.Text("column"), tabular.Text("code"), tabular.Text("reason"), tabular.Text("row_kept")); err != nil {
			return err
		}
	}
	for _, one := range list {
		if err := w.Write(tabular.Number(int64(one.Line)), tabular.Text(one.Column), tabular.Text(one.Code), tabular.Text(one.Reason), tabular.Text(keptWord(one.Kept))); err != nil {
			return fmt.Errorf("write rejects: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	// The cursor will say how long the file is: after a power cut it must not be shorter.
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("write rejects: %w", files.Explain(err))
	}
	return nil
}

func keptWord(kept bool) string {
	if kept {
		return "yes"
	}
	return "no"
}

type counted struct{ r *rejects }

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.r.file.Write(p)
	c.r.size += int64(n)
	return n, err
}

func decode(r runs.Run) (set Settings, err error) {
	err = r.Decode(&set)
	return set, err
}
