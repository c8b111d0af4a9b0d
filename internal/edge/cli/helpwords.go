package cli

import (
	"bytes"
	_ "embed" // what --help says in Indonesian
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"tepat/internal/kit/i18n"
)

//go:embed help.id.yaml
var helpTexts []byte

// askedLang finds the language a command line is answered in, before it is read: its help and its mistakes are told in it
// too.
func askedLang(args []string, env func(string) string) i18n.Lang {
	text := env("TEPAT_LANG")
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--lang="); ok {
			text = value
		} else if a == "--lang" && i+1 < len(args) {
			text = args[i+1]
		}
	}
	lang, _ := i18n.ParseLang(text) // what is no language is told when the flag is read
	return lang
}

// helpIn puts the words of --help into a language: those of the commands and flags, and those around them.
func helpIn(lang i18n.Lang, k *kong.Kong) error {
	if lang != i18n.Indonesian {
		return nil
	}
	words := map[string]string{}
	if err := yaml.Unmarshal(helpTexts, &words); err != nil {
		return fmt.Errorf("read words of help: %w", err)
	}
	for _, text := range helpOf(k.Model.Node) {
		if word, ok := words[*text]; ok {
			*text = word
		}
	}
	return kong.Help(indonesianHelp).Apply(k)
}

// helpOf gives every text of the help of a command and those below it.
func helpOf(n *kong.Node) (out []*string) {
	out = append(out, &n.Help, &n.Detail)
	for _, f := range n.Flags {
		out = append(out, &f.Help)
	}
	for _, a := range n.Positional {
		out = append(out, &a.Help)
	}
	for _, c := range n.Children {
		out = append(out, helpOf(c)...)
	}
	return out
}

// aroundHelp are the words the library writes around the help, at the beginning of a line.
var aroundHelp = strings.NewReplacer(
	"\nUsage: ", "\nPemakaian: ", "\nArguments:\n", "\nIsian:\n", "\nFlags:\n", "\nPilihan:\n", "\nCommands:\n", "\nPerintah:\n",
	"\nRun \"", "\nJalankan \"", "\" for more information on a command.", "\" untuk keterangan sebuah perintah.",
	"<command>", "<perintah>", "[flags]", "[pilihan]",
)

// indonesianHelp prints the help with the words around it in Indonesian.
func indonesianHelp(o kong.HelpOptions, ctx *kong.Context) error {
	var text bytes.Buffer
	out := ctx.Stdout
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(o, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.TrimPrefix(aroundHelp.Replace("\n"+text.String()), "\n"))
	return err
}
