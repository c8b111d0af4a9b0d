package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/synth"
	"tepat/internal/service/accounts"
	"tepat/internal/service/exchange"
	"tepat/internal/service/population"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
)

// Demo makes a scenario's population, runs the ten steps and serves the site.
type Demo struct {
	Scenario string `default:"ambon" help:"ambon, asahan, bengkulu, minsel or tasikmalaya."`
	Dir      string `default:"tepat-demo" help:"Folder of the demo: its database, keys and files."`
	Addr     string `default:"127.0.0.1:8080" help:"Address to serve at."`
	Fresh    bool   `help:"Remove an earlier demo first: the files of the folder; with --db postgres://… everything in that database, if it is for training and nobody serves it."`
	NoServe  bool   `help:"Stop when the steps are done."`
	Browser  bool   `help:"Open the site in the browser; a double click on Windows does."`
	Seed     uint64 `default:"1" help:"The same seed makes the same people."`
}

// Help gives an example.
func (Demo) Help() string {
	return "Example: tepat demo --scenario ambon. Everything in it is synthetic: DATA CONTOH SINTETIS. A demo that is in the folder is served again; --fresh makes it anew."
}

// demoStep is one step as it is printed.
type demoStep struct {
	Name    string  `json:"name"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// demoRun is a demo under way.
type demoRun struct {
	c        *Call
	h        *House
	set      Demo
	scenario synth.Scenario
	files    string
	people   map[access.Role]access.Actor
	accounts []accounts.DemoAccount
	steps    []demoStep
	answers  demoAnswers
	started  time.Time
}

// Run makes the demo.
func (d Demo) Run(c *Call) (err error) {
	started := time.Now()
	scenario, err := population.Scenario(d.Scenario)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(d.Dir)
	if err != nil {
		return fmt.Errorf("find folder: %w", err)
	}
	if c.DB == "tepat-data/tepat.db" {
		c.DB = filepath.Join(dir, "data", "tepat.db")
	}
	if c.Keys == "" {
		c.Keys = filepath.Join(dir, "keys")
	}
	if d.Fresh {
		if err := d.makeWay(c, dir); err != nil {
			return err
		}
		if err := clearDemo(dir); err != nil {
			return err
		}
	}
	h, made, err := d.open(c, dir, scenario, started)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	run := &demoRun{c: c, h: h, set: d, scenario: scenario, files: filepath.Join(dir, "files"), people: map[access.Role]access.Actor{}, started: started}
	if err := run.work(dir, made); err != nil {
		return err
	}
	if err := run.report(); err != nil {
		return err
	}
	if _, err := h.Sealer.SealAll(c, h.Acts.Now()); err != nil { // nobody else acts on a demo that is being made
		return err
	}
	if d.NoServe {
		return nil
	}
	return h.Serve(c, ServeOptions{Addr: d.Addr, Demo: run.logins(), Ready: d.ready(c)})
}

// scenarioClock runs from nine in the morning of the scenario's day: the demo happens
// then, so that the rules, ages and deadlines of that day hold.
func scenarioClock(day period.Date, started time.Time) func() time.Time {
	morning := day.Latest().Start(area.WIB.Location()).Add(9 * time.Hour)
	return func() time.Time { return morning.Add(time.Since(started)) }
}

// demoLog is where a serving demo logs; one that only runs its steps logs nothing.
func demoLog(c *Call, d Demo) io.Writer {
	if d.NoServe {
		return nil
	}
	return c.Stderr
}

// clearDemo removes what an earlier demo made, and nothing else.
func clearDemo(dir string) error {
	for _, name := range []string{demoMark, "data", "keys", "files"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("remove earlier demo: %w", err)
		}
	}
	return nil
}

// all runs the steps one after the other; each does through the same calls what a person would.
func (r *demoRun) all() error {
	for _, step := range []struct {
		name string
		do   func() (int64, error)
	}{
		{"population", r.population}, {"accounts", r.makeAccounts},
		{"collect", r.collect}, {"civil", r.civil}, {"match", r.match}, {"suggest", r.suggest}, {"dedupe", r.dedupe}, {"decide", r.decide},
		{"deciles", r.deciles}, {"evidence", r.evidence}, {"screen", r.screen}, {"enrol", r.enrol}, {"pay", r.pay},
		{"requests", r.requests}, {"answer", r.answer}, {"see", r.see},
	} {
		start := time.Now()
		rows, err := step.do()
		if err != nil {
			return fmt.Errorf("step %s: %w", step.name, err)
		}
		r.steps = append(r.steps, demoStep{step.name, rows, time.Since(start).Seconds()})
		if !r.c.JSON {
			fmt.Fprintf(r.c.Stderr, "  %-24s %12s %8s s\n", r.c.say.Text("demo.step."+step.name), r.c.say.Number(rows), r.c.say.Decimal(time.Since(start).Seconds(), 2))
		}
	}
	return nil
}

func (r *demoRun) population() (int64, error) {
	world, err := population.World()
	if err != nil {
		return 0, err
	}
	counts, err := population.Write(world, synth.Config{Scenario: r.scenario, Seed: r.set.Seed, Round: 1}, runtime.NumCPU(), r.files)
	return int64(counts["registry.csv"]), err
}

// makeAccounts makes one account a role; the village of the operator is the first of the scenario.
func (r *demoRun) makeAccounts() (int64, error) {
	var village area.Code
	for place := range r.h.Places.Tree().Villages(r.scenario.Area) {
		village = place.Code
		break
	}
	made, err := r.h.Accounts.Demo(r.c, village)
	if err != nil {
		return 0, err
	}
	r.accounts = made
	for _, a := range made {
		who, err := r.h.Accounts.Load(r.c, a.ID)
		if err != nil {
			return 0, err
		}
		r.people[a.Role] = who
	}
	return int64(len(made)), nil
}

// importFile imports one file of the population as the person whose work it is.
func (r *demoRun) importFile(role access.Role, subject exchange.Subject, name string) (runs.Run, error) {
	path := filepath.Join(r.files, filepath.FromSlash(name))
	set, err := r.h.Exchange.Describe(subject, path, path+".rejects.csv")
	if err != nil {
		return runs.Run{}, err
	}
	set.AsOf = r.scenario.AsOf.Text()
	tenant, at := r.h.tenant()
	return r.c.importRun(r.h, r.people[role], runs.NewRun{
		Kind: "import." + string(subject), Tenant: tenant, Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size,
	})
}

func (r *demoRun) collect() (int64, error) {
	run, err := r.importFile(access.Verifier, exchange.Families, "registry.csv")
	return run.Tally["rows"], err
}

func (r *demoRun) civil() (int64, error) {
	run, err := r.importFile(access.Verifier, exchange.Civil, "civil.csv")
	return run.Tally["rows"], err
}

func (r *demoRun) match() (int64, error) {
	tenant, at := r.h.tenant()
	run, err := r.c.drive(r.h, r.people[access.Verifier], runs.NewRun{Kind: "match", Tenant: tenant, Area: at, Settings: map[string]any{}})
	return run.Tally["persons"], err
}

// suggest looks in the civil registry for those who do not match.
func (r *demoRun) suggest() (int64, error) {
	tenant, at := r.h.tenant()
	run, err := r.c.drive(r.h, r.people[access.Verifier], runs.NewRun{Kind: "suggest", Tenant: tenant, Area: at, Settings: map[string]any{}})
	return run.Tally["persons"], err
}

// deciles imports the official deciles.
func (r *demoRun) deciles() (int64, error) {
	run, err := r.importFile(access.ProgrammeManager, exchange.Deciles, "deciles.csv")
	return run.Tally["rows"], err
}

// evidence imports what other offices state, a file each.
func (r *demoRun) evidence() (n int64, err error) {
	files, err := filepath.Glob(filepath.Join(r.files, "evidence", "*.csv"))
	if err != nil {
		return 0, fmt.Errorf("list evidence: %w", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".rejects.csv") {
			continue
		}
		run, err := r.importFile(access.Verifier, exchange.Evidence, "evidence/"+filepath.Base(file))
		if err != nil {
			return n, err
		}
		n += run.Tally["rows"]
	}
	return n, nil
}

// screen holds everybody against the criteria; the head approves; what waits for a
// visit is upheld by a report; then the removals take effect, as they may in training.
func (r *demoRun) screen() (int64, error) {
	local, criteria := []string{}, []string{}
	for _, c := range r.h.Criteria.Criteria() {
		if c.Local && c.InForce(r.scenario.AsOf) {
			local = append(local, c.ID)
		}
		criteria = append(criteria, c.ID)
	}
	found, err := r.approved("screen", access.Verifier, screening.ScreenSettings{AsOf: r.scenario.AsOf, Local: local})
	if _, ends := r.scenario.Figure("removed"); err != nil || !ends {
		return found.Tally["findings"], err // notices are out and their time runs: nobody is removed yet
	}
	if _, err = r.approved("verify", access.Verifier, screening.VerifySettings{Criteria: criteria, Document: "BA-VERVAL-CONTOH"}); err != nil {
		return 0, err
	}
	run, err := r.approved("remove", access.Verifier, screening.RemoveSettings{AsOf: r.scenario.AsOf, Effective: true})
	return run.Tally["persons"], err
}

// approved makes a run, lets the head of the office approve it, and works it.
func (r *demoRun) approved(kind string, maker access.Role, settings any) (runs.Run, error) {
	tenant, at := r.h.tenant()
	who := r.people[maker]
	run, err := r.h.Runs.Create(r.c, who, runs.NewRun{Kind: kind, Tenant: tenant, Area: at, Settings: settings})
	if err == nil {
		run, err = r.h.Runs.Look(r.c, who, tenant, run.ID)
	}
	if err == nil {
		run, err = r.h.Runs.Submit(r.c, who, tenant, run.ID)
	}
	if err == nil && run.State == runs.Awaiting {
		run, err = r.h.Runs.Approve(r.c, r.people[access.AgencyHead], tenant, run.ID)
	}
	if err != nil {
		return run, fmt.Errorf("run %s: %w", kind, err)
	}
	return r.c.work(r.h, tenant, run.ID, kind)
}

// see counts the figures of every village, from which the dashboards read.
func (r *demoRun) see() (n int64, err error) {
	done, err := r.h.Insight.RefreshAll(r.c)
	for _, one := range done {
		n += int64(one.Rows)
	}
	return n, err
}

// demoFigures are counted from the database when everything is done.
type demoFigures struct {
	registry.Counts
	Duplicates    int64                           `json:"duplicates"`
	Recipients    map[string]programmes.Receiving `json:"recipients"`
	Receiving     int64                           `json:"receiving_persons"`
	NonRecipients int64                           `json:"non_recipients"`
	Removed       int64                           `json:"removed"`
	// Noticed and ToVerify are findings that have removed nobody yet.
	Noticed  int64 `json:"noticed"`
	ToVerify int64 `json:"to_verify"`
	// Requests are what citizens sent in by themselves.
	Requests demoRequests `json:"requests"`
}

// figures counts what the registry holds, not what the steps said.
func (r *demoRun) figures() (f demoFigures, err error) {
	tenant, at := r.h.tenant()
	q := r.h.DB.Direct()
	if f.Counts, err = r.h.Registry.Count(r.c, q, tenant); err != nil {
		return f, err
	}
	if f.Duplicates, err = r.h.Duplicates.CountOpen(r.c, r.people[access.Verifier]); err != nil {
		return f, err
	}
	if f.Recipients, f.Receiving, err = r.h.Programmes.RecipientsIn(r.c, q, tenant); err != nil {
		return f, err
	}
	f.NonRecipients = f.Persons - f.Receiving
	removed, err := r.h.Screening.RemovedIn(r.c, q, tenant, at)
	if err != nil {
		return f, err
	}
	f.Removed = removed.Persons
	standing, err := r.h.Screening.StandingIn(r.c, q, tenant, at)
	if err != nil {
		return f, err
	}
	f.Noticed, f.ToVerify = standing.Noticed, standing.Waiting
	f.Requests, err = r.requested()
	return f, err
}

// report prints the figures, the steps and the accounts.
func (r *demoRun) report() error {
	f, err := r.figures()
	if err != nil {
		return err
	}
	seconds := time.Since(r.started).Seconds()
	out := map[string]any{"scenario": r.scenario.Name, "as_of": r.scenario.AsOf.Text(), "figures": f, "answers": r.answers, "steps": r.steps, "seconds": seconds, "peak_rss_bytes": peakRSS()}
	r.c.result(out, func(w io.Writer) { r.summary(w, f, seconds) })
	return nil
}

// summary is the readable end of a demo.
func (r *demoRun) summary(w io.Writer, f demoFigures, seconds float64) {
	line := func(key string, n int64) { fmt.Fprintf(w, "  %-44s %12s\n", r.c.say.Text(key), r.c.say.Number(n)) }
	fmt.Fprintf(w, "\n%s\n", r.c.say.Text("demo.title", "area", r.h.Places.Tree().Title(r.scenario.Area), "day", r.c.say.DateText(r.scenario.AsOf.Text())))
	line("demo.families", f.Families)
	line("demo.persons", f.Persons)
	line("demo.households", f.Households)
	line("demo.not_matching", f.NotMatching)
	line("demo.duplicates", f.Duplicates)
	line("demo.proposed", f.Proposed)
	line("demo.removed", f.Removed)
	line("demo.noticed", f.Noticed)
	line("demo.to_verify", f.ToVerify)
	line("demo.non_recipients", f.NonRecipients)
	line("demo.self_proposals", f.Requests.Proposals)
	line("demo.reports", f.Requests.Reports)
	line("demo.objections", f.Requests.Objections)
	line("demo.complaints", f.Requests.Complaints)
	r.recipients(w, f.Recipients)
	if a := r.answers; a.Asked > 0 {
		fmt.Fprintf(w, "\n%s: %s\n", r.c.say.Text("demo.answers"), r.c.say.Text("demo.answered", "asked", a.Asked, "listed", a.Listed, "receiving", a.Receiving, "neutral", a.Neutral))
	}
	fmt.Fprintf(w, "\n%s\n", r.c.say.Text("demo.accounts"))
	for _, a := range r.logins() {
		fmt.Fprintf(w, "  %-32s %-14s %s\n", a.Role, a.Login, a.Password)
	}
	fmt.Fprintf(w, "\n%s\n", r.c.say.Text("demo.took", "seconds", r.c.say.Decimal(seconds, 1)))
}

// recipients prints a line a programme: who receives of those entitled, the places, who waits.
func (r *demoRun) recipients(w io.Writer, all map[string]programmes.Receiving) {
	say := r.c.say
	fmt.Fprintf(w, "\n  %-50s %12s %12s %12s %12s\n", say.Text("demo.programme"), say.Text("demo.receive"), say.Text("demo.entitled"), say.Text("demo.quota"), say.Text("demo.waiting"))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		name, one := id, all[id]
		if p, err := r.h.Programmes.Set(r.scenario.AsOf).Programme(programme.ID(id)); err == nil {
			name = p.Name.In(say.Lang.String())
		}
		fmt.Fprintf(w, "  %-50s %12s %12s %12s %12s\n", name, say.Number(one.Enrolled), say.Number(one.Demand), say.Number(one.Quota), say.Number(one.Waiting))
	}
}

// logins lists the demo accounts for the sign-in page and the terminal.
func (r *demoRun) logins() []DemoLogin {
	var out []DemoLogin
	for _, a := range r.accounts {
		out = append(out, DemoLogin{Role: r.c.say.Text("role." + string(a.Role)), Login: a.Login, Password: a.Password.Reveal()})
	}
	return out
}
