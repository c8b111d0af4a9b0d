package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// resultPattern takes the bank's result file, of resultLimit bytes at most: that of a large district.
const (
	resultPattern = "POST /penyaluran/{id}/berkas"
	resultLimit   = 256 << 20
)

// cycleForms offers the next steps of a stage.
func (d *Desk) cycleForms(p i18n.Printer, c payments.Cycle, report payments.Report, who access.Actor, problems []ui.FieldError, typed map[string]string) (out []desk.FormView) {
	if !who.Can(access.RunPayment) || !report.Whole {
		return nil
	}
	path := "/penyaluran/" + rowID(c.Tenant, c.ID)
	plain := func(id, action string) desk.FormView {
		return desk.FormView{ID: id, Title: p.Text("paymentsweb." + id), Text: p.Text("paymentsweb." + id + "_text"), Form: ui.Form{Action: path + "/" + action}, Buttons: []ui.Button{{Label: p.Text("paymentsweb." + id + "_do")}}}
	}
	file := func() desk.FormView {
		f := plain("results", "berkas")
		f.Form.Multipart = true
		f.Fields = []desk.FieldView{{Field: ui.Field{Name: "file", Label: p.Text("paymentsweb.file"), Hint: p.Text("paymentsweb.file_hint"), Error: problemOf(problems, "file")}, File: ".csv,.xlsx"}}
		return f
	}
	switch {
	case c.State == payments.Open && c.OwnMoney && c.Rows == 0:
		return []desk.FormView{plain("pay", "hitung")}
	case c.State == payments.Open && c.OwnMoney:
		out = append(out, orderForm(p, plain("instruct", "perintah"), report, problems, typed))
	case c.State == payments.Instructed:
		again := orderForm(p, plain("instruct_again", "perintah"), report, problems, typed)
		again.Buttons[0].Secondary = true
		out = append(out, file(), again)
	case c.State == payments.Reconciling:
		out = append(out, file())
		if d.returns(c) {
			out = append(out, returnForm(p, plain("return", "kembali"), problems, typed))
		}
		out = append(out, plain("close", "tutup"))
	default:
		return nil
	}
	full := plain("full", "daftar")
	full.Fields = []desk.FieldView{{Field: ui.Field{Name: "purpose", Label: p.Text("paymentsweb.purpose"), Hint: p.Text("paymentsweb.purpose_hint"), Value: typed["purpose"], Error: problemOf(problems, "purpose"), MaxLength: 200}}}
	full.Buttons[0].Secondary = true
	return append(out, full)
}

// orderForm is the form of the order that releases the money.
func orderForm(p i18n.Printer, f desk.FormView, report payments.Report, problems []ui.FieldError, typed map[string]string) desk.FormView {
	amount := typed["amount"]
	if amount == "" {
		amount = itoa(int64(report.Payable.Amount))
	}
	f.Fields = []desk.FieldView{
		{Field: ui.Field{Name: "number", Label: p.Text("paymentsweb.order_number"), Value: typed["number"], Error: problemOf(problems, "number"), MaxLength: 60}},
		{Field: ui.Field{Name: "on", Label: p.Text("paymentsweb.order_date"), Error: problemOf(problems, "on")}, Date: &ui.DateParts{Day: typed["on.day"], Month: typed["on.month"], Year: typed["on.year"]}},
		{Field: ui.Field{Name: "amount", Label: p.Text("paymentsweb.order_amount"), Hint: p.Text("paymentsweb.order_amount_hint"), Kind: ui.Count, Prefix: "Rp", Chars: 16, Value: amount, Error: problemOf(problems, "amount")}},
	}
	return f
}

// returns reports whether money of a stage goes back when nobody used it in time.
func (d *Desk) returns(c payments.Cycle) bool {
	one, err := d.Programmes.Set(d.cycleDay(c)).Programme(c.Programme)
	return err == nil && c.OwnMoney && one.Payment.UnclaimedDays > 0
}

// returnForm asks for the day on which unused money goes back.
func returnForm(p i18n.Printer, f desk.FormView, problems []ui.FieldError, typed map[string]string) desk.FormView {
	f.Fields = []desk.FieldView{{Field: ui.Field{Name: "on", Label: p.Text("paymentsweb.return_on"), Hint: p.Text("paymentsweb.return_on_hint"), Error: problemOf(problems, "on")},
		Date: &ui.DateParts{Day: typed["on.day"], Month: typed["on.month"], Year: typed["on.year"]}}}
	return f
}

// returnRun books what nobody used in time as returned.
func (d *Desk) returnRun(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "on.day", "on.month", "on.year")
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	set := payments.ReturnSettings{StageSettings: payments.StageSettings{Cycle: id}}
	if set.On, err = readFullDate(form, "on"); err != nil {
		return d.stageAgain(w, r, who, form, err)
	}
	return d.beginStage(w, r, who, tenant, "pay.return", set, form)
}

// stageLinks lead from a run about a stage of payment back to it, and from the bank's results to what was not taken.
func stageLinks(p i18n.Printer, run runs.Run) (out []ui.Link) {
	var set payments.StageSettings
	if run.Kind != "pay" && run.Kind != "import.results" && !strings.HasPrefix(run.Kind, "pay.") || run.Decode(&set) != nil || set.Cycle.IsZero() {
		return nil
	}
	path := stagePath(payments.Cycle{Tenant: run.Tenant, ID: set.Cycle})
	out = append(out, ui.Link{Label: p.Text("paymentsweb.to_stage"), Href: path})
	if run.Kind == "import.results" && run.State == runs.Done {
		out = append(out, ui.Link{Label: p.Text("paymentsweb.see_findings"), Href: path + "/temuan"})
	}
	return out
}

// payRun works out the rows of a stage.
func (d *Desk) payRun(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.stageRun(w, r, who, "pay")
}

// closeRun closes a stage.
func (d *Desk) closeRun(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.stageRun(w, r, who, "pay.close")
}

func (d *Desk) stageRun(w http.ResponseWriter, r *http.Request, who access.Actor, kind string) error {
	if _, err := httpkit.ReadForm(r); err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	return d.beginStage(w, r, who, tenant, kind, payments.StageSettings{Cycle: id}, url.Values{})
}

// beginStage makes a run of a stage, or says on the page of the stage why it cannot.
func (d *Desk) beginStage(w http.ResponseWriter, r *http.Request, who access.Actor, tenant area.Tenant, kind string, settings any, form url.Values) error {
	at, err := d.Places.Tree().DistrictOf(tenant)
	if err != nil {
		return err
	}
	run, err := d.begin(r.Context(), who, runs.NewRun{Kind: kind, Tenant: tenant, Area: at, Settings: settings})
	if err != nil {
		return d.stageAgain(w, r, who, form, err)
	}
	httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
	return nil
}

func (d *Desk) stageAgain(w http.ResponseWriter, r *http.Request, who access.Actor, form url.Values, cause error) error {
	problems, err := formProblem(i18n.Of(r), cause, "")
	if err != nil {
		return err
	}
	return d.showCycle(w, r, who, http.StatusUnprocessableEntity, problems, typedOf(form))
}

// orderRun notes the order that released the money.
func (d *Desk) orderRun(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "number", "on.day", "on.month", "on.year", "amount")
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	set := payments.OrderSettings{StageSettings: payments.StageSettings{Cycle: id}, Number: form.Get("number")}
	if set.On, err = readFullDate(form, "on"); err != nil {
		return d.stageAgain(w, r, who, form, fail.Invalid("payments.order_date").On("on"))
	}
	if set.Amount, err = money.Parse(form.Get("amount")); err != nil {
		return d.stageAgain(w, r, who, form, fail.Invalid("payments.order_amount").On("amount"))
	}
	if set.Number == "" {
		return d.stageAgain(w, r, who, form, fail.Invalid("payments.order_number").On("number"))
	}
	return d.beginStage(w, r, who, tenant, "pay.instruct", set, form)
}

// resultFile takes the bank's result file and makes the run that reads it.
func (d *Desk) resultFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	at, err := d.Places.Tree().DistrictOf(tenant)
	if err != nil {
		return err
	}
	if err := who.Allow(access.RunPayment, tenant, at); err != nil {
		return err
	}
	if _, err := d.Payments.Show(r.Context(), who, tenant, id); err != nil {
		return err
	}
	path, err := d.keepUpload(r)
	if err != nil {
		return d.stageAgain(w, r, who, nil, err)
	}
	run, err := d.importResults(r.Context(), who, tenant, at, id, path)
	if err != nil {
		if removing := os.Remove(path); removing != nil {
			return errors.Join(err, removing)
		}
		return d.stageAgain(w, r, who, nil, onFile(err))
	}
	httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
	return nil
}

// onFile lays an error of the file beside its field.
func onFile(err error) error {
	if e, ok := fail.As(err); ok && e.Kind == fail.KindInvalid && e.Field == "" {
		return e.On("file")
	}
	return err
}

func (d *Desk) importResults(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, cycle sqldb.ID, path string) (runs.Run, error) {
	set, err := d.Exchange.Describe(exchange.Results, path, path+".rejects.csv")
	if err != nil {
		return runs.Run{}, err
	}
	set.Cycle = cycle
	return d.begin(ctx, who, runs.NewRun{Kind: "import.results", Tenant: tenant, Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size})
}

// keepUpload writes the file of a form into the folder of uploads under a name of our own,
// without holding it in memory. Errors: paymentsweb.file_missing, paymentsweb.file_kind.
func (d *Desk) keepUpload(r *http.Request) (string, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return "", fail.Invalid("request.unreadable").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", fail.Invalid("paymentsweb.file_missing").On("file")
		}
		if err != nil {
			return "", fail.Invalid("request.unreadable").Because(err)
		}
		if part.FormName() == "file" {
			return d.keepPart(part)
		}
	}
}

func (d *Desk) keepPart(part *multipart.Part) (path string, err error) {
	if part.FileName() == "" {
		return "", fail.Invalid("paymentsweb.file_missing").On("file")
	}
	kind := filepath.Ext(part.FileName())
	if kind != ".csv" && kind != ".xlsx" {
		return "", fail.Invalid("paymentsweb.file_kind").On("file")
	}
	if err := os.MkdirAll(d.Uploads, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(d.Uploads, "hasil-"+sqldb.NewID().String()+kind)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, part)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

// paymentList writes the payment list with numbers masked, for people.
func (d *Desk) paymentList(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.sendPaymentList(w, r, who, payments.ListChoice{})
}

// fullPaymentList writes the list for the bank or Pos, for a purpose that is recorded.
func (d *Desk) fullPaymentList(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "purpose")
	if err != nil {
		return err
	}
	if form.Get("purpose") == "" {
		return d.stageAgain(w, r, who, form, fail.Invalid("payments.purpose").On("purpose"))
	}
	return d.sendPaymentList(w, r, who, payments.ListChoice{Full: true, Purpose: form.Get("purpose")})
}

func (d *Desk) sendPaymentList(w http.ResponseWriter, r *http.Request, who access.Actor, in payments.ListChoice) (err error) {
	if in.Tenant, in.Cycle, err = rowOf(r); err != nil {
		return err
	}
	c, err := d.Payments.Show(r.Context(), who, in.Tenant, in.Cycle)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	f := payments.ListFile{Title: p.Text("paymentsweb.cycle_title", "programme", d.programmeWords(p, c.Programme, d.cycleDay(c)), "period", d.stageOf(p, c.Programme, c.Period))}
	return d.sendFile(w, "penyaluran-"+string(c.Programme)+"-"+c.Period+".csv", mime.FormatMediaType("text/csv", map[string]string{"charset": "utf-8"}), func(out io.Writer) error {
		_, err := d.Payments.WriteList(r.Context(), who, in, out, f)
		return err
	})
}
