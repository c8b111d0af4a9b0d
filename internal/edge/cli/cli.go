// Package cli is the command line: it reads flags, calls one service method, and
// prints the result for a person or as one JSON object.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tepat/internal/domain/access"
	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/progress"
	"tepat/internal/kit/sqldb"
)

// The exit codes of product.md.
const (
	ExitDone     = 0
	ExitFailed   = 1
	ExitUsage    = 2
	ExitRejected = 3 // done, but with rejected rows
	ExitAwaiting = 4 // waits for approval
)

// Globals are the flags every command takes.
type Globals struct {
	DB    string `name:"db" env:"TEPAT_DB" default:"tepat-data/tepat.db" help:"Database: a SQLite file or postgres://…"`
	Keys  string `name:"keys" env:"TEPAT_KEYS" placeholder:"DIR" help:"Folder of the keys; by default beside the data folder, with -keys after its name."`
	As    string `name:"as" env:"TEPAT_AS" placeholder:"USER" help:"Who acts. There is no way around access and audit."`
	JSON  bool   `name:"json" help:"Print exactly one JSON object on standard output."`
	Quiet bool   `name:"quiet" help:"Show no progress."`
	Lang  string `name:"lang" env:"TEPAT_LANG" enum:"id,en" default:"id" help:"Language of messages: id or en."`
}

// commands is the whole command line; each field is a command, `ls` of this folder is its list.
type commands struct {
	Globals
	Version kong.VersionFlag `name:"version" help:"Print the version."`

	Demo     Demo    `cmd:"" help:"Make a scenario's synthetic population, run the ten steps, serve the site."`
	Serve    Serve   `cmd:"" help:"Serve the web site and work the background jobs."`
	Work     Work    `cmd:"" help:"Work the background jobs without serving, beside other processes of a PostgreSQL installation."`
	Install  Install `cmd:"" help:"Make a new installation with its first accounts."`
	Migrate  Migrate `cmd:"" help:"Bring the schema to the newest version."`
	Doctor   Doctor  `cmd:"" help:"Check the installation."`
	Backup   Backup  `cmd:"" help:"Write a consistent copy of the database to a file."`
	Restore  Restore `cmd:"" help:"Fill a new database from a backup."`
	Database struct {
		Copy       CopyDatabase `cmd:"" help:"Copy everything to another database, with the same ids, and compare digests."`
		Distribute Distribute   `cmd:"" help:"Say how a PostgreSQL database is spread over several machines, and whether it can be."`
	} `cmd:"" name:"db" help:"Move databases."`
	Audit struct {
		Verify VerifyAudit `cmd:"" help:"Prove that the audit log is whole."`
		Seal   SealAudit   `cmd:"" help:"Seal what is due."`
	} `cmd:"" help:"The audit log."`
	Key struct {
		Export ExportKeys `cmd:"" help:"Write the keys, locked by a passphrase, to a file for safekeeping."`
		Import ImportKeys `cmd:"" help:"Restore exported keys into an empty key folder."`
		Rotate RotateKeys `cmd:"" help:"Make a new encryption key and seal everything with it; old values stay readable."`
		Reseal Reseal     `cmd:"" help:"Seal with the newest key what older ones sealed."`
	} `cmd:"" help:"Keys."`
	Civil struct {
		Simulate SimulateCivil `cmd:"" help:"Answer as a civil registry elsewhere would, from the imported civil file; for training."`
	} `cmd:"" help:"The civil registry."`
	Run struct {
		List    ListRuns   `cmd:"" help:"List the newest runs."`
		Show    ShowRun    `cmd:"" help:"Show one run."`
		Approve ApproveRun `cmd:"" help:"Approve a run as the second person."`
		Refuse  RefuseRun  `cmd:"" help:"Refuse a run as the second person, and say why."`
		Resume  ResumeRun  `cmd:"" help:"Go on with an interrupted run."`
		Cancel  CancelRun  `cmd:"" help:"Stop a run that has not ended."`
		Undo    UndoRun    `cmd:"" help:"Take back what a run did."`
	} `cmd:"" help:"Bulk operations."`
	User struct {
		List       Users        `cmd:"" help:"List accounts."`
		Show       ShowUser     `cmd:"" help:"Show one account."`
		Add        AddUser      `cmd:"" help:"Make an account and ask for its first role."`
		Ask        AskRole      `cmd:"" help:"Ask for a further role."`
		Requests   RoleRequests `cmd:"" help:"List the roles that wait for a decision."`
		Approve    ApproveRole  `cmd:"" help:"Grant a role, as the second person."`
		Refuse     RefuseRole   `cmd:"" help:"Decline a role."`
		Withdraw   WithdrawRole `cmd:"" help:"Take back a role one asked for."`
		End        EndRole      `cmd:"" help:"End a role."`
		Suspend    SuspendUser  `cmd:"" help:"Keep an account from signing in, at once."`
		Resume     ResumeUser   `cmd:"" help:"Lift a suspension."`
		Reset      ResetUser    `cmd:"" help:"Give a new temporary password."`
		DropFactor DropFactor   `cmd:"" help:"Take the second factor off an account whose phone is lost."`
	} `cmd:"" help:"Accounts and roles."`
	Area struct {
		List ListAreas `cmd:"" help:"List the areas below one."`
		Show ShowArea  `cmd:"" help:"Show one area by its code."`
		Find FindArea  `cmd:"" help:"Find an area by its name."`

		Import   ImportAreas   `cmd:"" help:"Turn a newer list of areas into a change of areas, by decree."`
		Changes  AreaChanges   `cmd:"" help:"List the changes of areas."`
		Approve  ApproveAreas  `cmd:"" help:"Approve a change of areas, as the second person, and apply it."`
		Withdraw WithdrawAreas `cmd:"" help:"Take back a change of areas that is not approved."`
		Undo     UndoAreas     `cmd:"" help:"Propose the way back from a change of areas."`

		Boundaries ImportBoundaries `cmd:"" help:"Keep the outlines of areas, for maps, from a GeoJSON file."`
	} `cmd:"" help:"Areas and their codes."`
	Config struct {
		Show ShowConfig `cmd:"" help:"Show what this installation is; no secret is in it."`
	} `cmd:"" help:"The installation."`
	Import  Import  `cmd:"" help:"Import a file of families, civil records, evidence, deciles or answers."`
	Match   Match   `cmd:"" help:"Match every person with the civil registry."`
	Suggest Suggest `cmd:"" help:"Look in the civil registry for those who do not match, and rank the repair queue."`
	Dedupe  Dedupe  `cmd:"" help:"Look for persons who are in the registry twice."`
	Score   Score   `cmd:"" help:"Estimate deciles of families without an official one."`
	Rank    Rank    `cmd:"" help:"Rank families without an official decile, or one of them at once."`
	Screen  struct {
		Find   Screen         `cmd:"" default:"withargs" help:"Hold families against the criteria; nobody is removed by it."`
		Verify VerifyFindings `cmd:"" help:"Uphold findings by a report of the field; each gets a notice."`
		Remove RemoveFound    `cmd:"" help:"Put findings into force whose notice is over."`
	} `cmd:"" help:"Exit and exclusion on evidence."`
	Determine Determine `cmd:"" help:"Determine endorsed proposals by the minister's decree."`
	Enrol     struct {
		Make   Enrol      `cmd:"" default:"withargs" help:"Make a draft list of a programme by rules and quota."`
		Lists  Lists      `cmd:"" help:"List the lists of beneficiaries."`
		Freeze FreezeList `cmd:"" help:"Put a draft list in force by its decree."`
	} `cmd:"" help:"Lists of beneficiaries."`
	Pay struct {
		Open    OpenStage    `cmd:"" help:"Open a stage."`
		List    Stages       `cmd:"" help:"List the stages."`
		Show    ShowStage    `cmd:"" help:"Show a stage in figures."`
		Compute ComputeStage `cmd:"" help:"Work out who receives what."`
		Order   OrderStage   `cmd:"" help:"Note the order that released the money."`
		Results StageResults `cmd:"" help:"Read the bank's result file."`
		Return  ReturnStage  `cmd:"" help:"Book what nobody collected in time."`
		Close   CloseStage   `cmd:"" help:"Close a stage whose rows are all final."`
	} `cmd:"" help:"Payment."`
	Report struct {
		Dashboard Dashboard  `cmd:"" help:"Show an area in figures."`
		Recap     Recap      `cmd:"" help:"Write the monthly recap as a workbook."`
		Refresh   Recount    `cmd:"" help:"Count the figures of every district anew."`
		Close     CloseMonth `cmd:"" help:"Freeze the figures of a month."`
	} `cmd:"" help:"Figures."`
	Export struct {
		Families ExportFamilies `cmd:"" help:"Write the families of an area to a file."`
		List     ExportList     `cmd:"" help:"Write a list of beneficiaries to a file."`
		Payments ExportPayments `cmd:"" help:"Write the payment list of a stage to a file."`
		Labels   ExportLabels   `cmd:"" help:"Write what reviewers decided of pairs to a file, for training."`
	} `cmd:"" help:"Take data away; every export is in the audit log."`
	Link struct {
		Files    Link         `cmd:"" default:"withargs" help:"Link the rows of a CSV file to those of another, or find its duplicates."`
		Train    TrainLink    `cmd:"" help:"Fit a model's probabilities to a file, and to labels of reviewers."`
		Evaluate EvaluateLink `cmd:"" help:"Measure a model on rows whose person is known."`
		Model    ModelLink    `cmd:"" help:"Print a model that Tepat has, to write one's own from."`
		Chart    ChartLink    `cmd:"" help:"Draw a model, its expected precision and recall, and the waterfall of a pair, as one page."`
	} `cmd:"" help:"Record linkage of any two CSV files, without a database."`
	Synth Synth `cmd:"" help:"Write a synthetic population as files."`
}

// Env is what the process gives the command line.
type Env struct {
	Stdout, Stderr io.Writer
	// Dir is the folder relative file names are meant from; empty means the process's own.
	Dir string
	// Board makes what shows progress.
	Board    func(progress.Words) Board
	Messages *i18n.Catalogue
	Version  string
	// Schema holds the migrations, Tables the manifest: for what works below a house.
	Schema fs.FS
	Tables []sqldb.Table
	// Open builds the house on a database.
	Open func(ctx context.Context, o OpenOptions) (*House, error)

	handed *handed // the command came from another process
}

// Board shows how far the parts of a command are.
type Board interface {
	// Meter adds a part with a name.
	Meter(name, unit string) progress.Meter
	// Close frees the terminal for the result.
	Close()
}

// Call is one command under way.
type Call struct {
	context.Context
	Env
	Globals
	board Board
	say   i18n.Printer
	code  int
	// criteria have the words of a screening's figures, once the house is open.
	criteria *eligibility.Library
	// steady ends only when the command is stopped, not when nobody watches it any more.
	steady context.Context
	// driven is when the command began a run of its own; zero when it made none.
	driven time.Time
}

// Main runs a command line and gives its exit code.
func Main(ctx context.Context, env Env, args []string) int {
	var c commands
	parser, err := grammar(&c, env)
	if err == nil {
		err = helpIn(askedLang(args, os.Getenv), parser)
	}
	if err != nil {
		fmt.Fprintln(env.Stderr, err)
		return ExitFailed
	}
	return run(ctx, env, parser, &c, args)
}

// grammar is the command line's own.
func grammar(c *commands, env Env) (*kong.Kong, error) {
	return kong.New(c, kong.Name("tepat"), kong.UsageOnError(), kong.Vars{"version": env.Version},
		kong.Description("Tepat: the open registry that brings social assistance to the people who need it."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(env.Stdout, env.Stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.NamedMapper("infile", inFile(env.Dir)), kong.NamedMapper("outfile", outPath(env.Dir)), kong.NamedMapper("model", modelFile(env.Dir)))
}

// Command is one command as its help names it.
type Command struct {
	Path    string // such as "run list"
	Help    string
	Example string // what its --help says below, an example first
	// Needs tells that it cannot do without an argument or a flag.
	Needs bool
	// Files are what it reads: flags with their dashes, and arguments, before which the words of Before stand.
	Files  []string
	Before []string
}

// describe says what a command needs and reads.
func describe(leaf *kong.Node) Command {
	out := Command{Path: strings.TrimPrefix(leaf.Path(), "tepat "), Help: leaf.Help, Example: leaf.Detail}
	for _, arg := range leaf.Positional {
		out.Needs = out.Needs || arg.Required
		switch {
		case arg.Tag.Type == "infile":
			out.Files = append(out.Files, arg.Name)
		case len(out.Files) == 0:
			word, _, _ := strings.Cut(arg.Enum, ",")
			out.Before = append(out.Before, word)
		}
	}
	for _, flag := range leaf.Flags {
		out.Needs = out.Needs || flag.Required
		if flag.Tag.Type == "infile" || flag.Tag.Type == "model" {
			out.Files = append(out.Files, "--"+flag.Name)
		}
	}
	return out
}

// Commands lists every command that does something, in the order of the help.
func Commands() ([]Command, error) {
	parser, err := grammar(&commands{}, Env{Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("read command line: %w", err)
	}
	var out []Command
	for _, leaf := range parser.Model.Leaves(true) {
		out = append(out, describe(leaf))
	}
	return out, nil
}

type exit int

func run(ctx context.Context, env Env, parser *kong.Kong, c *commands, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(e)
		}
	}()
	click := len(args) == 0 && byClick()
	switch {
	case click:
		args = clicked()
	case len(args) == 0:
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return misused(env, args, err)
	}
	call := &Call{Context: ctx, Env: env, Globals: c.Globals, steady: ctx}
	if env.handed != nil {
		call.steady, call.Globals = env.handed.session.Steady, globalsOf(env.handed.session.Settings)
	}
	lang, _ := i18n.ParseLang(call.Lang)
	call.say = env.Messages.Printer(lang)
	call.board = progress.Quiet(env.Stderr)
	if !call.Quiet && !call.JSON {
		call.board = env.Board(progress.Words{Left: call.say.Text("cli.left")})
	}
	defer call.board.Close()
	err = parsed.Run(call)
	if fail.CodeOf(err) == "db.owned" && env.handed == nil {
		call.code, err = call.owned(parsed.Selected(), args)
	}
	if err != nil {
		call.board.Close()
		code := call.failed(err)
		if click {
			linger(call.say.Text("cli.click_close"))
		}
		return code
	}
	return call.code
}

// ofFile tells whether an error is of what a file holds: the command was right, and what is to be mended is the file.
func ofFile(code string) bool {
	return strings.HasPrefix(code, "tabular.") || strings.HasPrefix(code, "layout.") && !strings.HasPrefix(code, "layout.map.")
}

// failed says an error in words and gives the exit code of its kind.
func (c *Call) failed(err error) int {
	code := ExitFailed
	switch fail.KindOf(err) {
	case fail.KindAwaiting:
		code = ExitAwaiting
	case fail.KindInvalid:
		if !ofFile(fail.CodeOf(err)) {
			code = ExitUsage
		}
	}
	detail := ""
	if _, known := fail.As(err); !known {
		detail, err = err.Error(), files.Explain(err)
	}
	if _, known := fail.As(err); !known { // a fault of ours: in words that one is, with what a developer needs below
		err = fail.Unavailable("cli.fault")
	}
	text := c.say.Error(err)
	if c.JSON {
		c.print(map[string]any{"error": fail.CodeOf(err), "message": text})
	}
	if known := fail.CodeOf(err); known != "" {
		text += " [" + known + "]"
	}
	fmt.Fprintln(c.Stderr, "tepat: "+text)
	if e, ok := fail.As(err); ok && errors.Unwrap(e) != nil && detail == "" {
		detail = errors.Unwrap(e).Error()
	}
	if detail != "" {
		fmt.Fprintln(c.Stderr, "  ", detail)
	}
	return code
}

// result prints a result: the object as JSON, or the lines for a person.
func (c *Call) result(v any, lines func(w io.Writer)) {
	c.board.Close()
	if c.JSON {
		c.print(v)
		return
	}
	lines(c.Stdout)
}

func (c *Call) print(v any) {
	e := json.NewEncoder(c.Stdout)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		fmt.Fprintln(c.Stderr, "tepat:", err)
	}
}

// house opens the database for a command, or gives the house of the process that serves it.
func (c *Call) house() (*House, error) {
	if c.handed != nil {
		return c.handed.house, nil
	}
	return c.Open(c, OpenOptions{DB: c.DB, Keys: c.Keys})
}

// actor is who the command acts as: --as, which must name an account.
func (c *Call) actor(h *House) (access.Actor, error) {
	if c.As == "" {
		return access.Actor{}, fail.Invalid("cli.as")
	}
	return h.Accounts.LoadByLogin(c, c.As)
}

// with opens the house and the actor for a command and closes the house after it.
func (c *Call) with(f func(h *House, who access.Actor) error) (err error) {
	h, err := c.house()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	c.criteria = h.Criteria
	who, err := c.actor(h)
	if err != nil {
		return err
	}
	return f(h, who)
}
