package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/service/runs"
)

// typedOf keeps what was typed for a form that comes back.
func typedOf(form url.Values) map[string]string {
	typed := map[string]string{}
	for name := range form {
		typed[name] = form.Get(name)
	}
	return typed
}

// splitCursor reads where a list goes on: a number and what follows its hyphen.
func splitCursor(text string) (int64, string, error) {
	first, rest, ok := strings.Cut(text, "-")
	n, err := atoi(first)
	if !ok || err != nil || n < 0 {
		return 0, "", fail.NotFound("request.not_found")
	}
	return n, rest, nil
}

// office gives the district whose lists and stages an actor works on: her own, or the first
// of her area that this installation keeps.
func (d *Desk) office(who access.Actor) (area.Tenant, area.Code, error) {
	home, _ := who.Home()
	if home.Level() < area.LevelDistrict {
		home = d.Home.Home()
	}
	tree := d.Places.Tree()
	tenant := tree.TenantOf(home.District())
	if home.Level() < area.LevelDistrict {
		written := tree.Written()
		if len(written) == 0 {
			return 0, home, fail.NotFound("request.not_found")
		}
		tenant = written[0]
	}
	at, err := tree.DistrictOf(tenant)
	return tenant, at, err
}

// begin makes a run and its preview; one whose preview is refused is taken away again.
func (d *Desk) begin(ctx context.Context, who access.Actor, n runs.NewRun) (runs.Run, error) {
	run, err := d.Runs.Create(ctx, who, n)
	if err != nil {
		return run, err
	}
	looked, err := d.Runs.Look(ctx, who, run.Tenant, run.ID)
	if err != nil {
		if _, stop := d.Runs.Cancel(ctx, who, run.Tenant, run.ID); stop != nil {
			return run, stop
		}
		return run, err
	}
	return looked, nil
}

// sendFile writes a file of people. It is kept back in a temporary file until the audit entry
// stands, so that memory does not grow with the list and no half file goes out.
func (d *Desk) sendFile(w http.ResponseWriter, name, contentType string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(d.Uploads, 0o700); err != nil {
		return files.Explain(err)
	}
	file, err := files.TempFile(d.Uploads) // gone with the process, also after a kill
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := write(file); err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", itoa(size))
	h.Set("Cache-Control", "no-store")
	_, err = io.Copy(w, file)
	return err
}
