package cli

import (
	"io"
	"os"
	"sync"

	"github.com/alecthomas/kong"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/handover"
	"tepat/internal/kit/progress"
)

// On SQLite one process owns the database. A command that finds it owned hands itself to the
// owner, which works it in its own house and streams back what it prints: see kit/handover.

// handed is a command that another process typed and this one works.
type handed struct {
	session *handover.Session
	house   *House
}

// Handed works a command that another process handed over, in the house of this one, and
// gives its exit code. house must not close anything when the command closes it.
func Handed(s *handover.Session, env Env, house *House) int {
	env.Stdout, env.Stderr, env.Dir = s.Stdout, s.Stderr, s.Dir
	env.Board = func(progress.Words) Board { return away{s} }
	env.handed = &handed{s, house}
	return Main(s.Watched, env, s.Args)
}

// away is a board whose meters somebody else draws.
type away struct{ session *handover.Session }

// Meter adds a part there.
func (a away) Meter(name, unit string) progress.Meter { return a.session.Meter(name, unit) }

// Close leaves the board to the one who draws it: it is taken away when output comes.
func (away) Close() {}

// alone reports whether a command must be the owner of its database itself: it serves, or
// makes or fills a database that nobody uses yet.
func alone(command *kong.Node) bool {
	if command == nil {
		return true
	}
	switch command.Target.Interface().(type) {
	case Demo, Serve, Work, Install, Restore:
		return true
	}
	return false
}

// settings are the flags that another process must not take from its own surroundings.
func (g Globals) settings() map[string]string {
	word := map[bool]string{true: "yes"}
	return map[string]string{"db": g.DB, "keys": g.Keys, "as": g.As, "lang": g.Lang, "json": word[g.JSON], "quiet": word[g.Quiet]}
}

func globalsOf(s map[string]string) Globals {
	return Globals{DB: s["db"], Keys: s["keys"], As: s["as"], Lang: s["lang"], JSON: s["json"] != "", Quiet: s["quiet"] != ""}
}

// owned lets the process that owns the database work the command, and follows it.
func (c *Call) owned(command *kong.Node, args []string) (int, error) {
	if alone(command) {
		return ExitFailed, fail.Conflict("cli.owned")
	}
	path, err := handover.Path(c.DB)
	if err != nil {
		return ExitFailed, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return ExitFailed, err
	}
	shut := sync.OnceFunc(c.board.Close)
	code, err := handover.Call(c, path, handover.Request{Args: args, Dir: dir, Settings: c.settings()}, handover.Terminal{
		Stdout: curtain{c.Stdout, shut}, Stderr: curtain{c.Stderr, shut}, Meter: c.board.Meter,
	})
	if fail.CodeOf(err) == "handover.nobody" && c.Err() != nil {
		err = c.Err()
	}
	return code, err
}

// curtain takes the bars away before the first words come.
type curtain struct {
	io.Writer
	shut func()
}

// Write writes below the bars' place.
func (w curtain) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	w.shut()
	return w.Writer.Write(p)
}
