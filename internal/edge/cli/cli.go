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

	"github.com/alecthomas/kong"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
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
	Install  Install `cmd:"" help:"Make a new installation with its first accounts."`
	Migrate  Migrate `cmd:"" help:"Bring the schema to the newest version."`
	Doctor   Doctor  `cmd:"" help:"Check the installation."`
	Backup   Backup  `cmd:"" help:"Write a consistent copy of the database to a file."`
	Restore  Restore `cmd:"" help:"Fill a new database from a backup."`
	Database struct {
		Copy CopyDatabase `cmd:"" help:"Copy everything to another database, with the same ids, and compare digests."`
	} `cmd:"" name:"db" help:"Move databases."`
	Audit struct {
		Verify VerifyAudit `cmd:"" help:"Prove that the audit log is whole."`
		Seal   SealAudit   `cmd:"" help:"Seal what is due."`
	} `cmd:"" help:"The audit log."`
	Key struct {
		Export ExportKeys `cmd:"" help:"Write the keys, locked by a passphrase, to a file for safekeeping."`
		Import ImportKeys `cmd:"" help:"Restore exported keys into an empty key folder."`
		Rotate RotateKeys `cmd:"" help:"Make a new encryption key; old values stay readable."`
	} `cmd:"" help:"Keys."`
	Run struct {
		List    ListRuns   `cmd:"" help:"List the newest runs."`
		Show    ShowRun    `cmd:"" help:"Show one run."`
		Approve ApproveRun `cmd:"" help:"Approve a run as the second person."`
		Resume  ResumeRun  `cmd:"" help:"Go on with an interrupted run."`
		Cancel  CancelRun  `cmd:"" help:"Stop a run that has not ended."`
		Undo    UndoRun    `cmd:"" help:"Take back what a run did."`
	} `cmd:"" help:"Bulk operations."`
	Import Import `cmd:"" help:"Import a file of families, civil records, evidence or deciles."`
	Match  Match  `cmd:"" help:"Match every person with the civil registry."`
	Synth  Synth  `cmd:"" help:"Write a synthetic population as files."`
}

// Env is what the process gives the command line.
type Env struct {
	Stdout, Stderr *os.File
	Messages       *i18n.Catalogue
	Version        string
	// Schema holds the migrations, Tables the manifest: for what works below a house.
	Schema fs.FS
	Tables []sqldb.Table
	// Open builds the house on a database.
	Open func(ctx context.Context, o OpenOptions) (*House, error)
}

// Call is one command under way.
type Call struct {
	context.Context
	Env
	Globals
	board *progress.Board
	say   i18n.Printer
	code  int
}

// Main runs a command line and gives its exit code.
func Main(ctx context.Context, env Env, args []string) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("tepat"), kong.UsageOnError(), kong.Vars{"version": env.Version},
		kong.Description("Tepat: the open registry that brings social assistance to the people who need it."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(env.Stdout, env.Stderr), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		fmt.Fprintln(env.Stderr, err)
		return ExitFailed
	}
	return run(ctx, env, parser, &c, args)
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
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(env.Stderr, "tepat: %v\n\nContoh / example: tepat demo --scenario ambon; tepat --help\n", err)
		return ExitUsage
	}
	call := &Call{Context: ctx, Env: env, Globals: c.Globals}
	lang, _ := i18n.ParseLang(c.Lang)
	call.say = env.Messages.Printer(lang)
	call.board = progress.Quiet(env.Stderr)
	if !c.Quiet && !c.JSON {
		call.board = progress.On(env.Stderr, progress.Words{Left: call.say.Text("cli.left")})
	}
	defer call.board.Close()
	if err := parsed.Run(call); err != nil {
		call.board.Close()
		return call.failed(err)
	}
	return call.code
}

// failed says an error in words and gives the exit code of its kind.
func (c *Call) failed(err error) int {
	code := ExitFailed
	switch fail.KindOf(err) {
	case fail.KindAwaiting:
		code = ExitAwaiting
	case fail.KindInvalid:
		code = ExitUsage
	}
	text := c.say.Error(err)
	if _, known := fail.As(err); !known {
		text = err.Error()
	}
	if c.JSON {
		c.print(map[string]any{"error": fail.CodeOf(err), "message": text})
	}
	fmt.Fprintln(c.Stderr, "tepat: "+text)
	if e, ok := fail.As(err); ok && errors.Unwrap(e) != nil {
		fmt.Fprintln(c.Stderr, "  ", errors.Unwrap(e))
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

// house opens the database for a command and gives what closes it.
func (c *Call) house() (*House, error) {
	return c.Open(c, OpenOptions{DB: c.DB, Keys: c.Keys})
}

// actor is who the command acts as: --as, which must name an account.
func (c *Call) actor(h *House) (access.Actor, error) {
	if c.As == "" {
		return access.Actor{}, fail.Unauthorized("cli.as")
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
	who, err := c.actor(h)
	if err != nil {
		return err
	}
	return f(h, who)
}
