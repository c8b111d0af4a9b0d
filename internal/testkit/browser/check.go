package browser

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed axe/axe.min.js
var axeSource string

// Violation is one rule of axe a page breaks.
type Violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// String names the rule and where it is broken.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s)\n\t%s", v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
}

const (
	everyRule   = `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}`
	colourRules = `['color-contrast', 'link-in-text-block']`
	axeRun      = `axe.run(document, {resultTypes: ['violations'], runOnly: %s})
	.then(r => r.violations.map(v => ({id: v.id, help: v.help,
		nodes: v.nodes.slice(0, 8).map(n => n.html.slice(0, 300) + ' -- ' + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message)})))`
)

// Violations runs axe on the page: WCAG 2 A and AA up to 2.2, and its best practices.
func (p *Page) Violations() []Violation {
	p.t.Helper()
	return p.axe(everyRule)
}

func (p *Page) axe(rules string) []Violation {
	p.t.Helper()
	if !Eval[bool](p, "typeof axe === 'object'") {
		Eval[bool](p, axeSource+";true")
	}
	return Eval[[]Violation](p, fmt.Sprintf(axeRun, rules))
}

// Accessible fails the test with every violation axe finds.
func (p *Page) Accessible() {
	p.t.Helper()
	p.report(p.Violations())
}

// Legible fails the test with every violation of axe's rules about colours. It is for a page that was
// held Accessible in a window of the same width and other colours, where nothing else differs.
func (p *Page) Legible() {
	p.t.Helper()
	p.report(p.axe(colourRules))
}

func (p *Page) report(found []Violation) {
	p.t.Helper()
	for _, v := range found {
		p.t.Errorf("%s: axe: %s", p.URL(), v)
	}
}

const overflowing = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return [];
	return [...document.querySelectorAll('body *')]
		.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.right > wide + 1 && getComputedStyle(e).position !== 'absolute'; })
		.slice(0, 8)
		.map(e => e.tagName.toLowerCase() + '.' + e.getAttribute('class') + ' to ' + Math.round(e.getBoundingClientRect().right) + ' px');
})()`

// NoOverflow fails the test when the page scrolls sideways, and names what sticks out.
func (p *Page) NoOverflow() {
	p.t.Helper()
	if wide := Eval[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		p.t.Errorf("%s: in a window of %d px scrolls sideways by %d px: %s", p.URL(), Eval[int](p, "innerWidth"), wide, strings.Join(Eval[[]string](p, overflowing), ", "))
	}
}

const inline = `(() => {
	const found = [];
	for (const e of document.querySelectorAll('*')) {
		for (const a of e.attributes) {
			if (a.name === 'style' || a.name.startsWith('on') || a.name === 'hx-on' || a.name.startsWith('hx-on:') || /^\s*javascript:/i.test(a.value))
				found.push(e.tagName.toLowerCase() + ' ' + a.name + '=' + a.value.slice(0, 60));
		}
		if (e.tagName === 'STYLE' || (e.tagName === 'SCRIPT' && !e.src)) found.push('inline ' + e.tagName.toLowerCase());
	}
	return found;
})()`

// NothingInline fails the test when the page holds an inline style, script or handler. It reads
// the page as scripts left it; open it with NoScript to read what the server wrote.
func (p *Page) NothingInline() {
	p.t.Helper()
	for _, found := range Eval[[]string](p, inline) {
		p.t.Errorf("%s: inline: %s", p.URL(), found)
	}
}

const shape = `(() => {
	const wrong = [];
	const h1 = document.querySelectorAll('h1').length;
	if (h1 !== 1) wrong.push(h1 + ' h1');
	if (!document.documentElement.lang) wrong.push('no lang');
	if (!document.title.trim()) wrong.push('no title');
	if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
	const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
	for (const id of new Set(ids.filter((x, i) => ids.indexOf(x) !== i))) wrong.push('id ' + id + ' twice');
	for (const a of document.querySelectorAll('.error-summary a, a.skip')) {
		const target = document.getElementById(a.getAttribute('href').slice(1));
		if (!target) wrong.push('link to nowhere: ' + a.getAttribute('href'));
		else if (a.closest('.error-summary') && !target.matches('input, select, textarea')) wrong.push('error link to no input: ' + a.getAttribute('href'));
	}
	for (const a of document.querySelectorAll('a[href]'))
		if (/(^|[^0-9])[0-9]{16}([^0-9]|$)/.test(a.getAttribute('href'))) wrong.push('16 digits in a URL: ' + a.textContent);
	for (const t of document.body.innerText.match(/\b(ui|shell|site|error)\.[a-z_.0-9]+\b/g) || []) wrong.push('unworded key ' + t);
	return wrong;
})()`

// WellFormed fails the test unless the page has one h1, one main, a language, a title, ids that
// are unique, error links that reach an input, no number of 16 digits in a URL and no unworded
// key.
func (p *Page) WellFormed() {
	p.t.Helper()
	for _, wrong := range Eval[[]string](p, shape) {
		p.t.Errorf("%s: %s", p.URL(), wrong)
	}
}

// FitForUse is everything a page must satisfy in any window: no complaint, nothing inline, well
// formed, accessible, no sideways scrolling; see FitInOtherWindows for the reader's other windows.
func (p *Page) FitForUse() {
	p.t.Helper()
	p.Quiet()
	p.WellFormed()
	p.NoOverflow()
	p.Accessible()
	p.FitInOtherWindows()
}

// FitInOtherWindows looks at a page that was held Accessible through the reader's other windows: it must
// not scroll sideways, and be legible where the colours differ.
func (p *Page) FitInOtherWindows() {
	p.t.Helper()
	for _, other := range p.reader.Also {
		p.do("change the window", window(other))
		p.NoOverflow()
		if other.Dark != p.reader.Dark {
			p.Legible()
		}
	}
	if len(p.reader.Also) > 0 {
		p.do("change the window back", window(p.reader))
	}
}
