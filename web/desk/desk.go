// Package desk holds the pages of the officials' site. Most are a list or a record: a
// handler fills a view, the page draws it, and knows no role, rule or address.
package desk

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// ListView is a page that lists something.
type ListView struct {
	Notices []ui.Notice
	// Forms begin what is done about the list as a whole.
	Forms []FormView
	// Problems are what is wrong with the form of Bulk.
	Problems []ui.FieldError
	Tiles    []ui.Tile
	// Search posts its words, so that no name or number stands in an address.
	Search *SearchView
	Tabs   []ui.Tab
	// TabsLabel names the tabs for screen readers.
	TabsLabel string
	Filter    *ui.Filter
	// Bulk, when set, adds a form whose buttons act on the chosen rows.
	Bulk  *BulkView
	Table ui.Table
	Pager *ui.Pager
	Links []ui.Link
}

// filter gives the filter with what was chosen at the foot of the list.
func (v ListView) filter() ui.Filter {
	f := *v.Filter
	if v.Pager != nil {
		f.Hidden = slices.Concat(f.Hidden, v.Pager.Keep)
	}
	return f
}

// chosenBy gives the table with its checkboxes in the form, which stands beside the table:
// forms do not nest.
func (v ListView) chosenBy(form string) ui.Table {
	t := v.Table
	t.FormID = form
	return t
}

// SearchView is the search form of a list.
type SearchView struct {
	Action string
	Label  string
	Hint   string
	Value  string
	Error  string
	Clear  string // address without the search; empty when nothing is searched
}

// BulkView acts on chosen rows.
type BulkView struct {
	Action  string
	Fields  []FieldView // filled in once for all chosen rows
	Buttons []ui.Button
	Hidden  []ui.Hidden
}

// RecordView is a page about one thing.
type RecordView struct {
	Notices  []ui.Notice
	Problems []ui.FieldError
	Chips    []ui.Chip
	Tabs     []ui.Tab
	// TabsLabel names the tabs for screen readers.
	TabsLabel string
	Sections  []Section
	// Forms stand at the end, each under its own heading.
	Forms []FormView
	// Beside sets forms and history beside the facts where there is room: what is decided stays in
	// sight of what it is decided on.
	Beside bool
	// Contents leads to the sections of a long page from its top.
	Contents bool
	Links    []ui.Link
}

// Section is one part of a record: what of it is set is drawn, in this order.
type Section struct {
	ID       string
	Title    string
	Text     string
	Items    []ui.SummaryItem
	Compare  *ui.Compare
	Table    *ui.Table
	Events   []ui.Event
	Progress *ui.Progress
	Content  templ.Component
	// Beside are parts drawn next to each other where there is room, such as two families.
	Beside []Section
}

// FormView is a form of fields.
type FormView struct {
	ID      string
	Title   string
	Text    string
	Form    ui.Form
	Fields  []FieldView
	Buttons []ui.Button
	Cancel  *ui.Link
	// Ahead are links before the fields: what spares typing them.
	Ahead []ui.Link
	// Others lead to what may be decided instead.
	Others []ui.Link
	// Folded hides a form that is seldom needed behind its title, unless it came back with an error.
	Folded bool
}

// wrong reports whether a field of the form has an error.
func (f FormView) wrong() bool {
	for _, one := range f.Fields {
		if one.Field.Error != "" {
			return true
		}
	}
	return false
}

// FieldView is one field; what of it is set says how it is drawn.
type FieldView struct {
	Field   ui.Field
	Options []ui.Option // a choice
	Select  bool        // the choice as a drop-down
	Checks  bool        // several may be chosen
	Date    *ui.DateParts
	Rows    int    // a text of several rows
	File    string // accepted types of a file
	Compare *ui.Compare
	Markup  templ.Component
}

// HomeView is the first page: what must be done.
type HomeView struct {
	Notices []ui.Notice
	Tasks   []ui.Task
	Tiles   []ui.Tile
	Empty   *ui.Empty
	// Groups are figures that belong together, each group under its words.
	Groups []TileGroup
	// Starts are what the reader may begin.
	Starts []Start
	// More are further tables or figures of the page.
	More []Section
}

// history reports whether a section tells what happened.
func (s Section) history() bool { return len(s.Events) > 0 }

func (v RecordView) split() bool {
	if !v.Beside {
		return false
	}
	for _, s := range v.Sections {
		if s.history() {
			return true
		}
	}
	return len(v.Forms) > 0
}

// TileGroup is figures of one matter.
type TileGroup struct {
	Title string
	Tiles []ui.Tile
}

// Start leads to a piece of work that can be begun.
type Start struct{ Title, Text, Href string }

func text(ctx context.Context, key string, facts ...any) string {
	return i18n.From(ctx).Text(key, facts...)
}

// clearLink takes a search away.
func clearLink(ctx context.Context, s SearchView) *ui.Link {
	if s.Clear == "" {
		return nil
	}
	return &ui.Link{Label: text(ctx, "desk.search.clear"), Href: s.Clear}
}
