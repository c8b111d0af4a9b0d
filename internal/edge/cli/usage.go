package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// misuse is one way of the parser to say that a command line is wrong, and what we call it. The groups of the pattern are the
// facts, by name.
type misuse struct {
	says *regexp.Regexp
	of   func(facts map[string]string) *fail.Error
}

// misuses are the parser's sentences, the most particular first. It has no codes, so that its words are all there is.
func misuses() []misuse {
	like := func(pattern string, of func(map[string]string) *fail.Error) misuse {
		return misuse{regexp.MustCompile(pattern), of}
	}
	return []misuse{
		like(`^unknown flag (?P<flag>[^,]+), did you mean (?:one of )?(?P<meant>.+)\?$`, func(f map[string]string) *fail.Error {
			return fail.Invalid("cli.flag_meant", "flag", f["flag"], "meant", f["meant"])
		}),
		like(`^unknown flag (?P<flag>.+)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.flag_unknown", "flag", f["flag"]) }),
		like(`^unexpected (?:argument|token) (?P<word>[^,]+), did you mean (?:one of )?(?P<meant>.+)\?$`, func(f map[string]string) *fail.Error {
			return fail.Invalid("cli.word_meant", "word", f["word"], "meant", f["meant"])
		}),
		like(`^unexpected (?:argument|token) (?P<word>.+)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.word_unknown", "word", f["word"]) }),
		like(`^missing flags: (?P<flags>.+)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.flag_missing", "flags", f["flags"]) }),
		like(`^missing positional arguments (?P<words>.+)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.word_missing", "words", f["words"]) }),
		like(`^(?P<flag>--[a-z-]+|<[a-z-]+>)\S* must be one of (?P<words>.+) but got "(?P<given>.*)"$`, func(f map[string]string) *fail.Error {
			return fail.Invalid("cli.one_of", "flag", f["flag"], "words", strings.NewReplacer(",", ", ", `"`, "").Replace(f["words"]), "given", f["given"])
		}),
		like(`^(?P<one>--\S+) and (?P<other>--\S+) can't be used together$`, func(f map[string]string) *fail.Error {
			return fail.Invalid("cli.flags_both", "one", f["one"], "other", f["other"])
		}),
		like(`^expected (?:one of )?(?P<words>"?[<"].+)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.word_missing", "words", f["words"]) }),
		like(`^expected (?:one of )?(?P<words>[a-z-]+(?:, .*| \(.*\))?)$`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.word_missing", "words", f["words"]) }),
		like(`^(?P<flag>--[a-z-]+|<[a-z-]+>).*"EOL"`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.value_missing", "flag", f["flag"]) }),
		like(`^(?P<flag>--[a-z-]+|<[a-z-]+>).*"(?P<given>[^"]*)"`, func(f map[string]string) *fail.Error {
			return fail.Invalid("cli.value", "flag", f["flag"], "given", f["given"])
		}),
		like(`^(?P<flag>--[a-z-]+|<[a-z-]+>)`, func(f map[string]string) *fail.Error { return fail.Invalid("cli.value_missing", "flag", f["flag"]) }),
	}
}

// misusedAs gives the house's own error of what the parser refused; the parser's words never reach the user.
func misusedAs(err error) error {
	if _, ours := fail.As(err); ours {
		return err
	}
	if explained := files.Explain(err); fail.CodeOf(explained) != "" {
		return explained
	}
	text := err.Error()
	for _, m := range misuses() {
		found := m.says.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		facts := map[string]string{}
		for i, name := range m.says.SubexpNames() {
			if name != "" {
				facts[name] = strings.Trim(found[i], `"`)
			}
		}
		return m.of(facts)
	}
	return fail.Invalid("cli.usage")
}

// misused says what is wrong with a command line, and how the command that was meant is written.
func misused(env Env, args []string, err error) int {
	lang := askedLang(args, os.Getenv)
	c := &Call{Env: env, Globals: Globals{JSON: slices.Contains(args, "--json")}, say: env.Messages.Printer(lang)}
	known := misusedAs(err)
	text := c.say.Error(known)
	if c.JSON {
		c.print(map[string]any{"error": fail.CodeOf(known), "message": text})
	}
	fmt.Fprintf(env.Stderr, "tepat: %s [%s]\n\n%s\n", text, fail.CodeOf(known), c.usage(err))
	return ExitUsage
}

// usage says how the command that was meant is written.
func (c *Call) usage(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context.Selected() != nil {
		meant := wrong.Context.Selected()
		return meant.Detail + "\ntepat " + strings.TrimPrefix(meant.Path(), "tepat ") + " --help"
	}
	return c.say.Text("cli.usage_example") + "\ntepat --help"
}
