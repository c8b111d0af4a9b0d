// Package familyform is the form of a family, as the village operator and the citizen herself
// fill it in: how it is drawn, and how what was typed becomes a document of a proposal with
// everything that is wrong about it, field by field.
package familyform

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tepat/internal/domain/person"
	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// Members is how many members the form has room for.
const Members = 10

func memberParts() []string {
	return []string{"relation", "name", "nik", "sex", "birth_place", "birth_date.day", "birth_date.month", "birth_date.year", "mother"}
}

// Papers are the documents of which the filer saw the original, by their codes.
func Papers() []string { return []string{"ktp", "kk", "rumah"} }

// Fields names every field of the form.
func Fields() []string {
	out := []string{"area", "address", "rt", "rw", "no_kk", "phone", "words", "papers"}
	for i := range Members {
		for _, part := range memberParts() {
			out = append(out, Name(i, part))
		}
	}
	return out
}

// Name gives the name of a field of one member.
func Name(member int, part string) string { return "members." + strconv.Itoa(member) + "." + part }

// Typed gives the fields of the form as they were typed.
func Typed(form url.Values) map[string]string {
	out := map[string]string{}
	for _, name := range Fields() {
		if v := strings.Join(form[name], ","); v != "" {
			out[name] = v
		}
	}
	return out
}

// Form is the form as it is drawn: what was typed, what is wrong, and which numbers are kept
// already and need not be typed again.
type Form struct {
	Printer  i18n.Printer
	Values   map[string]string
	Problems []ui.FieldError
	Kept     map[string]string
	Villages []ui.Option
	// Own marks the form a family fills in for itself: nobody has looked at its papers.
	Own bool
}

// Sections are the parts of the form: address, family card, members, papers.
func (f Form) Sections() []templ.Component {
	p := f.Printer
	section := func(id, key string, parts ...templ.Component) templ.Component {
		return Within(ui.Section(id, p.Text(key), nil), parts...)
	}
	kk := f.field("no_kk", "web.no_kk")
	kk.Kind = ui.KK
	out := []templ.Component{section("alamat", "proposalsweb.section_address", f.address()...), section("kk", "proposalsweb.section_kk", ui.TextField(kk))}
	shown := min(Members, max(2, f.filled()+1))
	for i := range shown {
		out = append(out, Within(ui.Section("anggota-"+strconv.Itoa(i+1), f.memberTitle(i), nil), f.member(i)...))
	}
	if shown < Members {
		var rest []templ.Component
		for i := shown; i < Members; i++ {
			rest = append(rest, Within(ui.Section("anggota-"+strconv.Itoa(i+1), f.memberTitle(i), nil), f.member(i)...))
		}
		out = append(out, Within(ui.Disclosure(p.Text("proposalsweb.more_members")), rest...))
	}
	words := f.field("words", "proposalsweb.words")
	words.Optional, words.MaxLength, words.Hint = true, 1000, p.Text("proposalsweb.words_hint")
	if f.Own {
		words.Hint = p.Text("proposalsweb.words_own")
		return append(out, section("dokumen", "proposalsweb.words", ui.TextArea(words, 3)))
	}
	papers := f.field("papers", "proposalsweb.papers")
	papers.Hint = p.Text("proposalsweb.papers_hint")
	return append(out, section("dokumen", "proposalsweb.section_papers", ui.CheckboxField(papers, f.paperOptions()), ui.TextArea(words, 3)))
}

func (f Form) address() []templ.Component {
	p := f.Printer
	out := []templ.Component{}
	if len(f.Villages) > 1 {
		out = append(out, ui.SelectField(f.field("area", "web.village"), f.Villages))
	} else {
		for _, v := range f.Villages {
			out = append(out, ui.TextField(ui.Field{Name: "area_name", Label: p.Text("web.village"), Value: v.Label, ReadOnly: true}))
		}
	}
	street, rt, rw, phone := f.field("address", "web.address"), f.field("rt", "proposalsweb.rt"), f.field("rw", "proposalsweb.rw"), f.field("phone", "proposalsweb.phone")
	street.MaxLength, rt.Chars, rt.MaxLength, rw.Chars, rw.MaxLength = 200, 4, 3, 4, 3
	rt.Kind, rw.Kind, rt.Optional, rw.Optional = ui.Count, ui.Count, true, true
	phone.Kind, phone.Optional, phone.Chars = ui.Phone, true, 20
	street.Hint = p.Text("proposalsweb.address_hint")
	return append(out, ui.TextField(street), ui.FieldRow(ui.TextField(rt), ui.TextField(rw)), ui.TextField(phone))
}

func (f Form) memberTitle(i int) string {
	if i == 0 {
		return f.Printer.Text("proposalsweb.head_section")
	}
	return f.Printer.Text("proposalsweb.member", "n", i+1)
}

// filled counts up to the last member with anything typed.
func (f Form) filled() int {
	n := 0
	for i := range Members {
		if !emptyMember(f.Values, i) {
			n = i + 1
		}
	}
	return n
}

func emptyMember(values map[string]string, i int) bool {
	for _, part := range memberParts() {
		if part != "relation" && part != "sex" && values[Name(i, part)] != "" {
			return false
		}
	}
	return true
}

func (f Form) field(name, key string) ui.Field {
	out := ui.Field{Name: name, Label: f.Printer.Text(key), Value: f.Values[name], Error: problemOf(f.Problems, name)}
	if kept := f.Kept[name]; kept != "" {
		out.Hint, out.Optional = f.Printer.Text("proposalsweb.kept", "value", kept), true
	}
	return out
}

func problemOf(problems []ui.FieldError, name string) string {
	for _, one := range problems {
		if one.Field == name {
			return one.Message
		}
	}
	return ""
}

// member are the fields of one member.
func (f Form) member(i int) []templ.Component {
	at := func(part, key string) ui.Field { return f.field(Name(i, part), key) }
	name, nik, place, mother := at("name", "web.name_ktp"), at("nik", "web.nik"), at("birth_place", "web.birth_place"), at("mother", "proposalsweb.mother")
	nik.Kind, name.MaxLength, place.Chars, place.Optional, mother.Optional = ui.NIK, 60, 30, true, true
	if i > 0 {
		nik.Optional = true
	}
	date := Name(i, "birth_date")
	return []templ.Component{
		ui.SelectField(at("relation", "web.relation"), f.relations(i)), ui.TextField(name), ui.TextField(nik),
		ui.RadioField(at("sex", "web.sex"), f.sexes(i)), ui.TextField(place),
		ui.DateField(ui.Field{Name: date, Label: f.Printer.Text("web.birth_date"), Error: problemOf(f.Problems, date)},
			ui.DateParts{Day: f.Values[date+".day"], Month: f.Values[date+".month"], Year: f.Values[date+".year"]}),
		ui.TextField(mother),
	}
}

func (f Form) relations(i int) []ui.Option {
	chosen := f.Values[Name(i, "relation")]
	if chosen == "" && i == 0 {
		chosen = person.Head.String()
	}
	out := []ui.Option{{Value: "", Label: f.Printer.Text("proposalsweb.choose")}}
	for rel := person.Head; rel <= person.OtherRelation; rel++ {
		out = append(out, ui.Option{Value: rel.String(), Label: f.Printer.Text("person.relation." + rel.String()), Selected: chosen == rel.String()})
	}
	return out
}

func (f Form) sexes(i int) []ui.Option {
	var out []ui.Option
	for _, s := range []person.Sex{person.Male, person.Female} {
		out = append(out, ui.Option{Value: s.String(), Label: f.Printer.Text("person.sex." + s.String()), Selected: f.Values[Name(i, "sex")] == s.String()})
	}
	return out
}

func (f Form) paperOptions() []ui.Option {
	chosen := strings.Split(f.Values["papers"], ",")
	var out []ui.Option
	for _, one := range Papers() {
		out = append(out, ui.Option{Value: one, Label: f.Printer.Text("proposalsweb.seen." + one), Selected: slices.Contains(chosen, one)})
	}
	return out
}

// Within draws components as the children of another.
func Within(outer templ.Component, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(parts...)), w)
	})
}
