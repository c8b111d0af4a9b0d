package ui

// Site is what is the same on every page of one installation.
type Site struct {
	Name     string // of the registry, such as "Tepat Kota Ambon"
	Place    string // under the name: "Dinas Sosial Kota Ambon"
	HomeHref string // where the name leads; "/" when empty
	Training bool   // shows the LATIHAN band and the print watermark
	Version  string // of the program, in the footer
	Links    []Link // of the footer: help, privacy, accessibility, service status
}

// User is the person signed in, as the header shows her.
type User struct {
	Name     string
	Role     string // in words: "Verifikator Dinas Sosial"
	Area     string // "Kecamatan Sirimau"
	LastSeen string // "Terakhir masuk 20 Nov 2026 16.02 WIT"; shared passwords show up here
	Profile  string // URL of her own page
	SignOut  string // URL that a POST ends the session at
}

// NavItem is one entry of the main navigation. Which ones a role gets is the caller's data.
type NavItem struct {
	Label   string
	Href    string
	Current bool
	Count   int // work waiting there; 0 shows nothing
}

// Scripts says how much JavaScript a page loads. Every page works without any.
type Scripts uint8

// The three levels of ux.md section 1.
const (
	NoScripts   Scripts = iota // public pages
	FormScripts                // drafts, NIK grouping, warning before unsent input is lost
	ListScripts                // the above, htmx, keyboard, row selection
)

// Printed is what the foot of a printed page says: which record, when, by whom.
type Printed struct {
	Address string // URL of the record, without personal data
	At      string // "21 November 2026 pukul 14.30 WIT"
	By      string // the user's name
}

// Office is the district somebody of a province or the nation works in just now.
type Office struct {
	Label  string // "Wilayah kerja"
	Name   string
	Change Link
}

// Page is everything the shell needs to know about one page.
type Page struct {
	Site  Site
	User  *User // nil on public pages and before sign-in
	Nav   []NavItem
	Title string // the h1; also the first part of <title>
	// Context follows the title in <title> so that titles are unique: an area, a number.
	Context     string
	Lead        string  // one sentence under the h1
	Back        *Link   // to the list it came from, on pages below a list
	Office      *Office // which of the reader's districts she works in; nil for most
	Breadcrumb  []Link  // the last entry is this page; its Href is not used
	Failed      bool    // puts "Galat:" before the title: the form below has errors
	Narrow      bool    // 42rem, for forms and reading, instead of 72rem
	HideHeading bool    // for documents that draw their own h1
	Issued      bool    // a document with its own letterhead: the print leaves the masthead out
	Scripts     Scripts
	Shortcuts   bool   // keyboard shortcuts, as the profile allows (WCAG 2.1.4)
	AsOf        string // "Data per 21 November 2026 pukul 14.30 WIT"; empty leaves it out
	Printed     Printed
	Theme       string // "", "light" or "dark"
	OtherLang   string // URL of this page in the other language; empty hides the switch
	ThemeHref   string // URL prefix of the theme switch, ending in "theme="; empty hides it
	Refresh     int    // seconds until a page without JavaScript reloads itself; 0 is never
	Description string // for search engines, public pages only; others are noindex
}

// reader names who is signed in, so that what one typed in a tab is never put before another.
func (p Page) reader() string {
	if p.User == nil {
		return ""
	}
	return p.User.Name + ", " + p.User.Role
}

func (p Page) home() string {
	if p.Site.HomeHref == "" {
		return "/"
	}
	return p.Site.HomeHref
}

// documentTitle gives the whole <title>: error prefix, page, context, registry.
func (p Page) documentTitle(errorPrefix string) string {
	title := p.Title
	if p.Failed {
		title = errorPrefix + " " + title
	}
	if p.Context != "" {
		title += " – " + p.Context
	}
	return title + " – " + p.Site.Name
}

func (p Page) containerClass() string {
	if p.Narrow {
		return "container narrow"
	}
	return "container"
}

// current gives the label of the section this page is in, for the phone's closed menu.
func (p Page) current() string {
	for _, n := range p.Nav {
		if n.Current {
			return n.Label
		}
	}
	return ""
}
