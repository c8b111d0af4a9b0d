package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/edge/public"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/letters"
	"tepat/internal/service/lookups"
	"tepat/internal/service/proposals"
	"tepat/internal/service/screening"
	"tepat/web/site"
	"tepat/web/ui"
)

// publicPrefix is where the citizens' site lies beside the officials'.
const publicPrefix = "/publik"

// officeZone is the legal time at the office of the installation; the capital's for the nation.
func (b *house) officeZone() *time.Location { return b.Places.Tree().Zone(b.Home.Home()).Location() }

// citizens builds the handler of the citizens' site: its own front, without cookies but that of a person's own pages.
func (b *house) citizens(ctx context.Context, prefix string, secure bool, proxies httpkit.Proxies) (http.Handler, error) {
	checker, err := lookups.NewChecker(ctx, b.DB, b.Registry, b.Acts.Now, lookups.DefaultLimits().In(b.officeZone()))
	if err != nil {
		return nil, err
	}
	b.checker = checker
	frame := b.frame(prefix)
	frame.HomeHref = prefix + "/"
	ground := &httpkit.Web{Log: b.log}
	own, err := b.ownPages(ctx, secure)
	if err != nil {
		return nil, err
	}
	pages := public.New(public.Services{Checker: checker, Letters: letterCheck{b.Letters}, Programme: b.programmeName, Desk: b.citizensDesk(), Own: own, Open: b.openData(), Alive: func(ctx context.Context) error {
		_, err := b.DB.SchemaVersion(ctx)
		return err
	}}, ground, frame, public.Options{
		Prefix: prefix, Contact: site.Contact{Office: b.Home.Name}, Now: b.Acts.Now, Zone: b.Places.Tree().Zone(b.Home.Home()).Location(),
	})
	mux := httpkit.NewMux(ground)
	pages.Register(mux)
	if err := mountAssets(mux); err != nil {
		return nil, err
	}
	return httpkit.Front{Next: mux, Web: ground, Catalogue: b.catalogue, Proxies: proxies, HSTS: secure, Secure: secure}.Handler()
}

// citizensDesk is what a citizen can send from the site.
func (b *house) citizensDesk() *public.Desk {
	b.Grievances.Connect(b.objectionToFinding)
	return &public.Desk{
		Cases: b.Grievances, Papers: casePapers{b.Grievances, b.Papers}, Findings: byLetter{b.Screening}, Applications: b.Proposals, Villages: b.villagesWithin, Areas: b.areasBelow,
		Problems: func(at area.Code, d proposals.Document) []*fail.Error {
			return b.Proposals.Problems(at, d, b.Places.LocalDate(at, b.Acts.Now()))
		},
		Reason: func(p i18n.Printer, code string) string {
			reason, err := b.Proposals.Rules().Reasons.Find(code, b.Places.LocalDate(b.Home.Home(), b.Acts.Now()))
			if err != nil {
				return code
			}
			return reason.Label.In(p.Lang.String())
		},
		Programmes: func(p i18n.Printer) (out []ui.Option) {
			for _, one := range b.ref.programmes.At(b.Places.LocalDate(b.Home.Home(), b.Acts.Now())).Programmes() {
				out = append(out, ui.Option{Value: string(one.ID), Label: one.Name.In(p.Lang.String())})
			}
			return out
		},
	}
}

// villagesWithin lists the villages this installation writes for.
func (b *house) villagesWithin(within area.Code) (out []public.Place) {
	tree := b.Places.Tree()
	for place := range tree.Villages(within) {
		if tree.Writes(place.Tenant) {
			out = append(out, public.Place{Code: place.Code, Name: tree.Label(place.Code)})
		}
	}
	return out
}

// areasBelow lists the areas below one in which this installation writes for a village.
func (b *house) areasBelow(at area.Code) (out []public.Place) {
	tree := b.Places.Tree()
	for place := range tree.Children(at) {
		for village := range tree.Villages(place.Code) {
			if tree.Writes(village.Tenant) {
				out = append(out, public.Place{Code: place.Code, Name: tree.Title(place.Code)})
				break
			}
		}
	}
	return out
}

// programmeName gives a programme's name today, or that of a kind of help that is no programme of the catalogue (a wheelchair); else
// its key.
func (b *house) programmeName(p i18n.Printer, key string) string {
	today := period.DateOf(b.Acts.Now(), b.Places.Tree().Zone(b.Home.Home()).Location())
	one, err := b.ref.programmes.At(today).Programme(programme.ID(key))
	if err == nil {
		return one.Name.In(p.Lang.String())
	}
	if p.Has("help." + key) {
		return p.Text("help." + key)
	}
	return key
}

// letterCheck tells of a letter what anybody may know who holds its code.
type letterCheck struct{ letters *letters.Service }

func (l letterCheck) LetterByCode(ctx context.Context, code string) (public.LetterView, error) {
	found, err := l.letters.ByCode(ctx, code)
	if err != nil {
		return public.LetterView{}, err
	}
	return public.LetterView{Kind: string(found.Kind), Code: strings.ToUpper(strings.TrimSpace(code)), IssuedAt: found.IssuedAt, Valid: found.Valid}, nil
}

// byLetter takes in the objection of a family that holds a letter about a finding.
type byLetter struct{ findings *screening.Service }

func (l byLetter) ObjectByLetter(ctx context.Context, in public.LetterObjection) (public.LetterReceipt, error) {
	out, err := l.findings.AppealByLetter(ctx, screening.SelfAppeal{Code: in.Code, Last6: in.Last6, Words: in.Words})
	return public.LetterReceipt{Tenant: out.Tenant, Finding: out.Finding, Number: out.Number, Code: out.Code, Letter: out.Letter, Kind: string(out.Kind), FiledOn: out.FiledOn, AnswerBy: out.AnswerBy}, err
}

// objectionToFinding tells where an objection to a finding stands, as the family that sent it follows it.
func (b *house) objectionToFinding(ctx context.Context, tenant area.Tenant, finding sqldb.ID, number string) (t grievances.Timeline, ok bool, err error) {
	o, ok, err := b.Screening.Objection(ctx, tenant, finding, number)
	if fail.CodeOf(err) == "finding.unknown" {
		return t, false, nil // the number is of another case
	}
	if err != nil || !ok {
		return t, false, err
	}
	place := b.Places.Tree().Title(o.Area.District())
	t = grievances.Timeline{Number: o.Number, Kind: grievances.Objection, Papers: o.Outcome == screening.Undecided, State: string(proposal.ObjectionFiled), FiledOn: o.FiledOn, AnswerBy: o.AnswerBy, Due: o.AnswerBy,
		Steps: []grievances.TimelineStep{{On: o.FiledOn, Action: "file", State: string(proposal.ObjectionFiled)}}}
	switch o.Outcome {
	case screening.Upheld:
		t.State = string(proposal.ObjectionUpheld)
		t.Steps = append(t.Steps, grievances.TimelineStep{On: o.DecidedOn, Action: "uphold", State: t.State, Place: place})
	case screening.Refused:
		t.State = string(proposal.ObjectionDismissed)
		t.Steps = append(t.Steps, grievances.TimelineStep{On: o.DecidedOn, Action: "dismiss", State: t.State, Place: place})
	}
	return t, true, nil
}

// beside serves the citizens' site below its prefix and the officials' everywhere else.
func beside(citizens, officials http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == publicPrefix || strings.HasPrefix(r.URL.Path, publicPrefix+"/") {
			citizens.ServeHTTP(w, r)
			return
		}
		officials.ServeHTTP(w, r)
	})
}
