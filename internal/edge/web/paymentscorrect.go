package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/web/ui"
)

// correction is a form of one payment as it was posted.
type correction struct {
	name string
	form url.Values
	payments.Exclusion
}

// readCorrection reads what every correction has: the payment, its version and a reason.
func readCorrection(r *http.Request, name string, fields ...string) (c correction, err error) {
	c.name = name
	if c.form, err = httpkit.ReadForm(r, append([]string{"version", name + "_note"}, fields...)...); err != nil {
		return c, err
	}
	if c.Tenant, c.Payment, err = rowOf(r); err != nil {
		return c, err
	}
	if c.Version, err = atoi(c.form.Get("version")); err != nil {
		return c, fail.Invalid("request.unknown_field")
	}
	c.Note = c.form.Get(name + "_note")
	return c, nil
}

// mendPayment notes what was done about a failure.
func (d *Desk) mendPayment(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := readCorrection(r, "tangani", "what", "account")
	if err != nil {
		return err
	}
	in := payments.Mend{Tenant: c.Tenant, Payment: c.Payment, Version: c.Version, What: payments.Mending(c.form.Get("what")), Note: c.Note}
	if text := c.form.Get("account"); text != "" && in.What == payments.NewAccount {
		if in.Account, err = payments.ParseAccount(text); err != nil {
			return d.afterPayment(w, r, who, c, err)
		}
	}
	return d.afterPayment(w, r, who, c, d.Payments.Mend(r.Context(), who, in))
}

// excludePayment keeps a row from being paid.
func (d *Desk) excludePayment(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := readCorrection(r, "kecualikan", "status")
	if err != nil {
		return err
	}
	c.Status = payment.Status(c.form.Get("status"))
	return d.afterPayment(w, r, who, c, d.Payments.Exclude(r.Context(), who, c.Exclusion))
}

// reinstatePayment puts an excluded row back onto the list.
func (d *Desk) reinstatePayment(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := readCorrection(r, "kembalikan")
	if err != nil {
		return err
	}
	return d.afterPayment(w, r, who, c, d.Payments.Reinstate(r.Context(), who, c.Exclusion))
}

// changePayee gives the money of one row to somebody else of the family.
func (d *Desk) changePayee(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := readCorrection(r, "pengurus", "payee")
	if err != nil {
		return err
	}
	payee, err := sqldb.ParseID(c.form.Get("payee"))
	if err != nil {
		return d.afterPayment(w, r, who, c, fail.Invalid("payments.payee").On("payee"))
	}
	return d.afterPayment(w, r, who, c, d.Payments.Payee(r.Context(), who, c.Exclusion, payee))
}

// afterPayment goes back to the payment, or shows on its form why nothing happened.
func (d *Desk) afterPayment(w http.ResponseWriter, r *http.Request, who access.Actor, c correction, done error) error {
	if done == nil {
		path, _, _ := strings.Cut(r.URL.Path, "/"+c.name)
		if c.name != "tangani" {
			httpkit.Redirect(w, r, path)
			return nil
		}
		d.decided(w, r, paymentQueue, path)
		return nil
	}
	problems, err := formProblem(i18n.Of(r), done, "")
	if err != nil {
		return err
	}
	if problems[0].Field == "note" {
		problems[0].Field = c.name + "_note"
	}
	status := http.StatusUnprocessableEntity
	if e, ok := fail.As(done); ok && e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showPayment(w, r, who, status, []ui.FieldError{problems[0]}, c.form)
}
