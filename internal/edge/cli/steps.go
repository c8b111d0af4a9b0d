package cli

import (
	"fmt"
	"io"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/assessments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/proposals"
	"tepat/internal/service/screening"
)

// nothing are the settings of a run that has none.
func nothing(*House, access.Actor, area.Tenant, area.Code) (any, error) { return map[string]any{}, nil }

// Match matches every person with the civil registry.
type Match struct{ where }

// Help gives an example.
func (Match) Help() string { return "Example: tepat match --as verifikator" }

// Run matches.
func (m Match) Run(c *Call) error { return c.step(m.where, "match", nothing) }

// Suggest looks for everybody who does not match in the civil registry.
type Suggest struct{ where }

// Help gives an example.
func (Suggest) Help() string {
	return "Example: tepat suggest --as verifikator. It changes nobody's record; after tepat match it says what is probably wrong with whom."
}

// Run suggests.
func (s Suggest) Run(c *Call) error { return c.step(s.where, "suggest", nothing) }

// Dedupe looks for persons who are in the registry twice.
type Dedupe struct{ where }

// Help gives an example.
func (Dedupe) Help() string {
	return "Example: tepat dedupe --as verifikator. The pairs it finds wait for a person; it merges nobody."
}

// Run compares everybody with everybody.
func (d Dedupe) Run(c *Call) error { return c.step(d.where, "dedupe", nothing) }

// Score estimates the decile of every family without an official one.
type Score struct {
	where
	Vintage string `placeholder:"YYYY-MM" help:"Name of the estimates; by default the next free one."`
}

// Help gives an example.
func (Score) Help() string {
	return "Example: tepat score --as program. An official decile is never touched. Exit code 4: a second person approves with tepat run approve."
}

// Run scores.
func (s Score) Run(c *Call) error {
	return c.step(s.where, "score", func(h *House, who access.Actor, tenant area.Tenant, at area.Code) (any, error) {
		if s.Vintage != "" {
			vintage, err := period.ParseVintage(s.Vintage)
			return assessments.ScoreSettings{Vintage: vintage}, err
		}
		vintage, err := h.Assessments.NextVintage(c, who, tenant, at, h.Places.LocalDate(at, h.Acts.Now()))
		return assessments.ScoreSettings{Vintage: vintage}, err
	})
}

// Screen holds families against the criteria; nobody is removed by it.
type Screen struct {
	where
	AsOf     string   `placeholder:"DATE" help:"Day whose criteria, wages and ages of evidence count; by default today."`
	Local    []string `placeholder:"ID" help:"Criteria of the district beside the national ones."`
	AllLocal bool     `help:"All criteria of the district in force that day."`
}

// Help gives an example.
func (Screen) Help() string {
	return "Example: tepat screen --as verifikator --all-local. What it finds gets a notice first; see tepat screen verify and tepat screen remove."
}

// Run screens.
func (s Screen) Run(c *Call) error {
	return c.step(s.where, "screen", func(h *House, _ access.Actor, _ area.Tenant, at area.Code) (any, error) {
		on, err := h.day(s.AsOf, at)
		if err != nil {
			return nil, err
		}
		set := screening.ScreenSettings{AsOf: on, Local: s.Local}
		for _, one := range h.Criteria.Criteria() {
			if s.AllLocal && one.Local && one.InForce(on) {
				set.Local = append(set.Local, one.ID)
			}
		}
		return set, nil
	})
}

// VerifyFindings upholds findings by a report of the field.
type VerifyFindings struct {
	where
	Document string   `required:"" help:"Number of the report (berita acara verval)."`
	Criteria []string `required:"" placeholder:"ID" help:"Criteria that were verified; \"all\" for every one."`
	Except   []string `placeholder:"ID" help:"Findings the report does not confirm."`
}

// Help gives an example.
func (VerifyFindings) Help() string {
	return "Example: tepat screen verify --as verifikator --document BA-12/2024 --criteria all"
}

// Run upholds.
func (v VerifyFindings) Run(c *Call) error {
	return c.step(v.where, "verify", func(h *House, _ access.Actor, _ area.Tenant, _ area.Code) (any, error) {
		set := screening.VerifySettings{Criteria: v.Criteria, Document: v.Document}
		if len(v.Criteria) == 1 && v.Criteria[0] == "all" {
			set.Criteria = nil
			for _, one := range h.Criteria.Criteria() {
				set.Criteria = append(set.Criteria, one.ID)
			}
		}
		for _, text := range v.Except {
			id, err := idOf(text, "--except")
			if err != nil {
				return nil, err
			}
			set.Except = append(set.Except, id)
		}
		return set, nil
	})
}

// RemoveFound puts findings into force whose notice is over.
type RemoveFound struct {
	where
	AsOf      string `placeholder:"DATE" help:"Day the removals are in force from; by default today."`
	Effective bool   `help:"Take every noticed finding at once; only a training installation may."`
}

// Help gives an example.
func (RemoveFound) Help() string {
	return "Example: tepat screen remove --as verifikator. A family whose notice still runs, or who objected, is left out; tepat run undo takes it back."
}

// Run removes.
func (r RemoveFound) Run(c *Call) error {
	return c.step(r.where, "remove", func(h *House, _ access.Actor, _ area.Tenant, at area.Code) (any, error) {
		on, err := h.day(r.AsOf, at)
		return screening.RemoveSettings{AsOf: on, Effective: r.Effective}, err
	})
}

// Determine determines what was endorsed, by one decree of the minister.
type Determine struct {
	where
	decree
	Ratification string   `placeholder:"ID" help:"Only what this letter of endorsement covers."`
	Refuse       []string `placeholder:"NUMBER=REASON" help:"Proposals the decree refuses, each with the code of its reason."`
}

// Help gives an example.
func (Determine) Help() string {
	return "Example: tepat determine --as kementerian --number 79/HUK/2025 --signed-by \"Menteri Sosial\". Only an installation of the nation determines; a training one may."
}

// Run determines.
func (d Determine) Run(c *Call) error {
	return c.step(d.where, "determine", func(h *House, _ access.Actor, _ area.Tenant, at area.Code) (any, error) {
		on, err := h.day(d.On, at)
		if err != nil {
			return nil, err
		}
		set := proposals.DetermineSettings{Decree: proposals.Decree{Number: d.Number, On: on, SignedBy: d.SignedBy, About: d.About}}
		if d.Ratification != "" {
			if set.Ratification, err = idOf(d.Ratification, "--ratification"); err != nil {
				return nil, err
			}
		}
		for _, text := range d.Refuse {
			number, reason, ok := strings.Cut(text, "=")
			if !ok {
				return nil, fail.Invalid("cli.refuse")
			}
			set.Refuse = append(set.Refuse, proposals.Refusing{Number: number, Reason: reason})
		}
		return set, nil
	})
}

// Enrol makes a list of beneficiaries by rules and quota.
type Enrol struct {
	where
	Programme string `required:"" placeholder:"ID" help:"Programme, such as pkh."`
	AsOf      string `placeholder:"DATE" help:"Day whose rules, ages and facts count; by default today."`
	Period    string `placeholder:"YYYY-MM" help:"Month the list is in force from; by default that of the day."`
	Quota     int64  `default:"-1" help:"Places; by default the district's quota on record."`
}

// Help gives an example.
func (Enrol) Help() string {
	return "Example: tepat enrol --as program --programme pkh --quota 21164. The list is a draft until tepat enrol freeze."
}

// Run enrols.
func (e Enrol) Run(c *Call) error {
	return c.step(e.where, "enrol", func(h *House, _ access.Actor, _ area.Tenant, at area.Code) (any, error) {
		on, err := h.day(e.AsOf, at)
		if err != nil {
			return nil, err
		}
		set := programmes.Settings{Programme: programme.ID(e.Programme), AsOf: on}
		if e.Period != "" {
			if set.Period, err = period.ParseMonth(e.Period); err != nil {
				return nil, err
			}
		}
		if e.Quota >= 0 {
			set.Quota = &e.Quota
		}
		return set, nil
	})
}

// FreezeList puts a draft list in force.
type FreezeList struct {
	where
	decree
	List string `arg:"" help:"Id of the list, which tepat enrol lists shows."`
}

// Help gives an example.
func (FreezeList) Help() string {
	return "Example: tepat enrol freeze 0192f0c4-… --as kadis --number 400.9/12/2024 --signed-by \"Bupati Asahan\". Whoever made the list cannot freeze it."
}

// Run freezes.
func (f FreezeList) Run(c *Call) error {
	return c.step(f.where, "freeze", func(h *House, _ access.Actor, _ area.Tenant, at area.Code) (any, error) {
		list, err := idOf(f.List, "LIST")
		if err != nil {
			return nil, err
		}
		on, err := h.day(f.On, at)
		return programmes.Freezing{List: list, Decree: programmes.Decree{Number: f.Number, On: on, SignedBy: f.SignedBy, About: f.About}}, err
	})
}

// Lists lists the lists of beneficiaries of a district.
type Lists struct {
	where
	Programme string `placeholder:"ID" help:"Only of this programme."`
	State     string `enum:",draft,frozen,ending,superseded,undone" default:"" help:"Only lists that stand so: draft, frozen, ending, superseded, undone."`
}

// Help gives an example.
func (Lists) Help() string { return "Example: tepat enrol lists --as program --programme pkh" }

type listView struct {
	ID        sqldb.ID             `json:"id"`
	Programme programme.ID         `json:"programme"`
	Period    string               `json:"period"`
	AsOf      string               `json:"as_of"`
	State     programmes.ListState `json:"state"`
	Quota     int64                `json:"quota"`
	Demand    int64                `json:"demand"`
	Enrolled  int64                `json:"enrolled"`
	Waiting   int64                `json:"waiting"`
	Decree    string               `json:"decree,omitempty"`
}

// Run lists them.
func (l Lists) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		tenant, _, err := l.of(h)
		if err != nil {
			return err
		}
		found, err := h.Programmes.Lists(c, who, programmes.ListFilter{Tenant: tenant, Programme: programme.ID(l.Programme), State: programmes.ListState(l.State)})
		if err != nil {
			return err
		}
		views := make([]listView, len(found))
		for i, s := range found {
			views[i] = listView{s.ID, s.Programme, s.Period.Text(), s.AsOf.Text(), s.State, s.Quota, s.Demand, s.Enrolled, s.Waiting, s.Decree.Number}
		}
		c.result(map[string]any{"lists": views}, func(w io.Writer) {
			c.none(w, len(views))
			for _, v := range views {
				fmt.Fprintf(w, "%s  %-14s %s  %-20s %s  %s\n", v.ID, v.Programme, v.Period, c.say.Text("programmes.list."+string(v.State)),
					c.say.Text("cli.list_figures", "enrolled", v.Enrolled, "quota", v.Quota, "waiting", v.Waiting), v.Decree)
			}
		})
		return nil
	})
}

// none says that a list is empty, so that nothing on the screen is not a riddle.
func (c *Call) none(w io.Writer, rows int) {
	if rows == 0 {
		fmt.Fprintln(w, c.say.Text("cli.none"))
	}
}
