package synth

import (
	"strconv"

	"tepat/internal/domain/person"
)

// Kinds of evidence that follow from the civil registry: they are reported of every person whose
// row has the defect of the same name.
const (
	evidenceDead  = "dead"
	evidenceMoved = "moved"
	civilAgency   = "dukcapil"
)

// report writes what other offices know: evidence, official deciles and requests.
func (w *workshop) report() {
	for i := range w.posts {
		w.reportFamily(&w.posts[i])
	}
	for i := range w.plan.cfg.Scenario.Evidence {
		w.harmless(i)
		w.outsiders(i)
		w.stated(i)
	}
	w.requests()
}

func (w *workshop) reportFamily(p *post) {
	f := &p.family
	if p.role == copyHere || p.role == crossCopy {
		return
	}
	s := &w.plan.cfg.Scenario
	if f.ranked {
		w.batch.Deciles = append(w.batch.Deciles, DecileRow{
			NoKK: f.kk, RegistryID: w.registryID(f), Decile: f.decile, Vintage: s.Population.Vintage, Source: w.plan.source,
		})
	}
	switch {
	case p.kind == Dead:
		died := w.plan.AsOf().AddDays(-w.chance.between(30, 900))
		w.evidence(evidenceDead, civilAgency, died.Text(), f.members[p.victim].nik)
	case p.kind == Moved:
		w.evidence(evidenceMoved, civilAgency, p.gone.Dotted(), f.members[p.victim].nik)
	case p.role == reported:
		e := &s.Evidence[p.index]
		w.evidence(e.Kind, e.Agency, w.value(e, e.Values), w.grown(f).nik)
	}
}

func (w *workshop) evidence(kind, agency, value string, nik person.NIK) {
	w.batch.Evidence = append(w.batch.Evidence, EvidenceRow{
		NIK: nik, Kind: kind, Value: value, AsOf: w.plan.AsOf().AddDays(-w.chance.between(3, 60)),
		Agency: agency, Source: w.plan.source,
	})
}

// grown gives a member of working age, or the head.
func (w *workshop) grown(f *family) *human {
	from := w.chance.below(len(f.members))
	for i := range f.members {
		if h := &f.members[(from+i)%len(f.members)]; h.age >= 20 && h.age <= 65 {
			return h
		}
	}
	return f.head()
}

// value draws a value of the kind: a number of the range, a word, or yes.
func (w *workshop) value(e *EvidencePlan, within [2]int) string {
	switch {
	case len(e.Steps) > 0:
		var fit []int
		for _, step := range e.Steps {
			if step >= within[0] && step <= within[1] {
				fit = append(fit, step)
			}
		}
		if len(fit) > 0 {
			return strconv.Itoa(fit[w.chance.below(len(fit))])
		}
		return strconv.Itoa(within[0])
	case within[1] > 0:
		return strconv.Itoa(w.chance.between(within[0], within[1]))
	case len(e.Words) > 0:
		return e.Words[w.chance.below(len(e.Words))]
	}
	return "ya"
}

// harmless reports members of the registry with values that remove nobody: a wage below the
// minimum, or that what was asked is not so.
func (w *workshop) harmless(index int) {
	e := &w.plan.cfg.Scenario.Evidence[index]
	for range w.block.harmless[index] {
		value := "tidak"
		if e.Low[1] > 0 {
			value = w.value(e, e.Low)
		}
		if f := w.ordinary(); f != nil {
			w.evidence(e.Kind, e.Agency, value, f.head().nik)
		}
	}
}

// outsiders reports people who are not in the registry: an agency's file is about everybody.
func (w *workshop) outsiders(index int) {
	e := &w.plan.cfg.Scenario.Evidence[index]
	for range w.block.outsiders[index] {
		if len(w.beside) == 0 {
			return
		}
		f := &w.beside[w.chance.below(len(w.beside))]
		w.evidence(e.Kind, e.Agency, w.value(e, e.Values), w.grown(f).nik)
	}
}

// stated reports members of families without any role, each once: pupils with their class, orphans. A block in which nobody is
// left of whom it could be said states fewer.
func (w *workshop) stated(index int) {
	e := &w.plan.cfg.Scenario.Evidence[index]
	if w.block.stated[index] == 0 {
		return
	}
	var fit []*human
	for _, at := range w.pool {
		f := &w.posts[at].family
		for i := range f.members {
			if h := &f.members[i]; h.age >= e.Ages[0] && h.age <= e.Ages[1] && (e.Says != SaysClass || h.classAt() > 0) {
				fit = append(fit, h)
			}
		}
	}
	for n := range min(w.block.stated[index], len(fit)) {
		other := n + w.chance.below(len(fit)-n)
		fit[n], fit[other] = fit[other], fit[n]
		value := w.value(e, e.Values)
		if e.Says == SaysClass {
			value = strconv.Itoa(fit[n].classAt())
		}
		w.evidence(e.Kind, e.Agency, value, fit[n].nik)
	}
}

// ordinary gives a family without any role, or nil when the block has none.
func (w *workshop) ordinary() *family {
	if len(w.pool) == 0 {
		return nil
	}
	return &w.posts[w.pool[w.chance.below(len(w.pool))]].family
}
