package browser

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// note keeps what the browser reports about a page. It is called on the browser's own
// goroutine.
func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(e.Request.URL, "data:") {
			return
		}
		p.requests[e.RequestID] = &Request{URL: e.Request.URL, Type: string(e.Type)}
		p.order = append(p.order, e.RequestID)
	case *network.EventResponseReceived:
		if r := p.requests[e.RequestID]; r != nil {
			r.Status = int(e.Response.Status)
		}
	case *network.EventLoadingFinished:
		if r := p.requests[e.RequestID]; r != nil {
			r.Bytes = int(e.EncodedDataLength)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.messages = append(p.messages, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	case *page.EventJavascriptDialogOpening:
		p.warnings = append(p.warnings, string(e.Type))
		go p.accept() // not here: this goroutine reads the answer
	case *runtime.EventExceptionThrown:
		p.messages = append(p.messages, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			p.messages = append(p.messages, "console.error")
		}
	}
}

// accept goes through a dialog, such as the warning before unsent input is lost.
func (p *Page) accept() {
	// It fails only when the page is gone, and then there is nothing left to accept.
	_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
}

// Dialogs gives the kinds of dialogs that were shown and gone through, such as "beforeunload".
func (p *Page) Dialogs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.warnings)
}

// Traffic is what a page cost.
type Traffic struct {
	Requests []Request
	Bytes    int // everything, over the wire
	Scripts  int // bytes of scripts, over the wire
}

// Traffic gives what was fetched since the last Open or Go. The browser's own request for
// /favicon.ico counts like any other.
func (p *Page) Traffic() Traffic {
	p.mu.Lock()
	defer p.mu.Unlock()
	var t Traffic
	for _, id := range p.order {
		r := *p.requests[id]
		t.Requests = append(t.Requests, r)
		t.Bytes += r.Bytes
		if r.Type == "Script" {
			t.Scripts += r.Bytes
		}
	}
	return t
}

// Budget is what a group of pages may cost (ux.md section 7), in KiB and requests.
type Budget struct{ KiB, ScriptKiB, Requests int }

// The budgets of the page groups.
func PublicBudget() Budget { return Budget{KiB: 30, ScriptKiB: 0, Requests: 4} }

// FormBudget is the budget of operator forms.
func FormBudget() Budget { return Budget{KiB: 60, ScriptKiB: 8, Requests: 6} }

// ListBudget is the budget of queues and details without photos.
func ListBudget() Budget { return Budget{KiB: 80, ScriptKiB: 30, Requests: 8} }

// DashboardBudget is the budget of dashboards with a map.
func DashboardBudget() Budget { return Budget{KiB: 120, ScriptKiB: 30, Requests: 8} }

// Within fails the test when the page cost more than its budget, or fetched anything from
// another host.
func (p *Page) Within(b Budget) {
	p.t.Helper()
	t := p.Traffic()
	if t.Bytes > b.KiB*1024 {
		p.t.Errorf("%s: %d bytes, budget %d KiB", p.URL(), t.Bytes, b.KiB)
	}
	if t.Scripts > b.ScriptKiB*1024 {
		p.t.Errorf("%s: %d bytes of scripts, budget %d KiB", p.URL(), t.Scripts, b.ScriptKiB)
	}
	if len(t.Requests) > b.Requests {
		p.t.Errorf("%s: %d requests, budget %d: %v", p.URL(), len(t.Requests), b.Requests, t.Requests)
	}
	own, err := url.Parse(p.URL())
	if err != nil {
		p.t.Fatalf("browser: %v", err)
	}
	for _, r := range t.Requests {
		if u, err := url.Parse(r.URL); err == nil && u.Host != own.Host {
			p.t.Errorf("%s: fetched %s from another host", p.URL(), r.URL)
		}
	}
}

// Complaints gives the errors and warnings of the console: scripts that failed, resources that
// are missing, and everything the Content-Security-Policy stopped.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.messages)
}

// Quiet fails the test when the console complained.
func (p *Page) Quiet() {
	p.t.Helper()
	for _, m := range p.Complaints() {
		p.t.Errorf("%s: console: %s", p.URL(), m)
	}
}
