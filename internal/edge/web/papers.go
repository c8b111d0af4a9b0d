package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/papers"
	"tepat/web/desk"
	"tepat/web/ui"
)

// Forms with papers are read as they come in: each file is kept, with the form it belongs to, before the next one is read,
// so that memory holds one at a time and a form that comes back has what was sent.
const (
	papersPattern  = "POST /usulan/{id}/berkas"
	kindPattern    = "POST /usulan/ajukan"
	sendPattern    = "POST /usulan/kirim"
	casePattern    = "POST /pengaduan/{id}/berkas"
	findingPattern = "POST /temuan/{id}/berkas"
	paperPrefix    = "berkas_" // of the fields that take files
	dropPapers     = "keluarkan"
	papersLimit    = papers.Most*papers.Largest + 1<<20
	longestField   = 64 << 10
	acceptedPapers = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
)

// paperRoutes are the pages of files of proposals.
func (d *Desk) paperRoutes() []Route {
	return []Route{
		{"GET /usulan/{id}/berkas", access.ReadRegistry, d.proposalPapers},
		{papersPattern, access.ReadRegistry, d.changePapers},
		{"GET /usulan/{proposal}/berkas/{id}", access.ReadRegistry, d.paper},
	}
}

// keepPaper takes one file in. What was typed before it is given; a failure of kind Invalid or Conflict is about the file.
type keepPaper func(form url.Values, what papers.What, content []byte) error

// readPapersForm reads a form with files, of fields that are known, and what is wrong with its files. A form without files
// sends its fields as every other does.
func readPapersForm(r *http.Request, keep keepPaper, known ...string) (url.Values, []ui.FieldError, error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		form, err := httpkit.ReadForm(r, known...)
		return form, nil, err
	}
	if err != nil {
		return nil, nil, fail.Invalid("request.unreadable").Because(err)
	}
	p, form := i18n.Of(r), url.Values{}
	var problems []ui.FieldError
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, problems, nil
		}
		if err == nil {
			name := part.FormName()
			if what, is := strings.CutPrefix(name, paperPrefix); is {
				err = readPaper(part, form, papers.What(what), keep)
			} else {
				err = readField(part, form, known)
			}
			if e, ok := fail.As(err); ok && aboutFile(e) {
				problems, err = append(problems, ui.FieldError{Field: name, Message: p.Error(e)}), nil
			}
		}
		if err != nil {
			return form, problems, tooMuch(err)
		}
	}
}

// aboutFile reports whether an error is about the file that was sent, not about the form or who sends it.
func aboutFile(e *fail.Error) bool {
	return strings.HasPrefix(e.Code, "papers.") && e.Code != "papers.unknown"
}

func tooMuch(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fail.Invalid("papers.too_much", "megabytes", papersLimit>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail.Invalid("request.unreadable").Because(err)
	}
	return err
}

// readPaper keeps the file of a part; a field in which none was chosen sends an empty one without a name.
func readPaper(part *multipart.Part, form url.Values, what papers.What, keep keepPaper) error {
	if part.FileName() == "" {
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(part, papers.Largest+1))
	if err != nil {
		return err
	}
	return keep(form, what, content)
}

func readField(part *multipart.Part, form url.Values, known []string) error {
	name := part.FormName()
	if !slices.Contains(known, name) || part.FileName() != "" {
		return fail.Invalid("request.unknown_field")
	}
	text, err := io.ReadAll(io.LimitReader(part, longestField+1))
	if err != nil {
		return err
	}
	if len(text) > longestField || !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return fail.Invalid("request.unreadable").On(name)
	}
	form[name] = append(form[name], strings.TrimSpace(string(text)))
	return nil
}

// dropChosen takes the papers out that were ticked.
func (d *Desk) dropChosen(r *http.Request, who access.Actor, tenant area.Tenant, form url.Values) error {
	for _, key := range form[dropPapers] {
		id, err := sqldb.ParseID(key)
		if err != nil {
			return fail.Invalid("request.unknown_field")
		}
		if err := d.Papers.Remove(r.Context(), who, tenant, id); err != nil && fail.CodeOf(err) != "papers.unknown" {
			return err
		}
	}
	form.Del(dropPapers)
	return nil
}

// paperFields ask for files, a field a kind of paper, after those that were received already.
func paperFields(p i18n.Printer, held []papers.Paper, problems []ui.FieldError) []desk.FieldView {
	var out []desk.FieldView
	if len(held) > 0 {
		f := ui.Field{Name: dropPapers, Label: p.Text("papersweb.held"), Hint: p.Text("papersweb.held_hint"), Optional: true}
		var options []ui.Option
		names := paperNames(p, held)
		for i, one := range held {
			options = append(options, ui.Option{Value: one.ID.String(), Label: p.Text("papersweb.one", "what", names[i], "size", paperSize(p, one))})
		}
		out = append(out, desk.FieldView{Field: f, Options: options, Checks: true})
	}
	for i, what := range papers.Whats() {
		f := ui.Field{Name: paperPrefix + string(what), Label: p.Text("papersweb.file", "what", p.Text("papers.what."+string(what))), Optional: true, Error: problemOf(problems, paperPrefix+string(what))}
		if i == 0 {
			f.Hint = p.Text("papersweb.file_hint", "megabytes", papers.Largest>>20)
		}
		out = append(out, desk.FieldView{Markup: ui.FilesField(f, acceptedPapers)})
	}
	return out
}

// paperNames names the files of a case by what they are, with a number where several are the same, so that they are told apart.
func paperNames(p i18n.Printer, list []papers.Paper) []string {
	of, so := map[papers.What]int{}, map[papers.What]int{}
	for _, one := range list {
		of[one.What]++
	}
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = p.Text("papers.what." + string(one.What))
		if so[one.What]++; of[one.What] > 1 {
			out[i] += " " + p.Number(int64(so[one.What]))
		}
	}
	return out
}

func paperSize(p i18n.Printer, one papers.Paper) string {
	return p.Text("papersweb.size", "format", p.Text("papers.format."+string(one.Format)), "kilobytes", (one.Size+1023)>>10)
}

// paper gives the content of a file. A picture is shown; a scan is handed over, since it may hold more than pages.
func (d *Desk) paper(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	p, content, err := d.Papers.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	place := "inline"
	if p.Format == papers.PDF {
		place = "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", p.Format.MediaType())
	h.Set("Content-Disposition", place+`; filename="`+string(p.What)+"-"+p.ID.Short()+p.Format.Extension()+`"`)
	h.Set("Content-Length", itoa(int64(len(content))))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_, err = w.Write(content)
	return err
}
