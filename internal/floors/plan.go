// Package floors holds the floor plan of the module and checks every import against it.
//
// The plan is the truth about which package may import which: a package imports the
// packages above it in its own floor's list and those of the floors its own floor names.
// Adding a package is one line here, at the height where it belongs.
package floors

// Floor is one storey: its packages in order, lowest first, and the floors it stands on.
type Floor struct {
	Name     string
	May      []string // names of other floors its packages may import
	Pure     bool     // no clock, no goroutine, no operating system, no network, no database
	TestOnly bool     // may be imported by tests alone
	Packages []string // paths within the module; "x/..." stands for every package below x
}

// Plan gives the floors of Tepat, lowest first.
func Plan() []Floor {
	return []Floor{
		{Name: "kit", Packages: []string{
			"internal/kit/fail",
			"internal/kit/i18n",
			"internal/kit/letters",
			"internal/kit/parallel",
			"internal/kit/files",
			"internal/kit/mapped",
			"internal/kit/flatcsv",
			"internal/kit/conf",
			"internal/kit/progress",
			"internal/kit/handover",
			"internal/kit/seal",
			"internal/kit/spoken",
			"internal/kit/pagefile",
			"internal/kit/tabular",
			"internal/kit/svg",
			"internal/kit/pdf",
			"internal/kit/sqldb",
			"internal/kit/queue",
			"internal/kit/httpkit",
		}},
		{Name: "data", Packages: []string{
			"data/...",
		}},
		{Name: "words", May: []string{"kit"}, Packages: []string{
			"web/messages",
		}},
		{Name: "domain", May: []string{"kit"}, Pure: true, Packages: []string{
			"internal/domain/area",
			"internal/domain/money",
			"internal/domain/period",
			"internal/domain/person",
			"internal/domain/questionnaire",
			"internal/domain/evidence",
			"internal/domain/access",
			"internal/domain/civilmatch",
			"internal/domain/linkage",
			"internal/domain/layout",
			"internal/domain/scoring",
			"internal/domain/eligibility",
			"internal/domain/proposal",
			"internal/domain/programme",
			"internal/domain/payment",
			"internal/domain/grievance",
			"internal/domain/synth",
		}},
		{Name: "schema", May: []string{"kit"}, Packages: []string{
			"internal/schema",
		}},
		{Name: "service", May: []string{"kit", "data", "domain"}, Packages: []string{
			"internal/service/audit",
			"internal/service/act",
			"internal/service/numbers",
			"internal/service/installation",
			"internal/service/areas",
			"internal/service/accounts",
			"internal/service/runs",
			"internal/service/registry",
			"internal/service/identity",
			"internal/service/civil",
			"internal/service/suggestions",
			"internal/service/proposals",
			"internal/service/deliberations",
			"internal/service/visits",
			"internal/service/letters",
			"internal/service/assessments",
			"internal/service/screening",
			"internal/service/programmes",
			"internal/service/payments",
			"internal/service/duplicates",
			"internal/service/grievances",
			"internal/service/papers",
			"internal/service/lookups",
			"internal/service/sharing",
			"internal/service/exchange",
			"internal/service/insight",
			"internal/service/looks",
			"internal/service/rekey",
			"internal/service/population",
		}},
		{Name: "job", May: []string{"kit", "data", "words", "domain", "service"}, Packages: []string{
			"internal/job",
		}},
		{Name: "web", May: []string{"kit", "data", "words", "domain", "service"}, Packages: []string{
			"web/...",
		}},
		{Name: "edge", May: []string{"kit", "data", "words", "domain", "service", "job", "web"}, Packages: []string{
			"internal/edge/print",
			"internal/edge/familyform",
			"internal/edge/carry",
			"internal/edge/web",
			"internal/edge/public",
			"internal/edge/field",
			"internal/edge/api",
			"internal/edge/cli",
		}},
		{Name: "app", May: []string{"kit", "data", "words", "domain", "schema", "service", "job", "web", "edge"}, Packages: []string{
			"internal/app",
		}},
		{Name: "cmd", May: []string{"app"}, Packages: []string{
			"cmd/tepat",
		}},
		{Name: "testkit", TestOnly: true, May: []string{"kit", "data", "words", "domain", "schema", "service", "job", "web", "edge", "app"}, Packages: []string{
			"internal/testkit/...",
			"internal/testkit",
		}},
		{Name: "tools", May: []string{"kit", "data", "words", "domain", "schema", "service", "job", "web", "edge", "app"}, Packages: []string{
			"internal/schema/dictionary",
			"internal/floors",
			"bench/...",
		}},
	}
}

// Narrow gives the packages that may import, of one floor, only what is listed: what faces
// the internet reaches least.
func Narrow() map[string]Reach {
	return map[string]Reach{
		"internal/edge/public": {Floor: "service", Only: []string{
			"internal/service/lookups",
			"internal/service/proposals",
			"internal/service/grievances",
		}},
	}
}

// Reach is the part of a floor a package may import.
type Reach struct {
	Floor string
	Only  []string
}
