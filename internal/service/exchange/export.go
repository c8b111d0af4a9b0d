package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/layout"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Export says which families leave as a file, and how.
type Export struct {
	// Area narrows the actor's own; the nation is all of it.
	Area area.Code
	// Layout is a ready layout of families; empty writes the canonical columns.
	Layout string
	Format tabular.Format
	// Answers writes the questionnaire too; the canonical columns alone have room for it.
	Answers bool
	// Reveal writes NIK, No. KK, phone and the mother's name in full. It needs the permission
	// to reveal in the whole area, and a Purpose.
	Reveal bool
	// Purpose is one of Purposes.
	Purpose string
	// Notes stand above the titles, such as the office and that the people are synthetic.
	Notes []string
}

// Exported counts what left.
type Exported struct {
	Families int64
	Persons  int64
	SHA256   string
}

// Purposes lists what full numbers may be asked for. A purpose is a code: words somebody
// types could name a person, and the log is never changed.
func Purposes() []string { return []string{"siks_ng", "civil_match", "field_check", "auditor"} }

const exportFamilies = 500 // a page: with members and answers a few thousand rows

// Export writes the active families of the actor's area, family by family, as far as the
// actor may take data away. Memory does not grow with the file. The act is recorded, with
// counts and the digest of the file, before Export returns; whoever hands the file on
// keeps it back until then. Numbers are masked unless revealed; texts that a spreadsheet
// would run are guarded. Errors: export.purpose, import.no_layout, access.denied.
func (s *Service) Export(ctx context.Context, who access.Actor, e Export, dst io.Writer) (out Exported, err error) {
	if e.Reveal && !slices.Contains(Purposes(), e.Purpose) {
		return out, fail.Invalid("export.purpose").On("purpose")
	}
	m, err := s.mapping(Settings{Subject: Families, Layout: e.Layout})
	if err == nil && m.Kind != layout.Families {
		err = fail.Invalid("import.layout_kind", "layout", e.Layout).On("layout")
	}
	if err != nil {
		return out, err
	}
	err = s.acts.View(ctx, who, "registry.export", e.Purpose, func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ExportData)
		if err != nil {
			return err
		}
		if scope = scope.Within(e.Area); e.Reveal {
			if err := revealable(tx, scope); err != nil {
				return err
			}
		}
		out = Exported{}
		items := s.exportItems(e)
		x := &exporting{s: s, tx: tx, e: e, scope: scope, items: items, exporter: m.Exporter(itemTitles(items))}
		digest := sha256.New()
		if err := x.write(ctx, io.MultiWriter(dst, digest), &out); err != nil {
			return fmt.Errorf("export families: %w", err)
		}
		out.SHA256 = hex.EncodeToString(digest.Sum(nil))
		return tx.Record(ctx, s.exportEntry(who, e, out))
	})
	return out, err
}

// revealable refuses full numbers where the actor may not see them in the whole area of the file.
func revealable(tx *act.Tx, scope access.Scope) error {
	if scope.Nation() {
		return tx.Allow(access.RevealIdentity, 0, area.Nation)
	}
	for _, r := range scope.Ranges() {
		if err := tx.Allow(access.RevealIdentity, 0, r.From); err != nil {
			return err
		}
	}
	return nil
}

// exportEntry is what the log keeps of an export: where, how much, and which file.
func (s *Service) exportEntry(who access.Actor, e Export, out Exported) audit.Entry {
	at := e.Area
	if at == area.Nation {
		at, _ = who.Home()
	}
	return audit.Entry{Tenant: s.places.RecordTenant(at), Area: at, Facts: map[string]any{
		"families": out.Families, "persons": out.Persons, "layout": e.Layout, "format": string(e.Format), "answers": e.Answers, "revealed": e.Reveal, "sha256": out.SHA256,
	}}
}

// exportItems are the questionnaire items of a file: those of the newest form, or none.
func (s *Service) exportItems(e Export) []questionnaire.Item {
	if !e.Answers || e.Layout != "" {
		return nil
	}
	return append(s.form().Items(questionnaire.LevelPerson), s.form().Items(questionnaire.LevelFamily)...)
}

// itemTitles are the numbers of the items on the form: their keys, such as sex, are also
// the names of columns.
func itemTitles(items []questionnaire.Item) (titles []string) {
	for _, item := range items {
		titles = append(titles, cmp.Or(item.Number, item.Key))
	}
	return titles
}

// exporting is one export under way.
type exporting struct {
	s        *Service
	tx       *act.Tx
	e        Export
	scope    access.Scope
	exporter *layout.Exporter
	sheet    sheetWriter
	items    []questionnaire.Item
	row      []tabular.Cell
	record   layout.Record
}

// sheetWriter is what CSV and XLSX have in common.
type sheetWriter interface {
	Write(row ...tabular.Cell) error
	Close() error
}

func (x *exporting) write(ctx context.Context, dst io.Writer, out *Exported) error {
	if err := x.begin(dst); err != nil {
		return err
	}
	for after := (familyKey{}); ; {
		page, err := x.page(ctx, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return x.sheet.Close()
		}
		after = page[len(page)-1]
		if err := x.families(ctx, page, out); err != nil {
			return err
		}
	}
}

// begin opens the sheet, with its notes and titles.
func (x *exporting) begin(dst io.Writer) error {
	if x.e.Format == tabular.XLSX {
		w := tabular.NewXLSXWriter(dst)
		x.sheet = w
		return w.Sheet(tabular.SheetOptions{Name: "Keluarga", Notes: x.e.Notes, Columns: x.exporter.Columns()})
	}
	x.sheet = tabular.NewCSVWriter(dst, tabular.CSVOptions{Mark: true})
	for _, note := range x.e.Notes {
		if err := x.sheet.Write(tabular.Text(note)); err != nil {
			return err
		}
	}
	return x.sheet.Write(x.exporter.Titles(nil)...)
}

// families writes the members of a page of families, head first.
func (x *exporting) families(ctx context.Context, page []familyKey, out *Exported) error {
	for len(page) > 0 { // one tenant at a time
		n := 1
		for n < len(page) && page[n].tenant == page[0].tenant {
			n++
		}
		if err := x.ofTenant(ctx, page[0].tenant, page[:n], out); err != nil {
			return err
		}
		page = page[n:]
	}
	return nil
}

func (x *exporting) ofTenant(ctx context.Context, tenant area.Tenant, page []familyKey, out *Exported) error {
	ids := make([]sqldb.ID, len(page))
	for i := range page {
		ids[i] = page[i].id
	}
	families, err := x.s.reg.FamiliesIn(ctx, x.tx, tenant, ids)
	if err != nil {
		return err
	}
	byID := make(map[sqldb.ID]*registry.Family, len(families))
	for i := range families {
		byID[families[i].ID] = &families[i]
	}
	members, err := x.members(ctx, tenant, ids)
	if err != nil {
		return err
	}
	answers, err := x.answers(ctx, tenant, ids, members)
	if err != nil {
		return err
	}
	for _, id := range ids {
		out.Families++
		for _, p := range members[id] {
			out.Persons++
			x.fill(byID[id], p)
			x.answer(answers, id, p)
			x.row = x.exporter.Append(x.row[:0], &x.record)
			if err := x.sheet.Write(x.row...); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill puts a person with her family into the record.
func (x *exporting) fill(f *registry.Family, p *registry.Person) {
	rec := &x.record
	rec.Reset()
	at := p.Area
	tree := x.s.places.Tree()
	year := p.SourceDate
	if len(year) > 4 {
		year = year[:4]
	}
	for field, text := range map[layout.Field]string{
		layout.RowID: p.ID.String(), layout.Source: p.Source, layout.Year: year, layout.HouseholdID: f.HouseholdID, layout.RegistryID: f.RegistryID,
		layout.Name: p.Name, layout.Sex: p.Sex.String(), layout.BirthPlace: p.BirthPlace, layout.BirthDate: p.BirthDate.Text(), layout.Relation: p.Relation.String(),
		layout.Address: f.Address, layout.RT: f.RT, layout.RW: f.RW, layout.Village: tree.Name(at), layout.Subdistrict: tree.Name(at.Subdistrict()),
		layout.Regency: tree.Name(at.District()), layout.Province: tree.Name(at.Province()), layout.AreaCode: at.Dotted(),
	} {
		rec.SetText(field, text)
	}
	if x.e.Reveal {
		nik := p.NIK.Plain()
		if p.RawNIK != "" {
			nik = p.RawNIK
		}
		rec.SetText(layout.NIK, nik)
		rec.SetText(layout.NoKK, f.KK.Plain())
		rec.SetText(layout.Phone, firstOf(p.Phone.Plain(), f.Phone.Plain()))
		rec.SetText(layout.MotherName, p.MotherName)
		return
	}
	rec.SetText(layout.NIK, p.NIK.String())
	rec.SetText(layout.NoKK, f.KK.String())
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// answer puts the questionnaire's answers beside a person; the family's stand on the head's row.
func (x *exporting) answer(answers map[sqldb.ID]questionnaire.Answers, family sqldb.ID, p *registry.Person) {
	if len(x.items) == 0 {
		return
	}
	values := make([][]byte, len(x.items))
	for i := range x.items {
		value, ok := answers[p.ID][x.items[i].Key]
		if !ok && p.Relation == person.Head {
			value, ok = answers[family][x.items[i].Key]
		}
		if ok {
			values[i] = []byte(value.Text())
		}
	}
	x.record.SetItems(values)
}

// answers reads the answers of a page, by the person or family they are about.
func (x *exporting) answers(ctx context.Context, tenant area.Tenant, families []sqldb.ID, members map[sqldb.ID][]*registry.Person) (map[sqldb.ID]questionnaire.Answers, error) {
	if len(x.items) == 0 {
		return nil, nil
	}
	subjects := slices.Clone(families)
	for _, list := range members {
		for _, p := range list {
			subjects = append(subjects, p.ID)
		}
	}
	held, err := x.s.reg.AnswersIn(ctx, x.tx, tenant, subjects)
	if err != nil {
		return nil, err
	}
	out := make(map[sqldb.ID]questionnaire.Answers, len(held))
	for _, a := range held {
		if a.Questionnaire != x.s.form().Name {
			continue // answers of an older form have other items
		}
		var read questionnaire.Answers
		if err := json.Unmarshal([]byte(a.Document), &read); err != nil {
			return nil, fmt.Errorf("read answers of %s: %w", a.Subject, err)
		}
		out[a.Subject] = read
	}
	return out, nil
}

// rank orders the members of a family: the head first, those of unknown relation last.
func rank(r person.Relation) int {
	if r == person.UnknownRelation {
		return int(person.OtherRelation) + 1
	}
	return int(r)
}

// members reads the active members of families, head first.
func (x *exporting) members(ctx context.Context, tenant area.Tenant, families []sqldb.ID) (map[sqldb.ID][]*registry.Person, error) {
	ids, err := memberIDs(ctx, x.tx, tenant, families)
	if err != nil {
		return nil, err
	}
	persons, err := x.s.reg.PersonsIn(ctx, x.tx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[sqldb.ID][]*registry.Person, len(families))
	for i := range persons {
		p := &persons[i]
		out[p.FamilyID] = append(out[p.FamilyID], p)
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b *registry.Person) int {
			return cmp.Or(cmp.Compare(rank(a.Relation), rank(b.Relation)), slices.Compare(a.ID[:], b.ID[:]))
		})
	}
	return out, nil
}
