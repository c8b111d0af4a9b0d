// Package ui holds the components every page of Tepat is built from: the page shell, tables,
// forms, figures, notices and prints, in the look named Tenun.
//
// Props carry words already in the reader's language (page authors call i18n.Printer.Text);
// the few words a component needs itself come from the printer in the context. Components
// never know a role, a rule or a URL scheme: all of that is data given by the page. None of
// them writes a style attribute, an inline script or an event handler, so the strict
// Content-Security-Policy holds on every page.
package ui

import (
	"context"
	"strconv"

	"tepat/internal/kit/i18n"
)

// Link is a destination with its words.
type Link struct {
	Label string
	Href  string
}

// Tone is the meaning a colour carries. Colour never stands alone: words always say the same.
type Tone string

// The tones, from nothing special to refused.
const (
	Plain Tone = ""     // neutral, grey
	Info  Tone = "info" // blue: to do, in hand
	Good  Tone = "good" // green: decided, agrees
	Wait  Tone = "wait" // amber: waits for somebody, soon due
	Bad   Tone = "bad"  // red: refused, overdue, does not agree
)

// Hidden is a form value carried along unseen.
type Hidden struct{ Name, Value string }

// text looks a component's own word up.
func text(ctx context.Context, key string, facts ...any) string {
	return i18n.From(ctx).Text(key, facts...)
}

// number writes a count in the reader's language.
func number(ctx context.Context, n int) string { return i18n.From(ctx).Number(int64(n)) }

// class gives a base class with the class of the tone.
func (t Tone) class(base string) string {
	if t == Plain {
		return base
	}
	return base + " " + base + "-" + string(t)
}

func itoa(n int) string { return strconv.Itoa(n) }
