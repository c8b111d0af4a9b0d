package public

import (
	"net/http"

	"github.com/a-h/templ"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	view "tepat/web/public"
	"tepat/web/ui"
)

// letterForm shows the empty form. A QR code leads here with the code behind "#", which
// browsers keep to themselves: no network and no log learns which letter is looked at.
func (s *Site) letterForm(w http.ResponseWriter, r *http.Request) error {
	return s.keptPage(w, r, http.StatusOK, letterPath, func(p i18n.Printer) templ.Component { return s.drawLetter(p, view.LetterView{}) })
}

// letter answers a posted code.
func (s *Site) letter(w http.ResponseWriter, r *http.Request) error {
	now := s.o.Now()
	if _, err := s.letters.take(httpkit.Bucket(httpkit.ClientAddress(r)), now); err != nil {
		return s.wait(w, r, now, letterPath, err)
	}
	var code string
	if err := readFields(r, field{"code", &code}); err != nil {
		return err
	}
	p := i18n.Of(r)
	found, err := s.Letters.LetterByCode(r.Context(), code)
	if kind := fail.KindOf(err); kind == fail.KindInvalid || kind == fail.KindNotFound {
		v := view.LetterView{Code: code, Problems: []ui.FieldError{{Field: "code", Message: p.Error(err)}}}
		return httpkit.Render(w, r, httpkit.StatusOf(kind), s.drawLetter(p, v))
	}
	if err != nil {
		return err
	}
	v := view.LetterView{Letter: &view.Letter{
		Kind: p.Text("letters.kind." + found.Kind), Issued: p.Date(s.moment(found.IssuedAt)), Code: found.Code, Valid: found.Valid,
	}}
	if found.Valid && s.Desk != nil && s.Desk.Findings != nil && toObject(found.Kind) {
		v.Object = s.href(p, objectLetterPath)
	}
	return httpkit.Render(w, r, http.StatusOK, s.drawLetter(p, v))
}

func (s *Site) drawLetter(p i18n.Printer, v view.LetterView) templ.Component {
	page := s.page(p, letterPath, "public.letter.title")
	page.Lead = p.Text("public.letter.lead")
	page.Description = page.Lead
	page.HideHeading, page.Failed = v.Letter == nil, len(v.Problems) > 0
	if v.Letter != nil {
		at := p.Moment(s.moment(s.o.Now()))
		page.Title, page.Lead, page.Description = p.Text("public.letter.result"), p.Text("public.answer.as_of", "at", at), ""
		page.Printed = ui.Printed{At: at, By: p.Text("public.answer.by")}
	}
	v.Action, v.Again, v.Contact = s.href(p, letterPath), s.href(p, letterPath), s.o.Contact
	return view.LetterCheck(page, v)
}
