package app

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/edge/public"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/grievances"
	"tepat/internal/service/insight"
	"tepat/internal/service/looks"
	"tepat/internal/service/lookups"
	"tepat/internal/service/papers"
	"tepat/internal/service/visits"
)

// ownRecord builds what shows a person her own record.
func (b *house) ownRecord() *lookups.Own {
	return lookups.NewOwn(lookups.OwnParts{
		Acts: b.Acts, Keys: b.Keys, Registry: b.Registry, Programmes: b.Programmes, Payments: b.Payments, Screening: b.Screening, Letters: b.Letters, Visits: visits.New(b.Acts, b.Keys, b.Registry, b.Places), Places: b.Places,
	}, lookups.DefaultLimits().In(b.officeZone()))
}

// ownPages gives the citizens' site the pages a person opens with a code.
func (b *house) ownPages(ctx context.Context, secure bool) (*public.OwnPages, error) {
	store, err := accounts.NewSessions(ctx, b.DB, b.Keys, b.Acts.Now)
	if err != nil {
		return nil, err
	}
	return &public.OwnPages{
		Record: b.ownRecord(), Store: citizenSessions{store}, Keys: b.Keys, Secure: secure, Place: b.Places.Tree().Title,
		Criterion: func(p i18n.Printer, id string) string {
			c, ok := b.Screening.Criterion(id, b.Places.LocalDate(b.Home.Home(), b.Acts.Now()))
			if !ok {
				return id
			}
			return c.Label.In(p.Lang.String())
		},
		Stage: b.stageWords,
	}, nil
}

// stageWords says which months a stage of payment is for.
func (b *house) stageWords(p i18n.Printer, id, stage string) string {
	first, err := period.ParseMonth(stage)
	if err != nil {
		return p.DateText(stage)
	}
	one, err := b.ref.programmes.At(first.First()).Programme(programme.ID(id))
	if err != nil {
		return p.DateText(stage)
	}
	last := first.Add(max(12/max(one.Payment.StagesPerYear, 1), 1) - 1)
	if last == first {
		return p.DateText(stage)
	}
	return p.Text("public.period.range", "from", p.MonthName(first.Month()), "to", p.DateText(last.Text()))
}

// citizenSessions keeps citizens' sessions beside the officers' in one table, under keys of their own: the cookie of one
// site opens nothing on the other.
type citizenSessions struct{ store *accounts.Sessions }

const ofCitizen = "warga "

func (c citizenSessions) FindSession(ctx context.Context, id string) ([]byte, bool, error) {
	return c.store.FindSession(ctx, ofCitizen+id)
}

func (c citizenSessions) SaveSession(ctx context.Context, id string, data []byte, expires time.Time) error {
	return c.store.SaveSession(ctx, ofCitizen+id, data, expires)
}

func (c citizenSessions) DeleteSession(ctx context.Context, id string) error {
	return c.store.DeleteSession(ctx, ofCitizen+id)
}

// openData gives the citizens' site the public figures.
func (b *house) openData() *public.OpenData {
	return &public.OpenData{Districts: b.districtsWritten, Outlines: b.openOutlines, Breaks: insight.Breaks, Figures: openFigures(b.Insight.Open), Wide: openFigures(b.Insight.OpenWide)}
}

// openFigures says public figures in the reader's language.
func openFigures(read func(context.Context, area.Code, period.Month) (insight.OpenFigures, error)) func(context.Context, i18n.Printer, area.Code, period.Month) (public.Figures, error) {
	return func(ctx context.Context, p i18n.Printer, at area.Code, month period.Month) (public.Figures, error) {
		f, err := read(ctx, at, month)
		if err != nil {
			return public.Figures{}, err
		}
		out := public.Figures{Area: f.Area, Month: f.Month, Months: f.Months, AsOf: f.AsOf, Smallest: insight.Smallest()}
		for _, c := range f.Columns {
			column := public.FigureColumn{Key: c.Key, Name: c.Words.Say(p)}
			if c.Of.Key != "" {
				column.Of = c.Of.Say(p)
			}
			out.Columns = append(out.Columns, column)
		}
		for _, l := range f.Lines {
			line := public.FigureLine{Code: l.Code, Name: l.Words.Say(p), Counted: f.Counted[l.Code].Counted, Kept: f.Counted[l.Code].Kept}
			for _, v := range l.Values {
				line.Values = append(line.Values, public.FigureValue{N: v.N, None: v.None, Hidden: v.Hidden})
			}
			out.Lines = append(out.Lines, line)
		}
		return out, nil
	}
}

// openOutlines gives the shapes the public map is drawn on.
func (b *house) openOutlines(ctx context.Context, at area.Code) (public.Outlines, error) {
	o, err := b.Places.Outlines(ctx, at)
	return public.Outlines{Of: o.Of, Source: o.Source, AsOf: o.AsOf}, err
}

// districtsWritten lists the districts this installation writes for.
func (b *house) districtsWritten() (out []public.Place) {
	tree := b.Places.Tree()
	for _, tenant := range tree.Written() {
		if at, err := tree.DistrictOf(tenant); err == nil {
			out = append(out, public.Place{Code: at, Name: tree.Title(at)})
		}
	}
	return out
}

// looks builds what watches the log for looks out of the ordinary.
func (b *house) looks() *looks.Service {
	return looks.New(looks.Parts{Acts: b.Acts, Places: b.Places, Home: b.Home, Rules: b.ref.looks, Calendar: b.ref.calendar})
}

// casePapers takes files in for the cases of citizens.
type casePapers struct {
	cases  *grievances.Service
	papers *papers.Service
}

func (c casePapers) Check(content []byte) error {
	_, err := papers.CheckSelf(content)
	return err
}

func (c casePapers) AddTo(ctx context.Context, tenant area.Tenant, id sqldb.ID, files [][]byte) error {
	var checked []papers.Checked
	for _, content := range files {
		one, err := papers.CheckSelf(content)
		if err != nil {
			return err
		}
		checked = append(checked, one)
	}
	return c.papers.AddSelf(ctx, tenant, id, id, checked) // nobody's account: the case stands for her
}

func (c casePapers) Add(ctx context.Context, number, digits string, files [][]byte) error {
	tenant, id, err := c.cases.Tracked(ctx, number, digits)
	if err != nil {
		return err
	}
	return c.AddTo(ctx, tenant, id, files)
}

func (c casePapers) List(ctx context.Context, number, digits string) ([]public.CaseFile, error) {
	tenant, id, err := c.cases.Tracked(ctx, number, digits)
	if err != nil {
		return nil, err
	}
	list, err := c.papers.ListSelf(ctx, tenant, id, id)
	if err != nil {
		return nil, err
	}
	out := make([]public.CaseFile, len(list))
	for i, one := range list {
		out[i] = public.CaseFile{ID: one.ID, Format: string(one.Format), Bytes: one.Size, At: one.AddedAt, Back: one.Back}
	}
	return out, nil
}

func (c casePapers) TakeBack(ctx context.Context, number, digits string, files []sqldb.ID) error {
	tenant, id, err := c.cases.Tracked(ctx, number, digits)
	for _, file := range files {
		if err == nil {
			err = c.papers.TakeBack(ctx, tenant, id, id, file)
		}
	}
	return err
}
