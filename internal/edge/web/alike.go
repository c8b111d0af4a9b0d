package web

import (
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/identity"
	"tepat/web/desk"
	"tepat/web/ui"
)

// alikeNotices say who of the registry somebody about to be written or changed may be.
func (d *Desk) alikeNotices(p i18n.Printer, told []identity.Resembling) (out []ui.Notice) {
	for _, one := range told {
		n := ui.Notice{Tone: ui.Wait, Title: p.Text("alikeweb.title"), Text: d.resembling(p, one)}
		if one.Twin {
			n.Title = p.Text("alikeweb.twin")
		}
		if !one.Family.IsZero() {
			n.Title = p.Text("alikeweb.title_name", "name", one.Name)
			if one.Twin {
				n.Title = p.Text("alikeweb.twin_name", "name", one.Name)
			}
			n.Link = &ui.Link{Label: p.Text("proposalsweb.family"), Href: "/keluarga/" + rowID(one.Tenant, one.Family)}
		}
		out = append(out, n)
	}
	return out
}

// missingNotice says that so many persons were written at once that not everybody could be looked at yet.
func (d *Desk) missingNotice(p i18n.Printer, count int) ui.Notice {
	return ui.Notice{Tone: ui.Info, Title: p.Text("alikeweb.missing"), Text: p.Text("alikeweb.missing_text", "count", count)}
}

// resembling says where and since when somebody alike is registered and, of whom the reader may see, under which masked
// NIK and in what she agrees.
func (d *Desk) resembling(p i18n.Printer, one identity.Resembling) string {
	text := p.Text("alikeweb.where", "village", d.Places.Tree().Title(one.Area), "since", p.DateText(one.Since.Text()))
	if one.Since.IsZero() {
		text = p.Text("alikeweb.where_only", "village", d.Places.Tree().Title(one.Area))
	}
	if !one.NIK.IsZero() {
		text += " " + p.Text("alikeweb.nik", "nik", one.NIK.String())
	}
	if one.Twin {
		text += " " + p.Text("alikeweb.twin_text")
	}
	if agreed := agreedWords(p, one.Agreed); agreed != "" {
		text += " " + p.Text("proposalsweb.alike_agreed", "list", agreed)
	}
	return text
}

// agreedWords lists in what two persons agree; each level of the model that has words is told.
func agreedWords(p i18n.Printer, levels []string) string {
	var agreed []string
	for _, level := range levels {
		if key := "linkage." + level; p.Has(key) {
			agreed = append(agreed, p.Text(key))
		}
	}
	return strings.Join(agreed, "; ")
}

// alikeField is the tick by which the reader goes on in spite of whom she was told of. Told of others, she is asked again.
func alikeField(p i18n.Printer, told []identity.Resembling, problem string) desk.FieldView {
	return desk.FieldView{Field: ui.Field{Name: "alike", Label: p.Text("alikeweb.go_on"), Hint: p.Text("alikeweb.go_on_hint"), Error: problem}, Checks: true,
		Options: []ui.Option{{Value: identity.Seen(told), Label: p.Text("alikeweb.another")}}}
}

// alikeLinks lead to the page of duplicates: to the pair itself where the two are queued already.
func alikeLinks(p i18n.Printer, who access.Actor, told []identity.Resembling) (out []ui.Link) {
	if len(told) == 0 || !who.Can(access.ReviewDuplicate) {
		return nil
	}
	for _, one := range told {
		if !one.Pair.IsZero() {
			out = append(out, ui.Link{Label: p.Text("alikeweb.pair", "name", one.Name), Href: "/ganda/" + rowID(one.PairKeeper, one.Pair)})
		}
	}
	return append(out, ui.Link{Label: p.Text("alikeweb.pairs"), Href: "/ganda"})
}
