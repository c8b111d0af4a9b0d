package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
)

// dedupe looks for persons who are in the registry twice.
func (r *demoRun) dedupe() (int64, error) {
	tenant, at := r.h.tenant()
	run, err := r.c.drive(r.h, r.people[access.Verifier], runs.NewRun{Kind: "dedupe", Tenant: tenant, Area: at, Settings: map[string]any{}})
	return run.Tally["pairs"], err
}

// enrol sets the quota of each programme the scenario has places for, makes its list and freezes it.
func (r *demoRun) enrol() (n int64, err error) {
	tenant, at := r.h.tenant()
	for _, quota := range r.scenario.Quotas {
		one, err := r.h.Programmes.Set(r.scenario.AsOf).Programme(programme.ID(quota.Programme))
		if err != nil {
			return n, err
		}
		set := programmes.Quota{Programme: one.ID, From: r.scenario.AsOf, Places: int64(quota.Places), LegalBasis: "Kuota contoh untuk skenario " + r.scenario.Name}
		if _, err := r.h.Programmes.SetQuota(r.c, r.people[access.ProgrammeManager], tenant, at, set); err != nil {
			return n, fmt.Errorf("set quota of %s: %w", one.ID, err)
		}
		run, err := r.approved("enrol", access.ProgrammeManager, programmes.Settings{Programme: one.ID, AsOf: r.scenario.AsOf})
		if err != nil {
			return n, err
		}
		n += run.Tally["enrolled"]
		if err := r.freeze(one, run.ID); err != nil {
			return n, err
		}
	}
	return n, nil
}

// freeze closes a list with its decree, in the name of the head of the office.
func (r *demoRun) freeze(one programme.Programme, list sqldb.ID) error {
	tenant, at := r.h.tenant()
	number := fmt.Sprintf("460/CONTOH-%s/%d", strings.ToUpper(strings.ReplaceAll(string(one.ID), "_", "-")), r.scenario.AsOf.Year())
	decree := programmes.Decree{Number: number, On: r.h.Places.LocalDate(at, r.h.Acts.Now()), SignedBy: "Pejabat contoh", About: "Penetapan penerima " + one.Name.ID}
	_, err := r.h.Programmes.Freeze(r.c, r.h.Runs, r.people[access.AgencyHead], runs.NewRun{Tenant: tenant, Area: at, Settings: programmes.Freezing{List: list, Decree: decree}})
	if err != nil {
		return fmt.Errorf("freeze %s: %w", one.ID, err)
	}
	return nil
}

// pay runs one stage of the first programme: entitlements, order, the bank's result file,
// and the close once every row is in one final state and the sums agree.
func (r *demoRun) pay() (int64, error) {
	tenant, at := r.h.tenant()
	if len(r.scenario.Quotas) == 0 {
		return 0, nil
	}
	id := programme.ID(r.scenario.Quotas[0].Programme)
	list, err := r.h.Programmes.InForce(r.c, r.people[access.ProgrammeManager], tenant, id)
	if err != nil {
		return 0, err
	}
	one, err := r.h.Programmes.Set(r.scenario.AsOf).Programme(id)
	if err != nil {
		return 0, err
	}
	cycle, err := r.h.Payments.OpenCycle(r.c, r.people[access.PaymentOfficer], payments.Opening{Tenant: tenant, Programme: id, Period: payments.PeriodOf(one, list.Period.First())})
	if err != nil {
		return 0, err
	}
	stage := payments.StageSettings{Cycle: cycle.ID}
	if _, err := r.approved("pay", access.PaymentOfficer, stage); err != nil {
		return 0, err
	}
	if cycle, err = r.h.Payments.Show(r.c, r.people[access.PaymentOfficer], tenant, cycle.ID); err != nil {
		return 0, err
	}
	report, err := r.h.Payments.Report(r.c, r.people[access.PaymentOfficer], tenant, cycle.ID)
	if err != nil {
		return 0, err
	}
	order := payments.OrderSettings{StageSettings: stage, Number: "SP2D-CONTOH", On: r.h.Places.LocalDate(at, r.h.Acts.Now()), Amount: report.Payable.Amount}
	if _, err := r.approved("pay.instruct", access.PaymentOfficer, order); err != nil {
		return 0, err
	}
	return r.results(cycle, stage)
}

// results imports the file of the simulated bank and closes the stage.
func (r *demoRun) results(cycle payments.Cycle, stage payments.StageSettings) (int64, error) {
	tenant, _ := r.h.tenant()
	officer := r.people[access.PaymentOfficer]
	name := "bank-results.csv"
	file, err := os.Create(filepath.Join(r.files, name))
	if err != nil {
		return 0, fmt.Errorf("make result file: %w", err)
	}
	n, err := r.h.Payments.WriteSimulated(r.c, officer, r.h.Bank, tenant, cycle.ID, r.set.Seed, file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return 0, err
	}
	if err := r.importResults(name, cycle.ID); err != nil {
		return n, err
	}
	_, err = r.approved("pay.close", access.PaymentOfficer, stage)
	return n, err
}

func (r *demoRun) importResults(name string, cycle sqldb.ID) error {
	path := filepath.Join(r.files, name)
	set, err := r.h.Exchange.Describe(exchange.Results, path, path+".rejects.csv")
	if err != nil {
		return err
	}
	set.Cycle = cycle
	tenant, at := r.h.tenant()
	_, err = r.c.drive(r.h, r.people[access.PaymentOfficer], runs.NewRun{Kind: "import.results", Tenant: tenant, Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size})
	return err
}
