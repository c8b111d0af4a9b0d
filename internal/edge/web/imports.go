package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/areas"
	"tepat/internal/service/exchange"
	"tepat/web/desk"
	"tepat/web/ui"
)

// uploadPatience is how long a village's slow line may take to send a file, and a dry run
// of a large one to answer.
const uploadPatience = 20 * time.Minute

// importRoutes are the pages of imports. Which subjects a person may import is a matter of
// four permissions, so the handlers ask.
func (d *Desk) importRoutes() []Route {
	return []Route{
		{"GET /impor", access.ReadRuns, d.uploadPage},
		{uploadPattern, access.ReadRuns, d.receive},
		{"GET /impor/{id}", access.ReadRuns, d.importMap},
		{checkPattern, access.ReadRuns, d.importAct},
		{"GET /pekerjaan/{id}/penolakan", access.ReadRuns, d.rejectsFile},
		{"GET /pekerjaan/{id}/mirip", access.RunImport, d.alikeFile},
	}
}

const (
	uploadPattern = "POST /impor"
	checkPattern  = "POST /impor/{id}"
)

// mounted gives the handler of a route: uploads have their own limit, and time to be sent.
func (d *Desk) mounted(route Route) http.Handler {
	switch route.Pattern {
	case uploadPattern: // room to read on past the limit, so that the sender learns of it
		return d.web.HandleUpload(d.guarded(route), 2*d.uploads().Limit()+1<<20, uploadPatience)
	case resultPattern:
		return d.web.HandleUpload(d.guarded(route), resultLimit, uploadPatience)
	case boundaryPattern:
		return d.web.HandleUpload(d.guarded(route), areas.BoundaryLimit+1<<20, uploadPatience)
	case areaListPattern:
		return d.web.HandleUpload(d.guarded(route), areaListLimit+1<<20, uploadPatience)
	case papersPattern, kindPattern, sendPattern, casePattern, findingPattern:
		return d.web.HandleUpload(d.guarded(route), papersLimit, uploadPatience)
	case checkPattern, exportPattern:
		return d.web.HandleUpload(d.guarded(route), 1<<20, uploadPatience)
	}
	return d.web.Handle(d.guarded(route))
}

func (d *Desk) uploads() *exchange.Uploads {
	return exchange.NewUploads(d.Uploads, d.UploadLimit, d.Now)
}

// importable lists the subjects somebody may import files about.
func importable(who access.Actor) []exchange.Subject {
	return slices.DeleteFunc(exchange.Subjects(), func(s exchange.Subject) bool { return !who.Can(exchange.PermissionOf(s)) })
}

func mayImport(who access.Actor) error {
	if len(importable(who)) == 0 {
		return denied(access.RunImport)
	}
	return nil
}

// uploadPage asks what a file is about, and for the file.
func (d *Desk) uploadPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := mayImport(who); err != nil {
		return err
	}
	return d.showUpload(w, r, who, http.StatusOK, "", nil)
}

func (d *Desk) showUpload(w http.ResponseWriter, r *http.Request, who access.Actor, status int, subject exchange.Subject, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "importsweb.title")
	page.Lead, page.Narrow = p.Text("importsweb.lead"), true
	page.Back = &ui.Link{Label: p.Text("web.runs.title"), Href: "/pekerjaan"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	subjects := importable(who)
	if subject == "" {
		subject = subjects[0]
	}
	var options []ui.Option
	for _, s := range subjects {
		options = append(options, ui.Option{Value: string(s), Label: p.Text("importsweb.subject." + string(s)), Hint: p.Text("importsweb.subject_hint." + string(s)), Selected: s == subject})
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, desk.FormView{
		Form: ui.Form{Action: "/impor", Multipart: true},
		Fields: []desk.FieldView{
			{Field: ui.Field{Name: "subject", Label: p.Text("importsweb.subject"), Error: problemOf(problems, "subject")}, Options: options},
			{Field: ui.Field{Name: "file", Label: p.Text("importsweb.file"), Hint: p.Text("importsweb.file_hint", "megabytes", d.uploads().Limit()>>20), Error: problemOf(problems, "file")}, File: ".csv,.txt,.tsv,.xlsx"},
		},
		Buttons: []ui.Button{{Label: p.Text("importsweb.send")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/pekerjaan"},
	}))
}

// receive keeps a file as it comes in, looks what it is, and goes on to its columns.
func (d *Desk) receive(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := mayImport(who); err != nil {
		return err
	}
	up, subject, err := d.readUpload(r, who)
	if err == nil {
		if _, err = d.Exchange.Detect(d.uploads().Path(up), up.Subject, up.Plan); err != nil {
			err = errors.Join(err, d.uploads().Discard(who, up.ID))
		}
	}
	if err == nil {
		d.sweepUploads(r)
		httpkit.Redirect(w, r, "/impor/"+up.ID.String())
		return nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = d.uploads().Require(large.Limit)
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindUnavailable {
		return err
	}
	_, drained := io.Copy(io.Discard, r.Body) // a browser reads the answer only when all is sent
	if drained != nil {
		w.Header().Set("Connection", "close")
	}
	return d.showUpload(w, r, who, httpkit.StatusOf(e.Kind), subject, []ui.FieldError{{Field: fieldOr(e.Field, "file"), Message: i18n.Of(r).Error(e)}})
}

// readUpload reads the parts of the form in their order: first what the file is about, then the file.
func (d *Desk) readUpload(r *http.Request, who access.Actor) (up exchange.Upload, subject exchange.Subject, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return up, "", fail.Invalid("request.unreadable").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return up, subject, nothingSent(up)
		}
		if err != nil {
			return up, subject, cutUpload(err)
		}
		switch part.FormName() {
		case "subject":
			subject, err = readSubject(part, who)
		case "file":
			up, err = d.readFile(r, part, who, subject)
		default:
			err = fail.Invalid("request.unknown_field")
		}
		if err != nil {
			return up, subject, err
		}
	}
}

func (d *Desk) readFile(r *http.Request, part *multipart.Part, who access.Actor, subject exchange.Subject) (exchange.Upload, error) {
	if subject == "" {
		return exchange.Upload{}, fail.Invalid("import.no_subject").On("subject")
	}
	if err := d.uploads().Require(max(r.ContentLength-1<<20, 0)); err != nil {
		return exchange.Upload{}, err
	}
	up, err := d.uploads().Receive(who, subject, part.FileName(), part)
	return up, cutUpload(err)
}

// cutUpload says of a body that ended too early that the line broke.
func cutUpload(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fail.Invalid("import.upload_cut").On("file").Because(err)
	}
	return err
}

func nothingSent(up exchange.Upload) error {
	if up.ID.IsZero() {
		return fail.Invalid("import.nothing_chosen").On("file")
	}
	return nil
}

func readSubject(part *multipart.Part, who access.Actor) (exchange.Subject, error) {
	text, err := io.ReadAll(io.LimitReader(part, 40))
	subject := exchange.Subject(text)
	if err == nil && !slices.Contains(importable(who), subject) {
		err = fail.Invalid("import.no_subject").On("subject")
	}
	return subject, err
}

// sweepUploads removes the files of people that no run needs any more. A failure is for
// the log: it must not keep anybody from the page.
func (d *Desk) sweepUploads(r *http.Request) {
	if _, err := d.uploads().Sweep(r.Context(), d.Runs.Ended); err != nil {
		d.web.Log.WarnContext(r.Context(), "sweep uploads", "error", err)
	}
}
