package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// clicked are the arguments of a program that was started by a double click, without any.
func clicked() []string { return []string{"demo", "--browser"} }

// ready tells where the site is, and opens it in the browser when asked to.
func (d Demo) ready(c *Call) func(url string) {
	return func(url string) {
		fmt.Fprintln(c.Stderr, c.say.Text("cli.serving", "url", url))
		if !d.Browser {
			return
		}
		if err := browse(url).Start(); err != nil {
			fmt.Fprintln(c.Stderr, c.say.Text("cli.no_browser", "url", url))
		}
	}
}

// browse is the system's command that opens an address in the browser.
func browse(url string) *exec.Cmd {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	case "darwin":
		return exec.Command("open", url)
	default:
		return exec.Command("xdg-open", url)
	}
}

// linger keeps the window of a double click open until its words are read.
func linger(words string) {
	fmt.Fprintln(os.Stderr, words)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // whatever is typed closes it
}
