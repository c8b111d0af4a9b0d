package programmes

import (
	"encoding/json"
	"fmt"
	"strconv"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
)

// keptWorking is the JSON beside an enrolment: what priority looked at, and every line of the working.
// Rules and legal bases are not repeated in it: they are those of the catalogue on the list's day.
type keptWorking struct {
	Decile     int64      `json:"decile"`
	Estimated  bool       `json:"estimated,omitempty"`
	Components int        `json:"components,omitempty"`
	Score      *float64   `json:"score,omitempty"`
	Since      string     `json:"since,omitempty"`
	PerYear    int64      `json:"per_year"`
	Lines      []keptLine `json:"lines,omitempty"`
}

type keptLine struct {
	Person    sqldb.ID      `json:"person"`
	Component string        `json:"component,omitempty"`
	PerYear   int64         `json:"per_year,omitempty"`
	Why       programme.Why `json:"why"`
}

// linesOf writes the lines of a working as JSON. It is written by hand: a list holds a million lines.
func linesOf(w programme.Working) string {
	b := make([]byte, 0, 128*len(w.Lines)+2)
	b = append(b, '[')
	for i, l := range w.Lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"person":"`...)
		b = append(b, sqldb.ID(l.Person).String()...)
		if l.Component != "" {
			b = append(append(b, `","component":"`...), l.Component...)
		}
		b = append(b, '"')
		if l.PerYear != 0 {
			b = strconv.AppendInt(append(b, `,"per_year":`...), int64(l.PerYear), 10)
		}
		b = append(append(append(b, `,"why":"`...), l.Why...), `"}`...)
	}
	return string(append(b, ']'))
}

// kept writes the working of an entrant as keptWorking reads it.
func (e *entrant) kept() string {
	b := make([]byte, 0, len(e.lines)+128)
	b = strconv.AppendInt(append(b, `{"decile":`...), int64(e.decile), 10)
	if e.decile > 0 && !e.official {
		b = append(b, `,"estimated":true`...)
	}
	if e.components > 0 {
		b = strconv.AppendInt(append(b, `,"components":`...), int64(e.components), 10)
	}
	if e.score == e.score {
		b = strconv.AppendFloat(append(b, `,"score":`...), e.score, 'g', -1, 64)
	}
	if !e.since.IsZero() {
		b = append(e.since.AppendText(append(b, `,"since":"`...)), '"')
	}
	b = strconv.AppendInt(append(b, `,"per_year":`...), int64(e.year), 10)
	if e.lines != "" {
		b = append(append(b, `,"lines":`...), e.lines...)
	}
	return string(append(b, '}'))
}

// readWorking reads what kept wrote.
func readWorking(text string) (keptWorking, error) {
	var k keptWorking
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return k, fmt.Errorf("read working: %w", err)
	}
	return k, nil
}

// working gives the domain's working back, with the legal basis of the programme on its day.
func (k keptWorking) working(p programme.Programme, on period.Date) programme.Working {
	w := programme.Working{
		Programme: p.ID, On: on, PerYear: money.Rupiah(k.PerYear), StagesPerYear: p.Payment.StagesPerYear,
		LegalBasis: p.Components.LegalBasis, Unverified: p.Components.Unverified,
	}
	unverified := map[string]bool{}
	for _, c := range p.Components.Items {
		unverified[c.ID] = c.Unverified
	}
	for _, l := range k.Lines {
		line := programme.Line{Person: l.Person, Component: l.Component, PerYear: money.Rupiah(l.PerYear), Why: l.Why}
		w.Lines = append(w.Lines, line)
		w.Unverified = w.Unverified || line.Taken() && unverified[line.Component]
	}
	return w
}
