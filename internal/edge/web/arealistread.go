package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
	"tepat/web/ui"
)

// receiveAreaList reads the parts of the form in their order and compares, or proposes.
func (d *Desk) receiveAreaList(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	typed, list, err := readAreaList(r)
	if err == nil {
		var note areaNote
		if note, err = d.compareAreas(r, who, typed, list); err == nil {
			if err := d.noteAreas(r, note); err != nil {
				return err
			}
			httpkit.Redirect(w, r, "/wilayah")
			return nil
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = fail.Invalid("request.too_large", "megabytes", float64(areaListLimit)/(1<<20)).On("file")
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
		return err
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		w.Header().Set("Connection", "close") // the rest of the file is not waited for
	}
	return d.showAreas(w, r, who, http.StatusUnprocessableEntity, nil, typed, []ui.FieldError{{Field: fieldOr(e.Field, "file"), Message: i18n.Of(r).Error(e)}})
}

func readAreaList(r *http.Request) (typed url.Values, list areas.List, err error) {
	typed = url.Values{}
	parts, err := r.MultipartReader()
	if err != nil {
		return typed, list, fail.Invalid("request.unreadable").Because(err)
	}
	chosen := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return typed, list, cutUpload(err)
		}
		switch name := part.FormName(); name {
		case "within", "decree", "from", "do":
			text, err := io.ReadAll(io.LimitReader(part, 400))
			if err != nil {
				return typed, list, cutUpload(err)
			}
			typed.Set(name, strings.TrimSpace(string(text)))
		case "file":
			if part.FileName() == "" {
				continue
			}
			chosen = true
			if list, err = readAreaFile(part); err != nil {
				return typed, list, cutUpload(err)
			}
		default:
			return typed, list, fail.Invalid("request.unknown_field")
		}
	}
	if !chosen {
		return typed, list, fail.Invalid("import.nothing_chosen").On("file")
	}
	return typed, list, nil
}

// readAreaFile reads a list as the command does, CSV or XLSX whatever its name says. A workbook is read from its end, so the file
// is laid aside first; it holds no personal data.
func readAreaFile(part io.Reader) (list areas.List, err error) {
	aside, err := os.CreateTemp("", "tepat-wilayah-*")
	if err != nil {
		return list, files.Explain(err)
	}
	defer func() { // on Windows only what is closed can be removed
		err = errors.Join(err, aside.Close(), os.Remove(aside.Name()))
	}()
	size, err := io.Copy(aside, part)
	if err != nil {
		return list, err
	}
	rows, err := tabular.Open(aside, size, tabular.Options{})
	if err != nil {
		return list, err
	}
	return areas.ReadList(rows)
}

func (d *Desk) compareAreas(r *http.Request, who access.Actor, typed url.Values, list areas.List) (note areaNote, err error) {
	set := areas.ListSettings{Basis: typed.Get("decree")}
	if set.Within, err = area.Parse(typed.Get("within")); err != nil {
		return note, fail.Invalid("area.code_characters").On("within").Because(err)
	}
	if text := typed.Get("from"); text != "" {
		if set.From, err = period.ParseDate(text); err != nil || !set.From.IsFull() {
			return note, fail.Invalid("area.decree_date").On("from")
		}
	}
	var found areas.Comparison
	if typed.Get("do") == "propose" {
		_, found, err = d.Places.ProposeList(r.Context(), who, list, set)
		note.Proposed = err == nil
		if fail.CodeOf(err) == "area.list_problems" {
			err = nil // the page tells each
		}
	} else {
		found, err = d.Places.CompareList(r.Context(), who, list, set)
	}
	if err != nil {
		return note, err
	}
	note.Rows, note.Same, note.Outside, note.All, note.Problems = found.Rows+found.BadAll, found.Same, found.Outside, len(found.Differences), found.Problems()
	note.Lines = areaWords(i18n.Of(r), found)
	note.Within, note.Decree, note.From = typed.Get("within"), typed.Get("decree"), typed.Get("from")
	return note, nil
}

// areaWords puts rows and differences into words, those with a problem first.
func areaWords(p i18n.Printer, found areas.Comparison) (out []areaLine) {
	for _, b := range found.Bad {
		out = append(out, areaLine{Kind: p.Text("arealistweb.line", "n", b.Line), Why: p.Error(b.Err), Code: "–"})
	}
	for _, wrong := range []bool{true, false} {
		for _, one := range found.Differences {
			if (one.Err != nil) != wrong {
				continue
			}
			l := areaLine{Kind: p.Text("areas.difference." + one.Kind), Code: one.Code.Dotted(), Name: one.Name, Was: one.Was}
			if one.To != area.Nation {
				l.To = "> " + one.To.Dotted()
			}
			if one.Err != nil {
				l.Why = p.Error(one.Err)
			} else if one.Families > 0 {
				l.Why = p.Text("arealistweb.families", "count", one.Families)
			}
			out = append(out, l)
		}
	}
	return out[:min(len(out), shownDifferences)]
}
