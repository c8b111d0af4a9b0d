package app

import (
	"time"

	"tepat/data/criteria"
	"tepat/data/holidays"
	link "tepat/data/linkage"
	"tepat/data/models"
	paydata "tepat/data/payments"
	"tepat/data/programmes"
	forms "tepat/data/questionnaire"
	"tepat/data/reasons"
	"tepat/data/repair"
	"tepat/data/wages"
	"tepat/data/watch"
	"tepat/data/workflow"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/service/insight"
	"tepat/internal/service/looks"
	"tepat/internal/service/payments"
	"tepat/internal/service/suggestions"
)

// reference is the dated reference data, read and checked once.
type reference struct {
	forms      questionnaire.Set
	kinds      *evidence.Catalogue
	vocabulary *eligibility.Vocabulary
	criteria   *eligibility.Library
	wages      *eligibility.Wages
	programmes programme.Catalogue
	payments   payment.Tables
	model      scoring.Model
	signs      scoring.Signs
	deadlines  proposal.Deadlines
	reasons    proposal.Reasons
	calendar   period.Calendar
	identity   *linkage.Model
	repair     suggestions.Rules
	names      insight.NameGroups
	payRules   payments.Rules
	bank       payments.Bank
	looks      looks.Rules
}

// loadReference reads everything a decree can change.
func loadReference() (r reference, err error) {
	var days []period.Holiday
	for _, read := range []func() error{
		func() error { r.forms, err = questionnaire.Load(forms.Files); return err },
		func() error { r.looks, err = looks.ParseRules(watch.Rules); return err },
		func() error { r.kinds, err = evidence.ParseCatalogue(criteria.Kinds); return err },
		func() error { r.vocabulary, err = eligibility.NewVocabulary(r.kinds, r.forms); return err },
		func() error {
			r.criteria, err = eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, r.vocabulary)
			return err
		},
		func() error { r.wages, err = eligibility.ParseWages(wages.UMP); return err },
		func() error { r.programmes, err = programme.Load(programmes.Files); return err },
		func() error { r.payments, err = payment.Load(programmes.Files); return err },
		func() error { r.payRules, err = payments.ParseRules(paydata.Rules); return err },
		func() error { r.bank, err = payments.ParseBank(paydata.Simulation, r.payments); return err },
		func() error { r.identity, err = linkage.ParseModel(link.Identity, link.Tables); return err },
		func() error { r.repair, err = suggestions.ParseRules(repair.Rules); return err },
		func() error { r.names, err = insight.ParseNameGroups(link.Names, repair.Clans); return err },
		func() error { r.model, err = scoring.ParseModel(models.DemoPMT); return err },
		func() error { r.signs, err = scoring.ParseSigns(models.PovertySigns); return err },
		func() error { r.deadlines, err = proposal.LoadDeadlines(workflow.Files); return err },
		func() error { r.reasons, err = proposal.LoadReasons(reasons.Files); return err },
		func() error { days, err = proposal.LoadHolidays(holidays.Files); return err },
		func() error { r.calendar, err = period.NewCalendar(days, time.Saturday, time.Sunday); return err },
	} {
		if err := read(); err != nil {
			return r, err
		}
	}
	return r, nil
}
