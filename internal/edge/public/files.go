package public

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	view "tepat/web/public"
	"tepat/web/ui"
)

// CasePapers keeps the files citizens give to a complaint or objection; service/papers does, behind an adapter: this site
// reaches that office by nothing else.
type CasePapers interface {
	// Check looks a file over. Errors: those of papers.CheckSelf.
	Check(content []byte) error
	// AddTo gives files to a case that was just filed.
	AddTo(ctx context.Context, tenant area.Tenant, id sqldb.ID, files [][]byte) error
	// Add gives files to the case of a number and its digits. Errors: those of tracking, papers.closed, papers.too_many.
	Add(ctx context.Context, number, digits string, files [][]byte) error
	// List gives the files of a case. Errors: those of tracking.
	List(ctx context.Context, number, digits string) ([]CaseFile, error)
	// TakeBack erases files their sender does not want kept. Errors: those of tracking, papers.unknown, papers.closed, and
	// papers.seen when an officer looked meanwhile.
	TakeBack(ctx context.Context, number, digits string, files []sqldb.ID) error
}

// CaseFile is a file of a case as its sender is told of it: nothing that is in it.
type CaseFile struct {
	ID     sqldb.ID
	Format string // its words are papers.format.<format> of the catalogue
	Bytes  int64
	At     time.Time
	Back   bool // it can be taken back
}

// What one sending may hold. Files stand in memory while they are looked over, so that few are read at once.
const (
	mostFiles      = 3
	largestFile    = 5 << 20
	filesLimit     = mostFiles*largestFile + 1<<20
	filesPatience  = 5 * time.Minute
	filesAtOnce    = 8
	filesOfOne     = 2 // of those from one address
	plainLimit     = 1 << 20
	longestField   = 64 << 10
	filesField     = "berkas"
	acceptedFiles  = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
	filesPath      = trackPath + "/berkas"
	takeBackPath   = filesPath + "/tarik"
	takenField     = "tarik"
	filesMegabytes = largestFile >> 20
)

// upload makes the handler of a form that may hold files.
func (s *Site) upload(h httpkit.Handler) http.Handler {
	return s.web.HandleUpload(func(w http.ResponseWriter, r *http.Request) error {
		if !isMultipart(r) {
			r.Body = http.MaxBytesReader(w, r.Body, plainLimit)
			return h(w, r)
		}
		leave, err := s.uploads.enter(r.Context(), s.address(r))
		if err != nil {
			return err
		}
		defer leave()
		return h(w, r)
	}, filesLimit, filesPatience)
}

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/form-data")
}

// receiveFiles is receive for a form that may hold files: what is wrong with them is told, the form is read all the same.
func (s *Site) receiveFiles(r *http.Request, g *guard, known ...string) (in sent, files [][]byte, problems []ui.FieldError, err error) {
	if !isMultipart(r) || s.Desk.Papers == nil {
		in, err = s.receive(r, g, known...)
		return in, nil, nil, err
	}
	in = sent{p: i18n.Of(r), form: url.Values{}, from: s.address(r), now: s.o.Now()}
	if in.asked, err = g.take(in.from, in.now); err != nil {
		return in, nil, nil, err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return in, nil, nil, fail.Invalid("request.unreadable").Because(err)
	}
	known = append(known, "answer", "question")
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, files, problems, nil
		}
		if err == nil && part.FormName() == filesField {
			var content []byte
			if content, err = readFile(part); err == nil && content != nil {
				if problem := s.fileProblem(in.p, content, len(files)); problem == "" {
					files = append(files, content)
				} else if len(problems) == 0 {
					problems = append(problems, ui.FieldError{Field: filesField, Message: problem})
				}
			}
		} else if err == nil {
			err = readText(part, in.form, known)
		}
		if err != nil {
			return in, nil, nil, err
		}
	}
}

// fileProblem says what is wrong with a file, nothing where it is fit.
func (s *Site) fileProblem(p i18n.Printer, content []byte, held int) string {
	if held >= mostFiles {
		return p.Text("public.files.too_many", "most", mostFiles)
	}
	if err := s.Desk.Papers.Check(content); err != nil {
		return p.Error(err)
	}
	return ""
}

// readFile reads one file; a field in which none was chosen sends an empty one without a name.
func readFile(part *multipart.Part) ([]byte, error) {
	if part.FileName() == "" {
		return nil, nil
	}
	content, err := io.ReadAll(io.LimitReader(part, largestFile+1))
	if content == nil {
		content = []byte{}
	}
	return content, unread(err)
}

func unread(err error) error {
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return fail.Invalid("request.unreadable").Because(err)
}

func readText(part *multipart.Part, form url.Values, known []string) error {
	name := part.FormName()
	if !slices.Contains(known, name) || part.FileName() != "" {
		return fail.Invalid("request.unknown_field")
	}
	text, err := io.ReadAll(io.LimitReader(part, longestField+1))
	if err != nil {
		return unread(err)
	}
	if len(text) > longestField || !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return fail.Invalid("request.unreadable").On(name)
	}
	form[name] = append(form[name], strings.TrimSpace(string(text)))
	return nil
}

// files asks for files, where they are taken.
func (s *Site) filesInput(f *fileFields) {
	if s.Desk.Papers == nil {
		return
	}
	one := f.field(filesField, true)
	one.Hint = f.p.Text("public.files.hint", "most", mostFiles, "megabytes", filesMegabytes)
	if len(f.problems) > 0 {
		one.Hint = f.p.Text("public.files.again")
	}
	f.out = append(f.out, ui.FilesField(one, acceptedFiles))
}

// attach gives the files of a form to the case it became, and says so where they could not be kept: the case is filed all
// the same.
func (s *Site) attach(r *http.Request, p i18n.Printer, tenant area.Tenant, id sqldb.ID, files [][]byte) []ui.Notice {
	if len(files) == 0 {
		return nil
	}
	if err := s.Desk.Papers.AddTo(r.Context(), tenant, id, files); err != nil {
		s.web.Log.Warn("files of a citizen were not kept", "code", fail.CodeOf(err), "error", err)
		return []ui.Notice{{Tone: ui.Wait, Title: p.Text("public.files.lost"), Text: p.Text("public.files.lost_text")}}
	}
	return []ui.Notice{{Tone: ui.Good, Title: p.Text("public.files.kept", "count", len(files))}}
}

// filesForm is the form, on the page of a case, by which its filer adds files.
func (s *Site) filesForm(r *http.Request, in sent, t grievances.Timeline, problems []ui.FieldError) ([]view.PartForm, error) {
	if s.Desk.Papers == nil || !t.Papers {
		return nil, nil
	}
	list, err := s.Desk.Papers.List(r.Context(), in.form.Get("number"), in.form.Get("digits"))
	if err != nil {
		return nil, err
	}
	f := &fileFields{p: in.p, typed: in.form, problems: problems}
	s.filesInput(f)
	return append(s.takeBackForm(in, list, problems), view.PartForm{ID: "tambah-berkas", Title: in.p.Text("public.files.add"), Text: in.p.Text("public.files.held", "count", len(list)), Action: s.href(in.p, filesPath), Multipart: true,
		Hidden: kept(in.form, "number", "digits"), Fields: []templ.Component{f.out[0]}, Buttons: []ui.Button{{Label: in.p.Text("public.files.send"), Secondary: true}}}), nil
}

// takeBackForm offers the files of a case that their sender may still take back; none, and there is no form.
func (s *Site) takeBackForm(in sent, list []CaseFile, problems []ui.FieldError) []view.PartForm {
	f := &fileFields{p: in.p, typed: in.form, problems: problems}
	var options []ui.Option
	for i, one := range list {
		if one.Back {
			options = append(options, ui.Option{Value: one.ID.String(), Label: in.p.Text("public.files.one", "n", i+1, "format", in.p.Text("papers.format."+one.Format),
				"kilobytes", (one.Bytes+1023)>>10, "at", in.p.Moment(s.moment(one.At)))})
		}
	}
	if len(options) == 0 {
		return nil
	}
	return []view.PartForm{{ID: "tarik-berkas", Title: in.p.Text("public.files.back"), Text: in.p.Text("public.files.back_text"), Action: s.href(in.p, takeBackPath),
		Hidden: kept(in.form, "number", "digits"), Fields: []templ.Component{ui.CheckboxField(f.field(takenField, false), options)},
		Buttons: []ui.Button{{Label: in.p.Text("public.files.take"), Secondary: true}}}}
}

// takeBack erases the files that were ticked.
func (s *Site) takeBack(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(r, s.tracks, "number", "digits", takenField)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, trackPath, err)
	}
	if err != nil {
		return err
	}
	if !s.solved(s.tracks, in) {
		return s.showTrack(w, r, http.StatusUnprocessableEntity, in.form, []ui.FieldError{unsolved(in)})
	}
	var files []sqldb.ID
	for _, text := range in.form[takenField] {
		id, err := sqldb.ParseID(text)
		if err != nil {
			return fail.Invalid("request.unreadable").On(takenField).Because(err)
		}
		files = append(files, id)
	}
	problem := in.p.Text("public.files.none_ticked")
	if len(files) > 0 {
		err = s.Desk.Papers.TakeBack(r.Context(), in.form.Get("number"), in.form.Get("digits"), files)
		problem = ""
		if code := fail.CodeOf(err); code == "papers.seen" || code == "papers.closed" || code == "papers.unknown" {
			problem, err = in.p.Error(err), nil
		}
	}
	if err != nil {
		return s.lost(w, r, in, err)
	}
	in.form.Del(takenField)
	if problem != "" {
		return s.lost(w, r, in, s.showTracked(w, r, in, http.StatusUnprocessableEntity, []ui.FieldError{{Message: problem}}, nil))
	}
	done := []ui.Notice{{Tone: ui.Good, Title: in.p.Text("public.files.taken", "count", len(files))}}
	return s.lost(w, r, in, s.showTracked(w, r, in, http.StatusOK, nil, done))
}

// addFiles takes further files for a case in.
func (s *Site) addFiles(w http.ResponseWriter, r *http.Request) error {
	in, files, problems, err := s.receiveFiles(r, s.tracks, "number", "digits")
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, trackPath, err)
	}
	if err != nil {
		return err
	}
	if !s.solved(s.tracks, in) {
		return s.showTrack(w, r, http.StatusUnprocessableEntity, in.form, []ui.FieldError{unsolved(in)})
	}
	if len(problems) == 0 && len(files) == 0 {
		problems = []ui.FieldError{{Field: filesField, Message: in.p.Text("public.files.none")}}
	}
	if len(problems) == 0 {
		err = s.Desk.Papers.Add(r.Context(), in.form.Get("number"), in.form.Get("digits"), files)
		if code := fail.CodeOf(err); code == "papers.closed" || code == "papers.too_many" {
			problems, err = []ui.FieldError{{Field: filesField, Message: in.p.Error(err)}}, nil
		}
	}
	if err != nil {
		return s.lost(w, r, in, err)
	}
	if len(problems) > 0 {
		return s.lost(w, r, in, s.showTracked(w, r, in, http.StatusUnprocessableEntity, problems, nil))
	}
	done := []ui.Notice{{Tone: ui.Good, Title: in.p.Text("public.files.kept", "count", len(files))}}
	return s.lost(w, r, in, s.showTracked(w, r, in, http.StatusOK, nil, done))
}
